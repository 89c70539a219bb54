/*
 * Changing a Cloud Run service on a server that does everything wrong, at
 * each step: whatever is answered, the outcome is what is true there, and
 * nothing is sent twice.
 */
#include "actions/action.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tests/live/gcp_world.h"
#include "tests/tap.h"

/* One row of the matrix: what goes wrong, and what has to come out. */
struct act_case {
	const char *lie;
	enum job_outcome outcome;
	int tries;   /* times that it was sent */
	int patches; /* times that it was taken */
	bool asked;  /* the service is to become so, whatever it is now */
	bool each;   /* for each kind of action: their read-backs differ */
	const char *words;
};

static const struct act_case matrix[] = {
	{ "", OUTCOME_DONE, 1, 1, true, true, "" },
	{ "faster", OUTCOME_FAILED, 1, 0, false, true,
	    "changed since you looked" },
	{ "forbidden", OUTCOME_FAILED, 1, 0, false, false,
	    "the permission run.services.update is missing; ask for "
	    "roles/run.developer" },
	{ "account", OUTCOME_FAILED, 1, 0, false, false,
	    "iam.serviceaccounts.actAs is missing; ask for "
	    "roles/iam.serviceAccountUser" },
	{ "limited", OUTCOME_FAILED, 1, 0, false, false, "too many questions" },
	{ "invalid", OUTCOME_FAILED, 1, 0, false, false, "HTTP 400" },
	{ "exists", OUTCOME_FAILED, 1, 0, false, false, "already exists" },
	{ "expired", OUTCOME_DONE, 2, 1, true, false, "" },
	{ "expired-page", OUTCOME_FAILED, 1, 0, false, false, "HTTP 401" },
	{ "expired-always", OUTCOME_FAILED, 2, 0, false, false, "HTTP 401" },
	{ "503", OUTCOME_FAILED, 1, 0, false, false, "it had no effect" },
	{ "503-done", OUTCOME_DONE, 1, 1, true, false,
	    "changed last by watch@demo" },
	{ "cancelled", OUTCOME_DONE, 1, 1, true, false, "" },
	{ "cut-before", OUTCOME_FAILED, 1, 0, false, true, "it had no effect" },
	{ "cut-after", OUTCOME_DONE, 1, 1, true, true,
	    "changed last by watch@demo" },
	{ "half", OUTCOME_DONE, 1, 1, true, false,
	    "changed last by watch@demo" },
	{ "garbage", OUTCOME_DONE, 1, 1, true, false,
	    "changed last by watch@demo" },
	{ "nothing", OUTCOME_UNRESOLVED, 1, 0, false, true,
	    "said yes, but it does not" },
	{ "refused", OUTCOME_FAILED, 1, 0, false, false,
	    "Google: it was refused" },
	{ "fails-undone", OUTCOME_FAILED, 1, 1, false, false,
	    "it was taken back" },
	{ "fails", OUTCOME_BROKEN, 1, 1, true, true,
	    "the container does not start" },
	{ "stuck", OUTCOME_UNRESOLVED, 1, 1, true, true,
	    "said yes, but it does not" },
	{ "endless", OUTCOME_DONE, 1, 1, true, false, "operation goes on" },
	{ "lost", OUTCOME_DONE, 1, 1, true, true, "" },
	{ "overtaken", OUTCOME_BROKEN, 1, 1, false, true,
	    "changed again since by bob@" },
	{ "unread", OUTCOME_UNRESOLVED, 1, 1, true, false,
	    "can't be read back" },
};

/* What is asked for, and what is wanted of the service before and after. */
struct act_kind {
	const char *action;
	struct request_value value;
	const char *key;
	const char *before;
	const char *after;
	bool all; /* of the matrix */
};

#define ENV                                                                    \
	"DATABASE_URL=postgres://u:p@h/d KEY=(secret) MODEL=opus-4 "           \
	"USE_BULL_QUEUE=true USE_FIRECRAWL="

static const struct act_kind kinds[] = {
	{ "run.rollback", { "revision", "shop-00002" }, "wants", "LATEST=100",
	    "shop-00002=100", true },
	{ "run.scale", { "max", "50" }, "max", "20", "50", false },
	{ "run.resize", { "memory", "4Gi" }, "limits", "2 2Gi", "2 4Gi",
	    false },
	{ "run.flags", { "USE_FIRECRAWL", "false" }, "env", ENV "true",
	    ENV "false", true },
};

static void
run_case(const struct act_case *c, const struct act_kind *kind)
{
	struct fake_world world;
	struct job_view view;
	char query[64];
	uint64_t job;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	job = gcp_plan(&world, kind->action, "shop", &kind->value, 1, &view);
	if (!ok(view.plan != NULL, "%s %s: planned (%s)", kind->action, c->lie,
		view.words))
		goto out;
	snprintf(query, sizeof(query), "lie=%s", c->lie);
	gcp_truth(query);
	gcp_confirm(&world, job, &view);
	ok(view.outcome == c->outcome, "%s %s: %s (%s)", kind->action, c->lie,
	    job_outcome_word(view.outcome), view.words);
	ok(strstr(view.words, c->words) != NULL, "it says why: %s", view.words);
	is_str(gcp_truth_text(kind->key), c->asked ? kind->after : kind->before,
	    "what is wanted of it");
	if (strcmp(kind->key, "wants") == 0 && view.outcome == OUTCOME_DONE)
		is_str(gcp_truth_text("serves"), kind->after, "what is so");
	is_int(gcp_truth_number("tries"), c->tries, "sent so often");
	is_int(gcp_truth_number("patches"), c->patches, "taken so often");
	is_str(gcp_truth_text("tags"), "old", "the tag stays");
	is_str(gcp_truth_text("kept"), "True team", "and the rest");
	ok(strstr(view.words, "ya29.") == NULL, "no token");
out:
	job_view_release(&view);
	gcp_truth("readable=1&lie=");
	gcp_end(&world);
}

static void
test_matrix(void)
{
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
			if (kinds[k].all || matrix[i].each)
				run_case(&matrix[i], &kinds[k]);
}

/* What a plan of rolling back says, and what takes it back. */
static void
test_rollback(void)
{
	struct fake_world world;
	struct job_view view;
	uint64_t job;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	job = gcp_plan(&world, "run.rollback", "shop", NULL, 0, &view);
	if (!ok(view.plan != NULL, "%s", view.words)) {
		gcp_end(&world);
		return;
	}
	gcp_is_line(view.plan, "shop-00003", "100 %", "0 %");
	gcp_is_line(view.plan, "shop-00002", "0 %", "100 %");
	gcp_is_line(view.plan, "image", "img:1.0.3", "img:1.0.2");
	gcp_is_line(view.plan, "memory", "2Gi", "1Gi");
	gcp_is_line(view.plan, "MODEL", "opus-4", "not there");
	gcp_is_line(view.plan, "DATABASE_URL", "set", "another value");
	ok(gcp_line(view.plan, "USE_FIRECRAWL") == NULL &&
		gcp_line(view.plan, "concurrency") == NULL,
	    "nothing of what is the same");
	ok(gcp_has_trap(view.plan, "pins the traffic"), "the pin");
	ok(gcp_has_trap(view.plan, "have to start first"), "and the start");
	gcp_sends(view.plan,
	    "PATCH /v2/projects/demo/locations/europe-west1/services/shop?"
	    "updateMask=traffic");
	gcp_sends(view.plan,
	    "{\"etag\":\"\\\"etag-7\\\"\",\"traffic\":[{\"type\":"
	    "\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":"
	    "\"shop-00002\",\"percent\":100},{\"type\":"
	    "\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":"
	    "\"shop-00001\",\"tag\":\"old\"}]}");
	if (ok(view.plan->undo != NULL, "an undo")) {
		is_str(view.plan->undo->is.action, "run.traffic", "by traffic");
		is_str(request_value(view.plan->undo, "to"), "latest", "to");
	}
	gcp_confirm(&world, job, &view);
	is_int(view.outcome, OUTCOME_DONE, view.words);
	job_view_release(&view);
	gcp_plan(&world, "run.rollback", "shop", NULL, 0, &view);
	ok(view.plan == NULL &&
		strstr(view.words, "no earlier revision that is ready") != NULL,
	    "the next one is broken: %s", view.words);
	job_view_release(&view);
	gcp_plan(&world, "run.rollback", "shop/shop-00002", NULL, 0, &view);
	ok(view.plan != NULL && view.plan->nothing, "it is there already");
	job_view_release(&view);
	gcp_end(&world);
}

/* One way to say where the traffic goes, and what that means. */
struct traffic_case {
	const char *pinned; /* before; "": latest */
	const char *to;
	const char *serves; /* afterwards; NULL: refused, with words */
	const char *words;  /* the undo, or why it is refused */
};

static const struct traffic_case traffics[] = {
	{ "", "hold", "shop-00003=100", "latest" },
	{ "", "shop-00002=20", "LATEST=80 shop-00002=20", "latest" },
	{ "shop-00002", "latest", "LATEST=100", "shop-00002=100" },
	{ "shop-00002", "LATEST=33, shop-00003=33",
	    "LATEST=33 shop-00002=34 shop-00003=33", "shop-00002=100" },
	{ "", "shop-00009=20", NULL,
	    "has no revision shop-00009; did you mean" },
	{ "", "shop-00001=20", NULL, "shop-00001 is not ready" },
	{ "", "shop-00002=70 shop-00003=40", NULL, "110 % together" },
	{ "", "LATEST=20", NULL, "no other revision to get the rest" },
	{ "", "shop-00002", NULL, "to is latest, hold, or parts" },
	{ "", "shop-00002=1 shop-00002=2", NULL, "is there twice" },
};

static void
test_traffic(void)
{
	for (size_t i = 0; i < ARRAY_LEN(traffics); i++) {
		const struct traffic_case *c = &traffics[i];
		const struct request_value to = { "to", c->to };
		struct fake_world world;
		struct job_view view;
		char query[64];
		uint64_t job;

		if (!gcp_begin(&world, ""))
			return;
		snprintf(query, sizeof(query), "pinned=%s&reset=1", c->pinned);
		gcp_truth(query);
		job = gcp_plan(&world, "run.traffic", "shop", &to, 1, &view);
		if (c->serves == NULL) {
			ok(view.plan == NULL &&
				strstr(view.words, c->words) != NULL,
			    "%s: %s", c->to, view.words);
		} else if (ok(view.plan != NULL, "%s: %s", c->to, view.words)) {
			is_str(request_value(view.plan->undo, "to"), c->words,
			    "the undo");
			gcp_confirm(&world, job, &view);
			is_int(view.outcome, OUTCOME_DONE, view.words);
			is_str(gcp_truth_text("serves"), c->serves, c->to);
		}
		job_view_release(&view);
		gcp_end(&world);
	}
}

/* One plan of a change of the service's bounds or of its template. */
struct plan_case {
	const char *action;
	const char *pinned; /* before; "": latest */
	struct request_value values[3];
	const char *line; /* a label, with old and new; NULL: refused */
	const char *old;
	const char *new;
	const char *words; /* of the effect, a trap, or why it is refused */
	struct request_value undo[3];
};

static const struct plan_case plans[] = {
	{ "run.scale", "", { { "max", "50" }, { "min", "2" } },
	    "instances, most", "20", "50", "run.resize max_instances=50",
	    { { "min", "1" }, { "max", "20" } } },
	{ "run.scale", "", { { "min", "0" } }, "instances, least", "1", "0",
	    "costs less: 0 instead of 1", { { "min", "1" } } },
	{ "run.scale", "", { { "min", "3" } }, "instances, least", "1", "3",
	    "costs more: 3 instead of 1", { { "min", "1" } } },
	{ "run.scale", "", { { "max", "0" } }, "instances, most", "20",
	    "none of its own", "can cost more", { { "max", "20" } } },
	{ "run.scale", "", { { "max", "0" }, { "min", "99" } },
	    "instances, least", "1", "99", "costs more",
	    { { "min", "1" }, { "max", "20" } } },
	{ "run.scale", "", { { "min", "30" } }, NULL, "", "",
	    "max would be 20, below min, which would be 30",
	    { { NULL, NULL } } },
	{ "run.scale", "", { { NULL, NULL } }, NULL, "", "", "how many?",
	    { { NULL, NULL } } },
	{ "run.scale", "", { { "most", "5" } }, NULL, "", "", "most",
	    { { NULL, NULL } } },
	{ "run.resize", "", { { "cpu", "4" }, { "memory", "4Gi" } }, "CPU", "2",
	    "4", "each instance costs more",
	    { { "cpu", "2" }, { "memory", "2Gi" } } },
	{ "run.resize", "shop-00002", { { "concurrency", "40" } },
	    "concurrency", "80", "40",
	    "traffic is pinned to shop-00002 100 %: this makes a new revision "
	    "that nobody reaches until traffic goes to latest (run.traffic "
	    "to=latest)",
	    { { "concurrency", "80" } } },
	{ "run.resize", "", { { "timeout", "10m" } }, "time-out", "300s",
	    "600s", "costs the same", { { "timeout", "300s" } } },
	{ "run.resize", "", { { "memory", "1Gi" } }, "memory", "2Gi", "1Gi",
	    "is ended, with all its requests", { { "memory", "2Gi" } } },
	{ "run.resize", "", { { "min_instances", "1" } }, "instances, least",
	    "Google's default", "1", "", { { "min_instances", "default" } } },
	{ "run.resize", "", { { "max_instances", "default" } },
	    "instances, most", "20", "Google's default", "",
	    { { "max_instances", "20" } } },
	{ "run.resize", "", { { "timeout", "5400s" } }, NULL, "", "",
	    "timeout can't be 5400s; it is 1s to 60m", { { NULL, NULL } } },
	{ "run.resize", "", { { "cpu", "4" }, { "memory", "1Gi" } }, NULL, "",
	    "", "4 CPU need 2Gi of memory", { { NULL, NULL } } },
	{ "run.resize", "", { { "cpu", "1" }, { "memory", "8Gi" } }, NULL, "",
	    "", "more than 4Gi of memory needs 2 CPU", { { NULL, NULL } } },
	{ "run.resize", "", { { "cpu", "2.5" } }, NULL, "", "",
	    "CPU is 1, 2, 4, 6 or 8", { { NULL, NULL } } },
	{ "run.resize", "", { { "cpu", "500m" }, { "memory", "512Mi" } }, NULL,
	    "", "", "wants concurrency=1", { { NULL, NULL } } },
	{ "run.resize", "", { { "concurrency", "1001" } }, NULL, "", "",
	    "concurrency can't be 1001", { { NULL, NULL } } },
	{ "run.resize", "",
	    { { "max_instances", "3" }, { "min_instances", "4" } }, NULL, "",
	    "", "the most instances are below", { { NULL, NULL } } },
	{ "run.resize", "", { { "memory", "lots" } }, NULL, "", "",
	    "memory can't be lots", { { NULL, NULL } } },
	{ "run.flags", "",
	    { { "USE_FIRECRAWL", "false" }, { "USE_BULL_QUEUE", "false" },
		{ "USE_REAL_API", "false" } },
	    "USE_REAL_API", "not set", "false",
	    "all other variables stay as they are",
	    { { "USE_FIRECRAWL", "true" }, { "USE_BULL_QUEUE", "true" },
		{ "unset", "USE_REAL_API" } } },
	{ "run.flags", "shop-00002", { { "USE_FIRECRAWL", "false" } },
	    "USE_FIRECRAWL", "true", "false", "traffic is pinned",
	    { { "USE_FIRECRAWL", "true" } } },
	{ "run.flags", "", { { "set", "USE_FIRECRAWL=false  MODEL=opus-4-1" } },
	    "MODEL", "opus-4", "opus-4-1", "",
	    { { "USE_FIRECRAWL", "true" }, { "MODEL", "opus-4" } } },
	{ "run.flags", "", { { "unset", "MODEL" } }, "MODEL", "opus-4",
	    "not set", "", { { "MODEL", "opus-4" } } },
	{ "run.flags", "", { { "DATABASE_URL", "x" } }, NULL, "", "",
	    "DATABASE_URL may hold a secret", { { NULL, NULL } } },
	{ "run.flags", "", { { "unset", "DATABASE_URL" } }, NULL, "", "",
	    "DATABASE_URL may hold a secret", { { NULL, NULL } } },
	{ "run.flags", "", { { "KEY", "true" } }, NULL, "", "",
	    "KEY comes from a secret; add a version to that",
	    { { NULL, NULL } } },
	{ "run.flags", "", { { "NEW_TOKEN", "s3cr3t" } }, NULL, "", "",
	    "NEW_TOKEN may hold a secret", { { NULL, NULL } } },
	{ "run.flags", "", { { "set", "MODEL" } }, NULL, "", "",
	    "set wants NAME=value", { { NULL, NULL } } },
	{ "run.flags", "", { { "set", "MODEL=a MODEL=b" } }, NULL, "", "",
	    "MODEL is there twice", { { NULL, NULL } } },
};

static size_t
value_count(const struct request_value values[3])
{
	size_t n = 0;

	while (n < 3 && values[n].name != NULL)
		n++;
	return n;
}

static void
is_undo(const struct plan *plan, const struct plan_case *c)
{
	if (!ok(plan->undo != NULL, "%s has an undo", c->action))
		return;
	is_str(plan->undo->is.action, c->action, "by the same action");
	is_int((int64_t)plan->undo->is.value_count,
	    (int64_t)value_count(c->undo), "as many values");
	for (size_t i = 0; i < value_count(c->undo); i++)
		is_str(request_value(plan->undo, c->undo[i].name),
		    c->undo[i].value, c->undo[i].name);
}

/* What is done is undone to the same, with other words of the truth. */
static void
do_and_undo(struct fake_world *world, uint64_t job, struct job_view *view,
    const struct plan_case *c)
{
	static const char *const keys[] = { "min", "max", "limits", "env",
		"timeout", "concurrency", "idle", "kept", "wants" };
	char before[ARRAY_LEN(keys)][256];
	struct request_value undo[3];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		snprintf(before[i], sizeof(before[i]), "%s",
		    gcp_truth_text(keys[i]));
	memcpy(undo, c->undo, sizeof(undo));
	gcp_confirm(world, job, view);
	is_int(view->outcome, OUTCOME_DONE, view->words);
	job_view_release(view);
	job = gcp_plan(world, c->action, "shop", undo, value_count(undo), view);
	if (!ok(view->plan != NULL, "the undo is planned: %s", view->words))
		return;
	gcp_confirm(world, job, view);
	is_int(view->outcome, OUTCOME_DONE, view->words);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		is_str(gcp_truth_text(keys[i]), before[i], keys[i]);
}

static void
test_plans(void)
{
	struct fake_world world;

	if (!gcp_begin(&world, ""))
		return;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		const struct plan_case *c = &plans[i];
		struct job_view view;
		char query[64];
		uint64_t job;

		snprintf(query, sizeof(query), "pinned=%s&reset=1", c->pinned);
		gcp_truth(query);
		job = gcp_plan(&world, c->action, "shop", c->values,
		    value_count(c->values), &view);
		if (c->line == NULL) {
			ok(view.plan == NULL &&
				strstr(view.words, c->words) != NULL,
			    "%s: refused: %s", c->action, view.words);
		} else if (ok(view.plan != NULL, "%s: %s", c->action,
			       view.words)) {
			gcp_is_line(view.plan, c->line, c->old, c->new);
			ok(gcp_has_trap(view.plan, c->words) ||
				strstr(view.plan->effect.s, c->words) != NULL,
			    "%s: %s", view.plan->effect.s, c->words);
			is_undo(view.plan, c);
			do_and_undo(&world, job, &view, c);
		}
		job_view_release(&view);
	}
	gcp_end(&world);
}

/* A secret is in what is sent, and nowhere else. */
static void
test_secrets(void)
{
	static const struct request_value value = { "USE_FIRECRAWL", "false" };
	struct fake_world world;
	struct buf out = BUF_INIT(PLAN_JSON_MAX);
	struct job_view view;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	gcp_plan(&world, "run.flags", "shop", &value, 1, &view);
	if (ok(view.plan != NULL, "%s", view.words)) {
		gcp_sends(view.plan, "PATCH /v2/projects/demo/locations/"
				     "europe-west1/services/shop?updateMask="
				     "template");
		gcp_sends(view.plan, "with USE_FIRECRAWL=false");
		is_int(plan_json(view.plan, world.redactor, &out), ERR_OK,
		    "as it is recorded");
		ok(strstr(buf_cstr(&out), "u:p@h") == NULL, "without secrets");
		ok(strstr(buf_cstr(&out), "etag-7") != NULL, "with its etag");
	}
	job_view_release(&view);
	buf_release(&out);
	gcp_end(&world);
}

/* What there is to choose from, the likeliest first. */
static void
test_choices(void)
{
	static const struct {
		const char *action;
		const char *arg;
		const char *first;
		size_t count;
	} rows[] = {
		{ "run.rollback", "revision", "shop-00002", 1 },
		{ "run.traffic", "to", "latest", 4 },
		{ "run.scale", "max", "40", 3 },
		{ "run.scale", "min", "2", 3 },
		{ "run.resize", "memory", "2Gi", 3 },
		{ "run.flags", "set", "USE_FIRECRAWL=false", 2 },
	};
	static const struct request_target target = { "shop", NULL };
	struct fake_world world;

	if (!gcp_begin(&world, ""))
		return;
	gcp_truth("reset=1");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct request_spec spec = { .action = rows[i].action,
			.platform = "shop",
			.targets = &target,
			.target_count = 1 };
		struct job_view view = { .plan = NULL };
		uint64_t job = 0;

		ok(actions_choices(world.actions, &spec, rows[i].arg, &job,
		       NULL) == ERR_OK &&
			fake_wait(&world, job, FAKE_SETTLED, &view) &&
			view.choices != NULL,
		    "%s %s: words", rows[i].action, rows[i].arg);
		if (view.choices != NULL && view.choices->count > 0) {
			is_str(view.choices->items[0], rows[i].first, "first");
			is_int((int64_t)view.choices->count,
			    (int64_t)rows[i].count, "how many");
		}
		job_view_release(&view);
	}
	gcp_end(&world);
}

int
main(void)
{
	if (!gcp_start())
		return tap_done();
	RUN(test_matrix);
	RUN(test_rollback);
	RUN(test_traffic);
	RUN(test_plans);
	RUN(test_secrets);
	RUN(test_choices);
	gcp_stop();
	return tap_done();
}
