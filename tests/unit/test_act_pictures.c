/*
 * The dialog in all its states at the sizes that matter: what a tired person
 * has to grasp before and after pressing y.
 */
#include "tui/act_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/build.h"
#include "tests/actions/fake.h"
#include "tests/panel/golden.h"
#include "tests/tap.h"
#include "tui/keys.h"
#include "tui/plan_view.h"

/* A still life: an engine that is asked for its gate only. */
struct still {
	struct fake_world world;
	struct keys keys;
	struct act *act;
	struct fixture fixture;
	int64_t now;
};

static bool
still_open(struct still *still)
{
	struct act_setup setup = { .table = fake_table };

	memset(still, 0, sizeof(*still));
	if (!fake_open() ||
	    !fake_world_open(&still->world, "prod", GATE_WRITE) ||
	    !fixture_make(&still->fixture, FIXTURE_BURNING))
		return false;
	keys_init(&still->keys);
	setup.actions = still->world.actions;
	setup.store = still->world.store;
	setup.platforms = still->world.platforms;
	setup.platform_count = 1;
	setup.keys = &still->keys;
	/* The gate has the real time; only differences are shown. */
	still->now = still->fixture.ctx.now = clock_now();
	/* What the pictures show is published here, and by nobody else. */
	return act_new(&setup, &still->act, NULL) == ERR_OK &&
	       actions_stop(
		   still->world.actions, clock_now() + 60 * NS_PER_SEC);
}

static void
still_close(struct still *still)
{
	still->act->job = 0;
	act_free(still->act);
	fixture_release(&still->fixture);
	fake_world_close(&still->world);
	fake_close();
}

static struct request *
request_of(const char *action, const char *const *names, size_t count)
{
	struct request_target targets[8];
	struct request_spec spec = {
		.action = action,
		.platform = "shop",
		.source = "things",
		.targets = targets,
		.target_count = count,
	};
	struct request *request = NULL;

	for (size_t i = 0; i < count; i++)
		targets[i] = (struct request_target) { names[i], names[i] };
	if (request_new(&spec, &request, NULL) != ERR_OK)
		abort();
	return request;
}

/* The plan of the wireframe: a rollback with everything that can be said. */
static struct plan *
rollback_plan(int64_t now)
{
	static const char *const names[] = { "vistralai" };
	struct request *request = request_of("run.rollback", names, 1);
	struct plan *plan = plan_new(request);
	struct request_spec undo = request->is;

	plan->title = TEXT("Roll back");
	plan->verb = TEXT("roll back now");
	plan->effect = TEXT("all requests go to the revision before");
	plan->basis = TEXT("etag \"CL7…\"; refused if it changed meanwhile");
	plan->class = ACTION_REVERSIBLE;
	plan_line(
	    plan, TEXT("service"), TEXT_EMPTY, TEXT("vistralai"), TEXT_EMPTY);
	plan_line(plan, TEXT("vistralai-00012-qod"), TEXT("100 %"), TEXT("0 %"),
	    TEXT_EMPTY);
	plan_line(plan, TEXT("vistralai-00011-lam"), TEXT("0 %"), TEXT("100 %"),
	    TEXT("ready, 2 days old"));
	plan_line(
	    plan, TEXT("image"), TEXT("8d2f1aa"), TEXT("41c9e02"), TEXT_EMPTY);
	plan_reach(plan, TEXT("move within seconds"), NUM_PER_SECOND, 412);
	plan_trap(plan,
	    TEXT("traffic is PINNED: new deployments and flag flips reach "
		 "nobody until traffic goes to latest"));
	plan_send(plan, TEXT("PATCH …/services/vistralai?updateMask=traffic"));
	undo.action = "run.traffic";
	plan_undo(plan, &undo);
	request_unref(request);
	if (plan_finish(plan, NULL) != ERR_OK)
		abort();
	plan->read_at = now - 2 * NS_PER_SEC;
	return plan;
}

/* Many targets, long names, no undo: the worst that has to fit. */
static struct plan *
long_plan(int64_t now, enum action_class class)
{
	static const char *const names[] = { "AUTO_THROTTLE_ENABLED",
		"BATCH_PROCESSING_ENABLED", "COPILOT_PLANNER_ENABLED",
		"NIGHTLY_AGGREGATION_WINDOW", "PERPLEXITY_FALLBACK", "データ" };
	struct request *request = request_of("flag.set", names, 6);
	struct plan *plan = plan_new(request);

	plan->title = TEXT("Set flags");
	plan->verb = TEXT("set 6 flags");
	plan->class = class;
	plan->effect = TEXT("new requests see the new values within a second; "
			    "what runs goes on with the old ones");
	for (size_t i = 0; i < 6; i++) {
		plan_line(plan, text_clean_str(plan->arena, names[i]),
		    TEXT("true"), TEXT("false"),
		    i == 1 ? TEXT("changed 21m ago by ana") : TEXT_EMPTY);
		plan_send(plan,
		    text_fmt(plan->arena, "HSET flags %s false", names[i]));
		plan_sample(plan,
		    text_fmt(plan->arena, "job %zu of %s", 4711 + i, names[i]));
	}
	plan_total(plan, 1204);
	plan_reach(plan, TEXT("jobs waiting"), NUM_COUNT, 1204);
	plan_reach(plan, TEXT("requests see it"), NUM_PER_SECOND, 412);
	plan_trap(plan, TEXT("what is throttled now is not taken back"));
	request_unref(request);
	if (plan_finish(plan, NULL) != ERR_OK)
		abort();
	plan->read_at = now - 65 * NS_PER_SEC;
	return plan;
}

/* Draws it as the dashboard does: below the header, over a panel. */
static void
draw_at(struct golden *golden, struct still *still, const char *what, int h,
    int w, bool ascii)
{
	struct canvas *canvas = canvas_new(h, w);
	struct rect area = { 1, 0, h - 1, w };

	canvas->ascii = ascii;
	canvas_fill(canvas, canvas_rect(canvas), TEXT("."), ROLE_OK, 0);
	still->act->shown = still->act->mode == ACT_JOB;
	act_draw(still->act, &still->fixture.ctx, canvas, area, false);
	golden_add(golden, what, canvas);
	canvas_free(canvas);
}

static bool
picture(struct still *still, const char *what)
{
	struct golden golden;
	char name[64];

	snprintf(name, sizeof(name), "act-%s", what);
	golden_init(&golden, name);
	draw_at(&golden, still, what, 24, 80, false);
	draw_at(&golden, still, what, 24, 80, true);
	draw_at(&golden, still, what, 10, 40, false);
	draw_at(&golden, still, what, 50, 200, false);
	return golden_done(&golden);
}

/* The job of the dialog, as the engine would tell of it. */
static void
set_job(struct still *still, struct plan *plan, enum job_state state,
    enum job_outcome outcome, const char *words)
{
	job_view_release(&still->act->view);
	still->act->mode = ACT_JOB;
	still->act->gone = false;
	still->act->confirm.stage = CONFIRM_PLAN;
	still->act->subject.platform = still->world.platform;
	still->act->words[0] = '\0';
	still->act->view = (struct job_view) {
		.job = 7,
		.state = state,
		.outcome = outcome,
		.since = still->now - 3 * NS_PER_SEC,
		.plan = plan,
	};
	snprintf(still->act->view.words, sizeof(still->act->view.words), "%s",
	    words);
}

/* What the engine published: targets, output and the check of job 7. */
static void
publish(struct still *still, bool output)
{
	static const struct column jobs[] = {
		{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("check"), COLUMN_TEXT, NUM_NONE },
	};
	static const struct column targets[] = {
		{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("words"), COLUMN_TEXT, NUM_NONE },
	};
	static const struct column lines[] = {
		{ TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("line"), COLUMN_TEXT, NUM_NONE },
	};
	static const struct column forces[] = {
		{ TEXT_INIT("action"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	};
	struct build *b = build_new();
	struct section *section = section_new();

	build_table(b, TEXT("jobs"), jobs, 2);
	build_row(b, TEXT("7"), STATE_OK);
	build_cell_num(b, 0, 7);
	build_cell_text(
	    b, 1, TEXT("recovered after 48s: error_rate 7.3 % to 0.4 %"));
	build_table(b, TEXT("targets"), targets, 4);
	for (size_t i = 0; i < 6; i++) {
		enum target_state state =
		    i == 1 ? TARGET_UNCHANGED : TARGET_DONE;

		build_row(b, text_fmt(build_arena(b), "7:%zu", i), STATE_OK);
		build_cell_num(b, 0, 7);
		build_cell_text(b, 1, text_fmt(build_arena(b), "FLAG_%zu", i));
		build_cell_state(
		    b, 2, STATE_OK, text_lit(target_state_words(state)));
		if (i == 1)
			build_cell_text(b, 3, TEXT("not permitted"));
	}
	build_table(b, TEXT("output"), lines, 2);
	for (int i = 0; output && i < 30; i++) {
		build_row(b, text_fmt(build_arena(b), "7:%d", i), STATE_OK);
		build_cell_num(b, 0, 7);
		build_cell_text(b, 1,
		    text_fmt(build_arena(b), "container %d  Up 3 days", i));
	}
	build_table(b, TEXT("in_force"), forces, 4);
	for (int i = 0; i < 2; i++) {
		build_row(b, text_fmt(build_arena(b), "id%d", i), STATE_WARN);
		build_cell_text(
		    b, 0, i > 0 ? TEXT("flag.set") : TEXT("queue.pause"));
		build_cell_text(b, 1,
		    i > 0 ? TEXT("AUTO_THROTTLE_ENABLED") : TEXT("runPrompt"));
		build_cell_num(b, 2, (double)FIXTURE_WALL_MS - 90e3);
		build_cell_text(b, 3, TEXT("ana"));
	}
	section->payload = build_finish(b, NULL);
	build_free(b);
	store_publish_actions(still->world.store, section);
}

static void
test_plan(struct still *still)
{
	set_job(still, NULL, JOB_PLANNING, OUTCOME_NONE, "");
	ok(picture(still, "reading"), "what is there is being read");
	set_job(still, NULL, JOB_ENDED, OUTCOME_FAILED,
	    "redis at 127.0.0.1:6379: connection refused");
	ok(picture(still, "no-plan"), "it could not be read");
	set_job(
	    still, rollback_plan(still->now), JOB_PLANNED, OUTCOME_NONE, "");
	ok(picture(still, "plan"), "a plan");
	set_job(still, long_plan(still->now, ACTION_DISRUPTIVE), JOB_PLANNED,
	    OUTCOME_NONE, "");
	ok(picture(still, "plan-long"), "a plan longer than the screen");
	still->act->scroll = 4;
	ok(picture(still, "plan-scrolled"), "further down");
	still->act->scroll = 0;
	still->act->view.plan->nothing = true;
	ok(picture(still, "plan-nothing"), "nothing to do");
	actions_disarm(still->world.actions, NULL);
	set_job(
	    still, rollback_plan(still->now), JOB_PLANNED, OUTCOME_NONE, "");
	ok(picture(still, "plan-readonly"), "while read-only");
	act_say(still->act, "too soon: read it first");
	ok(picture(still, "plan-early"), "y came too soon");
}

static void
test_given(struct still *still)
{
	struct plan *plan = long_plan(still->now, ACTION_DESTRUCTIVE);

	set_job(still, plan, JOB_PLANNED, OUTCOME_NONE, "");
	confirm_start(&still->act->confirm, plan->class, plan->word, 0);
	still->act->confirm.stage = CONFIRM_REASON;
	prompt_start(
	    &still->act->confirm.prompt, "INC-7, errors since 14:01", NULL);
	ok(picture(still, "reason"), "the reason");
	still->act->confirm.stage = CONFIRM_NAME;
	still->act->confirm.note = "that is not the name; Esc leaves";
	ok(picture(still, "name"), "the name");
}

static void
test_progress(struct still *still)
{
	static const struct {
		enum job_state state;
		const char *what;
	} steps[] = {
		{ JOB_WAITING, "waiting" },
		{ JOB_RECORDING, "recording" },
		{ JOB_SENDING, "sending" },
		{ JOB_VERIFYING, "verifying" },
		{ JOB_ENDING, "ending" },
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		set_job(still, rollback_plan(still->now), steps[i].state,
		    OUTCOME_NONE, "");
		ok(picture(still, steps[i].what), "%s", steps[i].what);
	}
	set_job(still, rollback_plan(still->now), JOB_DOUBT, OUTCOME_NONE,
	    "the connection was reset");
	ok(picture(still, "doubt"), "in doubt");
}

static void
test_results(struct still *still)
{
	publish(still, false);
	still->act->job = 7;
	set_job(still, rollback_plan(still->now), JOB_ENDED, OUTCOME_DONE, "");
	ok(picture(still, "done"), "done");
	set_job(still, rollback_plan(still->now), JOB_ENDED, OUTCOME_FAILED,
	    "409: the service was changed meanwhile");
	ok(picture(still, "failed"), "failed");
	set_job(still, long_plan(still->now, ACTION_REVERSIBLE), JOB_ENDED,
	    OUTCOME_PARTLY,
	    "5 of 6 done; BATCH_PROCESSING_ENABLED not changed: not "
	    "permitted");
	ok(picture(still, "partly"), "partly done");
	set_job(still, rollback_plan(still->now), JOB_DOUBT, OUTCOME_UNRESOLVED,
	    "it can't be read back: look yourself; this goes on trying every "
	    "two minutes");
	ok(picture(still, "unresolved"), "unresolved");
	set_job(still, rollback_plan(still->now), JOB_ENDED, OUTCOME_REFUSED,
	    "cannot record: the disk is full");
	ok(picture(still, "refused"), "refused");
	publish(still, true);
	set_job(still, long_plan(still->now, ACTION_LOOK), JOB_ENDED,
	    OUTCOME_DONE, "exit status 0");
	still->act->view.has_output = true;
	ok(picture(still, "output"), "what a command printed");
}

static const struct opt some_opts[] = {
	{
	    .name = "value",
	    .kind = OPT_CHOICE,
	    .required = true,
	    .choices = (const char *const[]) { "true", "false", NULL },
	    .help = "what to set it to",
	},
	{
	    .name = "rate",
	    .kind = OPT_INT,
	    .min = 1,
	    .max = 10000,
	    .preset = "50",
	    .help = "jobs a second",
	},
	{
	    .name = "older",
	    .kind = OPT_DURATION,
	    .max = 3600 * NS_PER_SEC,
	    .preset = "0s",
	    .help = "only what failed longer ago than this",
	},
};

static void
test_lists(struct still *still)
{
	struct act *act = still->act;
	/* The pictures that follow still show what was chosen here. */
	static struct request_target target = { "AUTO_THROTTLE_ENABLED",
		"AUTO_THROTTLE_ENABLED" };
	static struct request_target other = { "worker-concurrency",
		"worker-concurrency" };
	char values[3][16] = { "maybe", "50", "0s" };
	struct act_field fields[3];

	set_job(still, NULL, JOB_PLANNING, OUTCOME_NONE, "");
	act->subject.key = target.key;
	act->subject.keys = &target.key;
	act->subject.key_count = 1;
	act->subject.source = "things";
	act->mode = ACT_MENU;
	for (size_t i = 0; fake_table[i] != NULL; i++)
		act->choices[act->choice_count++] = (struct act_choice) {
			.name = fake_table[i]->name,
			.ops = fake_table[i],
			.targets = &target,
			.target_count = 1,
		};
	act->at = 1;
	ok(picture(still, "menu"), "what can be done to a row");
	act->choices[1].targets = &other;
	ok(picture(still, "menu-other"), "and to what is about it");
	act->mode = ACT_FORM;
	act->chosen = &act->choices[0];
	for (size_t i = 0; i < 3; i++)
		fields[i] = (struct act_field) { &some_opts[i], values[i] };
	act->fields = fields;
	act->field_count = 3;
	prompt_start(&act->prompt, values[0], NULL);
	act_say(act, "\"value\" wants one of true, false, not \"maybe\"");
	ok(picture(still, "form"), "its arguments");
	act->field = 1;
	act->words[0] = '\0';
	prompt_start(&act->prompt, values[1], NULL);
	ok(picture(still, "form-number"), "another of them");
	act->mode = ACT_ASK;
	act->ask = ASK_ARM;
	act->arm = "shop";
	prompt_start(&act->prompt, "INC-7", NULL);
	ok(picture(still, "arm"), "arming");
	act->mode = ACT_FORCE;
	act->at = 0;
	ok(picture(still, "force"), "what is in force");
	act->mode = ACT_LEAVE;
	ok(picture(still, "leave"), "leaving with something in force");
}

/* No size may hide what is about to happen, nor touch what is not its own. */
static void
test_sizes(struct still *still)
{
	int hidden = 0, outside = 0;

	set_job(still, long_plan(still->now, ACTION_REVERSIBLE), JOB_PLANNED,
	    OUTCOME_NONE, "");
	for (int h = 10; h <= 60; h++) {
		for (int w = 40; w <= 220; w += 7) {
			struct canvas *canvas = canvas_new(h, w);
			struct rect area = { 1, 0, h - 1, w };
			bool target = false, env = false, class = false,
			     yes = false;

			still->act->shown = true;
			act_draw(still->act, &still->fixture.ctx, canvas, area,
			    false);
			for (int y = 1; y < h; y++) {
				const char *row = golden_row(canvas, y);

				target = target ||
					 strstr(row, "AUTO_THROTTLE_ENABLED");
				env = env || strstr(row, " PROD");
				class = class || strstr(row, "reversible");
				yes = yes || strstr(row, "y set 6 flags");
			}
			hidden += !target || !env || !class || !yes;
			outside += golden_row(canvas, 0)[0] != '\0';
			canvas_free(canvas);
		}
	}
	is_int(hidden, 0, "target, environment, class and y at any size");
	is_int(outside, 0, "the header is not touched");
}

int
main(void)
{
	struct still still;

	if (!ok(still_open(&still), "a still life"))
		return 1;
	test_plan(&still);
	test_given(&still);
	test_progress(&still);
	test_results(&still);
	test_lists(&still);
	test_sizes(&still);
	still.act->fields = NULL;
	still.act->field_count = 0;
	still_close(&still);
	return tap_done();
}
