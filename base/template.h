/*
 * Texts of the configuration that are filled in when an action is planned:
 * "pm2 scale ${target.name} ${input.instances}". A reference is a word, a
 * dot and a name in ${}; every other "${" is text. base/conf.h leaves
 * references alone when it expands variables.
 *
 * A value never becomes structure. In a URL it is percent-encoded; in JSON
 * it is escaped inside of quotes, and outside of them it is a number, true or
 * false when it is meant as one, else a text with quotes of its own.
 * thread: any.
 */
#ifndef SEV_BASE_TEMPLATE_H
#define SEV_BASE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct buf;

enum template_form {
	TEMPLATE_TEXT, /* an argument, a parameter: as it is */
	TEMPLATE_LINE, /* a header: one without line breaks */
	TEMPLATE_URL,  /* encoded; no part of the path is empty or dots */
	TEMPLATE_FORM, /* as TEMPLATE_URL, for name=value&name=value */
	TEMPLATE_JSON,
};

/* What a reference stands for. */
struct template_value {
	const char *text; /* NULL: known, but not given */
	bool bare;	  /* a number, true or false: no quotes in JSON */
};

/*
 * Looks name ("input.instances") up. False: there is nothing of that name,
 * and *ret_hint may say what there is.
 */
typedef bool template_fn(const void *ctx, const char *name,
    struct template_value *ret_value, const char **ret_hint);

/*
 * Whether a reference begins at at, which stands behind "${"; *ret_len is
 * the length of its name, which "}" follows.
 */
bool template_reference(const char *at, size_t *ret_len);

/*
 * Whether text is one reference and nothing else; its name goes to name (of
 * NAME_MAX_LEN * 2 bytes; NULL: not wanted).
 */
bool template_is_one(const char *text, char *name);

/*
 * Appends text with its references filled in. ERR_CONFIG: an unknown name,
 * or in JSON quotes that don't end; ERR_USAGE: a value that is not given or
 * can't stand there; ERR_TOOBIG: out is full.
 */
enum err_code template_fill(const char *text, enum template_form form,
    template_fn *find, const void *ctx, struct buf *out,
    struct err *err) ATTR_MUST_USE;

#endif
