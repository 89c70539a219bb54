#include "sim/gcp_load.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_check.h"
#include "sim/gcp_log.h"
#include "sim/gcp_slots.h"

enum {
	LOAD_WAVE_S = 1500,
	LOAD_RIPPLE_S = 83,
	LOAD_PAST_S = 3600,
	LOAD_LOGGED_S = 600,  /* of the past */
	LOAD_START_MS = 2400, /* an instance; median */
};

#define LOAD_GOAL    0.6    /* the autoscaler aims at this use */
#define LOAD_CALM    0.7    /* below it nobody waits */
#define LOAD_TOO_FEW 1.4    /* factor on the traffic */
#define LOAD_USUAL   0.0012 /* share of 5xx of a calm day */
#define LOAD_LEAK    0.65   /* of the usual limit, by a fault */
#define LOAD_KILLED  0.06   /* share of requests whose instance is ended */
#define LOAD_4XX     0.021

static double
load_rate(const struct gcp *gcp, const struct gcp_service *service)
{
	const struct gcp_service_conf *conf = service->conf;
	const struct gcp_load *load = &service->load;
	size_t index = (size_t)(service - gcp->services);
	double wave =
	    1.0 +
	    0.25 * sin(2 * M_PI * load->time_s / LOAD_WAVE_S + load->phase) +
	    0.06 * sin(2 * M_PI * load->time_s / LOAD_RIPPLE_S) +
	    0.06 * load->drift;
	double rate = conf->rate * (wave > 0.1 ? wave : 0.1), fed = 0;

	if (index == 0 && gcp_has(gcp, GCP_TOO_FEW))
		rate *= LOAD_TOO_FEW;
	if (conf->needed_by == NULL)
		return rate;
	for (size_t i = 0; i < gcp->services[0].revision_count; i++) {
		const struct gcp_revision *r = gcp->services[0].revisions[i];

		fed += r->feeds >> index & 1 ? r->share : 0;
	}
	return rate * fed;
}

/* The bounds that hold: those of the service and those of the revision. */
static void
load_bounds(const struct gcp_service *service, double *ret_min, double *ret_max)
{
	const struct gcp_revision *r = gcp_service_serving(service);
	const cJSON *own = json_member(service->doc, "scaling");
	const cJSON *its = r != NULL ? json_member(r->doc, "scaling") : NULL;
	double min = doc_number(json_member(own, "minInstanceCount"), 0);
	double max = doc_number(json_member(own, "maxInstanceCount"), 0);
	double low = doc_number(json_member(its, "minInstanceCount"), 0);
	double high = doc_number(json_member(its, "maxInstanceCount"), 0);

	*ret_min = low > min ? low : min;
	*ret_max = max > 0 ? max : 100;
	if (high > 0 && high < *ret_max)
		*ret_max = high;
}

/* Requests per second that one instance can do. */
static double
load_capacity(const struct gcp_service *service)
{
	const struct gcp_revision *r = gcp_service_serving(service);
	const struct gcp_service_conf *conf = service->conf;
	double slots, cpu;

	if (r == NULL)
		return 0;
	cpu = r->cpu * conf->per_cpu;
	slots = r->concurrency / (conf->median_s * 1.5);
	return cpu < slots ? cpu : slots;
}

/* Instances follow the load, up faster than down, within their bounds. */
static void
load_scale(struct gcp_service *service, double seconds)
{
	struct gcp_load *load = &service->load;
	double capacity = load_capacity(service), min, max, want;

	load_bounds(service, &min, &max);
	want = capacity > 0 ? ceil(load->rate / (LOAD_GOAL * capacity)) : 0;
	want = want < min ? min : want > max ? max : want;
	if (want > load->instances)
		load->instances = fmin(want, load->instances + 2 * seconds);
	else if (load->instances > max)
		load->instances = fmax(max, load->instances - 2 * seconds);
	else
		load->instances = fmax(want, load->instances - seconds / 6);
	load->use = load->rate / fmax(load->instances * capacity, 0.01);
	if (load->rate < 0.01)
		load->use = 0;
	load->slowness =
	    load->use <= LOAD_CALM
		? 1
		: fmin(30, 1 + 5 * pow((load->use - LOAD_CALM) / 0.3, 2));
}

/* Share of its limit that an instance of the revision uses. */
static double
load_memory(const struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision)
{
	const struct gcp_service_conf *conf = service->conf;
	double usual = gcp_quantity(conf->memory);
	double bytes =
	    usual * (conf->memory_use + 0.14 * fmin(service->load.use, 1));

	if (service == &gcp->services[0] && gcp_has(gcp, GCP_MEMORY_HIGH))
		bytes += LOAD_LEAK * usual;
	return fmin(1, bytes / revision->memory);
}

static struct gcp_slot *
load_slot(struct gcp *gcp, struct gcp_revision *revision)
{
	if (revision->slots == NULL)
		revision->slots = mem_calloc(1, sizeof(*revision->slots));
	return revision->slots != NULL
		   ? gcp_slots_at(revision->slots, gcp->wall_ms)
		   : NULL;
}

static struct gcp_revision *
load_pick(struct gcp_service *service, double roll)
{
	struct gcp_revision *last = NULL;

	for (size_t i = 0; i < service->revision_count; i++) {
		struct gcp_revision *r = service->revisions[i];

		if (r->share <= 0)
			continue;
		last = r;
		roll -= r->share;
		if (roll < 0)
			break;
	}
	return last;
}

/* How a request ends: its status and, when it fails, of what. */
static unsigned
load_status(struct gcp *gcp, struct gcp_service *service,
    const struct gcp_revision *revision, const struct gcp_harm **ret_harm,
    double *ret_factor)
{
	struct gcp_load *load = &service->load;
	double roll = rng_unit(&load->rng), over = load->use - 1.05;

	*ret_harm = NULL;
	*ret_factor = load->slowness;
	for (size_t i = 0; i < service->conf->harm_count; i++) {
		const struct gcp_harm *harm = &service->conf->harms[i];

		if (!(revision->harms >> i & 1) || !gcp_has(gcp, harm->fault))
			continue;
		if (harm->latency > 0)
			*ret_factor *= harm->latency;
		if (*ret_harm == NULL && roll >= 0 && roll < harm->error_share)
			*ret_harm = harm;
		roll -= harm->error_share;
	}
	if (*ret_harm != NULL)
		return rng_below(&load->rng, 3) == 0 ? 503 : 500;
	roll = rng_unit(&load->rng);
	if (roll < LOAD_KILLED && load_memory(gcp, service, revision) >= 1) {
		gcp_log_killed(gcp, service, revision);
		return 503;
	}
	if (over > 0 && roll < fmin(0.2, over * 0.2))
		return 429; /* there was no instance for it */
	if (roll > 1 - LOAD_USUAL)
		return 500;
	if (roll > 1 - LOAD_USUAL - LOAD_4XX)
		return rng_below(&load->rng, 3) == 0 ? 401 : 404;
	return 200;
}

static void
load_request(struct gcp *gcp, struct gcp_service *service, bool logged)
{
	const struct gcp_service_conf *conf = service->conf;
	struct gcp_load *load = &service->load;
	struct gcp_revision *revision =
	    load_pick(service, rng_unit(&load->rng));
	struct gcp_slot *slot =
	    revision != NULL ? load_slot(gcp, revision) : NULL;
	struct gcp_done done = { .service = service };
	double factor;

	if (slot == NULL)
		return;
	done.revision = revision;
	done.number = ++load->number;
	done.status = load_status(gcp, service, revision, &done.harm, &factor);
	done.seconds =
	    rng_lognormal(&load->rng, conf->median_s * factor, conf->sigma);
	done.roll = rng_next(&load->rng);
	slot->requests[done.status / 100]++;
	slot->latency[gcp_bucket_of(done.seconds * 1e3)]++;
	slot->latency_ms += (float)(done.seconds * 1e3);
	slot->sent += (float)(2000 + done.roll % 30000);
	slot->received += (float)(400 + done.roll % 900);
	load->all++;
	load->bad += done.status >= 500;
	if (logged)
		gcp_log_request(gcp, &done);
}

/* What instances are and do, for every revision with traffic. */
static void
load_gauges(
    struct gcp *gcp, struct gcp_service *service, double seconds, double before)
{
	struct gcp_load *load = &service->load;
	double use = fmin(load->use, 1.0),
	       grown = floor(load->instances) - floor(before);

	for (size_t i = 0; i < service->revision_count; i++) {
		struct gcp_revision *r = service->revisions[i];
		struct gcp_slot *slot = r->share > 0 ? load_slot(gcp, r) : NULL;
		double n = ceil(load->instances) * r->share;
		double active = fmin(n, ceil(n * fmin(use + 0.25, 1)));
		float s = (float)seconds;

		if (slot == NULL)
			continue;
		if (load->rate < 0.01)
			active = 0;
		slot->seconds += s;
		slot->active += (float)active * s;
		slot->idle += (float)(n - active) * s;
		slot->cpu +=
		    (float)fmin(0.99, 0.06 + 0.82 * use + 0.02 * load->drift) *
		    s;
		slot->memory += (float)load_memory(gcp, service, r) * s;
		slot->busy += (float)(load->rate * service->conf->median_s *
				      load->slowness / fmax(n, 1)) *
			      s;
		for (double k = 0; k < grown * r->share; k++) {
			slot->starts++;
			slot->start_ms += (float)rng_lognormal(
			    &load->rng, LOAD_START_MS, 0.25);
			gcp_log_started(gcp, service, r);
		}
	}
}

static void
load_step_one(
    struct gcp *gcp, struct gcp_service *service, double seconds, bool logged)
{
	struct gcp_load *load = &service->load;
	double before = load->instances;
	unsigned count;

	load->time_s += seconds;
	load->drift = 0.98 * load->drift + 0.2 * rng_normal(&load->rng);
	load->rate = load_rate(gcp, service);
	load_scale(service, seconds);
	count = rng_poisson(&load->rng, load->rate * seconds);
	for (unsigned i = 0; i < count; i++)
		load_request(gcp, service, logged);
	load_gauges(gcp, service, seconds, before);
}

void
gcp_load_step(struct gcp *gcp, double seconds)
{
	for (size_t i = 0; i < gcp->service_count; i++)
		if (gcp->services[i].conf->rate > 0)
			load_step_one(gcp, &gcp->services[i], seconds, true);
	gcp_log_step(gcp, seconds);
}

void
gcp_load_warm_up(struct gcp *gcp)
{
	const double step_s = SIM_GCP_SLOT_MS / 1000.0;
	double seconds = step_s;
	int64_t now = gcp->wall_ms;
	int64_t begun = now / SIM_GCP_SLOT_MS * SIM_GCP_SLOT_MS;

	for (size_t i = 0; i < gcp->service_count; i++) {
		struct gcp_load *load = &gcp->services[i].load;

		load->rng = rng_make(gcp->seed, 20 + i);
		load->phase = 2 * M_PI * rng_unit(&load->rng);
		load->instances = gcp->services[i].conf->min;
		load->rate = load_rate(gcp, &gcp->services[i]);
		load_scale(&gcp->services[i], LOAD_PAST_S);
	}
	/* whole slots, and what has passed of the present one */
	for (double t = LOAD_PAST_S; t >= 0; t -= step_s) {
		bool logged = t <= LOAD_LOGGED_S;

		gcp->wall_ms = begun - (int64_t)(t * 1000);
		if (t <= 0) {
			seconds = (double)(now - begun) / 1000;
			gcp->wall_ms = now;
		}
		for (size_t i = 0; i < gcp->service_count; i++)
			if (gcp->services[i].conf->rate > 0)
				load_step_one(
				    gcp, &gcp->services[i], seconds, logged);
		if (logged)
			gcp_log_step(gcp, seconds);
	}
	gcp->wall_ms = now;
}
