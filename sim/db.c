/*
 * The thread takes its orders and leaves its figures under the one lock;
 * between the two it owns everything: server, pools, connections. It waits
 * for the server only while that is made, started or stopped, which is when
 * there is nothing else to do.
 */
#include "sim/db.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "sim/db_setup.h"
#include "sim/lobby.h"
#include "sim/pg_server.h"
#include "sim/token.h"

enum {
	DB_SETS = DB_POOLS * SIM_DB_PLACES_MAX + 2 * SIM_LOBBY_GUESTS +
		  3,		/* health, wake, cancel */
	DB_LEAK_EVERY_MS = 200, /* a pool of 20 is used up within seconds */
};

struct db_order {
	unsigned pool;
	struct db_ask ask;	     /* with a statement, or */
	const struct db_step *steps; /* a script */
};

struct db_orders {
	struct db_order list[SIM_DB_ORDERS_MAX];
	unsigned count;
	unsigned trouble;
	unsigned switched; /* since the last look; may be as it was again */
	bool restart;
};

struct db {
	const struct db_conf *conf;
	struct pg_server *server;
	struct lobby *lobby;
	struct db_target target;
	char password[TOKEN_CAP];
	struct cancel cancel;
	struct wake wake;
	struct thread thread;
	pthread_mutex_t lock; /* leaf: guards orders and view */
	struct db_orders orders;
	struct db_view view;

	/* of the thread */
	struct db_orders taken;
	enum db_state state;
	struct db_pool *pools[DB_POOLS];
	struct db_conn health;
	int64_t next_ping;
	int64_t answered; /* the health check, last */
	bool slow;	  /* the statement that can be slow is */
	unsigned leaking; /* the pool whose turn it is; DB_POOLS: none's */
	int64_t next_leak;
	struct err failure; /* of starting */
};

static void
db_publish(struct db *db, int64_t now)
{
	struct db_view view = { .state = db->state,
		.pid = pg_server_pid(db->server) };
	bool failed = db->failure.code != ERR_OK;
	const char *why = failed ? err_text(&db->failure) : "";

	view.reachable = db->answered != 0 &&
			 now - db->answered < SIM_DB_ANSWER_MS * NS_PER_MS;
	for (unsigned p = 0; p < DB_POOLS; p++) {
		db_pool_look(db->pools[p], now, &view.pools[p]);
		if (!failed && view.pools[p].refused)
			why = db_pool_why(db->pools[p]);
	}
	if (!failed && !view.reachable)
		why = db->health.why;
	snprintf(view.why, sizeof(view.why), "%s", why);
	pthread_mutex_lock(&db->lock);
	db->view = view;
	pthread_mutex_unlock(&db->lock);
}

static void
db_take_orders(struct db *db)
{
	wake_drain(&db->wake);
	pthread_mutex_lock(&db->lock);
	db->taken.count = db->orders.count;
	memcpy(db->taken.list, db->orders.list,
	    db->orders.count * sizeof(db->orders.list[0]));
	db->taken.trouble = db->orders.trouble;
	db->taken.switched = db->orders.switched;
	db->orders.switched = 0;
	db->taken.restart = db->orders.restart;
	db->orders.count = 0;
	db->orders.restart = false;
	pthread_mutex_unlock(&db->lock);
}

/* Hands the taken orders to the pools. */
static void
db_pass_on(struct db *db, int64_t now)
{
	for (unsigned i = 0; i < db->taken.count; i++) {
		const struct db_order *order = &db->taken.list[i];
		struct db_pool *pool = db->pools[order->pool];

		if (order->steps != NULL)
			db_pool_play(pool, order->steps);
		else
			db_pool_ask(pool, &order->ask, now);
	}
}

static void
db_start_server(struct db *db)
{
	err_clear(&db->failure);
	if (pg_server_start(db->server, false, &db->cancel, &db->failure) ==
	    ERR_OK) {
		db->state = DB_UP;
		db->answered = clock_now(); /* it has just done so */
	}
}

static void
db_stop_server(struct db *db)
{
	db->state = DB_DOWN;
	db->answered = 0;
	pg_server_halt(db->server, true);
}

/* The server is what was ordered; it may also have died by itself. */
static void
db_step_server(struct db *db)
{
	if (db->taken.restart && db->state == DB_UP) {
		db_stop_server(db);
		db_start_server(db);
	}
	if (db->taken.switched & DB_STOPPED) {
		db_stop_server(db);
		if (!(db->taken.trouble & DB_STOPPED))
			db_start_server(db);
	}
	if (db->state == DB_UP && !pg_server_alive(db->server))
		db->state = DB_DOWN;
}

/* Takes connections until each pool, and then the server, has no more. */
static void
db_step_leak(struct db *db, int64_t now)
{
	struct db_pool_figures figures;
	unsigned pool = db->leaking;

	if (pool >= DB_POOLS || now < db->next_leak)
		return;
	db->next_leak = now + DB_LEAK_EVERY_MS * NS_PER_MS;
	db_pool_look(db->pools[pool], now, &figures);
	/* the last pool goes on until the server refuses it */
	if (pool + 1 == DB_POOLS)
		db_pool_set_size(db->pools[pool], SIM_DB_PLACES_MAX);
	if (pool + 1 == DB_POOLS
		? figures.refused
		: figures.scripts >= db->conf->pools[pool].size)
		db->leaking++;
	else
		db_pool_play(db->pools[pool], db->conf->leak);
}

static void
db_step_trouble(struct db *db, int64_t now)
{
	unsigned switched = db->taken.switched;
	unsigned on = switched & db->taken.trouble;

	if (switched & DB_LEAK)
		db->leaking = DB_POOLS;
	if (switched & (DB_LEAK | DB_PILE))
		for (unsigned p = 0; p < DB_POOLS; p++) {
			db_pool_set_size(db->pools[p], 0);
			db_pool_release(db->pools[p]);
		}
	if (on & DB_LEAK)
		db->leaking = 0;
	if (on & DB_PILE)
		for (const struct db_part *part = db->conf->pile;
		     part->steps != NULL; part++)
			db_pool_play(db->pools[part->pool], part->steps);
	db_step_leak(db, now);
}

/*
 * The health check has a connection of its own, outside of the pools, and
 * is answered while those are used up. It also makes the one statement slow
 * and quick again.
 */
static void
db_step_health(struct db *db, bool ready, int64_t now)
{
	bool slow = db->taken.trouble & DB_SLOW;
	enum db_event event = ready ? db_conn_step(&db->health) : DB_NOTHING;

	if (event == DB_DONE && !db->health.failed)
		db->answered = now;
	if (event == DB_LOST)
		db->answered = 0;
	if (event == DB_OPENED)
		db->next_ping = now;
	if (now < db->next_ping)
		return;
	db->next_ping = now + SIM_DB_PING_MS * NS_PER_MS;
	if (db->health.state == DB_CLOSED) {
		(void)db_conn_open(&db->health, &db->target, "health");
	} else if (db->health.state != DB_IDLE) {
		/* a server that is held answers when it goes on */
	} else if (db->slow == slow) {
		(void)db_conn_send(&db->health, "SELECT 1", 0, NULL);
	} else if (db_conn_send(&db->health,
		       slow ? db->conf->slow_on : db->conf->slow_off, 0,
		       NULL)) {
		db->slow = slow;
	}
}

/* Waits for something to do and does it, until the token is fired. */
static void
db_loop(struct db *db)
{
	while (!cancel_is_fired(&db->cancel)) {
		struct pollfd set[DB_SETS];
		unsigned n = 0, guests;
		int64_t now;

		for (unsigned p = 0; p < DB_POOLS; p++)
			n += db_pool_poll(db->pools[p], set + n);
		guests = n;
		n += lobby_poll(db->lobby, set + n);
		set[n] = db_conn_poll(&db->health);
		set[n + 1] = (struct pollfd) { .fd = wake_fd(&db->wake),
			.events = POLLIN };
		set[n + 2] = (struct pollfd) { .fd = cancel_fd(&db->cancel),
			.events = POLLIN };
		(void)poll(set, n + 3, SIM_DB_POLL_MS);
		lobby_step(db->lobby, set + guests);
		db_take_orders(db);
		db_step_server(db);
		now = clock_now();
		db_step_trouble(db, now);
		db_pass_on(db, now);
		for (unsigned p = 0; p < DB_POOLS; p++)
			db_pool_step(
			    db->pools[p], set + p * SIM_DB_PLACES_MAX, now);
		db_step_health(db, set[n].revents != 0, now);
		db_publish(db, now);
	}
}

/* Aside until it has all that it should have: a guest who came before that
 * would be told that the role does not exist. */
static enum err_code
db_make_server(struct db *db)
{
	struct err *err = &db->failure;
	enum err_code rc = pg_server_prepare(db->server, &db->cancel, err);

	if (rc == ERR_OK)
		rc = pg_server_start(db->server, true, &db->cancel, err);
	if (rc == ERR_OK)
		rc = db_setup(db->server, &db->target, db->conf->schema,
		    &db->cancel, err);
	pg_server_halt(db->server, true);
	return rc;
}

static void *
db_main(void *arg)
{
	struct db *db = arg;

	enum err_code rc = db_make_server(db);

	db->state = DB_DOWN;
	lobby_close_door(db->lobby);
	if (rc == ERR_OK)
		db_start_server(db);
	lobby_let_in(db->lobby);
	db_loop(db);
	for (unsigned p = 0; p < DB_POOLS; p++)
		db->pools[p] = db_pool_free(db->pools[p]);
	db_conn_close(&db->health);
	/* its parent is this thread, so it ends here */
	pg_server_halt(db->server, false);
	return NULL;
}

enum err_code
db_new(const struct db_conf *conf, const char *dir, struct db **ret_db,
    struct err *err)
{
	struct db *db = mem_calloc(1, sizeof(*db));
	enum err_code rc;

	if (db == NULL)
		return err_set(err, ERR_NOMEM, "db", "starting");
	pthread_mutex_init(&db->lock, NULL);
	db->wake.fd[0] = db->wake.fd[1] = -1;
	db->cancel.fd[0] = db->cancel.fd[1] = -1;
	db->conf = conf;
	db->leaking = DB_POOLS;
	rc = pg_server_new(dir, &db->server, err);
	if (rc == ERR_OK)
		rc = lobby_open(pg_server_port(db->server), &db->lobby, err);
	if (rc != ERR_OK)
		goto out;
	db->target = (struct db_target) {
		.port = pg_server_port(db->server),
		.user = conf->name,
		.database = conf->name,
		.password = db->password,
	};
	for (unsigned p = 0; p < DB_POOLS; p++) {
		db->pools[p] = db_pool_new(&conf->pools[p], &db->target);
		if (db->pools[p] == NULL)
			rc = err_set(err, ERR_NOMEM, "db", "starting");
	}
	if (rc == ERR_OK)
		rc = token_make(db->password, err);
	if (rc == ERR_OK)
		rc = cancel_init(&db->cancel, err);
	if (rc == ERR_OK)
		rc = wake_init(&db->wake, err);
	if (rc == ERR_OK)
		rc = thread_start(&db->thread, "database", db_main, db, err);
out:
	if (rc != ERR_OK)
		db_free(db);
	else
		*ret_db = db;
	return rc;
}

const struct db_target *
db_target(const struct db *db)
{
	return &db->target;
}

static void
db_order(struct db *db, const struct db_order *order)
{
	pthread_mutex_lock(&db->lock);
	if (db->orders.count < SIM_DB_ORDERS_MAX)
		db->orders.list[db->orders.count++] = *order;
	pthread_mutex_unlock(&db->lock);
	wake_signal(&db->wake);
}

void
db_ask(struct db *db, unsigned pool, const struct db_statement *statement,
    const char *const params[])
{
	struct db_order order = { .pool = pool, .ask.statement = statement };

	for (unsigned i = 0; i < statement->params; i++)
		snprintf(order.ask.params[i], sizeof(order.ask.params[i]), "%s",
		    params[i]);
	db_order(db, &order);
}

void
db_play(struct db *db, unsigned pool, const struct db_step *steps)
{
	struct db_order order = { .pool = pool, .steps = steps };

	db_order(db, &order);
}

void
db_switch(struct db *db, enum db_trouble trouble, bool on)
{
	pthread_mutex_lock(&db->lock);
	if (on)
		db->orders.trouble |= trouble;
	else
		db->orders.trouble &= ~(unsigned)trouble;
	db->orders.switched |= trouble;
	pthread_mutex_unlock(&db->lock);
	wake_signal(&db->wake);
}

void
db_restart(struct db *db)
{
	pthread_mutex_lock(&db->lock);
	db->orders.restart = true;
	pthread_mutex_unlock(&db->lock);
	wake_signal(&db->wake);
}

void
db_look(struct db *db, struct db_view *ret_view)
{
	pthread_mutex_lock(&db->lock);
	*ret_view = db->view;
	pthread_mutex_unlock(&db->lock);
}

struct db *
db_free(struct db *db)
{
	if (db == NULL)
		return NULL;
	if (db->thread.started) {
		cancel_fire(&db->cancel);
		thread_join(&db->thread);
	}
	for (unsigned p = 0; p < DB_POOLS; p++)
		db->pools[p] = db_pool_free(db->pools[p]);
	db->lobby = lobby_free(db->lobby);
	db->server = pg_server_free(db->server);
	wake_release(&db->wake);
	cancel_release(&db->cancel);
	pthread_mutex_destroy(&db->lock);
	mem_free(db);
	return NULL;
}
