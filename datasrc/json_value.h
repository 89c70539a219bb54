/*
 * Values of a JSON document in the shapes that rows need.
 * thread: any.
 */
#ifndef SEV_DATASRC_JSON_VALUE_H
#define SEV_DATASRC_JSON_VALUE_H

#include "base/err.h"
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

/*
 * The one scalar at a path as a text in the arena, bare and as it came;
 * *ret_value NULL: null, or nothing is there, and *why says what was.
 * ERR_BADDATA: a list or a map, or more than max bytes; ERR_CONFIG: no path.
 */
enum err_code json_pick(const struct cJSON *root, const char *path, size_t max,
    struct arena *arena, const char **ret_value, struct err *why,
    struct err *err) ATTR_MUST_USE;

#endif
