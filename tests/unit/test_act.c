/*
 * The dialog of the mitigations on a real engine with a family of fakes: from
 * a capital to what came of it.
 */
#include "tests/actions/desk.h"

#include <string.h>

#include "base/clock.h"
#include "tests/tap.h"

static void
test_reversible(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_PAUSE, 0);
	ok(act_is_open(desk.act) && desk.act->mode == ACT_JOB,
	    "one action for the key: it is planned at once");
	ok(desk_job(&desk, 1u << JOB_PLANNED), "the plan");
	is_str(desk.act->view.plan->request->is.targets[0].name, "alpha",
	    "of the row");
	is_str(desk.act->view.plan->request->is.targets[0].key, "alpha",
	    "with its key");
	is_str(
	    desk.act->view.plan->request->is.source, "things", "on its source");
	is_str(desk.act->view.plan->request->is.signal, "errors",
	    "because of the signal");
	ok(desk_says(&desk, "POKE IT"), "it says what");
	ok(desk_says(&desk, "DRILL"), "and where");
	ok(desk_says(&desk, "SET alpha on"), "and what is sent");
	desk_key(&desk, 'y');
	ok(desk_says(&desk, "too soon"), "not before it was read");
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(desk_job(&desk, FAKE_SETTLED), "y does it");
	is_int(desk.act->view.outcome, OUTCOME_DONE, "done");
	ok(desk_says(&desk, "DONE, verified"), "and says so");
	is_int((int)fake_effects("alpha"), 1, "once");
	desk_key(&desk, 'y');
	ok(act_is_open(desk.act), "y does not close the result");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	ok(desk_is_closed(&desk), "Enter does");
	is_int(atomic_load(&fake.plans), 1, "planned once");
	desk_close(&desk);
}

static void
test_cancel(void)
{
	static const uint32_t ways[] = { INPUT_ESC, 'q', 'n' };
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		ok(desk_plan(&desk, COMMAND_ACT_PAUSE, 0), "a plan");
		desk_key(&desk, ways[i]);
		ok(desk_is_closed(&desk), "left by way %zu", i);
	}
	/* While it is being read. */
	atomic_store(&fake.on_plan, FAKE_SLOW);
	desk_capital(&desk, COMMAND_ACT_PAUSE, 0);
	ok(desk_says(&desk, "reading alpha"), "it says that it reads");
	desk_key(&desk, INPUT_ESC);
	ok(desk_is_closed(&desk), "Esc leaves at once");
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	desk_close(&desk);
}

static void
test_no_plan(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	atomic_store(&fake.on_plan, FAKE_REFUSED);
	desk_capital(&desk, COMMAND_ACT_PAUSE, 0);
	ok(desk_job(&desk, FAKE_SETTLED), "the server is not there");
	ok(desk_says(&desk, "NO PLAN, nothing was sent: nobody answers"),
	    "it says why there is no plan");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(act_is_open(desk.act), "there is nothing to confirm");
	desk_rest(&desk);
	desk_key(&desk, ' ');
	ok(desk_is_closed(&desk), "Space closes it");
	desk_close(&desk);
}

static void
test_nothing_selected(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_PAUSE, SIZE_MAX);
	ok(desk_is_closed(&desk) && desk_told(&desk, "select a row first"),
	    "nothing is selected");
	desk_capital(&desk, COMMAND_ACT_ROLLBACK, 0);
	ok(desk_is_closed(&desk) && desk_told(&desk, "not for this row; X"),
	    "nothing for this key");
	desk_capital(&desk, COMMAND_ACT_PAUSE, 1);
	ok(desk_is_closed(&desk) && desk_told(&desk, "sevtop act"),
	    "a name that can't be shown can't be confirmed either");
	is_int(atomic_load(&fake.plans), 0, "nothing was planned");
	desk_draw_at(&desk, true);
	desk_capital(&desk, COMMAND_ACT_PAUSE, 0);
	ok(desk_is_closed(&desk) && desk_told(&desk, "40x10"),
	    "no room to show it: refused");
	desk_close(&desk);
}

static void
test_disruptive(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	ok(desk_plan(&desk, COMMAND_ACT_RETRY, 0), "a plan");
	ok(desk_says(&desk, "disruptive, wants y and a reason"), "its class");
	desk_key(&desk, 'y');
	ok(desk_says(&desk, "Why is it done?"), "a reason is asked for");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_says(&desk, "needs a reason"), "an empty one is none");
	desk_type(&desk, "bad release");
	desk_key(&desk, INPUT_ESC);
	ok(act_is_open(desk.act) && desk_says(&desk, "RESTART"),
	    "Esc leads back to the plan");
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	desk_paste(&desk, "bad\nrelease");
	is_int(atomic_load(&fake.applies), 0, "a paste sends nothing");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, FAKE_SETTLED), "Enter does it");
	ok(desk_says(&desk, "DONE, verified"), "done");
	desk_close(&desk);
}

static void
test_destructive(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	ok(desk_plan(&desk, COMMAND_ACT_KILL, 0), "a plan");
	desk_key(&desk, 'y');
	desk_type(&desk, "clean up");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_says(&desk, "TYPE THE NAME"), "the name is asked for");
	desk_paste(&desk, "alpha");
	ok(desk_says(&desk, "a paste does not count"), "to be typed");
	desk_type(&desk, "alphas");
	desk_key(&desk, INPUT_ENTER);
	ok(desk_says(&desk, "not the name"), "another name does nothing");
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	desk_key(&desk, INPUT_BACKSPACE);
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, FAKE_SETTLED), "the name does it");
	is_int((int)fake_effects("alpha"), 1, "once");
	desk_close(&desk);
}

static void
test_form(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_FLAG, 0);
	ok(desk.act->mode == ACT_FORM, "what has to be given is asked first");
	ok(desk_says(&desk, "what to set it to"), "with its help");
	desk_rest(&desk);
	desk_type(&desk, "maybe");
	desk_key(&desk, INPUT_ENTER);
	ok(desk.act->mode == ACT_FORM && desk_says(&desk, "maybe"),
	    "a wrong value stays");
	is_int(atomic_load(&fake.plans), 0, "and is not planned");
	for (int i = 0; i < 5; i++)
		desk_key(&desk, INPUT_BACKSPACE);
	desk_key(&desk, ' ');
	desk_key(&desk, ' ');
	is_str(desk.act->prompt.text, "on", "Space goes through the words");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, 1u << JOB_PLANNED), "planned");
	desk_rest(&desk);
	desk_key(&desk, 'e');
	ok(desk.act->mode == ACT_FORM, "e edits");
	desk_key(&desk, INPUT_ESC);
	ok(desk.act->mode == ACT_JOB, "Esc leads back to the plan");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(desk_job(&desk, FAKE_SETTLED), "done");
	is_str(fake_state("alpha"), "on", "with the value");
	desk_close(&desk);
}

static void
test_several(void)
{
	static const size_t both[] = { 0, 2 }, unclean[] = { 0, 1 };
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital_on(&desk, COMMAND_ACT_PAUSE, both, 2);
	ok(desk_job(&desk, 1u << JOB_PLANNED), "one plan of two rows");
	is_int((int64_t)desk.act->view.plan->request->is.target_count, 2,
	    "with both as its targets");
	is_str(desk.act->view.plan->request->is.targets[1].key, "gamma",
	    "each with its key");
	ok(desk_says(&desk, "SET alpha on") && desk_says(&desk, "SET gamma on"),
	    "all of it is shown");
	desk_rest(&desk);
	desk_key(&desk, 'y');
	ok(desk_job(&desk, FAKE_SETTLED), "one y");
	is_int(desk.act->view.outcome, OUTCOME_DONE, "does both");
	is_int((int)fake_effects("alpha"), 1, "the first once");
	is_int((int)fake_effects("gamma"), 1, "the second once");
	is_int((int)fake_effects(NULL), 2, "and nothing else");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	desk_capital_on(&desk, COMMAND_ACT_ANY, both, 2);
	ok(desk_says(&desk, "ACTIONS alpha and 1 more"),
	    "X says how many are meant");
	desk_key(&desk, INPUT_ESC);
	desk_capital_on(&desk, COMMAND_ACT_PAUSE, unclean, 2);
	ok(desk_is_closed(&desk) && desk_told(&desk, "sevtop act"),
	    "one that can't be shown spoils it");
	desk_capital_on(&desk, COMMAND_ACT_ROLLBACK, both, 2);
	ok(desk_is_closed(&desk) && desk_told(&desk, "all 2 tagged rows"),
	    "nothing that fits all of them");
	desk_close(&desk);
}

/* Rows of several sources can't be in one plan. */
static void
test_apart(void)
{
	struct panel_target target = { .tagged_apart = true };
	struct panel_hint hint;
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	target.section = desk.section;
	target.table = payload_table(desk.section->payload, "things");
	target.row = target.tagged[0] = &target.table->rows[0];
	target.tagged_count = 1;
	is_str(act_hint(desk.act, COMMAND_ACT_PAUSE, &target), "",
	    "no key is offered");
	act_command(desk.act, COMMAND_ACT_PAUSE, &target, desk_now(&desk));
	ok(desk_is_closed(&desk) && desk_told(&desk, "several sources"),
	    "and it says why");
	target.tagged_apart = false;
	ok(act_best(desk.act, &target, &hint), "of one source there is");
	desk_close(&desk);
}

static void
test_menu(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_ANY, 2);
	ok(desk.act->mode == ACT_MENU && desk_says(&desk, "ACTIONS gamma"),
	    "X lists");
	ok(desk_says(&desk, "5 K Drop") && desk_says(&desk, "destructive"),
	    "key, title and class; the worst is the last");
	desk_key(&desk, INPUT_ENTER);
	ok(desk.act->mode == ACT_MENU, "not before it was read");
	desk_rest(&desk);
	desk_key(&desk, 'j');
	desk_rest(&desk);
	desk_key(&desk, INPUT_ENTER);
	ok(desk_job(&desk, 1u << JOB_PLANNED), "planned");
	is_str(desk.act->view.plan->request->is.action, "fake.poke",
	    "what was selected");
	is_str(desk.act->view.plan->request->is.targets[0].name, "gamma",
	    "on the row");
	desk_rest(&desk);
	desk_key(&desk, INPUT_ESC);
	desk_capital(&desk, COMMAND_ACT_ANY, 2);
	desk_rest(&desk);
	desk_key(&desk, 'T');
	ok(desk_job(&desk, 1u << JOB_PLANNED), "its capital chooses, too");
	is_str(desk.act->view.plan->request->is.action, "fake.restart",
	    "that one");
	desk_close(&desk);
}

static void
test_look(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "prod", GATE_READONLY), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_SCALE, 0);
	ok(desk_job(&desk, FAKE_SETTLED), "looking needs no decision");
	ok(desk_says(&desk, "hello"), "what it printed");
	desk_close(&desk);
}

int
main(void)
{
	RUN(test_reversible);
	RUN(test_cancel);
	RUN(test_no_plan);
	RUN(test_nothing_selected);
	RUN(test_disruptive);
	RUN(test_destructive);
	RUN(test_form);
	RUN(test_several);
	RUN(test_apart);
	RUN(test_menu);
	RUN(test_look);
	return tap_done();
}
