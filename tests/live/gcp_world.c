#include "tests/live/gcp_world.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "datasrc/source.h"
#include "tests/live/child.h"
#include "tests/live/google.h"
#include "tests/tap.h"

enum {
	HURRY = 500, /* two minutes are a quarter of a second */
};

static struct child server;

/* What is true there; lives until the next call. */
const struct cJSON *
gcp_truth(const char *query)
{
	static struct cJSON *root;
	char path[128];

	json_free(root);
	snprintf(path, sizeof(path), "/run?%s", query);
	root = google_ask(&server, path);
	return root;
}

const char *
gcp_truth_text(const char *key)
{
	const char *text = json_string(json_member(gcp_truth("x=y"), key));

	return text != NULL ? text : "";
}

int64_t
gcp_truth_number(const char *key)
{
	int64_t n = -1;

	return json_int(json_member(gcp_truth("x=y"), key), &n) ? n : -1;
}

bool
gcp_begin(struct fake_world *world, const char *more)
{
	static char config[4096];
	int port = child_number(&server, "PORT");

	snprintf(config, sizeof(config),
	    "platform: shop\nsources:\n  run: {type: gcp.run, project: demo, "
	    "regions: [europe-west1], flags: [MODEL], endpoint: "
	    "'http://127.0.0.1:%d', auth: {metadata_url: "
	    "'http://127.0.0.1:%d'}}\n%s",
	    port, port, more);
	fake_config = config;
	fake_sources = &source_types;
	if (!ok(fake_open() && fake_world_open(world, "test", GATE_NORMAL),
		"a world with a service"))
		return false;
	world->options.table = action_table;
	world->options.hurry = HURRY;
	return ok(fake_world_again(world), "with the actions of the program");
}

void
gcp_end(struct fake_world *world)
{
	fake_world_close(world);
	fake_close();
	fake_config = NULL;
	fake_sources = NULL;
}

/* Plans; the job, whose view has the plan or says why there is none. */
uint64_t
gcp_plan(struct fake_world *world, const char *action, const char *target,
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
void
gcp_confirm(struct fake_world *world, uint64_t job, struct job_view *view)
{
	struct err err = ERR_INIT;

	is_int(actions_confirm(
		   world->actions, job, view->plan, "a test", NULL, &err),
	    ERR_OK, err.msg);
	job_view_release(view);
	fake_wait(world, job, FAKE_SETTLED, view);
}

/* The line of a plan with this label; NULL: none. */
const struct plan_line *
gcp_line(const struct plan *plan, const char *label)
{
	for (size_t i = 0; plan != NULL && i < plan->line_count; i++)
		if (text_eq(plan->lines[i].label, text_lit(label)))
			return &plan->lines[i];
	return NULL;
}

void
gcp_is_line(const struct plan *plan, const char *label, const char *old,
    const char *new)
{
	const struct plan_line *line = gcp_line(plan, label);

	if (!ok(line != NULL, "a line %s", label))
		return;
	is_str(line->old.s, old, label);
	is_str(line->new.s, new, label);
}

bool
gcp_has_trap(const struct plan *plan, const char *words)
{
	for (size_t i = 0; plan != NULL && i < plan->trap_count; i++)
		if (strstr(plan->traps[i].s, words) != NULL)
			return true;
	return false;
}

/* The words that will be sent. */
void
gcp_sends(const struct plan *plan, const char *words)
{
	if (ok(plan != NULL && plan->send_count == 1, "one request"))
		ok(strstr(plan->sends[0].s, words) != NULL, "%s",
		    plan->sends[0].s);
}

bool
gcp_start(void)
{
	return google_start(&server);
}

void
gcp_stop(void)
{
	gcp_truth("reset=1");
	google_judge(child_value(&server, "REQUESTS"));
	child_stop(&server);
}
