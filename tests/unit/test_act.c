/*
 * The dialog of the mitigations on a real engine with a family of fakes: what
 * keys lead to, and what never happens.
 */
#include "tui/act_impl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "model/build.h"
#include "tests/actions/fake.h"
#include "tests/panel/golden.h"
#include "tests/tap.h"
#include "tui/keys.h"

enum {
	DESK_H = 30,
	DESK_W = 100
};

/* A person in front of it. Time is the engine's, and what was skipped. */
struct desk {
	struct fake_world world;
	struct keys keys;
	struct act *act;
	struct canvas *canvas;
	struct section *section; /* the source "things" with two rows */
	int64_t skipped;
	struct act_out out;
};

static struct section *
things_section(void)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	};
	static const char *const names[] = { "alpha", "beta\xff", "gamma" };
	struct section *section = section_new();
	struct build *build = build_new();

	build_table(build, TEXT("things"), columns, 1);
	for (size_t i = 0; i < 3; i++) {
		struct text name = text_clean_str(build_arena(build), names[i]);

		build_row(build, name, STATE_OK);
		build_cell_text(build, 0, name);
	}
	snprintf(section->name, sizeof(section->name), "things");
	snprintf(section->type, sizeof(section->type), "fake");
	snprintf(section->platform, sizeof(section->platform), "shop");
	section->payload = build_finish(build, NULL);
	build_free(build);
	return section;
}

static bool
desk_open(struct desk *desk, const char *env, enum gate_mode gate)
{
	struct act_setup setup = { .table = fake_table };
	struct err err = ERR_INIT;

	memset(desk, 0, sizeof(*desk));
	if (!fake_open() || !fake_world_open(&desk->world, env, gate))
		return false;
	keys_init(&desk->keys);
	setup.actions = desk->world.actions;
	setup.store = desk->world.store;
	setup.platforms = desk->world.platforms;
	setup.platform_count = 1;
	setup.keys = &desk->keys;
	desk->section = things_section();
	desk->canvas = canvas_new(DESK_H, DESK_W);
	return act_new(&setup, &desk->act, &err) == ERR_OK;
}

static void
desk_close(struct desk *desk)
{
	act_free(desk->act);
	section_unref(desk->section);
	canvas_free(desk->canvas);
	fake_world_close(&desk->world);
	fake_close();
}

static int64_t
desk_now(const struct desk *desk)
{
	return clock_now() + desk->skipped;
}

static void
desk_draw_at(struct desk *desk, bool tiny)
{
	static const char *names[COMMAND_COUNT];
	struct panel_ctx ctx = {
		.frame = &desk->act->frame,
		.now = desk_now(desk),
		.wall_ms = clock_wall_ms(),
		.key_names = names,
	};

	canvas_clear(desk->canvas);
	act_draw(
	    desk->act, &ctx, desk->canvas, canvas_rect(desk->canvas), tiny);
}

static void
desk_draw(struct desk *desk)
{
	desk_draw_at(desk, false);
}

static void
desk_tick(struct desk *desk)
{
	bool changed = false;

	act_tick(desk->act, 0, desk_now(desk), &changed);
	desk_draw(desk);
}

/* Time goes by, with nothing typed. */
static void
desk_rest(struct desk *desk)
{
	desk_tick(desk);
	desk->skipped += 600 * NS_PER_MS;
	desk_tick(desk);
}

static void
desk_event(struct desk *desk, const struct input_event *event)
{
	memset(&desk->out, 0, sizeof(desk->out));
	act_event(desk->act, event, desk_now(desk), &desk->out);
}

/* One deliberate key. */
static void
desk_key(struct desk *desk, uint32_t code)
{
	const struct input_event event = { .kind = INPUT_KEY, .code = code };

	desk_event(desk, &event);
	desk->skipped += 30 * NS_PER_MS;
	desk_tick(desk);
}

static void
desk_type(struct desk *desk, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		desk_key(desk, (unsigned char)*ascii);
}

static void
desk_paste(struct desk *desk, const char *text)
{
	const struct input_event event = {
		.kind = INPUT_PASTE, .text = text, .len = strlen(text)
	};

	desk_event(desk, &event);
	desk_tick(desk);
}

/* A capital on row number at; SIZE_MAX: nothing is selected. */
static void
desk_capital(struct desk *desk, enum command command, size_t at)
{
	const struct table *table =
	    payload_table(desk->section->payload, "things");
	struct panel_target target = {
		.section = desk->section,
		.table = table,
		.row = at < table->row_count ? &table->rows[at] : NULL,
		.signal = TEXT("errors"),
	};

	act_command(desk->act, command, at == SIZE_MAX ? NULL : &target,
	    desk_now(desk));
	desk->skipped += 30 * NS_PER_MS;
	desk_tick(desk);
}

/* Waits until the job of the dialog is so. */
static bool
desk_job(struct desk *desk, unsigned states)
{
	int64_t deadline = clock_now() + 10 * NS_PER_SEC;

	for (;;) {
		const struct job_view *view = &desk->act->view;

		wake_drain(&desk->world.wake);
		desk_tick(desk);
		if (((1u << view->state) & states) != 0 ||
		    ((states & FAKE_SETTLED) != 0 &&
			view->outcome != OUTCOME_NONE))
			return true;
		if (io_wait(wake_fd(&desk->world.wake), IO_READ, deadline, NULL,
			NULL) != ERR_OK)
			return false;
	}
}

/* A capital, and the plan is on the screen and was read. */
static bool
desk_plan(struct desk *desk, enum command command, size_t at)
{
	desk_capital(desk, command, at);
	if (!desk_job(desk, 1u << JOB_PLANNED))
		return false;
	desk_rest(desk);
	return true;
}

/* Whether the screen says it. */
static bool
desk_says(struct desk *desk, const char *words)
{
	desk_draw(desk);
	for (int y = 0; y < desk->canvas->h; y++) {
		if (strstr(golden_row(desk->canvas, y), words) != NULL)
			return true;
	}
	for (int y = 0; y < desk->canvas->h; y++)
		printf("# %s\n", golden_row(desk->canvas, y));
	return false;
}

/* The last notice says it. */
static bool
desk_told(struct desk *desk, const char *words)
{
	const char *notice = act_notice(desk->act);

	if (notice != NULL && strstr(notice, words) != NULL)
		return true;
	printf("# told: %s\n", notice != NULL ? notice : "nothing");
	return false;
}

static bool
desk_is_closed(const struct desk *desk)
{
	return !act_is_open(desk->act);
}

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
test_menu(void)
{
	struct desk desk;

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	desk_capital(&desk, COMMAND_ACT_ANY, 2);
	ok(desk.act->mode == ACT_MENU && desk_says(&desk, "ACTIONS gamma"),
	    "X lists");
	ok(desk_says(&desk, "K Drop") && desk_says(&desk, "destructive"),
	    "key, title and class");
	desk_key(&desk, INPUT_ENTER);
	ok(desk.act->mode == ACT_MENU, "not before it was read");
	desk_rest(&desk);
	desk_key(&desk, 'j');
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
	desk_key(&desk, 'y');
	ok(desk_job(&desk, 1u << JOB_SENDING | 1u << JOB_DOUBT), "on its way");
	desk_key(&desk, INPUT_ESC);
	ok(desk_is_closed(&desk), "closed");
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

	if (!ok(desk_open(&desk, "drill", GATE_NORMAL), "a world"))
		return;
	/* Whoever opens it to others may have changed it. */
	if (!ok(chmod(fake.dir, 0777) == 0, "a folder of anybody"))
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
	struct desk desk;
	struct panel_target target;

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
	RUN(test_menu);
	RUN(test_look);
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
