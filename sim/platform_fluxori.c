/*
 * Fluxori: backend and frontend on Cloud Run, with a second region that
 * stands by. Its project is that of the environment "drill".
 */
#include "base/attr.h"
#include "sim/gcp.h"

#define NUMBER	"290417755038"
#define BUILDER NUMBER "@cloudbuild.gserviceaccount.com"

static const char *const fluxori_people[] = { "thandi@fluxori.example",
	BUILDER };

static const char *const backend_tags[] = { "3.9.1", "3.9.2", "3.10.0" };
static const char *const frontend_tags[] = { "3.9.0", "3.10.0" };

static const struct gcp_variable backend_variables[] = {
	{ "NODE_ENV", "production", NULL },
	{ "FIRESTORE_PROJECT", "fluxori-drill", NULL },
	{ "STORAGE_BUCKET", "fluxori-drill-storage", NULL },
	{ "ENABLE_REPORTS", "true", NULL },
	{ "JWT_SECRET", NULL, "jwt-secret" },
};

static const struct gcp_variable frontend_variables[] = {
	{ "NEXT_PUBLIC_API_URL", "https://api.drill.fluxori.com", NULL },
};

static const struct gcp_path backend_routes[] = {
	{ "GET", "/orders" },
	{ "GET", "/products" },
	{ "POST", "/orders" },
	{ "GET", "/reports/sales" },
	{ "POST", "/auth/login" },
	{ "POST", "/storage/signed-url" },
};

static const struct gcp_path frontend_routes[] = {
	{ "GET", "/" },
	{ "GET", "/products" },
	{ "GET", "/checkout" },
};

static const struct gcp_line backend_lines[] = {
	{ "INFO", "Signed URL issued", NULL, NULL, 0.3 },
	{ "INFO", "Authentication succeeded", NULL, NULL, 0.5 },
	{ "WARNING", "Authentication failed: wrong password", NULL, NULL,
	    0.05 },
	{ "INFO", "Token verification succeeded", NULL, NULL, 0.6 },
	{ "ERROR", "Transaction failed: retries are used up", NULL, NULL,
	    0.01 },
	{ "WARNING", "Query timeout after 30 s", NULL, NULL, 0.01 },
};

#define REGION_DOWN                                                            \
	{                                                                      \
		.fault = GCP_REGION_DOWN, .error_share = 0.92, .latency = 3,   \
		.message = "upstream connect error or disconnect/reset before" \
			   " headers",                                         \
	}

static const struct gcp_harm frontend_harms[] = { REGION_DOWN };

static const struct gcp_harm backend_harms[] = {
	REGION_DOWN,
	{ .fault = GCP_ALWAYS,
	    .tag = "3.11.0",
	    .error_share = 0.24,
	    .latency = 1.4,
	    .message = "Transaction failed: too much contention on these "
		       "documents",
	    .stack = "Error: 10 ABORTED: too much contention\n"
		     "    at OrderService.save (/app/dist/orders.js:211:13)" },
};

#define BACKEND                                                                \
	.name = "fluxori-backend", .image = "gcr.io/fluxori-drill/backend",    \
	.tags = backend_tags, .tag_count = ARRAY_LEN(backend_tags),            \
	.first_number = 61, .people = fluxori_people,                          \
	.people_count = ARRAY_LEN(fluxori_people),                             \
	.variables = backend_variables,                                        \
	.variable_count = ARRAY_LEN(backend_variables), .cpu = "2",            \
	.memory = "2Gi", .timeout = "300s", .concurrency = 80,                 \
	.median_s = 0.12, .sigma = 0.6, .per_cpu = 6, .memory_use = 0.41,      \
	.slow_message = "Slow query: query took longer than 1 s",              \
	.routes = backend_routes, .route_count = ARRAY_LEN(backend_routes)

static const struct gcp_service_conf fluxori_services[] = {
	{
	    BACKEND,
	    .region = "africa-south1",
	    .min = 5,
	    .max = 20,
	    .rate = 60,
	    .lines = backend_lines,
	    .line_count = ARRAY_LEN(backend_lines),
	    .harms = backend_harms,
	    .harm_count = ARRAY_LEN(backend_harms),
	    .bad_tag = "3.11.0",
	    .fix_tag = "3.11.1",
	},
	{
	    .name = "fluxori-frontend",
	    .region = "africa-south1",
	    .image = "gcr.io/fluxori-drill/frontend",
	    .tags = frontend_tags,
	    .tag_count = ARRAY_LEN(frontend_tags),
	    .first_number = 30,
	    .people = fluxori_people,
	    .people_count = ARRAY_LEN(fluxori_people),
	    .variables = frontend_variables,
	    .variable_count = ARRAY_LEN(frontend_variables),
	    .cpu = "1",
	    .memory = "512Mi",
	    .timeout = "60s",
	    .concurrency = 80,
	    .min = 1,
	    .max = 10,
	    .harms = frontend_harms,
	    .harm_count = ARRAY_LEN(frontend_harms),
	    .rate = 18,
	    .median_s = 0.035,
	    .sigma = 0.5,
	    .per_cpu = 40,
	    .memory_use = 0.35,
	    .routes = frontend_routes,
	    .route_count = ARRAY_LEN(frontend_routes),
	},
	{ BACKEND, .region = "europe-west4", .min = 1, .max = 20, .rate = 0.4 },
};

static const struct gcp_slo_conf fluxori_slos[] = {
	{ "fluxori-backend", 0, "availability-99", "99 % over 24 hours", 0.99,
	    "86400s", 0 },
};

static const struct gcp_conf fluxori_conf = {
	.project = "fluxori-drill",
	.number = NUMBER,
	.builder = BUILDER,
	.platform = &platform_fluxori,
	.services = fluxori_services,
	.service_count = ARRAY_LEN(fluxori_services),
	.slos = fluxori_slos,
	.slo_count = ARRAY_LEN(fluxori_slos),
};

static const struct fault fluxori_faults[] = {
	{
	    .name = "too-few",
	    .help = "somebody caps the backend while traffic rises; more "
		    "instances help",
	    .set = gcp_on_too_few,
	},
	{
	    .name = "region-down",
	    .help = "africa-south1 fails; europe-west4 stands by",
	    .set = gcp_on_region_down,
	},
	GCP_FAULT_ROWS,
};

static const struct scenario_step fluxori_latency[] = {
	{ 20, "too-few", true },
	{ 0, NULL, false },
};

static const struct scenario fluxori_scenarios[] = {
	{ "latency", "too few instances for the traffic, until scaled up",
	    fluxori_latency },
};

static enum err_code
fluxori_start(
    const struct platform_start *start, void **ret_state, struct err *err)
{
	return gcp_start(&fluxori_conf, start, ret_state, err);
}

const struct platform platform_fluxori = {
	.name = "fluxori",
	.help = "Google Cloud: backend and frontend on Cloud Run, two regions",
	.faults = fluxori_faults,
	.fault_count = ARRAY_LEN(fluxori_faults),
	.scenarios = fluxori_scenarios,
	.scenario_count = ARRAY_LEN(fluxori_scenarios),
	.start = fluxori_start,
	.env = gcp_env,
	.told = gcp_told,
	.step = gcp_step,
	.status = gcp_status,
	.stop = gcp_stop,
};
