/*
 * Source type "gcp.monitoring": the golden signals of Cloud Run services,
 * the use of Memorystore and the service level objectives of a project, from
 * Cloud Monitoring. One question for each type of metric (gcp_figure.h) and
 * for each figure of an objective (gcp_slo.h), as often as its share of the
 * quota allows (gcp_turns.h); what was not asked for in a poll is told as it
 * was answered before, until it is too old.
 *
 * A figure that can't be had is a health row, and the others stay; when none
 * can be had, the poll fails.
 */
#include "datasrc/source.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "datasrc/gcp_api.h"
#include "datasrc/gcp_auth.h"
#include "datasrc/gcp_figure.h"
#include "datasrc/gcp_monitoring_conf.h"
#include "datasrc/gcp_slo.h"
#include "datasrc/url.h"

enum {
	ASKS_MAX = GCP_FIGURES_MAX + 2 + GCP_SLOS_MAX * GCP_SLO_ASKS,
};

#define MINUTE_NS (60 * NS_PER_SEC)

/* What is asked: the kinds of struct gcp_due. */
enum {
	ASK_FIGURE, /* index: of the question */
	ASK_PAST,   /* who had samples before the start */
	ASK_LIST,   /* of objectives */
	ASK_SLO,    /* index: of the objective; part: of its asks */
};

struct src_gcp_monitoring {
	const struct source_env *env;
	const struct gcp_monitoring_conf *conf;
	struct gcp_api api;
	struct gcp_turns turns;
	int64_t interval_ns; /* between the last two polls */
	struct gcp_question questions[GCP_FIGURES_MAX];
	size_t question_count;
	struct gcp_slo_windows windows;
	struct gcp_due past_due;
	struct gcp_due list_due; /* of the list of objectives */
	struct err list_why;
	struct gcp_slos slos;
	struct gcp_slos listed; /* while it is read */
};

struct monitoring_poll {
	struct src_gcp_monitoring *s;
	struct poll *poll;
	struct gcp_scope scope;
	/* While an answer is read. */
	const struct gcp_figure *figure;
	struct gcp_points points;
	const struct gcp_slo_service *service;
	bool relisted; /* there are other objectives than before */
	/* What became of the questions of this poll. */
	size_t good;
	struct err first; /* failure */
	struct err stop;  /* the one that ended it early */
};

static void
src_gcp_monitoring_close(void *state)
{
	struct src_gcp_monitoring *s = state;

	if (s == NULL)
		return;
	gcp_api_release(&s->api);
	for (size_t i = 0; i < s->question_count; i++) {
		gcp_points_release(&s->questions[i].points);
		gcp_points_release(&s->questions[i].known);
	}
	gcp_slos_release(&s->slos);
	gcp_slos_release(&s->listed);
	mem_free(s);
}

static bool
list_has(const struct opt_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], name) == 0)
			return true;
	}
	return false;
}

static void
choose_figures(struct src_gcp_monitoring *s)
{
	const struct opt_list *wanted = &s->conf->figures;

	for (size_t i = 0; i < gcp_figure_count && i < GCP_FIGURES_MAX; i++) {
		const struct gcp_figure *figure = &gcp_figures[i];

		if (wanted->count == 0 || list_has(wanted, figure->name))
			s->questions[s->question_count++] =
			    (struct gcp_question) {
				    .due = { .kind = ASK_FIGURE,
					.every = figure->every },
				    .figure = figure,
			    };
	}
}

static void
choose_windows(struct src_gcp_monitoring *s)
{
	static const char *const usual[] = { "1h", "6h", "24h", "3d" };
	const struct opt_list *list = &s->conf->windows;
	size_t count = list->count != 0 ? list->count : ARRAY_LEN(usual);

	for (size_t i = 0; i < count; i++) {
		const char *name = list->count != 0 ? list->items[i] : usual[i];

		s->windows.names[i] = name;
		if (num_parse_duration(name, strlen(name), &s->windows.ns[i]))
			s->windows.count++;
	}
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
	s->past_due = (struct gcp_due) { .kind = ASK_PAST, .every = UINT_MAX };
	s->list_due =
	    (struct gcp_due) { .kind = ASK_LIST, .every = GCP_SLO_LIST_TURNS };
	choose_figures(s);
	choose_windows(s);
	gcp_turns_init(&s->turns, s->conf->quota, s->conf->share);
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
take_points(void *ctx, const struct cJSON *page)
{
	struct monitoring_poll *p = ctx;

	gcp_points_add(
	    &p->points, p->figure, &p->scope, p->s->env->redactor, page);
}

/* Into p->points; path may be too long and is then said to be. */
static enum err_code
ask_points(struct monitoring_poll *p, const char *path, bool fits,
    const char *what, struct err *err)
{
	enum err_code code;
	bool more;

	if (!fits)
		return err_set(
		    err, ERR_TOOBIG, "google", "%s: too long a question", what);
	if (!gcp_points_clear(&p->points))
		return err_set(err, ERR_NOMEM, "google", "no memory");
	code = gcp_api_list(
	    &p->s->api, path, what, p->poll, take_points, p, &more, err);
	if (code == ERR_OK && p->points.starved)
		code = err_set(err, ERR_NOMEM, "google", "no memory");
	return code;
}

static enum err_code
ask_question(
    struct monitoring_poll *p, struct gcp_question *question, struct err *err)
{
	struct buf path = BUF_INIT(URL_MAX);
	enum err_code code;
	bool fits = gcp_figure_path(&path, question->figure, &p->scope);

	p->figure = question->figure;
	code = ask_points(p, buf_cstr(&path), fits,
	    strchr(question->figure->type, '/') + 1, err);
	if (code == ERR_OK) {
		gcp_points_release(&question->points);
		question->points = p->points;
		p->points = (struct gcp_points) { .arena = NULL };
		if (!gcp_points_keep(&question->known, &question->points))
			code = err_set(err, ERR_NOMEM, "google", "no memory");
	}
	question->why = *err;
	buf_release(&path);
	return code;
}

/*
 * Once: who had samples in the last day. A service without traffic is then
 * quiet from the start, not unknown.
 */
static enum err_code
ask_past(struct monitoring_poll *p, struct err *err)
{
	struct gcp_question *question = &p->s->questions[0];
	struct buf path = BUF_INIT(URL_MAX);
	enum err_code code;
	bool fits;

	p->scope.past = true;
	p->figure = question->figure;
	fits = gcp_figure_path(&path, question->figure, &p->scope);
	code = ask_points(p, buf_cstr(&path), fits, "the last day", err);
	p->scope.past = false;
	if (code == ERR_OK && !gcp_points_keep(&question->known, &p->points))
		code = err_set(err, ERR_NOMEM, "google", "no memory");
	if (code != ERR_OK)
		p->s->past_due.asked = 0;
	buf_release(&path);
	return code;
}

static enum err_code
ask_slo(struct monitoring_poll *p, struct gcp_slo *slo, unsigned part,
    struct err *err)
{
	struct buf selector = BUF_INIT(URL_MAX), path = BUF_INIT(URL_MAX);
	struct gcp_slo_ask *ask = &slo->asks[part];
	enum err_code code;
	bool fits = gcp_slo_selector(&selector, slo, part, &p->s->windows) &&
		    gcp_selector_path(&path, buf_cstr(&selector), &p->scope);

	p->figure = NULL;
	code =
	    ask_points(p, buf_cstr(&path), fits, "objectives of services", err);
	if (code == ERR_OK) {
		bool any = p->points.count > 0;

		ask->value = any ? p->points.points[0].values[0] : NAN;
		ask->end_ms = any ? p->points.points[0].end_ms : NAN;
	}
	buf_release(&selector);
	buf_release(&path);
	return code;
}

static void
take_services(void *ctx, const struct cJSON *page)
{
	struct monitoring_poll *p = ctx;

	gcp_slos_add_services(&p->s->listed, page, p->s->env->redactor);
}

static void
take_slos(void *ctx, const struct cJSON *page)
{
	struct monitoring_poll *p = ctx;

	gcp_slos_add(&p->s->listed, p->service, page, p->s->env->redactor);
}

static enum err_code
list_service(struct monitoring_poll *p, struct err *err)
{
	const char *id = strrchr(p->service->name, '/');
	struct buf path = BUF_INIT(URL_MAX);
	enum err_code code;
	bool more;

	if (buf_str(&path, "/v3/projects/") &&
	    url_encode(&path, p->scope.project) &&
	    buf_str(&path, "/services/") &&
	    url_encode(&path, id != NULL ? id + 1 : p->service->name) &&
	    buf_str(&path, "/serviceLevelObjectives?view=FULL"))
		code = gcp_api_list(&p->s->api, buf_cstr(&path),
		    "objectives of services", p->poll, take_slos, p, &more,
		    err);
	else
		code =
		    err_set(err, ERR_TOOBIG, "google", "too long a question");
	buf_release(&path);
	return code;
}

/* All objectives; values that are known of the same ones stay. */
static enum err_code
ask_list(struct monitoring_poll *p, struct err *err)
{
	struct src_gcp_monitoring *s = p->s;
	struct buf path = BUF_INIT(URL_MAX);
	enum err_code code = ERR_TOOBIG;
	bool more;

	gcp_slos_release(&s->listed);
	if (!gcp_slos_init(&s->listed))
		return err_set(err, ERR_NOMEM, "google", "no memory");
	if (buf_str(&path, "/v3/projects/") &&
	    url_encode(&path, p->scope.project) &&
	    buf_str(&path, "/services?pageSize=100"))
		code = gcp_api_list(&s->api, buf_cstr(&path),
		    "services with objectives", p->poll, take_services, p,
		    &more, err);
	buf_release(&path);
	for (size_t i = 0; code == ERR_OK && i < s->listed.service_count; i++) {
		p->service = &s->listed.services[i];
		code = list_service(p, err);
		s->turns.left--;
	}
	if (code == ERR_OK && arena_failed(s->listed.arena))
		code = err_set(err, ERR_NOMEM, "google", "no memory");
	if (code == ERR_OK && !gcp_slos_same(&s->slos, &s->listed)) {
		gcp_slos_release(&s->slos);
		s->slos = s->listed;
		s->listed = (struct gcp_slos) { .arena = NULL };
		p->relisted = true;
	}
	gcp_slos_release(&s->listed);
	s->list_why = *err;
	return code;
}

static void
add_due(struct src_gcp_monitoring *s, struct gcp_due *list, size_t *count,
    const struct gcp_due *due)
{
	if (gcp_turns_due(&s->turns, due))
		list[(*count)++] = *due;
}

/* Everything that is due: the longest unasked first, then as it matters. */
static size_t
collect_due(struct src_gcp_monitoring *s, struct gcp_due *list)
{
	size_t n = 0;

	for (size_t i = 0; i < s->question_count; i++) {
		s->questions[i].due.index = (unsigned)i;
		add_due(s, list, &n, &s->questions[i].due);
	}
	add_due(s, list, &n, &s->past_due);
	if (s->conf->slos)
		add_due(s, list, &n, &s->list_due);
	for (size_t i = 0; i < s->slos.count; i++) {
		for (size_t k = 0; k < GCP_SLO_BURN + s->windows.count; k++) {
			struct gcp_due *due = &s->slos.list[i].asks[k].due;

			due->kind = ASK_SLO;
			due->index = (unsigned)i;
			due->part = (unsigned)k;
			add_due(s, list, &n, due);
		}
	}
	gcp_turns_order(list, n);
	return n;
}

static enum err_code
ask(struct monitoring_poll *p, const struct gcp_due *due, struct err *err)
{
	struct src_gcp_monitoring *s = p->s;
	struct gcp_slo *slo;

	switch (due->kind) {
	case ASK_FIGURE:
		s->questions[due->index].due.asked = s->turns.turn;
		return ask_question(p, &s->questions[due->index], err);
	case ASK_PAST:
		s->past_due.asked = s->turns.turn;
		return ask_past(p, err);
	case ASK_LIST:
		s->list_due.asked = s->turns.turn;
		return ask_list(p, err);
	default:
		slo = &s->slos.list[due->index];
		slo->asks[due->part].due.asked = s->turns.turn;
		return ask_slo(p, slo, due->part, err);
	}
}

/* What stops one question would stop the others. */
static bool
stops_all(const struct monitoring_poll *p, enum err_code code)
{
	return code == ERR_AUTH || code == ERR_LIMITED || code == ERR_NOMEM ||
	       code == ERR_CANCELLED || clock_now() >= p->poll->deadline;
}

/*
 * Asks what is due, as far as the quota allows. True: there are other
 * objectives now, which are due, too.
 */
static bool
ask_due(struct monitoring_poll *p)
{
	struct src_gcp_monitoring *s = p->s;
	struct gcp_due list[ASKS_MAX];
	size_t count = collect_due(s, list);
	struct err why;

	for (size_t i = 0; i < count && gcp_turns_take(&s->turns); i++) {
		why = (struct err)ERR_INIT;
		if (ask(p, &list[i], &why) == ERR_OK) {
			p->good++;
			if (list[i].kind == ASK_LIST && p->relisted)
				return true;
			continue;
		}
		if (p->first.code == ERR_OK)
			p->first = why;
		if (stops_all(p, why.code)) {
			p->stop = why;
			return false;
		}
	}
	return false;
}

static void
put_why(
    const struct monitoring_poll *p, struct text target, const struct err *why)
{
	struct arena *arena = build_arena(p->poll->build);

	if (why->code != ERR_OK)
		build_health(p->poll->build, target, STATE_UNKNOWN,
		    text_ingest(p->s->env->redactor, arena, why->msg,
			strlen(why->msg), ERR_MSG_MAX),
		    -1);
}

static void
report_failures(const struct monitoring_poll *p)
{
	const struct src_gcp_monitoring *s = p->s;

	for (size_t i = 0; i < s->question_count; i++) {
		const struct gcp_question *q = &s->questions[i];

		put_why(p,
		    text_fmt(build_arena(p->poll->build), "%s%s%s",
			q->figure->metric, q->figure->fixed != NULL ? " " : "",
			q->figure->fixed != NULL ? q->figure->fixed : ""),
		    &q->why);
	}
	put_why(p, TEXT("slos"), &s->list_why);
	if (s->slos.cut)
		build_health(p->poll->build, TEXT("list of slos"), STATE_WARN,
		    text_fmt(build_arena(p->poll->build),
			"more than %d, or of more than %d services; the rest "
			"is not read",
			GCP_SLOS_MAX, GCP_SLO_SERVICES_MAX),
		    -1);
}

/* When the newest sample ended; NaN: there is none. */
static double
newest_end(const struct src_gcp_monitoring *s)
{
	double newest_ms = NAN;

	for (size_t i = 0; i < s->question_count; i++) {
		const struct gcp_points *points = &s->questions[i].points;

		for (size_t k = 0; k < points->count; k++) {
			if (!(points->points[k].end_ms <= newest_ms))
				newest_ms = points->points[k].end_ms;
		}
	}
	return newest_ms;
}

/* How old that is: Google's figures are never of this moment. */
static void
report_age(const struct monitoring_poll *p, double newest_ms, bool late)
{
	struct build *build = p->poll->build;
	double age_s = ((double)p->poll->wall_ms - newest_ms) / 1000;
	char age[NUM_TEXT_MAX];

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
	build_health(build, TEXT("samples"), late ? STATE_WARN : STATE_OK,
	    text_fmt(build_arena(build), "the newest is %s old%s", age,
		late ? ", too old to be shown" : ""),
	    -1);
}

/* How many questions a minute there are, and how many are allowed. */
static void
report_pace(const struct monitoring_poll *p)
{
	const struct src_gcp_monitoring *s = p->s;
	struct arena *arena = build_arena(p->poll->build);
	double turn = 0, wanted, share = s->turns.per_minute;
	char often[NUM_TEXT_MAX];
	struct text words;

	for (size_t i = 0; i < s->question_count; i++)
		turn += 1.0 / s->questions[i].due.every;
	if (s->conf->slos)
		turn +=
		    (1.0 + (double)s->slos.service_count) / s->list_due.every;
	for (size_t i = 0; i < s->slos.count; i++) {
		for (size_t k = 0; k < GCP_SLO_BURN + s->windows.count; k++)
			turn += 1.0 / s->slos.list[i].asks[k].due.every;
	}
	wanted = turn * (double)MINUTE_NS / (double)s->interval_ns;
	if (p->stop.code == ERR_LIMITED) {
		put_why(p, TEXT("pace"), &p->stop);
		return;
	}
	num_duration(often, (int64_t)(turn * (double)MINUTE_NS / share));
	words = wanted <= share
		    ? text_fmt(arena,
			  "%.3g of %.0f questions a minute (one of %lld "
			  "dashboards)",
			  wanted, share, (long long)s->conf->share)
		    : text_fmt(arena,
			  "%.3g of %.0f questions a minute: each comes every "
			  "%s (one of %lld dashboards)",
			  wanted, share, often, (long long)s->conf->share);
	build_health(p->poll->build, TEXT("pace"), STATE_OK, words, -1);
	build_gauge(p->poll->build, TEXT("monitoring_questions_a_minute"),
	    NUM_NONE, wanted < share ? wanted : share);
}

static enum err_code
src_gcp_monitoring_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_gcp_monitoring *s = state;
	struct monitoring_poll p = {
		.s = s,
		.poll = poll,
		.scope = { .project = s->conf->gcp.project,
		    .regions = &s->conf->regions,
		    .services = &s->conf->services,
		    .wall_ms = poll->wall_ms },
		.first = ERR_INIT,
		.stop = ERR_INIT,
	};
	double oldest_ms = (double)(poll->wall_ms - s->conf->old_ns / 1000000);
	double newest_ms;
	bool late;
	int64_t now = clock_now(), last = s->turns.at, slack_ns;

	s->interval_ns = last != 0 && now > last ? now - last : MINUTE_NS;
	gcp_turns_begin(&s->turns, now);
	while (ask_due(&p))
		p.relisted = false;
	gcp_points_release(&p.points);
	/* With too many questions, those that were answered count. */
	if (p.stop.code != ERR_OK &&
	    (p.stop.code != ERR_LIMITED || p.good == 0))
		return err_set(
		    err, p.stop.code, p.stop.origin, "%s", p.stop.msg);
	if (p.first.code != ERR_OK && p.good == 0)
		return err_set(
		    err, p.first.code, p.first.origin, "%s", p.first.msg);
	newest_ms = newest_end(s);
	late = newest_ms < oldest_ms;
	if (!gcp_figures_report(
		s->questions, s->question_count, oldest_ms, late, poll->build))
		return err_set(err, ERR_NOMEM, "google", "no memory");
	/* Objectives are asked for more rarely, and of hours. */
	slack_ns = s->interval_ns > MINUTE_NS ? s->interval_ns : MINUTE_NS;
	oldest_ms -= 2.0 * GCP_SLO_TURNS * (double)slack_ns / 1000000;
	gcp_slos_report(&s->slos, &s->windows, oldest_ms, poll->build);
	report_failures(&p);
	report_age(&p, newest_ms, late);
	report_pace(&p);
	build_note(poll->build,
	    text_fmt(build_arena(poll->build), "Cloud Monitoring, %s",
		gcp_auth_who(s->api.auth)));
	return ERR_OK;
}

static void
src_gcp_monitoring_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	(void)env;
	gcp_monitoring_conf_check(config, node, errors);
}

const struct source_ops src_gcp_monitoring = {
	.name = "gcp.monitoring",
	.help = "requests, errors, latency, use and objectives of Google "
		"Cloud Run, and the use of Memorystore",
	.options = &gcp_monitoring_table,
	.config_size = sizeof(struct gcp_monitoring_conf),
	.every_ns = 60 * NS_PER_SEC,
	.timeout_ns = 30 * NS_PER_SEC,
	.open = src_gcp_monitoring_open,
	.poll = src_gcp_monitoring_poll,
	.close = src_gcp_monitoring_close,
	.check = src_gcp_monitoring_check,
};
