/*
 * The dialog of the mitigations beside the straight way: the gate, what is in
 * force, what goes wrong, and keys that nobody typed.
 */
#include "tests/actions/desk.h"

#include <string.h>

#include "base/clock.h"
#include "tests/tap.h"

static void
test_arming(void)
{
	struct desk desk;
	int64_t left;

	if (!ok(desk_open(&desk, "prod", GATE_NORMAL), "a world"))
		return;
	is_int(act_gate_now(desk.act, desk_now(&desk), &left),
	    LAYOUT_GATE_READONLY, "prod starts read-only");
	ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan all the same");
	ok(desk_says(&desk, "read-only: A arms it for 15 minutes"),
	    "it says what to do");
	desk_key(&desk, 'y');
	is_int(desk.act->view.state, JOB_PLANNED, "y does nothing");
	desk_key(&desk, 'A');
	ok(desk_says(&desk, "arms shop for 15 minutes"), "A asks why");
	desk_rest(&desk);
	desk_type(&desk, "INC-7");
	desk_key(&desk, INPUT_ENTER);
	ok(desk.act->mode == ACT_JOB, "back at the plan");
	is_int(act_gate_now(desk.act, desk_now(&desk), &left),
	    LAYOUT_GATE_ARMED, "armed");
	ok(left > 14 * 60 * NS_PER_SEC, "for a while");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(desk_job(&desk, FAKE_SETTLED), "and y does it");
	is_int((int)fake_effects("alpha"), 1, "once");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	desk_capital(&desk, COMMAND_ACT_ARM, 0);
	ok(desk_is_closed(&desk) && desk_told(&desk, "read-only again"),
	    "A disarms at once");
	desk_capital(&desk, COMMAND_ACT_ARM, SIZE_MAX);
	ok(desk.act->mode == ACT_ASK, "and asks to arm");
	desk_key(&desk, INPUT_ESC);
	ok(desk_is_closed(&desk), "Esc leaves it");
	is_int(act_gate_now(desk.act, desk_now(&desk), &left),
	    LAYOUT_GATE_READONLY, "as it was");
	desk_close(&desk);
}

static void
test_readonly(void)
{
	static const enum command capitals[] = { COMMAND_ACT_PAUSE,
		COMMAND_ACT_RETRY, COMMAND_ACT_KILL };
	struct desk desk;

	if (!ok(desk_open(&desk, "prod", GATE_READONLY), "a world"))
		return;
	for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++) {
		ok(desk_plan(&desk, capitals[i], 0), "a plan");
		desk_key(&desk, 'y');
		desk_rest(&desk);
		desk_type(&desk, "A reason");
		desk_key(&desk, INPUT_ENTER);
		desk_rest(&desk);
		desk_type(&desk, "alpha");
		desk_key(&desk, INPUT_ENTER);
		desk_rest(&desk);
		act_close(desk.act);
	}
	desk_capital(&desk, COMMAND_ACT_ARM, 0);
	is_str(act_hint(desk.act, COMMAND_ACT_ARM, NULL), "",
	    "no key that can't arm it");
	ok(desk_is_closed(&desk) && desk_told(&desk, "--readonly"),
	    "it can't be armed");
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	desk_close(&desk);
}

static void
test_in_force(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_UNDO, SIZE_MAX);
	ok(desk_says(&desk, "nothing that was done"), "nothing is in force");
	desk_key(&desk, INPUT_ESC);
	ok(act_leave(desk.act, desk_now(&desk)), "leaving asks nothing");
	desk_capital(&desk, COMMAND_ACT_FLAG, 0);
	desk_rest(&desk);
	desk_type(&desk, "on");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, 1u << JOB_PLANNED), "planned");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(desk_job(&desk, FAKE_SETTLED), "done");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	ok(!act_leave(desk.act, desk_now(&desk)), "leaving asks");
	ok(desk_says(&desk, "stays in force"), "and says why");
	desk_key(&desk, 'q');
	ok(!desk.out.quit, "not at once");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ESC);
	ok(desk_is_closed(&desk), "Esc stays");
	act_leave(desk.act, desk_now(&desk));
	desk_rest(&desk);
	desk_event(
	    &desk, &(struct input_event) { .kind = INPUT_KEY, .code = 'q' });
	ok(desk.out.quit, "q leaves");
	desk_capital(&desk, COMMAND_ACT_UNDO, SIZE_MAX);
	desk_rest(&desk);
	ok(desk_says(&desk, "fake.set"), "it is listed");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, 1u << JOB_PLANNED), "the undo is a plan");
	ok(desk_says(&desk, "on → off"), "of the old value");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(desk_job(&desk, FAKE_SETTLED), "y");
	is_str(fake_state("alpha"), "off", "undone");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	ok(act_leave(desk.act, desk_now(&desk)), "nothing is left in force");
	desk_close(&desk);
}

static void
test_keep(void)
{
	struct desk desk;
	struct job_view view;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	fake_act(&desk.world, "fake.set", "alpha", "on", &view);
	job_view_release(&view);
	desk_capital(&desk, COMMAND_ACT_UNDO, SIZE_MAX);
	desk_rest(&desk);
	ok(desk_says(&desk, "fake.set"), "what is in force is listed");
	desk_key(&desk, 'p');
	ok(desk_says(&desk, "Why does it stay?"), "keeping wants a reason");
	desk_rest(&desk);
	desk_type(&desk, "for good");
	desk_key(&desk, INPUT_ENTER);
	is_int(
	    (int)actions_in_force_count(desk.world.actions), 0, "off the list");
	is_str(fake_state("alpha"), "on", "and as it was");
	desk_close(&desk);
}

/* The dialog is closed; the job goes on, and its end is told. */
static void
test_follow(void)
{
	struct desk desk;
	const char *notice = NULL;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	atomic_store(&fake.on_apply, FAKE_SLOW);
	ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan");
	ok(!act_is_awaited(desk.act), "a plan that is there waits for us");
	desk_key(&desk, 'y');
	ok(desk_job(&desk, 1u << JOB_SENDING | 1u << JOB_DOUBT), "on its way");
	ok(act_is_awaited(desk.act), "what is sent is waited for");
	desk_key(&desk, INPUT_ESC);
	ok(desk_is_closed(&desk), "closed");
	ok(!act_is_awaited(desk.act), "by nobody then");
	ok(!act_leave(desk.act, desk_now(&desk)),
	    "leaving asks while something is on its way");
	desk_key(&desk, INPUT_ESC);
	for (int i = 0; notice == NULL && i < 2000; i++) {
		desk_tick(&desk);
		notice = act_notice(desk.act);
		(void)io_wait(-1, 0, clock_now() + 5 * NS_PER_MS, NULL, NULL);
	}
	ok(notice != NULL && strstr(notice, "Poke it alpha: ") != NULL,
	    "its end is told: %s", notice != NULL ? notice : "never");
	desk_close(&desk);
}

static void
test_doubt(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	atomic_store(&fake.on_apply, FAKE_CUT_BEFORE);
	atomic_store(&fake.on_verify, FAKE_UNREADABLE);
	ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan");
	desk_key(&desk, 'y');
	ok(desk_job(&desk, 1u << JOB_DOUBT), "no answer");
	ok(desk_says(&desk, "Do not repeat it"), "it says so loudly");
	desk_rest(&desk);
	desk_key(&desk, 'n');
	ok(desk_says(&desk, "what did you find?"), "a note settles it");
	desk_rest(&desk);
	desk_type(&desk, "it is not there");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, 1u << JOB_ENDED), "settled");
	is_int(desk.act->view.outcome, OUTCOME_CLOSED, "by a person");
	is_int(atomic_load(&fake.applies), 1, "sent once");
	desk_close(&desk);
}

static void
test_partly(void)
{
	struct desk desk;
	struct request_target targets[2] = { { "a", NULL }, { "b", NULL } };
	struct request_spec spec = { .action = "fake.restart",
		.platform = "shop",
		.targets = targets,
		.target_count = 2 };
	struct err err = ERR_INIT;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	atomic_store(&fake.on_apply, FAKE_HALF);
	atomic_store(&fake.on_verify, FAKE_NEVER);
	desk.act->mode = ACT_JOB;
	ok(actions_plan(desk.world.actions, &spec, &desk.act->job, &err) ==
		ERR_OK,
	    "two targets");
	ok(desk_job(&desk, 1u << JOB_PLANNED), "planned");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	desk_type(&desk, "why");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, FAKE_SETTLED), "settled");
	ok(desk_says(&desk, "it is gone"), "each target has its state");
	desk_close(&desk);
}

static void
test_old_plan(void)
{
	struct desk desk;
	uint64_t job;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan");
	desk.skipped += 121 * NS_PER_SEC;
	ok(desk_says(&desk, "r reads anew"), "an old plan says so");
	desk_key(&desk, 'y');
	is_int(desk.act->view.state, JOB_PLANNED, "and can't be confirmed");
	job = desk.act->job;
	desk.skipped = 0;
	desk_rest(&desk);
	desk_key(&desk, 'r');
	ok(desk.act->job != job && desk_job(&desk, 1u << JOB_PLANNED),
	    "a new one");
	is_int(atomic_load(&fake.plans), 2, "two were made");
	desk_key(&desk, 'c');
	desk_rest(&desk);
	desk_event(
	    &desk, &(struct input_event) { .kind = INPUT_KEY, .code = 'c' });
	ok(strstr(desk.out.copy, "SET alpha on") != NULL, "c copies it");
	desk_close(&desk);
}

/* No record: everything shows, nothing is done. */
static void
test_no_record(void)
{
	struct desk desk;
	int64_t left;

	if (!ok(desk_open_unsafe(&desk, "drill", GATE_NORMAL),
		"a world whose record anybody may have changed"))
		return;
	ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan");
	ok(desk_says(&desk, "nothing can be recorded"), "it says so");
	desk_key(&desk, 'y');
	is_int(desk.act->view.state, JOB_PLANNED, "y does nothing");
	is_int(act_gate_now(desk.act, desk_now(&desk), &left),
	    LAYOUT_GATE_NO_RECORD, "the header says it, too");
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	desk_close(&desk);
}

/* Bursts, pastes and noise: nothing is planned twice, nothing decided. */
static void
test_noise(void)
{
	const char *const wild = "yYPTKFXyyy\r\nyalpha\ry";
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	/* A capital in a burst: the byte behind it comes while it is held. */
	act_command(desk.act, COMMAND_ACT_PAUSE,
	    &(struct panel_target) { .section = desk.section,
		.table = payload_table(desk.section->payload, "things"),
		.row = payload_table(desk.section->payload, "things")->rows },
	    desk_now(&desk));
	desk_event(&desk, &(struct input_event) {
			      .kind = INPUT_KEY, .code = 'a', .burst = true });
	ok(desk_is_closed(&desk), "a capital in a burst opens nothing");
	is_int(atomic_load(&fake.plans), 0, "and plans nothing");
	ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan");
	desk_paste(&desk, wild);
	for (const char *c = wild; *c != '\0'; c++) {
		desk_event(&desk, &(struct input_event) { .kind = INPUT_KEY,
				      .code = (unsigned char)*c,
				      .burst = true,
				      .crowded = true });
		desk_tick(&desk);
	}
	/* A held key, as fast as keyboards repeat. */
	desk_capital(&desk, COMMAND_ACT_PAUSE, 0);
	for (int i = 0; i < 20; i++) {
		desk_event(&desk,
		    &(struct input_event) { .kind = INPUT_MOUSE, .button = 1 });
		desk_event(
		    &desk, &(struct input_event) { .kind = INPUT_REPLY });
		desk.skipped += 33 * NS_PER_MS;
		desk_tick(&desk);
	}
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	is_int(atomic_load(&fake.plans), 1, "nothing was planned twice");
	desk_close(&desk);
}

static void
test_hints(void)
{
	struct panel_target target;
	struct panel_hint hint;
	struct desk desk;

	if (!ok(desk_open(&desk, "prod", GATE_NORMAL), "a world"))
		return;
	target = (struct panel_target) { .section = desk.section,
		.table = payload_table(desk.section->payload, "things") };
	target.row = target.table->rows;
	is_str(act_hint(desk.act, COMMAND_ACT_PAUSE, &target), "poke",
	    "the first word of what it does");
	is_str(act_hint(desk.act, COMMAND_ACT_ROLLBACK, &target), "",
	    "nothing fits");
	is_str(act_hint(desk.act, COMMAND_ACT_ANY, &target), "more", "several");
	is_str(act_hint(desk.act, COMMAND_ACT_ANY, NULL), "", "no row");
	is_str(act_hint(desk.act, COMMAND_ACT_ARM, &target), "arm", "arm");
	is_str(act_hint(desk.act, COMMAND_ACT_UNDO, &target), "",
	    "nothing is in force");
	ok(act_best(desk.act, &target, &hint), "what is most likely to help");
	is_str(hint.key, "F", "what can be taken back, as in the footer");
	is_str(hint.word, "set", "with its first word");
	ok(hint.off, "not before it is armed");
	ok(!act_best(desk.act, NULL, &hint), "nothing helps nothing");
	desk_capital(&desk, COMMAND_ACT_PAUSE, 0);
	ok(!act_best(desk.act, &target, &hint), "nor while the dialog is open");
	desk_close(&desk);
}

int
main(void)
{
	RUN(test_arming);
	RUN(test_readonly);
	RUN(test_in_force);
	RUN(test_keep);
	RUN(test_follow);
	RUN(test_doubt);
	RUN(test_partly);
	RUN(test_old_plan);
	RUN(test_no_record);
	RUN(test_noise);
	RUN(test_hints);
	return tap_done();
}
