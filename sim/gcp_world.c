/*
 * Life of a practice platform on Google Cloud, and what its faults do at the
 * moment when they are switched.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/num.h"
#include "sim/gcp.h"
#include "sim/gcp_token.h"

#define REQUESTS "requests.jsonl"

const char *const gcp_fault_names[GCP_FAULTS] = {
	[GCP_FIRECRAWL_DOWN] = "firecrawl-down",
	[GCP_REDIS_GONE] = "redis-gone",
	[GCP_BAD_RELEASE] = "bad-release",
	[GCP_TOO_FEW] = "too-few",
	[GCP_PINNED] = "pinned",
	[GCP_QUOTA] = "quota",
	[GCP_CONFLICT] = "conflict",
	[GCP_LATE_FAILURE] = "late-failure",
	[GCP_STUCK_OPERATION] = "stuck-operation",
	[GCP_NO_PERMISSION] = "no-permission",
	[GCP_TOKEN_EXPIRED] = "token-expired",
	[GCP_LAG] = "lag",
	[GCP_LOG_FLOOD] = "log-flood",
	[GCP_MANY_REVISIONS] = "many-revisions",
	[GCP_CONNECTOR_DOWN] = "connector-down",
	[GCP_API_LIMITED] = "api-limited",
	[GCP_MEMORY_HIGH] = "memory-high",
	[GCP_LOST_ANSWER] = "lost-answer",
	[GCP_IGNORED_CHANGE] = "ignored-change",
	[GCP_HTML_ANSWERS] = "html-answers",
	[GCP_UNAVAILABLE_API] = "unavailable",
	[GCP_REGION_DOWN] = "region-down",
};

/* Which row of the platform's table is which fault. */
static void
gcp_name_faults(struct gcp *gcp)
{
	const struct platform *platform = gcp->conf->platform;

	for (size_t row = 0; row < platform->fault_count; row++) {
		gcp->fault_of[row] = -1;
		for (int i = 0; i < GCP_FAULTS; i++)
			if (strcmp(platform->faults[row].name,
				gcp_fault_names[i]) == 0)
				gcp->fault_of[row] = (int8_t)i;
	}
}

static enum err_code
gcp_open_record(
    struct gcp *gcp, const struct platform_start *start, struct err *err)
{
	char path[PATH_MAX];

	snprintf(gcp->dir, sizeof(gcp->dir), "%s", start->dir->path);
	snprintf(path, sizeof(path), "%.*s/" REQUESTS,
	    (int)(sizeof(path) - sizeof(REQUESTS) - 1), gcp->dir);
	gcp->requests_fd = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (gcp->requests_fd < 0)
		return err_set_errno(
		    err, ERR_IO, "sim", errno, "creating %s", path);
	return ERR_OK;
}

/*
 * What stands in for gcloud: whoever is logged in on this machine must not
 * find that a command of a drill has reached Google.
 */
static enum err_code
gcp_write_gcloud(const struct platform_start *start, struct err *err)
{
	static const char script[] =
	    "#!/bin/sh\n"
	    "echo \"this is a practice world, nothing was run\" >&2\n"
	    "exit 1\n";
	char path[PATH_MAX + sizeof("/gcloud")];
	enum err_code rc;

	snprintf(path, sizeof(path), "%s/gcloud", start->dir->path);
	rc = dir_write(path, script, sizeof(script) - 1, err);
	if (rc == ERR_OK && chmod(path, S_IRWXU) != 0)
		rc = err_set_errno(
		    err, ERR_IO, "sim", errno, "making %s a program", path);
	return rc;
}

/* How long a new revision takes; tests are in a hurry. */
static unsigned
gcp_settle_ms(const struct gcp_conf *conf)
{
	const char *text = getenv("SEVTOP_SIM_SETTLE_MS");
	int64_t ms;

	if (text != NULL && num_parse_i64(text, strlen(text), &ms) && ms > 0 &&
	    ms <= SIM_GCP_SETTLE_MAX_MS)
		return (unsigned)ms;
	return conf->settle_ms != 0 ? conf->settle_ms : SIM_GCP_SETTLE_MS;
}

enum err_code
gcp_start(const struct gcp_conf *conf, const struct platform_start *start,
    void **ret_state, struct err *err)
{
	struct gcp *gcp = mem_calloc(1, sizeof(*gcp));
	char url[SIM_GCP_NAME_MAX];
	enum err_code rc;

	if (gcp == NULL)
		return err_set(err, ERR_NOMEM, "sim", "starting");
	pthread_mutex_init(&gcp->turn, NULL);
	gcp->conf = conf;
	gcp->settle_ms = gcp_settle_ms(conf);
	gcp->requests_fd = -1;
	gcp->seed = start->seed;
	gcp->rng = rng_make(start->seed, 11);
	gcp->wall_ms = start->wall_ms;
	gcp_name_faults(gcp);
	gcp_services_make(gcp);
	gcp_redis_make(gcp);
	gcp_builds_make(gcp);
	gcp_load_warm_up(gcp);
	rc = gcp_open_record(gcp, start, err);
	if (rc == ERR_OK)
		rc = gcp_write_gcloud(start, err);
	if (rc == ERR_OK)
		rc = gcp_tokens_new(conf->project, &gcp->tokens, err);
	if (rc == ERR_OK)
		rc = httpd_start(gcp_http, gcp, true, &gcp->httpd, err);
	if (rc == ERR_OK) {
		snprintf(url, sizeof(url), "http://127.0.0.1:%u/token",
		    httpd_port(gcp->httpd));
		rc = gcp_tokens_write(gcp->tokens, start->dir, url, err);
	}
	if (rc != ERR_OK)
		gcp_stop(gcp);
	else
		*ret_state = gcp;
	return rc;
}

void
gcp_env(void *state, struct buf *out)
{
	static const char *const endpoints[] = { "RUN", "LOGGING", "MONITORING",
		"MEMORYSTORE", "VPC", "BUILD" };
	const struct gcp *gcp = state;
	unsigned port = httpd_port(gcp->httpd);

	for (size_t i = 0; i < ARRAY_LEN(endpoints); i++)
		buf_fmt(out, "%s_ENDPOINT=http://127.0.0.1:%u\n", endpoints[i],
		    port);
	/* Nobody else asks here, and who practises should not wait. */
	buf_fmt(out,
	    "MONITORING_EVERY=10s\nMONITORING_SHARE=1\n"
	    "GOOGLE_CLOUD_PROJECT=%s\n"
	    "GOOGLE_APPLICATION_CREDENTIALS=%s/key.json\n"
	    "GCLOUD=%s/gcloud\n"
	    "API_URL=http://127.0.0.1:%u/app\n",
	    gcp->conf->project, gcp->dir, gcp->dir, port);
	if (gcp->conf->crawler)
		buf_fmt(out,
		    "FIRECRAWL_URL=http://127.0.0.1:%u/firecrawl\n"
		    "ANTHROPIC_STATUS_URL="
		    "http://127.0.0.1:%u/anthropic/status.json\n",
		    port, port);
}

void
gcp_told(void *state, uint64_t faults)
{
	struct gcp *gcp = state;
	const struct platform *platform = gcp->conf->platform;
	struct fault sum = platform_mood(platform, faults);

	pthread_mutex_lock(&gcp->turn);
	gcp->faults = 0;
	for (size_t row = 0; row < platform->fault_count; row++)
		if (gcp->fault_of[row] >= 0 && (faults >> row & 1) != 0)
			gcp->faults |= UINT32_C(1) << gcp->fault_of[row];
	gcp->cured &= gcp->faults;
	pthread_mutex_unlock(&gcp->turn);
	httpd_set_mood(gcp->httpd, sum.hold_ms, sum.hung);
}

void
gcp_step(void *state, uint64_t faults, int64_t wall_ms)
{
	struct gcp *gcp = state;
	int64_t now = clock_now();

	(void)faults; /* it was told */
	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	gcp_load_step(gcp, SIM_TICK_MS / 1000.0);
	gcp_ops_step(gcp, now);
	pthread_mutex_unlock(&gcp->turn);
	httpd_tick(gcp->httpd, now);
}

void
gcp_status(void *state, struct buf *out)
{
	struct gcp *gcp = state;

	pthread_mutex_lock(&gcp->turn);
	for (size_t i = 0; i < gcp->service_count; i++) {
		const struct gcp_service *service = &gcp->services[i];
		const struct gcp_revision *serving =
		    gcp_service_serving(service);

		buf_fmt(out,
		    "service %s: %s, version %s, %zu revisions, %.0f /s, "
		    "%.0f instances, use %.0f %%\n",
		    service->conf->name,
		    serving != NULL ? serving->name : "nothing serves",
		    serving != NULL ? serving->tag : "-",
		    service->revision_count, service->load.rate,
		    service->load.instances, 100 * service->load.use);
	}
	pthread_mutex_unlock(&gcp->turn);
	buf_fmt(out, "held requests %u\n", httpd_held(gcp->httpd));
}

void
gcp_stop(void *state)
{
	struct gcp *gcp = state;

	if (gcp == NULL)
		return;
	gcp->httpd = httpd_stop(gcp->httpd);
	gcp->tokens = gcp_tokens_free(gcp->tokens);
	gcp_ops_free(gcp);
	gcp_services_free(gcp);
	gcp_builds_free(gcp);
	cJSON_Delete(gcp->redis);
	if (gcp->requests_fd >= 0)
		close(gcp->requests_fd);
	pthread_mutex_destroy(&gcp->turn);
	mem_free(gcp);
}

/* Begins with the traffic going to the latest, so that it is felt. */
void
gcp_on_bad_release(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;
	struct gcp_service *service = &gcp->services[0];

	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	if (on)
		gcp_service_pin(gcp, service, false);
	gcp_service_release(
	    gcp, service, on ? service->conf->bad_tag : service->conf->fix_tag);
	pthread_mutex_unlock(&gcp->turn);
}

/* The region of the first service. */
void
gcp_on_region_down(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;
	const char *region = gcp->services[0].conf->region;

	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	for (size_t i = 0; i < gcp->service_count; i++)
		if (strcmp(gcp->services[i].conf->region, region) == 0)
			gcp_service_ail(gcp, &gcp->services[i], on);
	pthread_mutex_unlock(&gcp->turn);
}

/* The crawler is the second service. */
void
gcp_on_firecrawl_down(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	gcp_service_ail(gcp, &gcp->services[1], on);
	pthread_mutex_unlock(&gcp->turn);
}

void
gcp_on_pinned(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	gcp_service_pin(gcp, &gcp->services[0], on);
	pthread_mutex_unlock(&gcp->turn);
}

void
gcp_on_conflict(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	(void)on;
	(void)wall_ms;
	pthread_mutex_lock(&gcp->turn);
	gcp->conflict = true;
	pthread_mutex_unlock(&gcp->turn);
}

void
gcp_on_lost_answer(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	(void)on;
	(void)wall_ms;
	pthread_mutex_lock(&gcp->turn);
	gcp->lost = true;
	pthread_mutex_unlock(&gcp->turn);
}

void
gcp_on_token_expired(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	(void)on;
	(void)wall_ms;
	pthread_mutex_lock(&gcp->turn);
	gcp_tokens_revoke(gcp->tokens);
	pthread_mutex_unlock(&gcp->turn);
}

void
gcp_on_many_revisions(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	(void)on;
	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	gcp_service_crowd(gcp, &gcp->services[0], SIM_GCP_CROWD);
	pthread_mutex_unlock(&gcp->turn);
}

/* Somebody saves money, while the traffic rises by itself. */
void
gcp_on_too_few(void *state, bool on, int64_t wall_ms)
{
	struct gcp *gcp = state;

	pthread_mutex_lock(&gcp->turn);
	gcp->wall_ms = wall_ms;
	gcp_service_cap(gcp, &gcp->services[0], on);
	pthread_mutex_unlock(&gcp->turn);
}
