#include "model/watch.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "model/board.h"
#include "model/build.h"
#include "model/deps.h"
#include "model/signal_def.h"
#include "tests/tap.h"

#define AT(s) ((int64_t)(s)*NS_PER_SEC)

/* A platform with one source, without a file. */
static struct platform platform = { .name = "test", .title = "test" };
static const struct watch_slot slots[] = { { &platform, "api" } };
static const struct platform *const platforms[] = { &platform };

struct world {
	struct history *history;
	struct watch *watch;
	struct section *sections[2];
	struct frame frame;
	struct section *out;
	int64_t next;
};

static void
world_open(struct world *world, const struct signal_def *defs, size_t count)
{
	struct conf_errors errors = { 0 };
	struct err err = ERR_INIT;

	memset(world, 0, sizeof(*world));
	platform.signals = defs;
	platform.signal_count = count;
	world->history = history_new(1 << 20);
	world->frame = (struct frame) {
		.sections = world->sections,
		.slot_count = 2,
		.seq = 1,
	};
	is_int(watch_new(slots, 1, platforms, 1, world->history, &errors,
		   &world->watch, &err),
	    ERR_OK, "watch");
}

static void
world_close(struct world *world)
{
	section_unref(world->sections[0]);
	section_unref(world->out);
	watch_free(world->watch);
	history_free(world->history);
}

/* An answer at a second, with metrics filled by the caller. */
static void
world_answer(struct world *world, struct build *build, int64_t second)
{
	struct section *section = section_new();

	snprintf(section->name, sizeof(section->name), "api");
	snprintf(section->platform, sizeof(section->platform), "test");
	section->every_ns = AT(2);
	section->started_at = AT(1);
	section->why = TEXT_EMPTY;
	section->good_at = section->tried_at = AT(second);
	section->payload = build_finish(build, NULL);
	build_free(build);
	section_unref(world->sections[0]);
	world->sections[0] = section;
}

static const struct payload *
world_step(struct world *world, int64_t second)
{
	section_unref(world->out);
	world->out = watch_step(world->watch, &world->frame, AT(second),
	    second * 1000, &world->next);
	return world->out->payload;
}

static void
add_counter(
    struct build *build, const char *name, const char *status, double value)
{
	struct label *label = arena_alloc(build_arena(build), sizeof(*label));

	label->key = TEXT("status");
	label->value = text_lit(status);
	build_metric(
	    build, text_lit(name), NUM_COUNT, METRIC_COUNTER, value, label, 1);
}

static void
test_ratio(void)
{
	static const struct signal_def def = {
		.name = "errors",
		.title = "High error rate",
		.kind = SIGNAL_RATIO,
		.of = { .text = "http_requests_total{status=~\"5..\"}" },
		.to = { .text = "http_requests_total" },
		.unit = NUM_PERCENT,
		.window_ns = AT(10),
		.crit = { true, COMPARE_GT, 0.05 },
		.for_ns = AT(4),
	};
	struct world world;
	const struct payload *seen;
	struct build *build;
	double good = 100, bad = 0;

	world_open(&world, &def, 1);
	seen = world_step(&world, 1);
	ok(isnan(seen->signals[0].value), "no answer: missing, not zero");
	is_int(seen->signals[0].state, STATE_UNKNOWN, "and unknown");
	for (int s = 10; s <= 20; s += 2) {
		build = build_new();
		good += 100;
		add_counter(build, "http_requests_total", "200", good);
		world_answer(&world, build, s);
		seen = world_step(&world, s);
		if (s == 10)
			is_str(seen->signals[0].why.s,
			    "a second answer is needed", "one answer");
	}
	is_near(seen->signals[0].value, 0, 0, "no error series: no errors");
	is_int(seen->signals[0].state, STATE_OK, "well");
	for (int s = 22; s <= 40; s += 2) {
		build = build_new();
		good += 90;
		bad += 10;
		add_counter(build, "http_requests_total", "200", good);
		add_counter(build, "http_requests_total", "503", bad);
		world_answer(&world, build, s);
		seen = world_step(&world, s);
		if (s == 22)
			is_near(seen->signals[0].value, 10.0 / 500, 1e-9,
			    "the first error counts from zero");
	}
	is_near(seen->signals[0].value, 0.1, 1e-9, "10 % in the window");
	is_int((int64_t)seen->alert_count, 1, "an alert");
	is_int(seen->alerts[0].state, ALERT_FIRING, "fires");
	is_int(seen->alerts[0].severity, STATE_CRIT, "critical");
	is_str(seen->events[seen->event_count - 1].text.s, "alert fired",
	    "and is an event");
	build = build_new();
	add_counter(build, "http_requests_total", "200", 10);
	add_counter(build, "http_requests_total", "503", 0);
	world_answer(&world, build, 42);
	seen = world_step(&world, 42);
	ok(seen->signals[0].value > 0 && seen->signals[0].value < 0.11,
	    "a reset is no negative rate (%g)", seen->signals[0].value);
	seen = world_step(&world, 60);
	ok(isnan(seen->signals[0].value), "a late source: missing");
	is_str(seen->signals[0].why.s, "source api gives no fresh answer",
	    "with the reason");
	is_int(seen->alerts[0].state, ALERT_FIRING,
	    "an alert does not end by silence");
	world_close(&world);
}

static void
test_quantile(void)
{
	static const struct signal_def def = {
		.name = "p95",
		.title = "p95",
		.kind = SIGNAL_QUANTILE,
		.of = { .text = "latency_seconds{path=\"/\"}" },
		.q = 0.5,
		.unit = NUM_SECONDS,
		.window_ns = AT(60),
	};
	static const char *const les[] = { "0.1", "1", "+Inf" };
	static const double steps[] = { 10, 30, 40 };
	struct world world;
	const struct payload *seen = NULL;

	world_open(&world, &def, 1);
	for (int s = 10; s <= 14; s += 2) {
		struct build *build = build_new();

		for (int i = 0; i < 3; i++) {
			struct label *labels =
			    arena_array(build_arena(build), 2, sizeof(*labels));

			labels[0] =
			    (struct label) { TEXT("le"), text_lit(les[i]) };
			labels[1] = (struct label) { TEXT("path"), TEXT("/") };
			build_metric(build, TEXT("latency_seconds_bucket"),
			    NUM_COUNT, METRIC_BUCKET, steps[i] * s, labels, 2);
		}
		world_answer(&world, build, s);
		seen = world_step(&world, s);
	}
	/* 10 of 40 below 0.1, 20 between 0.1 and 1: the median is halfway. */
	is_near(seen->signals[0].value, 0.1 + 0.9 * 0.5, 1e-9,
	    "linear inside the bucket");
	is_int(seen->signals[0].state, STATE_OK, "no threshold: never bad");
	world_close(&world);
}

static void
test_recover(void)
{
	static const struct signal_def def = {
		.name = "backlog",
		.title = "backlog",
		.kind = SIGNAL_VALUE,
		.of = { .text = "waiting" },
		.warn = { true, COMPARE_GT, 100 },
		.recover = { true, COMPARE_LT, 50 },
	};
	static const struct {
		double value;
		enum state want;
	} rows[] = {
		{ 10, STATE_OK },
		{ 101, STATE_WARN },
		{ 99, STATE_WARN }, /* above the recovery value */
		{ 49, STATE_OK },
		{ 99, STATE_OK },
		{ NAN, STATE_UNKNOWN },
	};
	struct world world;

	world_open(&world, &def, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct build *build = build_new();
		const struct payload *seen;

		build_gauge(build, TEXT("waiting"), NUM_COUNT, rows[i].value);
		world_answer(&world, build, (int64_t)i * 2 + 2);
		seen = world_step(&world, (int64_t)i * 2 + 2);
		is_int(seen->signals[0].state, rows[i].want, "level");
	}
	world_close(&world);
}

static void
test_sources(void)
{
	struct world world;
	struct build *build;
	const struct payload *seen;

	world_open(&world, NULL, 0);
	build = build_new();
	build_health(
	    build, TEXT("database"), STATE_CRIT, TEXT("disconnected"), -1);
	build_health(build, TEXT("redis"), STATE_OK, TEXT("connected"), -1);
	world_answer(&world, build, 10);
	seen = world_step(&world, 10);
	is_int((int64_t)seen->alert_count, 1, "one bad row, one alert");
	is_str(seen->alerts[0].title.s, "database", "about it");
	is_str(seen->alerts[0].detail.s, "disconnected", "with its words");
	world.sections[0]->failures = 1;
	world.sections[0]->code = ERR_REFUSED;
	world.sections[0]->why = TEXT("connection refused");
	seen = world_step(&world, 12);
	is_int((int64_t)seen->alert_count, 2, "the source is an alert too");
	is_int(seen->alerts[0].state, ALERT_PENDING, "pending after one");
	seen = world_step(&world, 14);
	is_int(seen->alerts[0].state, ALERT_FIRING, "firing after two");
	is_str(seen->alerts[0].title.s, "api: DOWN", "says which");
	build = build_new();
	world_answer(&world, build, 20);
	seen = world_step(&world, 20);
	is_int(seen->alerts[0].state, ALERT_RESOLVED, "answers again");
	is_int(seen->alerts[0].severity, STATE_CRIT, "what it was");
	world_close(&world);
}

/* What is optional is not missed before it was there. */
static void
test_optional(void)
{
	static const struct signal_def defs[] = {
		{
		    .name = "share",
		    .title = "share",
		    .kind = SIGNAL_RATIO,
		    .of = { .text = "requests{status=~\"5..\"}" },
		    .to = { .text = "requests" },
		    .window_ns = AT(60),
		    .crit = { true, COMPARE_GT, 0.5 },
		    .optional = true,
		},
		{
		    .name = "depth",
		    .title = "depth",
		    .kind = SIGNAL_VALUE,
		    .of = { .text = "depth" },
		    .crit = { true, COMPARE_GT, 1 },
		    .optional = true,
		},
	};
	struct world world;
	struct build *build;
	struct board board;
	const struct payload *seen;

	world_open(&world, defs, 2);
	build = build_new();
	build_gauge(build, TEXT("depth"), NUM_COUNT, 0);
	world_answer(&world, build, 2);
	seen = world_step(&world, 2);
	is_int((int64_t)seen->signal_count, 1, "a signal without series");
	is_str(seen->signals[0].name.s, "depth", "is not there");
	world.sections[1] = world.out;
	board_read(&world.frame, NULL, AT(2), &board);
	is_int(board.state, STATE_OK, "nor does it count");
	build = build_new();
	add_counter(build, "requests", "200", 10);
	world_answer(&world, build, 4);
	seen = world_step(&world, 4);
	is_int((int64_t)seen->signal_count, 2, "until a series matches");
	section_unref(world.sections[0]);
	world.sections[0] = section_new();
	world.sections[0]->optional = true;
	world.sections[0]->failures = 1;
	world.sections[0]->failing_since = AT(4);
	world.sections[0]->code = ERR_REFUSED;
	world.sections[0]->every_ns = AT(2);
	world.sections[0]->why = TEXT("refused");
	for (int second = 6; second < 20; second += 2)
		seen = world_step(&world, second);
	is_int((int64_t)seen->alert_count, 0, "a source that never answered");
	world.sections[1] = world.out;
	board_read(&world.frame, NULL, AT(20), &board);
	is_int((int64_t)board.sources, 0, "is none");
	world.sections[0]->optional = false;
	seen = world_step(&world, 24);
	seen = world_step(&world, 28);
	is_int((int64_t)seen->alert_count, 1, "unless it has to be there");
	world_close(&world);
}

static void
test_wrong_selector(void)
{
	static const struct signal_def def = {
		.name = "x",
		.title = "x",
		.kind = SIGNAL_VALUE,
		.of = { .text = "a{b=}", .pos = { "f.yaml", 3, 9 } },
	};
	struct conf_errors errors = { 0 };
	struct watch *watch = NULL;
	struct err err = ERR_INIT;

	platform.signals = &def;
	platform.signal_count = 1;
	is_int(watch_new(slots, 1, platforms, 1, NULL, &errors, &watch, &err),
	    ERR_CONFIG, "refused");
	is_int((int64_t)errors.errors, 1, "one error");
	is_int(errors.items[0].line, 3, "with its place");
}

/*
 * The value goes missing while an alert is pending, or about to recover:
 * the clock can't decide then, and must not be asked again and again.
 */
static void
test_missing(void)
{
	static const struct signal_def def = {
		.name = "depth",
		.title = "Queue depth",
		.kind = SIGNAL_VALUE,
		.of = { .text = "depth" },
		.crit = { true, COMPARE_GT, 5 },
		.for_ns = AT(4),
		.recover_for_ns = AT(4),
	};
	struct world world;
	const struct payload *seen;
	struct build *build;

	world_open(&world, &def, 1);
	build = build_new();
	build_gauge(build, TEXT("depth"), NUM_COUNT, 9);
	world_answer(&world, build, 10);
	seen = world_step(&world, 10);
	is_int(seen->alerts[0].state, ALERT_PENDING, "pending");
	is_int(world.next, AT(12), "no later than the tick");
	seen = world_step(&world, 60);
	is_int(seen->signals[0].state, STATE_UNKNOWN, "the value is missing");
	ok(world.next > AT(60), "the next step is ahead");
	build = build_new();
	build_gauge(build, TEXT("depth"), NUM_COUNT, 9);
	world_answer(&world, build, 62);
	world_step(&world, 62);
	build = build_new();
	build_gauge(build, TEXT("depth"), NUM_COUNT, 0);
	world_answer(&world, build, 64);
	seen = world_step(&world, 64);
	is_int(seen->alerts[0].state, ALERT_FIRING, "fires, is well since now");
	world_step(&world, 120);
	ok(world.next > AT(120), "missing again: the next step is ahead");
	world_close(&world);
}

/*
 * Each allocation of a step fails once. The step then has no section, or one
 * that is whole; the next one is as if nothing had been.
 */
static void
test_memory(void)
{
	static const struct signal_def def = {
		.name = "errors",
		.title = "High error rate",
		.kind = SIGNAL_RATIO,
		.of = { .text = "http_requests_total{status=~\"5..\"}" },
		.to = { .text = "http_requests_total" },
		.unit = NUM_PERCENT,
		.window_ns = AT(10),
		.crit = { true, COMPARE_GT, 0.05 },
	};
	struct world world;
	const struct payload *seen = NULL;
	bool done = false, whole = true;
	double total = 0;
	int s = 10;

	world_open(&world, &def, 1);
	for (size_t n = 1; !done && n < 1000; n++, s += 2) {
		struct build *build = build_new();

		total += 100;
		add_counter(build, "http_requests_total", "200", total);
		add_counter(build, "http_requests_total", "503", total / 2);
		world_answer(&world, build, s);
		mem_fail_at(n, false);
		world.out = section_unref(world.out);
		world.out = watch_step(world.watch, &world.frame, AT(s),
		    (int64_t)s * 1000, &world.next);
		done = mem_fail_at(0, false) < n;
		if (world.out != NULL &&
		    (world.out->payload == NULL ||
			world.out->payload->signal_count != 1))
			whole = false;
	}
	ok(done, "every allocation failed once, until second %d", s);
	ok(whole, "what is published is whole");
	for (int more = 0; more < 2; more++, s += 2) {
		struct build *build = build_new();

		total += 100;
		add_counter(build, "http_requests_total", "200", total);
		add_counter(build, "http_requests_total", "503", total / 2);
		world_answer(&world, build, s);
		seen = world_step(&world, s);
	}
	is_near(seen->signals[0].value, 1.0 / 3, 1e-9, "and right again");
	is_str(seen->signals[0].why.s, "", "with nothing to add");
	world_close(&world);
}

/* What the table holds is tested in test_deps.c; here, that it is fed. */
static void
test_dependencies(void)
{
	static const struct signal_def def = {
		.name = "load",
		.title = "Load",
		.kind = SIGNAL_VALUE,
		.of = { .text = "load" },
		.crit = { true, COMPARE_GT, 5 },
	};
	static const struct look_def looks[] = { { LOOK_SOURCE, "api", NULL },
		{ LOOK_SIGNAL, NULL, "load" } };
	static const size_t needs[] = { 1 };
	static const struct depend_node nodes[] = {
		{ "api", "api", false, &looks[0], 1, needs, 1, { 0 } },
		{ "load", "load", false, &looks[1], 1, NULL, 0, { 0 } },
	};
	struct world world;
	const struct table *table = NULL;

	platform.nodes = nodes;
	platform.node_count = 2;
	world_open(&world, &def, 1);
	for (int s = 10; s <= 12; s += 2) {
		struct build *build = build_new();

		build_gauge(build, TEXT("load"), NUM_NONE, s > 10 ? 7 : 1);
		world_answer(&world, build, s);
		table = payload_table(world_step(&world, s), "dependencies");
	}
	if (ok(table != NULL && table->row_count == 2, "a row per node")) {
		is_int(table->rows[1].state, STATE_CRIT, "of the signal");
		is_near(table->rows[1].cells[DEPS_since].num, 12000, 0,
		    "since the answer that showed it");
		is_near(table->rows[1].cells[DEPS_about_s].num, 2, 1e-9,
		    "or since the one before");
		is_str(table->rows[0].cells[DEPS_verdict].text.s,
		    "still well, needs load", "and who needs it");
	}
	world_close(&world);
	platform.nodes = NULL;
	platform.node_count = 0;
}

int
main(void)
{
	RUN(test_ratio);
	RUN(test_quantile);
	RUN(test_recover);
	RUN(test_sources);
	RUN(test_optional);
	RUN(test_wrong_selector);
	RUN(test_missing);
	RUN(test_memory);
	RUN(test_dependencies);
	return tap_done();
}
