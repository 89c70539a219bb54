/*
 * Flags that are environment variables of a Cloud Run service: read of the
 * newest revision and of what serves, and set together, as one change.
 */
#include "datasrc/flag_type.h"

#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "base/clock.h"
#include "tests/live/gcp_world.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

#define ENV "DATABASE_URL=postgres://u:p@h/d KEY=(secret) MODEL=opus-4 "

static const char flags[] =
    "flags:\n"
    "  firecrawl: {type: run, source: run, service: shop, variable: "
    "USE_FIRECRAWL}\n"
    "  bull: {type: run, source: run, service: europe-west1/shop, variable: "
    "USE_BULL_QUEUE}\n"
    "  api: {type: run, source: run, service: shop, variable: USE_REAL_API, "
    "missing: 'on'}\n"
    "  model: {type: run, source: run, service: shop, variable: MODEL, text: "
    "true}\n"
    "  crawl: {type: run, source: run, service: shop, variable: "
    "USE_FIRECRAWL}\n"
    "  bananas: {type: run, source: run, service: shop, variable: "
    "USE_FIRECRAWL, values: {on: 'yes', off: 'no'}}\n"
    "  key: {type: run, source: run, service: shop, variable: KEY, text: "
    "true}\n"
    "  db: {type: run, source: run, service: shop, variable: DATABASE_URL, "
    "text: true}\n"
    "kill:\n"
    "  mocks: [firecrawl, api]\n"
    "  all: [firecrawl, bull, api]\n"
    "  twice: [firecrawl, crawl]\n"
    "  odd: [firecrawl, bananas]\n";

/* Plans setting flags, between commas; the job. */
static uint64_t
plan_flags(struct fake_world *world, const char *names,
    const struct request_value *values, size_t count, struct job_view *view)
{
	return gcp_plan(world, "flag.set", names, values, count, view);
}

/* A kill switch is one request, and its undo another. */
static void
test_kill(void)
{
	struct fake_world world;
	struct job_view view;
	struct request_spec undo;
	uint64_t job, again = 0;

	if (!gcp_begin(&world, flags))
		return;
	gcp_truth("reset=1");
	job = plan_flags(&world, "kill/mocks", NULL, 0, &view);
	if (!ok(view.plan != NULL, "planned: %s", view.words)) {
		gcp_end(&world);
		return;
	}
	gcp_is_line(view.plan, "firecrawl", "on", "off");
	gcp_is_line(view.plan, "api", "on (unset)", "off");
	gcp_sends(view.plan, "with USE_FIRECRAWL=false, USE_REAL_API=false}");
	ok(gcp_has_trap(view.plan, "instances start anew"), "a new revision");
	undo = view.plan->undo->is;
	is_str(request_value(view.plan->undo, "restore"),
	    "{\"firecrawl\":\"true\",\"api\":null}", "the undo");
	gcp_confirm(&world, job, &view);
	is_int(view.outcome, OUTCOME_DONE, view.words);
	is_int(gcp_truth_number("patches"), 1, "one change for both");
	is_str(gcp_truth_text("env"),
	    ENV "USE_BULL_QUEUE=true USE_FIRECRAWL=false USE_REAL_API=false",
	    "both, and nothing else");
	is_int(actions_plan(world.actions, &undo, &again, NULL), ERR_OK,
	    "the undo");
	job_view_release(&view);
	fake_wait(&world, again, 1u << JOB_PLANNED | 1u << JOB_ENDED, &view);
	if (ok(view.plan != NULL, "is planned: %s", view.words)) {
		gcp_confirm(&world, again, &view);
		is_int(view.outcome, OUTCOME_DONE, view.words);
		is_int(gcp_truth_number("patches"), 2, "one more");
		is_str(gcp_truth_text("env"),
		    ENV "USE_BULL_QUEUE=true USE_FIRECRAWL=true",
		    "as it was, also that there was none");
	}
	job_view_release(&view);
	gcp_end(&world);
}

/* Two names for one service are one service when they are written alike;
 * else the second finds it changed, and says so. */
static void
test_outcomes(void)
{
	static const struct {
		const char *lie;
		const char *target;
		enum job_outcome outcome;
		const char *words;
		int tries;
	} rows[] = {
		{ "faster", "kill/mocks", OUTCOME_FAILED,
		    "changed since you looked", 1 },
		{ "cut-before", "kill/mocks", OUTCOME_FAILED,
		    "it had no effect", 1 },
		{ "cut-after", "kill/mocks", OUTCOME_DONE, "", 1 },
		{ "fails", "kill/mocks", OUTCOME_BROKEN, "the container", 1 },
		{ "forbidden", "firecrawl", OUTCOME_FAILED,
		    "run.services.update is missing", 1 },
		{ "stuck", "firecrawl", OUTCOME_UNRESOLVED, "said yes", 1 },
		/* However they call the service, and two that are one. */
		{ "", "kill/all", OUTCOME_DONE, "", 1 },
		{ "", "kill/twice", OUTCOME_DONE, "", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_world world;
		struct job_view view;
		char query[64];
		uint64_t job;

		if (!gcp_begin(&world, flags))
			return;
		gcp_truth("reset=1");
		job = plan_flags(&world, rows[i].target, NULL, 0, &view);
		snprintf(query, sizeof(query), "lie=%s", rows[i].lie);
		gcp_truth(query);
		if (ok(view.plan != NULL, "planned: %s", view.words)) {
			gcp_confirm(&world, job, &view);
			ok(view.outcome == rows[i].outcome, "%s: %s (%s)",
			    rows[i].lie, job_outcome_word(view.outcome),
			    view.words);
			ok(strstr(view.words, rows[i].words) != NULL, "%s",
			    view.words);
			is_int(gcp_truth_number("tries"), rows[i].tries,
			    "sent so often");
		}
		job_view_release(&view);
		gcp_truth("lie=");
		gcp_end(&world);
	}
}

static void
test_words(void)
{
	static const struct request_value model = { "value", "opus-4-1" };
	struct fake_world world;
	struct job_view view;
	uint64_t job;

	if (!gcp_begin(&world, flags))
		return;
	gcp_truth("pinned=shop-00002");
	job = plan_flags(&world, "model", &model, 1, &view);
	if (ok(view.plan != NULL, "planned: %s", view.words)) {
		ok(gcp_has_trap(view.plan,
		       "model: shop-00002 serves, not the newest; there it is "
		       "not set"),
		    "what serves");
		ok(gcp_has_trap(view.plan, "until traffic goes to latest"),
		    "and that this reaches nobody");
		gcp_confirm(&world, job, &view);
		is_int(view.outcome, OUTCOME_DONE, view.words);
	}
	job_view_release(&view);
	plan_flags(&world, "db", &model, 1, &view);
	if (ok(view.plan != NULL, "planned: %s", view.words)) {
		ok(gcp_has_trap(view.plan, "there it is postgres://"),
		    "another value there");
		ok(!gcp_has_trap(view.plan, "u:p@h"),
		    "without the password in it");
	}
	job_view_release(&view);
	plan_flags(&world, "kill/odd", NULL, 0, &view);
	ok(view.plan == NULL &&
		strstr(view.words, "and would set it differently") != NULL,
	    "one variable, two wishes: %s", view.words);
	job_view_release(&view);
	plan_flags(&world, "key", &model, 1, &view);
	ok(view.plan == NULL &&
		strstr(view.words,
		    "KEY comes from a secret, so it is no flag") != NULL,
	    "no flag: %s", view.words);
	job_view_release(&view);
	plan_flags(&world, "firecrawl",
	    &(struct request_value) { "value", "on" }, 1, &view);
	ok(view.plan != NULL && view.plan->nothing, "it is so already");
	job_view_release(&view);
	gcp_end(&world);
}

/* The rows of the panel. */
static void
test_rows(void)
{
	struct fake_world world;
	struct source_env env = { .name = "flags" };
	struct polled p;

	if (!gcp_begin(&world, flags))
		return;
	gcp_truth("reset=1");
	env.platform = world.platform;
	env.redactor = world.redactor;
	if (!ok(polled_open_in(&p, &src_flags, &env, "{}"), "the source"))
		return;
	is_int(polled_once(&p, 10 * NS_PER_SEC), ERR_OK, err_text(&p.err));
	is_str(polled_text(&p, "flags", "firecrawl", "value"), "on", "on");
	is_str(polled_text(&p, "flags", "api", "value"), "on (unset)",
	    "what counts");
	is_str(polled_text(&p, "flags", "firecrawl", "backend"),
	    "Cloud Run shop", "where it is");
	ok(strstr(polled_text(&p, "flags", "key", "note"), "secret") != NULL,
	    "what is none says so");
	gcp_truth("pinned=shop-00002");
	is_int(polled_once(&p, 10 * NS_PER_SEC), ERR_OK, "again");
	is_str(polled_text(&p, "flags", "firecrawl", "note"),
	    "shop-00002 serves, not the newest; it has the same", "a pin");
	is_str(polled_text(&p, "flags", "model", "note"),
	    "shop-00002 serves, not the newest; there it is not set",
	    "another value there");
	ok(polled_starve(&p, 10 * NS_PER_SEC), "without memory");
	polled_close(&p);
	gcp_end(&world);
}

int
main(void)
{
	if (!gcp_start())
		return tap_done();
	RUN(test_kill);
	RUN(test_outcomes);
	RUN(test_words);
	RUN(test_rows);
	gcp_stop();
	return tap_done();
}
