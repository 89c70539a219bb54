#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "base/redact.h"
#include "datasrc/json_map_impl.h"

enum {
	JSON_REF_DIGITS = 2 /* of the number of a wildcard */
};

/* "$1" or "$1.path"; the wildcards are counted from 1. */
static enum err_code
json_ref_level(
    const char *text, size_t wildcards, struct json_ref *ref, struct err *err)
{
	size_t digits = strspn(text + 1, "0123456789");
	const char *rest = text + 1 + digits;
	uint64_t level = 0;

	if (digits == 0 || digits > JSON_REF_DIGITS ||
	    !num_parse_u64(text + 1, digits, &level) ||
	    (level == 0 && *rest == '\0'))
		return err_set(err, ERR_CONFIG, "json",
		    "\"%s\" is no place; write $1 for what the first wildcard "
		    "stands for",
		    text);
	if (level > wildcards)
		return err_set(err, ERR_CONFIG, "json",
		    "\"%s\": the path has %zu wildcard%s", text, wildcards,
		    wildcards == 1 ? "" : "s");
	ref->level = (size_t)level;
	if (*rest == '\0') {
		ref->kind = JSON_REF_KEY;
		return ERR_OK;
	}
	ref->kind = JSON_REF_PATH;
	return json_path_parse(rest, &ref->path, err);
}

enum err_code
json_ref_parse(const char *text, size_t wildcards, struct json_ref *ret_ref,
    struct err *err)
{
	struct json_ref ref = {
		.kind = JSON_REF_PATH, .level = wildcards, .text = text
	};
	enum err_code code = ERR_OK;

	if (*text == '=') {
		ref.kind = JSON_REF_TEXT;
		ref.text = text + 1;
	} else if (*text == '$') {
		code = json_ref_level(text, wildcards, &ref, err);
	} else {
		code = json_path_parse(text, &ref.path, err);
	}
	if (code == ERR_OK && ref.path.wildcards > 0)
		code = err_set(err, ERR_CONFIG, "json",
		    "path \"%s\" leads to many places; one is wanted here",
		    text);
	if (code == ERR_OK)
		*ret_ref = ref;
	return code;
}

/* The key of the wildcard, a number for an element of a list. */
static struct json_found
json_ref_key(const struct json_ref *ref, const struct json_walk *walk)
{
	struct json_found found = { .there = true };
	size_t index;
	const char *key = json_walk_key(walk, ref->level - 1, &index);

	if (key != NULL) {
		found.scalar.kind = MAP_SCALAR_TEXT;
		found.scalar.s = key;
		found.scalar.len = strlen(key);
	} else {
		found.scalar.kind = MAP_SCALAR_NUMBER;
		found.scalar.num = (double)index;
	}
	return found;
}

struct json_found
json_ref_find(const struct json_ref *ref, struct json_fill *fill,
    const struct json_walk *walk, struct err *err)
{
	struct json_found found = { .there = true };
	struct buf row = BUF_INIT(ERR_MSG_MAX);
	struct json_walk below;

	if (ref->kind == JSON_REF_KEY)
		return json_ref_key(ref, walk);
	if (ref->kind == JSON_REF_TEXT) {
		found.scalar.kind = MAP_SCALAR_TEXT;
		found.scalar.s = ref->text;
		found.scalar.len = strlen(ref->text);
		return found;
	}
	json_walk_begin(&below, &ref->path,
	    ref->level == 0 ? fill->root : json_walk_at(walk, ref->level - 1),
	    &fill->work);
	if (json_walk_next(&below, &found.v) && found.v != NULL) {
		found.scalar = json_scalar(found.v);
		return found;
	}
	found.there = false;
	if (fill->work == 0) { /* said once, at the end */
		found.absent = true;
		err_set(err, ERR_TOOBIG, "json", "the document is too large");
		return found;
	}
	found.absent = json_walk_is_absent(&below);
	json_walk_show(walk, ref->level, &row);
	below.base = buf_cstr(&row);
	json_walk_why(&below, err);
	buf_release(&row);
	return found;
}

struct text
json_found_text(const struct json_found *found, const struct json_fill *fill)
{
	const struct map_scalar *scalar = &found->scalar;
	char number[NUM_TEXT_MAX];

	if (found->v != NULL)
		return json_is_null(found->v) ? TEXT_EMPTY
					      : json_text(fill->map->redactor,
						    fill->arena, found->v);
	if (scalar->kind == MAP_SCALAR_TEXT)
		return text_ingest(fill->map->redactor, fill->arena, scalar->s,
		    scalar->len, JSON_TEXT_MAX);
	if (scalar->kind == MAP_SCALAR_NUMBER)
		return text_clean_str(
		    fill->arena, num_json(number, scalar->num));
	return TEXT_EMPTY;
}
