#include "sim/model.h"

#include <math.h>
#include <string.h>

#include "base/attr.h"

enum {
	MODEL_WAVE_S = 1200, /* a day, squeezed so that a drill sees it */
	MODEL_RIPPLE_S = 97, /* a shorter one, so that no chart is a line */
};

#define MODEL_5XX_USUAL 0.0015
#define MODEL_4XX_USUAL 0.025

/* The buckets that prom-client uses when none are given. */
const double model_bounds[SIM_BUCKETS] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
	0.5, 1, 2.5, 5, 10 };

const unsigned model_status[SIM_STATUSES] = { 200, 201, 304, 400, 401, 404, 429,
	500, 502, 503 };

void
model_init(struct model *model, const struct model_route *routes,
    unsigned route_count, double base_rate, uint64_t seed)
{
	memset(model, 0, sizeof(*model));
	model->routes = routes;
	model->route_count =
	    route_count < SIM_ROUTES_MAX ? route_count : SIM_ROUTES_MAX;
	model->base_rate = base_rate;
	model->rng = rng_make(seed, 1);
	model->phase = 2.0 * M_PI * rng_unit(&model->rng);
	for (unsigned i = 0; i < model->route_count; i++)
		model->weight_sum += routes[i].weight;
}

double
model_rate(const struct model *model, const struct model_mood *mood)
{
	double t = (double)model->steps * SIM_TICK_MS / 1000.0;
	double wave =
	    1.0 + 0.35 * sin(2.0 * M_PI * t / MODEL_WAVE_S + model->phase) +
	    0.08 * sin(2.0 * M_PI * t / MODEL_RIPPLE_S) + 0.1 * model->drift;
	double factor = mood->traffic > 0 ? mood->traffic : 1.0;

	if (mood->frozen)
		return 0;
	return model->base_rate * factor * (wave > 0.1 ? wave : 0.1);
}

static unsigned
model_status_index(unsigned status)
{
	for (unsigned i = 0; i < SIM_STATUSES; i++)
		if (model_status[i] == status)
			return i;
	return SIM_STATUSES - 1;
}

void
model_count(
    struct model *model, unsigned route, unsigned status, double seconds)
{
	unsigned b = 0;

	if (route >= model->route_count)
		return;
	while (b < SIM_BUCKETS && seconds > model_bounds[b])
		b++;
	model->counts.requests[route][model_status_index(status)]++;
	model->counts.bucket[route][b]++;
	model->counts.seconds[route] += seconds;
}

static unsigned
model_pick_route(struct model *model)
{
	double x = rng_unit(&model->rng) * model->weight_sum;

	for (unsigned i = 0; i + 1 < model->route_count; i++) {
		x -= model->routes[i].weight;
		if (x < 0)
			return i;
	}
	return model->route_count - 1;
}

static unsigned
model_pick_status(
    struct model *model, unsigned route, const struct model_mood *mood)
{
	static const unsigned server[] = { 500, 500, 500, 502, 503 };
	static const unsigned client[] = { 400, 401, 404, 404, 429 };
	double x = rng_unit(&model->rng);
	double bad = MODEL_5XX_USUAL + mood->error_share;

	if (x < bad)
		return server[rng_below(&model->rng, ARRAY_LEN(server))];
	if (x < bad + MODEL_4XX_USUAL)
		return client[rng_below(&model->rng, ARRAY_LEN(client))];
	if (model->routes[route].ok_status == 200 &&
	    rng_unit(&model->rng) < 0.04)
		return 304;
	return model->routes[route].ok_status;
}

void
model_step(struct model *model, const struct model_mood *mood, model_seen *seen,
    void *arg)
{
	double factor = mood->latency > 0 ? mood->latency : 1.0;
	unsigned n;

	model->steps++;
	model->drift = 0.98 * model->drift + 0.2 * rng_normal(&model->rng);
	n = rng_poisson(
	    &model->rng, model_rate(model, mood) * SIM_TICK_MS / 1000.0);
	for (unsigned i = 0; i < n; i++) {
		struct model_request request;
		const struct model_route *route;

		request.route = model_pick_route(model);
		request.status = model_pick_status(model, request.route, mood);
		route = &model->routes[request.route];
		request.seconds = rng_lognormal(
		    &model->rng, route->median_s * factor, route->sigma);
		request.number = rng_next(&model->rng);
		model_count(
		    model, request.route, request.status, request.seconds);
		if (seen != NULL)
			seen(arg, &request);
	}
}

void
model_scale(struct model *model, uint64_t factor)
{
	for (unsigned r = 0; r < model->route_count; r++) {
		for (unsigned i = 0; i < SIM_STATUSES; i++)
			model->counts.requests[r][i] *= factor;
		for (unsigned i = 0; i <= SIM_BUCKETS; i++)
			model->counts.bucket[r][i] *= factor;
		model->counts.seconds[r] *= (double)factor;
	}
}

void
model_reset(struct model *model)
{
	memset(&model->counts, 0, sizeof(model->counts));
}

struct model_mood
model_mood_add(struct model_mood a, struct model_mood b)
{
	struct model_mood sum = {
		.traffic = (a.traffic > 0 ? a.traffic : 1.0) *
			   (b.traffic > 0 ? b.traffic : 1.0),
		.latency = (a.latency > 0 ? a.latency : 1.0) *
			   (b.latency > 0 ? b.latency : 1.0),
		.error_share = a.error_share + b.error_share,
		.frozen = a.frozen || b.frozen,
	};

	return sum;
}
