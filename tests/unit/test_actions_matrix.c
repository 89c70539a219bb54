/*
 * The engine of the actions against a server that does everything wrong:
 * whatever happens at whichever step, what is shown is what is true, and
 * nothing is done twice.
 */
#include "actions/engine.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/build.h"
#include "tests/actions/fake.h"
#include "tests/tap.h"

/* One row of the matrix: what goes wrong where, and what has to come out. */
struct matrix_case {
	const char *name;
	enum fake_fault plan;
	enum fake_fault apply;
	enum fake_fault verify;
	enum job_outcome outcome;
	size_t effects;
	int applies; /* calls of apply: never more than one */
};

static const struct matrix_case matrix[] = {
	{ "all is well", FAKE_FINE, FAKE_FINE, FAKE_FINE, OUTCOME_DONE, 1, 1 },
	{ "nobody to plan with", FAKE_REFUSED, FAKE_FINE, FAKE_FINE,
	    OUTCOME_FAILED, 0, 0 },
	{ "the plan takes too long", FAKE_SLOW, FAKE_FINE, FAKE_FINE,
	    OUTCOME_FAILED, 0, 0 },
	{ "the plan hangs", FAKE_HANGS, FAKE_FINE, FAKE_FINE, OUTCOME_FAILED, 0,
	    0 },
	{ "refused at the connection", FAKE_FINE, FAKE_REFUSED, FAKE_FINE,
	    OUTCOME_FAILED, 0, 1 },
	{ "refused by the server", FAKE_FINE, FAKE_FORBIDDEN, FAKE_FINE,
	    OUTCOME_FAILED, 0, 1 },
	{ "stale: it changed since", FAKE_FINE, FAKE_CHANGED, FAKE_FINE,
	    OUTCOME_FAILED, 0, 1 },
	{ "reset before it was done", FAKE_FINE, FAKE_CUT_BEFORE, FAKE_FINE,
	    OUTCOME_FAILED, 0, 1 },
	{ "reset after it was done", FAKE_FINE, FAKE_CUT_AFTER, FAKE_FINE,
	    OUTCOME_DONE, 1, 1 },
	{ "done late, after no answer", FAKE_FINE, FAKE_LATE, FAKE_FINE,
	    OUTCOME_DONE, 1, 1 },
	{ "no answer at all in time", FAKE_FINE, FAKE_SLOW, FAKE_FINE,
	    OUTCOME_FAILED, 0, 1 },
	{ "the sending hangs", FAKE_FINE, FAKE_HANGS, FAKE_FINE,
	    OUTCOME_UNRESOLVED, 0, 1 },
	{ "the server lies", FAKE_FINE, FAKE_LIES, FAKE_FINE,
	    OUTCOME_UNRESOLVED, 0, 1 },
	{ "accepted, then undone by others", FAKE_FINE, FAKE_LIES, FAKE_NEVER,
	    OUTCOME_FAILED, 0, 1 },
	{ "done, then the server is gone", FAKE_FINE, FAKE_FINE,
	    FAKE_UNREADABLE, OUTCOME_UNRESOLVED, 1, 1 },
	{ "reset, and the server is gone", FAKE_FINE, FAKE_CUT_AFTER,
	    FAKE_UNREADABLE, OUTCOME_UNRESOLVED, 1, 1 },
	{ "reset, and reading back is slow", FAKE_FINE, FAKE_CUT_BEFORE,
	    FAKE_SLOW, OUTCOME_UNRESOLVED, 0, 1 },
	{ "reset, and reading back hangs", FAKE_FINE, FAKE_CUT_BEFORE,
	    FAKE_HANGS, OUTCOME_UNRESOLVED, 0, 1 },
};

/* The words of the newest row about an action. */
struct last_row {
	const char *id;
	char kind[16];
	char result[32];
	int intents;
	int outcomes;
	int64_t seq;
};

static bool
note_row(void *ctx, const struct audit_row *row)
{
	struct last_row *last = ctx;

	last->seq = row->seq;
	if (strcmp(row->field[AUDIT_ID], last->id) != 0)
		return true;
	snprintf(last->kind, sizeof(last->kind), "%s", row->field[AUDIT_KIND]);
	snprintf(
	    last->result, sizeof(last->result), "%s", row->field[AUDIT_RESULT]);
	last->intents += strcmp(last->kind, "intent") == 0;
	last->outcomes += strcmp(last->kind, "outcome") == 0;
	return true;
}

static void
read_record(struct fake_world *world, const char *id, struct last_row *last)
{
	const struct audit_conf conf = { .path = world->audit };
	struct audit_head head;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;

	memset(last, 0, sizeof(*last));
	last->id = id;
	if (audit_open(&conf, NULL, &audit, &err) != ERR_OK ||
	    audit_walk(audit, 0, note_row, last, &err) != ERR_OK ||
	    audit_verify(audit, NULL, &head, &err) != ERR_OK)
		ok(false, "record: %s", err_text(&err));
	audit_close(audit);
}

static void
run_case(const struct matrix_case *c)
{
	struct fake_world world;
	struct job_view view;
	struct last_row last;
	char id[AUDIT_ID_LEN];

	if (!ok(fake_open() && fake_world_open(&world, "test", GATE_NORMAL),
		"%s: world", c->name))
		return;
	atomic_store(&fake.on_plan, c->plan);
	atomic_store(&fake.on_apply, c->apply);
	atomic_store(&fake.on_verify, c->verify);
	fake_act(&world, "fake.set", "a", "on", &view);
	ok(view.outcome == c->outcome, "%s: %s %s (%s)", c->name,
	    job_state_word(view.state), job_outcome_word(view.outcome),
	    view.words);
	is_int((int64_t)fake_effects("a"), (int64_t)c->effects,
	    "effects at the server");
	is_int(atomic_load(&fake.applies), c->applies, "sent so often");
	ok(view.outcome == OUTCOME_DONE || view.words[0] != '\0',
	    "it says why");
	ok(c->apply == FAKE_LIES ||
		strstr(view.words, "the server said yes") == NULL,
	    "and says nothing for the server");
	memcpy(id, view.id, sizeof(id));
	job_view_release(&view);
	atomic_store(&fake.release, true);
	fake_world_close(&world);
	/* Closing has written what waited. */
	read_record(&world, id, &last);
	is_int(last.intents, c->applies, "intents on record");
	is_int(last.outcomes,
	    c->applies > 0 && c->outcome != OUTCOME_UNRESOLVED,
	    "outcomes on record");
	if (c->applies > 0)
		is_str(last.result, job_outcome_word(c->outcome),
		    "the record says the same");
	fake_close();
}

static void
test_matrix(void)
{
	for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
		run_case(&matrix[i]);
}

/* The watch thread's answer: one signal with this value and state. */
static void
publish_signal(struct fake_world *world, double value, enum state state)
{
	struct build *build = build_new();
	struct section *section = section_new();
	const struct signal row = {
		.name = TEXT("errors"),
		.title = TEXT("Errors"),
		.platform = TEXT("shop"),
		.why = TEXT(""),
		.unit = NUM_PERCENT,
		.value = value,
		.state = state,
		.crit = { true, COMPARE_GT, 0.05 },
	};

	build_signal(build, &row);
	section->payload = build_finish(build, NULL);
	build_free(build);
	store_publish(world->store, 0, section);
}

/* The text of a column of the newest job. */
static void
job_text(struct fake_world *world, const char *column, char *out, size_t size)
{
	struct frame frame;
	const struct table *table = NULL;

	out[0] = '\0';
	if (frame_init(&frame, world->store, NULL) != ERR_OK)
		return;
	frame_acquire(&frame, world->store);
	if (frame.actions != NULL)
		table = payload_table(frame.actions->payload, "jobs");
	if (table != NULL && table->row_count > 0)
		snprintf(out, size, "%s",
		    table->rows[0].cells[table_column(table, column)].text.s);
	frame_release(&frame);
}

/* Whether the signal that called for it got better, in words and on record. */
static void
test_after_check(void)
{
	static const struct {
		double value;
		enum state state;
		const char *word;
	} cases[] = {
		{ 0.004, STATE_OK, "recovered" },
		{ 0.074, STATE_CRIT, "no effect" },
		{ 0.5, STATE_CRIT, "worse" },
	};
	static const struct request_target target = { "a", NULL };
	struct fake_world world;
	struct job_view view;
	struct last_row last;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct request_value set = { "value", "on" };
		const struct request_spec spec = {
			.action = "fake.set",
			.platform = "shop",
			.targets = &target,
			.target_count = 1,
			.values = &set,
			.value_count = 1,
			.signal = "errors",
		};
		int64_t deadline = clock_now() + 10 * NS_PER_SEC;
		char words[200] = "", id[AUDIT_ID_LEN];
		uint64_t job = 0;

		if (!ok(fake_open() &&
			    fake_world_open(&world, "test", GATE_NORMAL),
			"a world"))
			return;
		publish_signal(&world, 0.073, STATE_CRIT);
		is_int(actions_plan(world.actions, &spec, &job, NULL), ERR_OK,
		    "asked for by a signal");
		fake_wait(&world, job, 1u << JOB_PLANNED, &view);
		is_int(actions_confirm(
			   world.actions, job, view.plan, NULL, NULL, NULL),
		    ERR_OK, "confirmed");
		memcpy(id, view.id, sizeof(id));
		job_view_release(&view);
		fake_wait(&world, job, FAKE_SETTLED, &view);
		job_view_release(&view);
		publish_signal(&world, cases[i].value, cases[i].state);
		while (strstr(words, cases[i].word) == NULL &&
		       clock_now() < deadline) {
			(void)io_wait(wake_fd(&world.wake), IO_READ, deadline,
			    NULL, NULL);
			wake_drain(&world.wake);
			job_text(&world, "check", words, sizeof(words));
		}
		ok(strstr(words, cases[i].word) != NULL, "%s", words);
		fake_world_close(&world);
		read_record(&world, id, &last);
		is_str(last.kind, "check", "on record");
		is_str(last.result, cases[i].word, "as the same");
		fake_close();
	}
}

int
main(void)
{
	RUN(test_after_check);
	RUN(test_matrix);
	return tap_done();
}
