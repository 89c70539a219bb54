/*
 * What the programs of the AI Visibility platform do with their database,
 * and what it does to them. The story draws the statements, one for about
 * nine modelled requests; whether they are answered is real, and the
 * modelled requests feel it.
 */
#include <math.h>
#include <stdio.h>

#include "base/attr.h"
#include "sim/aiv.h"
#include "sim/aiv_sql.h"

enum {
	AIV_BUSY_WORKSPACES = 6,  /* half of all writes are theirs */
	AIV_DB_START_STEPS = 100, /* later it counts as gone */
};

#define AIV_SMOOTH	0.1  /* of the last step in a smoothed figure */
#define AIV_STUCK_CALM	0.12 /* of the pool: a report and a short lock */
#define AIV_STUCK_SLOW	40.0 /* factor on durations when all are stuck */
#define AIV_FAILED_5XX	0.25 /* of the requests, when all statements fail */
#define AIV_STATEMENTS	20.0 /* a second, at the usual rate of requests */
#define AIV_REPORTS	0.1
#define AIV_AUDITS	0.3
#define AIV_SHORT_LOCKS 0.025
#define AIV_RUNAWAY	4000.0 /* times the price: two dollars a second */

/* A day of the usual traffic costs about 60 dollars, as in the past that
 * aiv.sql makes up. */
const double aiv_price[AIV_PROVIDERS] = { 0.00012, 0.00004, 0.00008 };

#define AIV_SLOW_RANKING(seconds)                                              \
	"CREATE OR REPLACE FUNCTION prompt_ranking(of_workspace text) "        \
	"RETURNS TABLE (prompt_id bigint, prompt_title text, rank real) "      \
	"LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(" #seconds "); "        \
	"RETURN QUERY SELECT id, title, score FROM prompts "                   \
	"WHERE workspace_id = of_workspace ORDER BY score DESC LIMIT 10; "     \
	"END $$"

static const struct db_statement aiv_workspace = {
	"SELECT name, plan, budget_daily FROM workspaces WHERE id = $1",
	1,
};
static const struct db_statement aiv_prompts = {
	"SELECT id, title, score FROM prompts WHERE workspace_id = $1 "
	"ORDER BY id DESC LIMIT 20",
	1,
};
static const struct db_statement aiv_spent = {
	"SELECT sum(amount) FROM cost_ledger WHERE workspace_id = $1 "
	"AND created_at >= date_trunc('day', now())",
	1,
};
static const struct db_statement aiv_touch = {
	"UPDATE workspaces SET last_seen_at = now() WHERE id = $1",
	1,
};
static const struct db_statement aiv_ranking = {
	"SELECT prompt_id, prompt_title, rank FROM prompt_ranking($1)",
	1,
};
static const struct db_statement aiv_report = {
	"SELECT day, spent FROM weekly_report($1)",
	1,
};
static const struct db_statement aiv_audit = {
	"INSERT INTO audit_logs (actor, action, subject, ip) "
	"VALUES ($1, $2, $3, $4::inet)",
	4,
};
static const struct db_statement aiv_cost = {
	"INSERT INTO cost_ledger (workspace_id, provider, amount) "
	"VALUES ($1, $2, $3::numeric)",
	3,
};

/* What the API asks for, and how often. */
static const struct {
	const struct db_statement *statement;
	double share;
} aiv_mix[] = {
	{ &aiv_workspace, 0.40 },
	{ &aiv_prompts, 0.32 },
	{ &aiv_touch, 0.10 },
	{ &aiv_ranking, 0.10 },
	{ &aiv_spent, 0.08 },
};

#define AIV_BUDGET(of)                                                         \
	"UPDATE workspaces SET budget_daily = budget_daily WHERE id = '" of "'"

/* A connection that is never given back. */
static const struct db_step aiv_leak[] = {
	{ "SELECT id, title FROM prompts WHERE workspace_id = 'ws_3' LIMIT 5",
	    DB_REST_LONG },
	{ NULL, 0 },
};

/* The worker that starts a transaction and does not end it. */
static const struct db_step aiv_pile_root[] = {
	{ "BEGIN", 0 },
	{ AIV_BUDGET("ws_1"), DB_REST_LONG },
	{ "COMMIT", 0 },
	{ NULL, 0 },
};

/* Each holds a row that the next one wants, and wants that of the last. */
#define AIV_LINK(holds, wants)                                                 \
	{                                                                      \
		{ "BEGIN", 0 }, { AIV_BUDGET(holds), 500 },                    \
		    { AIV_BUDGET(wants), 0 }, { "COMMIT", 0 }, { NULL, 0 },    \
	}
static const struct db_step aiv_link_2[] = AIV_LINK("ws_2", "ws_1");
static const struct db_step aiv_link_3[] = AIV_LINK("ws_3", "ws_2");
static const struct db_step aiv_link_4[] = AIV_LINK("ws_4", "ws_3");
static const struct db_step aiv_link_5[] = AIV_LINK("ws_5", "ws_4");
static const struct db_step aiv_link_6[] = AIV_LINK("ws_6", "ws_5");

static const struct db_part aiv_pile[] = {
	{ AIV_JOBS, aiv_pile_root },
	{ AIV_JOBS, aiv_link_2 },
	{ AIV_API, aiv_link_3 },
	{ AIV_API, aiv_link_4 },
	{ AIV_API, aiv_link_5 },
	{ AIV_API, aiv_link_6 },
	{ 0, NULL },
};

/* Now and then a worker holds a row for a second, and a request waits. */
static const struct db_step aiv_short_lock[] = {
	{ "BEGIN", 0 },
	{ AIV_BUDGET("ws_17"), 1200 },
	{ "COMMIT", 0 },
	{ NULL, 0 },
};
static const struct db_step aiv_short_wait[] = {
	{ "SELECT pg_sleep(0.3)", 0 },
	{ "UPDATE workspaces SET last_seen_at = now() WHERE id = 'ws_17'", 0 },
	{ NULL, 0 },
};

static const struct db_conf aiv_db_conf = {
	.name = "ai_visibility",
	.schema = aiv_sql,
	.pools = {
		[AIV_API] = {
			.app = "api",
			.size = AIV_DB_POOL,
			.keep = 4,
			.wait_ms = AIV_DB_WAIT_MS,
		},
		[AIV_JOBS] = {
			.app = "jobs",
			.size = 5,
			.keep = 2,
		},
	},
	.leak = aiv_leak,
	.pile = aiv_pile,
	.slow_on = AIV_SLOW_RANKING(4),
	.slow_off = AIV_SLOW_RANKING(0.01),
};

enum err_code
aiv_db_start(
    struct aiv *aiv, const struct platform_start *start, struct err *err)
{
	char path[PATH_MAX];
	struct err why = ERR_INIT;
	enum err_code rc = dir_sub(start->dir, "postgres", path, err);

	if (rc != ERR_OK)
		return rc;
	aiv->db_rng = rng_make(aiv->seed, 4);
	aiv->now.db_starting = true;
	if (db_new(&aiv_db_conf, path, &aiv->db, &why) != ERR_OK)
		buf_fmt(start->notes,
		    "sevtop-sim: %s; the drill runs without a database\n",
		    err_text(&why));
	return ERR_OK;
}

static void
aiv_db_switch(void *state, enum db_trouble trouble, bool on)
{
	struct aiv *aiv = state;

	if (aiv->db != NULL)
		db_switch(aiv->db, trouble, on);
}

void
aiv_db_gone(void *state, bool on, int64_t wall_ms)
{
	(void)wall_ms;
	aiv_db_switch(state, DB_STOPPED, on);
}

void
aiv_db_leak(void *state, bool on, int64_t wall_ms)
{
	(void)wall_ms;
	aiv_db_switch(state, DB_LEAK, on);
}

void
aiv_db_pile(void *state, bool on, int64_t wall_ms)
{
	(void)wall_ms;
	aiv_db_switch(state, DB_PILE, on);
}

void
aiv_db_slow(void *state, bool on, int64_t wall_ms)
{
	(void)wall_ms;
	aiv_db_switch(state, DB_SLOW, on);
}

void
aiv_db_restart(void *state, bool on, int64_t wall_ms)
{
	struct aiv *aiv = state;

	(void)on;
	(void)wall_ms;
	if (aiv->db != NULL)
		db_restart(aiv->db);
}

/* ws_1 to ws_40; writes are half of the time of the busiest few. */
static void
aiv_pick_workspace(struct aiv *aiv, bool busy, char out[16])
{
	uint64_t count = busy && rng_unit(&aiv->db_rng) < 0.5
			     ? AIV_BUSY_WORKSPACES
			     : AIV_WORKSPACES;

	snprintf(
	    out, 16, "ws_%u", 1 + (unsigned)rng_below(&aiv->db_rng, count));
}

/* The API is not open before its database is. */
static void
aiv_send(struct aiv *aiv, const struct db_statement *statement,
    const char *const params[])
{
	if (!aiv->now.db_starting)
		db_ask(aiv->db, AIV_API, statement, params);
}

static void
aiv_ask_one(struct aiv *aiv, const struct db_statement *statement)
{
	char workspace[16];
	const char *params[] = { workspace };

	aiv_pick_workspace(aiv, statement == &aiv_touch, workspace);
	aiv_send(aiv, statement, params);
}

static void
aiv_ask_mix(struct aiv *aiv)
{
	double x = rng_unit(&aiv->db_rng);
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(aiv_mix) && x >= aiv_mix[i].share)
		x -= aiv_mix[i++].share;
	aiv_ask_one(aiv, aiv_mix[i].statement);
}

static void
aiv_ask_audit(struct aiv *aiv)
{
	static const char *const actions[] = { "login", "prompt.create",
		"prompt.run", "workspace.update", "token.refresh",
		"report.export" };
	char actor[40], subject[16], ip[24];
	const char *params[] = { actor,
		actions[rng_below(&aiv->db_rng, ARRAY_LEN(actions))], subject,
		ip };

	snprintf(actor, sizeof(actor), "user%u@example.com",
	    1 + (unsigned)rng_below(&aiv->db_rng, 23));
	snprintf(ip, sizeof(ip), "203.0.113.%u",
	    1 + (unsigned)rng_below(&aiv->db_rng, 254));
	aiv_pick_workspace(aiv, false, subject);
	aiv_send(aiv, &aiv_audit, params);
}

static void
aiv_book(struct aiv *aiv, unsigned provider, unsigned workspace, double amount)
{
	char id[16], text[24];
	const char *params[] = { id, aiv_providers[provider], text };

	if (aiv->db == NULL)
		return;
	snprintf(id, sizeof(id), "ws_%u", workspace);
	snprintf(text, sizeof(text), "%.6f", amount);
	db_ask(aiv->db, AIV_JOBS, &aiv_cost, params);
}

void
aiv_db_book(struct aiv *aiv, unsigned provider, const struct queue_job *job)
{
	double amount = aiv_price[provider];

	if (provider == AIV_PERPLEXITY && aiv_has(aiv, AIV_COST_RUNAWAY))
		amount *= AIV_RUNAWAY;
	aiv->overspent += amount - aiv_price[provider];
	aiv->now.cost[provider] += amount;
	if (!job->past)
		aiv_book(aiv, provider,
		    1 + (unsigned)(job->roll % AIV_WORKSPACES), amount);
}

/* Off: the provider gives the money back. */
void
aiv_db_runaway(void *state, bool on, int64_t wall_ms)
{
	struct aiv *aiv = state;

	(void)wall_ms;
	if (on)
		return;
	aiv_book(aiv, AIV_PERPLEXITY, 1, -aiv->overspent);
	aiv->overspent = 0;
}

/* The share of it that happens in one step. */
static unsigned
aiv_times(struct aiv *aiv, double per_second)
{
	return rng_poisson(&aiv->db_rng, per_second * SIM_TICK_MS / 1000.0);
}

static void
aiv_db_ask(struct aiv *aiv)
{
	double load = model_rate(&aiv->model, &aiv->mood) / AIV_REQUEST_RATE;

	for (unsigned n = aiv_times(aiv, AIV_STATEMENTS * load); n > 0; n--)
		aiv_ask_mix(aiv);
	for (unsigned n = aiv_times(aiv, AIV_REPORTS * load); n > 0; n--)
		aiv_ask_one(aiv, &aiv_report);
	for (unsigned n = aiv_times(aiv, AIV_AUDITS * load); n > 0; n--)
		aiv_ask_audit(aiv);
	if (aiv_times(aiv, AIV_SHORT_LOCKS) > 0) {
		db_play(aiv->db, AIV_JOBS, aiv_short_lock);
		db_play(aiv->db, AIV_API, aiv_short_wait);
	}
}

/* Smoothed figures of how the API's statements have been faring. */
static void
aiv_db_feel(struct aiv *aiv, const struct db_view *view)
{
	const struct db_pool_figures *now = &view->pools[AIV_API];
	const struct db_pool_figures *last = &aiv->db_view.pools[AIV_API];
	double failed = (double)(now->failed - last->failed);
	double ended = failed + (double)(now->done - last->done);
	double stuck = (double)now->stuck / AIV_DB_POOL;

	aiv->db_stuck += AIV_SMOOTH * (stuck - aiv->db_stuck);
	if (ended > 0)
		aiv->db_failed +=
		    AIV_SMOOTH * (failed / ended - aiv->db_failed);
}

/* Without a server the faults are modelled like everything else. */
static void
aiv_db_pretend(struct aiv *aiv)
{
	bool full = aiv_has(aiv, AIV_POOL_EXHAUSTED) ||
		    aiv_has(aiv, AIV_LOCK_PILEUP) || aiv_has(aiv, AIV_SLOW_API);
	bool gone = aiv_has(aiv, AIV_DB_GONE);
	double connections =
	    full ? AIV_DB_POOL
		 : 3.0 + model_rate(&aiv->model, &aiv->mood) / 60.0;

	connections += 0.8 * rng_normal(&aiv->db_rng);
	aiv->now.db_ok = !gone;
	aiv->now.db_starting = false;
	aiv->now.db_connections =
	    gone ? 0 : floor(fmax(1, fmin(connections, AIV_DB_POOL)));
	aiv->db_stuck = full ? 1 : aiv_has(aiv, AIV_SLOW_STATEMENT) ? 0.3 : 0;
	aiv->db_failed = full || gone ? 1 : 0;
}

void
aiv_db_step(struct aiv *aiv)
{
	struct db_view view;

	if (aiv->db == NULL) {
		aiv_db_pretend(aiv);
		return;
	}
	if (!aiv->mood.frozen)
		aiv_db_ask(aiv);
	db_look(aiv->db, &view);
	aiv_db_feel(aiv, &view);
	aiv->db_view = view;
	aiv->now.db_starting =
	    view.state == DB_STARTING && aiv->steps < AIV_DB_START_STEPS;
	aiv->now.db_ok = view.reachable;
	aiv->now.db_connections = view.pools[AIV_API].open;
}

struct model_mood
aiv_db_mood(const struct aiv *aiv)
{
	struct model_mood mood = {
		.error_share = AIV_FAILED_5XX * aiv->db_failed,
	};

	if (aiv->db_stuck > AIV_STUCK_CALM)
		mood.latency = 1.0 + AIV_STUCK_SLOW * aiv->db_stuck;
	return mood;
}

void
aiv_db_status(const struct aiv *aiv, struct buf *out)
{
	const struct db_view *view = &aiv->db_view;

	if (aiv->db == NULL) {
		buf_str(out, "postgres not installed\n");
		return;
	}
	buf_fmt(out, "postgres %s",
	    view->state == DB_STARTING ? "starting"
	    : view->state == DB_UP     ? "up"
				       : "gone");
	if (view->pid != 0)
		buf_fmt(out, ", pid %ld", (long)view->pid);
	buf_fmt(out, ", port %u, user and database %s\n",
	    db_target(aiv->db)->port, aiv_db_conf.name);
	for (unsigned p = 0; p < DB_POOLS; p++) {
		const struct db_pool_figures *figures = &view->pools[p];

		buf_fmt(out,
		    "pool %s %u open, %u taken, %u stuck, %u waiting, %llu "
		    "answered, %llu failed\n",
		    aiv_db_conf.pools[p].app, figures->open, figures->taken,
		    figures->stuck, figures->waiting,
		    (unsigned long long)figures->done,
		    (unsigned long long)figures->failed);
	}
	if (view->why[0] != '\0')
		buf_fmt(out, "postgres said: %s\n", view->why);
}
