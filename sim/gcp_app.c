/*
 * The app's own endpoints, below /app, the crawler's, below /firecrawl, and
 * the status page of the model's maker: whoever may reach them may ask.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/attr.h"
#include "sim/gcp.h"

static void
app_json(struct httpd_reply *reply, unsigned status, cJSON *root)
{
	gcp_reply_doc(reply, root);
	reply->status = status;
}

/* Whether a request of now would fail, and of what. */
static const struct gcp_harm *
app_harm(const struct gcp *gcp, enum gcp_fault fault)
{
	const struct gcp_service *service = &gcp->services[0];
	const struct gcp_revision *serving = gcp_service_serving(service);

	for (size_t i = 0; serving != NULL && i < service->conf->harm_count;
	     i++)
		if ((serving->harms >> i & 1) != 0 &&
		    service->conf->harms[i].fault == fault &&
		    gcp_has(gcp, fault))
			return &service->conf->harms[i];
	return NULL;
}

static void
app_health(const struct gcp *gcp, struct httpd_reply *reply)
{
	const struct gcp_revision *serving =
	    gcp_service_serving(&gcp->services[0]);
	bool broken = app_harm(gcp, GCP_ALWAYS) != NULL;
	bool down = gcp_has(gcp, GCP_REGION_DOWN);
	cJSON *root = cJSON_CreateObject();

	doc_put_str(root, "status",
	    down     ? "unavailable"
	    : broken ? "degraded"
		     : "ok");
	doc_put_str(root, "version", serving != NULL ? serving->tag : "");
	doc_put_time(root, "timestamp", gcp->wall_ms);
	app_json(reply, down ? 503 : 200, root);
}

/* How long the oldest job of each stage of onboarding has been in it. */
static void
app_stages(const struct gcp *gcp, cJSON *stats)
{
	static const struct {
		const char *name;
		double seconds;
	} stages[] = { { "crawling", 48 }, { "extracting", 31 },
		{ "review", 12 } };
	bool stuck = app_harm(gcp, GCP_FIRECRAWL_DOWN) != NULL;
	double wave = sin(gcp->services[0].load.time_s / 40);
	cJSON *map = doc_put_map(stats, "stages");

	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		double seconds = stages[i].seconds * (1 + 0.4 * wave);

		doc_put_num(doc_put_map(map, stages[i].name), "oldestSeconds",
		    floor(stuck && i == 0 ? 340 + seconds : seconds));
	}
}

/* Without the queue there is nothing that could be counted. */
static void
app_queues(const struct gcp *gcp, struct httpd_reply *reply)
{
	const struct gcp_harm *harm = app_harm(gcp, GCP_REDIS_GONE);
	double rate = gcp->services[0].load.rate;
	cJSON *root = cJSON_CreateObject(), *stats;

	if (harm != NULL) {
		doc_put_str(root, "error", harm->message);
		app_json(reply, 503, root);
		return;
	}
	stats = doc_put_map(doc_put_map(root, "data"), "stats");
	doc_put_num(stats, "waiting",
	    app_harm(gcp, GCP_FIRECRAWL_DOWN) != NULL ? 140 + floor(rate)
						      : floor(rate / 5));
	doc_put_num(stats, "active", floor(rate / 4));
	doc_put_num(stats, "completed", floor(gcp->services[0].load.all / 40));
	doc_put_num(stats, "failed", floor(gcp->services[0].load.bad / 40));
	doc_put_num(stats, "delayed", 2);
	app_stages(gcp, stats);
	app_json(reply, 200, root);
}

static void
app_model(struct httpd_reply *reply)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *status = doc_put_map(root, "status");

	doc_put_str(status, "indicator", "none");
	doc_put_str(status, "description", "All Systems Operational");
	app_json(reply, 200, root);
}

static void
app_crawler(const struct gcp *gcp, struct httpd_reply *reply)
{
	bool down = gcp_has(gcp, GCP_FIRECRAWL_DOWN);
	cJSON *root = cJSON_CreateObject();

	doc_put_str(root, "status", down ? "unavailable" : "ok");
	app_json(reply, down ? 503 : 200, root);
}

bool
gcp_app_answers(struct gcp *gcp, const struct httpd_request *request,
    struct httpd_reply *reply)
{
	const char *path = request->path;
	cJSON *root;

	if (strncmp(path, "/app/", 5) != 0 && strcmp(path, "/app") != 0 &&
	    strncmp(path, "/firecrawl/", 11) != 0 &&
	    strncmp(path, "/anthropic/", 11) != 0)
		return false;
	if (gcp->conf->crawler && strcmp(path, "/firecrawl/health") == 0) {
		app_crawler(gcp, reply);
	} else if (gcp->conf->crawler &&
		   strcmp(path, "/anthropic/status.json") == 0) {
		app_model(reply);
	} else if (strcmp(path, "/app/health") == 0 ||
		   strcmp(path, "/app/healthz") == 0 ||
		   strcmp(path, "/app/api/health") == 0) {
		app_health(gcp, reply);
	} else if (gcp->conf->redis != NULL &&
		   strcmp(path, "/app/api/admin/queue-stats") == 0) {
		app_queues(gcp, reply);
	} else {
		root = cJSON_CreateObject();
		doc_put_str(root, "error", "Not Found");
		app_json(reply, 404, root);
	}
	return true;
}
