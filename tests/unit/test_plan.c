/*
 * The pure parts around an action: requests and plans as data, the gate, the
 * judge of what came of it, the check of the signal afterwards.
 */
#include "actions/plan.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/check.h"
#include "actions/gate.h"
#include "actions/judge.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "model/section.h"
#include "tests/tap.h"

static const struct request_target two[] = { { "run Prompt", "row 1" },
	{ "o'clock", NULL } };
static const struct request_value values[] = { { "value", "off" },
	{ "note", "two words" } };

static const struct request_spec spec = {
	.action = "flag.set",
	.platform = "shop",
	.source = "flags",
	.targets = two,
	.target_count = 2,
	.values = values,
	.value_count = 2,
	.signal = "error_rate",
};

static struct request *
request_of(const struct request_spec *of)
{
	struct request *request = NULL;
	struct err err = ERR_INIT;

	if (request_new(of, &request, &err) != ERR_OK)
		printf("# %s\n", err_text(&err));
	return request;
}

static void
test_request(void)
{
	static const struct request_target turned[] = { { "o'clock", NULL },
		{ "run Prompt", "another row" } };
	static const struct request_target twice[] = { { "a", NULL },
		{ "a", NULL } };
	struct request_spec other = spec;
	struct request *a = request_of(&spec), *b, *c = NULL;
	struct buf words = BUF_INIT(1000);
	struct cJSON *json;
	struct err err = ERR_INIT;
	bool whole = true;

	request_words(a, &words);
	is_str(buf_cstr(&words),
	    "sevtop act -p shop flag.set --target flags/'run Prompt' "
	    "--target flags/'o'\\''clock' --set value=off "
	    "--set note='two words'",
	    "words for a shell");
	json = request_json(a, NULL, &whole);
	ok(json != NULL && whole, "as JSON, nothing hidden");
	is_int(request_parse(json, &c, &err), ERR_OK, "and back");
	cJSON_Delete(json);
	ok(request_same(a, c), "the same");
	is_str(c->is.targets[0].key, "row 1", "with the row");
	is_str(c->is.signal, "error_rate", "and the signal");
	other.targets = turned;
	other.source = NULL;
	b = request_of(&other);
	ok(request_same(a, b), "order, rows and source don't matter");
	request_unref(b);
	other.value_count = 1;
	b = request_of(&other);
	ok(!request_same(a, b), "values do");
	request_unref(b);
	other.targets = twice;
	b = NULL;
	is_int(request_new(&other, &b, &err), ERR_USAGE, "a target twice");
	ok(strstr(err_text(&err), "named twice") != NULL, "%s", err_text(&err));
	request_unref(a);
	request_unref(c);
	buf_release(&words);
}

static struct plan *
plan_of(const char *memo)
{
	struct request_spec undo = spec;
	struct request *request = request_of(&spec);
	struct plan *plan = plan_new(request);

	request_unref(request);
	undo.value_count = 1;
	plan->title = TEXT("Set flag");
	plan_class(plan, ACTION_DISRUPTIVE);
	plan_class(plan, ACTION_REVERSIBLE);
	plan_line(plan, TEXT("run Prompt"), TEXT("on"), TEXT("off"),
	    TEXT("since Monday"));
	plan_reach(plan, TEXT("requests"), NUM_PER_SECOND, 412);
	plan_reach(plan, TEXT("cost"), NUM_DOLLARS, NAN);
	plan_send(plan, TEXT("SET flag off"));
	plan_trap(plan, TEXT("caches keep it a minute"));
	plan_sample(plan, TEXT("row 1"));
	plan_total(plan, 12);
	plan_memo(plan, memo);
	plan_undo(plan, &undo);
	return plan;
}

static void
test_plan(void)
{
	struct plan *plan = plan_of("{\"old\":\"on\"}"), *back = NULL;
	struct buf json = BUF_INIT(100000), text = BUF_INIT(100000);
	struct err err = ERR_INIT;

	is_int(plan_finish(plan, &err), ERR_OK, "whole");
	is_int(plan->class, ACTION_DISRUPTIVE, "the class only rises");
	is_int(plan_json(plan, NULL, &json), ERR_OK, "as JSON");
	is_int(plan_parse(buf_cstr(&json), json.len, &back, &err), ERR_OK,
	    "and back");
	is_str(back->memo, plan->memo, "with its memo");
	ok(back->whole && request_same(back->undo, plan->undo), "and its undo");
	is_int((int64_t)back->line_count, 1, "and its lines");
	is_int(back->class, ACTION_DISRUPTIVE, "and its class");
	ok(plan_text(plan, &text), "as text");
	is_str(buf_cstr(&text),
	    "  run Prompt   on -> off   since Monday\n"
	    "  reach        412/s requests\n"
	    "               \xe2\x80\x94 cost\n"
	    "  such as      row 1\n"
	    "               and 11 more\n"
	    "  mind         caches keep it a minute\n"
	    "  will send    SET flag off\n"
	    "  class        disruptive: y and a reason\n"
	    "  undo         sevtop act -p shop flag.set "
	    "--target flags/'run Prompt' --target flags/'o'\\''clock' --set "
	    "value=off\n",
	    "for a terminal");
	plan_unref(plan);
	plan_unref(back);
	buf_release(&json);
	buf_release(&text);
}

/* A name from a server is not what moves the cursor of a terminal. */
static void
test_escapes(void)
{
	static const struct request_target odd = { "a\x1b[2J\x07", NULL };
	struct request_spec undo = spec;
	struct plan *plan = plan_of("");
	struct buf text = BUF_INIT(100000);

	undo.targets = &odd;
	undo.target_count = 1;
	plan_undo(plan, &undo);
	ok(plan_text(plan, &text), "as text");
	ok(strpbrk(buf_cstr(&text), "\x1b\x07") == NULL, "%s", buf_cstr(&text));
	plan_unref(plan);
	buf_release(&text);
}

/* A secret is in no JSON, and what lost one is not read back from. */
static void
test_secret(void)
{
	struct redactor *redactor = redactor_new();
	struct plan *plan = plan_of("token is hunter2hunter2"), *back = NULL;
	struct buf json = BUF_INIT(100000);

	is_int(redactor_add(redactor, "hunter2hunter2", 14, NULL), ERR_OK,
	    "a secret");
	is_int(plan_finish(plan, NULL), ERR_OK, "whole");
	is_int(plan_json(plan, redactor, &json), ERR_OK, "as JSON");
	ok(strstr(buf_cstr(&json), "hunter2") == NULL, "it is not in there");
	is_int(plan_parse(buf_cstr(&json), json.len, &back, NULL), ERR_OK,
	    "it still parses");
	ok(!back->whole && back->memo[0] == '\0' && back->undo == NULL,
	    "but nothing is done by what is left of it");
	plan_unref(plan);
	plan_unref(back);
	buf_release(&json);
	redactor_free(redactor);
}

static void
test_too_much(void)
{
	struct plan *plan = plan_of("");
	struct err err = ERR_INIT;

	for (int i = 0; i < PLAN_LINES_MAX; i++)
		plan_line(plan, TEXT("a"), TEXT("b"), TEXT("c"), TEXT_EMPTY);
	is_int(plan_finish(plan, &err), ERR_LIMIT, "too many lines");
	plan_unref(plan);
	plan = plan_of("");
	for (int i = 0; i < 10 * PLAN_SAMPLES_MAX; i++)
		plan_sample(plan, TEXT("row"));
	is_int(plan_finish(plan, &err), ERR_OK, "samples are samples");
	is_int((int64_t)plan->sample_count, PLAN_SAMPLES_MAX, "so many");
	is_int((int64_t)plan->sample_total, 10 * PLAN_SAMPLES_MAX + 12,
	    "out of so many");
	plan_unref(plan);
}

static void
test_gate(void)
{
	struct gate gate;
	struct err err = ERR_INIT;
	int64_t now = 1000 * NS_PER_SEC;

	gate_init(&gate, GATE_NORMAL, true, now);
	ok(!gate_is_open(&gate, now), "prod starts read-only");
	is_int(gate_check(&gate, ACTION_LOOK, now, &err), ERR_OK, "looking");
	for (int class = ACTION_REVERSIBLE; class < ACTION_CLASS_COUNT;
	     class ++)
		is_int(gate_check(&gate, (enum action_class) class, now, &err),
		    ERR_FORBIDDEN, "nothing else");
	is_int(gate_arm(&gate, "incident 7", 0, now, &err), ERR_OK, "armed");
	is_int(gate_left_ns(&gate, now), GATE_ARM_MS * NS_PER_MS, "for 15 m");
	now += GATE_ARM_MS * NS_PER_MS - 1;
	ok(gate_is_open(&gate, now), "to the last");
	ok(!gate_is_open(&gate, now + 1), "and then no more");
	is_int(gate_check(&gate, ACTION_REVERSIBLE, now + 1, &err),
	    ERR_FORBIDDEN, "read-only");
	ok(strstr(err_text(&err), "time it was armed for is over") != NULL,
	    "%s", err_text(&err));
	is_int(gate_arm(&gate, "x", INT64_MAX, now, &err), ERR_USAGE,
	    "not for ever");
	gate_init(&gate, GATE_NORMAL, false, now);
	is_int(gate_left_ns(&gate, now), INT64_MAX, "a drill is open");
	gate_disarm(&gate, now);
	ok(!gate_is_open(&gate, now), "until it is closed");
	gate_init(&gate, GATE_WRITE, true, now);
	is_int(gate_left_ns(&gate, now), GATE_ARM_MS * NS_PER_MS,
	    "--write arms prod for as long as a reason does");
	gate_init(&gate, GATE_READONLY, false, now);
	is_int(gate_arm(&gate, "please", 0, now, &err), ERR_FORBIDDEN,
	    "--readonly stays");
	ok(!gate_is_open(&gate, now), "closed");
}

/* One way that two targets can go, and what a judge made of it. */
struct walk {
	enum target_state first[2]; /* after sending */
	enum target_state later[2]; /* from the third read-back on */
	bool readable;
	struct judge_target targets[2];
	struct judge judge;
	enum judge_next next;
	enum job_outcome outcome;
	bool late; /* told to look again in the past */
};

static void
walk_run(struct walk *walk)
{
	int64_t now = 1000 * NS_PER_SEC + NS_PER_SEC / 10, at = 0;

	for (int t = 0; t < 2; t++)
		walk->targets[t].state = walk->first[t];
	walk->judge = (struct judge) {
		.targets = walk->targets,
		.count = 2,
		.sent_at = 1000 * NS_PER_SEC,
		.settle_ns = ACTION_SETTLE_MS * NS_PER_MS,
		.hurry = 1,
	};
	walk->next = judge_sent(&walk->judge, now, &at, &walk->outcome);
	for (int i = 0; i < 60 && walk->next == JUDGE_READ; i++) {
		walk->late = walk->late || at < now;
		now = at;
		judge_reading(&walk->judge, now);
		for (int t = 0; walk->readable && i == 3 && t < 2; t++) {
			if (walk->targets[t].state < TARGET_DONE &&
			    walk->later[t] >= TARGET_DONE)
				walk->targets[t].state = walk->later[t];
		}
		judge_reading(&walk->judge, now);
		walk->next = judge_read(
		    &walk->judge, walk->readable, now, &at, &walk->outcome);
	}
}

/* Both targets are in this state. */
static bool
walk_both(const struct walk *walk, enum target_state state)
{
	return walk->targets[0].state == state &&
	       walk->targets[1].state == state;
}

/* Whether the verdict says more than is known. */
static bool
walk_is_wrong(const struct walk *walk)
{
	bool ended = walk->next == JUDGE_END;
	bool silent = !walk->readable && (walk->first[0] < TARGET_DONE ||
					     walk->first[1] < TARGET_DONE);

	if (walk->late || ended == walk->judge.unresolved)
		return true;
	if (ended && walk->outcome == OUTCOME_FAILED &&
	    !walk_both(walk, TARGET_UNCHANGED))
		return true;
	if (ended && walk->outcome == OUTCOME_DONE &&
	    !walk_both(walk, TARGET_DONE))
		return true;
	/* What was accepted is never called not done by silence. */
	if (ended && walk->first[0] == TARGET_ACCEPTED &&
	    walk->later[0] < TARGET_DONE)
		return true;
	return ended && silent;
}

/*
 * Every way at every read-back: an outcome is only given when it is known,
 * and what was not proved is never called failed before the time is over.
 */
static void
test_judge(void)
{
	enum {
		N = TARGET_STATE_COUNT
	};
	int wrong = 0, unresolved = 0, ends = 0;

	for (int i = 0; i < N * N * N * N * 2; i++) {
		struct walk walk = {
			.first = { (enum target_state)(i / 2 % N),
			    (enum target_state)(i / 2 / N % N) },
			.later = { (enum target_state)(i / 2 / N / N % N),
			    (enum target_state)(i / 2 / N / N / N % N) },
			.readable = i % 2 == 0,
		};

		walk_run(&walk);
		wrong += walk_is_wrong(&walk);
		ends += walk.next == JUDGE_END;
		unresolved += walk.judge.unresolved;
	}
	is_int(wrong, 0, "no verdict without proof");
	ok(ends > 0 && unresolved > 0, "%d ends, %d unresolved", ends,
	    unresolved);
}

static void
test_schedule(void)
{
	static const int64_t seconds[] = { 1, 3, 10, 30, 60, 120, 240 };
	struct judge_target target = { .state = TARGET_OPEN };
	struct judge judge = {
		.targets = &target,
		.count = 1,
		.sent_at = 50 * NS_PER_SEC,
		.settle_ns = NS_PER_SEC,
		.hurry = 1,
	};
	enum job_outcome outcome = OUTCOME_NONE;
	int64_t at = 0, now = judge.sent_at;

	judge_sent(&judge, now, &at, &outcome);
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		is_int((at - judge.sent_at) / NS_PER_SEC, seconds[i],
		    "read back in time");
		now = at;
		judge_reading(&judge, now);
		if (i + 1 < sizeof(seconds) / sizeof(seconds[0]))
			judge_read(&judge, false, now, &at, &outcome);
	}
	judge_reading(&judge, now);
	is_int(judge_read(&judge, true, now, &at, &outcome), JUDGE_END,
	    "it can be read again");
	is_int(outcome, OUTCOME_FAILED, "and never showed");
}

static void
test_check(void)
{
	struct signal row = {
		.unit = NUM_PERCENT,
		.value = 0.073,
		.state = STATE_CRIT,
		.crit = { true, COMPARE_GT, 0.05 },
	};
	struct check check;
	struct buf words = BUF_INIT(200);
	int64_t now = 100 * NS_PER_SEC;

	check_start(&check, "error_rate", NULL, 0, 1, now);
	is_int(check.state, CHECK_NONE, "no such signal, nothing to check");
	check_start(&check, "error_rate", &row, 0, 1, now);
	is_int(check.state, CHECK_WATCHING, "watching");
	now += 48 * NS_PER_SEC;
	row.value = 0.004;
	row.state = STATE_OK;
	ok(!check_step(&check, &row, now), "well, but not for long");
	ok(check_step(&check, &row, now + 10 * NS_PER_SEC), "for long");
	check_words(&check, now, &words);
	is_str(buf_cstr(&words),
	    "recovered after 48s: error_rate 7.3 % to 0.40 %", "said so");
	now = 100 * NS_PER_SEC;
	row.value = 0.073;
	row.state = STATE_CRIT;
	check_start(&check, "error_rate", &row, 60 * NS_PER_SEC, 1, now);
	ok(!check_step(&check, NULL, now + 59 * NS_PER_SEC), "not yet");
	row.value = 0.075;
	ok(check_step(&check, &row, now + 60 * NS_PER_SEC), "over");
	is_int(check.state, CHECK_NO_EFFECT, "no effect");
	check_start(&check, "error_rate", &row, 60 * NS_PER_SEC, 1, now);
	row.value = 0.5;
	ok(check_step(&check, &row, now + 61 * NS_PER_SEC), "over");
	is_int(check.state, CHECK_WORSE, "worse");
	row.state = STATE_WARN;
	check_start(&check, "error_rate", &row, 0, 1, now);
	row.state = STATE_CRIT;
	ok(!check_step(&check, &row, now + NS_PER_SEC), "a flicker");
	ok(check_step(&check, &row, now + 31 * NS_PER_SEC), "is none");
	is_int(check.state, CHECK_WORSE, "worse at once");
	check_start(&check, "error_rate", &row, 0, 1, now);
	ok(check_step(&check, NULL, now + 301 * NS_PER_SEC), "no value");
	is_int(check.state, CHECK_UNKNOWN, "says nothing");
	row.state = STATE_OK;
	check_start(&check, "error_rate", &row, 0, 1, now);
	is_int(check.state, CHECK_NONE, "what is well needs no mending");
	buf_release(&words);
}

int
main(void)
{
	RUN(test_request);
	RUN(test_plan);
	RUN(test_escapes);
	RUN(test_secret);
	RUN(test_too_much);
	RUN(test_gate);
	RUN(test_judge);
	RUN(test_schedule);
	RUN(test_check);
	return tap_done();
}
