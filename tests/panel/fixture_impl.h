/*
 * Inside of the fixture: what its parts share while one frame is made.
 * Private to tests/panel/fixture*.c.
 */
#ifndef SEV_TESTS_FIXTURE_IMPL_H
#define SEV_TESTS_FIXTURE_IMPL_H

#include "model/build.h"
#include "tests/panel/fixture.h"

struct maker {
	enum fixture_kind kind;
	struct history *history;
	struct build *build;
	size_t slot; /* of the section in the making */
	int64_t now;
};

/* True when this frame has something go wrong. */
bool burns(const struct maker *m);

/* A number, unless the day is such that there is none. */
double num(const struct maker *m, double value);

/* A name from outside, in clean words. */
struct text name(const struct maker *m, const char *ours);

/* Calm until 51 s ago, then at worst; a ripple shows where the dots are. */
void past(struct maker *m, uint64_t key, double calm, double worst);

/* A gauge without labels, with its past; now it is calm or worst. */
void gauge(struct maker *m, const char *metric, enum num_unit unit, double calm,
    double worst);

/* A counter of which the past are rates. */
void counter(struct maker *m, const char *metric, enum num_unit unit,
    double value, double calm, double worst);

/* One payload each, as their sources publish them. */
void make_postgres(struct maker *m);
void make_redis(struct maker *m);

void make_compose(struct maker *m);

/* A section, and what makes its payload. */
struct fixture_source {
	const char *name;
	const char *type;
	int every_s;
	void (*make)(struct maker *m);
};

/* Cloud Run, and what Cloud Monitoring says of it. */
enum {
	FIXTURE_CLOUD_SOURCES = 3
};
extern const struct fixture_source fixture_cloud[FIXTURE_CLOUD_SOURCES];

/* The table "flags", beside what it publishes. */
void make_flags(struct maker *m);

/* The section of the engine of the actions; NULL: no memory. */
struct section *make_actions(struct maker *m);

/* The row of one service, as an http source with version and uptime has it. */
void make_instance(struct maker *m, const char *service);

/* The table of the watch thread: who needs whom. */
void make_dependencies(struct maker *m);

/* What can be done about the rows of the fixtures. */
extern const struct panel_hints fixture_hints;

#endif
