#include "sim/gcp_log.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "sim/gcp.h"

enum {
	LOG_GOOD = 4,	   /* one in so many good requests has an entry */
	LOG_LAG_MS = 400,  /* median until an entry can be read */
	LOG_LAG_LONG = 30, /* factor, by a fault */
	LOG_FLOOD = 500,   /* entries per second, by a fault */
	LOG_INFO = 200,
	LOG_NOTICE = 300,
	LOG_WARNING = 400,
	LOG_ERROR = 500,
};

void
gcp_log_add(struct gcp *gcp, const struct gcp_entry *entry)
{
	struct gcp_log *log = &gcp->log;
	struct gcp_entry *place = &log->ring[log->count % SIM_GCP_ENTRIES_MAX];

	*place = *entry;
	place->number = log->count++;
}

/* Filled with what every entry of this moment has. */
static struct gcp_entry
log_begin(struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision, uint64_t roll)
{
	double lag = rng_lognormal(&gcp->rng, LOG_LAG_MS, 0.6);
	struct gcp_entry entry = { .service = service,
		.revision = revision != NULL ? revision->name : "",
		.roll = (uint32_t)(roll >> 16) };

	/* somewhere in the step that is going on */
	entry.ns = (gcp->wall_ms - (int64_t)(roll % SIM_TICK_MS)) * NS_PER_MS +
		   (int64_t)(roll >> 40) % NS_PER_MS;
	if (gcp_has(gcp, GCP_LAG))
		lag *= LOG_LAG_LONG;
	entry.lag_ms = (uint32_t)fmin(lag, 60e3);
	return entry;
}

static uint8_t
log_route(const struct gcp_service_conf *conf, uint64_t roll)
{
	return (uint8_t)(conf->route_count > 0
			     ? (roll >> 24) % conf->route_count
			     : 0);
}

/* The app's own line about a request, if it has one. */
static void
log_app(struct gcp *gcp, const struct gcp_done *done)
{
	const struct gcp_service_conf *conf = done->service->conf;
	struct gcp_entry entry =
	    log_begin(gcp, done->service, done->revision, done->roll);

	entry.kind = GCP_ENTRY_APP;
	entry.seconds = (float)done->seconds;
	entry.route = log_route(conf, done->roll);
	entry.severity = LOG_ERROR;
	if (done->harm != NULL) {
		entry.message = done->harm->message;
		entry.stack = done->harm->stack;
	} else if (done->status >= 500) {
		entry.message = "upstream answered 502";
	} else if (conf->slow_message != NULL && done->seconds > 1) {
		entry.message = conf->slow_message;
		entry.severity = LOG_WARNING;
	} else {
		return;
	}
	gcp_log_add(gcp, &entry);
}

void
gcp_log_request(struct gcp *gcp, const struct gcp_done *done)
{
	struct gcp_entry entry;

	log_app(gcp, done);
	if (done->status < 400 && done->number % LOG_GOOD != 0)
		return;
	entry = log_begin(gcp, done->service, done->revision, done->roll);
	entry.kind = GCP_ENTRY_REQUEST;
	entry.status = (uint16_t)done->status;
	entry.seconds = (float)done->seconds;
	entry.route = log_route(done->service->conf, done->roll);
	entry.severity = done->status >= 500   ? LOG_ERROR
			 : done->status >= 400 ? LOG_WARNING
					       : LOG_INFO;
	gcp_log_add(gcp, &entry);
}

/* A line of the platform about an instance. */
static void
log_system(struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision, uint16_t severity, const char *message)
{
	struct gcp_entry entry =
	    log_begin(gcp, service, revision, rng_next(&gcp->rng));

	entry.kind = GCP_ENTRY_SYSTEM;
	entry.severity = severity;
	entry.message = message;
	gcp_log_add(gcp, &entry);
}

void
gcp_log_started(struct gcp *gcp, struct gcp_service *service,
    const struct gcp_revision *revision)
{
	log_system(gcp, service, revision, LOG_INFO,
	    "Starting new instance. Reason: AUTOSCALING - Instance started due "
	    "to configured scaling factors (e.g. CPU utilization, request "
	    "throughput, etc.) or no existing capacity for current traffic.");
}

void
gcp_log_killed(struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision)
{
	log_system(gcp, service, revision, LOG_ERROR,
	    "Memory limit of 2048 MiB exceeded with 2071 MiB used. Consider "
	    "increasing the memory limit, see https://cloud.google.com/run/"
	    "docs/configuring/memory-limits");
}

void
gcp_log_failed(struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision)
{
	log_system(gcp, service, revision, LOG_ERROR,
	    "Default STARTUP TCP probe failed 1 time consecutively for "
	    "container on port 8080. The instance was not started.");
}

void
gcp_log_changed(
    struct gcp *gcp, const struct gcp_service *service, const char *who)
{
	struct gcp_entry entry =
	    log_begin(gcp, service, NULL, rng_next(&gcp->rng));

	entry.kind = GCP_ENTRY_AUDIT;
	entry.severity = LOG_NOTICE;
	entry.message = "google.cloud.run.v2.Services.UpdateService";
	entry.who = who;
	gcp_log_add(gcp, &entry);
}

static void
log_line(struct gcp *gcp, struct gcp_service *service, size_t line)
{
	uint64_t roll = rng_next(&gcp->rng);
	struct gcp_entry entry =
	    log_begin(gcp, service, gcp_service_serving(service), roll);

	entry.kind = GCP_ENTRY_APP;
	entry.line = (uint8_t)(line + 1);
	entry.route = log_route(service->conf, roll);
	entry.severity =
	    (uint16_t)gcp_severity_rank(service->conf->lines[line].severity);
	gcp_log_add(gcp, &entry);
}

void
gcp_log_step(struct gcp *gcp, double seconds)
{
	struct gcp_service *first = &gcp->services[0];

	for (size_t i = 0; i < gcp->service_count; i++) {
		struct gcp_service *service = &gcp->services[i];
		const struct gcp_service_conf *conf = service->conf;

		for (size_t k = 0; k < conf->line_count; k++) {
			unsigned n = rng_poisson(
			    &gcp->rng, conf->lines[k].rate * seconds);

			while (n-- > 0)
				log_line(gcp, service, k);
		}
	}
	if (!gcp_has(gcp, GCP_LOG_FLOOD) || first->conf->line_count == 0)
		return;
	gcp->log.flood += LOG_FLOOD * seconds;
	for (; gcp->log.flood >= 1; gcp->log.flood--)
		log_line(
		    gcp, first, rng_below(&gcp->rng, first->conf->line_count));
}
