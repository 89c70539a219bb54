/* What docker compose says of its services, and an API of itself. */
#include <math.h>

#include "base/alloc.h"
#include "tests/panel/fixture_impl.h"

enum {
	MANY_SERVICES = 60
};

static const struct column instance_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
};

static const struct column columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("restarts"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("instances"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("cpu"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("memory"), COLUMN_NUMBER, NUM_BYTES },
	{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

static const struct fixture_service {
	const char *name;
	enum state state;
	const char *word;
	const char *version;
	int up_s;
	double restarts, instances, cpu, memory;
	const char *detail;
} calm[] = {
	{ "api", STATE_OK, "running", "", 108000, 0, 2, 0.12, 412e6,
	    "healthy" },
	{ "jobs", STATE_OK, "running", "1.4.1", 108000, 1, 4, 0.31, 655e6,
	    "healthy" },
	{ "postgres", STATE_OK, "running", "15.4-alpine", 2592000, 0, 1, 0.04,
	    1.2e9, "healthy" },
	{ "redis", STATE_OK, "running", "7.0-alpine", 2592000, 0, 1, 0.02,
	    48e6, "" },
	{ "migrate", STATE_OK, "exited", "1.4.1", 0, 0, NAN, NAN, NAN,
	    "exited (0)" },
}, burning[] = {
	{ "api", STATE_OK, "running", "", 10, 1, 2, 0.87, 980e6,
	    "health: starting" },
	{ "jobs", STATE_CRIT, "restarting", "1.5.0", 3, 17, 2, 0, 12e6,
	    "restarting (1) 3 seconds ago: out of memory" },
	{ "postgres", STATE_WARN, "unhealthy", "15.4-alpine", 2592000, 0, 1,
	    0.93, 1.2e9, "unhealthy" },
	{ "redis", STATE_OK, "running", "7.0-alpine", 2592000, 0, 1, 0.02,
	    3.9e9, "" },
	{ "migrate", STATE_CRIT, "exited", "1.5.0", 0, 0, NAN, NAN, NAN,
	    "exited (1)" },
};

void
make_instance(struct maker *m, const char *service)
{
	build_table(m->build, TEXT("services"), instance_columns,
	    ARRAY_LEN(instance_columns));
	build_row(m->build, name(m, service), STATE_OK);
	build_cell_text(m->build, 0, name(m, service));
	build_cell_text(m->build, 1, name(m, burns(m) ? "1.5.0" : "1.4.1"));
	build_cell_num(m->build, 2,
	    num(m, (double)FIXTURE_WALL_MS - (burns(m) ? 10e3 : 108e6)));
}

static void
add_service(
    struct maker *m, const struct fixture_service *from, struct text key)
{
	build_row(m->build, key, from->state);
	build_cell_text(m->build, 0, key);
	build_cell_state(m->build, 1, from->state, text_lit(from->word));
	build_cell_text(m->build, 2, text_lit(from->version));
	if (from->up_s > 0)
		build_cell_num(m->build, 3,
		    num(m, (double)FIXTURE_WALL_MS - from->up_s * 1000.0));
	build_cell_num(m->build, 4, num(m, from->restarts));
	build_cell_num(m->build, 5, num(m, from->instances));
	build_cell_num(m->build, 6, num(m, from->cpu));
	build_cell_num(m->build, 7, num(m, from->memory));
	build_cell_text(m->build, 8,
	    from->detail[0] != '\0' ? name(m, from->detail) : TEXT_EMPTY);
}

void
make_compose(struct maker *m)
{
	const struct fixture_service *from = burns(m) ? burning : calm;
	int count = m->kind == FIXTURE_MANY ? MANY_SERVICES : 5;

	build_health(m->build, TEXT("compose"),
	    burns(m) ? STATE_CRIT : STATE_OK,
	    burns(m) ? TEXT("2 of 5 services are down") : TEXT("5 services"),
	    40 * INT64_C(1000000));
	build_table(m->build, TEXT("services"), columns, ARRAY_LEN(columns));
	for (int i = 0; i < count; i++)
		add_service(m, &from[i % 5],
		    i < 5 ? name(m, from[i].name)
			  : text_fmt(build_arena(m->build), "pod-%02d", i));
	make_flags(m);
}
