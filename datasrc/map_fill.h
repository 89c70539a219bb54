/*
 * What all sources that are mapped by hand do while they fill a payload:
 * they gather what does not fit the mapping, and tell rows apart.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_MAP_FILL_H
#define SEV_DATASRC_MAP_FILL_H

#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "datasrc/limits.h"
#include "datasrc/map_value.h"
#include "model/keytab.h"
#include "model/section.h"

struct build;
struct redactor;

struct map_problem {
	struct err err;
	size_t more; /* of the same entry */
};

/* Of one filling; zeroed before it. */
struct map_problems {
	struct map_problem list[MAP_PROBLEMS_MAX];
	size_t count;		  /* may be more than are kept */
	struct map_problem *last; /* of this entry; NULL: none yet */
};

/* Begins the next entry, whose first problem is kept and others counted. */
void map_problems_entry(struct map_problems *problems);
void map_problems_add(struct map_problems *problems, const char *msg);

/*
 * A health row "mapping" that says the first, and a table "mapping" with all
 * when there are more; nothing without problems.
 */
void map_problems_show(const struct map_problems *problems, struct build *build,
    const struct redactor *redactor);

/*
 * One metric as conf says, and with a limit two more: NAME_limit and
 * NAME_used_ratio. name is that of conf, cleaned; labels are conf's, sorted.
 */
void map_metric_add(struct build *build, const struct map_metric *conf,
    struct text name, const struct map_number *number,
    const struct label *labels);

/* A value and how bad it is. */
struct map_judged {
	enum state state;
	struct map_scalar scalar;
	struct map_number number; /* of a value with a limit: what is used */
	bool numeric;
};

struct map_judged map_judge(const struct map_health *conf,
    const struct map_scalar *scalar, int64_t wall_ms);

/* Null or an empty text. */
bool map_is_empty(const struct map_scalar *scalar);

/*
 * The words of a health row: the value (value is how it reads), what was
 * expected instead, more words (may be empty).
 */
struct text map_health_words(struct arena *arena, const struct map_health *conf,
    const struct map_judged *judged, struct text value, struct text more);

/* What a column of this kind is on the screen. */
enum column_kind map_column_shown(enum map_column_kind kind);

/* The keys of a table so far. */
void map_keys_init(struct keytab *keys);

/* key, or with a number behind it when a row before has the same. */
struct text map_key(struct keytab *keys, struct arena *arena, struct text key);

#endif
