/*
 * Ending sessions of a real PostgreSQL that do not end: held by SIGSTOP, a
 * process takes a signal and does nothing about it. The server says yes all
 * the same, and the outcome must not.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "actions/action.h"
#include "actions/choices.h"
#include "datasrc/source.h"
#include "tests/actions/fake.h"
#include "tests/live/pg_server.h"
#include "tests/tap.h"

enum {
	SESSIONS = 3,
	HURRY = 100, /* two minutes are 1.2 s */
};

static struct pg_server server;

/* Sessions of one program, their processes at the server, and one more. */
struct clients {
	struct pg_conn *list[SESSIONS + 1];
	pid_t pids[SESSIONS];
};

static bool
clients_open(struct clients *clients)
{
	bool good = true;

	for (int i = 0; i < SESSIONS; i++) {
		clients->list[i] = pg_server_connect(&server, "&user=app");
		if (clients->list[i] == NULL)
			return false;
		clients->pids[i] = PQbackendPID((PGconn *)clients->list[i]);
		good = good && clients->pids[i] > 0 &&
		       pg_do(clients->list[i], "SELECT 1");
	}
	clients->list[SESSIONS] = pg_server_connect(&server, "");
	return good && clients->list[SESSIONS] != NULL;
}

static void
clients_close(struct clients *clients)
{
	for (int i = 0; i <= SESSIONS; i++)
		PQfinish((PGconn *)clients->list[i]);
}

static bool
begin(struct fake_world *world)
{
	static char config[1024];
	static struct platform_types types;

	action_config_types(&types);
	snprintf(config, sizeof(config),
	    "platform: shop\nsources:\n  db: {type: postgres, url: \"%s\"}\n",
	    server.url);
	fake_config = config;
	fake_sources = &types;
	if (!ok(fake_open() && fake_world_open(world, "test", GATE_NORMAL),
		"a world with a database"))
		return false;
	world->options.table = action_table;
	world->options.hurry = HURRY;
	return ok(fake_world_again(world), "with the actions of the program");
}

static void
end(struct fake_world *world)
{
	fake_world_close(world);
	fake_close();
	fake_config = NULL;
	fake_sources = NULL;
}

/* The server said yes and it never shows: that is neither done nor failed. */
static void
test_held(void)
{
	struct fake_world world;
	struct clients clients;
	struct job_view view;
	char pid[16];
	uint64_t job;

	if (!begin(&world) || !ok(clients_open(&clients), "sessions"))
		return;
	snprintf(pid, sizeof(pid), "%d", (int)clients.pids[0]);
	kill(clients.pids[0], SIGSTOP);
	fake_act(&world, "pg.terminate", pid, NULL, &view);
	is_int(view.outcome, OUTCOME_UNRESOLVED, "it can't be told");
	ok(strstr(view.words, "said yes, but it does not show") != NULL, "%s",
	    view.words);
	kill(clients.pids[0], SIGCONT);
	job = view.job;
	job_view_release(&view);
	ok(fake_wait(&world, job, 1u << JOB_ENDED, &view), "reading goes on");
	is_int(view.outcome, OUTCOME_DONE, "and settles it");
	job_view_release(&view);
	clients_close(&clients);
	end(&world);
}

/* Of many, how many. */
static void
test_held_some(void)
{
	const struct request_value values[] = { { "older", "1s" },
		{ "user", "app" } };
	const struct request_spec spec = {
		.action = "pg.terminate_idle",
		.platform = "shop",
		.values = values,
		.value_count = 2,
	};
	struct fake_world world;
	struct clients clients;
	struct job_view view = { .plan = NULL };
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (!begin(&world) || !ok(clients_open(&clients), "sessions"))
		return;
	kill(clients.pids[1], SIGSTOP);
	/* An idle session is what has idled for a second. */
	ok(pg_do(clients.list[SESSIONS], "SELECT pg_sleep(1.1)"), "time");
	if (!ok(actions_plan(world.actions, &spec, &job, &err) == ERR_OK &&
		    fake_wait(&world, job, 1u << JOB_PLANNED, &view),
		"a plan"))
		return;
	is_int(actions_confirm(
		   world.actions, job, view.plan, "a test", NULL, &err),
	    ERR_OK, "three that idle");
	job_view_release(&view);
	ok(fake_wait(&world, job, FAKE_SETTLED, &view), "settled");
	is_int(view.outcome, OUTCOME_PARTLY, "partly done");
	is_str(view.words, "2 of 3 ended, 0 in use again, 1 as they were",
	    "and what of which");
	job_view_release(&view);
	kill(clients.pids[1], SIGCONT);
	clients_close(&clients);
	end(&world);
}

/* Programs and roles to choose from. */
static void
test_choices(void)
{
	const struct request_spec spec = {
		.action = "pg.terminate_idle",
		.platform = "shop",
	};
	struct fake_world world;
	struct clients clients;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (!begin(&world) || !ok(clients_open(&clients), "sessions"))
		return;
	is_int(actions_choices(world.actions, &spec, "user", &job, &err),
	    ERR_OK, "asked");
	ok(fake_wait(&world, job, FAKE_SETTLED, &view), "answered");
	if (ok(view.choices != NULL && view.choices->count == 2, "two roles"))
		is_str(view.choices->items[0], "app",
		    "that with the most sessions first");
	job_view_release(&view);
	is_int(actions_choices(world.actions, &spec, "older", &job, &err),
	    ERR_OK, "asked for another");
	ok(fake_wait(&world, job, FAKE_SETTLED, &view), "answered");
	ok(view.outcome == OUTCOME_DONE && view.choices->count == 0,
	    "which is no word to choose");
	job_view_release(&view);
	clients_close(&clients);
	end(&world);
}

int
main(void)
{
	struct pg_conn *conn;

	if (!pg_server_available()) {
		skip("no PostgreSQL server is installed");
		return tap_done();
	}
	if (ok(pg_server_start(&server, NULL), "a server")) {
		conn = pg_server_connect(&server, "");
		ok(pg_do(conn, "CREATE ROLE app LOGIN"), "a role");
		PQfinish((PGconn *)conn);
		RUN(test_choices);
		RUN(test_held);
		RUN(test_held_some);
	}
	pg_server_remove(&server);
	return tap_done();
}
