/*
 * Writing JSON through cJSON. cJSON's calls return NULL without memory, and
 * adding to NULL is a no-op, so the end result is checked once: a document
 * is whole or not written at all.
 *
 *	struct json_out out = JSON_OUT_INIT(&scratch);
 *	cJSON *root = json_out_open(&out);
 *
 *	json_out_str(&out, root, "name", name);
 *	code = json_out_close(&out, root, to);
 *
 * Texts are written without their marks; NaN and Inf, which JSON can't
 * hold, as null.
 * thread: owner.
 */
#ifndef SEV_BASE_JSON_OUT_H
#define SEV_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

struct cJSON;

struct json_out {
	struct buf *scratch; /* as large as the longest text */
	bool failed;
};

#define JSON_OUT_INIT(buffer)                                                  \
	{                                                                      \
		.scratch = (buffer)                                            \
	}

/* The root, an object; NULL without memory. */
struct cJSON *json_out_open(struct json_out *out);

/*
 * Appends the root's text to the buffer and frees the root, also on failure:
 * ERR_NOMEM when anything failed, ERR_TOOBIG when to is full.
 */
enum err_code json_out_close(
    struct json_out *out, struct cJSON *root, struct buf *to) ATTR_MUST_USE;

void json_out_text(
    struct json_out *out, struct cJSON *to, const char *key, struct text text);
void json_out_str(
    struct json_out *out, struct cJSON *to, const char *key, const char *s);
void json_out_num(
    struct json_out *out, struct cJSON *to, const char *key, double value);

/* JSON that is written already. */
void json_out_raw(
    struct json_out *out, struct cJSON *to, const char *key, const char *json);

/* Milliseconds, or null for what is not known (below 0). */
void json_out_ms(
    struct json_out *out, struct cJSON *to, const char *key, int64_t ns);

/* RFC 3339 UTC. */
void json_out_time(
    struct json_out *out, struct cJSON *to, const char *key, int64_t wall_ms);

/* An array or an object under key; an object at the end of an array; a text
 * at the end of an array. */
struct cJSON *json_out_list(
    struct json_out *out, struct cJSON *to, const char *key);
struct cJSON *json_out_map(
    struct json_out *out, struct cJSON *to, const char *key);
struct cJSON *json_out_row(struct json_out *out, struct cJSON *list);
void json_out_item(struct json_out *out, struct cJSON *list, struct text text);

#endif
