/*
 * Frames for drawing panels without a network: what the practice world looks
 * like when it is calm, when it burns, and when nothing fits. Clock and wall
 * clock stand still, so that the same picture comes out every time.
 */
#ifndef SEV_TESTS_FIXTURE_H
#define SEV_TESTS_FIXTURE_H

#include <stdbool.h>

#include "model/history.h"
#include "model/store.h"
#include "panels/panel.h"

/* kind, name in golden files */
#define FIXTURES(X)                                                            \
	X(CALM, "calm")	      /* all is well */                                \
	X(BURNING, "burning") /* a bad release, a stuck queue */               \
	X(STALE, "stale")     /* half of the sources are late or down */       \
	X(FIRST, "first")     /* most first answers are still on their way */  \
	X(HOSTILE, "hostile") /* names with control bytes, wide and endless */ \
	X(MANY, "many")	      /* 200 queues, 5,000 metrics, 60 alerts */       \
	X(MISSING, "missing") /* NaN wherever a number can be */               \
	X(EMPTY, "empty")     /* nothing is configured */

enum fixture_kind {
#define X(kind, name) FIXTURE_##kind,
	FIXTURES(X)
#undef X
	FIXTURE_COUNT,
	FIXTURE_CLOUD = FIXTURE_COUNT, /* Cloud Run; of some panels only */
};

/* 2026-11-22T14:02:31Z */
#define FIXTURE_WALL_MS INT64_C(1795356151000)

struct fixture {
	struct frame frame;
	struct history *history;
	struct panel_ctx ctx;
};

/* False: out of memory. */
bool fixture_make(struct fixture *fixture, enum fixture_kind kind);
void fixture_release(struct fixture *fixture);

const char *fixture_name(enum fixture_kind kind);

#endif
