#include "datasrc/json_value.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/redact.h"
#include "datasrc/limits.h"

struct map_scalar
json_scalar(const struct cJSON *v)
{
	struct map_scalar scalar = { .kind = MAP_SCALAR_NULL };
	bool yes;

	if (json_string(v) != NULL) {
		scalar.kind = MAP_SCALAR_TEXT;
		scalar.s = json_string(v);
		scalar.len = strlen(scalar.s);
	} else if (json_double(v, &scalar.num)) {
		scalar.kind = MAP_SCALAR_NUMBER;
	} else if (json_bool(v, &yes)) {
		scalar.kind = MAP_SCALAR_BOOL;
		scalar.num = yes;
	} else if (json_is_object(v) || json_is_array(v)) {
		scalar.kind = MAP_SCALAR_MANY;
		scalar.num = (double)json_count(v);
	}
	return scalar;
}

struct text
json_text(
    const struct redactor *redactor, struct arena *arena, const struct cJSON *v)
{
	struct buf shown = BUF_INIT(HTTP_BODY_MAX);
	struct text text = TEXT_EMPTY;

	if (v != NULL && json_show(&shown, v))
		text = text_ingest(redactor, arena, buf_cstr(&shown), shown.len,
		    JSON_TEXT_MAX);
	buf_release(&shown);
	return text;
}

enum err_code
json_pick(const struct cJSON *root, const char *path, size_t max,
    struct arena *arena, const char **ret_value, struct err *why,
    struct err *err)
{
	struct buf text = BUF_INIT(max);
	const struct cJSON *value = NULL;
	enum err_code code = json_lookup(root, path, &value, why);

	*ret_value = NULL;
	if (code == ERR_CONFIG)
		return err_set(err, code, "json", "%s", err_text(why));
	if (code != ERR_OK)
		return ERR_OK;
	if (json_is_object(value) || json_is_array(value))
		return err_set(err, ERR_BADDATA, "json",
		    "%s is %s; one value is wanted", path, json_kind(value));
	if (json_is_null(value)) {
		err_set(why, ERR_NOTFOUND, "json", "%s is null", path);
		return ERR_OK;
	}
	if (!json_show(&text, value))
		code = err_set(err, ERR_TOOBIG, "json",
		    "%s has more than %zu bytes", path, max);
	else
		*ret_value = arena_copy(arena, buf_cstr(&text), text.len);
	if (code == ERR_OK && *ret_value == NULL)
		code = err_set(err, ERR_NOMEM, "json", "no memory");
	buf_release(&text);
	return code;
}
