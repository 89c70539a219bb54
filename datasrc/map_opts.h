/*
 * The words with which a configuration says how values from outside become
 * rows: metrics, health, tables. One vocabulary for every source that is
 * mapped by hand. Where a value comes from is a path in a document (json,
 * process) or the name of a column (sql); only its reader knows what that
 * means.
 *
 *	metrics:
 *	  memory_used: system.memory.used		# short form
 *	  allowance: {path: system.providers.*.rateLimit,
 *	    form: remaining/limit, labels: {provider: $1}}
 *	health:
 *	  database: {path: database, ok: [connected]}
 *	tables:
 *	  services:
 *	    rows: "[*]"
 *	    key: name
 *	    columns: {name: name, state: {path: status, kind: state},
 *	      memory: {path: monit.memory, unit: bytes}}
 *	    state: {path: status, ok: [online], warn: [launching]}
 *
 * All texts are borrowed from the configuration.
 * thread: any; constant once read.
 */
#ifndef SEV_DATASRC_MAP_OPTS_H
#define SEV_DATASRC_MAP_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/num.h"
#include "base/opt.h"
#include "model/section.h"
#include "model/state.h"

/* What the place of a value is called: "path" or "column". */
enum map_place {
	MAP_PATH,
	MAP_COLUMN,
	MAP_PLACE_COUNT,
};

/* form, its word, what it makes of a value (help) */
#define MAP_FORMS(X)                                                           \
	X(AUTO, "auto", "a number, or a text with the unit")                   \
	X(USED, "used/limit", "two numbers, such as 97/100")                   \
	X(LEFT, "remaining/limit", "the same, counting down")                  \
	X(AGE, "age", "a time, as the seconds since then")                     \
	X(UNTIL, "until", "a time, as the seconds that are left")              \
	X(COUNT, "count", "how many elements a list or a map has")

enum map_form {
#define X(form, word, help) MAP_FORM_##form,
	MAP_FORMS(X)
#undef X
	MAP_FORM_COUNT_OF,
};

/* How one value is found and read (datasrc/map_value.h does it). */
struct map_value {
	const char *from; /* path or column; NULL only where optional */
	int unit;	  /* enum num_unit, or MAP_UNIT_NONE: not said */
	int form;	  /* enum map_form */
	double scale;	  /* numbers are multiplied with it; never 0 */
	bool optional;	  /* being absent is no mistake */
	struct conf_pos pos;
};

enum {
	MAP_UNIT_NONE = -1
};

struct map_metric {
	struct map_value value; /* first: the rows of all values bind there */
	const char *name;
	int kind;		 /* enum metric_kind: gauge or counter */
	struct opt_pairs labels; /* name of a label and where it comes from */
};

/*
 * Words, or comparisons such as "> 0", that say how bad a value is. With
 * several places the worst counts. Nothing listed: the usual words.
 */
struct map_state {
	struct opt_list from;
	struct opt_list ok;
	struct opt_list warn;
	struct opt_list crit;
	int other; /* enum state of what is in no list */
};

struct map_health {
	struct map_value value; /* first; from is that of state.from[0] */
	const char *target;
	struct map_state state;
	const char *name;   /* of each row of a wildcard; NULL: its key */
	const char *detail; /* more words; NULL: none */
};

enum map_column_kind {
	MAP_COLUMN_AUTO, /* number if all its values are */
	MAP_COLUMN_TEXT,
	MAP_COLUMN_NUMBER,
	MAP_COLUMN_STATE, /* the state of the row, in the value's word */
	MAP_COLUMN_TIME,
};

struct map_column {
	struct map_value value; /* first */
	const char *name;
	int kind; /* enum map_column_kind; decided where form or unit do */
};

struct map_table {
	const char *name;
	const char *rows; /* path of the rows; NULL for MAP_COLUMN */
	const char *key;  /* where a row's key comes from; NULL: its place */
	bool optional;	  /* that there are no rows is no mistake */
	const struct map_column *columns; /* none: all there are */
	size_t column_count;
	bool has_state;
	struct map_state state;
	struct conf_pos pos;
};

/* Rows of one entry, for help, checks and OPT_NODE's group. */
extern const struct opt_table map_metric_opts[MAP_PLACE_COUNT];
extern const struct opt_table map_health_opts[MAP_PLACE_COUNT];
extern const struct opt_table map_table_opts[MAP_PLACE_COUNT];

/*
 * Read what stands under "metrics", "health" and "tables" (node NULL: none)
 * into an array in the arena. Every problem goes to errors, and the rest is
 * read all the same.
 * ERR_OK, ERR_CONFIG when there was a problem, ERR_NOMEM.
 */
enum err_code map_metrics_read(const struct conf_node *node,
    enum map_place place, struct arena *arena, struct conf_errors *errors,
    const struct map_metric **ret_metrics, size_t *ret_count) ATTR_MUST_USE;
enum err_code map_health_read(const struct conf_node *node,
    enum map_place place, struct arena *arena, struct conf_errors *errors,
    const struct map_health **ret_health, size_t *ret_count) ATTR_MUST_USE;
enum err_code map_tables_read(const struct conf_node *node,
    enum map_place place, struct arena *arena, struct conf_errors *errors,
    const struct map_table **ret_tables, size_t *ret_count) ATTR_MUST_USE;

/*
 * What reading a mapping with code came to, for who has no list to add to:
 * fills err from the list and returns code.
 */
enum err_code map_result(
    enum err_code code, const struct conf_errors *errors, struct err *err);

#endif
