/*
 * Watches the rows of a table "services" from one answer to the next and
 * tells what happened to a service: another version is a deploy; more
 * restarts than before, or a start that moved, is a restart. What a service
 * was when it was first seen is no event.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_SERVICE_WATCH_H
#define SEV_DATASRC_SERVICE_WATCH_H

#include <stdint.h>

#include "base/text.h"
#include "model/keytab.h"

struct build;

/* One row; what the table does not tell is empty or NaN. */
struct service_row {
	struct text key;
	struct text name;
	struct text version;
	double restarts;
	double since_ms; /* wall clock */
};

struct service_watch {
	struct keytab seen; /* SERVICE_WATCH_MAX of them, by key */
};

void service_watch_init(struct service_watch *watch);
void service_watch_release(struct service_watch *watch);

/* Looks at a row of an answer of wall_ms and adds what happened to build. */
void service_watch_row(struct service_watch *watch,
    const struct service_row *row, int64_t wall_ms, struct build *build);

#endif
