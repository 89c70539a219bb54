/*
 * What a program printed as a document (base/json.h), so that the same
 * mapping serves for all of it:
 *
 *	json	one JSON document; words before it are passed over
 *	jsonl	a list: one document a line, or one list
 *	lines	a list of texts
 *	number	one text, to be read as a number
 *	table	a list of objects, a row each, with the columns as keys
 *
 * The cells of a table are texts as they were printed; a column with a unit
 * reads them. Columns are named by the first line, or by the configuration,
 * or by the groups of a pattern.
 * thread: owner.
 */
#ifndef SEV_DATASRC_PROCESS_READ_H
#define SEV_DATASRC_PROCESS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "model/limits.h"

struct cJSON;
struct regex;

enum process_read {
	PROCESS_JSON,
	PROCESS_JSONL,
	PROCESS_LINES,
	PROCESS_NUMBER,
	PROCESS_TABLE,
};

/* What stands between two cells of a table. */
enum process_separator {
	PROCESS_BLANKS, /* one or more; the last cell takes the rest */
	PROCESS_WIDE,	/* two or more, or where the header's words begin */
	PROCESS_TAB,
	PROCESS_COMMA,
	PROCESS_COLON,
	PROCESS_BAR,
};

/* Bound by PROCESS_FORM_ROWS. */
struct process_form {
	int read;	       /* enum process_read */
	int separator;	       /* enum process_separator */
	struct opt_list names; /* of columns; none: the first line has them */
	const char *pattern;   /* NULL: cells are separated */
	int64_t skip;	       /* lines at the top that are no content */
};

extern const char *const process_read_words[];
extern const char *const process_separator_words[];

#define PROCESS_FORM_ROWS(owner, field)                                        \
	{                                                                      \
		OPT_FIELD(owner, field.read, "read", OPT_CHOICE),              \
		.choices = process_read_words,                                 \
		.preset = "json",                                              \
		.help = "what the output is; jsonl is one document a line",    \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			owner, field.separator, "separator", OPT_CHOICE),      \
		    .choices = process_separator_words,                        \
		    .preset = "blanks",                                        \
		    .help = "what is between two cells of a table; wide is "   \
			    "two blanks or more",                              \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(owner, field.names, "names", OPT_LIST),          \
		    .max = PAYLOAD_COLUMNS_MAX,                                \
		    .help = "names of the columns of a table; without them "   \
			    "its first line has them",                         \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(owner, field.pattern, "pattern", OPT_STRING),    \
		    .max = REGEX_PATTERN_MAX,                                  \
		    .help = "regular expression whose named groups are the "   \
			    "cells of a line; other lines are passed over",    \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(owner, field.skip, "skip", OPT_INT),                 \
		    .max = 1000, .preset = "0", .unit = "lines",               \
		    .help = "lines at the top that are no content",            \
	}

/*
 * Reads len bytes. pattern: form->pattern compiled, or NULL. *ret_root:
 * returned (free with json_free()). ERR_BADDATA with what is wrong and in
 * which line; ERR_TOOBIG; ERR_NOMEM.
 */
enum err_code process_read(const struct process_form *form,
    const struct regex *pattern, const char *bytes, size_t len,
    struct cJSON **ret_root, struct err *err) ATTR_MUST_USE;

/*
 * The next line of *at, which ends at end: without its line end and moved
 * behind it. False at the end.
 */
bool process_line(
    const char **at, const char *end, const char **ret_line, size_t *ret_len);

/* Whether a line holds blanks only. */
bool process_is_blank(const char *line, size_t len);

/* Adds what the rows can't say to errors; node is the source's map. */
void process_form_check(const struct process_form *form,
    const struct conf_node *node, struct conf_errors *errors);

#endif
