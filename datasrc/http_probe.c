#include "datasrc/http_probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/text.h"
#include "datasrc/json_value.h"
#include "datasrc/tls_verify.h"
#include "model/build.h"

const char *const http_probe_methods[] = { "GET", "HEAD", "POST", NULL };

void
http_probe_init(struct http_probe *probe, const struct http_probe_conf *conf,
    const char *name, const struct redactor *redactor)
{
	*probe = (struct http_probe) {
		.conf = conf, .name = name, .redactor = redactor
	};
	instance_init(&probe->instance, &conf->instance, name,
	    "http_uptime_seconds", redactor);
}

/* Whether value is what the configuration wrote as want. */
static bool
http_probe_matches(const struct cJSON *value, const char *want)
{
	struct buf shown = BUF_INIT(HTTP_VALUE_MAX);
	double number, wanted;
	bool same;

	if (json_double(value, &number) &&
	    num_parse_double(want, strlen(want), &wanted))
		return number == wanted;
	same = json_show(&shown, value) && strcmp(buf_cstr(&shown), want) == 0;
	buf_release(&shown);
	return same;
}

/* One row for one expected value. root NULL: the answer was no JSON. */
static void
http_probe_value(const struct http_probe *probe, const struct opt_pair *pair,
    const struct cJSON *root, struct build *build)
{
	struct arena *arena = build_arena(build);
	const struct cJSON *v = NULL;
	const char *name = pair->key;
	struct err why = ERR_INIT;
	struct text target, detail;
	enum state state;

	while (*name == '.')
		name++;
	target = text_clean_str(arena, *name != '\0' ? name : pair->key);
	if (root == NULL) {
		state = STATE_UNKNOWN;
		detail = TEXT("the answer was not JSON");
	} else if (json_lookup(root, pair->key, &v, &why) != ERR_OK) {
		state = STATE_UNKNOWN;
		detail = text_ingest(probe->redactor, arena, why.msg,
		    strlen(why.msg), ERR_MSG_MAX);
	} else if (http_probe_matches(v, pair->value)) {
		state = STATE_OK;
		detail = json_text(probe->redactor, arena, v);
	} else {
		const struct text parts[] = {
			json_text(probe->redactor, arena, v),
			TEXT(", expected "),
			text_clean_str(arena, pair->value),
		};

		state = STATE_CRIT;
		detail = text_join(arena, parts, ARRAY_LEN(parts));
	}
	build_health(build, target, state, detail, -1);
}

/* The row of the answer as a whole. */
static void
http_probe_answer(const struct http_probe *probe,
    const struct http_response *response, bool expected, struct build *build)
{
	const struct http_probe_conf *conf = probe->conf;
	struct arena *arena = build_arena(build);
	char took[NUM_TEXT_MAX], limit[NUM_TEXT_MAX];
	const double seconds = (double)response->total_ns / NS_PER_SEC;
	enum state state = STATE_OK;
	struct text detail;

	num_human(took, seconds, NUM_SECONDS);
	if (!expected) {
		state = response->status < 400 ? STATE_WARN : STATE_CRIT;
		detail = text_fmt(arena, "HTTP %d in %s, expected %s%s",
		    response->status, took, conf->status.items[0],
		    conf->status.count > 1 ? " or others" : "");
	} else if (conf->slow_ns > 0 && response->total_ns > conf->slow_ns) {
		state = STATE_WARN;
		num_human(
		    limit, (double)conf->slow_ns / NS_PER_SEC, NUM_SECONDS);
		detail = text_fmt(arena, "HTTP %d in %s, slower than %s",
		    response->status, took, limit);
	} else {
		detail =
		    text_fmt(arena, "HTTP %d in %s", response->status, took);
	}
	build_health(build, text_clean_str(arena, probe->name), state, detail,
	    response->total_ns);
	build_gauge(build, TEXT("http_latency_seconds"), NUM_SECONDS, seconds);
	build_gauge(build, TEXT("http_status"), NUM_NONE, response->status);
}

static void
http_probe_certificate(const struct http_probe *probe,
    const struct http_response *response, int64_t wall_ms, struct build *build)
{
	const struct http_probe_conf *conf = probe->conf;
	struct arena *arena = build_arena(build);
	enum state state = STATE_OK;
	struct text detail;
	int64_t days;

	if (response->cert_until_s == 0)
		return;
	days = tls_days_left(response->cert_until_s, wall_ms);
	if (days < conf->cert_crit_days)
		state = STATE_CRIT;
	else if (days < conf->cert_warn_days)
		state = STATE_WARN;
	if (days < 0)
		detail = text_fmt(
		    arena, "expired %lld d ago; renew it", (long long)-days);
	else
		detail = text_fmt(arena, "%lld d left%s", (long long)days,
		    state != STATE_OK ? "; renew it" : "");
	if (conf->http.insecure) {
		const struct text parts[] = { detail,
			TEXT("; not verified (insecure: true)") };

		state = state_worst(state, STATE_WARN);
		detail = text_join(arena, parts, ARRAY_LEN(parts));
	}
	build_health(build, TEXT("certificate"), state, detail, -1);
	build_gauge(
	    build, TEXT("http_certificate_days"), NUM_COUNT, (double)days);
}

/*
 * A cache may answer with an old Date, but nobody's Date is ahead of a
 * right clock: then ours is behind, or theirs is wrong.
 */
static void
http_probe_clock(
    const struct http_response *response, int64_t wall_ms, struct build *build)
{
	int64_t ahead = response->date_s - wall_ms / 1000;
	char span[NUM_TEXT_MAX];

	if (response->date_s == 0 || ahead < HTTP_SKEW_WARN_S)
		return;
	build_health(build, TEXT("clock"), STATE_WARN,
	    text_fmt(build_arena(build),
		"the server's clock is %s ahead of ours",
		num_duration(span, ahead * NS_PER_SEC)),
	    -1);
}

static bool
http_probe_reads_json(const struct http_probe_conf *conf)
{
	return conf->json.count > 0 || conf->instance.version != NULL ||
	       conf->instance.uptime != NULL;
}

/* A status that speaks of us or of the address, not of the target. */
static bool
http_probe_is_ours(int status)
{
	return status == 401 || status == 403 || status == 404 ||
	       status == 429 || (status >= 300 && status < 400);
}

enum err_code
http_probe_read(const struct http_probe *probe,
    const struct http_response *response, const char *host,
    struct cJSON **ret_root, struct err *err)
{
	bool expected = opt_list_has(&probe->conf->status, response->status);
	struct cJSON *root = NULL;
	enum err_code code = ERR_OK;

	if (!expected && http_probe_is_ours(response->status))
		return http_expect_status(response, host, err);
	if (probe->json || http_probe_reads_json(probe->conf)) {
		/* Which of the paths answers, and how, nobody knew. */
		bool lenient = !probe->json && probe->conf->json.count == 0 &&
			       probe->conf->paths.count > 0;

		if (expected && response->status < 300)
			code = http_expect(response, host, HTTP_WANT_JSON, err);
		if (code == ERR_OK) {
			code = json_parse(
			    response->body, response->body_len, &root, err);
			if (code != ERR_OK)
				err_prefix(err, "%s", host);
		}
		if (code != ERR_OK && (!expected || lenient)) {
			err_clear(err);
			code = ERR_OK;
		}
	}
	if (code == ERR_OK)
		*ret_root = root;
	return code;
}

void
http_probe_report(struct http_probe *probe,
    const struct http_response *response, const struct cJSON *root,
    int64_t wall_ms, struct build *build)
{
	const struct http_probe_conf *conf = probe->conf;

	http_probe_answer(probe, response,
	    opt_list_has(&conf->status, response->status), build);
	for (size_t i = 0; i < conf->json.count; i++)
		http_probe_value(probe, &conf->json.items[i], root, build);
	http_probe_certificate(probe, response, wall_ms, build);
	http_probe_clock(response, wall_ms, build);
	instance_look(&probe->instance, root, wall_ms, build);
}

static void
http_probe_check_path(
    const char *path, struct conf_pos pos, struct conf_errors *errors)
{
	struct err err = ERR_INIT;

	if (path != NULL && json_lookup_check(path, &err) != ERR_OK)
		conf_errors_add(errors, pos, NULL, "%s", err.msg);
}

/* Where the value of key stands, or where its map does. */
static struct conf_pos
http_probe_pos(const struct conf_node *map, const char *key)
{
	const struct conf_node *at = conf_get(map, key);

	return at != NULL ? at->pos : map->pos;
}

void
http_status_check(const struct opt_list *statuses, const struct conf_node *node,
    const char *key, struct conf_errors *errors)
{
	int64_t status;

	for (size_t i = 0; i < statuses->count; i++) {
		const char *text = statuses->items[i];

		if (!num_parse_i64(text, strlen(text), &status) ||
		    status < 100 || status > 599)
			conf_errors_add(errors, http_probe_pos(node, key),
			    "such as 200 or [200, 204]",
			    "\"%s\" is no HTTP status", text);
	}
}

static void
http_probe_check_paths(const struct opt_list *paths,
    const struct conf_node *node, struct conf_errors *errors)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (paths->items[i][0] != '/')
			conf_errors_add(errors, http_probe_pos(node, "paths"),
			    "such as [/healthz, /health]",
			    "\"%.60s\" does not begin with /", paths->items[i]);
	}
}

void
http_probe_check(const struct http_probe_conf *conf,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct conf_node *expect = conf_get(node, "expect");

	http_conf_check(&conf->http, node, errors);
	http_status_check(
	    &conf->status, expect != NULL ? expect : node, "status", errors);
	for (size_t i = 0; i < conf->json.count; i++)
		http_probe_check_path(conf->json.items[i].key,
		    http_probe_pos(conf_get(expect, "json") != NULL
				       ? conf_get(expect, "json")
				       : node,
			conf->json.items[i].key),
		    errors);
	instance_check(&conf->instance, node, errors);
	http_probe_check_paths(&conf->paths, node, errors);
	if (conf->cert_crit_days > conf->cert_warn_days)
		conf_errors_add(errors, http_probe_pos(node, "cert_crit"), NULL,
		    "cert_crit must not be more than cert_warn");
	if (strcmp(http_probe_methods[conf->method], "HEAD") == 0 &&
	    http_probe_reads_json(conf))
		conf_errors_add(errors, http_probe_pos(node, "method"), NULL,
		    "HEAD brings no body to read JSON from");
}

static const struct opt http_expect_rows[] = {
	{
	    OPT_FIELD(struct http_probe_conf, status, "status", OPT_LIST),
	    .min = 1,
	    .max = HTTP_STATUSES_MAX,
	    .preset = "200",
	    .help = "the status, or several, that mean good",
	},
	{
	    OPT_FIELD(struct http_probe_conf, json, "json", OPT_PAIRS),
	    .help = "paths in a JSON answer and the values that mean good; "
		    "each is a row of its own",
	},
	{
	    OPT_FIELD(struct http_probe_conf, slow_ns, "latency", OPT_DURATION),
	    .min = NS_PER_MS,
	    .max = 600 * NS_PER_SEC,
	    .help = "slower answers are a warning",
	},
};

const struct opt_table http_expect_table = OPT_TABLE(http_expect_rows);

static const struct opt http_probe_rows[] = {
	HTTP_PROBE_ROWS,
	{
	    OPT_FIELD(struct http_probe_conf, paths, "paths", OPT_LIST),
	    .min = 1,
	    .max = HTTP_PATHS_MAX,
	    .help = "paths behind url, of which the first that is there is "
		    "asked from then on",
	},
};

const struct opt_table http_probe_table = OPT_TABLE(http_probe_rows);
