/*
 * What the log view shows or searches for, as typed by its user:
 *
 *	timeout			lines with the word, letters in any case,
 *				in text, fields, source name or level;
 *				"error" also finds what is fatal
 *	"connection reset"	the same with blanks
 *	/retry [0-9]+/		regular expression (base/regex.h) on the text,
 *	/jwt/i			then on the fields; i: letters in any case;
 *				\/ is a slash
 *	level>=warn		= != > >= < <=; trace debug info warn error
 *				fatal; a line without a level is below all
 *	source=api		= and !=
 *	job=18231		a field, or key=value in the text: = and !=,
 *	status>=500		and > >= < <= for numbers
 *	error|warn		either; any of the above
 *	!healthz		not; "!a|b" is neither
 *
 * "@name" is put in before, by model/logsearch.h.
 * Terms apart by blanks must all hold. Nothing typed: every line.
 * A regular expression that passes its limits on a line is "too costly"
 * there: that is an answer of its own, never "no match".
 * thread: any; a filter is immutable.
 */
#ifndef SEV_MODEL_LOGFILTER_H
#define SEV_MODEL_LOGFILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "model/logstore.h"

struct buf;
struct logfilter;

/*
 * *ret_filter: returned (free with logfilter_free()). ERR_CONFIG says what
 * is wrong and at which column, counted from 1.
 */
enum err_code logfilter_new(const char *expr, struct logfilter **ret_filter,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct logfilter *logfilter_free(struct logfilter *filter);

/* Whether it lets every line through. */
bool logfilter_is_empty(const struct logfilter *filter);

/* Whether some term asks for something in the text, not only excludes. */
bool logfilter_wants_text(const struct logfilter *filter);

enum logfilter_result {
	LOGFILTER_NO,
	LOGFILTER_YES,
	LOGFILTER_COSTLY /* no answer within the limits */
};

/* scratch: memory that is kept from line to line; its content is lost. */
enum logfilter_result logfilter_match(const struct logfilter *filter,
    const struct log_line *line, struct text source, struct buf *scratch);

/*
 * The first place at or after byte from that a wanted word or regular
 * expression matched in text, for showing. False: none.
 */
bool logfilter_span(const struct logfilter *filter, struct text text,
    size_t from, size_t *ret_from, size_t *ret_to);

#endif
