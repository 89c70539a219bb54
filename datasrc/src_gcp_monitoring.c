/*
 * Source type "gcp.monitoring": the golden signals of Cloud Run services
 * from Cloud Monitoring, summed over their revisions and regions. One
 * question for each metric and poll; the percentiles are Google's own, made
 * of all revisions' distributions.
 *
 * A figure that can't be had is a health row, and the others stay; when none
 * can be had, the poll fails.
 */
#include "datasrc/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "datasrc/gcp_api.h"
#include "datasrc/gcp_auth.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_series.h"
#include "datasrc/url.h"

struct gcp_monitoring_conf {
	struct gcp_conf gcp; /* first: GCP_CONF_ROWS */
	int64_t old_ns;
};

struct src_gcp_monitoring {
	const struct source_env *env;
	const struct gcp_monitoring_conf *conf;
	struct gcp_api api;
};

/* A figure: what Google is asked for, and how it is called here. */
struct figure {
	const char *type; /* behind run.googleapis.com/ */
	const char *aligner;
	const char *reducer;
	bool classes; /* grouped by response_code_class, too */
	const char *name;
	const char *quantile; /* NULL: none */
	enum num_unit unit;
	double scale;
};

static const struct figure figures[] = {
	{ "request_count", "RATE", "SUM", true, "run_requests", NULL,
	    NUM_PER_SECOND, 1 },
	{ "request_latencies", "DELTA", "PERCENTILE_50", false,
	    "run_latency_seconds", "0.5", NUM_SECONDS, 0.001 },
	{ "request_latencies", "DELTA", "PERCENTILE_95", false,
	    "run_latency_seconds", "0.95", NUM_SECONDS, 0.001 },
	{ "request_latencies", "DELTA", "PERCENTILE_99", false,
	    "run_latency_seconds", "0.99", NUM_SECONDS, 0.001 },
	{ "container/cpu/utilizations", "DELTA", "PERCENTILE_99", false,
	    "run_cpu_ratio", NULL, NUM_PERCENT, 1 },
	{ "container/memory/utilizations", "DELTA", "PERCENTILE_99", false,
	    "run_memory_ratio", NULL, NUM_PERCENT, 1 },
	{ "container/instance_count", "MAX", "SUM", false, "run_instances",
	    NULL, NUM_COUNT, 1 },
};

/* Requests of one service, for the share of those that failed. */
struct requests {
	struct text service;
	double all;
	double failed;
};

struct monitoring_poll {
	struct src_gcp_monitoring *s;
	struct poll *poll;
	const struct figure *figure;
	double newest_ms; /* NaN: no sample yet */
	struct requests requests[GCP_NAMES_MAX];
	size_t request_count;
};

static void
src_gcp_monitoring_close(void *state)
{
	struct src_gcp_monitoring *s = state;

	if (s != NULL)
		gcp_api_release(&s->api);
	mem_free(s);
}

static enum err_code
src_gcp_monitoring_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_gcp_monitoring *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	s->env = env;
	s->conf = config;
	code = gcp_api_init(&s->api, &s->conf->gcp,
	    "https://monitoring.googleapis.com", env->tokens, env->redactor,
	    err);
	if (code != ERR_OK) {
		src_gcp_monitoring_close(s);
		return code;
	}
	*ret_state = s;
	return ERR_OK;
}

static void
count_requests(struct monitoring_poll *p, const struct gcp_sample *sample)
{
	size_t i = 0;

	while (i < p->request_count &&
	       !text_eq(p->requests[i].service, sample->service))
		i++;
	if (i == GCP_NAMES_MAX)
		return;
	if (i == p->request_count)
		p->requests[p->request_count++] =
		    (struct requests) { .service = sample->service };
	p->requests[i].all += sample->value;
	if (text_eq(sample->class, TEXT("5xx")))
		p->requests[i].failed += sample->value;
}

static void
take_sample(void *ctx, const struct gcp_sample *sample)
{
	struct monitoring_poll *p = ctx;
	const struct figure *f = p->figure;
	struct label *labels =
	    arena_array(build_arena(p->poll->build), 2, sizeof(*labels));
	uint32_t n = 0;

	if (labels == NULL)
		return;
	if (f->classes)
		labels[n++] = (struct label) { .key = TEXT("class"),
			.value = sample->class };
	if (f->quantile != NULL)
		labels[n++] = (struct label) { .key = TEXT("quantile"),
			.value = text_lit(f->quantile) };
	labels[n++] =
	    (struct label) { .key = TEXT("service"), .value = sample->service };
	build_metric(p->poll->build, text_lit(f->name), f->unit, METRIC_GAUGE,
	    sample->value * f->scale, labels, n);
	if (f->classes)
		count_requests(p, sample);
	if (!(sample->end_ms <= p->newest_ms))
		p->newest_ms = sample->end_ms;
}

static void
take_page(void *ctx, const struct cJSON *page)
{
	struct monitoring_poll *p = ctx;

	gcp_series_read(page, p->s->env->redactor, build_arena(p->poll->build),
	    p->poll->wall_ms, take_sample, p);
}

static bool
add_parameter(struct buf *path, const char *key, const char *value)
{
	return buf_fmt(path, "&%s=", key) && url_encode(path, value);
}

/* Ends on a whole minute, so that no bucket is half full. */
static bool
figure_path(const struct monitoring_poll *p, struct buf *path)
{
	const struct figure *f = p->figure;
	int64_t end_ms = p->poll->wall_ms / 60000 * 60000;
	char from[CLOCK_RFC3339_LEN], to[CLOCK_RFC3339_LEN], words[160];
	bool good = buf_str(path, "/v3/projects/") &&
		    url_encode(path, p->s->conf->gcp.project) &&
		    buf_str(path, "/timeSeries?view=FULL");

	snprintf(words, sizeof(words),
	    "metric.type=\"run.googleapis.com/%s\" AND "
	    "resource.type=\"cloud_run_revision\"",
	    f->type);
	clock_rfc3339(end_ms - GCP_WINDOW_S * INT64_C(1000), from);
	clock_rfc3339(end_ms, to);
	good = good && add_parameter(path, "filter", words) &&
	       add_parameter(path, "interval.startTime", from) &&
	       add_parameter(path, "interval.endTime", to) &&
	       buf_str(path, "&aggregation.alignmentPeriod=60s") &&
	       buf_fmt(path, "&aggregation.perSeriesAligner=ALIGN_%s",
		   f->aligner) &&
	       buf_fmt(path, "&aggregation.crossSeriesReducer=REDUCE_%s",
		   f->reducer) &&
	       add_parameter(path, "aggregation.groupByFields",
		   "resource.label.service_name");
	if (f->classes)
		good = good && add_parameter(path, "aggregation.groupByFields",
				   "metric.label.response_code_class");
	return good;
}

static enum err_code
ask_figure(struct monitoring_poll *p, struct err *err)
{
	struct buf path = BUF_INIT(URL_MAX);
	enum err_code code;
	bool more;

	if (buf_reserve(&path, URL_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	if (figure_path(p, &path))
		code = gcp_api_list(&p->s->api, buf_cstr(&path),
		    p->figure->type, p->poll, take_page, p, &more, err);
	else
		code =
		    err_set(err, ERR_TOOBIG, "google", "too long a question");
	buf_release(&path);
	return code;
}

/* How old the newest sample is: Google's figures are never of this moment. */
static void
report_age(const struct monitoring_poll *p)
{
	struct build *build = p->poll->build;
	double age_s = ((double)p->poll->wall_ms - p->newest_ms) / 1000;
	char age[NUM_TEXT_MAX];
	bool old = age_s > (double)p->s->conf->old_ns / NS_PER_SEC;

	build_gauge(build, TEXT("run_sample_age_seconds"), NUM_SECONDS, age_s);
	if (isnan(age_s)) {
		build_health(build, TEXT("samples"), STATE_OK,
		    text_fmt(build_arena(build),
			"none in the last %d minutes: no traffic",
			GCP_WINDOW_S / 60),
		    -1);
		return;
	}
	num_duration(age, (int64_t)(age_s * NS_PER_SEC));
	build_health(build, TEXT("samples"), old ? STATE_WARN : STATE_OK,
	    text_fmt(build_arena(build), "the newest is %s old", age), -1);
}

static enum err_code
src_gcp_monitoring_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_gcp_monitoring *s = state;
	struct monitoring_poll p = { .s = s, .poll = poll, .newest_ms = NAN };
	struct arena *arena = build_arena(poll->build);
	struct err why = ERR_INIT, first = ERR_INIT;
	size_t failed = 0;

	for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
		p.figure = &figures[i];
		err_clear(&why);
		if (ask_figure(&p, &why) == ERR_OK)
			continue;
		if (failed++ == 0)
			first = why;
		/* What stops one question would stop the others. */
		if (why.code == ERR_AUTH || why.code == ERR_LIMITED ||
		    why.code == ERR_NOMEM)
			return err_set(
			    err, why.code, why.origin, "%s", why.msg);
		build_health(poll->build,
		    text_fmt(arena, "%s%s%s", figures[i].name,
			figures[i].quantile != NULL ? " " : "",
			figures[i].quantile != NULL ? figures[i].quantile : ""),
		    STATE_UNKNOWN,
		    text_ingest(s->env->redactor, arena, why.msg,
			strlen(why.msg), ERR_MSG_MAX),
		    -1);
	}
	if (failed == ARRAY_LEN(figures))
		return err_set(err, first.code, first.origin, "%s", first.msg);
	for (size_t i = 0; i < p.request_count; i++)
		build_gauge_of(poll->build, TEXT("run_error_ratio"),
		    NUM_PERCENT,
		    p.requests[i].all > 0
			? p.requests[i].failed / p.requests[i].all
			: NAN,
		    TEXT("service"), p.requests[i].service);
	report_age(&p);
	build_note(poll->build,
	    text_fmt(arena, "Cloud Monitoring, %s", gcp_auth_who(s->api.auth)));
	return ERR_OK;
}

static void
src_gcp_monitoring_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct gcp_monitoring_conf *conf = config;

	(void)env;
	gcp_conf_check(&conf->gcp, node, errors);
}

static const struct opt gcp_monitoring_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_monitoring_conf, old_ns, "old", OPT_DURATION),
	    .min = 60 * NS_PER_SEC,
	    .max = GCP_WINDOW_S * NS_PER_SEC,
	    .preset = "5m",
	    .help = "newest samples older than this are a warning",
	},
};

static const struct opt_table gcp_monitoring_table =
    OPT_TABLE(gcp_monitoring_rows);

const struct source_ops src_gcp_monitoring = {
	.name = "gcp.monitoring",
	.help = "requests, errors, latency, CPU, memory and instances of "
		"Google Cloud Run",
	.options = &gcp_monitoring_table,
	.config_size = sizeof(struct gcp_monitoring_conf),
	.every_ns = 60 * NS_PER_SEC,
	.timeout_ns = 30 * NS_PER_SEC,
	.open = src_gcp_monitoring_open,
	.poll = src_gcp_monitoring_poll,
	.close = src_gcp_monitoring_close,
	.check = src_gcp_monitoring_check,
};
