/* What the engine of the actions tells: jobs in every state. */
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tests/panel/fixture_impl.h"

enum {
	MANY_JOBS = 60
};

static const struct column jobs_columns[] = {
	{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("action"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("platform"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("class"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("took"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("outcome"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("words"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("check"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
};

static const struct column force_columns[] = {
	{ TEXT_INIT("action"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("undo"), COLUMN_TEXT, NUM_NONE },
};

static const struct column lines_columns[] = {
	{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("label"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("text"), COLUMN_TEXT, NUM_NONE },
};

static const struct column targets_columns[] = {
	{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("words"), COLUMN_TEXT, NUM_NONE },
};

static const struct column output_columns[] = {
	{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("line"), COLUMN_TEXT, NUM_NONE },
};

/* Newest first. */
static const struct fixture_job {
	double job;
	const char *action, *target, *class;
	enum state state;
	const char *word;
	double ago_s, took;
	const char *outcome, *words, *check, *reason;
} jobs[] = {
	{ 13, "backup", "ai_visibility", "disruptive", STATE_OK, "sending", 8,
	    8.2, "", "", "", "before the migration" },
	{ 12, "queue.retry_all", "runPrompt", "disruptive", STATE_OK, "sending",
	    2, 2.1, "", "", "", "the provider is back" },
	{ 11, "pg.terminate", "4711", "disruptive", STATE_CRIT, "IN DOUBT", 41,
	    41, "", "the connection was reset", "", "holds all locks" },
	{ 10, "queue.pause", "runPrompt", "reversible", STATE_OK, "ended", 90,
	    0.4, "done", "1,204 jobs held",
	    "recovered after 48s: error_rate 7.3 % to 0.4 %", "" },
	{ 9, "flag.set", "AUTO_THROTTLE_ENABLED, BATCH_ENABLED", "reversible",
	    STATE_CRIT, "ended", 300, 1.2, "partly done",
	    "1 of 2 done; BATCH_ENABLED not changed: not permitted",
	    "no effect within 5m: error_rate 7.3 % to 7.1 %", "" },
	{ 8, "rollback", "api", "disruptive", STATE_WARN, "ended", 600, 12,
	    "failed", "exit status 1: no such revision", "", "bad release" },
	{ 7, "queue.clean", "runPrompt", "destructive", STATE_OK, "ended", 700,
	    NAN, "dropped", "", "", "" },
};

static void
add_job(struct maker *m, const struct fixture_job *from, double number)
{
	struct build *b = m->build;

	build_row(b, text_fmt(build_arena(b), "%.0f", number), from->state);
	build_cell_num(b, 0, number);
	build_cell_text(b, 1, text_lit(from->action));
	build_cell_text(b, 2, name(m, from->target));
	build_cell_text(b, 3, TEXT("ai-visibility"));
	build_cell_text(b, 4, text_lit(from->class));
	build_cell_state(b, 5, from->state, text_lit(from->word));
	build_cell_num(
	    b, 6, num(m, (double)FIXTURE_WALL_MS - from->ago_s * 1000));
	build_cell_num(b, 7, num(m, from->took));
	build_cell_text(b, 8, text_lit(from->outcome));
	build_cell_text(b, 9, name(m, from->words));
	build_cell_text(b, 10, text_lit(from->check));
	build_cell_text(b, 11, name(m, from->reason));
	build_cell_text(b, 12, TEXT("ana"));
}

static void
add_force(struct maker *m)
{
	build_table(m->build, TEXT("in_force"), force_columns,
	    ARRAY_LEN(force_columns));
	if (!burns(m))
		return;
	build_row(m->build, TEXT("0123"), STATE_WARN);
	build_cell_text(m->build, 0, TEXT("queue.pause"));
	build_cell_text(m->build, 1, name(m, "runPrompt"));
	build_cell_num(m->build, 2, num(m, (double)FIXTURE_WALL_MS - 90e3));
	build_cell_text(m->build, 3, TEXT("ana"));
	build_cell_text(m->build, 4,
	    TEXT("sevtop act -p shop queue.resume --target runPrompt"));
}

static void
add_line(struct maker *m, int job, const char *label, const char *text)
{
	build_row(m->build,
	    text_fmt(build_arena(m->build), "%d:%s%s", job, label, text),
	    STATE_OK);
	build_cell_num(m->build, 0, job);
	build_cell_text(m->build, 1, text_lit(label));
	build_cell_text(m->build, 2, name(m, text));
}

/* What a program that still runs has printed so far. */
static void
add_output(struct maker *m)
{
	static const char *const tables[] = { "workspaces", "users", "prompts",
		"prompt_runs", "citations", "batches", "batch_items",
		"cost_ledger", "provider_calls", "aggregations", "alerts",
		"audit_logs" };

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		build_row(m->build,
		    text_fmt(build_arena(m->build), "13:l%zu", i), STATE_OK);
		build_cell_num(m->build, 0, 13);
		build_cell_text(m->build, 1,
		    text_fmt(build_arena(m->build),
			"pg_dump: dumping contents of table \"public.%s\"",
			tables[i]));
	}
}

static void
add_details(struct maker *m)
{
	build_table(
	    m->build, TEXT("plans"), lines_columns, ARRAY_LEN(lines_columns));
	add_line(m, 12, "runPrompt", "4 failed → 4 waiting again");
	add_line(m, 12, "effect", "workers run them again, 50 a second");
	add_line(
	    m, 12, "mind", "what they did before they failed is done again");
	add_line(m, 12, "", "if the reason is still there they fail again");
	add_line(m, 12, "sent", "EVAL queue_retry_all bull:runPrompt: 5");
	add_line(m, 13, "folder", "/var/backups");
	add_line(m, 13, "sent", "pg_dump -v -f today.sql ai_visibility");
	build_table(m->build, TEXT("targets"), targets_columns,
	    ARRAY_LEN(targets_columns));
	build_row(m->build, TEXT("12:0"), STATE_UNKNOWN);
	build_cell_num(m->build, 0, 12);
	build_cell_text(m->build, 1, name(m, "runPrompt"));
	build_cell_state(m->build, 2, STATE_UNKNOWN, TEXT("accepted"));
	build_table(m->build, TEXT("output"), output_columns,
	    ARRAY_LEN(output_columns));
	build_row(m->build, TEXT("12:l0"), STATE_OK);
	build_cell_num(m->build, 0, 12);
	build_cell_text(m->build, 1, name(m, "2 of 4 retried"));
	add_output(m);
}

struct section *
make_actions(struct maker *m)
{
	struct section *section = section_new();

	m->build = build_new();
	if (section == NULL || m->build == NULL)
		return section_unref(section);
	snprintf(section->name, sizeof(section->name), "actions");
	snprintf(section->type, sizeof(section->type), "actions");
	section->every_ns = INT64_MAX / 8;
	section->good_at = section->tried_at = m->now;
	build_health(m->build, TEXT("audit"),
	    m->kind == FIXTURE_STALE ? STATE_CRIT : STATE_OK,
	    m->kind == FIXTURE_STALE
		? TEXT("nothing can be recorded, so nothing can be done: "
		       "/var/lib/sevtop/audit.db: disk full")
		: TEXT_EMPTY,
	    -1);
	build_table(
	    m->build, TEXT("jobs"), jobs_columns, ARRAY_LEN(jobs_columns));
	for (size_t i = 0; burns(m) && i < ARRAY_LEN(jobs); i++)
		add_job(m, &jobs[i], jobs[i].job);
	for (int i = 0; m->kind == FIXTURE_MANY && i < MANY_JOBS; i++)
		add_job(m, &jobs[3 + i % 3], 100 + i);
	add_force(m);
	add_details(m);
	section->payload = build_finish(m->build, NULL);
	build_free(m->build);
	return section;
}

/* As the actions of the real table would: by table, the queues paused. */
static bool
fixture_best(
    void *ctx, const struct panel_target *target, struct panel_hint *ret_hint)
{
	static const struct {
		struct text table;
		struct panel_hint hint;
	} known[] = {
		{ TEXT_INIT("queues"), { "P", "pause", "", false } },
		{ TEXT_INIT("sessions"), { "K", "cancel", "", false } },
		{ TEXT_INIT("locks"), { "K", "end", "", false } },
	};

	(void)ctx;
	/* A flag that watches the signal. */
	if (text_eq(target->signal, TEXT("error_rate"))) {
		*ret_hint =
		    (struct panel_hint) { "F", "flag", "throttle", false };
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (target->table == NULL ||
		    !text_eq(target->table->name, known[i].table))
			continue;
		*ret_hint = known[i].hint;
		return true;
	}
	return false;
}

const struct panel_hints fixture_hints = { fixture_best, NULL };
