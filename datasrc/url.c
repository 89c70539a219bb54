#include "datasrc/url.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/limits.h"

/* A copy of one part; *ret stays NULL when the URL does not have it. */
static CURLUcode
url_part(CURLU *curl, CURLUPart part, unsigned int flags, char **ret)
{
	char *value = NULL;
	CURLUcode rc = curl_url_get(curl, part, &value, flags);

	if (rc == CURLUE_OK) {
		*ret = mem_strdup(value);
		if (*ret == NULL)
			rc = CURLUE_OUT_OF_MEMORY;
		OPENSSL_cleanse(value, strlen(value));
	}
	curl_free(value);
	switch (rc) {
	case CURLUE_NO_USER:
	case CURLUE_NO_PASSWORD:
	case CURLUE_NO_PORT:
	case CURLUE_NO_QUERY:
		return CURLUE_OK;
	default:
		return rc;
	}
}

static void
url_strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len < 2 || host[0] != '[' || host[len - 1] != ']')
		return;
	memmove(host, host + 1, len - 2);
	host[len - 2] = '\0';
}

/* The number was checked by curl: 0 to 65535. */
static uint16_t
url_port_number(const char *digits)
{
	unsigned port = 0;

	for (; *digits >= '0' && *digits <= '9'; digits++)
		port = port * 10 + (unsigned)(*digits - '0');
	return (uint16_t)port;
}

static CURLUcode
url_read_port(CURLU *curl, struct url *url)
{
	char *given = NULL, *port = NULL;
	unsigned int flags = 0;
	CURLUcode rc;

	if (strcmp(url->scheme, "http") == 0 ||
	    strcmp(url->scheme, "https") == 0)
		flags = CURLU_DEFAULT_PORT;
	rc = url_part(curl, CURLUPART_PORT, 0, &given);
	if (rc == CURLUE_OK)
		rc = url_part(curl, CURLUPART_PORT, flags, &port);
	if (rc == CURLUE_OK && port != NULL) {
		url->port = url_port_number(port);
		url->port_given = given != NULL;
	}
	mem_free(given);
	mem_free(port);
	return rc;
}

static CURLUcode
url_read_parts(CURLU *curl, struct url *url)
{
	const struct {
		CURLUPart part;
		unsigned int flags;
		char **to;
	} parts[] = {
		{ CURLUPART_SCHEME, 0, &url->scheme },
		{ CURLUPART_USER, CURLU_URLDECODE, &url->user },
		{ CURLUPART_PASSWORD, CURLU_URLDECODE, &url->password },
		{ CURLUPART_HOST, 0, &url->host },
		{ CURLUPART_PATH, CURLU_URLDECODE, &url->path },
		{ CURLUPART_QUERY, 0, &url->query },
	};
	CURLUcode rc = CURLUE_OK;

	for (size_t i = 0; rc == CURLUE_OK && i < ARRAY_LEN(parts); i++)
		rc = url_part(curl, parts[i].part, parts[i].flags, parts[i].to);
	if (rc == CURLUE_OK)
		rc = url_read_port(curl, url);
	if (rc == CURLUE_OK)
		url_strip_brackets(url->host);
	return rc;
}

enum err_code
url_parse(const char *text, struct url *ret_url, struct err *err)
{
	static const unsigned int flags = CURLU_NON_SUPPORT_SCHEME;
	struct url url = { .port = 0 };
	enum err_code code = ERR_OK;
	CURLUcode rc = CURLUE_OUT_OF_MEMORY;
	CURLU *curl = NULL;

	if (strstr(text, "://") == NULL)
		return err_set(err, ERR_CONFIG, "url",
		    "no URL: it begins with a scheme such as https://");
	if (strlen(text) > URL_MAX)
		return err_set(err, ERR_CONFIG, "url",
		    "a URL has at most %d characters", URL_MAX);
	curl = curl_url();
	if (curl != NULL)
		rc = curl_url_set(curl, CURLUPART_URL, text, flags);
	if (rc == CURLUE_OK)
		rc = url_read_parts(curl, &url);
	if (rc == CURLUE_OUT_OF_MEMORY)
		code = err_set(err, ERR_NOMEM, "url", "reading a URL");
	else if (rc != CURLUE_OK)
		code = err_set(err, ERR_CONFIG, "url", "no valid URL: %s",
		    curl_url_strerror(rc));
	else if (url.host[0] == '\0')
		code = err_set(
		    err, ERR_CONFIG, "url", "no valid URL: no host name");
	if (code == ERR_OK)
		*ret_url = url;
	else
		url_release(&url);
	curl_url_cleanup(curl);
	return code;
}

void
url_release(struct url *url)
{
	if (url->password != NULL)
		OPENSSL_cleanse(url->password, strlen(url->password));
	mem_free(url->scheme);
	mem_free(url->user);
	mem_free(url->password);
	mem_free(url->host);
	mem_free(url->path);
	mem_free(url->query);
	*url = (struct url) { .port = 0 };
}

bool
url_show(struct buf *out, const char *text)
{
	struct url url = { .port = 0 };
	bool fits, ipv6;

	if (url_parse(text, &url, NULL) != ERR_OK)
		return false;
	ipv6 = strchr(url.host, ':') != NULL;
	fits = buf_fmt(
		   out, ipv6 ? "%s://[%s]" : "%s://%s", url.scheme, url.host) &&
	       (!url.port_given || buf_fmt(out, ":%u", url.port)) &&
	       buf_str(out, url.path);
	url_release(&url);
	return fits;
}

bool
url_encode(struct buf *out, const char *s)
{
	char *encoded = curl_easy_escape(NULL, s, 0);
	bool fits = encoded != NULL && buf_str(out, encoded);

	curl_free(encoded);
	return fits;
}
