/*
 * Values of a JSON document in the shapes that rows need.
 * thread: any.
 */
#ifndef SEV_DATASRC_JSON_VALUE_H
#define SEV_DATASRC_JSON_VALUE_H

#include "base/text.h"
#include "datasrc/map_value.h"

struct arena;
struct cJSON;
struct redactor;

/* NULL is null. A text is borrowed from v. */
struct map_scalar json_scalar(const struct cJSON *v);

/*
 * A scalar bare, anything else its kind in brackets; redacted, clean, at
 * most JSON_TEXT_MAX bytes. v NULL: the empty text.
 */
struct text json_text(const struct redactor *redactor, struct arena *arena,
    const struct cJSON *v);

#endif
