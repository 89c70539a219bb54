#include "datasrc/gcp_entry.h"

#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/mask_email.h"
#include "datasrc/gcp_filter.h"
#include "model/limits.h"
#include "model/logfield.h"

/* What an entry says of itself, before it is put together. */
struct parts {
	const char *text; /* NULL: none yet */
	size_t text_len;
	const char *stack;
	size_t stack_len;
	enum log_level level; /* of what the program wrote */
};

void
gcp_entry_reader_init(struct gcp_entry_reader *reader)
{
	*reader = (struct gcp_entry_reader) { .mask_emails = true };
	logparse_init(&reader->parse, LOGPARSE_AUTO, LOGTIME_UTC);
	buf_init(&reader->text, LOGPARSE_BUF_MAX);
	buf_init(&reader->fields, LOGPARSE_BUF_MAX);
	buf_init(&reader->masked, 2 * LOGPARSE_BUF_MAX);
}

void
gcp_entry_reader_release(struct gcp_entry_reader *reader)
{
	logparse_release(&reader->parse);
	buf_release(&reader->text);
	buf_release(&reader->fields);
	buf_release(&reader->masked);
}

static uint64_t
hash_text(uint64_t hash, const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		hash = (hash ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return hash * UINT64_C(1099511628211);
}

void
gcp_entry_mark(const struct cJSON *entry, int64_t now_ms, struct gcp_mark *ret)
{
	static const char *const keys[] = { "timestamp", "logName",
		"insertId" };
	const char *at = json_string(json_member(entry, "timestamp"));
	uint64_t id = UINT64_C(14695981039346656037);

	if (at == NULL || !gcp_stamp_parse(at, &ret->at)) {
		at = json_string(json_member(entry, "receiveTimestamp"));
		if (at == NULL || !gcp_stamp_parse(at, &ret->at))
			ret->at = gcp_stamp_of(now_ms);
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		id = hash_text(id, json_string(json_member(entry, keys[i])));
	ret->id = id;
}

/* Adds v, when it is a scalar and says something. */
static void
add_field(struct buf *out, const char *key, const struct cJSON *v)
{
	struct buf shown = BUF_INIT(LOGPARSE_BUF_MAX);

	if (v == NULL || json_is_object(v) || json_is_array(v) ||
	    json_is_null(v))
		return;
	if (json_show(&shown, v) && shown.len > 0)
		logfield_add(
		    out, key, strlen(key), buf_cstr(&shown), shown.len);
	out->failed = out->failed || shown.failed;
	buf_release(&shown);
}

/* What a payload holds, behind what is there. */
static void
add_fields(struct buf *out, const struct logparse_line *line)
{
	if (out->len > 0 && line->fields_len > 0)
		buf_char(out, ' ');
	buf_add(out, line->fields, line->fields_len);
}

/* What is behind the last slash, where names come as whole paths. */
static void
add_base(struct buf *out, const char *key, const struct cJSON *v)
{
	const char *s = json_string(v), *slash = s;

	if (s == NULL)
		return;
	slash = strrchr(s, '/');
	if (slash != NULL)
		s = slash + 1;
	if (*s != '\0')
		logfield_add(out, key, strlen(key), s, strlen(s));
}

/* "run.googleapis.com%2Fstderr": what is behind the last slash in it. */
static void
add_log(struct buf *out, const struct cJSON *entry)
{
	const char *s = json_string(json_member(entry, "logName"));
	const char *logs = s != NULL ? strstr(s, "/logs/") : NULL, *slash;

	if (logs == NULL)
		return;
	logs += strlen("/logs/");
	while ((slash = strstr(logs, "%2F")) != NULL)
		logs = slash + 3;
	logfield_add(out, "log", 3, logs, strlen(logs));
}

/* The severity as a level; said, what the line says, where it has none. */
static enum log_level
entry_level(const struct cJSON *entry, enum log_level said)
{
	const char *word = json_string(json_member(entry, "severity"));

	/* DEFAULT says that nobody gave it one. */
	if (word == NULL || gcp_severity_rank(word) == 0)
		return said;
	return log_level_parse(word, strlen(word));
}

static void
read_text(struct gcp_entry_reader *r, const struct cJSON *entry, const char *s,
    int64_t at_ms, struct parts *parts)
{
	struct logparse_line line;
	size_t len = strlen(s), first = strcspn(s, "\n");

	logparse_reset(&r->parse);
	logparse_line(&r->parse, s, first, at_ms, &line);
	/* A word that says another level than the severity is not taken off. */
	if (line.level != entry_level(entry, line.level))
		line = (struct logparse_line) { .msg = s, .msg_len = first };
	parts->level = line.level;
	parts->text = line.msg;
	parts->text_len = line.msg_len;
	add_fields(&r->fields, &line);
	/* What the first line brought itself comes before what follows it. */
	parts->stack = line.stack;
	parts->stack_len = line.stack_len;
	if (first == len)
		return;
	buf_add(&r->text, line.stack, line.stack_len);
	if (line.stack_len > 0)
		buf_char(&r->text, '\n');
	buf_add(&r->text, s + first + 1, len - first - 1);
	while (r->text.len > 0 && r->text.data[r->text.len - 1] == '\n')
		r->text.len--;
	parts->stack = buf_cstr(&r->text);
	parts->stack_len = r->text.len;
}

static void
read_object(struct gcp_entry_reader *r, const struct cJSON *v, int64_t at_ms,
    struct parts *parts)
{
	struct logparse_line line;
	bool whole = logparse_object(&r->parse, v, at_ms, &line);

	parts->level = line.level;
	if (!whole) {
		json_write(&r->text, v);
		parts->text = buf_cstr(&r->text);
		parts->text_len = r->text.len;
		return;
	}
	parts->text = line.msg;
	parts->text_len = line.msg_len;
	parts->stack = line.stack;
	parts->stack_len = line.stack_len;
	if (line.msg_len == 0) {
		parts->text = line.fields;
		parts->text_len = line.fields_len;
	} else {
		add_fields(&r->fields, &line);
	}
}

/* An audit entry (google.cloud.audit.AuditLog). */
static void
read_audit(
    struct gcp_entry_reader *r, const struct cJSON *v, struct parts *parts)
{
	const struct cJSON *status = json_member(v, "status");
	const char *method = json_string(json_member(v, "methodName"));
	const char *words = json_string(json_member(status, "message"));
	int64_t code = 0;

	if (method == NULL) {
		json_write(&r->text, v);
	} else {
		buf_str(&r->text, method);
		if (words != NULL)
			buf_fmt(&r->text, ": %s", words);
	}
	parts->text = buf_cstr(&r->text);
	parts->text_len = r->text.len;
	if (json_int(json_member(status, "code"), &code) && code != 0)
		parts->level = LOG_LEVEL_ERROR;
	add_field(&r->fields, "who",
	    json_member(
		json_member(v, "authenticationInfo"), "principalEmail"));
	add_field(&r->fields, "what", json_member(v, "resourceName"));
}

/* Host and path of an absolute URL. */
static const char *
url_path(const char *url, size_t *ret_host)
{
	const char *host = strstr(url, "://");

	*ret_host = 0;
	if (host == NULL)
		return url;
	host += 3;
	*ret_host = strcspn(host, "/?");
	return host + *ret_host;
}

/* "0.251s" as a number of seconds, which a filter can compare. */
static void
add_latency(struct buf *out, const struct cJSON *v)
{
	const char *s = json_string(v);
	size_t len = s != NULL ? strlen(s) : 0;

	if (len > 1 && s[len - 1] == 's')
		logfield_add(out, "latency_s", 9, s, len - 1);
}

/* The request as the text where nothing else is said, and its fields. */
static void
read_request(
    struct gcp_entry_reader *r, const struct cJSON *v, struct parts *parts)
{
	const struct cJSON *method = json_member(v, "requestMethod");
	const char *url = json_string(json_member(v, "requestUrl"));
	size_t host = 0;
	const char *path = url != NULL ? url_path(url, &host) : "";
	int64_t status = 0;

	if (json_int(json_member(v, "status"), &status) && status >= 400 &&
	    parts->level == LOG_LEVEL_NONE)
		parts->level = status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN;
	if (parts->text == NULL) {
		if (json_string(method) != NULL)
			buf_fmt(&r->text, "%s ", json_string(method));
		if (status != 0)
			buf_fmt(&r->text, "%lld ", (long long)status);
		buf_str(&r->text, path);
		parts->text = buf_cstr(&r->text);
		parts->text_len = r->text.len;
	} else {
		add_field(&r->fields, "method", method);
		if (path[0] != '\0')
			logfield_add(&r->fields, "path", 4, path, strlen(path));
	}
	add_field(&r->fields, "status", json_member(v, "status"));
	add_latency(&r->fields, json_member(v, "latency"));
}

/* What of a request is rarely of interest. */
static void
add_client(struct gcp_entry_reader *r, const struct cJSON *v)
{
	const char *url = json_string(json_member(v, "requestUrl"));
	size_t host = 0;
	const char *path = url != NULL ? url_path(url, &host) : "";

	if (host > 0)
		logfield_add(&r->fields, "host", 4, path - host, host);
	add_field(&r->fields, "ip", json_member(v, "remoteIp"));
	add_field(&r->fields, "agent", json_member(v, "userAgent"));
}

/* Whose line it is: Cloud Run's service, or the labels of another kind. */
static void
add_resource(struct gcp_entry_reader *r, const struct cJSON *entry)
{
	const struct cJSON *resource = json_member(entry, "resource");
	const struct cJSON *labels = json_member(resource, "labels"), *v;

	if (json_member(labels, "service_name") != NULL) {
		if (!r->services)
			add_field(&r->fields, "service",
			    json_member(labels, "service_name"));
		add_field(&r->fields, "revision",
		    json_member(labels, "revision_name"));
		return;
	}
	add_field(&r->fields, "resource", json_member(resource, "type"));
	for (v = json_first(json_is_object(labels) ? labels : NULL); v != NULL;
	     v = json_next(v)) {
		if (strcmp(json_name(v), "project_id") != 0)
			add_field(&r->fields, json_name(v), v);
	}
}

static void
add_envelope(struct gcp_entry_reader *r, const struct cJSON *entry)
{
	const struct cJSON *labels = json_member(entry, "labels"), *v;
	const struct cJSON *place = json_member(entry, "sourceLocation");

	add_resource(r, entry);
	add_log(&r->fields, entry);
	add_base(&r->fields, "trace", json_member(entry, "trace"));
	add_field(&r->fields, "span", json_member(entry, "spanId"));
	add_field(&r->fields, "file", json_member(place, "file"));
	add_field(&r->fields, "line", json_member(place, "line"));
	for (v = json_first(json_is_object(labels) ? labels : NULL); v != NULL;
	     v = json_next(v))
		add_field(&r->fields, json_name(v), v);
	add_client(r, json_member(entry, "httpRequest"));
}

static void
read_payload(struct gcp_entry_reader *r, const struct cJSON *entry,
    int64_t at_ms, struct parts *parts)
{
	const struct cJSON *object = json_member(entry, "jsonPayload");
	const struct cJSON *audit = json_member(entry, "protoPayload");
	const struct cJSON *request = json_member(entry, "httpRequest");
	const char *text = json_string(json_member(entry, "textPayload"));

	if (text != NULL)
		read_text(r, entry, text, at_ms, parts);
	else if (json_first(json_is_object(object) ? object : NULL) != NULL)
		read_object(r, object, at_ms, parts);
	else if (json_is_object(audit))
		read_audit(r, audit, parts);
	if (json_is_object(request))
		read_request(r, request, parts);
}

/* Bytes as they may be shown, in the arena. */
static const char *
keep(struct gcp_entry_reader *r, struct arena *arena, const char *s, size_t len,
    size_t *ret_len, bool *failed)
{
	const char *copy;

	*ret_len = len;
	if (len == 0)
		return "";
	if (r->mask_emails) {
		buf_clear(&r->masked);
		if (!mask_emails(&r->masked, s, len)) {
			*failed = true;
			return "";
		}
		s = buf_cstr(&r->masked);
		*ret_len = len = r->masked.len;
	}
	copy = arena_copy(arena, s, len);
	*failed = *failed || copy == NULL;
	return copy != NULL ? copy : "";
}

bool
gcp_entry_read(struct gcp_entry_reader *r, const struct cJSON *entry,
    const struct gcp_mark *mark, const char *names, struct arena *arena,
    struct gcp_entry *ret)
{
	struct parts parts = { .stack = "" };
	const struct cJSON *service =
	    json_member(json_member(json_member(entry, "resource"), "labels"),
		"service_name");
	struct logparse_line line = { .wall_ms = gcp_stamp_ms(mark->at),
		.has_time = true };
	bool failed = false;

	*ret = (struct gcp_entry) { .mark = *mark };
	buf_clear(&r->text);
	buf_clear(&r->fields);
	if (r->services)
		add_field(&r->fields, "service", service);
	read_payload(r, entry, line.wall_ms, &parts);
	for (; *names != '\0'; names += strlen(names) + 1)
		logfield_add(&r->fields, "filter", 6, names, strlen(names));
	add_envelope(r, entry);
	line.level = entry_level(entry, parts.level);
	line.msg =
	    keep(r, arena, parts.text, parts.text_len, &line.msg_len, &failed);
	line.fields = keep(r, arena, buf_cstr(&r->fields), r->fields.len,
	    &line.fields_len, &failed);
	line.stack = keep(
	    r, arena, parts.stack, parts.stack_len, &line.stack_len, &failed);
	ret->line = line;
	return !failed && !r->text.failed && !r->fields.failed;
}
