/*
 * Everything that is wrong with a configuration, found in one go: whoever
 * mends a file at night wants the whole list, not one line per try.
 *
 *	sevtop.yaml:4:9: unknown key "timout"
 *		did you mean "timeout"?
 *
 * The list is of fixed size and copies what it is given, so that adding
 * never fails and it outlives the tree that it speaks of. What comes after
 * CONF_ERRORS_MAX is counted only. Texts may hold bytes from the file: pass
 * them through text_clean() before they reach a terminal. Values of secrets
 * never get in here; values that came out of ${...} are shown unexpanded.
 * thread: owner.
 */
#ifndef SEV_BASE_CONF_ERRORS_H
#define SEV_BASE_CONF_ERRORS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* A place in a file; line and column count from 1, 0: the file as a whole. */
struct conf_pos {
	const char *file; /* borrowed; lives as long as the tree */
	unsigned line;
	unsigned column; /* in characters */
};

enum conf_severity {
	CONF_ERROR,
	CONF_WARNING, /* said at start, stops nothing */
};

struct conf_error {
	enum conf_severity severity;
	unsigned line;
	unsigned column;
	char file[CONF_FILE_MAX]; /* the end of it, when longer */
	char msg[ERR_MSG_MAX];
	char hint[CONF_HINT_MAX]; /* "" when there is none */
};

struct conf_errors {
	size_t errors;	 /* found, including those not kept */
	size_t warnings; /* the same */
	size_t count;	 /* kept in items */
	struct conf_error items[CONF_ERRORS_MAX];
};

/* Empties a list; a zeroed one is empty too. */
void conf_errors_clear(struct conf_errors *list);

/* list NULL: nothing happens, in all of these. hint NULL: none. */
void conf_errors_add(struct conf_errors *list, struct conf_pos pos,
    const char *hint, const char *fmt, ...) ATTR_PRINTF(4, 5);
void conf_errors_warn(struct conf_errors *list, struct conf_pos pos,
    const char *hint, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* As conf_errors_add() with the hint "did you mean ...?" when near != NULL. */
void conf_errors_add_near(struct conf_errors *list, struct conf_pos pos,
    const char *near, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* Orders by file, line, column, so that it reads like the file. */
void conf_errors_sort(struct conf_errors *list);

/*
 * Appends the list as text, one problem per line with its hint indented
 * below, and "and N more" at the end when some were not kept. False when
 * out does not hold it.
 */
bool conf_errors_print(const struct conf_errors *list, struct buf *out);

/*
 * ERR_OK without errors (warnings pass), else fills err with the first and
 * how many there are, and returns ERR_CONFIG.
 */
enum err_code conf_errors_result(
    const struct conf_errors *list, struct err *err);

#endif
