/*
 * VistralAI: the app and its crawler on Cloud Run, with Redis behind a VPC
 * connector. Three switches take it out of the way of what is broken.
 */
#include "base/attr.h"
#include "sim/gcp.h"

#define NUMBER	"813520294471"
#define BUILDER NUMBER "@cloudbuild.gserviceaccount.com"

static const char *const vistralai_people[] = { "ines@vistralai.example",
	BUILDER, "omar@vistralai.example" };

static const char *const vistralai_tags[] = { "1.4.0", "1.4.1", "1.4.2",
	"1.4.3" };
static const char *const firecrawl_tags[] = { "2.2.0", "2.3.1" };

static const struct gcp_variable vistralai_variables[] = {
	{ "NODE_ENV", "production", NULL },
	{ "USE_FIRECRAWL", "true", NULL },
	{ "USE_BULL_QUEUE", "true", NULL },
	{ "USE_REAL_API", "true", NULL },
	{ "CLAUDE_MODEL", "claude-sonnet-4-5", NULL },
	{ "FIRECRAWL_API_URL",
	    "https://firecrawl-service-" NUMBER ".us-central1.run.app", NULL },
	{ "REDIS_HOST", "10.128.4.3", NULL },
	{ "REDIS_PORT", "6379", NULL },
	{ "NEXTAUTH_SECRET", NULL, "nextauth-secret" },
	{ "ANTHROPIC_API_KEY", NULL, "anthropic-api-key" },
};

static const struct gcp_variable firecrawl_variables[] = {
	{ "NUM_WORKERS_PER_QUEUE", "8", NULL },
	{ "USE_DB_AUTHENTICATION", "false", NULL },
};

static const struct gcp_path vistralai_routes[] = {
	{ "GET", "/dashboard" },
	{ "GET", "/api/brand-360/identity" },
	{ "GET", "/api/admin/queue-stats" },
	{ "POST", "/api/brand-360/onboarding" },
	{ "GET", "/api/visibility/scores" },
	{ "POST", "/api/auth/callback/credentials" },
};

static const struct gcp_path firecrawl_routes[] = {
	{ "POST", "/v1/scrape" },
	{ "POST", "/v1/crawl" },
};

static const struct gcp_line vistralai_lines[] = {
	{ "INFO", "onboarding: crawling the brand's site", "onboarding_step",
	    "onboarding", 0.5 },
	{ "INFO", "onboarding: extracting facts", "onboarding_step",
	    "onboarding", 0.4 },
	{ "INFO", "onboarding is complete", "onboarding_complete", NULL, 0.15 },
	{ "INFO", "login attempt", "login_attempt", NULL, 0.4 },
	{ "WARNING", "account locked after 5 failed logins", "account_locked",
	    NULL, 0.01 },
	{ "WARNING", "Claude API: rate limit is near, 429 answered once", NULL,
	    NULL, 0.02 },
};

static const struct gcp_harm vistralai_harms[] = {
	{ .fault = GCP_FIRECRAWL_DOWN,
	    .variable = "USE_FIRECRAWL",
	    .error_share = 0.22,
	    .latency = 1.7,
	    .message = "Firecrawl request failed: 503 Service Unavailable",
	    .stack =
		"FirecrawlError: 503 Service Unavailable\n"
		"    at FirecrawlClient.crawl (/app/lib/firecrawl.js:88)\n"
		"    at OnboardingWorker.run (/app/lib/onboarding.js:41)" },
	{ .fault = GCP_REDIS_GONE,
	    .variable = "USE_BULL_QUEUE",
	    .error_share = 0.31,
	    .latency = 2.4,
	    .message = "Redis connection failed: connect ECONNREFUSED "
		       "10.128.4.3:6379",
	    .stack = "Error: connect ECONNREFUSED 10.128.4.3:6379\n"
		     "    at TCPConnectWrap.afterConnect (node:net:1607:16)" },
	{ .fault = GCP_API_LIMITED,
	    .variable = "USE_REAL_API",
	    .error_share = 0.16,
	    .message = "Claude API: rate limit exceeded: 429 rate_limit_error",
	    .stack = "RateLimitError: 429 rate_limit_error\n"
		     "    at Anthropic.messages (/app/lib/claude.js:57:11)" },
	{ .fault = GCP_ALWAYS,
	    .tag = "1.5.0",
	    .error_share = 0.27,
	    .latency = 1.3,
	    .message = "TypeError: Cannot read properties of undefined "
		       "(reading 'brandId')",
	    .stack =
		"TypeError: Cannot read properties of undefined (reading "
		"'brandId')\n"
		"    at BrandService.identity (/app/lib/brand.js:132:27)\n"
		"    at async handler (/app/api/brand-360/route.js:20:9)" },
};

static const struct gcp_harm firecrawl_harms[] = {
	{ .fault = GCP_FIRECRAWL_DOWN,
	    .error_share = 0.97,
	    .message = "browser pool is exhausted: no worker answers" },
};

static const struct gcp_service_conf vistralai_services[] = {
	{
	    .name = "vistralai",
	    .region = "us-central1",
	    .image = "gcr.io/vistralai/vistralai",
	    .tags = vistralai_tags,
	    .tag_count = ARRAY_LEN(vistralai_tags),
	    .first_number = 39,
	    .people = vistralai_people,
	    .people_count = ARRAY_LEN(vistralai_people),
	    .variables = vistralai_variables,
	    .variable_count = ARRAY_LEN(vistralai_variables),
	    .cpu = "2",
	    .memory = "2Gi",
	    .timeout = "3600s",
	    .concurrency = 80,
	    .max = 20,
	    .connector = "vistralai-connector",
	    .harms = vistralai_harms,
	    .harm_count = ARRAY_LEN(vistralai_harms),
	    .rate = 26,
	    .median_s = 0.105,
	    .sigma = 0.75,
	    .per_cpu = 6,
	    .memory_use = 0.46,
	    .routes = vistralai_routes,
	    .route_count = ARRAY_LEN(vistralai_routes),
	    .lines = vistralai_lines,
	    .line_count = ARRAY_LEN(vistralai_lines),
	    .bad_tag = "1.5.0",
	    .fix_tag = "1.5.1",
	},
	{
	    .name = "firecrawl-service",
	    .region = "us-central1",
	    .image = "gcr.io/vistralai/firecrawl",
	    .tags = firecrawl_tags,
	    .tag_count = ARRAY_LEN(firecrawl_tags),
	    .first_number = 7,
	    .people = vistralai_people,
	    .people_count = 2,
	    .variables = firecrawl_variables,
	    .variable_count = ARRAY_LEN(firecrawl_variables),
	    .cpu = "2",
	    .memory = "4Gi",
	    .timeout = "300s",
	    .concurrency = 20,
	    .max = 10,
	    .connector = "vistralai-connector",
	    .harms = firecrawl_harms,
	    .harm_count = ARRAY_LEN(firecrawl_harms),
	    .rate = 5,
	    .median_s = 1.4,
	    .sigma = 0.6,
	    .per_cpu = 1.2,
	    .memory_use = 0.52,
	    .needed_by = "USE_FIRECRAWL",
	    .routes = firecrawl_routes,
	    .route_count = ARRAY_LEN(firecrawl_routes),
	},
};

static const struct gcp_redis_conf vistralai_redis = {
	.name = "vistralai-redis",
	.region = "us-central1",
	.host = "10.128.4.3",
	.tier = "STANDARD_HA",
	.memory_gb = 1,
};

static const struct gcp_slo_conf vistralai_slos[] = {
	{ "vistralai-app", 0, "availability", "99 % of requests without 5xx",
	    0.99, "2592000s", 0 },
	{ "vistralai-app", 0, "latency", "95 % of requests within 1 s", 0.95,
	    "86400s", 1 },
};

static const struct gcp_conf vistralai_conf = {
	.project = "vistralai",
	.number = NUMBER,
	.builder = BUILDER,
	.platform = &platform_vistralai,
	.services = vistralai_services,
	.service_count = ARRAY_LEN(vistralai_services),
	.redis = &vistralai_redis,
	.slos = vistralai_slos,
	.slo_count = ARRAY_LEN(vistralai_slos),
	.crawler = true,
};

static const struct fault vistralai_faults[] = {
	{
	    .name = "firecrawl-down",
	    .help = "the crawler fails; USE_FIRECRAWL=false gets around it",
	    .set = gcp_on_firecrawl_down,
	},
	{
	    .name = "redis-gone",
	    .help = "Memorystore is away; USE_BULL_QUEUE=false gets around it",
	},
	{
	    .name = "api-limited",
	    .help = "Claude answers 429; USE_REAL_API=false gets around it",
	},
	{
	    .name = "connector-down",
	    .help = "the VPC connector is in the state ERROR",
	},
	GCP_FAULT_ROWS,
};

static const struct scenario_step vistralai_firecrawl_down[] = {
	{ 20, "firecrawl-down", true },
	{ 600, "firecrawl-down", false },
	{ 0, NULL, false },
};

static const struct scenario_step vistralai_bad_release[] = {
	{ 20, "bad-release", true },
	{ 0, NULL, false },
};

static const struct scenario_step vistralai_redis_gone[] = {
	{ 20, "redis-gone", true },
	{ 600, "redis-gone", false },
	{ 0, NULL, false },
};

static const struct scenario vistralai_scenarios[] = {
	{ "firecrawl-down", "the crawler fails until USE_FIRECRAWL=false",
	    vistralai_firecrawl_down },
	{ "bad-release", "version 1.5.0 fails until it is rolled back",
	    vistralai_bad_release },
	{ "redis-gone", "Memorystore is away until USE_BULL_QUEUE=false",
	    vistralai_redis_gone },
};

static enum err_code
vistralai_start(
    const struct platform_start *start, void **ret_state, struct err *err)
{
	return gcp_start(&vistralai_conf, start, ret_state, err);
}

const struct platform platform_vistralai = {
	.name = "vistralai",
	.help = "Google Cloud: an app, its crawler and Redis on Cloud Run",
	.faults = vistralai_faults,
	.fault_count = ARRAY_LEN(vistralai_faults),
	.scenarios = vistralai_scenarios,
	.scenario_count = ARRAY_LEN(vistralai_scenarios),
	.start = vistralai_start,
	.env = gcp_env,
	.told = gcp_told,
	.step = gcp_step,
	.status = gcp_status,
	.stop = gcp_stop,
};
