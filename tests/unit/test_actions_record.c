/*
 * The engine and its record: nothing is done that can't be recorded, and
 * what is recorded, or said of a job, is clean whatever a server answers.
 */
#include "actions/engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "tests/actions/fake.h"
#include "tests/tap.h"

/* A world with its folder; what fails is said. */
static bool
begin(struct fake_world *world)
{
	return ok(fake_open() && fake_world_open(world, "test", GATE_NORMAL),
	    "a world");
}

static void
end(struct fake_world *world)
{
	fake_world_close(world);
	fake_close();
}

/* Nothing is done that can't be recorded. */
static void
test_no_record(void)
{
	struct fake_world world;
	struct job_view view;

	if (!begin(&world))
		return;
	fake_act(&world, "fake.look", "a", NULL, &view);
	job_view_release(&view);
	fake_world_again(&world); /* with all rows written */
	is_int(chmod(world.audit, 0666), 0, "a record open to others");
	fake_act(&world, "fake.set", "a", "on", &view);
	is_int(view.outcome, OUTCOME_REFUSED, "refused");
	ok(strncmp(view.words, "cannot record: ", 15) == 0, "%s", view.words);
	job_view_release(&view);
	is_int(atomic_load(&fake.applies), 1, "and not sent");
	fake_act(&world, "fake.look", "a", NULL, &view);
	is_int(view.outcome, OUTCOME_DONE, "but looking goes on");
	job_view_release(&view);
	chmod(world.audit, 0600);
	end(&world);
}

static bool
row_is_refused(void *ctx, const struct audit_row *row)
{
	int *count = ctx;

	*count += strcmp(row->field[AUDIT_KIND], "outcome") == 0 &&
		  strcmp(row->field[AUDIT_RESULT], "refused") == 0;
	return true;
}

/* An intent that may be on record in spite of an error is ended there. */
static void
test_half_recorded(void)
{
	struct audit_conf conf = { .store = NULL };
	struct audit *audit = NULL;
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	sqlite3 *db = NULL;
	int count = 0;

	if (!begin(&world))
		return;
	fake_act(&world, "fake.look", "a", NULL, &view);
	job_view_release(&view);
	fake_world_again(&world); /* with all rows written */
	ok(sqlite3_open(world.audit, &db) == SQLITE_OK &&
		sqlite3_exec(db,
		    "CREATE TRIGGER fails AFTER INSERT ON audit WHEN NEW.kind "
		    "= 'intent' BEGIN SELECT abs(-9223372036854775808); END",
		    NULL, NULL, NULL) == SQLITE_OK,
	    "a record that fails in the middle");
	sqlite3_close(db);
	fake_act(&world, "fake.set", "a", "on", &view);
	is_int(view.outcome, OUTCOME_REFUSED, "refused");
	job_view_release(&view);
	is_int((int64_t)fake_effects(NULL), 0, "and not sent");
	fake_world_again(&world);
	conf.path = world.audit;
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "the record");
	is_int(
	    audit_walk(audit, 1, row_is_refused, &count, &err), ERR_OK, "read");
	is_int(count, 1, "says so");
	audit_close(audit);
	end(&world);
}

static bool
row_is_outcome(void *ctx, const struct audit_row *row)
{
	int *count = ctx;

	*count += strcmp(row->field[AUDIT_KIND], "outcome") == 0;
	return true;
}

/* Outcomes on record now, whatever the engine still does. */
static int
outcomes(const struct fake_world *world)
{
	const struct audit_conf conf = { .path = world->audit };
	struct audit *audit = NULL;
	int count = 0;

	if (audit_open(&conf, NULL, &audit, NULL) != ERR_OK ||
	    audit_walk(audit, 1, row_is_outcome, &count, NULL) != ERR_OK)
		count = -1;
	audit_close(audit);
	return count;
}

/* An action that was sent and gets its answer when fake.release is set. */
static uint64_t
sent(struct fake_world *world)
{
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job;

	atomic_store(&fake.on_apply, FAKE_HELD);
	job = fake_plan(world, "fake.set", "a", "on", &view);
	is_int(
	    actions_confirm(world->actions, job, view.plan, NULL, NULL, &err),
	    ERR_OK, "confirmed");
	job_view_release(&view);
	ok(fake_wait(world, job, 1u << JOB_SENDING, &view), "sent");
	job_view_release(&view);
	return job;
}

/* Who has seen an outcome may kill the process: it is on record. */
static void
test_seen_is_recorded(void)
{
	struct fake_world world;
	struct job_view view;
	sqlite3 *db = NULL;
	uint64_t job;

	if (!begin(&world))
		return;
	job = sent(&world);
	ok(sqlite3_open(world.audit, &db) == SQLITE_OK &&
		sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ==
		    SQLITE_OK,
	    "another process writes to the record");
	atomic_store(&fake.release, true);
	ok(fake_wait(&world, job, 1u << JOB_ENDING | FAKE_SETTLED, &view),
	    "its end");
	ok(view.outcome == OUTCOME_NONE && view.state == JOB_ENDING,
	    "is not told before it is on record");
	job_view_release(&view);
	is_int(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK,
	    "the other is ready");
	sqlite3_close(db);
	ok(fake_wait(&world, job, FAKE_SETTLED, &view), "then it is told");
	is_int(outcomes(&world), 1, "and there");
	job_view_release(&view);
	end(&world);
}

/* A row that could not be written is tried once more on the way out. */
static void
test_last_try(void)
{
	struct fake_world world;
	struct job_view view;
	uint64_t job;

	if (!begin(&world))
		return;
	job = sent(&world);
	is_int(chmod(world.audit, 0666), 0, "a record open to others");
	atomic_store(&fake.release, true);
	ok(fake_wait(&world, job, FAKE_SETTLED, &view), "it ends");
	ok(view.outcome == OUTCOME_DONE &&
		strstr(view.words, "not on record: ") != NULL &&
		strstr(view.words, "chmod 600") != NULL,
	    "and says what is missing: %s", view.words);
	job_view_release(&view);
	is_int(chmod(world.audit, 0600), 0, "mended");
	fake_world_again(&world);
	is_int(outcomes(&world), 1, "and it is on record");
	end(&world);
}

/*
 * A row that the record refuses for good is told, and holds up nothing; one
 * whose intent it refuses is not sent.
 */
static void
test_refused_row(void)
{
	char words[ERR_MSG_MAX] = "";
	const struct table *jobs;
	struct fake_world world;
	struct frame frame;
	struct job_view view;
	sqlite3 *db = NULL;

	if (!begin(&world))
		return;
	fake_act(&world, "fake.set", "z", "on", &view);
	job_view_release(&view);
	ok(sqlite3_open(world.audit, &db) == SQLITE_OK &&
		sqlite3_exec(db,
		    "CREATE TRIGGER no_a BEFORE INSERT ON audit WHEN NEW.kind "
		    "= 'outcome' AND NEW.target = 'a' BEGIN SELECT "
		    "RAISE(ABORT, 'no'); END; CREATE TRIGGER no_b BEFORE "
		    "INSERT ON audit WHEN NEW.target = 'b' BEGIN SELECT "
		    "RAISE(ABORT, 'no'); END",
		    NULL, NULL, NULL) == SQLITE_OK,
	    "a record that never takes some rows");
	sqlite3_close(db);
	fake_act(&world, "fake.set", "a", "on", &view);
	is_int(view.outcome, OUTCOME_DONE, "it is done");
	ok(strstr(view.words, "not on record: ") != NULL,
	    "and what is missing is said: %s", view.words);
	job_view_release(&view);
	ok(actions_missing(world.actions, 0, words) &&
		strncmp(words, "outcome of fake.set: ", 21) == 0 &&
		!actions_missing(world.actions, 1, words),
	    "also at the end: %s", words);
	fake_act(&world, "fake.set", "b", "on", &view);
	ok(view.outcome == OUTCOME_REFUSED &&
		strncmp(view.words, "cannot record: ", 15) == 0,
	    "an intent: %s", view.words);
	job_view_release(&view);
	is_int((int64_t)fake_effects("b"), 0, "nothing was sent");
	fake_act(&world, "fake.set", "c", "on", &view);
	ok(view.outcome == OUTCOME_DONE && view.words[0] == '\0',
	    "others go on: %s", view.words);
	job_view_release(&view);
	is_int(outcomes(&world), 2, "z and c");
	if (frame_init(&frame, world.store, NULL) == ERR_OK) {
		frame_acquire(&frame, world.store);
		jobs = payload_table(frame.actions->payload, "jobs");
		ok(jobs->row_count == 4 && jobs->rows[2].state == STATE_CRIT &&
			jobs->rows[3].state == STATE_OK,
		    "what is missing is loud among the jobs");
		frame_release(&frame);
	}
	end(&world);
}

/* Without memory for its row nothing is armed, and nothing is kept. */
static void
test_no_memory(void)
{
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	struct gate gate;
	char id[AUDIT_ID_LEN];

	if (!ok(fake_open() && fake_world_open(&world, "prod", GATE_NORMAL),
		"a world that starts read-only"))
		return;
	mem_fail_at(1, true);
	is_int(actions_arm(world.actions, "shop", "a test", 0, &err), ERR_NOMEM,
	    "arming fails");
	mem_fail_at(0, false);
	ok(actions_gate(world.actions, "shop", &gate) &&
		!gate_is_open(&gate, clock_now()),
	    "and it is closed");
	is_int(actions_arm(world.actions, "shop", "a test", 0, &err), ERR_OK,
	    "armed");
	fake_act(&world, "fake.set", "a", "on", &view);
	is_int(view.outcome, OUTCOME_DONE, "something is in force");
	memcpy(id, view.id, sizeof(id));
	job_view_release(&view);
	err_clear(&err);
	mem_fail_at(1, true);
	is_int(actions_keep(world.actions, id, "for good", &err), ERR_NOMEM,
	    "keeping it fails");
	mem_fail_at(0, false);
	is_int((int64_t)actions_in_force_count(world.actions), 1,
	    "and it is in force");
	err_clear(&err);
	is_int(
	    actions_keep(world.actions, id, "for good", &err), ERR_OK, "kept");
	is_int((int64_t)actions_in_force_count(world.actions), 0, "now");
	end(&world);
}

/* A store that does not answer holds up only those who record there. */
static void
test_dead_store(void)
{
	static const char other[] = "platform: mall\n"
				    "audit: {store: 'env:TEST_DEAD'}\n"
				    "sources: {things: {type: fake}}\n";
	const struct platform *platforms[2];
	struct platform *mall = NULL;
	struct fake_world world;
	struct job_view view;
	char words[ERR_MSG_MAX] = "";
	int64_t began;

	setenv("TEST_DEAD", "postgres://nobody@127.0.0.1:1/none", 1);
	fake_config = other;
	mall = fake_platform("test");
	fake_config = NULL;
	if (!begin(&world) || !ok(mall != NULL, "a second platform"))
		return;
	platforms[0] = mall;
	platforms[1] = world.platform;
	world.options.platforms = platforms;
	world.options.platform_count = 2;
	fake_world_again(&world);
	is_int(actions_arm(world.actions, "mall", "a row", 0, NULL), ERR_OK,
	    "a row for a store where nobody answers");
	began = clock_now();
	fake_act(&world, "fake.set", "a", "on", &view);
	ok(view.outcome == OUTCOME_DONE, "the other goes on: %s", view.words);
	job_view_release(&view);
	ok(clock_now() - began < ACTIONS_LATE_MS * NS_PER_MS / 2, "at once");
	is_int(outcomes(&world), 1, "on record");
	is_int(actions_stop(world.actions, clock_now() + 10 * NS_PER_SEC), true,
	    "ends");
	ok(actions_missing(world.actions, 0, words) &&
		strncmp(words, "gate: ", 6) == 0 &&
		!actions_missing(world.actions, 1, words),
	    "and tells of the row that it could not write: %s", words);
	end(&world);
	platform_free(mall);
}

static bool
row_is_utf8(void *ctx, const struct audit_row *row)
{
	int *bad = ctx;

	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++)
		*bad += !utf8_is_valid(row->field[i], strlen(row->field[i]));
	return true;
}

/* A store that insists on UTF-8 takes words that were cut, too. */
static void
test_cut_words(void)
{
	char name[92] = "a";
	struct request_target targets[] = { { "x", NULL }, { name, NULL } };
	static const struct request_value set = { "value", "on" };
	const struct request_spec spec = {
		.action = "fake.set",
		.platform = "shop",
		.targets = targets,
		.target_count = 2,
		.values = &set,
		.value_count = 1,
	};
	struct audit_conf conf = { .store = NULL };
	struct audit *audit = NULL;
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job = 0;
	int bad = 0;

	for (size_t i = 1; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xbc", 3);
	if (!begin(&world))
		return;
	atomic_store(&fake.on_apply, FAKE_HALF);
	is_int(actions_plan(world.actions, &spec, &job, &err), ERR_OK, "ask");
	fake_wait(&world, job, 1u << JOB_PLANNED, &view);
	is_int(actions_confirm(world.actions, job, view.plan, NULL, NULL, &err),
	    ERR_OK, "confirmed");
	job_view_release(&view);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	ok(strstr(view.words, "1 of 2 done") != NULL, "%s", view.words);
	ok(utf8_is_valid(view.words, strlen(view.words)), "whole characters");
	job_view_release(&view);
	fake_world_again(&world); /* with all rows written */
	conf.path = world.audit;
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "the record");
	is_int(audit_walk(audit, 1, row_is_utf8, &bad, &err), ERR_OK, "read");
	is_int(bad, 0, "and all of it is UTF-8");
	audit_close(audit);
	end(&world);
}

/* What a server says can neither move a cursor nor tell a secret. */
static void
test_words(void)
{
	static const struct request_target target = {
		"\x1b[2Jhunter22",
		"another",
	};
	static const struct request_value set = { "value", "on" };
	const struct request_spec spec = {
		.action = "fake.set",
		.platform = "shop",
		.targets = &target,
		.target_count = 1,
		.values = &set,
		.value_count = 1,
	};
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (!begin(&world))
		return;
	is_int(redactor_add(world.redactor, "hunter22", 8, &err), ERR_OK,
	    "a secret");
	is_int(actions_plan(world.actions, &spec, &job, &err), ERR_OK, "ask");
	fake_wait(&world, job, FAKE_SETTLED, &view);
	ok(strstr(view.words, "changed since you looked") != NULL, "%s",
	    view.words);
	ok(strchr(view.words, '\x1b') == NULL &&
		strstr(view.words, "hunter22") == NULL,
	    "in words that are clean");
	job_view_release(&view);
	end(&world);
}

int
main(void)
{
	RUN(test_no_record);
	RUN(test_half_recorded);
	RUN(test_seen_is_recorded);
	RUN(test_last_try);
	RUN(test_refused_row);
	RUN(test_no_memory);
	RUN(test_dead_store);
	RUN(test_cut_words);
	RUN(test_words);
	return tap_done();
}
