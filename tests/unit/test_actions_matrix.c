/*
 * The engine of the actions against a server that does everything wrong:
 * whatever happens at whichever step, what is shown is what is true, and
 * nothing is done twice.
 */
#include "actions/engine.h"

#include <stdio.h>
#include <string.h>

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

int
main(void)
{
	RUN(test_matrix);
	return tap_done();
}
