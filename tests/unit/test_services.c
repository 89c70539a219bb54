#include "model/services.h"

#include <stdio.h>

#include "base/clock.h"
#include "model/build.h"
#include "tests/tap.h"

static const struct column columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("restarts"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("instances"), COLUMN_NUMBER, NUM_COUNT },
};

struct world {
	struct services *services;
	char told[512]; /* "kind subject text at;" of one answer */
};

/* A row; NaN and NULL: not told. */
struct row {
	const char *name;
	const char *version;
	double since_s, restarts, instances;
};

static void
hear(void *ctx, int64_t wall_ms, enum event_kind kind, struct text subject,
    struct text text)
{
	struct world *world = ctx;
	size_t len = strlen(world->told);

	snprintf(world->told + len, sizeof(world->told) - len,
	    "%s %.*s: %.*s at %lld;",
	    kind == EVENT_DEPLOY    ? "deploy"
	    : kind == EVENT_RESTART ? "restart"
				    : "scale",
	    (int)subject.len, subject.s, (int)text.len, text.s,
	    (long long)(wall_ms / 1000));
}

/* An answer with rows, read at a second; told: it has such an event. */
static const char *
answer(struct world *world, int64_t second, const struct row *rows,
    size_t count, int told)
{
	struct section *section = section_new();
	struct build *build = build_new();

	build_table(build, TEXT("services"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < count; i++) {
		build_row(build, text_lit(rows[i].name), STATE_OK);
		build_cell_text(build, 0, text_lit(rows[i].name));
		if (rows[i].version != NULL)
			build_cell_text(build, 1, text_lit(rows[i].version));
		build_cell_num(build, 2, rows[i].since_s * 1000);
		build_cell_num(build, 3, rows[i].restarts);
		build_cell_num(build, 4, rows[i].instances);
	}
	if (told >= 0)
		build_event(build, second * 1000, (enum event_kind)told,
		    text_lit(rows[0].name), TEXT("told"));
	section->why = TEXT_EMPTY;
	section->good_at = second * NS_PER_SEC;
	section->good_wall_ms = second * 1000;
	section->payload = build_finish(build, NULL);
	build_free(build);
	world->told[0] = '\0';
	services_feed(world->services, 3, section, hear, world);
	section_unref(section);
	return world->told;
}

static const char *
one(struct world *world, int64_t second, const char *version, double since_s,
    double restarts, double instances)
{
	const struct row row = { "api", version, since_s, restarts, instances };

	return answer(world, second, &row, 1, -1);
}

static void
test_changes(void)
{
	struct world world = { .services = services_new() };

	is_str(one(&world, 100, "1.0", 40, 2, 3), "", "the first sight");
	is_str(one(&world, 110, "1.0", 40, 2, 3), "", "the same again");
	is_str(one(&world, 120, "1.1", 115, 2, 3),
	    "deploy api: 1.0 to 1.1 at 120;restart api: was up 1m10s at 115;",
	    "a deploy starts it anew");
	is_str(one(&world, 130, "1.1", 127, 4, 2),
	    "restart api: 2 more restarts, 4 in all at 127;"
	    "scale api: 3 to 2 instances at 130;",
	    "restarts are counted");
	is_str(
	    one(&world, 140, "1.1", 129, 4, 2), "", "two seconds are rounding");
	is_str(one(&world, 150, NULL, NAN, NAN, NAN), "",
	    "what is not told is no change");
	is_str(one(&world, 160, "1.1", 155, 5, 2),
	    "restart api: 1 more restart, 5 in all at 155;",
	    "it is compared with what was told last");
	is_str(one(&world, 170, "1.1", 155, 0, 2), "",
	    "a counter that begins anew is none");
	services_free(world.services);
}

static void
test_instances(void)
{
	struct world world = { .services = services_new() };

	one(&world, 100, NULL, 40, NAN, NAN);
	is_str(one(&world, 110, NULL, 70, NAN, NAN), "",
	    "another instance answered: it is older than the last answer");
	is_str(one(&world, 120, NULL, 40, NAN, NAN), "", "and the first again");
	is_str(one(&world, 130, NULL, 126, NAN, NAN),
	    "restart api: was up 1m20s at 126;", "a start since then");
	services_free(world.services);
}

/* What the source says as an event itself is not said twice. */
static void
test_told(void)
{
	struct row row = { "api", "1.0", 40, NAN, NAN };
	struct world world = { .services = services_new() };

	answer(&world, 100, &row, 1, -1);
	row.version = "1.1";
	row.since_s = 108;
	is_str(answer(&world, 110, &row, 1, EVENT_DEPLOY),
	    "restart api: was up 1m00s at 108;", "only what was not told");
	row.since_s = 118;
	is_str(answer(&world, 120, &row, 1, EVENT_RESTART), "", "nothing");
	services_free(world.services);
}

/*
 * More rows than are remembered: those that are keep being followed, the
 * others are missed, and none are invented. What is gone makes room.
 */
static void
test_many(void)
{
	static struct row rows[1500];
	static char names[1500][16];
	struct world world = { .services = services_new() };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(names[i], sizeof(names[i]), "pod-%04zu", i);
		rows[i] = (struct row) { names[i], "1.0", 40, 0, 1 };
	}
	for (int s = 100; s < 105; s++)
		is_str(answer(&world, s, rows, ARRAY_LEN(rows), -1), "",
		    "nothing changed");
	rows[3].version = rows[1400].version = "1.1";
	is_str(answer(&world, 110, rows, ARRAY_LEN(rows), -1),
	    "deploy pod-0003: 1.0 to 1.1 at 110;", "the first are followed");
	is_str(answer(&world, 2000, rows + 1400, 10, -1), "",
	    "one that finds room is seen for the first time");
	rows[1400].version = "1.2";
	is_str(answer(&world, 2010, rows + 1400, 10, -1),
	    "deploy pod-1400: 1.1 to 1.2 at 2010;", "and then followed");
	services_free(world.services);
}

int
main(void)
{
	RUN(test_changes);
	RUN(test_instances);
	RUN(test_told);
	RUN(test_many);
	return tap_done();
}
