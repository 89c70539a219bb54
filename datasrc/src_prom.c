/*
 * Source type "prometheus.scrape": the metrics pages of one application or
 * of thousands of targets. All targets are asked at once over kept-alive
 * connections of one HTTP client; pages are read as they arrive, straight
 * from the client's buffer, into one table of series (datasrc/series.h).
 *
 * A target that keeps failing is asked less often, so that a few dead hosts
 * don't slow down every round with their time-outs.
 */
#include "datasrc/source.h"

#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/prom_conf.h"
#include "datasrc/prom_report.h"
#include "datasrc/prom_target.h"

struct src_prom {
	const struct source_env *env;
	const struct prom_conf *conf;
	struct http_session http;
	struct prom_targets targets;   /* none: to be set up */
	struct http_target **requests; /* of the targets; NULL: none */
	struct prom_rules rules;
	struct series *series;
	struct http_target **asked; /* of this round, targets.count at most */
	size_t *asked_index;	    /* in targets */
	uint32_t round;
	bool refused; /* credentials were: read them again */

	/* of the round that is running */
	struct poll *poll;
	size_t events;
	struct err first;    /* failure of the round */
	struct err list_err; /* why the new list was not taken */
};

static enum err_code
src_prom_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_prom *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "prometheus", "no memory");
	s->env = env;
	s->conf = config;
	http_session_init(&s->http, &s->conf->http, env->redactor);
	code = prom_rules_init(&s->rules, s->conf, env, err);
	if (code != ERR_OK) {
		prom_rules_release(&s->rules);
		mem_free(s);
		return code;
	}
	*ret_state = s;
	return ERR_OK;
}

static void
requests_free(struct src_prom *s)
{
	size_t i;

	for (i = 0; s->requests != NULL && i < s->targets.count; i++)
		s->requests[i] = http_target_free(s->requests[i]);
}

/* The lists that are as long as that of the targets. */
static void
lists_free(struct src_prom *s)
{
	requests_free(s);
	mem_free(s->requests);
	mem_free(s->asked);
	mem_free(s->asked_index);
	s->requests = NULL;
	s->asked = NULL;
	s->asked_index = NULL;
}

static enum err_code
lists_make(struct src_prom *s, struct err *err)
{
	size_t count = s->targets.count;

	s->requests = mem_calloc(count, sizeof(struct http_target *));
	s->asked = mem_calloc(count, sizeof(struct http_target *));
	s->asked_index = mem_calloc(count, sizeof(size_t));
	if (s->requests != NULL && s->asked != NULL && s->asked_index != NULL)
		return ERR_OK;
	return err_set(err, ERR_NOMEM, "prometheus", "no memory for targets");
}

static void
teardown(struct src_prom *s)
{
	lists_free(s);
	http_session_release(&s->http);
	s->series = series_free(s->series);
	prom_targets_release(&s->targets);
}

static void
src_prom_close(void *state)
{
	struct src_prom *s = state;

	if (s == NULL)
		return;
	teardown(s);
	prom_rules_release(&s->rules);
	mem_free(s);
}

/*
 * A kept-alive connection for each target needs as many descriptors; the
 * usual soft limit of 1,024 is far below what the kernel grants on demand.
 * Returns how many connections may be kept.
 */
static size_t
connections_for(size_t targets)
{
	struct rlimit limit;
	rlim_t wanted = targets + PROM_FD_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return HTTP_KEEP_DEFAULT;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur =
		    limit.rlim_max < wanted ? limit.rlim_max : wanted;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0 ||
		    getrlimit(RLIMIT_NOFILE, &limit) != 0)
			return HTTP_KEEP_DEFAULT;
	}
	if (limit.rlim_cur >= wanted)
		return targets + HTTP_KEEP_DEFAULT;
	return limit.rlim_cur > 2 * PROM_FD_SPARE
		   ? limit.rlim_cur - PROM_FD_SPARE
		   : HTTP_KEEP_DEFAULT;
}

/* The HTTP side of all targets, with the secrets as they are now. */
static enum err_code
requests_make(struct src_prom *s, struct err *err)
{
	const struct http_ask ask = {
		.accept = "text/plain;version=0.0.4,"
			  "application/openmetrics-text;version=1.0.0;q=0.5,"
			  "*/*;q=0.1",
		.compressed = s->conf->compressed,
	};

	requests_free(s);
	return http_session_targets(&s->http, &ask, s->targets.urls,
	    s->targets.count, s->poll->cancel, s->requests, err);
}

static enum err_code
setup(struct src_prom *s, struct err *err)
{
	enum err_code code;

	code = prom_targets_load(&s->targets, s->conf, err);
	if (code != ERR_OK)
		return code;
	code = lists_make(s, err);
	if (code != ERR_OK)
		return code;
	s->rules.rules.targets = s->targets.names;
	s->rules.rules.target_count = s->targets.count;
	s->rules.rules.all =
	    s->conf->targets_file == NULL && s->targets.count == 1;
	code = series_new(&s->rules.rules, &s->series, err);
	if (code != ERR_OK)
		return code;
	s->http.connections = connections_for(s->targets.count);
	return requests_make(s, err);
}

/*
 * The file has another list now: fresh gets it, and the series follow. On
 * failure nothing changed: a list half written is no reason to stop.
 */
static enum err_code
list_read(struct src_prom *s, struct prom_targets *fresh, struct err *err)
{
	enum err_code code = prom_targets_load(fresh, s->conf, err);
	size_t *from;

	if (code != ERR_OK)
		return code;
	from = mem_calloc(fresh->count, sizeof(*from));
	if (from == NULL)
		return err_set(
		    err, ERR_NOMEM, "prometheus", "no memory for targets");
	prom_targets_inherit(fresh, &s->targets, from);
	code =
	    series_retarget(s->series, fresh->names, from, fresh->count, err);
	mem_free(from);
	return code;
}

/* Takes fresh in the place of the old list. */
static enum err_code
list_take(struct src_prom *s, struct prom_targets *fresh, struct err *err)
{
	enum err_code code;

	lists_free(s);
	prom_targets_release(&s->targets);
	s->targets = *fresh;
	*fresh = (struct prom_targets)PROM_TARGETS_INIT;
	code = lists_make(s, err);
	return code == ERR_OK ? requests_make(s, err) : code;
}

/* Set up for this round; what failed half way is torn down again. */
static enum err_code
prepare(struct src_prom *s, struct err *err)
{
	struct prom_targets fresh = PROM_TARGETS_INIT;
	enum err_code code = ERR_OK;

	err_clear(&s->list_err);
	if (s->requests == NULL)
		code = setup(s, err);
	else if (prom_targets_changed(&s->targets, s->conf) &&
		 list_read(s, &fresh, &s->list_err) == ERR_OK)
		code = list_take(s, &fresh, err);
	else if (s->refused)
		code = requests_make(s, err);
	prom_targets_release(&fresh);
	s->refused = false;
	if (code != ERR_OK)
		teardown(s);
	return code;
}

/* Rounds to wait after so many failures in a row. */
static uint32_t
patience(uint32_t failures)
{
	uint32_t rounds = 1;

	for (; failures > PROM_PATIENCE && rounds < PROM_SKIP_MAX; failures--)
		rounds *= 2;
	return rounds;
}

static void
target_failed(struct src_prom *s, struct prom_target *target,
    enum err_code code, const struct err *err)
{
	target->code = code;
	target->failures++;
	memcpy(target->why, err->msg, sizeof(target->why));
	if (err->msg[0] == '\0')
		memcpy(target->why, err_code_text(code),
		    strlen(err_code_text(code)) + 1);
	if (s->first.code == ERR_OK)
		s->first = *err;
	if (code == ERR_AUTH || code == ERR_FORBIDDEN)
		s->refused = true;
	if (s->targets.count > 1) {
		uint32_t rounds = patience(target->failures);

		/* Aligned, so that the dead ones slow down the same rounds. */
		target->ask_at = (s->round / rounds + 1) * rounds;
	}
}

/* A restart or counters that went back: charts and people want to know. */
static void
target_restarted(struct src_prom *s, const struct prom_target *target,
    const struct series_page *page)
{
	struct arena *arena = build_arena(s->poll->build);

	if ((!page->restarted && page->resets == 0) ||
	    s->events++ >= PROM_EVENTS_MAX)
		return;
	build_event(s->poll->build, s->poll->wall_ms, EVENT_RESTART,
	    text_clean_str(arena, target->name),
	    page->restarted
		? TEXT("the process was restarted")
		: text_fmt(arena, "%zu counters began anew", page->resets));
}

/* http_done_fn: one answer, or its failure. */
static void
target_done(void *ctx, size_t index, enum err_code code,
    const struct http_response *response, const struct err *why)
{
	struct src_prom *s = ctx;
	size_t at = s->asked_index[index];
	struct prom_target *target = &s->targets.items[at];
	struct series_page page = { .samples = 0 };
	struct err err = ERR_INIT;

	if (code == ERR_OK)
		code =
		    http_expect(response, target->name, HTTP_WANT_TEXT, &err);
	else
		err = *why;
	if (response != NULL && s->targets.count == 1)
		s->poll->retry_after_ns = http_retry_after_ns(response);
	if (code == ERR_OK)
		code =
		    series_read(s->series, at, expo_format_of(response->type),
			response->body, response->body_len, &page, &err);
	if (code != ERR_OK) {
		target_failed(s, target, code, &err);
		return;
	}
	target->code = ERR_OK;
	target->failures = 0;
	target->latency_ns = response->total_ns;
	target->samples = page.samples;
	target_restarted(s, target, &page);
}

/* Asks all targets whose turn it is; *ret_up: how many are up. */
static enum err_code
ask_all(struct src_prom *s, size_t *ret_up, struct err *err)
{
	struct poll *poll = s->poll;
	size_t i, count = 0;
	enum err_code code;

	s->round++;
	s->events = 0;
	err_clear(&s->first);
	series_round(s->series);
	for (i = 0; i < s->targets.count; i++) {
		if (s->targets.items[i].ask_at > s->round)
			continue;
		s->asked[count] = s->requests[i];
		s->asked_index[count++] = i;
	}
	code =
	    http_fetch_many(s->http.client, s->asked, count, HTTP_PARALLEL_MAX,
		target_done, s, poll->deadline, poll->cancel, err);
	/* Those that the deadline cut off are down, the others have answered.
	 */
	if (code == ERR_TIMEOUT)
		code = ERR_OK;
	*ret_up = 0;
	for (i = 0; i < s->targets.count; i++)
		*ret_up += s->targets.items[i].code == ERR_OK;
	return code;
}

static enum err_code
src_prom_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_prom *s = state;
	struct series_usage usage;
	enum err_code code;
	size_t up;

	s->poll = poll;
	code = prepare(s, err);
	if (code == ERR_OK)
		code = ask_all(s, &up, err);
	if (code == ERR_OK && up == 0) {
		code = s->first.code != ERR_OK ? s->first.code
					       : s->targets.items[0].code;
		err_set(err, code, "prometheus", "%s",
		    s->first.code != ERR_OK ? s->first.msg
					    : s->targets.items[0].why);
		if (s->targets.count > 1)
			err_prefix(
			    err, "all %zu targets are down", s->targets.count);
	}
	if (code != ERR_OK)
		return code;
	series_usage(s->series, &usage);
	prom_report(
	    poll->build, &s->targets, &usage, &s->list_err, s->env->redactor);
	series_publish(s->series, poll->build);
	return ERR_OK;
}

const struct source_ops src_prom = {
	.name = "prometheus.scrape",
	.help = "metrics pages (Prometheus text or OpenMetrics) of one target "
		"or of thousands",
	.options = &prom_conf_table,
	.config_size = sizeof(struct prom_conf),
	.every_ns = 5 * NS_PER_SEC,
	.timeout_ns = 5 * NS_PER_SEC,
	.open = src_prom_open,
	.poll = src_prom_poll,
	.close = src_prom_close,
	.check = prom_conf_check,
};
