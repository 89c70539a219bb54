/*
 * Options: one row per key, from which a configuration is checked and bound
 * to a struct, and help, manual pages and a schema are printed.
 *
 *	struct http_conf {
 *		const char *url;
 *		int64_t timeout_ns;
 *	};
 *	static const struct opt http_opts[] = {
 *		{
 *			OPT_FIELD(struct http_conf, url, "url", OPT_URL),
 *			.required = true,
 *			.help = "what to ask for",
 *		},
 *		{
 *			OPT_FIELD(struct http_conf, timeout_ns, "timeout",
 *			    OPT_DURATION),
 *			.min = 100 * NS_PER_MS, .max = 60 * NS_PER_SEC,
 *			.preset = "5s",
 *			.help = "longest wait for an answer",
 *		},
 *	};
 *	const struct opt_table http_table = OPT_TABLE(http_opts);
 *
 * The rows are const data at the bottom of the file that owns the struct.
 * thread: any.
 */
#ifndef SEV_BASE_OPT_H
#define SEV_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"

/* kind, C type of the field, what a message calls it */
#define OPT_KINDS(X)                                                           \
	X(STRING, const char *, "text")                                        \
	X(BOOL, bool, "true or false")                                         \
	X(INT, int64_t, "a whole number")                                      \
	X(NUMBER, double, "a number")                                          \
	X(DURATION, int64_t, "a duration such as 500ms, 5s, 10m or 2h")        \
	X(SIZE, int64_t, "a size such as 512, 64KiB or 10MB")                  \
	X(URL, const char *, "a URL such as http://localhost:3000")            \
	X(SECRET, const char *, "env:NAME, file:PATH or cmd:[...]")            \
	X(CHOICE, int, "one of a list of words")                               \
	X(LIST, struct opt_list, "a list")                                     \
	X(PAIRS, struct opt_pairs, "a map of names to texts")                  \
	X(PATH, const char *, "a path")                                        \
	X(REF, const char *, "the name of a source")                           \
	X(NODE, const struct conf_node *, "a value")                           \
	X(GROUP, char, "a map")

enum opt_kind {
#define X(kind, type, text) OPT_##kind,
	OPT_KINDS(X)
#undef X
	OPT_KIND_COUNT,
};

/*
 * What opt_bind() leaves in the field, all of it in the arena. An option
 * that is absent and has no preset leaves the field as it was (zero).
 *
 * STRING, PATH, REF	text, never empty; min and max bound its length
 * INT, NUMBER		min and max bound the value (NUMBER: whole numbers)
 * DURATION		nanoseconds; SIZE: bytes
 * URL			scheme://...; scheme is one of choices when given
 * SECRET		a reference for secret_from_ref(): "env:NAME",
 *			"file:PATH", "cmd:" and a JSON array of words, or a
 *			literal, which is warned about
 * CHOICE		index in choices
 * LIST			texts; one scalar counts as a list of one; min and
 *			max bound their number
 * PAIRS		key and text, in file order
 * NODE			the subtree, whatever its kind; its owner reads it.
 *			With a group: a map of names to what the rows say,
 *			which opt_visit() then shows, too
 * GROUP		nothing: the rows of group are bound into the same
 *			struct from a map under this key
 */
struct opt_list {
	const char *const *items;
	size_t count;
	const struct conf_node *node; /* for messages; NULL from a preset */
};

struct opt_pair {
	const char *key;
	const char *value;
};

struct opt_pairs {
	const struct opt_pair *items;
	size_t count;
	const struct conf_node *node; /* for messages; NULL from a preset */
};

/* The C type of a field, as far as rows tell types apart. */
enum opt_type {
	OPT_TYPE_OTHER,
	OPT_TYPE_TEXT,
	OPT_TYPE_BOOL,
	OPT_TYPE_INT,
	OPT_TYPE_INT64,
	OPT_TYPE_DOUBLE,
	OPT_TYPE_LIST,
	OPT_TYPE_PAIRS,
	OPT_TYPE_NODE,
};

/* clang-format off */
#define OPT_TYPE(field)                                                        \
	_Generic((field),                                                      \
	    const char *: OPT_TYPE_TEXT,                                       \
	    bool: OPT_TYPE_BOOL,                                               \
	    int: OPT_TYPE_INT,                                                 \
	    int64_t: OPT_TYPE_INT64,                                           \
	    double: OPT_TYPE_DOUBLE,                                           \
	    struct opt_list: OPT_TYPE_LIST,                                    \
	    struct opt_pairs: OPT_TYPE_PAIRS,                                  \
	    const struct conf_node *: OPT_TYPE_NODE,                           \
	    default: OPT_TYPE_OTHER)
/* clang-format on */

struct opt;

struct opt_table {
	const struct opt *rows;
	size_t count;
};

struct opt {
	const char *name;
	enum opt_kind kind;
	bool required;
	size_t offset;
	enum opt_type type; /* of the field: checked against the kind */
	int64_t min;	    /* min and max both 0: no bounds */
	int64_t max;
	const char *preset; /* as the user would write it, a list as "a, b" */
	const char *const *choices; /* CHOICE, URL: NULL-ended; else NULL */
	const char *refers;	    /* REF: type of source wanted; NULL: any */
	const char *unit;	    /* INT, NUMBER: shown in help; NULL: none */
	const char *help;	    /* one line, lower case, no full stop */
	bool template;		    /* may hold ${input.NAME} and the like */
	bool unasked; /* of an action: what an undo says, and no form asks */
	const struct opt_table *group; /* GROUP, NODE: its rows; else NULL */
};

/* name, kind and place of a row. */
#define OPT_FIELD(owner, field, key, what)                                     \
	.name = (key), .kind = (what), .offset = offsetof(owner, field),       \
	.type = OPT_TYPE(((owner *)NULL)->field)

/* name and rows of a group. */
#define OPT_GROUP_ROW(key, table)                                              \
	.name = (key), .kind = OPT_GROUP, .group = (table)

#define OPT_TABLE(array)                                                       \
	{                                                                      \
		.rows = (array), .count = sizeof(array) / sizeof((array)[0])   \
	}

/*
 * Binds the keys of map (a CONF_MAP or CONF_NULL node) into the struct at
 * out, presets first. Every problem goes to errors, and the other options
 * are bound all the same. ERR_OK, ERR_CONFIG, or ERR_NOMEM. What out points
 * to lives in the arena, or in the tree, or in the table.
 */
enum err_code opt_bind(const struct opt_table *table,
    const struct conf_node *map, void *out, struct arena *arena,
    struct conf_errors *errors) ATTR_MUST_USE;

/* A table and the struct that its rows are bound into. */
struct opt_part {
	const struct opt_table *table;
	void *out;
};

/*
 * The same for a map whose keys belong to several tables, such as a source
 * with the keys of all sources and those of its type.
 */
enum err_code opt_bind_parts(const struct opt_part *parts, size_t count,
    const struct conf_node *map, struct arena *arena,
    struct conf_errors *errors) ATTR_MUST_USE;

/* Whether a whole number is one of a list's texts. */
bool opt_list_has(const struct opt_list *list, int64_t number);

/* Row by name; NULL: none. */
const struct opt *opt_find(const struct opt_table *table, const char *name);

/*
 * Appends what may be written, on one line: "duration, 100ms to 1m, default
 * 5s", "one of text, json", "required". False when it does not fit.
 */
bool opt_describe(const struct opt *opt, struct buf *out);

/*
 * Visits every row, groups after their own row, with the dotted path of the
 * key ("expect.status", "metrics.NAME.unit"). Ends early when fn returns
 * false.
 */
void opt_visit(const struct opt_table *table,
    bool (*fn)(void *ctx, const char *path, const struct opt *opt), void *ctx);

/*
 * Checks a table itself: sizes, presets, bounds, choices, names. True when
 * sound; else false with the reason in err. For unit tests, so that a wrong
 * row never meets a user.
 */
bool opt_table_check(const struct opt_table *table, struct err *err);

#endif
