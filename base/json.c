#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json_check.h"
#include "base/limits.h"
#include "base/num.h"

/* cJSON's allocator is one setting for the process; ours counts and fails. */
static pthread_once_t json_hooks_once = PTHREAD_ONCE_INIT;

/* cJSON wants a function without attributes. */
static void *
json_alloc(size_t size)
{
	return mem_alloc(size);
}

static void
json_hooks_set(void)
{
	cJSON_Hooks hooks = { .malloc_fn = json_alloc, .free_fn = mem_free };

	cJSON_InitHooks(&hooks);
}

/* What there is instead of JSON: its beginning on one line. */
static enum err_code
json_not(const char *s, size_t len, struct err *err)
{
	char head[JSON_HEAD_MAX + 1];
	size_t n = len < JSON_HEAD_MAX ? len : JSON_HEAD_MAX;

	for (size_t i = 0; i < n; i++)
		head[i] = (unsigned char)s[i] < 0x20 ? ' ' : s[i];
	head[n] = '\0';
	return err_set(err, ERR_BADDATA, "json",
	    "not JSON: the answer begins with \"%s\"%s", head,
	    len > n ? "..." : "");
}

/* Whether the first byte can begin a document; HTML and logs can't. */
static bool
json_plausible(const char *s, size_t len)
{
	size_t at = 0;

	while (at < len && s[at] != '\0' && strchr(" \t\r\n", s[at]) != NULL)
		at++;
	return at < len && s[at] != '\0' &&
	       strchr("{[\"-0123456789tfn", s[at]) != NULL;
}

enum err_code
json_parse(
    const void *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	struct json_check check;
	const char *text = bytes, *end = NULL;
	char *copy = NULL;
	cJSON *root = NULL;
	enum err_code code;

	pthread_once(&json_hooks_once, json_hooks_set);
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3; /* a byte order mark: may be ignored (section 8.1) */
		len -= 3;
	}
	if (len == 0)
		return err_set(
		    err, ERR_BADDATA, "json", "an empty answer, not JSON");
	if (!json_plausible(text, len))
		return json_not(text, len, err);
	check = (struct json_check) { .s = (const void *)text, .len = len };
	code = json_check(&check, err);
	if (code != ERR_OK)
		return code;
	if (check.holes > 0) {
		copy = mem_alloc(len);
		if (copy == NULL)
			return err_set(
			    err, ERR_NOMEM, "json", "parsing %zu bytes", len);
		memcpy(copy, text, len);
		json_check_fill(copy, len);
		text = copy;
	}
	root = cJSON_ParseWithLengthOpts(text, len, &end, false);
	while (root != NULL && end < text + len && *end != '\0' &&
	       strchr(" \t\r\n", *end) != NULL)
		end++;
	if (root == NULL)
		code = err_set(err, ERR_BADDATA, "json",
		    "not JSON: a bracket, comma or colon is wrong near byte "
		    "%zu",
		    end != NULL ? (size_t)(end - text) + 1 : 1);
	else if (end != text + len)
		code = err_set(err, ERR_BADDATA, "json",
		    "not JSON: more text after its end at byte %zu",
		    (size_t)(end - text) + 1);
	if (code == ERR_OK) {
		*ret_root = root;
		root = NULL;
	}
	cJSON_Delete(root);
	mem_free(copy);
	return code;
}

struct cJSON *
json_free(struct cJSON *root)
{
	cJSON_Delete(root);
	return NULL;
}

const struct cJSON *
json_first(const struct cJSON *v)
{
	return json_is_object(v) || json_is_array(v) ? v->child : NULL;
}

const struct cJSON *
json_next(const struct cJSON *v)
{
	return v != NULL ? v->next : NULL;
}

const char *
json_name(const struct cJSON *v)
{
	return v != NULL ? v->string : NULL;
}

size_t
json_count(const struct cJSON *v)
{
	size_t n = 0;

	for (v = json_first(v); v != NULL; v = json_next(v))
		n++;
	return n;
}

/* How often key is there; the first one goes to *ret_value. */
static int
json_find(const struct cJSON *v, const char *key, size_t key_len,
    const struct cJSON **ret_value)
{
	int found = 0;

	if (!json_is_object(v))
		return 0;
	for (v = v->child; v != NULL; v = v->next) {
		if (v->string == NULL ||
		    strncmp(v->string, key, key_len) != 0 ||
		    v->string[key_len] != '\0')
			continue;
		if (found++ == 0)
			*ret_value = v;
	}
	return found;
}

const struct cJSON *
json_member(const struct cJSON *v, const char *key)
{
	const struct cJSON *value = NULL;

	return json_find(v, key, strlen(key), &value) == 1 ? value : NULL;
}

bool
json_is_object(const struct cJSON *v)
{
	return cJSON_IsObject(v);
}

bool
json_is_array(const struct cJSON *v)
{
	return cJSON_IsArray(v);
}

bool
json_is_null(const struct cJSON *v)
{
	return cJSON_IsNull(v);
}

bool
json_bool(const struct cJSON *v, bool *ret)
{
	if (!cJSON_IsBool(v))
		return false;
	*ret = cJSON_IsTrue(v);
	return true;
}

const char *
json_string(const struct cJSON *v)
{
	return cJSON_IsString(v) ? v->valuestring : NULL;
}

bool
json_double(const struct cJSON *v, double *ret)
{
	if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble))
		return false;
	*ret = v->valuedouble;
	return true;
}

bool
json_int(const struct cJSON *v, int64_t *ret)
{
	static const double exact = 9007199254740992.0; /* 2^53 */
	double value;

	if (!json_double(v, &value) || value > exact || value < -exact ||
	    value != floor(value))
		return false;
	*ret = (int64_t)value;
	return true;
}

const char *
json_kind(const struct cJSON *v)
{
	if (v == NULL)
		return "nothing";
	if (cJSON_IsObject(v))
		return "an object";
	if (cJSON_IsArray(v))
		return "a list";
	if (cJSON_IsString(v))
		return "a string";
	if (cJSON_IsBool(v))
		return cJSON_IsTrue(v) ? "true" : "false";
	if (cJSON_IsNull(v))
		return "null";
	if (cJSON_IsNumber(v) && !isfinite(v->valuedouble))
		return "a number out of range";
	return "a number";
}

bool
json_show(struct buf *out, const struct cJSON *v)
{
	char text[NUM_TEXT_MAX];
	double number;

	if (json_string(v) != NULL)
		return buf_str(out, json_string(v));
	if (json_double(v, &number))
		return buf_str(out, num_json(text, number));
	if (cJSON_IsBool(v) || cJSON_IsNull(v))
		return buf_str(out, json_kind(v));
	return buf_fmt(out, "(%s)", json_kind(v));
}

/* One step of a path: a key or an index. */
struct json_step {
	const char *key; /* NULL: an index */
	size_t key_len;
	size_t index;
};

/* ["key"] or [0] at *path; false when malformed. */
static bool
json_step_bracket(const char **path, struct json_step *step)
{
	const char *s = *path + 1, *end;

	if (*s == '"') {
		end = strchr(++s, '"');
		if (end == NULL || end[1] != ']')
			return false;
		*step = (struct json_step) { .key = s,
			.key_len = (size_t)(end - s) };
		*path = end + 2;
		return true;
	}
	*step = (struct json_step) { .key = NULL };
	for (end = s; *end >= '0' && *end <= '9'; end++) {
		step->index = step->index * 10 + (size_t)(*end - '0');
		if (step->index > JSON_VALUES_MAX)
			return false;
	}
	*path = end + 1;
	return end > s && *end == ']';
}

/* Reads the step at *path. 1: one read, 0: the end, -1: malformed. */
static int
json_step_read(const char **path, bool first, struct json_step *step)
{
	const char *s = *path;

	if (*s == '\0')
		return 0;
	if (*s == '[')
		return json_step_bracket(path, step) ? 1 : -1;
	if (*s == '.')
		s++;
	else if (!first)
		return -1;
	if (first && *s == '\0') {
		*path = s;
		return 0;
	}
	*step = (struct json_step) { .key = s, .key_len = strcspn(s, ".[]\"") };
	*path = s + step->key_len;
	return step->key_len > 0 ? 1 : -1;
}

static enum err_code
json_path_bad(const char *path, const char *at, struct err *err)
{
	return err_set(err, ERR_CONFIG, "json",
	    "path \"%s\" is wrong at \"%s\"; write it like .a.b[0][\"c.d\"]",
	    path, at);
}

enum err_code
json_path_check(const char *path, struct err *err)
{
	const char *at = path, *before = path;
	struct json_step step;
	int got = 1;

	if (*path == '\0')
		return json_path_bad(path, "", err);
	for (bool first = true; got == 1; first = false) {
		before = at;
		got = json_step_read(&at, first, &step);
	}
	return got == 0 ? ERR_OK : json_path_bad(path, before, err);
}

/* Says why the step that ends at done characters of path leads nowhere. */
static enum err_code
json_path_lost(const struct cJSON *v, const char *path, size_t done,
    const struct json_step *step, int found, struct err *err)
{
	int at = done > 0 ? (int)done : 1;
	const char *here = done > 0 ? path : ".";

	if (found > 1)
		return err_set(err, ERR_BADDATA, "json",
		    "%.*s has \"%.*s\" more than once", at, here,
		    (int)step->key_len, step->key);
	if (step->key == NULL && json_is_array(v))
		return err_set(err, ERR_BADDATA, "json",
		    "%.*s has %zu elements, no [%zu]", at, here, json_count(v),
		    step->index);
	if (step->key != NULL && json_is_object(v))
		return err_set(err, ERR_BADDATA, "json", "%.*s has no \"%.*s\"",
		    at, here, (int)step->key_len, step->key);
	return err_set(err, ERR_BADDATA, "json", "%.*s is %s, not %s", at, here,
	    json_kind(v), step->key != NULL ? "an object" : "a list");
}

enum err_code
json_path(const struct cJSON *root, const char *path,
    const struct cJSON **ret_value, struct err *err)
{
	const struct cJSON *v = root, *next;
	const char *at = path;
	struct json_step step = { .key = NULL };
	enum err_code code = json_path_check(path, err);

	for (bool first = true; code == ERR_OK; first = false) {
		size_t done = (size_t)(at - path);
		int found;

		if (json_step_read(&at, first, &step) != 1)
			break;
		next = NULL;
		if (step.key != NULL) {
			found = json_find(v, step.key, step.key_len, &next);
		} else {
			next = json_is_array(v) ? v->child : NULL;
			for (size_t i = 0; next != NULL && i < step.index; i++)
				next = next->next;
			found = next != NULL;
		}
		if (found != 1)
			code = json_path_lost(v, path, done, &step, found, err);
		v = next;
	}
	if (code == ERR_OK)
		*ret_value = v;
	return code;
}
