/*
 * The record of a team in a real PostgreSQL: two dashboards write at once,
 * rows that are changed are found, and a server that is gone, read-only or
 * careless is refused.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/audit.h"
#include "base/clock.h"
#include "base/redact.h"
#include "tests/actions/fake.h"
#include "tests/live/pg_server.h"
#include "tests/tap.h"

#include <libpq-fe.h>

static struct pg_server server;
static struct audit_conf conf = { .path = "/tmp/sevtop-none" };

static enum err_code
append(struct audit *audit, struct audit_head *head, enum audit_kind kind,
    int n, const char *target, struct err *err)
{
	struct audit_row row = { .seq = 0 };
	char id[AUDIT_ID_LEN];

	snprintf(id, sizeof(id), "%032d", n);
	row.field[AUDIT_KIND] = audit_kind_word(kind);
	row.field[AUDIT_ID] = id;
	row.field[AUDIT_LOCK] = "shop/queues";
	row.field[AUDIT_TARGET] = target;
	row.field[AUDIT_USER] = "alice";
	row.field[AUDIT_RESULT] = kind == AUDIT_KIND_OUTCOME ? "done" : "";
	return audit_append(audit, &row, head, err);
}

static bool
count_row(void *ctx, const struct audit_row *row)
{
	size_t *count = ctx;

	(void)row;
	(*count)++;
	return true;
}

static void
test_rows(void)
{
	struct audit_head head = { .seq = 0 }, found;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;

	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 1, "a", &err), ERR_OK,
	    "an intent");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 2, "a", &err),
	    ERR_WAITING, "another on the same waits");
	err_clear(&err);
	is_int(append(audit, &head, AUDIT_KIND_OUTCOME, 1, "a", &err), ERR_OK,
	    "its outcome");
	is_int(append(audit, &head, AUDIT_KIND_OUTCOME, 1, "a", &err),
	    ERR_CLOSED, "once");
	err_clear(&err);
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 2, "a", &err), ERR_OK,
	    "then the other");
	is_int(audit_verify(audit, &head, &found, &err), ERR_OK, "whole");
	is_int(found.seq, 3, "three rows");
	audit_close(audit);
}

/* All that is open counts, also what is not on the first page. */
static void
test_many_open(void)
{
	enum {
		MANY = 120
	};
	struct audit_head head = { .seq = 0 }, found;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	char target[16];
	int bad = 0;
	size_t open = 0;

	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(append(audit, &head, AUDIT_KIND_OUTCOME, 2, "a", &err), ERR_OK,
	    "nothing is open");
	for (int i = 0; i < MANY; i++) {
		snprintf(target, sizeof(target), "t%d", i);
		bad += append(audit, &head, AUDIT_KIND_INTENT, 5000 + i, target,
			   &err) != ERR_OK;
	}
	is_int(bad, 0, "many are");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 6000, target, &err),
	    ERR_WAITING, "the last of them holds its target");
	err_clear(&err);
	is_int(audit_open_intents(audit, count_row, &open, &err), ERR_OK,
	    "all of them");
	is_int((int64_t)open, MANY, "are found");
	is_int(audit_verify(audit, &head, &found, &err), ERR_OK, "whole");
	for (int i = 0; i < MANY; i++)
		bad += append(audit, &head, AUDIT_KIND_OUTCOME, 5000 + i, "x",
			   &err) != ERR_OK;
	is_int(bad, 0, "and ended");
	audit_close(audit);
}

/* The head of one record says nothing of another. */
static void
test_heads(void)
{
	char path[600];
	struct audit_conf local = { .path = path }, team = conf;
	struct audit_head head = { .seq = 0 }, kept;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;

	if (!ok(fake_open(), "a folder"))
		return;
	snprintf(path, sizeof(path), "%s/audit.db", fake.dir);
	team.path = path;
	is_int(audit_open(&local, NULL, &audit, &err), ERR_OK, "a file");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 900, "a", &err), ERR_OK,
	    "a row");
	audit_close(audit);
	is_int(audit_kept_head(&team, &kept, &err), ERR_OK, "the team's");
	is_int(kept.seq, 0, "has no head yet");
	head.seq = 0;
	is_int(audit_open(&team, NULL, &audit, &err), ERR_OK, "the store");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 901, "heads", &err),
	    ERR_OK, "a row");
	audit_close(audit);
	is_int(audit_kept_head(&team, &kept, &err), ERR_OK, "the team's");
	is_int(kept.seq, head.seq, "is the store's last row");
	is_int(audit_kept_head(&local, &kept, &err), ERR_OK, "and the file's");
	is_int(kept.seq, 1, "is that of the file");
	fake_close();
}

/* Two processes, as two dashboards of a team. */
static void
test_two_writers(void)
{
	enum {
		EACH = 40
	};
	struct audit_head found, before = { .seq = 0 };
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	int status, bad = 0;

	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(audit_head(audit, &before, &err), ERR_OK, "head");
	audit_close(audit);
	for (int w = 0; w < 2; w++) {
		struct audit_head head = { .seq = 0 };

		fflush(stdout);
		if (fork() != 0)
			continue;
		audit = NULL;
		if (audit_open(&conf, NULL, &audit, &err) != ERR_OK)
			_exit(1);
		for (int i = 0; i < EACH; i++) {
			if (append(audit, &head, AUDIT_KIND_GATE,
				1000 * (w + 1) + i, "", &err) != ERR_OK) {
				printf("# %s\n", err_text(&err));
				fflush(stdout);
				_exit(2);
			}
		}
		_exit(0);
	}
	for (int w = 0; w < 2; w++) {
		wait(&status);
		bad += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	is_int(bad, 0, "both wrote all of theirs");
	audit = NULL;
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(audit_verify(audit, &before, &found, &err), ERR_OK,
	    "one chain, which continues what was there");
	is_int(found.seq, before.seq + 2 * EACH, "with every row");
	audit_close(audit);
}

static void
test_tampering(void)
{
	struct pg_conn *conn = pg_server_connect(&server, "");
	struct audit_head found;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;

	ok(!pg_do(conn, "UPDATE sevtop.audit SET \"user\" = 'bob'"),
	    "the triggers refuse");
	ok(!pg_do(conn, "TRUNCATE sevtop.audit"), "truncating, too");
	ok(pg_do(conn, "ALTER TABLE sevtop.audit DISABLE TRIGGER USER"),
	    "who may can switch them off");
	ok(pg_do(conn, "UPDATE sevtop.audit SET \"user\" = 'bob' WHERE seq = "
		       "2"),
	    "and change a row");
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(audit_verify(audit, NULL, &found, &err), ERR_BADDATA,
	    "the triggers are missed");
	err_clear(&err);
	pg_do(conn, "ALTER TABLE sevtop.audit ENABLE TRIGGER USER");
	is_int(audit_verify(audit, NULL, &found, &err), ERR_BADDATA,
	    "and the row is found");
	ok(strstr(err_text(&err), "row 2 was changed") != NULL, "%s",
	    err_text(&err));
	audit_close(audit);
	PQfinish((PGconn *)conn);
}

/* A rule of the team's own, which no row of that target's end keeps. */
static void
forbid_outcome(const char *target)
{
	struct pg_conn *conn = pg_server_connect(&server, "");
	char sql[200];

	snprintf(sql, sizeof(sql),
	    "ALTER TABLE sevtop.audit ADD CHECK (kind <> 'outcome' OR "
	    "target <> '%s')",
	    target);
	ok(pg_do(conn, sql), "a rule of the table");
	PQfinish((PGconn *)conn);
}

/* The engine on such a record, and without it. */
static void
test_engine(void)
{
	static const char config[] = "platform: shop\n"
				     "audit: {store: \"env:TEST_AUDIT\"}\n"
				     "sources:\n  things: {type: fake}\n";
	struct fake_world world;
	struct job_view view;

	setenv("TEST_AUDIT", server.url, 1);
	fake_config = config;
	if (!ok(fake_open() && fake_world_open(&world, "test", GATE_NORMAL),
		"a world whose record is the team's"))
		return;
	fake_act(&world, "fake.set", "x", "on", &view);
	is_int(view.outcome, OUTCOME_DONE, "done and recorded");
	printf("# %s\n", view.words);
	job_view_release(&view);
	ok(access(world.audit, F_OK) != 0, "no file was made");
	forbid_outcome("z");
	fake_act(&world, "fake.set", "z", "on", &view);
	is_int(view.outcome, OUTCOME_DONE, "a row that the store refuses");
	ok(strstr(view.words, "not on record: ") != NULL, "%s", view.words);
	job_view_release(&view);
	fake_act(&world, "fake.set", "x", "off", &view);
	is_int(view.outcome, OUTCOME_DONE, "holds up no other");
	job_view_release(&view);
	pg_server_stop(&server);
	fake_act(&world, "fake.set", "x", "on", &view);
	is_int(view.outcome, OUTCOME_REFUSED, "the store is gone: refused");
	ok(strncmp(view.words, "cannot record: ", 15) == 0, "%s", view.words);
	job_view_release(&view);
	is_int((int64_t)fake_effects("x"), 2, "and not done");
	ok(pg_server_again(&server), "it is back");
	fake_act(&world, "fake.set", "y", "on", &view);
	is_int(view.outcome, OUTCOME_DONE, "and so are we");
	job_view_release(&view);
	fake_world_close(&world);
	fake_close();
	fake_config = NULL;
}

static void
test_refused(void)
{
	struct audit_conf wrong = conf;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	static struct pg_server careless; /* the tests' own way: no fsync */

	wrong.store = "postgres://127.0.0.1:1/none";
	is_int(audit_open(&wrong, NULL, &audit, &err), ERR_REFUSED,
	    "nobody there");
	ok(strstr(err_text(&err), "the team's store") != NULL, "%s",
	    err_text(&err));
	err_clear(&err);
	if (ok(pg_server_start(&careless, NULL), "a careless server")) {
		wrong.store = careless.url;
		is_int(audit_open(&wrong, NULL, &audit, &err), ERR_UNSUPPORTED,
		    "is refused");
		ok(strstr(err_text(&err), "fsync is off") != NULL, "%s",
		    err_text(&err));
	}
	pg_server_remove(&careless);
}

int
main(void)
{
	static const char *const more[] = { "-c", "fsync=on", NULL };

	if (!pg_server_available()) {
		skip("no PostgreSQL server is installed");
		return tap_done();
	}
	conf.redactor = redactor_new();
	if (ok(pg_server_start(&server, more), "a server")) {
		conf.store = server.url;
		RUN(test_rows);
		RUN(test_many_open);
		RUN(test_heads);
		RUN(test_two_writers);
		RUN(test_tampering);
		RUN(test_engine);
		RUN(test_refused);
	}
	pg_server_remove(&server);
	redactor_free(conf.redactor);
	return tap_done();
}
