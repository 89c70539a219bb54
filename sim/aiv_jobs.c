/*
 * What the jobs of the AI Visibility platform do, and how they end.
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/aiv.h"

const struct queue_conf aiv_queues[AIV_QUEUES] = {
	[AIV_RUN_PROMPT] = {
		.name = "runPrompt",
		.job = "run-prompt",
		.workers = 4,
		.concurrency = 3,
		.rate = 8.0,
		.delayed_share = 0.04,
		.priority_share = 0.08,
		.attempts = 2,
		.backoff_ms = 4000,
	},
	[AIV_RUN_BATCH] = {
		.name = "runBatch",
		.job = "run-batch",
		.workers = 2,
		.concurrency = 1,
		.rate = 0.5,
		.attempts = 3,
		.backoff_ms = 5000,
	},
	[AIV_DAILY] = {
		.name = "dailyAggregations",
		.job = "aggregate",
		.workers = 1,
		.concurrency = 1,
		.rate = 0.08,
		.delayed_share = 0.3,
		.attempts = 3,
		.backoff_ms = 10000,
	},
	[AIV_COPILOT] = {
		.name = "copilotPlanner",
		.job = "plan",
		.workers = 1,
		.concurrency = 2,
		.rate = 0.25,
		.priority_share = 0.4,
		.attempts = 2,
		.backoff_ms = 3000,
		.worker_name = "planner",
	},
};

/* How long jobs of a queue take, how often they fail of themselves, why. */
static const struct {
	double median_ms;
	double sigma;
	double fail_share;
	const char *reason[2];
	const char *stack[2];
} aiv_job_shape[AIV_QUEUES] = {
	[AIV_RUN_PROMPT] = { 460, 0.55, 0.012,
	    { "socket hang up", "provider timeout after 30000ms" },
	    { "Error: socket hang up\n"
	      "    at TLSSocket.socketOnEnd (node:_http_client:524:23)\n"
	      "    at TLSSocket.emit (node:events:530:35)",
		"ProviderError: provider timeout after 30000ms\n"
		"    at Timeout.<anonymous> "
		"(/app/dist/providers/base.provider.js:61:20)\n"
		"    at listOnTimeout (node:internal/timers:581:17)" } },
	[AIV_RUN_BATCH] = { 1700, 0.5, 0.006,
	    { "workspace is over its daily budget", "batch has no prompts" },
	    { "BudgetExceededError: workspace is over its daily budget\n"
	      "    at BatchRunner.check (/app/dist/jobs/run-batch.js:44:13)",
		"Error: batch has no prompts\n"
		"    at BatchRunner.run "
		"(/app/dist/jobs/run-batch.js:27:11)" } },
	[AIV_DAILY] = { 2600, 0.4, 0.006,
	    { "canceling statement due to statement timeout",
		"could not serialize access due to concurrent update" },
	    { "PrismaClientUnknownRequestError: canceling statement due to "
	      "statement timeout\n"
	      "    at aggregateDay (/app/dist/jobs/aggregations.js:118:9)",
		"PrismaClientKnownRequestError: could not serialize access "
		"due to concurrent update\n"
		"    at aggregateDay (/app/dist/jobs/aggregations.js:97:9)" } },
	[AIV_COPILOT] = { 3300, 0.5, 0.02,
	    { "Unexpected token '<', \"<html>\" is not valid JSON",
		"plan has no steps" },
	    { "SyntaxError: Unexpected token '<', \"<html>\" is not valid "
	      "JSON\n"
	      "    at JSON.parse (<anonymous>)\n"
	      "    at Planner.parse (/app/dist/jobs/copilot.js:72:24)",
		"Error: plan has no steps\n"
		"    at Planner.parse (/app/dist/jobs/copilot.js:80:11)" } },
};

#define AIV_LIMITED "429 too many requests (perplexity)"
#define AIV_LIMITED_STACK                                                      \
	"ProviderError: " AIV_LIMITED "\n"                                     \
	"    at PerplexityProvider.query "                                     \
	"(/app/dist/providers/perplexity.provider.js:88:13)\n"                 \
	"    at async RunPromptProcessor.process "                             \
	"(/app/dist/jobs/run-prompt.js:52:22)"

#define AIV_NO_DATABASE "Database connection failed: can't reach the server"
#define AIV_NO_DATABASE_STACK                                                  \
	"PrismaClientInitializationError: " AIV_NO_DATABASE "\n"               \
	"    at RunPromptProcessor.store "                                     \
	"(/app/dist/jobs/run-prompt.js:81:15)"

static enum aiv_provider
aiv_job_provider(const struct queue_job *job, struct rng *rng)
{
	double x = rng_unit(rng);

	if (job->queue != AIV_RUN_PROMPT)
		return AIV_NO_PROVIDER;
	return x < 0.5 ? AIV_PERPLEXITY : x < 0.8 ? AIV_AIO : AIV_BRAVE;
}

static void
aiv_plan(void *arg, const struct queue_job *job, struct queue_fate *fate)
{
	struct aiv *aiv = arg;
	struct rng rng = { .state = job->roll };
	enum aiv_provider provider = aiv_job_provider(job, &rng);
	unsigned which = (unsigned)rng_below(&rng, 2);
	double refused = rng_unit(&rng), fails = rng_unit(&rng);

	fate->kind = provider;
	fate->run_ms =
	    (int64_t)rng_lognormal(&rng, aiv_job_shape[job->queue].median_ms,
		aiv_job_shape[job->queue].sigma);
	if (fate->run_ms > SIM_JOB_RUN_MAX_MS)
		fate->run_ms = SIM_JOB_RUN_MAX_MS;
	if (provider == AIV_PERPLEXITY && !job->past && refused < 0.95 &&
	    aiv_has(aiv, AIV_PROVIDER_LIMIT)) {
		fate->run_ms = 90;
		fate->reason = AIV_LIMITED;
		fate->stack = AIV_LIMITED_STACK;
	} else if (!job->past && aiv_db_lost(aiv) && refused < 0.3) {
		fate->reason = AIV_NO_DATABASE;
		fate->stack = AIV_NO_DATABASE_STACK;
	} else if (fails < aiv_job_shape[job->queue].fail_share) {
		fate->reason = aiv_job_shape[job->queue].reason[which];
		fate->stack = aiv_job_shape[job->queue].stack[which];
	} else {
		snprintf(aiv->value, sizeof(aiv->value),
		    "{\"ok\":true,\"tokens\":%" PRIu64 "}",
		    200 + rng_below(&rng, 1800));
		fate->value = aiv->value;
	}
}

static void
aiv_count_call(struct aiv *aiv, const struct queue_job *job, unsigned provider,
    bool failed, bool limited)
{
	if (provider >= AIV_PROVIDERS)
		return;
	if (limited)
		aiv->now.calls[provider][AIV_CALL_LIMITED]++;
	else if (failed)
		aiv->now.calls[provider][AIV_CALL_ERROR]++;
	else
		aiv->now.calls[provider][AIV_CALL_OK]++;
	if (!limited)
		aiv_db_book(aiv, provider, job);
}

static void
aiv_done(void *arg, const struct queue_job *job, const struct queue_fate *fate,
    bool again, int64_t wall_ms)
{
	struct aiv *aiv = arg;
	const struct queue_conf *conf = &aiv_queues[job->queue];
	bool failed = fate->reason != NULL;
	bool limited = failed && fate->reason[0] == '4';

	aiv->now.jobs[job->queue][!failed ? AIV_COMPLETED
				  : again ? AIV_RETRIED
					  : AIV_FAILED]++;
	aiv_count_call(aiv, job, fate->kind, failed, limited);
	if (!failed) {
		if (job->queue != AIV_RUN_PROMPT || job->roll % 4 == 0)
			aiv_log_jobs(aiv, "INFO", wall_ms, conf->name,
			    "completed in %" PRId64 " ms job=%s", fate->run_ms,
			    job->id);
		return;
	}
	if (again) {
		aiv_log_jobs(aiv, "WARN", wall_ms, conf->name,
		    "retry %u/%u in %u s: %s job=%s", job->tried + 2,
		    conf->attempts, conf->backoff_ms / 1000, fate->reason,
		    job->id);
	} else {
		aiv_log_jobs(aiv, "ERROR", wall_ms, conf->name,
		    "failed after %u attempts: %s job=%s", job->tried + 1,
		    fate->reason, job->id);
		aiv_log_jobs_stack(aiv, fate->stack);
	}
	if (fate->kind < AIV_PROVIDERS && !job->past && fate->reason[0] != 'D')
		aiv_log_api_error(aiv, wall_ms, "ProviderError", fate->reason,
		    fate->stack, aiv_providers[fate->kind]);
}

static const char *
aiv_data(void *arg, unsigned queue, uint64_t roll)
{
	struct aiv *aiv = arg;
	unsigned workspace = 1 + (unsigned)(roll % AIV_WORKSPACES);
	unsigned subject = 1000 + (unsigned)(roll / 64 % 9000);
	static const char *const names[AIV_QUEUES] = { "promptId", "batchId",
		"dayNumber", "goalId" };

	snprintf(aiv->data, sizeof(aiv->data),
	    "{\"workspaceId\":\"ws_%u\",\"%s\":%u}", workspace, names[queue],
	    subject);
	return aiv->data;
}

const struct queue_hooks aiv_hooks = {
	.plan = aiv_plan,
	.done = aiv_done,
	.data = aiv_data,
};
