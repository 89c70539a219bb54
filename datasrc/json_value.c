#include "datasrc/json_value.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/redact.h"

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
