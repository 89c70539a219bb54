/* Structured lines: JSON objects and logfmt. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "model/limits.h"
#include "model/logfield.h"
#include "model/logparse_parts.h"

/* Which keys mean what; the first that is there and fits is taken. */
static const char *const message_keys[] = { "msg", "message", "text", "event",
	"log" };
static const char *const time_keys[] = { "time", "timestamp", "ts",
	"@timestamp", "date", "t" };
static const char *const level_keys[] = { "level", "severity", "lvl",
	"levelname", "log.level" };
static const char *const stack_keys[] = { "stack", "stack_trace", "stacktrace",
	"stackTrace", "exception", "exc_info" };

/*
 * The same on every line, or good for filters only: written behind what is
 * worth reading, so that a narrow screen shows that.
 */
static const char *const late_keys[] = { "pid", "hostname", "v", "reqId",
	"req.id", "requestId", "request_id", "traceId", "trace_id", "spanId",
	"span_id", "correlationId", "req.hostname", "req.remoteAddress",
	"req.remotePort" };

/* An integer beyond this has lost digits in a double. */
static const double EXACT_MAX = 9007199254740992.0;

struct json_use {
	const struct cJSON *message;
	const struct cJSON *time;
	const struct cJSON *level;
	const struct cJSON *stack;
	size_t count; /* members of the whole object that were visited */
	bool late;    /* the pass that writes late_keys, else all others */
	bool doubt;
};

static bool
key_is_one_of(const char *key, size_t len, const char *const *keys, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strlen(keys[i]) == len && memcmp(keys[i], key, len) == 0)
			return true;
	}
	return false;
}

#define IS_KEY(key, len, keys)                                                 \
	key_is_one_of((key), (len), (keys), ARRAY_LEN(keys))

static bool
time_of_string(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	struct logtime t;

	if (!logtime_parse(s, len, near_ms, p->zone, &t) || t.len != len)
		return false;
	out->wall_ms = t.wall_ms;
	out->has_time = true;
	if (!t.has_zone)
		out->flags |= LOG_NO_ZONE;
	return true;
}

static bool
use_time(struct logparse *p, const struct cJSON *v, int64_t near_ms,
    struct logparse_line *out)
{
	const char *s = json_string(v);
	double number;

	if (s != NULL)
		return time_of_string(p, s, strlen(s), near_ms, out);
	if (json_double(v, &number) && logtime_number(number, &out->wall_ms)) {
		out->has_time = true;
		return true;
	}
	return false;
}

static bool
use_level(const struct cJSON *v, struct logparse_line *out)
{
	const char *s = json_string(v);
	enum log_level level = LOG_LEVEL_NONE;
	char digits[8] = "";
	int64_t number;
	size_t n = 0;

	if (s != NULL) {
		level = log_level_parse(s, strlen(s));
	} else if (json_int(v, &number) && number >= 0 && number < 1000) {
		if (number >= 100)
			digits[n++] = (char)('0' + number / 100);
		if (number >= 10)
			digits[n++] = (char)('0' + number / 10 % 10);
		digits[n++] = (char)('0' + number % 10);
		level = log_level_parse(digits, n);
	}
	out->level = level;
	return level != LOG_LEVEL_NONE;
}

static const struct cJSON *
find_first(const struct cJSON *root, const char *const *keys, size_t n)
{
	const struct cJSON *v = NULL;
	size_t i;

	for (i = 0; i < n && v == NULL; i++)
		v = json_member(root, keys[i]);
	return v;
}

static const struct cJSON *
find_stack(const struct cJSON *root)
{
	const struct cJSON *v;

	v = find_first(root, stack_keys, ARRAY_LEN(stack_keys));
	if (json_string(v) == NULL)
		v = json_member(json_member(root, "err"), "stack");
	if (json_string(v) == NULL)
		v = json_member(json_member(root, "error"), "stack");
	/* One line is an ordinary field. */
	if (json_string(v) == NULL || strchr(json_string(v), '\n') == NULL)
		return NULL;
	return v;
}

static bool
array_item(struct buf *out, const struct cJSON *v)
{
	double number;
	const char *s = json_string(v), *p;

	if (s != NULL) {
		buf_char(out, '"');
		for (p = s; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				buf_char(out, '\\');
			buf_char(out, *p);
		}
		return buf_char(out, '"');
	}
	if (json_double(v, &number) && fabs(number) > EXACT_MAX)
		return false;
	if (json_is_array(v) || (json_is_object(v) && json_first(v) != NULL))
		return false;
	return json_is_object(v) ? buf_str(out, "{}") : json_show(out, v);
}

static bool
add_array(struct buf *out, const struct cJSON *array)
{
	const struct cJSON *v;
	bool good = true;

	if (json_is_object(array))
		return buf_str(out, "{}");
	buf_char(out, '[');
	for (v = json_first(array); v != NULL && good; v = json_next(v)) {
		if (v != json_first(array))
			buf_char(out, ',');
		good = array_item(out, v);
	}
	return buf_char(out, ']') && good;
}

static void add_members(struct logparse *p, struct json_use *use,
    const struct cJSON *object, const char *prefix, int depth);

static void
add_member(struct logparse *p, struct json_use *use, const struct cJSON *v,
    const char *prefix, int depth)
{
	struct buf key = BUF_INIT(LOGPARSE_KEY_MAX);
	struct buf value = BUF_INIT(LOGPARSE_BUF_MAX);
	const char *string = json_string(v);
	double number;

	if (prefix[0] != '\0') {
		buf_str(&key, prefix);
		buf_char(&key, '.');
	}
	buf_str(&key, json_name(v) != NULL ? json_name(v) : "");
	if (key.failed) {
		use->doubt = true;
	} else if (json_is_object(v) && json_first(v) != NULL) {
		if (depth == 0)
			use->doubt = true;
		else
			add_members(p, use, v, buf_cstr(&key), depth - 1);
	} else if (IS_KEY(buf_cstr(&key), key.len, late_keys) != use->late) {
		; /* the other pass writes it */
	} else if (string != NULL) {
		logfield_add(
		    &p->fields, key.data, key.len, string, strlen(string));
	} else if (json_is_array(v) || json_is_object(v)) {
		/* Shown bare only as long as nothing in it is lost. */
		if (!add_array(&value, v))
			use->doubt = true;
		logfield_add(&p->fields, buf_cstr(&key), key.len,
		    buf_cstr(&value), value.len);
	} else {
		if (json_double(v, &number) && fabs(number) > EXACT_MAX)
			use->doubt = true;
		json_show(&value, v);
		logfield_add(&p->fields, buf_cstr(&key), key.len,
		    buf_cstr(&value), value.len);
	}
	if (value.failed)
		use->doubt = true;
	buf_release(&key);
	buf_release(&value);
}

static void
add_members(struct logparse *p, struct json_use *use,
    const struct cJSON *object, const char *prefix, int depth)
{
	const struct cJSON *v;

	for (v = json_first(object); v != NULL; v = json_next(v)) {
		if (v == use->message || v == use->time || v == use->level ||
		    v == use->stack)
			continue;
		if (!use->late && ++use->count > LOGPARSE_FIELDS_MAX) {
			use->doubt = true;
			return;
		}
		add_member(p, use, v, prefix, depth);
	}
}

/* The message; lines behind its first go on below it. */
static void
set_message(
    struct logparse *p, const char *s, size_t len, struct logparse_line *out)
{
	const char *lf;

	while (len > 0 && s[len - 1] == '\n')
		len--;
	lf = memchr(s, '\n', len);
	buf_add(&p->message, s, lf != NULL ? (size_t)(lf - s) : len);
	if (lf != NULL)
		buf_add(&p->stack, lf + 1, len - (size_t)(lf + 1 - s));
	out->msg = buf_cstr(&p->message);
	out->msg_len = p->message.len;
}

static void
set_stack(struct logparse *p, const char *s)
{
	if (p->stack.len > 0)
		buf_char(&p->stack, '\n');
	buf_str(&p->stack, s);
}

static void
finish(struct logparse *p, struct logparse_line *out)
{
	out->fields = buf_cstr(&p->fields);
	out->fields_len = p->fields.len;
	out->stack = buf_cstr(&p->stack);
	out->stack_len = p->stack.len;
}

/*
 * Time, level, message, fields and stack of an object. False: it has no
 * message, or one in doubt; time and level are sure all the same.
 */
static bool
read_object(struct logparse *p, const struct cJSON *root, int64_t near_ms,
    struct logparse_line *out, struct json_use *use)
{
	use->message = find_first(root, message_keys, ARRAY_LEN(message_keys));
	if (json_string(use->message) == NULL)
		use->message = NULL;
	use->time = find_first(root, time_keys, ARRAY_LEN(time_keys));
	if (use->time != NULL && !use_time(p, use->time, near_ms, out))
		use->time = NULL;
	use->level = find_first(root, level_keys, ARRAY_LEN(level_keys));
	if (use->level != NULL && !use_level(use->level, out))
		use->level = NULL;
	use->stack = find_stack(root);
	if (use->message == NULL)
		return false;
	set_message(p, json_string(use->message),
	    strlen(json_string(use->message)), out);
	if (use->stack != NULL)
		set_stack(p, json_string(use->stack));
	add_members(p, use, root, "", LOGPARSE_DEPTH_MAX);
	use->late = true;
	add_members(p, use, root, "", LOGPARSE_DEPTH_MAX);
	return !use->doubt;
}

bool
logparse_json(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	struct logparse_line whole = *out;
	struct json_use use = { .count = 0 };
	struct cJSON *root = NULL;

	if (json_parse(s, len, &root, NULL) != ERR_OK)
		return false;
	if (!read_object(p, root, near_ms, out, &use)) {
		/* Time and level are sure; the rest stays as written. */
		buf_clear(&p->fields);
		buf_clear(&p->stack);
		out->msg = whole.msg;
		out->msg_len = whole.msg_len;
	}
	json_free(root);
	finish(p, out);
	return true;
}

bool
logparse_object(struct logparse *p, const struct cJSON *root, int64_t near_ms,
    struct logparse_line *ret)
{
	struct json_use use = { .count = 0 };

	buf_clear(&p->message);
	buf_clear(&p->fields);
	buf_clear(&p->stack);
	*ret = (struct logparse_line) {
		.msg = "", .fields = "", .stack = "", .wall_ms = near_ms
	};
	if (!read_object(p, root, near_ms, ret, &use) && use.message == NULL) {
		/* All that it says is fields, and they are what is read. */
		if (use.stack != NULL)
			set_stack(p, json_string(use.stack));
		add_members(p, &use, root, "", LOGPARSE_DEPTH_MAX);
		use.late = true;
		add_members(p, &use, root, "", LOGPARSE_DEPTH_MAX);
	}
	finish(p, ret);
	return !use.doubt && !p->message.failed && !p->fields.failed &&
	       !p->stack.failed;
}

/* True when the field was one that the line's own columns show. */
static bool
logfmt_use(struct logparse *p, const struct logfield *field,
    const struct buf *value, int64_t near_ms, struct logparse_line *out)
{
	const char *key = field->key;
	size_t len = field->key_len;

	if (!out->has_time && IS_KEY(key, len, time_keys))
		return time_of_string(
		    p, buf_cstr(value), value->len, near_ms, out);
	if (out->level == LOG_LEVEL_NONE && IS_KEY(key, len, level_keys)) {
		out->level = log_level_parse(buf_cstr(value), value->len);
		return out->level != LOG_LEVEL_NONE;
	}
	if (p->message.len == 0 && IS_KEY(key, len, message_keys)) {
		set_message(p, buf_cstr(value), value->len, out);
		return true;
	}
	return false;
}

bool
logparse_logfmt(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	struct logparse_line whole = *out;
	struct logfield field;
	struct buf value = BUF_INIT(LOGPARSE_BUF_MAX);
	size_t pos = 0, count = 0;

	if (!logfield_all(s, len, 2))
		return false;
	while (logfield_next(s, len, pos, &field)) {
		pos = field.end;
		buf_clear(&value);
		logfield_value(&value, &field);
		if (++count > LOGPARSE_FIELDS_MAX)
			p->fields.failed = true;
		if (!logfmt_use(p, &field, &value, near_ms, out))
			logfield_add(&p->fields, field.key, field.key_len,
			    buf_cstr(&value), value.len);
	}
	buf_release(&value);
	if (p->message.len == 0) {
		buf_clear(&p->fields);
		out->msg = whole.msg;
		out->msg_len = whole.msg_len;
	}
	finish(p, out);
	return true;
}
