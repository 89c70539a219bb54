/*
 * Changing a Cloud Run service on a server that does everything wrong, at
 * each step: whatever is answered, the outcome is what is true there, and
 * nothing is sent twice.
 */
#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "datasrc/source.h"
#include "tests/actions/fake.h"
#include "tests/live/child.h"
#include "tests/live/google.h"
#include "tests/tap.h"

enum {
	HURRY = 100, /* two minutes are 1.2 s */
};

static struct child server;

/* What is true there; lives until the next call. */
static const struct cJSON *
truth(const char *query)
{
	static struct cJSON *root;
	char path[128];

	json_free(root);
	snprintf(path, sizeof(path), "/run?%s", query);
	root = google_ask(&server, path);
	return root;
}

static const char *
truth_text(const char *key)
{
	const char *text = json_string(json_member(truth("x=y"), key));

	return text != NULL ? text : "";
}

static int64_t
truth_number(const char *key)
{
	int64_t n = -1;

	return json_int(json_member(truth("x=y"), key), &n) ? n : -1;
}

static bool
begin(struct fake_world *world)
{
	static char config[1024];
	int port = child_number(&server, "PORT");

	snprintf(config, sizeof(config),
	    "platform: shop\nsources:\n  run: {type: gcp.run, project: demo, "
	    "regions: [europe-west1], flags: [MODEL], endpoint: "
	    "'http://127.0.0.1:%d', auth: {metadata_url: "
	    "'http://127.0.0.1:%d'}}\n",
	    port, port);
	fake_config = config;
	fake_sources = &source_types;
	if (!ok(fake_open() && fake_world_open(world, "test", GATE_NORMAL),
		"a world with a service"))
		return false;
	world->options.table = action_table;
	world->options.hurry = HURRY;
	return ok(fake_world_again(world), "with the actions of the program");
}

static void
end(struct fake_world *world)
{
	fake_world_close(world);
	fake_close();
	fake_config = NULL;
	fake_sources = NULL;
}

/* Plans; the job, whose view has the plan or says why there is none. */
static uint64_t
plan(struct fake_world *world, const char *action, const char *target,
    const struct request_value *values, size_t count, struct job_view *view)
{
	const struct request_target targets[] = { { target, NULL } };
	const struct request_spec spec = {
		.action = action,
		.platform = "shop",
		.targets = targets,
		.target_count = 1,
		.values = values,
		.value_count = count,
	};
	struct err err = ERR_INIT;
	uint64_t job = 0;

	memset(view, 0, sizeof(*view));
	if (actions_plan(world->actions, &spec, &job, &err) != ERR_OK) {
		snprintf(view->words, sizeof(view->words), "%s", err.msg);
		return 0;
	}
	fake_wait(world, job, 1u << JOB_PLANNED | 1u << JOB_ENDED, view);
	return job;
}

/* Does what is planned, and waits for the end of it. */
static void
confirm(struct fake_world *world, uint64_t job, struct job_view *view)
{
	struct err err = ERR_INIT;

	is_int(actions_confirm(
		   world->actions, job, view->plan, "a test", NULL, &err),
	    ERR_OK, err.msg);
	job_view_release(view);
	fake_wait(world, job, FAKE_SETTLED, view);
}

/* The line of a plan with this label; NULL: none. */
static const struct plan_line *
line_of(const struct plan *plan, const char *label)
{
	for (size_t i = 0; plan != NULL && i < plan->line_count; i++)
		if (text_eq(plan->lines[i].label, text_lit(label)))
			return &plan->lines[i];
	return NULL;
}

static void
is_line(const struct plan *plan, const char *label, const char *old,
    const char *new)
{
	const struct plan_line *line = line_of(plan, label);

	if (!ok(line != NULL, "a line %s", label))
		return;
	is_str(line->old.s, old, label);
	is_str(line->new.s, new, label);
}

static bool
has_trap(const struct plan *plan, const char *words)
{
	for (size_t i = 0; plan != NULL && i < plan->trap_count; i++)
		if (strstr(plan->traps[i].s, words) != NULL)
			return true;
	return false;
}

/* One row of the matrix: what goes wrong, and what has to come out. */
struct act_case {
	const char *lie;
	enum job_outcome outcome;
	int tries;   /* times that it was sent */
	int patches; /* times that it was taken */
	const char *words;
};

static const struct act_case matrix[] = {
	{ "", OUTCOME_DONE, 1, 1, "" },
	{ "faster", OUTCOME_FAILED, 1, 0, "changed since you looked" },
	{ "forbidden", OUTCOME_FAILED, 1, 0,
	    "the permission run.services.update is missing; ask for "
	    "roles/run.developer" },
	{ "account", OUTCOME_FAILED, 1, 0,
	    "iam.serviceaccounts.actAs is missing; ask for "
	    "roles/iam.serviceAccountUser" },
	{ "limited", OUTCOME_FAILED, 1, 0, "too many questions" },
	{ "invalid", OUTCOME_FAILED, 1, 0, "HTTP 400" },
	{ "exists", OUTCOME_FAILED, 1, 0, "already exists" },
	{ "expired", OUTCOME_DONE, 2, 1, "" },
	{ "expired-page", OUTCOME_FAILED, 1, 0, "HTTP 401" },
	{ "expired-always", OUTCOME_FAILED, 2, 0, "HTTP 401" },
	{ "503", OUTCOME_FAILED, 1, 0, "it had no effect" },
	{ "503-done", OUTCOME_DONE, 1, 1, "" },
	{ "cut-before", OUTCOME_FAILED, 1, 0, "it had no effect" },
	{ "cut-after", OUTCOME_DONE, 1, 1, "" },
	{ "half", OUTCOME_DONE, 1, 1, "" },
	{ "garbage", OUTCOME_DONE, 1, 1, "" },
	{ "nothing", OUTCOME_UNRESOLVED, 1, 0, "said yes, but it does not" },
	{ "refused", OUTCOME_FAILED, 1, 0, "Google: it was refused" },
	{ "fails-undone", OUTCOME_FAILED, 1, 1, "it was taken back" },
	{ "fails", OUTCOME_BROKEN, 1, 1, "the container does not start" },
	{ "stuck", OUTCOME_UNRESOLVED, 1, 1, "said yes, but it does not" },
	{ "endless", OUTCOME_DONE, 1, 1, "operation goes on" },
	{ "lost", OUTCOME_DONE, 1, 1, "" },
	{ "overtaken", OUTCOME_BROKEN, 1, 1, "changed again since by bob@" },
	{ "unread", OUTCOME_UNRESOLVED, 1, 1, "can't be read back" },
};

/* What is asked for, and what is true before and after it. */
struct act_kind {
	const char *action;
	struct request_value value;
	const char *key;
	const char *before;
	const char *after;
};

static const struct act_kind kinds[] = {
	{ "run.rollback", { "revision", "shop-00002" }, "serves", "LATEST=100",
	    "shop-00002=100" },
};

static void
run_case(const struct act_case *c, const struct act_kind *kind)
{
	struct fake_world world;
	struct job_view view;
	char query[64];
	bool applied =
	    c->outcome == OUTCOME_DONE || strcmp(c->lie, "unread") == 0;
	uint64_t job;

	if (!begin(&world))
		return;
	truth("reset=1");
	job = plan(&world, kind->action, "shop", &kind->value, 1, &view);
	if (!ok(view.plan != NULL, "%s %s: planned (%s)", kind->action, c->lie,
		view.words))
		goto out;
	snprintf(query, sizeof(query), "lie=%s", c->lie);
	truth(query);
	confirm(&world, job, &view);
	ok(view.outcome == c->outcome, "%s %s: %s (%s)", kind->action, c->lie,
	    job_outcome_word(view.outcome), view.words);
	ok(strstr(view.words, c->words) != NULL, "it says why: %s", view.words);
	is_str(truth_text(kind->key), applied ? kind->after : kind->before,
	    "what is true there");
	is_int(truth_number("tries"), c->tries, "sent so often");
	is_int(truth_number("patches"), c->patches, "taken so often");
	is_str(truth_text("tags"), "old", "the tag stays");
	ok(strstr(view.words, "ya29.") == NULL, "no token");
out:
	job_view_release(&view);
	truth("readable=1&lie=");
	end(&world);
}

static void
test_matrix(void)
{
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
			run_case(&matrix[i], &kinds[k]);
}

/* The words that will be sent. */
static void
sends(const struct plan *plan, const char *words)
{
	if (ok(plan != NULL && plan->send_count == 1, "one request"))
		ok(strstr(plan->sends[0].s, words) != NULL, "%s",
		    plan->sends[0].s);
}

/* What a plan of rolling back says, and what takes it back. */
static void
test_rollback(void)
{
	struct fake_world world;
	struct job_view view;
	uint64_t job;

	if (!begin(&world))
		return;
	truth("reset=1");
	job = plan(&world, "run.rollback", "shop", NULL, 0, &view);
	if (!ok(view.plan != NULL, "%s", view.words)) {
		end(&world);
		return;
	}
	is_line(view.plan, "shop-00003", "100 %", "0 %");
	is_line(view.plan, "shop-00002", "0 %", "100 %");
	is_line(view.plan, "image", "eu/img:1.0.3", "eu/img:1.0.2");
	is_line(view.plan, "memory", "2Gi", "1Gi");
	is_line(view.plan, "MODEL", "opus-4", "not there");
	is_line(view.plan, "DATABASE_URL", "set", "another value");
	ok(line_of(view.plan, "USE_FIRECRAWL") == NULL &&
		line_of(view.plan, "concurrency") == NULL,
	    "nothing of what is the same");
	ok(has_trap(view.plan, "pins the traffic"), "the pin");
	ok(has_trap(view.plan, "have to start first"), "and the start");
	sends(view.plan,
	    "PATCH /v2/projects/demo/locations/europe-west1/services/shop?"
	    "updateMask=traffic");
	sends(view.plan,
	    "{\"etag\":\"\\\"etag-7\\\"\",\"traffic\":[{\"type\":"
	    "\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":"
	    "\"shop-00002\",\"percent\":100},{\"type\":"
	    "\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":"
	    "\"shop-00001\",\"tag\":\"old\"}]}");
	if (ok(view.plan->undo != NULL, "an undo")) {
		is_str(view.plan->undo->is.action, "run.traffic", "by traffic");
		is_str(request_value(view.plan->undo, "to"), "latest", "to");
	}
	confirm(&world, job, &view);
	is_int(view.outcome, OUTCOME_DONE, view.words);
	job_view_release(&view);
	plan(&world, "run.rollback", "shop", NULL, 0, &view);
	ok(view.plan == NULL &&
		strstr(view.words, "no earlier revision that is ready") != NULL,
	    "the next one is broken: %s", view.words);
	job_view_release(&view);
	plan(&world, "run.rollback", "shop/shop-00002", NULL, 0, &view);
	ok(view.plan != NULL && view.plan->nothing, "it is there already");
	job_view_release(&view);
	end(&world);
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

		if (!begin(&world))
			return;
		snprintf(query, sizeof(query), "pinned=%s&reset=1", c->pinned);
		truth(query);
		job = plan(&world, "run.traffic", "shop", &to, 1, &view);
		if (c->serves == NULL) {
			ok(view.plan == NULL &&
				strstr(view.words, c->words) != NULL,
			    "%s: %s", c->to, view.words);
		} else if (ok(view.plan != NULL, "%s: %s", c->to, view.words)) {
			is_str(request_value(view.plan->undo, "to"), c->words,
			    "the undo");
			confirm(&world, job, &view);
			is_int(view.outcome, OUTCOME_DONE, view.words);
			is_str(truth_text("serves"), c->serves, c->to);
		}
		job_view_release(&view);
		end(&world);
	}
}

int
main(void)
{
	if (!google_start(&server))
		return tap_done();
	RUN(test_matrix);
	RUN(test_rollback);
	RUN(test_traffic);
	truth("reset=1");
	google_judge(child_value(&server, "REQUESTS"));
	child_stop(&server);
	return tap_done();
}
