/*
 * Changes of a Cloud Run service where little is said, or much: what serves
 * is not told, a value is Google's default, more is asked for than one undo
 * or one line holds.
 */
#include "actions/action.h"

#include <string.h>

#include "base/buf.h"
#include "model/limits.h"
#include "tests/live/gcp_world.h"
#include "tests/tap.h"

/* What serves is a revision that is not listed: none is earlier than it. */
static void
test_rollback_unlisted(void)
{
	static const struct request_value named = { "revision", "shop-00002" };
	struct fake_world world;
	struct job_view view;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("pinned=shop-00000&reset=1");
	gcp_plan(&world, "run.rollback", "shop", NULL, 0, &view);
	ok(view.plan == NULL &&
		strstr(view.words, "none is known to be earlier") != NULL,
	    "it is not rolled forward: %s", view.words);
	job_view_release(&view);
	gcp_plan(&world, "run.rollback", "shop", &named, 1, &view);
	ok(view.plan != NULL, "one that is named is taken: %s", view.words);
	job_view_release(&view);
	/* A time that is missing puts no order upside down. */
	gcp_truth("reset=1&undated=shop-00002");
	gcp_plan(&world, "run.rollback", "shop", NULL, 0, &view);
	if (ok(view.plan != NULL, "planned: %s", view.words))
		gcp_is_line(view.plan, "shop-00002", "0 %", "100 %");
	job_view_release(&view);
	gcp_end(&world);
}

/* Traffic is held where it is known to be, or not at all. */
static void
test_hold(void)
{
	static const struct {
		const char *query;
		const char *line; /* the only one; NULL: refused, with words */
		const char *words;
	} rows[] = {
		/* Nobody says what serves: it is what is asked for. */
		{ "pinned=shop-00002&reset=1&statuses=", "shop-00002",
		    "100 %" },
		/* It is on its way just now. */
		{ "reset=1&statuses=shop-00002=60,shop-00003=30", NULL,
		    "the parts are 90 % together" },
	};
	static const struct request_value hold = { "to", "hold" };
	struct fake_world world;

	if (!gcp_begin(&world, ""))
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct job_view view;

		gcp_truth(rows[i].query);
		gcp_plan(&world, "run.traffic", "shop", &hold, 1, &view);
		if (rows[i].line == NULL)
			ok(view.plan == NULL &&
				strstr(view.words, rows[i].words) != NULL,
			    "refused: %s", view.words);
		else if (ok(view.plan != NULL, "%s", view.words)) {
			is_int((int64_t)view.plan->line_count, 1, "one line");
			gcp_is_line(view.plan, rows[i].line, rows[i].words,
			    rows[i].words);
		}
		job_view_release(&view);
	}
	gcp_truth("reset=1");
	gcp_end(&world);
}

/* A new revision reaches those only whom the latest gets. */
static void
test_part(void)
{
	static const struct request_value off = { "USE_FIRECRAWL", "false" };
	struct fake_world world;
	struct job_view view;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1&statuses=LATEST=10,shop-00002=90");
	gcp_plan(&world, "run.flags", "shop", &off, 1, &view);
	if (ok(view.plan != NULL, "%s", view.words))
		ok(gcp_has_trap(view.plan,
		       "only 10 % of the traffic go to the latest revision"),
		    "how few see the change");
	job_view_release(&view);
	gcp_truth("reset=1");
	gcp_plan(&world, "run.flags", "shop", &off, 1, &view);
	if (ok(view.plan != NULL, "%s", view.words))
		ok(!gcp_has_trap(view.plan, "of the traffic go"), "all do");
	job_view_release(&view);
	gcp_end(&world);
}

/* Google leaves out a least number of 0, and so it can be read back. */
static void
test_least(void)
{
	static const char *const steps[] = { "2", "0", "0" };
	struct fake_world world;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const struct request_value min = { "min_instances", steps[i] };
		struct job_view view;
		uint64_t job =
		    gcp_plan(&world, "run.resize", "shop", &min, 1, &view);

		if (ok(view.plan != NULL, "%s", view.words) && i < 2) {
			gcp_confirm(&world, job, &view);
			is_int(view.outcome, OUTCOME_DONE, view.words);
		} else if (view.plan != NULL) {
			ok(view.plan->nothing, "it is so already");
		}
		job_view_release(&view);
	}
	gcp_end(&world);
}

/* Nothing can be seen of a default, so nothing proves that it was taken. */
static void
test_default_in_doubt(void)
{
	static const struct request_value value = { "max_instances",
		"default" };
	static const char *const lies[] = { "lie=cut-before", "lie=refused" };

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		struct fake_world world;
		struct job_view view;
		uint64_t job;

		if (!gcp_begin(&world, ""))
			return;
		gcp_truth("reset=1");
		job = gcp_plan(&world, "run.resize", "shop", &value, 1, &view);
		if (ok(view.plan != NULL, "%s", view.words)) {
			gcp_truth(lies[i]);
			gcp_confirm(&world, job, &view);
			is_int(view.outcome, OUTCOME_FAILED, view.words);
			is_int(gcp_truth_number("patches"), 0, "not done");
		}
		job_view_release(&view);
		gcp_truth("lie=");
		gcp_end(&world);
	}
}

/* "V1=0 V2=0 …" */
static void
put_many(struct buf *out, int count, const char *value)
{
	for (int i = 0; i < count; i++)
		buf_fmt(out, "V%d=%s ", i, value);
}

/* What can't be taken back by one undo is not done by one plan. */
static void
test_many(void)
{
	static const struct {
		const char *value;
		int count;
		const char *words; /* NULL: it is done */
	} steps[] = {
		{ "off", ACTION_VALUES_MAX + 2, NULL },
		{ "on", ACTION_VALUES_MAX, NULL },
		{ "yes", ACTION_VALUES_MAX + 1, "can't be taken back at once" },
	};
	struct fake_world world;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct buf text = BUF_INIT(ACTION_VALUE_MAX);
		struct request_value set = { "set", "" };
		struct job_view view;
		uint64_t job;

		put_many(&text, steps[i].count, steps[i].value);
		set.value = buf_cstr(&text);
		job = gcp_plan(&world, "run.flags", "shop", &set, 1, &view);
		if (steps[i].words != NULL) {
			ok(view.plan == NULL &&
				strstr(view.words, steps[i].words) != NULL,
			    "refused: %s", view.words);
		} else if (ok(view.plan != NULL, "%s", view.words)) {
			gcp_confirm(&world, job, &view);
			is_int(view.outcome, OUTCOME_DONE, view.words);
		}
		job_view_release(&view);
		buf_release(&text);
	}
	gcp_end(&world);
}

/* What there is no room to tell in what is sent, the lines tell. */
static void
test_long(void)
{
	struct fake_world world;
	struct buf text = BUF_INIT(ACTION_VALUE_MAX);
	struct request_value values[2] = { { "MODEL", "" },
		{ "USE_FIRECRAWL", "false" } };
	struct job_view view;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	while (buf_str(&text, "claude-") && text.len < PLAN_TEXT_MAX)
		continue;
	values[0].value = buf_cstr(&text);
	gcp_plan(&world, "run.flags", "shop", values, 2, &view);
	if (ok(view.plan != NULL, "%s", view.words))
		gcp_sends(view.plan, "with what the lines say");
	job_view_release(&view);
	buf_release(&text);
	gcp_end(&world);
}

int
main(void)
{
	if (!gcp_start())
		return tap_done();
	RUN(test_rollback_unlisted);
	RUN(test_hold);
	RUN(test_part);
	RUN(test_least);
	RUN(test_default_in_doubt);
	RUN(test_many);
	RUN(test_long);
	gcp_stop();
	return tap_done();
}
