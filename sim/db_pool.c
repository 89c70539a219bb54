#include "sim/db_pool.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

struct db_place {
	struct db_conn conn;
	bool taken;
	int64_t taken_at;	  /* or given back then, while it is free */
	const struct db_step *at; /* NULL: a statement, or nothing */
	int64_t rest_until;	  /* 0: the step is under way */
};

struct db_pool {
	const struct db_pool_conf *conf;
	const struct db_target *target;
	unsigned size;
	struct db_place places[SIM_DB_PLACES_MAX];
	struct db_ask line[SIM_DB_LINE_MAX]; /* a ring */
	unsigned line_at, line_len;
	const struct db_step *scripts[SIM_DB_SCRIPTS_MAX]; /* in line */
	unsigned script_len;
	int64_t next_try; /* to connect, after a failure */
	bool refused;
	uint64_t done, failed, timed_out;
	char why[SIM_DB_WHY_MAX];
};

struct db_pool *
db_pool_new(const struct db_pool_conf *conf, const struct db_target *target)
{
	struct db_pool *pool = mem_calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->conf = conf;
	pool->target = target;
	db_pool_set_size(pool, 0);
	return pool;
}

void
db_pool_set_size(struct db_pool *pool, unsigned size)
{
	pool->size = size > 0 ? size : pool->conf->size;
	if (pool->size > SIM_DB_PLACES_MAX)
		pool->size = SIM_DB_PLACES_MAX;
}

void
db_pool_ask(struct db_pool *pool, const struct db_ask *ask, int64_t now)
{
	struct db_ask *slot =
	    &pool->line[(pool->line_at + pool->line_len) % SIM_DB_LINE_MAX];

	if (pool->line_len == SIM_DB_LINE_MAX) {
		pool->failed++;
		return;
	}
	*slot = *ask;
	slot->since = now;
	pool->line_len++;
}

static struct db_ask *
pool_first(struct db_pool *pool)
{
	return &pool->line[pool->line_at];
}

static void
pool_drop_first(struct db_pool *pool)
{
	pool->line_at = (pool->line_at + 1) % SIM_DB_LINE_MAX;
	pool->line_len--;
}

void
db_pool_play(struct db_pool *pool, const struct db_step *steps)
{
	if (pool->script_len < SIM_DB_SCRIPTS_MAX)
		pool->scripts[pool->script_len++] = steps;
}

void
db_pool_release(struct db_pool *pool)
{
	pool->script_len = 0;
	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++)
		if (pool->places[i].rest_until == INT64_MAX)
			pool->places[i].rest_until = 1;
}

static void
pool_take(struct db_place *place, int64_t now)
{
	place->taken = true;
	place->taken_at = now;
}

static void
pool_give_back(struct db_place *place, int64_t now)
{
	place->taken = false;
	place->taken_at = now;
	place->at = NULL;
	place->rest_until = 0;
}

static void
pool_lost(struct db_pool *pool, struct db_place *place, int64_t now)
{
	snprintf(pool->why, sizeof(pool->why), "%s", place->conn.why);
	if (place->taken && place->at == NULL)
		pool->failed++;
	pool_give_back(place, now);
}

static void
pool_send(struct db_pool *pool, struct db_place *place, const char *sql,
    unsigned count, const char *const params[], int64_t now)
{
	if (!db_conn_send(&place->conn, sql, count, params))
		pool_lost(pool, place, now);
}

/* The step that a script is at, or its end. */
static void
pool_run_step(struct db_pool *pool, struct db_place *place, int64_t now)
{
	place->rest_until = 0;
	if (place->at->sql == NULL)
		pool_give_back(place, now);
	else
		pool_send(pool, place, place->at->sql, 0, NULL, now);
}

static void
pool_step_done(struct db_pool *pool, struct db_place *place, int64_t now)
{
	int rest_ms = place->at->rest_ms;

	place->at++;
	if (rest_ms == DB_REST_LONG)
		place->rest_until = INT64_MAX;
	else if (rest_ms > 0)
		place->rest_until = now + rest_ms * NS_PER_MS;
	else
		pool_run_step(pool, place, now);
}

static void
pool_event(struct db_pool *pool, struct db_place *place, enum db_event event,
    bool connecting, int64_t now)
{
	switch (event) {
	case DB_OPENED:
		pool->refused = false;
		place->taken_at = now;
		break;
	case DB_DONE:
		if (place->at != NULL) {
			pool_step_done(pool, place, now);
			break;
		}
		pool->done += !place->conn.failed;
		pool->failed += place->conn.failed;
		pool_give_back(place, now);
		break;
	case DB_LOST:
		pool_lost(pool, place, now);
		if (connecting) {
			pool->refused = true;
			pool->next_try = now + SIM_DB_RETRY_MS * NS_PER_MS;
		}
		break;
	default:
		break;
	}
}

/* What happens by the clock and not by the server. */
static void
pool_step_place(
    struct db_pool *pool, struct db_place *place, bool ready, int64_t now)
{
	bool connecting = place->conn.state == DB_CONNECTING;

	if (ready)
		pool_event(
		    pool, place, db_conn_step(&place->conn), connecting, now);
	if (place->conn.state == DB_CONNECTING &&
	    now - place->conn.since > SIM_DB_CONNECT_MS * NS_PER_MS) {
		snprintf(place->conn.why, sizeof(place->conn.why),
		    "timeout expired");
		db_conn_close(&place->conn);
		pool_event(pool, place, DB_LOST, true, now);
	}
	if (place->rest_until != 0 && now >= place->rest_until)
		pool_run_step(pool, place, now);
}

/* Gives free connections to scripts first, then to the line. */
static void
pool_hand_out(struct db_pool *pool, int64_t now)
{
	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++) {
		struct db_place *place = &pool->places[i];
		const char *params[SIM_DB_PARAMS_MAX];
		struct db_ask ask;

		if (place->conn.state != DB_IDLE || place->taken)
			continue;
		if (pool->script_len > 0) {
			pool_take(place, now);
			place->at = pool->scripts[0];
			pool->script_len--;
			memmove(pool->scripts, pool->scripts + 1,
			    pool->script_len * sizeof(pool->scripts[0]));
			pool_run_step(pool, place, now);
			continue;
		}
		if (pool->line_len == 0)
			return;
		ask = *pool_first(pool);
		pool_drop_first(pool);
		for (unsigned p = 0; p < SIM_DB_PARAMS_MAX; p++)
			params[p] = ask.params[p];
		pool_take(place, now);
		pool_send(pool, place, ask.statement->sql,
		    ask.statement->params, params, now);
	}
}

/* Statements for which a connection is opened; others will soon have one. */
static unsigned
pool_overdue(const struct db_pool *pool, int64_t now)
{
	unsigned n = 0;

	while (n < pool->line_len &&
	       now - pool->line[(pool->line_at + n) % SIM_DB_LINE_MAX].since >
		   SIM_DB_GROW_MS * NS_PER_MS)
		n++;
	return n;
}

/* Opens what is missing; closes one that nobody needs. */
static void
pool_resize(struct db_pool *pool, int64_t now)
{
	unsigned open = 0, connecting = 0;
	unsigned wanted = pool->script_len + pool_overdue(pool, now);
	struct db_place *closed = NULL, *idle = NULL;

	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++) {
		struct db_place *place = &pool->places[i];

		open += place->conn.state != DB_CLOSED;
		connecting += place->conn.state == DB_CONNECTING;
		if (place->conn.state == DB_CLOSED)
			closed = place;
		else if (place->conn.state == DB_IDLE && !place->taken)
			idle = place;
	}
	/* once refused, one at a time knocks again */
	if (closed != NULL && open < pool->size && now >= pool->next_try &&
	    !(pool->refused && connecting > 0) &&
	    (open < pool->conf->keep || wanted > connecting)) {
		if (!db_conn_open(&closed->conn, pool->target, pool->conf->app))
			pool_event(pool, closed, DB_LOST, true, now);
	} else if (idle != NULL && wanted == 0 &&
		   (open > pool->size || (open > pool->conf->keep &&
					     now - idle->taken_at >
						 SIM_DB_IDLE_MS * NS_PER_MS))) {
		db_conn_close(&idle->conn);
	}
}

/* Without a single connection there is nothing to wait for. */
static void
pool_give_up(struct db_pool *pool, int64_t now)
{
	bool none = pool->refused;

	if (pool->conf->wait_ms == 0)
		return;
	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++)
		none &= pool->places[i].conn.state == DB_CLOSED;
	while (pool->line_len > 0) {
		bool late = now - pool_first(pool)->since >
			    pool->conf->wait_ms * NS_PER_MS;

		if (!late && !none)
			return;
		pool->failed++;
		pool->timed_out += !none;
		pool_drop_first(pool);
	}
}

unsigned
db_pool_poll(const struct db_pool *pool, struct pollfd *set)
{
	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++)
		set[i] = db_conn_poll(&pool->places[i].conn);
	return SIM_DB_PLACES_MAX;
}

void
db_pool_step(struct db_pool *pool, const struct pollfd *set, int64_t now)
{
	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++)
		pool_step_place(
		    pool, &pool->places[i], set[i].revents != 0, now);
	pool_hand_out(pool, now);
	pool_resize(pool, now);
	pool_give_up(pool, now);
}

void
db_pool_look(const struct db_pool *pool, int64_t now,
    struct db_pool_figures *ret_figures)
{
	struct db_pool_figures sum = {
		.waiting = pool->line_len,
		.scripts = pool->script_len,
		.refused =
		    pool->refused && pool->line_len + pool->script_len > 0,
		.done = pool->done,
		.failed = pool->failed,
		.timed_out = pool->timed_out,
	};

	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++) {
		const struct db_place *place = &pool->places[i];

		sum.open += place->conn.state == DB_IDLE ||
			    place->conn.state == DB_BUSY;
		sum.taken += place->taken;
		sum.scripts += place->at != NULL;
		sum.stuck += place->taken && now - place->taken_at >
						 SIM_DB_STUCK_MS * NS_PER_MS;
	}
	*ret_figures = sum;
}

const char *
db_pool_why(const struct db_pool *pool)
{
	return pool->why;
}

struct db_pool *
db_pool_free(struct db_pool *pool)
{
	if (pool == NULL)
		return NULL;
	for (unsigned i = 0; i < SIM_DB_PLACES_MAX; i++)
		db_conn_close(&pool->places[i].conn);
	mem_free(pool);
	return NULL;
}
