/*
 * The engine of the actions: what is refused and by whom, what runs beside
 * what, what is taken back, also by the next process.
 */
#include "actions/engine.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tests/actions/fake.h"
#include "tests/tap.h"

/* A world with its folder; what fails is said. */
static bool
begin(struct fake_world *world, const char *env, enum gate_mode gate)
{
	return ok(fake_open() && fake_world_open(world, env, gate),
	    "a world (%s)", env);
}

static void
end(struct fake_world *world)
{
	atomic_store(&fake.release, true);
	fake_world_close(world);
	fake_close();
}

/* Every action of the table, as it would be asked for. */
static void
test_read_only(void)
{
	static const struct {
		const char *env;
		enum gate_mode gate;
		const char *says;
	} cases[] = {
		{ "prod", GATE_NORMAL, "arm it first" },
		{ "shop-7", GATE_NORMAL, "arm it first" },
		{ "test", GATE_READONLY, "--readonly" },
		{ "prod", GATE_READONLY, "--readonly" },
	};
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;

	for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
		if (!begin(&world, cases[c].env, cases[c].gate))
			continue;
		for (size_t i = 0; fake_table[i] != NULL; i++) {
			const struct action_ops *ops = fake_table[i];

			fake_act(&world, ops->name, "a",
			    ops->args != NULL ? "on" : NULL, &view);
			if (ops->class == ACTION_LOOK)
				is_int(view.outcome, OUTCOME_DONE,
				    "looking goes on");
			else
				ok(view.outcome == OUTCOME_DROPPED &&
					strstr(view.words, cases[c].says) !=
					    NULL,
				    "%s: %s", ops->name, view.words);
			job_view_release(&view);
		}
		is_int((int64_t)fake_effects(NULL), 0, "nothing was changed");
		is_int(atomic_load(&fake.applies), 1, "only looked");
		err_clear(&err);
		is_int(actions_arm(world.actions, NULL, " ", 0, &err),
		    cases[c].gate == GATE_READONLY ? ERR_FORBIDDEN : ERR_USAGE,
		    "no arming without a reason");
		is_int(
		    actions_arm(world.actions, "shop", "incident 7", 0, &err),
		    cases[c].gate == GATE_READONLY ? ERR_FORBIDDEN : ERR_OK,
		    "armed, unless --readonly");
		fake_act(&world, "fake.set", "a", "on", &view);
		is_int(view.outcome,
		    cases[c].gate == GATE_READONLY ? OUTCOME_DROPPED
						   : OUTCOME_DONE,
		    "and then it is done");
		job_view_release(&view);
		actions_disarm(world.actions, "shop");
		fake_act(&world, "fake.set", "a", "off", &view);
		is_int(view.outcome, OUTCOME_DROPPED, "disarmed again");
		job_view_release(&view);
		end(&world);
	}
}

/*
 * Every action that there is, with its own class and a plan that needs no
 * server: read-only refuses each, and not one is sent.
 */
static void
test_whole_table(void)
{
	static struct action_ops rows[64];
	static const struct action_ops *table[ARRAY_LEN(rows) + 1];
	const struct action_ops *look = action_find(fake_table, "fake.look");
	struct fake_world world;
	struct job_view view;
	size_t count = 0, changing = 0, refused = 0;

	for (; action_table[count] != NULL && count < ARRAY_LEN(rows);
	     count++) {
		rows[count] = *look;
		rows[count].name = action_table[count]->name;
		rows[count].title = action_table[count]->title;
		rows[count].class = action_table[count]->class;
		table[count] = &rows[count];
	}
	if (!begin(&world, "prod", GATE_READONLY))
		return;
	world.options.table = table;
	ok(fake_world_again(&world), "with the table of the program");
	for (size_t i = 0; i < count; i++) {
		if (rows[i].class == ACTION_LOOK)
			continue;
		changing++;
		fake_act(&world, rows[i].name, "a", NULL, &view);
		refused += view.outcome == OUTCOME_DROPPED &&
			   strstr(view.words, "read-only") != NULL;
		job_view_release(&view);
	}
	ok(action_table[count] == NULL && refused == changing,
	    "%zu of %zu actions are refused", refused, changing);
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	end(&world);
}

/* What each class asks for, at the engine, whatever a dialog does. */
static void
test_classes(void)
{
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	struct plan *other;
	uint64_t job;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	job = fake_plan(&world, "fake.restart", "a", NULL, &view);
	is_int(view.state, JOB_PLANNED, "a disruptive plan waits");
	is_int(actions_confirm(world.actions, job, view.plan, NULL, NULL, &err),
	    ERR_USAGE, "it needs a reason");
	is_int(actions_confirm(world.actions, job, view.plan, "  ", NULL, &err),
	    ERR_USAGE, "that is no blank");
	other = plan_new(view.plan->request);
	is_int(actions_confirm(world.actions, job, other, "why", NULL, &err),
	    ERR_CLOSED, "another plan can't be confirmed in its place");
	plan_unref(other);
	is_int(
	    actions_confirm(world.actions, job, view.plan, "why", NULL, &err),
	    ERR_OK, "with a reason it goes");
	is_int(
	    actions_confirm(world.actions, job, view.plan, "why", NULL, &err),
	    ERR_CLOSED, "once");
	job_view_release(&view);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	job_view_release(&view);
	job = fake_plan(&world, "fake.drop", "a", NULL, &view);
	is_str(view.plan->word, "a", "the target's name is to be typed");
	is_int(actions_confirm(world.actions, job, view.plan, "why", "A", &err),
	    ERR_USAGE, "exactly");
	is_int(actions_confirm(world.actions, job, view.plan, "why", "", &err),
	    ERR_USAGE, "not nothing");
	is_int(actions_confirm(world.actions, job, view.plan, "why", "a", &err),
	    ERR_OK, "then it goes");
	job_view_release(&view);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	ok(atomic_load(&fake.applies) == 2, "each was sent once: %s %s",
	    job_outcome_word(view.outcome), view.words);
	job_view_release(&view);
	job = fake_plan(&world, "fake.set", "a", "on", &view);
	is_int(view.state, JOB_PLANNED, "what is so already");
	ok(view.plan != NULL && view.plan->nothing, "is nothing to do");
	is_int(
	    actions_confirm(world.actions, job, view.plan, "why", NULL, &err),
	    ERR_CLOSED, "and can't be confirmed");
	job_view_release(&view);
	end(&world);
}

/* What is wrong with the wish is told before anything is read. */
static void
test_bad_requests(void)
{
	static const struct {
		const char *action;
		const char *target;
		const char *value;
		const char *says;
	} cases[] = {
		{ "fake.sat", "a", "on", "did you mean fake.set?" },
		{ "queue.pause", "a", NULL, "no action of shop is called" },
		{ "fake.set", NULL, "on", "needs a target" },
		{ "fake.set", "a", "maybe", "maybe" },
		{ "fake.set", "a", NULL, "\"value\" is missing" },
		{ "fake.drop", "a", "on", "value" },
		{ "fake.set", "nobody", "on", "there is no target" },
		{ "fake.set", "\xff\xfe", "on", "not UTF-8" },
		{ "fake.set", "", "on", "the target is missing" },
	};
	struct fake_world world;
	struct job_view view;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fake_plan(&world, cases[i].action, cases[i].target,
		    cases[i].value, &view);
		ok(view.plan == NULL &&
			strstr(view.words, cases[i].says) != NULL,
		    "%s: %s", cases[i].action, view.words);
		job_view_release(&view);
	}
	is_int(atomic_load(&fake.applies), 0, "nothing was sent");
	end(&world);
}

/* Plans on targets, without waiting for anything but the plans. */
static uint64_t
confirm(struct fake_world *world, const char *target)
{
	struct err err = ERR_INIT;
	struct job_view view;
	uint64_t job = fake_plan(world, "fake.set", target, "on", &view);

	if (view.plan == NULL || actions_confirm(world->actions, job, view.plan,
				     NULL, NULL, &err) != ERR_OK) {
		printf("# %s %s\n", view.words, err_text(&err));
		job = 0;
	}
	job_view_release(&view);
	return job;
}

static void
test_parallel(void)
{
	struct fake_world world;
	struct job_view view, second_view;
	struct err err = ERR_INIT;
	uint64_t jobs[8], second;
	char target[8];
	int done = 0, refused = 0;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	/* While nobody answers, four are under way and the rest waits. */
	atomic_store(&fake.on_apply, FAKE_SLOW);
	second = fake_plan(&world, "fake.set", "p0", "on", &second_view);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		snprintf(target, sizeof(target), "p%zu", i);
		jobs[i] = confirm(&world, target);
		if (i == 0)
			is_int(actions_confirm(world.actions, second,
				   second_view.plan, NULL, NULL, &err),
			    ERR_OK, "two on one target");
	}
	job_view_release(&second_view);
	while (atomic_load(&fake.applies) < ACTIONS_PARALLEL &&
	       io_wait(wake_fd(&world.wake), IO_READ,
		   clock_now() + 5 * NS_PER_SEC, NULL, NULL) == ERR_OK)
		wake_drain(&world.wake);
	ok(atomic_load(&fake.applies) <= ACTIONS_PARALLEL, "at most %d at once",
	    ACTIONS_PARALLEL);
	atomic_store(&fake.on_apply, FAKE_FINE);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		fake_wait(&world, jobs[i], FAKE_SETTLED, &view);
		done += view.outcome == OUTCOME_DONE ||
			view.outcome == OUTCOME_FAILED;
		job_view_release(&view);
	}
	is_int(done, (int)ARRAY_LEN(jobs), "all had their turn");
	fake_wait(&world, second, FAKE_SETTLED, &view);
	refused = view.outcome == OUTCOME_REFUSED;
	ok(refused && strstr(view.words, "same target") != NULL,
	    "a second one on the same target is refused: %s", view.words);
	job_view_release(&view);
	is_int((int64_t)fake_effects("p0"), 0, "and did not happen");
	end(&world);
}

/* Two engines, one record: one target, one action. */
static void
test_two_engines(void)
{
	struct fake_world world, other;
	struct job_view view;
	uint64_t job;

	if (!begin(&world, "test", GATE_NORMAL) ||
	    !ok(fake_world_open(&other, "test", GATE_NORMAL), "another"))
		return;
	atomic_store(&fake.on_apply, FAKE_HANGS);
	job = confirm(&world, "a");
	fake_wait(&world, job, 1u << JOB_SENDING, &view);
	job_view_release(&view);
	fake_act(&other, "fake.set", "a", "on", &view);
	is_int(view.outcome, OUTCOME_REFUSED, "the other one is refused");
	ok(strstr(view.words, "has no outcome yet") != NULL, "%s", view.words);
	job_view_release(&view);
	atomic_store(&fake.on_apply, FAKE_FINE);
	fake_act(&other, "fake.set", "b", "on", &view);
	is_int(view.outcome, OUTCOME_DONE, "but not on another target");
	job_view_release(&view);
	fake_world_close(&other);
	end(&world);
}

/* A text of the in_force table, or "". */
static void
force_text(struct fake_world *world, const char *column, char *out, size_t size)
{
	struct frame frame;
	const struct table *table = NULL;

	out[0] = '\0';
	if (frame_init(&frame, world->store, NULL) != ERR_OK)
		return;
	frame_acquire(&frame, world->store);
	if (frame.actions != NULL)
		table = payload_table(frame.actions->payload, "in_force");
	if (table != NULL && table->row_count > 0 && strcmp(column, "id") == 0)
		snprintf(out, size, "%s", table->rows[0].key.s);
	else if (table != NULL && table->row_count > 0)
		snprintf(out, size, "%s",
		    table->rows[0].cells[table_column(table, column)].text.s);
	frame_release(&frame);
}

static bool
wait_in_force(struct fake_world *world, size_t count, int64_t ns)
{
	int64_t deadline = clock_now() + ns;

	while (actions_in_force_count(world->actions) != count) {
		wake_drain(&world->wake);
		if (io_wait(wake_fd(&world->wake), IO_READ, deadline, NULL,
			NULL) != ERR_OK)
			return false;
	}
	return true;
}

static void
test_undo(void)
{
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	char id[AUDIT_ID_LEN], undo[200];
	uint64_t job;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	fake_act(&world, "fake.set", "a", "on", &view);
	memcpy(id, view.id, sizeof(id));
	job_view_release(&view);
	is_int((int64_t)actions_in_force_count(world.actions), 1, "in force");
	/* A new process knows it from the record. */
	ok(fake_world_again(&world) &&
		wait_in_force(&world, 1, 10 * NS_PER_SEC),
	    "and still is, after a restart");
	force_text(&world, "id", undo, sizeof(undo));
	is_str(undo, id, "by its id");
	force_text(&world, "undo", undo, sizeof(undo));
	is_str(undo, "sevtop act -p shop fake.set --target a --set value=off",
	    "with the words that take it back");
	is_int(actions_undo(world.actions, "0", &job, &err), ERR_NOTFOUND,
	    "nothing else is");
	err_clear(&err);
	is_int(actions_undo(world.actions, id, &job, &err), ERR_OK, "undo");
	fake_wait(&world, job, 1u << JOB_PLANNED | FAKE_SETTLED, &view);
	is_int(view.state, JOB_PLANNED, "is a plan like any other");
	is_int(actions_confirm(world.actions, job, view.plan, NULL, NULL, &err),
	    ERR_OK, "to be confirmed");
	job_view_release(&view);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	is_int(view.outcome, OUTCOME_DONE, "done");
	job_view_release(&view);
	is_str(fake_state("a"), "off", "back to what it was");
	is_int((int64_t)actions_in_force_count(world.actions), 0,
	    "nothing is in force");
	/* The same by hand is an undo as well, and none of its own. */
	fake_act(&world, "fake.set", "b", "on", &view);
	job_view_release(&view);
	fake_act(&world, "fake.set", "b", "off", &view);
	job_view_release(&view);
	is_int((int64_t)actions_in_force_count(world.actions), 0,
	    "taken back by hand");
	fake_act(&world, "fake.set", "c", "on", &view);
	memcpy(id, view.id, sizeof(id));
	job_view_release(&view);
	is_int(actions_keep(world.actions, id, "", &err), ERR_USAGE,
	    "keeping needs a reason");
	is_int(
	    actions_keep(world.actions, id, "for good", &err), ERR_OK, "kept");
	ok(fake_world_again(&world), "and after a restart");
	fake_act(&world, "fake.look", "c", NULL, &view);
	job_view_release(&view);
	is_int((int64_t)actions_in_force_count(world.actions), 0,
	    "it is not listed");
	end(&world);
}

/* The same platform in another environment is another thing. */
static void
test_environments(void)
{
	struct fake_world world, other;
	struct job_view view;

	if (!begin(&world, "drill", GATE_NORMAL) ||
	    !ok(fake_world_open(&other, "staging", GATE_NORMAL), "staging"))
		return;
	fake_act(&world, "fake.set", "a", "on", &view);
	job_view_release(&view);
	ok(fake_world_again(&other) &&
		!wait_in_force(&other, 1, NS_PER_SEC / 2),
	    "what is in force in a drill is not in staging");
	ok(fake_world_again(&world) &&
		wait_in_force(&world, 1, 10 * NS_PER_SEC),
	    "in the drill it is");
	/* The world ended, and another one began. */
	world.options.drill_since_ms = clock_wall_ms() + 1;
	ok(fake_world_again(&world) &&
		!wait_in_force(&world, 1, NS_PER_SEC / 2),
	    "another practice world knows nothing of it");
	fake_world_close(&other);
	end(&world);
}

static void
test_several_targets(void)
{
	static const struct request_target targets[] = { { "x", NULL },
		{ "y", NULL }, { "z", NULL } };
	static const struct request_value set = { "value", "on" };
	const struct request_spec spec = {
		.action = "fake.set",
		.platform = "shop",
		.targets = targets,
		.target_count = 3,
		.values = &set,
		.value_count = 1,
	};
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	for (int half = 0; half < 2; half++) {
		atomic_store(&fake.on_apply, half ? FAKE_HALF : FAKE_FORBIDDEN);
		is_int(actions_plan(world.actions, &spec, &job, &err), ERR_OK,
		    "three in one plan");
		fake_wait(&world, job, 1u << JOB_PLANNED, &view);
		is_int(actions_confirm(
			   world.actions, job, view.plan, NULL, NULL, &err),
		    ERR_OK, "confirmed once");
		job_view_release(&view);
		fake_wait(&world, job, FAKE_SETTLED, &view);
		is_int(view.outcome, half ? OUTCOME_PARTLY : OUTCOME_FAILED,
		    half ? "one of them done" : "none of them done");
		ok(strstr(view.words, half ? "1 of 3 done" : "0 of 3 done") !=
			NULL,
		    "%s", view.words);
		job_view_release(&view);
	}
	is_int((int64_t)fake_effects(NULL), 1, "as the server shows");
	end(&world);
}

/* Another row has taken the place of the one that was pressed. */
static void
test_identity(void)
{
	static const struct request_target target = { "a", "a of before" };
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

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	is_int(actions_plan(world.actions, &spec, &job, &err), ERR_OK, "ask");
	fake_wait(&world, job, 1u << JOB_PLANNED | FAKE_SETTLED, &view);
	is_int(view.outcome, OUTCOME_REFUSED, "another row");
	ok(strstr(view.words, "changed since you looked") != NULL, "%s",
	    view.words);
	job_view_release(&view);
	end(&world);
}

static void
test_cancel_and_close(void)
{
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	job = fake_plan(&world, "fake.set", "a", "on", &view);
	job_view_release(&view);
	actions_cancel(world.actions, job);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	is_int(view.outcome, OUTCOME_DROPPED, "a plan is dropped");
	job_view_release(&view);
	is_int(actions_close(world.actions, job, "x", &err), ERR_CLOSED,
	    "only what is in doubt is closed");
	/* Cancelled while it is sent: that is a doubt. */
	atomic_store(&fake.on_apply, FAKE_SLOW);
	atomic_store(&fake.on_verify, FAKE_UNREADABLE);
	job = confirm(&world, "a");
	fake_wait(&world, job, 1u << JOB_SENDING, &view);
	job_view_release(&view);
	actions_cancel(world.actions, job);
	fake_wait(&world, job, 1u << JOB_DOUBT, &view);
	is_int(view.state, JOB_DOUBT, "cancelled while sending: in doubt");
	job_view_release(&view);
	is_int(actions_close(world.actions, job, "", &err), ERR_USAGE,
	    "closing needs a note");
	is_int(actions_close(world.actions, job, "looked: off", &err), ERR_OK,
	    "closed by a person");
	fake_wait(&world, job, 1u << JOB_ENDED, &view);
	is_int(view.outcome, OUTCOME_CLOSED, "with the note");
	is_str(view.words, "looked: off", "as its words");
	job_view_release(&view);
	end(&world);
}

/* A person closes what is just being read back: nothing is said twice. */
static void
test_close_while_read(void)
{
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job;

	if (!begin(&world, "test", GATE_NORMAL))
		return;
	atomic_store(&fake.on_apply, FAKE_CUT_AFTER);
	atomic_store(&fake.on_verify, FAKE_HELD);
	job = confirm(&world, "a");
	fake_wait(&world, job, 1u << JOB_DOUBT, &view);
	job_view_release(&view);
	while (atomic_load(&fake.verifies) == 0)
		(void)io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	is_int(actions_close(world.actions, job, "looked: off", &err), ERR_OK,
	    "closed while it is read");
	fake_wait(&world, job, 1u << JOB_ENDED, &view);
	job_view_release(&view);
	atomic_store(&fake.release, true);
	/* The engine has looked at every job before this one ends. */
	fake_act(&world, "fake.look", "b", NULL, &view);
	job_view_release(&view);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	is_int(view.outcome, OUTCOME_CLOSED, "what was read does not count");
	is_int(view.state, JOB_ENDED, "and nothing goes on");
	job_view_release(&view);
	end(&world);
}

/* What an action prints is shown, and can do no harm. */
static void
test_output(void)
{
	uint64_t pictures;
	bool whole;
	int64_t began;
	struct fake_world world;
	struct job_view view;
	struct frame frame;
	const struct table *output;

	if (!begin(&world, "prod", GATE_NORMAL))
		return;
	fake_act(&world, "fake.look", "a", NULL, &view);
	is_int(view.outcome, OUTCOME_DONE, "looked");
	ok(view.has_output, "and said something");
	is_str(view.words, "it was looked at", "and what came of it");
	job_view_release(&view);
	if (frame_init(&frame, world.store, NULL) != ERR_OK)
		return;
	frame_acquire(&frame, world.store);
	output = payload_table(frame.actions->payload, "output");
	is_int((int64_t)output->row_count, 1, "one line");
	is_str(output->rows[0].cells[1].text.s, "hello \\x1b[31m",
	    "with its escapes shown");
	/* More than any call has memory for. */
	atomic_store(&fake.lines, ACTION_SCRATCH_MAX / ACTIONS_LINE_MAX / 7);
	pictures = frame.actions->polls;
	began = clock_now();
	fake_act(&world, "fake.look", "b", NULL, &view);
	/* A sanitizer may be too slow for its deadline. */
	whole = view.outcome == OUTCOME_DONE;
	job_view_release(&view);
	frame_acquire(&frame, world.store);
	output = payload_table(frame.actions->payload, "output");
	ok(output->rows[0].cells[1].text.len > 0, "a flood of words is shown");
	pictures = frame.actions->polls - pictures;
	printf("# %llu pictures\n", (unsigned long long)pictures);
	ok(pictures < 12 + (uint64_t)((clock_now() - began) / NS_PER_MS) /
			       ACTIONS_SHOW_MS,
	    "in a few pictures a second");
	if (whole)
		is_str(output->rows[output->row_count - 2].cells[1].text.s,
		    "hello \\x1b[31m",
		    "to its end, before what the other said");
	frame_release(&frame);
	end(&world);
}

static void
test_choices(void)
{
	static const struct request_target target = { "a", NULL };
	struct request_spec spec = {
		.action = "fake.set",
		.platform = "shop",
		.targets = &target,
		.target_count = 1,
	};
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (!begin(&world, "prod", GATE_NORMAL))
		return;
	is_int(actions_choices(world.actions, &spec, "value", &job, &err),
	    ERR_OK, "what may it be?");
	fake_wait(&world, job, FAKE_SETTLED, &view);
	is_int(view.outcome, OUTCOME_DONE, "asked");
	is_int((int64_t)view.choices->count, 2, "two words, each once");
	is_str(view.choices->items[1], "on", "as they are");
	is_int((int64_t)view.choices->dropped, 1, "and one that is none");
	job_view_release(&view);
	atomic_store(&fake.on_plan, FAKE_REFUSED);
	is_int(actions_choices(world.actions, &spec, "value", &job, &err),
	    ERR_OK, "again");
	fake_wait(&world, job, FAKE_SETTLED, &view);
	is_int(view.outcome, OUTCOME_FAILED, "nobody answers");
	job_view_release(&view);
	spec.action = "fake.drop";
	is_int(actions_choices(world.actions, &spec, "value", &job, &err),
	    ERR_UNSUPPORTED, "one that offers none");
	end(&world);
}

int
main(void)
{
	RUN(test_read_only);
	RUN(test_whole_table);
	RUN(test_classes);
	RUN(test_bad_requests);
	RUN(test_parallel);
	RUN(test_two_engines);
	RUN(test_undo);
	RUN(test_environments);
	RUN(test_several_targets);
	RUN(test_identity);
	RUN(test_cancel_and_close);
	RUN(test_close_while_read);
	RUN(test_output);
	RUN(test_choices);
	return tap_done();
}
