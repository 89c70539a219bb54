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

/* Set by the hook below, which is given no context; read by json_parse(). */
static _Thread_local bool json_starved;

/* cJSON wants a function without attributes. */
static void *
json_alloc(size_t size)
{
	void *p = mem_alloc(size);

	json_starved |= p == NULL;
	return p;
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
	json_starved = false;
	root = cJSON_ParseWithLengthOpts(text, len, &end, false);
	while (root != NULL && end < text + len && *end != '\0' &&
	       strchr(" \t\r\n", *end) != NULL)
		end++;
	if (root == NULL && json_starved)
		code =
		    err_set(err, ERR_NOMEM, "json", "parsing %zu bytes", len);
	else if (root == NULL)
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

/* Depth is bounded by JSON_DEPTH_MAX. */
static void
json_wipe_texts(cJSON *v)
{
	for (; v != NULL; v = v->next) {
		volatile char *s = v->valuestring;

		while (s != NULL && *s != '\0')
			*s++ = '\0';
		json_wipe_texts(v->child);
	}
}

struct cJSON *
json_wipe(struct cJSON *root)
{
	json_wipe_texts(root);
	return json_free(root);
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

int
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

bool
json_describe(struct buf *out, const struct cJSON *v)
{
	char text[NUM_TEXT_MAX];
	double number;
	const char *s = json_string(v);
	size_t n;

	if (s == NULL && json_double(v, &number))
		return buf_fmt(out, "number %s", num_json(text, number));
	if (s == NULL)
		return buf_str(out, json_kind(v));
	/* Cut at a character: what follows its first byte has the bits 10. */
	n = strnlen(s, JSON_HEAD_MAX);
	while ((s[n] & 0xC0) == 0x80)
		n++;
	return buf_fmt(
	    out, "text \"%.*s\"%s", (int)n, s, s[n] != '\0' ? "..." : "");
}

struct cJSON *
json_new_list(void)
{
	pthread_once(&json_hooks_once, json_hooks_set);
	return cJSON_CreateArray();
}

struct cJSON *
json_new_object(void)
{
	pthread_once(&json_hooks_once, json_hooks_set);
	return cJSON_CreateObject();
}

struct cJSON *
json_new_text(const char *bytes, size_t len)
{
	static const char hole[] = "\xEF\xBF\xBD";
	struct cJSON *v;
	size_t room = len + 1, n = 0;
	char *text;

	pthread_once(&json_hooks_once, json_hooks_set);
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == '\0')
			room += strlen(hole) - 1;
	text = mem_alloc(room);
	v = text != NULL ? cJSON_CreateNull() : NULL;
	if (v == NULL) {
		mem_free(text);
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\0') {
			text[n++] = bytes[i];
			continue;
		}
		memcpy(text + n, hole, strlen(hole));
		n += strlen(hole);
	}
	text[n] = '\0';
	v->type = cJSON_String;
	v->valuestring = text; /* cJSON frees it with our own function */
	return v;
}

bool
json_put(struct cJSON *parent, const char *key, struct cJSON *child)
{
	bool good = child != NULL && parent != NULL &&
		    (key != NULL ? cJSON_AddItemToObject(parent, key, child)
				 : cJSON_AddItemToArray(parent, child));

	if (!good)
		cJSON_Delete(child);
	return good;
}

struct cJSON *
json_new_number(double value)
{
	pthread_once(&json_hooks_once, json_hooks_set);
	return cJSON_CreateNumber(value);
}

struct cJSON *
json_new_bool(bool value)
{
	pthread_once(&json_hooks_once, json_hooks_set);
	return cJSON_CreateBool(value);
}

struct cJSON *
json_new_null(void)
{
	pthread_once(&json_hooks_once, json_hooks_set);
	return cJSON_CreateNull();
}

struct cJSON *
json_copy(const struct cJSON *v)
{
	pthread_once(&json_hooks_once, json_hooks_set);
	return v != NULL ? cJSON_Duplicate(v, true) : NULL;
}

struct cJSON *
json_edit(struct cJSON *root, const struct cJSON *part)
{
	return root != NULL ? (struct cJSON *)(uintptr_t)part : NULL;
}

void
json_remove(struct cJSON *parent, const char *key)
{
	const struct cJSON *found = NULL;

	while (json_find(parent, key, strlen(key), &found) > 0)
		cJSON_Delete(cJSON_DetachItemViaPointer(
		    parent, json_edit(parent, found)));
}

bool
json_write(struct buf *out, const struct cJSON *v)
{
	char *text = cJSON_PrintUnformatted(v);
	bool good = text != NULL && buf_str(out, text);

	cJSON_free(text);
	return good;
}
