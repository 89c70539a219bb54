/*
 * What all sources that are mapped by hand do while they fill a payload:
 * they gather what does not fit the mapping, and tell rows apart.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_MAP_FILL_H
#define SEV_DATASRC_MAP_FILL_H

#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/keytab.h"

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

/* The keys of a table so far. */
void map_keys_init(struct keytab *keys);

/* key, or with a number behind it when a row before has the same. */
struct text map_key(struct keytab *keys, struct arena *arena, struct text key);

#endif
