#include "datasrc/http_head.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "datasrc/limits.h"

enum {
	VALUE_MAX = 256 /* longer values of these headers mean nothing */
};

void
http_head_clear(struct http_head *head)
{
	*head = (struct http_head) { .retry_after_s = -1 };
}

/* "HTTP/1.1 200 OK": the three digits, 0 when they are not there. */
static int
http_head_status(const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	size_t at = space != NULL ? (size_t)(space - line) + 1 : len;
	int status = 0;

	for (size_t i = 0; i < 3; i++, at++) {
		if (at >= len || line[at] < '0' || line[at] > '9')
			return 0;
		status = status * 10 + (line[at] - '0');
	}
	return status;
}

/* "Application/JSON; charset=utf-8" to "application/json". */
static void
http_head_type(const char *value, char out[HTTP_TYPE_LEN])
{
	size_t n = strcspn(value, "; \t");

	if (n >= HTTP_TYPE_LEN)
		n = HTTP_TYPE_LEN - 1;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c | 0x20);
		out[i] = (char)(c > ' ' && c < 0x7F ? c : '?');
	}
	out[n] = '\0';
}

/* Host and port of an absolute or relative URL; "" for a relative one. */
static void
http_head_location(const char *value, char out[HTTP_HOST_LEN])
{
	const char *host = strstr(value, "//");
	const char *at;
	size_t n;

	out[0] = '\0';
	if (host == NULL || host - value > 6)
		return;
	host += 2;
	n = strcspn(host, "/?#");
	/* Up to the last @ it is user and password. */
	while ((at = memchr(host, '@', n)) != NULL) {
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	if (n >= HTTP_HOST_LEN)
		n = HTTP_HOST_LEN - 1;
	memcpy(out, host, n);
	out[n] = '\0';
}

/*
 * An entity tag with its quotes. A weak one can't be a precondition (RFC
 * 9110, section 13.1.1), so it counts as none.
 */
static void
http_head_etag(const char *value, char out[HTTP_ETAG_LEN])
{
	size_t n = strlen(value);

	out[0] = '\0';
	if (n < 2 || n >= HTTP_ETAG_LEN || value[0] != '"' ||
	    value[n - 1] != '"')
		return;
	for (size_t i = 0; i < n; i++)
		if (value[i] <= ' ' || value[i] >= 0x7F)
			return;
	memcpy(out, value, n + 1);
}

static int64_t
http_head_date(const char *value)
{
	time_t at = curl_getdate(value, NULL);

	return at > 0 ? at : 0;
}

/* Delay in seconds, or a date (RFC 9110, section 10.2.3). */
static void
http_head_retry(struct http_head *head, const char *value)
{
	int64_t seconds = 0;
	const char *s = value;

	for (; *s >= '0' && *s <= '9'; s++) {
		seconds = seconds * 10 + (*s - '0');
		if (seconds > HTTP_RETRY_AFTER_MAX_S)
			seconds = HTTP_RETRY_AFTER_MAX_S;
	}
	head->retry_after_s = -1;
	head->retry_after_date = 0;
	if (s > value && *s == '\0')
		head->retry_after_s = seconds;
	else
		head->retry_after_date = http_head_date(value);
}

static bool
http_head_is(const char *line, size_t name_len, const char *name)
{
	return strlen(name) == name_len &&
	       strncasecmp(line, name, name_len) == 0;
}

void
http_head_line(struct http_head *head, const char *line, size_t len)
{
	char value[VALUE_MAX];
	const char *colon;
	size_t name_len, at;

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		http_head_clear(head);
		head->status = http_head_status(line, len);
		return;
	}
	/* Most headers are told apart by their first letter. */
	if (len == 0 || strchr("cCdDeElLmMrR", line[0]) == NULL ||
	    line[0] == '\0')
		return;
	colon = memchr(line, ':', len);
	if (colon == NULL)
		return;
	name_len = (size_t)(colon - line);
	at = name_len + 1;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (len > at && strchr(" \t\r\n", line[len - 1]) != NULL)
		len--;
	if (len - at >= sizeof(value) || memchr(line + at, '\0', len - at))
		return;
	memcpy(value, line + at, len - at);
	value[len - at] = '\0';
	if (http_head_is(line, name_len, "content-type"))
		http_head_type(value, head->type);
	else if (http_head_is(line, name_len, "date"))
		head->date_s = http_head_date(value);
	else if (http_head_is(line, name_len, "etag"))
		http_head_etag(value, head->etag);
	else if (http_head_is(line, name_len, "metadata-flavor"))
		head->metadata = strcmp(value, "Google") == 0;
	else if (http_head_is(line, name_len, "retry-after"))
		http_head_retry(head, value);
	else if (http_head_is(line, name_len, "location"))
		http_head_location(value, head->location);
}

int64_t
http_head_retry_after(const struct http_head *head, int64_t wall_s)
{
	int64_t seconds = head->retry_after_s;

	if (head->retry_after_date > 0) {
		if (head->date_s > 0)
			wall_s = head->date_s;
		seconds = head->retry_after_date - wall_s;
		if (seconds < 0)
			seconds = 0;
	}
	return seconds < HTTP_RETRY_AFTER_MAX_S ? seconds
						: HTTP_RETRY_AFTER_MAX_S;
}
