/*
 * Source type "gcp.logging": log entries of Google Cloud, tailed by asking
 * again and again. One question serves everything that the source shows and
 * counts, because Google grants GCP_LOG_QUOTA of them a minute to all
 * readers of a project together; gcp_pace.h keeps to a share of that.
 *
 * A poll asks for the newest entries first and reads on into the past until
 * it meets what it has shown, or until its share is used up: what is shown
 * is then still of now, and how much was left out is said in its place.
 */
#include "datasrc/source.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "datasrc/gcp_api.h"
#include "datasrc/gcp_auth.h"
#include "datasrc/gcp_log_batch.h"
#include "datasrc/gcp_log_named.h"
#include "datasrc/gcp_logging_conf.h"
#include "datasrc/gcp_pace.h"
#include "datasrc/logcount.h"
#include "datasrc/logingest.h"
#include "datasrc/lograte.h"
#include "model/platform.h"

struct src_gcp_logging {
	const struct source_env *env;
	const struct gcp_logging_conf *conf;
	struct gcp_api api;
	struct gcp_pace pace;
	struct gcp_cursor cursor;
	struct gcp_entry_reader reader;
	struct gcp_log_named *named;
	struct logingest *ingest;
	struct logcount *searches;
	bool begun;	  /* the cursor has a place */
	bool read;	  /* a poll was good */
	int64_t siblings; /* sources of this dashboard on this project */
	size_t page;	  /* entries to ask for at once */
	int64_t skew_ms;  /* Google's clock less ours */
	struct err last;  /* of the last question */
	/* What was left out: about how many, and the last time. */
	uint64_t left_out;
	uint64_t last_gap;
	int64_t gap_at; /* clock_now(); 0: never */
	/* After the last question and after the one before it. */
	struct logingest_counts counts, before;
	int64_t counts_at, before_at;
};

/* One poll. */
struct log_poll {
	struct src_gcp_logging *s;
	struct poll *poll;
	struct gcp_log_batch batch;
	struct buf filter;
	struct buf body;
	struct buf page; /* token of the next one; empty: there is none */
};

static void
src_gcp_logging_close(void *state)
{
	struct src_gcp_logging *s = state;

	if (s == NULL)
		return;
	gcp_api_release(&s->api);
	gcp_cursor_release(&s->cursor);
	gcp_entry_reader_release(&s->reader);
	gcp_log_named_free(s->named);
	logingest_free(s->ingest);
	logcount_free(s->searches);
	mem_free(s);
}

/* How many sources of this kind the platform has on the same project. */
static int64_t
count_siblings(const struct source_env *env, const struct gcp_logging_conf *own)
{
	const struct platform *platform = env->platform;
	int64_t n = 0;

	for (size_t i = 0; platform != NULL && i < platform->source_count;
	     i++) {
		const struct platform_source *source = &platform->sources[i];
		const struct gcp_logging_conf *conf = source->config;

		n += source->enabled && source->ops == &src_gcp_logging &&
		     strcmp(conf->gcp.project, own->gcp.project) == 0;
	}
	return n > 0 ? n : 1;
}

static enum err_code
src_gcp_logging_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_gcp_logging *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	s->env = env;
	s->conf = config;
	s->page = GCP_LOG_PAGE;
	s->siblings = count_siblings(env, s->conf);
	gcp_entry_reader_init(&s->reader);
	s->reader.mask_emails = s->conf->mask_emails;
	s->reader.services = s->conf->services.count != 1;
	code = gcp_api_init(&s->api, &s->conf->gcp,
	    "https://logging.googleapis.com", env->tokens, env->redactor, err);
	if (code == ERR_OK)
		code = gcp_log_named_new(&s->conf->filters, &s->named, err);
	if (code == ERR_OK)
		code = logingest_new(env->logs, env->log_source, env->redactor,
		    LOGPARSE_AUTO, LOGTIME_UTC, &s->ingest, err);
	if (code == ERR_OK)
		code = logcount_new(env->platform,
		    logstore_source_name(env->logs, env->log_source),
		    &s->searches, err);
	if (code != ERR_OK) {
		src_gcp_logging_close(s);
		return code;
	}
	logingest_count(s->ingest, s->searches);
	*ret_state = s;
	return ERR_OK;
}

/* Google's time, as far as its last answer told it. */
static struct gcp_stamp
server_now(const struct log_poll *p)
{
	return gcp_stamp_of(p->poll->wall_ms + p->s->skew_ms);
}

/* Takes note of Google's clock; ours may be wrong by hours, or by decades
 * when it starts at 1970. What is beyond that is no clock's. */
static void
set_clock(struct log_poll *p, int64_t date_s)
{
	struct src_gcp_logging *s = p->s;
	int64_t skew_ms = date_s * 1000 - clock_wall_ms();
	int64_t limit_ms = GCP_LOG_SKEW_S * INT64_C(1000);
	int64_t most_ms = GCP_LOG_SKEW_DAYS * INT64_C(24) * 3600 * 1000;

	if (date_s == 0 || (skew_ms < limit_ms && skew_ms > -limit_ms) ||
	    skew_ms > most_ms || skew_ms < -most_ms)
		skew_ms = 0;
	s->skew_ms = skew_ms;
}

static void
begin(struct log_poll *p)
{
	int64_t history_ms = p->s->conf->history_ns / NS_PER_MS;

	gcp_cursor_release(&p->s->cursor);
	gcp_cursor_init(&p->s->cursor,
	    gcp_stamp_of(gcp_stamp_ms(server_now(p)) - history_ms));
}

static enum err_code
ask_page(struct log_poll *p, struct cJSON **ret_root, struct err *err)
{
	struct src_gcp_logging *s = p->s;
	const struct gcp_log_query query = gcp_logging_query(s->conf);
	const char *page = p->page.len > 0 ? buf_cstr(&p->page) : NULL;
	const struct gcp_post post = { .path = "/v2/entries:list",
		.body = &p->body,
		.what = "Cloud Logging",
		.body_max = GCP_LOG_BODY_MAX };
	int64_t date_s = 0;
	enum err_code code;

	buf_clear(&p->body);
	if (!gcp_log_body(
		&query, buf_cstr(&p->filter), s->page, page, &p->body))
		return err_set(err, ERR_NOMEM, "google", "no memory");
	code = gcp_api_post(&s->api, &post, p->poll, ret_root, &date_s, err);
	if (code == ERR_OK)
		set_clock(p, date_s);
	else if (code == ERR_TOOBIG && s->page > GCP_LOG_PAGE_MIN)
		s->page = s->page / 2 > GCP_LOG_PAGE_MIN ? s->page / 2
							 : GCP_LOG_PAGE_MIN;
	return code;
}

/*
 * Reads pages until they meet what was shown, or the share is used up, or
 * Google refuses more; then the token of the next page is left in p->page.
 */
static enum err_code
read_pages(struct log_poll *p, struct err *err)
{
	struct src_gcp_logging *s = p->s;
	struct cJSON *root = NULL;
	enum err_code code;

	do {
		const char *next;

		code = ask_page(p, &root, err);
		if (code == ERR_LIMITED && p->batch.listed > 0) {
			/* What is read is shown, or nothing ever would be. */
			gcp_pace_refused(&s->pace);
			err_clear(err);
			return ERR_OK;
		}
		if (code != ERR_OK)
			break;
		if (!gcp_log_batch_page(&p->batch, root, &s->cursor, &s->reader,
			s->named, gcp_stamp_ms(server_now(p))))
			code = err_set(err, ERR_BADDATA, "google",
			    "Cloud Logging: \"entries\" is no list");
		next = gcp_api_next(root);
		buf_clear(&p->page);
		if (code == ERR_OK && next != NULL && !buf_str(&p->page, next))
			code = err_set(err, ERR_TOOBIG, "google",
			    "Cloud Logging: the name of a page is too long");
		root = json_free(root);
	} while (code == ERR_OK && p->page.len > 0 &&
		 !gcp_log_batch_is_full(&p->batch) &&
		 gcp_pace_take(&s->pace, clock_now()));
	return code;
}

/* Says in its place what was left out since the entry shown last. */
static void
tell_gap(struct log_poll *p, struct gcp_stamp since, int64_t now)
{
	struct src_gcp_logging *s = p->s;
	struct arena *arena = build_arena(p->poll->build);
	uint64_t gap = gcp_log_batch_gap(&p->batch, since);
	char about[NUM_TEXT_MAX];

	if (p->page.len == 0 || p->batch.listed == 0)
		return;
	if (!s->read) {
		logingest_notice(s->ingest,
		    TEXT("— there are older entries, more than the quota "
			 "lets be read at once —"));
		return;
	}
	if (gap == 0)
		return;
	logingest_notice(s->ingest,
	    text_fmt(arena,
		"— about %s entries were left out here, more than the quota "
		"lets be read —",
		num_int(about, (int64_t)gap)));
	logstore_count_dropped(s->env->logs, gap);
	s->left_out += gap;
	s->last_gap = gap;
	s->gap_at = now;
}

static void
emit(struct log_poll *p, struct gcp_stamp since, int64_t now)
{
	struct src_gcp_logging *s = p->s;

	logingest_at(s->ingest, now, p->poll->wall_ms);
	tell_gap(p, since, now);
	for (size_t i = 0; i < p->batch.count; i++) {
		const struct gcp_log_item *item = &p->batch.items[i];

		if (item->lost)
			continue;
		logingest_parsed(s->ingest, &item->entry.line);
		gcp_log_named_count(s->named, &item->found);
	}
	logingest_flush(s->ingest);
	if (p->batch.lost > 0)
		logstore_count_dropped(s->env->logs, p->batch.lost);
	s->left_out += p->batch.lost;
	s->before = s->counts;
	s->before_at = s->counts_at;
	s->counts = *logingest_counts(s->ingest);
	s->counts.lost += s->left_out;
	s->counts_at = now;
}

/* Asks, and shows what is new. */
static enum err_code
tail(struct log_poll *p, struct err *err)
{
	struct src_gcp_logging *s = p->s;
	const struct gcp_log_query query = gcp_logging_query(s->conf);
	bool first = !s->read, skewed = s->skew_ms != 0;
	struct gcp_stamp since;
	enum err_code code;

	if (!s->begun)
		begin(p);
	s->begun = true;
	if (!gcp_log_filter(&query, s->cursor.from, &p->filter))
		return err_set(err, ERR_NOMEM, "google", "no memory");
	code = read_pages(p, err);
	if (code == ERR_LIMITED)
		gcp_pace_refused(&s->pace);
	if (code != ERR_OK)
		return code;
	gcp_pace_answered(&s->pace);
	gcp_log_batch_sort(&p->batch);
	since = s->cursor.newest;
	if (p->batch.starved || !gcp_cursor_take(&s->cursor, p->batch.marks,
				    p->batch.count, server_now(p)))
		return err_set(err, ERR_NOMEM, "google", "no memory");
	emit(p, since, clock_now());
	s->read = true;
	/* History was counted by a wrong clock: once more, by Google's. */
	if (first && !skewed && s->skew_ms != 0 && p->batch.listed == 0) {
		begin(p);
		s->read = false;
	}
	return ERR_OK;
}

static void
report_pace(const struct src_gcp_logging *s, struct build *build)
{
	struct arena *arena = build_arena(build);
	char every[NUM_TEXT_MAX], own[NUM_TEXT_MAX], each[64] = "";
	long long dashboards = (long long)s->conf->share;

	if (s->siblings > 1)
		snprintf(each, sizeof(each), ", each with %lld such sources",
		    (long long)s->siblings);

	num_duration(every, s->pace.every_ns);
	num_duration(own, s->pace.own_ns);
	if (gcp_pace_is_slowed(&s->pace))
		build_health(build, TEXT("pace"), STATE_WARN,
		    text_fmt(arena,
			"slowed to a question every %s: others use the quota "
			"as well; its share is one every %s",
			every, own),
		    -1);
	else
		build_health(build, TEXT("pace"), STATE_OK,
		    text_fmt(arena,
			"at most a question every %s: %d a minute, shared by "
			"%lld dashboard%s%s",
			every, GCP_LOG_QUOTA, dashboards,
			dashboards == 1 ? "" : "s", each),
		    -1);
}

static void
report_loss(const struct src_gcp_logging *s, int64_t now, struct build *build)
{
	struct arena *arena = build_arena(build);
	char about[NUM_TEXT_MAX];

	if (s->gap_at != 0 && now - s->gap_at < 60 * NS_PER_SEC)
		build_health(build, TEXT("left out"), STATE_WARN,
		    text_fmt(arena,
			"about %s entries at last; ask for fewer with "
			"severity or filter, or say with share that "
			"there are fewer dashboards",
			num_int(about, (int64_t)s->last_gap)),
		    -1);
	if (s->page < GCP_LOG_PAGE)
		build_health(build, TEXT("page"), STATE_WARN,
		    text_fmt(arena,
			"entries are so large that only %zu are asked for at "
			"once",
			s->page),
		    -1);
}

static void
report_age(
    const struct src_gcp_logging *s, int64_t wall_ms, struct build *build)
{
	struct arena *arena = build_arena(build);
	int64_t age_ms = wall_ms + s->skew_ms - gcp_stamp_ms(s->cursor.newest);
	bool any = s->cursor.seen_count > 0 || s->counts.lines > 0;
	char age[NUM_TEXT_MAX];

	num_duration(age, (age_ms > 0 ? age_ms : 0) * NS_PER_MS);
	build_health(build, TEXT("entries"), STATE_OK,
	    text_fmt(arena,
		any ? "the newest is %s old" : "none in the last %s", age),
	    -1);
	if (s->skew_ms == 0)
		return;
	num_duration(
	    age, (s->skew_ms < 0 ? -s->skew_ms : s->skew_ms) * NS_PER_MS);
	build_health(build, TEXT("clock"), STATE_WARN,
	    text_fmt(arena, "the clock of this machine is %s %s Google's", age,
		s->skew_ms < 0 ? "ahead of" : "behind"),
	    -1);
}

static void
answer(struct log_poll *p, int64_t now)
{
	struct src_gcp_logging *s = p->s;
	struct build *build = p->poll->build;
	const char *warning = gcp_auth_warning(s->api.auth);

	build_note(build, text_fmt(build_arena(build), "Cloud Logging, %s",
			      gcp_auth_who(s->api.auth)));
	if (warning[0] != '\0')
		build_health(build, TEXT("credentials"), STATE_WARN,
		    text_fmt(build_arena(build), "%s", warning), -1);
	lograte_report(
	    &s->before, &s->counts, s->before_at, s->counts_at, build);
	logcount_report(s->searches, build);
	gcp_log_named_report(s->named, build);
	report_age(s, p->poll->wall_ms, build);
	report_pace(s, build);
	report_loss(s, now, build);
}

/* Whose permission is missing Google does not always say. */
static void
explain(struct err *err)
{
	if (err->code == ERR_FORBIDDEN && strstr(err->msg, "ask for") == NULL &&
	    strstr(err->msg, "gcloud services") == NULL)
		err_prefix(err,
		    "the permission logging.logEntries.list is missing; ask "
		    "for roles/logging.viewer");
}

/* A question of its share, waiting a moment for it. */
static bool
take_turn(struct src_gcp_logging *s, const struct poll *poll)
{
	int64_t now = clock_now();
	int64_t wait = gcp_pace_wait_ns(&s->pace, now);

	if (wait > 0 && wait <= GCP_PACE_NAP_MS * NS_PER_MS &&
	    now + wait < poll->deadline)
		(void)io_wait(-1, 0, now + wait, poll->cancel, NULL);
	return gcp_pace_take(&s->pace, clock_now());
}

static enum err_code
src_gcp_logging_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_gcp_logging *s = state;
	struct log_poll p = { .s = s, .poll = poll };
	struct err why = ERR_INIT;
	int64_t wait;

	if (s->pace.every_ns == 0)
		gcp_pace_init(&s->pace, GCP_LOG_QUOTA,
		    s->conf->share * s->siblings, clock_now());
	buf_init(&p.filter, GCP_FILTER_MAX);
	buf_init(&p.body, 3 * GCP_FILTER_MAX);
	buf_init(&p.page, URL_MAX);
	if (take_turn(s, poll)) {
		if (gcp_log_batch_init(&p.batch))
			tail(&p, &why);
		else
			err_set(&why, ERR_NOMEM, "google", "no memory");
		explain(&why);
		gcp_log_batch_release(&p.batch);
		s->last = why;
	}
	buf_release(&p.filter);
	buf_release(&p.body);
	buf_release(&p.page);
	wait = gcp_pace_wait_ns(&s->pace, clock_now());
	if (poll->retry_after_ns < wait)
		poll->retry_after_ns = wait;
	if (s->last.code != ERR_OK)
		return err_set(
		    err, s->last.code, s->last.origin, "%s", s->last.msg);
	answer(&p, clock_now());
	return ERR_OK;
}

static void
src_gcp_logging_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	gcp_logging_conf_check(config, env->platform, node, errors);
}

static bool
src_gcp_logging_logs(const void *config)
{
	(void)config;
	return true;
}

const struct source_ops src_gcp_logging = {
	.name = "gcp.logging",
	.help = "log entries of Google Cloud, and how many named filters find",
	.options = &gcp_logging_table,
	.config_size = sizeof(struct gcp_logging_conf),
	.every_ns = 12 * NS_PER_SEC,
	.timeout_ns = 20 * NS_PER_SEC,
	.logs = src_gcp_logging_logs,
	.filters = "filters",
	.open = src_gcp_logging_open,
	.poll = src_gcp_logging_poll,
	.close = src_gcp_logging_close,
	.check = src_gcp_logging_check,
};
