#include "model/deps.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/watch.h"
#include "tests/tap.h"

#define AT(s) ((int64_t)(s)*NS_PER_SEC)

enum {
	SOURCES = 6,
	SIGNALS = 2,
	EVERY_S = 10
};

/* a to e are sources of one row each, many has several; s1 and s2 signals. */
static const char *const names[SOURCES] = { "a", "b", "c", "d", "e", "many" };
static const char head[] =
    "platform: p\n"
    "sources: {a: {type: t}, b: {type: t}, c: {type: t}, d: {type: t}, "
    "e: {type: t}, many: {type: t}, off: {type: t, enabled: false}}\n"
    "signals: {s1: {value: m, crit: '> 5%'}, s2: {rate: m, window: 60s}}\n";

struct world {
	struct platform *platform;
	struct watch_slot slots[SOURCES];
	struct section *sections[SOURCES + 1];
	struct frame frame;
	struct signal signals[SIGNALS];
	struct deps *deps;
	struct payload *seen;
	const struct table *table;
	int64_t second;
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	*ret = (struct platform_type) { .name = "t", .help = "a type" };
	return index == 0;
}

static void
world_open(struct world *world, const char *text)
{
	static const struct platform_types types = { .at = types_at };
	static struct conf_errors errors;
	const struct platform *platforms[1];
	struct err err = ERR_INIT;
	char whole[4096];

	memset(world, 0, sizeof(*world));
	conf_errors_clear(&errors);
	snprintf(whole, sizeof(whole), "%s%s", head, text);
	is_int(platform_parse("p.yaml", whole, strlen(whole), NULL, &types,
		   NULL, &errors, &world->platform),
	    ERR_OK, "platform");
	for (size_t i = 0; i < SOURCES; i++)
		world->slots[i] =
		    (struct watch_slot) { world->platform, names[i] };
	world->frame = (struct frame) {
		.sections = world->sections,
		.slot_count = SOURCES + 1,
		.seq = 1,
	};
	for (size_t i = 0; i < SIGNALS; i++)
		world->signals[i] = (struct signal) {
			.why = TEXT("first answer pending"),
			.state = STATE_UNKNOWN,
			.value = NAN,
			.unit = NUM_PERCENT,
			.crit = { true, COMPARE_GT, 0.05 },
		};
	platforms[0] = world->platform;
	is_int(
	    deps_new(world->slots, SOURCES, platforms, 1, &world->deps, &err),
	    ERR_OK, "dependencies");
}

static void
world_close(struct world *world)
{
	for (size_t i = 0; i < SOURCES; i++)
		section_unref(world->sections[i]);
	payload_unref(world->seen);
	deps_free(world->deps);
	platform_free(world->platform);
}

static size_t
slot_of(const char *name)
{
	size_t i = 0;

	while (strcmp(names[i], name) != 0)
		i++;
	return i;
}

static struct section *
section_at(struct world *world, const char *name, int64_t second)
{
	size_t slot = slot_of(name);
	struct section *section = section_new();

	snprintf(section->name, sizeof(section->name), "%s", name);
	section->every_ns = AT(EVERY_S);
	section->started_at = AT(1);
	section->why = TEXT_EMPTY;
	section->good_at = section->tried_at = AT(second);
	section_unref(world->sections[slot]);
	world->sections[slot] = section;
	return section;
}

/* An answer with one row called as the source. */
static void
answer(struct world *world, const char *name, enum state state, int64_t second)
{
	struct section *section = section_at(world, name, second);
	struct build *build = build_new();

	build_health(
	    build, text_lit(name), state, TEXT("words"), 3 * NS_PER_MS);
	section->payload = build_finish(build, NULL);
	build_free(build);
}

/* The source "many" with two rows. */
static void
answer_many(struct world *world, enum state x, enum state y, int64_t second)
{
	struct section *section = section_at(world, "many", second);
	struct build *build = build_new();

	build_note(build, TEXT("many 1.2"));
	build_health(build, TEXT("x"), x, TEXT("of x"), -1);
	build_health(build, TEXT("y/z"), y, TEXT_EMPTY, 7 * NS_PER_MS);
	section->payload = build_finish(build, NULL);
	build_free(build);
}

/* A failed poll that ended at second; what was answered before stays. */
static void
fail(struct world *world, const char *name, enum err_code code, int64_t second)
{
	struct section *old = world->sections[slot_of(name)], *section;

	section_ref(old);
	section = section_at(world, name, second);
	section->payload =
	    old->payload != NULL ? payload_ref(old->payload) : NULL;
	section->good_at = old->good_at;
	section->failing_since =
	    old->failing_since != 0 ? old->failing_since : AT(second);
	section->code = code;
	section->failures = 1;
	section->why = TEXT("refused");
	section_unref(old);
}

static void
all_well(struct world *world, int64_t second)
{
	for (size_t i = 0; i < SOURCES - 1; i++)
		answer(world, names[i], STATE_OK, second);
	answer_many(world, STATE_OK, STATE_OK, second);
}

static void
step(struct world *world, int64_t second)
{
	struct build *build = build_new();

	payload_unref(world->seen);
	world->second = second;
	deps_step(world->deps, &world->frame, world->signals, build, AT(second),
	    second * 1000);
	world->seen = build_finish(build, NULL);
	build_free(build);
	world->table = payload_table(world->seen, "dependencies");
}

static const struct table_row *
row(const struct world *world, const char *node)
{
	for (size_t i = 0; world->table != NULL && i < world->table->row_count;
	     i++) {
		if (strcmp(world->table->rows[i].key.s, node) == 0)
			return &world->table->rows[i];
	}
	return NULL;
}

static const char *
word(const struct world *world, const char *node, enum deps_column column)
{
	const struct table_row *at = row(world, node);

	return at != NULL ? at->cells[column].text.s : "(no row)";
}

static double
num(const struct world *world, const char *node, enum deps_column column)
{
	const struct table_row *at = row(world, node);

	return at != NULL ? at->cells[column].num : -1;
}

#define verdict_is(world, node, want)                                          \
	is_str(word((world), (node), DEPS_verdict), (want), node)
#define state_is(world, node, want)                                            \
	is_int((int64_t)num((world), (node), DEPS_state), (want), node)

static void
test_none(void)
{
	struct world world;

	world_open(&world, "");
	step(&world, 10);
	ok(world.table == NULL, "no dependencies, no table");
	world_close(&world);
}

static void
test_states(void)
{
	struct world world;

	world_open(&world,
	    "dependencies: {a: [b, many/x, many/y/z, s1], b: [off, x, words], "
	    "many: [e, signal:s2]}\n");
	step(&world, 5);
	is_int((int64_t)world.table->row_count, 11, "rows");
	state_is(&world, "a", STATE_UNKNOWN);
	is_str(word(&world, "a", DEPS_detail), "first answer pending", "why");
	is_str(word(&world, "off", DEPS_detail), "not polled: enabled is false",
	    "off");
	is_str(word(&world, "s1", DEPS_detail), "first answer pending", "s1");
	is_str(word(&world, "x", DEPS_detail),
	    "nothing reports it; name a service, a source, a signal or "
	    "SOURCE/TARGET",
	    "a row that nobody has");

	all_well(&world, 10);
	world.signals[0].value = 0.01;
	world.signals[0].state = STATE_OK;
	world.signals[1].idle = true;
	world.signals[1].read_at = AT(10);
	step(&world, 11);
	state_is(&world, "a", STATE_OK);
	is_str(word(&world, "a", DEPS_detail), "words", "detail of the row");
	is_str(word(&world, "a", DEPS_state), "ok", "a word");
	is_near(num(&world, "a", DEPS_latency_s), 0.003, 1e-9, "latency");
	is_str(
	    word(&world, "a", DEPS_needs), "b, many/x, many/y/z, s1", "needs");
	is_str(word(&world, "a", DEPS_kind), "source", "kind");
	is_str(word(&world, "a", DEPS_source), "a", "where it is seen");
	ok(isnan(num(&world, "a", DEPS_since)), "well for as long as known");
	is_str(word(&world, "many", DEPS_detail), "many 1.2", "a note");
	state_is(&world, "many/y/z", STATE_OK);
	is_near(num(&world, "many/y/z", DEPS_latency_s), 0.007, 1e-9,
	    "latency of a row");
	is_str(word(&world, "many/y/z", DEPS_source), "many", "its source");
	is_str(word(&world, "many/y/z", DEPS_shown), "y/z", "its row");
	state_is(&world, "x", STATE_OK);
	is_str(word(&world, "x", DEPS_source), "many", "found");
	is_str(word(&world, "s1", DEPS_detail), "1 %", "value of a signal");
	is_str(word(&world, "s1", DEPS_shown), "s1", "its name");
	is_str(word(&world, "signal:s2", DEPS_detail), "idle", "idle is well");
	state_is(&world, "signal:s2", STATE_OK);
	is_int((int64_t)num(&world, "s1", DEPS_reach), 1, "reach of a leaf");
	is_int((int64_t)num(&world, "x", DEPS_reach), 2, "through another");
	is_int((int64_t)num(&world, "a", DEPS_reach), 0, "of the top");

	answer_many(&world, STATE_CRIT, STATE_WARN, 20);
	world.signals[0].value = 0.073;
	world.signals[0].state = STATE_CRIT;
	world.signals[0].read_at = AT(20);
	step(&world, 20);
	state_is(&world, "many", STATE_CRIT);
	is_str(word(&world, "many", DEPS_detail), "x of x",
	    "the worst row and its words");
	state_is(&world, "many/y/z", STATE_WARN);
	is_str(word(&world, "s1", DEPS_detail), "7.3 % (> 5 %)",
	    "a value and what it is beyond");
	is_int((int64_t)num(&world, "many/x", DEPS_since), 20000, "since");
	is_near(num(&world, "many/x", DEPS_about_s), 10, 1e-9,
	    "or the time since it was seen well");
	answer_many(&world, STATE_OK, STATE_WARN, 30);
	step(&world, 30);
	state_is(&world, "many", STATE_WARN);
	is_int((int64_t)num(&world, "many", DEPS_since), 20000,
	    "better is not well");
	all_well(&world, 40);
	step(&world, 40);
	is_int((int64_t)num(&world, "many", DEPS_since), 40000,
	    "well again since");
	world_close(&world);
}

static void
test_doubt(void)
{
	struct world world;

	world_open(&world, "dependencies: {a: [b, many/x, x, c]}\n");
	all_well(&world, 10);
	step(&world, 29);
	state_is(&world, "a", STATE_OK);
	step(&world, 32);
	state_is(&world, "a", STATE_UNKNOWN);
	is_str(word(&world, "a", DEPS_detail), "source a gives no fresh answer",
	    "an old answer is none");
	is_str(word(&world, "x", DEPS_detail),
	    "source many gives no fresh answer", "not of a row either");
	is_int((int64_t)num(&world, "a", DEPS_since), 32000, "since");
	ok(isnan(num(&world, "a", DEPS_about_s)), "no beginning");

	all_well(&world, 40);
	fail(&world, "b", ERR_REFUSED, 50);
	fail(&world, "c", ERR_AUTH, 50);
	fail(&world, "many", ERR_REFUSED, 50);
	step(&world, 51);
	state_is(&world, "b", STATE_CRIT);
	is_str(word(&world, "b", DEPS_detail), "refused", "why");
	is_int((int64_t)num(&world, "b", DEPS_since), 50000, "since");
	state_is(&world, "c", STATE_UNKNOWN);
	is_str(word(&world, "c", DEPS_detail), "source c: AUTH",
	    "a password tells nothing of the server");
	state_is(&world, "many/x", STATE_UNKNOWN);
	is_str(word(&world, "many/x", DEPS_detail), "source many: DOWN",
	    "nor a silent source of its rows");

	all_well(&world, 60);
	answer(&world, "many", STATE_OK, 60);
	step(&world, 60);
	state_is(&world, "many/x", STATE_UNKNOWN);
	is_str(word(&world, "many/x", DEPS_detail),
	    "source many does not report it", "a row that is gone");
	answer_many(&world, STATE_OK, STATE_OK, 70);
	section_at(&world, "d", 70)->payload =
	    payload_ref(world.sections[slot_of("many")]->payload);
	step(&world, 70);
	state_is(&world, "x", STATE_UNKNOWN);
	is_str(word(&world, "x", DEPS_detail),
	    "both d and many report it; write d/x", "two have it");
	world_close(&world);
}

/* What this machine does not have is not missed, but not well either. */
static void
test_absent(void)
{
	struct section *absent;
	struct world world;

	world_open(&world,
	    "services: {w: {health: [off, b]}, v: {health: [off, s2]}}\n"
	    "dependencies: {a: [off, w, v, b, s2]}\n");
	all_well(&world, 10);
	world.signals[1].idle = true;
	world.signals[1].why = TEXT("no series matches m");
	step(&world, 10);
	state_is(&world, "off", STATE_UNKNOWN);
	is_int((int64_t)num(&world, "off", DEPS_watched), 0, "not polled");
	state_is(&world, "s2", STATE_UNKNOWN);
	is_int((int64_t)num(&world, "s2", DEPS_watched), 0,
	    "an optional signal that nothing ever matched");
	state_is(&world, "w", STATE_OK);
	is_str(word(&world, "w", DEPS_detail), "1 check ok",
	    "the parts that are there");
	is_int((int64_t)num(&world, "v", DEPS_watched), 0, "none is there");
	is_int((int64_t)num(&world, "a", DEPS_watched), 1, "this is");
	answer(&world, "a", STATE_CRIT, 20);
	step(&world, 20);
	verdict_is(&world, "a", "its own needs are fine");
	absent = section_at(&world, "b", 20);
	absent->optional = true;
	absent->good_at = 0;
	absent->failures = 3;
	step(&world, 20);
	is_int((int64_t)num(&world, "b", DEPS_watched), 0,
	    "an optional source that never answered");
	is_str(word(&world, "b", DEPS_detail), "source b is not there", "why");
	verdict_is(&world, "a", "needs nothing else");
	world_close(&world);
}

/* Trouble, a gap in what is known, and the same trouble. */
static void
test_gap(void)
{
	struct world world;

	world_open(&world, "dependencies: {a: [b]}\n");
	all_well(&world, 10);
	step(&world, 10);
	answer(&world, "b", STATE_WARN, 20);
	step(&world, 20);
	step(&world, 45);
	state_is(&world, "b", STATE_UNKNOWN);
	answer(&world, "b", STATE_CRIT, 50);
	step(&world, 50);
	is_int((int64_t)num(&world, "b", DEPS_since), 20000,
	    "began before the gap");
	answer(&world, "b", STATE_OK, 60);
	step(&world, 60);
	step(&world, 85);
	answer(&world, "b", STATE_CRIT, 90);
	step(&world, 90);
	is_int((int64_t)num(&world, "b", DEPS_since), 90000, "seen then");
	is_near(num(&world, "b", DEPS_about_s), 30, 1e-9,
	    "but it may have begun any time in the gap");
	world_close(&world);
}

static void
test_first(void)
{
	struct world world;

	/* a > b > c, and d beside them */
	world_open(&world, "dependencies: {a: [b, d], b: [c], d: [e]}\n");
	all_well(&world, 10);
	step(&world, 10);
	answer(&world, "c", STATE_CRIT, 20);
	step(&world, 20);
	verdict_is(&world, "c", "needs nothing else");
	verdict_is(&world, "b", "still well, needs c");
	verdict_is(&world, "a", "still well, needs c");
	verdict_is(&world, "d", "");
	is_str(word(&world, "a", DEPS_because), "c", "at risk because of");
	answer(&world, "a", STATE_OK, 20);
	answer(&world, "b", STATE_CRIT, 35);
	step(&world, 35);
	verdict_is(&world, "c", "went bad first");
	verdict_is(&world, "b", "because of c");
	answer(&world, "a", STATE_WARN, 45);
	step(&world, 45);
	verdict_is(&world, "a", "because of c");
	is_int((int64_t)num(&world, "c", DEPS_order), 1, "first");
	ok(isnan(num(&world, "b", DEPS_order)), "b is no root");
	is_str(word(&world, "c", DEPS_because), "c", "a root is its own");

	/* A second root, later, below a too. */
	all_well(&world, 46);
	step(&world, 46);
	answer(&world, "c", STATE_CRIT, 47);
	answer(&world, "b", STATE_CRIT, 47);
	answer(&world, "e", STATE_OK, 50);
	step(&world, 50);
	answer(&world, "e", STATE_CRIT, 60);
	answer(&world, "d", STATE_CRIT, 60);
	answer(&world, "a", STATE_CRIT, 75);
	step(&world, 75);
	verdict_is(&world, "a", "because of c and e");
	is_int((int64_t)num(&world, "e", DEPS_order), 2, "second");
	verdict_is(&world, "e", "needs nothing else");
	world_close(&world);
}

static void
test_same_time(void)
{
	struct world world;

	world_open(&world, "dependencies: {a: [b, c], d: [e]}\n");
	all_well(&world, 10);
	step(&world, 10);
	answer(&world, "b", STATE_CRIT, 21);
	answer(&world, "c", STATE_CRIT, 24);
	step(&world, 24);
	verdict_is(&world, "b", "among the first to go bad");
	verdict_is(&world, "c", "among the first to go bad");
	is_int((int64_t)num(&world, "c", DEPS_order), 1,
	    "within one interval none is before the other");
	/* The one that needs both was seen a moment before them. */
	all_well(&world, 40);
	step(&world, 40);
	answer(&world, "a", STATE_CRIT, 50);
	answer(&world, "b", STATE_CRIT, 53);
	step(&world, 53);
	verdict_is(&world, "a", "because of b");
	verdict_is(&world, "b", "went bad first");
	world_close(&world);
}

static void
test_own_needs_are_fine(void)
{
	struct world world;

	world_open(&world, "dependencies: {a: [b, c], d: [a]}\n");
	all_well(&world, 10);
	step(&world, 10);
	answer(&world, "a", STATE_CRIT, 20);
	step(&world, 20);
	verdict_is(&world, "a", "its own needs are fine");
	verdict_is(&world, "d", "still well, needs a");
	verdict_is(&world, "b", "");
	/* What turns bad later was not the reason. */
	answer(&world, "b", STATE_OK, 25);
	step(&world, 25);
	answer(&world, "b", STATE_WARN, 35);
	step(&world, 35);
	verdict_is(&world, "a", "went bad first");
	verdict_is(&world, "b", "needs nothing else");
	is_int((int64_t)num(&world, "a", DEPS_order), 1, "first");
	is_int((int64_t)num(&world, "b", DEPS_order), 2, "second");
	/* An unknown need is not a fine one. */
	all_well(&world, 40);
	step(&world, 40);
	answer(&world, "a", STATE_CRIT, 50);
	fail(&world, "c", ERR_AUTH, 50);
	step(&world, 50);
	verdict_is(&world, "a", "of its needs c is not known");
	verdict_is(&world, "c", "");
	world_close(&world);
}

/* When sevtop starts in the middle of it nobody knows what was first. */
static void
test_from_the_start(void)
{
	struct world world;

	world_open(&world, "dependencies: {a: [b, c], d: [e]}\n");
	all_well(&world, 10);
	answer(&world, "a", STATE_CRIT, 10);
	answer(&world, "c", STATE_CRIT, 12);
	answer(&world, "e", STATE_CRIT, 12);
	step(&world, 12);
	verdict_is(&world, "a", "because of c");
	verdict_is(&world, "c", "needs nothing else");
	ok(isnan(num(&world, "c", DEPS_about_s)), "no beginning is known");
	is_int((int64_t)num(&world, "c", DEPS_order), 1, "none is before");
	is_int((int64_t)num(&world, "e", DEPS_order), 1, "any other");
	/* But what is seen to turn bad is later. */
	answer(&world, "b", STATE_CRIT, 20);
	step(&world, 20);
	answer(&world, "b", STATE_OK, 30);
	step(&world, 30);
	answer(&world, "b", STATE_CRIT, 40);
	step(&world, 40);
	is_int((int64_t)num(&world, "b", DEPS_order), 3, "that one");
	verdict_is(&world, "a", "because of c");
	world_close(&world);
}

static void
test_shapes(void)
{
	struct world world;

	/* A diamond, and trouble seen through what is not known. */
	world_open(
	    &world, "dependencies: {a: [b, c], b: [d], c: [d], d: [e]}\n");
	all_well(&world, 10);
	step(&world, 10);
	answer(&world, "e", STATE_WARN, 20);
	answer(&world, "b", STATE_CRIT, 21);
	answer(&world, "c", STATE_CRIT, 21);
	answer(&world, "a", STATE_CRIT, 21);
	fail(&world, "d", ERR_AUTH, 21);
	step(&world, 21);
	verdict_is(&world, "b", "perhaps because of e");
	verdict_is(&world, "a", "perhaps because of e");
	verdict_is(&world, "e", "went bad first");
	verdict_is(&world, "d", "");
	is_str(word(&world, "a", DEPS_because), "e", "once for both ways");
	is_int((int64_t)num(&world, "e", DEPS_reach), 4, "reach of a shared");
	is_int((int64_t)num(&world, "d", DEPS_reach), 3, "counted once each");
	/* Below a need that is well, bad is no reason. */
	all_well(&world, 30);
	step(&world, 30);
	answer(&world, "e", STATE_CRIT, 40);
	answer(&world, "a", STATE_CRIT, 40);
	step(&world, 40);
	verdict_is(&world, "d", "still well, needs e");
	verdict_is(&world, "a", "among the first to go bad");
	is_str(word(&world, "a", DEPS_because), "a", "its own root");
	world_close(&world);

	world_open(&world, "dependencies: {many: [a, b, c, d, e]}\n");
	all_well(&world, 10);
	step(&world, 10);
	for (size_t i = 0; i < SOURCES - 1; i++)
		answer(&world, names[i], STATE_CRIT, 20);
	answer_many(&world, STATE_CRIT, STATE_OK, 20);
	step(&world, 20);
	verdict_is(&world, "many", "because of a, b and 3 more");
	is_str(
	    word(&world, "many", DEPS_because), "a, b, c, d, e", "all of them");
	world_close(&world);
}

static void
test_services(void)
{
	struct world world;

	world_open(&world,
	    "services: {jobs: {title: Workers, health: [a, many/x, s2]}}\n"
	    "dependencies: {jobs: [b]}\n");
	all_well(&world, 10);
	world.signals[1].state = STATE_OK;
	world.signals[1].value = 0.2;
	world.signals[1].unit = NUM_PER_SECOND;
	world.signals[1].read_at = AT(10);
	step(&world, 10);
	state_is(&world, "jobs", STATE_OK);
	is_str(word(&world, "jobs", DEPS_detail), "3 checks ok", "detail");
	is_str(word(&world, "jobs", DEPS_title), "Workers", "title");
	is_str(word(&world, "jobs", DEPS_kind), "service", "kind");
	answer_many(&world, STATE_WARN, STATE_OK, 20);
	world.signals[1].state = STATE_CRIT;
	world.signals[1].value = 3;
	world.signals[1].read_at = AT(25);
	step(&world, 25);
	state_is(&world, "jobs", STATE_CRIT);
	is_str(word(&world, "jobs", DEPS_detail), "x of x · s2 3/s (> 0.050/s)",
	    "what is not well");
	is_str(word(&world, "jobs", DEPS_shown), "s2", "the worst of it");
	is_int((int64_t)num(&world, "jobs", DEPS_since), 20000,
	    "since its first part went bad");
	is_near(num(&world, "jobs", DEPS_about_s), 10, 1e-9, "about");
	/* A windowed value tells late. */
	all_well(&world, 30);
	world.signals[1].state = STATE_OK;
	world.signals[1].read_at = AT(30);
	step(&world, 30);
	world.signals[1].state = STATE_WARN;
	world.signals[1].read_at = AT(35);
	step(&world, 35);
	is_near(num(&world, "jobs", DEPS_about_s), 60, 1e-9,
	    "as far back as the window");
	fail(&world, "a", ERR_AUTH, 36);
	world.signals[1].state = STATE_OK;
	step(&world, 36);
	state_is(&world, "jobs", STATE_UNKNOWN);
	is_str(word(&world, "jobs", DEPS_detail), "a source a: AUTH",
	    "one part unknown: not well");
	world_close(&world);
}

/* A full graph: every node needs all behind it, 16 levels and fans. */
static void
test_large(void)
{
	struct world world;
	struct buf text = BUF_INIT(4095);

	buf_str(&text, "services:\n");
	for (int i = 0; i < 20; i++)
		buf_fmt(&text, "  n%02d: {health: %s}\n", i, names[i % 5]);
	buf_str(&text, "dependencies:\n");
	for (int i = 0; i < 15; i++) {
		buf_fmt(&text, "  n%02d: [n%02d", i, i + 1);
		for (int j = i + 2; j < 16; j++)
			buf_fmt(&text, ", n%02d", j);
		buf_str(&text, "]\n");
	}
	world_open(&world, buf_cstr(&text));
	buf_release(&text);
	all_well(&world, 10);
	step(&world, 10);
	answer(&world, "a", STATE_CRIT, 20);
	step(&world, 20);
	/* n00, n05, n10, n15 look at a; the last of them is the root. */
	is_str(word(&world, "n00", DEPS_because), "n15", "the deepest");
	verdict_is(&world, "n15", "went bad first");
	verdict_is(&world, "n14", "still well, needs n15");
	is_int((int64_t)num(&world, "n15", DEPS_reach), 15, "reach");
	is_int((int64_t)num(&world, "n16", DEPS_reach), 0, "of one apart");
	world_close(&world);
}

int
main(void)
{
	RUN(test_none);
	RUN(test_states);
	RUN(test_doubt);
	RUN(test_absent);
	RUN(test_gap);
	RUN(test_first);
	RUN(test_same_time);
	RUN(test_own_needs_are_fine);
	RUN(test_from_the_start);
	RUN(test_shapes);
	RUN(test_services);
	RUN(test_large);
	return tap_done();
}
