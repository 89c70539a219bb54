/* Cloud Run: one service well, one in trouble, one without traffic. */
#include <math.h>

#include "base/alloc.h"
#include "tests/panel/fixture_impl.h"

static const struct cloud_service {
	const char *name;
	enum state state;
	const char *word;
	const char *version;
	const char *detail;
	double max;
	double use[7]; /* as the columns of "use"; NaN: no samples */
} services[] = {
	{ "vistralai", STATE_OK, "ready", "2.4.1", "vistralai-00010 100 %", 20,
	    { 19, 2, 0.64, 0.81, 41.5, 0.0012, 0.43 } },
	{ "firecrawl-service", STATE_WARN, "ready", "1.8.0",
	    "firecrawl-00007 is not ready: health check failed", 10,
	    { 3, 1, 0.22, 0.35, 2.1, 0.183, 9.4 } },
	{ "jobs", STATE_OK, "ready", "2.4.1", "jobs-00003 100 %", 5, { NAN } },
};

static const struct cloud_revision {
	const char *service, *name, *version, *who, *detail;
	enum state state;
	double traffic, age_s;
} revisions[] = {
	{ "vistralai", "vistralai-00010-qod", "2.4.1", "ines@vistralai.example",
	    "", STATE_OK, 1, 7200 },
	{ "firecrawl-service", "firecrawl-service-00007-lam", "1.8.1",
	    "813520294471@cloudbuild.gserviceaccount.com",
	    "health check failed", STATE_CRIT, 0, 600 },
	{ "firecrawl-service", "firecrawl-service-00006-fix", "1.8.0",
	    "omar@vistralai.example", "", STATE_OK, 1, 90000 },
	{ "vistralai", "vistralai-00009-bex", "2.4.0", "ines@vistralai.example",
	    "", STATE_OK, 0, 400000 },
};

static void
make_revisions(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("revision"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("traffic"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("created"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("min"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	};

	build_table(m->build, TEXT("revisions"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(revisions); i++) {
		const struct cloud_revision *r = &revisions[i];

		build_row(m->build,
		    text_fmt(
			build_arena(m->build), "%s/%s", r->service, r->name),
		    r->state);
		build_cell_text(m->build, 0, text_lit(r->service));
		build_cell_text(m->build, 1, text_lit(r->name));
		build_cell_state(m->build, 2, r->state,
		    r->state == STATE_OK ? TEXT("ready") : TEXT("failed"));
		build_cell_num(m->build, 3, r->traffic);
		build_cell_num(
		    m->build, 4, (double)FIXTURE_WALL_MS - r->age_s * 1e3);
		build_cell_num(m->build, 5, 0);
		build_cell_num(m->build, 6, 20);
		build_cell_text(m->build, 7, text_lit(r->who));
		build_cell_text(m->build, 8, text_lit(r->detail));
		build_cell_text(m->build, 9, text_lit(r->version));
	}
}

static void
make_variables(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("value"), COLUMN_TEXT, NUM_NONE },
	};
	static const char *const rows[][3] = {
		{ "vistralai", "USE_FIRECRAWL", "true" },
		{ "vistralai", "REDIS_HOST", "set, not shown" },
		{ "vistralai", "ANTHROPIC_API_KEY",
		    "secret anthropic-api-key version latest" },
	};

	build_table(m->build, TEXT("variables"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		build_row(m->build, text_lit(rows[i][1]), STATE_OK);
		for (size_t c = 0; c < 3; c++)
			build_cell_text(m->build, c, text_lit(rows[i][c]));
	}
}

static void
make_conditions(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("condition"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("message"), COLUMN_TEXT, NUM_NONE },
	};

	build_table(m->build, TEXT("conditions"), columns, ARRAY_LEN(columns));
	build_row(m->build, TEXT("vistralai/Ready"), STATE_OK);
	build_cell_text(m->build, 0, TEXT("vistralai"));
	build_cell_text(m->build, 1, TEXT("Ready"));
	build_cell_state(m->build, 2, STATE_OK, TEXT("ready"));
	build_row(m->build, TEXT("firecrawl-service/Ready"), STATE_CRIT);
	build_cell_text(m->build, 0, TEXT("firecrawl-service"));
	build_cell_text(m->build, 1, TEXT("Ready"));
	build_cell_state(m->build, 2, STATE_CRIT, TEXT("failed"));
	build_cell_text(m->build, 3, TEXT("the container did not listen"));
}

static void
make_cloud_run(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
	};

	build_table(m->build, TEXT("services"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		const struct cloud_service *s = &services[i];

		build_row(m->build, text_lit(s->name), s->state);
		build_cell_text(m->build, 0, text_lit(s->name));
		build_cell_state(m->build, 1, s->state, text_lit(s->word));
		build_cell_text(m->build, 2, text_lit(s->version));
		build_cell_num(m->build, 3, (double)FIXTURE_WALL_MS - 7200e3);
		build_cell_num(m->build, 4, s->max);
		build_cell_text(m->build, 5, text_lit(s->detail));
	}
	make_revisions(m);
	make_variables(m);
	make_conditions(m);
}

static void
make_use(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("instances"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("idle"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("cpu"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("memory"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("requests"), COLUMN_NUMBER, NUM_PER_SECOND },
		{ TEXT_INIT("errors"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("p95"), COLUMN_NUMBER, NUM_SECONDS },
		{ TEXT_INIT("sampled"), COLUMN_WALL, NUM_NONE },
	};

	build_table(m->build, TEXT("use"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		const struct cloud_service *s = &services[i];

		if (isnan(s->use[0]))
			continue;
		build_row(m->build, text_lit(s->name), STATE_OK);
		build_cell_text(m->build, 0, text_lit(s->name));
		for (size_t k = 0; k < ARRAY_LEN(s->use); k++)
			build_cell_num(m->build, 1 + k, s->use[k]);
		build_cell_num(m->build, 8, (double)FIXTURE_WALL_MS - 110e3);
	}
}

static const struct cloud_slo {
	const char *slo;
	const char *service;
	enum state state;
	const char *word;
	const char *detail;
	double figures[3]; /* goal, so far, left of the budget */
	double burns[3];
} slos[] = {
	{ "availability", "vistralai", STATE_OK, "met", "",
	    { 0.99, 0.9988, 0.88 }, { 0.12, 0.2, 0.31 } },
	{ "latency", "vistralai", STATE_WARN, "burning",
	    "spent in 1h12m at the pace of the last 1h", { 0.95, 0.953, 0.06 },
	    { 1.2, 0.9, 0.8 } },
	{ "availability", "firecrawl-service", STATE_CRIT, "missed",
	    "the error budget of this period is spent", { 0.99, 0.94, -5 },
	    { 18.3, 12, NAN } },
};

static void
make_cloud_monitoring(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("slo"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("goal"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("compliance"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("budget_left"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("period"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("burn_1h"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("burn_6h"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("burn_3d"), COLUMN_NUMBER, NUM_NONE },
	};

	make_use(m);
	build_gauge_of(m->build, TEXT("redis_memory_ratio"), NUM_PERCENT, 0.62,
	    TEXT("instance"), TEXT("sessions"));
	build_gauge(m->build, TEXT("run_sample_age_seconds"), NUM_SECONDS, 134);
	build_gauge_of(m->build, TEXT("redis_clients"), NUM_COUNT, 41,
	    TEXT("instance"), TEXT("sessions"));
	build_table(m->build, TEXT("slos"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(slos); i++) {
		const struct cloud_slo *s = &slos[i];

		build_row(m->build,
		    text_fmt(
			build_arena(m->build), "%s/%s", s->service, s->slo),
		    s->state);
		build_cell_text(m->build, 0, text_lit(s->slo));
		build_cell_text(m->build, 1, text_lit(s->service));
		build_cell_state(m->build, 2, s->state, text_lit(s->word));
		build_cell_text(m->build, 6, TEXT("1 day"));
		build_cell_text(m->build, 7, text_lit(s->detail));
		for (size_t k = 0; k < 3; k++) {
			build_cell_num(m->build, 3 + k, s->figures[k]);
			build_cell_num(m->build, 8 + k, s->burns[k]);
		}
	}
}

/* One instance that is well, one that has just failed over. */
static void
make_cloud_redis(struct maker *m)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
	};
	static const struct {
		const char *name;
		enum state state;
		const char *word;
		const char *detail;
	} rows[] = {
		{ "vistralai-redis", STATE_CRIT, "failing over",
		    "failing over: The primary node in us-central1-a does not "
		    "answer; "
		    "a replica takes over." },
		{ "sessions", STATE_OK, "ready", "basic, 1 GB, Redis 7.0" },
	};

	build_table(m->build, TEXT("memorystore"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		build_row(m->build, text_lit(rows[i].name), rows[i].state);
		build_cell_text(m->build, 0, text_lit(rows[i].name));
		build_cell_state(
		    m->build, 1, rows[i].state, text_lit(rows[i].word));
		build_cell_text(m->build, 2, text_lit(rows[i].detail));
	}
}

const struct fixture_source fixture_cloud[FIXTURE_CLOUD_SOURCES] = {
	{ "run", "gcp.run", 10, make_cloud_run },
	{ "monitoring", "gcp.monitoring", 60, make_cloud_monitoring },
	{ "memorystore", "gcp.redis", 30, make_cloud_redis },
};
