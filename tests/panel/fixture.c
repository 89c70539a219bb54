#include "tests/panel/fixture_impl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/limits.h"

enum {
	SLOTS = 11,	 /* ten sources and the watch */
	MANY_SLOTS = 13, /* with a database and a cache of another platform */
	SPAN_S = 15 * 60,
	STEP_S = 5,
	MANY_QUEUES = 200,
	MANY_METRICS = 5000,
	MANY_ALERTS = 60,
};

static const int64_t fixture_now = INT64_C(100000) * NS_PER_SEC;

/* What an attacker, or a bad day, calls things. */
static const char hostile[] =
    "\x1b[31mred\x1b]0;title\a\r\n\xff\xfe \xe3\x83\x87\xe3\x83\xbc\xe3\x82\xbf"
    " \xe2\x80\xae evil e\xcc\x81\xcc\x81\xcc\x81 \xf0\x9f\x94\xa5 and so on, "
    "and on, and on, far beyond the width of any screen that we shall ever see";

const char *
fixture_name(enum fixture_kind kind)
{
	static const char *const names[] = {
#define X(kind, name) [FIXTURE_##kind] = name,
		FIXTURES(X)
#undef X
	};

	return kind == FIXTURE_CLOUD ? "cloud" : names[kind];
}

bool
burns(const struct maker *m)
{
	return m->kind == FIXTURE_BURNING || m->kind == FIXTURE_HOSTILE ||
	       m->kind == FIXTURE_MANY;
}

double
num(const struct maker *m, double value)
{
	return m->kind == FIXTURE_MISSING ? NAN : value;
}

struct text
name(const struct maker *m, const char *ours)
{
	struct arena *arena = build_arena(m->build);

	if (m->kind != FIXTURE_HOSTILE)
		return text_clean_str(arena, ours);
	return text_fmt(arena, "%s%s", ours, hostile);
}

void
past(struct maker *m, uint64_t key, double calm, double worst)
{
	int first = m->kind == FIXTURE_FIRST ? 20 : SPAN_S;

	for (int ago = first; ago >= 0; ago -= STEP_S) {
		double ripple = 1 + 0.2 * ((ago / STEP_S) % 7 - 3) / 3;
		double value = burns(m) && ago <= 51 ? worst : calm * ripple;

		if (m->kind == FIXTURE_STALE && ago > 300 && ago < 420)
			value = NAN; /* a gap */
		history_append(m->history, key, fixture_now - ago * NS_PER_SEC,
		    num(m, value));
	}
}

static uint64_t
series(const struct maker *m, const char *metric)
{
	return history_key(m->slot, metric_id(text_lit(metric), NULL, 0));
}

void
gauge(struct maker *m, const char *metric, enum num_unit unit, double calm,
    double worst)
{
	build_gauge(
	    m->build, text_lit(metric), unit, num(m, burns(m) ? worst : calm));
	/* A ripple must not lead a ratio above the whole. */
	past(m, series(m, metric), unit == NUM_PERCENT ? calm / 1.2 : calm,
	    worst);
}

void
counter(struct maker *m, const char *metric, enum num_unit unit, double value,
    double calm, double worst)
{
	build_metric(m->build, text_lit(metric), unit, METRIC_COUNTER,
	    num(m, value), NULL, 0);
	past(m, series(m, metric), calm, worst);
}

struct fixture_signal {
	const char *name;
	const char *title;
	enum num_unit unit;
	double calm, worst;
	struct threshold warn, crit;
};

#define ABOVE(v)                                                               \
	{                                                                      \
		true, COMPARE_GT, v                                            \
	}
#define BELOW(v)                                                               \
	{                                                                      \
		true, COMPARE_LT, v                                            \
	}

static const struct fixture_signal signals[] = {
	{ "error_rate", "Error rate", NUM_PERCENT, 0.002, 0.073, ABOVE(0.01),
	    ABOVE(0.05) },
	{ "p95", "Response p95", NUM_SECONDS, 0.224, 1.4, ABOVE(1), ABOVE(2) },
	{ "perplexity", "Perplexity allowance", NUM_PERCENT, 0.93, 0.93,
	    BELOW(0.2), BELOW(0.1) },
	{ "provider_errors", "Provider errors", NUM_PERCENT, 0.024, 0.024,
	    ABOVE(0.1), ABOVE(0.3) },
	{ "queue_age", "Oldest waiting job", NUM_SECONDS, NAN, 370, ABOVE(60),
	    ABOVE(300) },
	{ "queue_backlog", "Waiting jobs", NUM_COUNT, 3, 1204, ABOVE(200),
	    ABOVE(1000) },
	{ "database_connections", "Database connections", NUM_COUNT, 5, 5,
	    ABOVE(15), ABOVE(18) },
	{ "balance", "Balance", NUM_DOLLARS, -12.5, -12.5, { false, 0, 0 },
	    { false, 0, 0 } },
};

static bool
beyond(const struct threshold *threshold, double value)
{
	return threshold->set &&
	       (threshold->compare == COMPARE_GT ? value > threshold->value
						 : value < threshold->value);
}

static void
add_signal(struct maker *m, size_t i)
{
	const struct fixture_signal *from = &signals[i];
	struct signal signal = {
		.name = text_lit(from->name),
		.title = name(m, from->title),
		.platform = TEXT("ai-visibility"),
		.why = TEXT_EMPTY,
		.unit = from->unit,
		.value = num(m, burns(m) ? from->worst : from->calm),
		.warn = from->warn,
		.crit = from->crit,
		.history = history_key(MANY_SLOTS, i + 1),
	};

	if (m->kind == FIXTURE_FIRST && i % 2 == 0)
		signal.value = NAN;
	if (isnan(signal.value)) {
		signal.idle = isnan(from->calm) && m->kind != FIXTURE_MISSING;
		signal.state = signal.idle ? STATE_OK : STATE_UNKNOWN;
		if (!signal.idle)
			signal.why = TEXT("metrics: first answer pending");
	} else {
		signal.state = beyond(&from->crit, signal.value)   ? STATE_CRIT
			       : beyond(&from->warn, signal.value) ? STATE_WARN
								   : STATE_OK;
	}
	past(m, signal.history, from->calm, from->worst);
	build_signal(m->build, &signal);
}

static void
add_alert(struct maker *m, const char *key, const char *title,
    const char *detail, enum state severity, enum alert_state state, int ago_s,
    double value)
{
	struct alert alert = {
		.name = text_clean_str(build_arena(m->build), key),
		.title = name(m, title),
		.platform = TEXT("ai-visibility"),
		.detail = name(m, detail),
		.severity = severity,
		.state = state,
		.since = fixture_now - ago_s * NS_PER_SEC,
		.since_wall_ms = FIXTURE_WALL_MS - ago_s * 1000,
		.value = value,
	};

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		if (strcmp(signals[i].name, key) != 0)
			continue;
		alert.is_signal = true;
		alert.unit = signals[i].unit;
		alert.threshold =
		    severity == STATE_CRIT ? signals[i].crit : signals[i].warn;
	}
	build_alert(m->build, &alert);
}

static void
add_alerts(struct maker *m)
{
	if (burns(m)) {
		add_alert(m, "error_rate", "Error rate", "", STATE_CRIT,
		    ALERT_FIRING, 51, 0.073);
		add_alert(m, "queue_backlog", "Waiting jobs", "", STATE_CRIT,
		    ALERT_FIRING, 36, 1204);
		add_alert(m, "runPrompt", "runPrompt",
		    "no workers: nothing consumes this queue; 1,204 waiting, 2 "
		    "active, 38 failed",
		    STATE_CRIT, ALERT_FIRING, 48, NAN);
		add_alert(m, "locks", "locks",
		    "6 wait, the longest for 4m12s; 4711 blocks 5", STATE_CRIT,
		    ALERT_FIRING, 47, NAN);
		add_alert(m, "p95", "Response p95", "", STATE_WARN,
		    ALERT_PENDING, 20, 1.4);
		add_alert(m, "memory", "memory", "91 % of maxmemory",
		    STATE_WARN, ALERT_RESOLVED, 700, NAN);
	}
	if (m->kind == FIXTURE_STALE)
		add_alert(m, "redis", "redis", "connection refused", STATE_CRIT,
		    ALERT_FIRING, 130, NAN);
	for (int i = 0; m->kind == FIXTURE_MANY && i < MANY_ALERTS; i++) {
		char key[32];

		snprintf(key, sizeof(key), "queue-%03d", i);
		add_alert(m, key, key, "no workers: nothing consumes it",
		    i % 3 == 0 ? STATE_CRIT : STATE_WARN, ALERT_FIRING, 100 + i,
		    NAN);
	}
}

static void
add_event(struct maker *m, int ago_s, enum event_kind kind, const char *subject,
    const char *text)
{
	build_event(m->build, FIXTURE_WALL_MS - ago_s * INT64_C(1000), kind,
	    name(m, subject), name(m, text));
}

static void
make_watch(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		add_signal(m, i);
	add_alerts(m);
	make_dependencies(m);
	add_event(m, 3600 * 30, EVENT_DEPLOY, "api", "1.4.0 to 1.4.1");
	if (!burns(m))
		return;
	add_event(
	    m, 21 * 60, EVENT_FLAG, "AUTO_THROTTLE_ENABLED", "true to false");
	add_event(m, 81, EVENT_DEPLOY, "api", "1.4.1 to 1.5.0");
	add_event(m, 51, EVENT_STATE, "error_rate", "alert fired");
	add_event(m, 10, EVENT_RESTART, "api", "restarted");
	add_event(m, 5, EVENT_RESTART, "api", "33 counters began anew");
}

static void
make_http(struct maker *m, const char *target)
{
	bool bad = burns(m) && strcmp(target, "ready") == 0;

	build_health(m->build, name(m, target), STATE_OK, TEXT("HTTP 200"),
	    4 * NS_PER_MS);
	if (strcmp(target, "api") == 0)
		make_instance(m, "api");
	if (strcmp(target, "ready") != 0)
		return;
	build_health(
	    m->build, name(m, "database"), STATE_OK, TEXT("connected"), -1);
	build_health(
	    m->build, name(m, "redis"), STATE_OK, TEXT("connected"), -1);
	build_health(m->build, name(m, "queues"), bad ? STATE_WARN : STATE_OK,
	    bad ? name(m, "queues is degraded, expected healthy")
		: TEXT("healthy"),
	    -1);
}

static void
make_metrics(struct maker *m)
{
	struct arena *arena = build_arena(m->build);
	int count = m->kind == FIXTURE_MANY ? MANY_METRICS : 12;

	build_health(m->build, TEXT("127.0.0.1:3000"), STATE_OK,
	    TEXT("258 series"), 3 * NS_PER_MS);
	for (int i = 0; i < count; i++) {
		struct label *label = arena_array(arena, 1, sizeof(*label));

		if (label == NULL)
			return;
		label->key = TEXT("route");
		label->value = m->kind == FIXTURE_HOSTILE
				   ? name(m, "/")
				   : text_fmt(arena, "/v1/route/%d", i);
		build_metric(m->build, TEXT("http_requests_total"),
		    i % 2 ? NUM_COUNT : NUM_BYTES,
		    i % 2 ? METRIC_COUNTER : METRIC_GAUGE, num(m, i * 1000.25),
		    label, 1);
	}
}

static const struct column queue_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("wait"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("active"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("delayed"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("failed"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("oldest_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("in_rate"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("out_rate"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("workers"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

struct fixture_queue {
	const char *name;
	enum state state;
	const char *word;
	double numbers[8]; /* from wait to workers */
	const char *detail;
};

static const struct fixture_queue calm_queues[] = {
	{ "runPrompt", STATE_OK, "ok", { 3, 4, 12, 7, 0.4, 8.7, 8.7, 4 }, "" },
	{ "runBatch", STATE_OK, "ok", { 0, 2, 0, 0, NAN, 0.33, 0.33, 2 }, "" },
	{ "dailyAggregations", STATE_OK, "ok",
	    { 0, 1, 0, 0, NAN, 0.17, 0.17, 1 }, "" },
	{ "copilotPlanner", STATE_OK, "ok", { 0, 1, 0, 0, NAN, 0.5, 0.5, 1 },
	    "" },
};

static const struct fixture_queue bad_queues[] = {
	{ "runPrompt", STATE_CRIT, "no workers",
	    { 1204, 2, 12, 38, 370, 18.2, 6.1, 0 },
	    "no workers: nothing consumes this queue" },
	{ "runBatch", STATE_OK, "ok", { 0, 2, 0, 0, NAN, 0.33, 0.33, 2 }, "" },
	{ "dailyAggregations", STATE_WARN, "paused",
	    { 24, 0, 0, 0, 8040, 0.1, 0, 1 }, "paused, 24 held" },
	{ "copilotPlanner", STATE_OK, "ok", { 0, 1, 0, 0, NAN, 0.5, 0.5, 1 },
	    "" },
};

static void
add_queue(struct maker *m, const struct fixture_queue *queue, struct text key)
{
	const struct label label = { TEXT("queue"), key };

	build_row(m->build, key, queue->state);
	build_cell_text(m->build, 0, key);
	build_cell_state(m->build, 1, queue->state, text_lit(queue->word));
	for (size_t i = 0; i < ARRAY_LEN(queue->numbers); i++)
		build_cell_num(m->build, 2 + i, num(m, queue->numbers[i]));
	build_cell_text(m->build, 10, TEXT("bullmq:5.81.5"));
	build_cell_text(m->build, 11, name(m, queue->detail));
	past(m, history_key(5, metric_id(TEXT("queue_waiting"), &label, 1)), 3,
	    queue->numbers[0]);
	past(m, history_key(5, metric_id(TEXT("queue_out_rate"), &label, 1)),
	    8.7, queue->numbers[6]);
}

static const struct column failure_columns[] = {
	{ TEXT_INIT("queue"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("count"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("first"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("last"), COLUMN_WALL, NUM_NONE },
};

static void
add_failure(
    struct maker *m, double count, const char *reason, int first_s, int last_s)
{
	build_row(m->build, name(m, reason), STATE_OK);
	build_cell_text(m->build, 0, name(m, "runPrompt"));
	build_cell_num(m->build, 1, num(m, count));
	build_cell_text(m->build, 2, name(m, reason));
	build_cell_num(
	    m->build, 3, num(m, (double)FIXTURE_WALL_MS - first_s * 1000.0));
	build_cell_num(
	    m->build, 4, num(m, (double)FIXTURE_WALL_MS - last_s * 1000.0));
}

static const struct column failed_columns[] = {
	{ TEXT_INIT("queue"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("id"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("attempts"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("at"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("added"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
};

/* The failed jobs by themselves, the oldest first. */
static void
add_failed(struct maker *m)
{
	int count = m->kind == FIXTURE_MANY ? MANY_QUEUES : 12;

	build_table(m->build, TEXT("queue_jobs"), failed_columns,
	    ARRAY_LEN(failed_columns));
	for (int i = 0; i < count; i++) {
		double ago = (count - i) * 3000.0;
		struct text id =
		    text_fmt(build_arena(m->build), "%d", 18200 + i);

		build_row(m->build,
		    text_fmt(build_arena(m->build), "runPrompt/%d", 18200 + i),
		    STATE_OK);
		build_cell_text(m->build, 0, name(m, "runPrompt"));
		build_cell_text(m->build, 1, id);
		build_cell_text(m->build, 2, name(m, "run"));
		build_cell_num(m->build, 3, num(m, 1 + i % 3));
		build_cell_num(
		    m->build, 4, num(m, (double)FIXTURE_WALL_MS - ago));
		build_cell_num(
		    m->build, 5, num(m, (double)FIXTURE_WALL_MS - ago - 9e4));
		build_cell_text(m->build, 6,
		    name(m, i % 4 == 3 ? "socket hang up"
				       : "429 too many requests (perplexity)"));
	}
}

static void
make_queues(struct maker *m)
{
	const struct fixture_queue *queues =
	    burns(m) ? bad_queues : calm_queues;
	int count = m->kind == FIXTURE_MANY ? MANY_QUEUES : 4;

	build_note(m->build, TEXT("bullmq:5.81.5"));
	build_table(
	    m->build, TEXT("queues"), queue_columns, ARRAY_LEN(queue_columns));
	for (int i = 0; i < count; i++) {
		struct text key = name(m, queues[i % 4].name);

		if (m->kind == FIXTURE_MANY && i >= 4)
			key = text_fmt(build_arena(m->build), "queue-%03d", i);
		add_queue(m, &queues[i % 4], key);
		build_health(m->build, key, queues[i % 4].state,
		    name(m, queues[i % 4].detail), -1);
	}
	build_table(m->build, TEXT("failures"), failure_columns,
	    ARRAY_LEN(failure_columns));
	if (!burns(m) && m->kind != FIXTURE_MISSING)
		return;
	add_failure(m, 31, "429 too many requests (perplexity)", 260, 2);
	add_failure(m, 7, "socket hang up", 40, 12);
	add_failed(m);
}

static void
make_log(struct maker *m)
{
	build_health(m->build, TEXT("/srv/app/logs/app.log"), STATE_OK,
	    TEXT("following"), -1);
}

static void
make_system(struct maker *m)
{
	make_http(m, "system");
}

static void
make_api(struct maker *m)
{
	make_http(m, "api");
}

static void
make_ready(struct maker *m)
{
	make_http(m, "ready");
}

/* The sources of the profile, then those that there are only with many. */
static const struct fixture_source sources[] = {
	{ "api", "http", 5, make_api },
	{ "ready", "http", 5, make_ready },
	{ "system", "http", 15, make_system },
	{ "metrics", "prometheus.scrape", 5, make_metrics },
	{ "redis", "redis", 2, make_redis },
	{ "queues", "bullmq", 2, make_queues },
	{ "api-log", "logfile", 2, make_log },
	{ "jobs-log", "logfile", 2, make_log },
	{ "db", "postgres", 5, make_postgres },
	{ "compose", "process", 10, make_compose },
	{ "db", "postgres", 5, make_postgres },
	{ "cache", "redis", 2, make_redis },
};

static const struct fixture_source *
source_at(enum fixture_kind kind, size_t slot)
{
	return kind == FIXTURE_CLOUD ? &fixture_cloud[slot] : &sources[slot];
}

/* Sources, and the watch behind them. */
static size_t
slots_of(enum fixture_kind kind)
{
	return kind == FIXTURE_EMPTY   ? 1
	       : kind == FIXTURE_CLOUD ? FIXTURE_CLOUD_SOURCES + 1
	       : kind == FIXTURE_MANY  ? MANY_SLOTS
				       : SLOTS;
}

static struct payload *
make_payload(struct maker *m, size_t slot)
{
	struct payload *payload;

	m->slot = slot;
	m->build = build_new();
	if (m->build == NULL)
		return NULL;
	if (slot + 1 < slots_of(m->kind))
		source_at(m->kind, slot)->make(m);
	else if (m->kind != FIXTURE_CLOUD)
		make_watch(m);
	payload = build_finish(m->build, NULL);
	m->build = build_free(m->build);
	return payload;
}

/* Late, refused, without rights: one of each. */
static bool
make_trouble(struct section *section, size_t slot)
{
	static const struct {
		enum err_code code;
		const char *why;
		int good_ago_s;
	} troubles[] = {
		[1] = { ERR_TIMEOUT, "no answer within 5s", 12 },
		[3] = { ERR_OK, NULL, 40 },
		[4] = { ERR_REFUSED, "connect to 127.0.0.1:6379: refused",
		    130 },
		[6] = { ERR_FORBIDDEN,
		    "open /srv/app/logs/api.log: not "
		    "permitted: needs group adm",
		    90 },
		[8] = { ERR_LIMITED,
		    "exhausted: too many clients already; what holds the "
		    "connections is in the last answer",
		    47 },
		[9] = { ERR_TIMEOUT, "no answer within 5s", 61 },
	};

	if (slot >= ARRAY_LEN(troubles) || troubles[slot].good_ago_s == 0)
		return true;
	section->good_at = fixture_now - troubles[slot].good_ago_s * NS_PER_SEC;
	section->good_wall_ms =
	    FIXTURE_WALL_MS - troubles[slot].good_ago_s * INT64_C(1000);
	section->code = troubles[slot].code;
	if (section->code == ERR_OK)
		return true;
	section->failures = 3;
	section->failing_since = section->good_at;
	section->next_at = fixture_now + 8 * NS_PER_SEC;
	section->arena = arena_new(4096);
	if (section->arena == NULL)
		return false;
	section->why = text_clean_str(section->arena, troubles[slot].why);
	return true;
}

static struct section *
make_section(struct maker *m, size_t slot)
{
	struct section *section = section_new();
	bool watch = slot + 1 == slots_of(m->kind);
	bool first = m->kind == FIXTURE_FIRST;
	const struct fixture_source *from =
	    watch ? NULL : source_at(m->kind, slot);

	if (section == NULL)
		return NULL;
	section->every_ns = (watch ? 2 : from->every_s) * NS_PER_SEC;
	section->started_at =
	    fixture_now - (first ? 8 * NS_PER_SEC / 10 : 3600 * NS_PER_SEC);
	snprintf(section->name, sizeof(section->name), "%s",
	    watch ? "watch" : from->name);
	snprintf(section->type, sizeof(section->type), "%s",
	    watch ? "watch" : from->type);
	section->logs = !watch && strcmp(from->type, "logfile") == 0;
	snprintf(section->platform, sizeof(section->platform), "%s",
	    slot < SLOTS - 1 || watch ? "ai-visibility" : "shop");
	snprintf(section->key, sizeof(section->key), "%s/%s", section->platform,
	    section->name);
	if (first && slot > 1 && !watch)
		return section;
	section->polls = 720;
	section->good_at = fixture_now - NS_PER_SEC;
	section->good_wall_ms = FIXTURE_WALL_MS - 1000;
	section->tried_at = section->good_at;
	section->latency_ns = (int64_t)(slot + 1) * 7 * NS_PER_MS / 2;
	section->payload = make_payload(m, slot);
	if (section->payload == NULL ||
	    (m->kind == FIXTURE_STALE && !make_trouble(section, slot)))
		return section_unref(section);
	return section;
}

bool
fixture_make(struct fixture *fixture, enum fixture_kind kind)
{
	static const char *key_names[COMMAND_COUNT];
	struct maker m = { .kind = kind, .now = fixture_now };
	size_t slots = slots_of(kind);

	*fixture =
	    (struct fixture) { .frame = { .slot_count = slots, .seq = 1 } };
	m.history = fixture->history =
	    history_new_at(HISTORY_BYTES_MAX, fixture_now);
	fixture->frame.sections =
	    mem_calloc(slots, sizeof(*fixture->frame.sections));
	fixture->ctx = (struct panel_ctx) {
		.frame = &fixture->frame,
		.history = fixture->history,
		.now = fixture_now,
		.wall_ms = FIXTURE_WALL_MS,
		.zone = ZONE_UTC,
		.key_names = key_names,
		.hints = &fixture_hints,
	};
	if (fixture->history == NULL || fixture->frame.sections == NULL)
		return false;
	for (size_t i = 0; kind != FIXTURE_EMPTY && i < slots; i++) {
		fixture->frame.sections[i] = make_section(&m, i);
		if (fixture->frame.sections[i] == NULL)
			return false;
	}
	if (kind != FIXTURE_EMPTY && kind != FIXTURE_FIRST)
		fixture->frame.actions = make_actions(&m);
	return true;
}

void
fixture_release(struct fixture *fixture)
{
	if (fixture->frame.sections != NULL)
		frame_release(&fixture->frame);
	history_free(fixture->history);
}
