/*
 * A source run by hand in a live test: options from a piece of YAML, polls
 * when the test says so, rows looked up by name.
 * thread: main.
 */
#ifndef SEV_TESTS_POLLED_H
#define SEV_TESTS_POLLED_H

#include "datasrc/source.h"
#include "model/section.h"

struct polled {
	const struct source_ops *ops;
	struct source_env env;
	struct arena *arena;
	void *config;
	void *state;
	struct payload *payload; /* of the last good poll; NULL: none */
	struct err err;		 /* of the last poll */
};

/* Binds, checks and opens; false with the reasons as TAP comments. */
bool polled_open(
    struct polled *polled, const struct source_ops *ops, const char *yaml);
/* The same for a source that needs more of its surroundings than a name. */
bool polled_open_in(struct polled *polled, const struct source_ops *ops,
    const struct source_env *env, const char *yaml);
void polled_close(struct polled *polled);

/* One poll; payload is that of this poll or NULL. */
enum err_code polled_once(struct polled *polled, int64_t timeout_ns);

/*
 * Polls with the n-th allocation failing, for every n that there is: each
 * poll must be good or say that there was no memory, and the one after them
 * be good.
 */
enum {
	POLLED_STARVE_MAX = 4000
};
bool polled_starve(struct polled *polled, int64_t timeout_ns);

/* Value of a metric; label NULL: the one without labels. NaN: none. */
double polled_metric(
    const struct polled *polled, const char *name, const char *label);

/* Whether there is such a metric, be it of no value. */
bool polled_has_metric(
    const struct polled *polled, const char *name, const char *label);

/* A health row, or NULL. */
const struct health *polled_health(
    const struct polled *polled, const char *target);

/* Cell of the row with this key; NULL: no such table, row or column. */
const struct table_cell *polled_cell(const struct polled *polled,
    const char *table, const char *key, const char *column);

/* The same as a number (NaN) and as a text (""). */
double polled_num(const struct polled *polled, const char *table,
    const char *key, const char *column);
const char *polled_text(const struct polled *polled, const char *table,
    const char *key, const char *column);

/* Number of events of this kind in the last answer. */
int polled_events(const struct polled *polled, enum event_kind kind);

/* Rows of a table; -1: no such table. */
int polled_rows(const struct polled *polled, const char *table);

#endif
