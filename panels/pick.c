#include "panels/pick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/board.h"
#include "model/platform.h"
#include "model/signal_def.h"
#include "panels/box.h"

enum {
	CHANGE_REPEAT_MS = 2 * 60 * 1000
};

const struct section *
pick_watch(const struct panel_ctx *ctx)
{
	if (ctx->frame->slot_count == 0)
		return NULL;
	return ctx->frame->sections[ctx->frame->slot_count - 1];
}

const struct payload *
pick_watched(const struct panel_ctx *ctx)
{
	static const struct payload empty;
	const struct section *watch = pick_watch(ctx);

	return watch != NULL && watch->payload != NULL ? watch->payload
						       : &empty;
}

size_t
pick_source_count(const struct panel_ctx *ctx)
{
	return ctx->frame->slot_count > 0 ? ctx->frame->slot_count - 1 : 0;
}

const struct section *
pick_source(const struct panel_ctx *ctx, size_t slot)
{
	return slot < pick_source_count(ctx) ? ctx->frame->sections[slot]
					     : NULL;
}

/* Two platforms may have sources of the same name. */
static bool
is_one_platform(const struct panel_ctx *ctx)
{
	const struct section *first = NULL;

	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section == NULL)
			continue;
		if (first == NULL)
			first = section;
		if (strcmp(first->platform, section->platform) != 0)
			return false;
	}
	return true;
}

void
pick_put_source(struct text_buf *out, const struct panel_ctx *ctx,
    const struct section *section)
{
	tb_fmt(out, "%s", section->name);
	if (!is_one_platform(ctx)) /* behind it: it may be cut */
		tb_fmt(out, "@%s", section->platform);
}

void
pick_put_title(struct text_buf *out, const struct panel_ctx *ctx,
    struct text title, struct text platform)
{
	tb_text(out, title);
	if (platform.len == 0 || is_one_platform(ctx))
		return;
	tb_lit(out, "@");
	tb_text(out, platform);
}

bool
pick_table(const struct panel_ctx *ctx, const char *name, size_t i,
    const struct section **ret_section, const struct table **ret_table)
{
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);
		const struct table *table =
		    section != NULL ? payload_table(section->payload, name)
				    : NULL;

		if (table == NULL || i-- > 0)
			continue;
		*ret_section = section;
		*ret_table = table;
		return true;
	}
	return false;
}

/* What is configured but not polled says so, with the reason. */
static void
nothing_polled(
    const struct panel_ctx *ctx, const char *type, struct text_buf *out)
{
	for (size_t p = 0; p < ctx->platform_count; p++) {
		const struct platform *platform = ctx->platforms[p];

		for (size_t s = 0; s < platform->source_count; s++) {
			const struct platform_source *source =
			    &platform->sources[s];

			if (source->off == NULL ||
			    strcmp(source->type, type) != 0)
				continue;
			tb_fmt(out, "%s is not polled: %s", source->name,
			    source->off);
			return;
		}
	}
	tb_fmt(out, "no source of type %s is configured", type);
}

void
pick_nothing(const struct panel_ctx *ctx, const char *type, struct text words,
    struct text_buf *out)
{
	const struct section *silent = NULL;

	tb_init(out);
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section == NULL || strcmp(section->type, type) != 0)
			continue;
		if (section->payload != NULL) {
			tb_text(out, words);
			return;
		}
		if (silent == NULL || silent->failures == 0)
			silent = section;
	}
	if (silent == NULL)
		nothing_polled(ctx, type, out);
	else if (silent->failures == 0)
		tb_fmt(out, "%s: first answer pending", silent->name);
	else {
		tb_fmt(out, "no answer from %s yet: ", silent->name);
		tb_text(out, silent->why);
	}
}

const struct health *
pick_health(const struct section *section, const char *target)
{
	const struct payload *payload =
	    section != NULL ? section->payload : NULL;

	for (size_t i = 0; payload != NULL && i < payload->health_count; i++) {
		if (text_eq(payload->health[i].target, text_lit(target)))
			return &payload->health[i];
	}
	return NULL;
}

enum state
pick_section_state(const struct section *section, int64_t now)
{
	const struct payload *payload = section->payload;
	enum state worst = board_source_state(section, now);

	if (section_freshness(section, now) != FRESH_OK)
		return worst;
	for (size_t i = 0; i < payload->health_count; i++)
		worst = state_worst(worst, payload->health[i].state);
	return worst;
}

double
pick_num(const struct table *table, size_t row, const char *column)
{
	int c = table_column(table, column);

	return c >= 0 ? table->rows[row].cells[c].num : NAN;
}

struct text
pick_text(const struct table *table, size_t row, const char *column)
{
	int c = table_column(table, column);

	return c >= 0 ? table->rows[row].cells[c].text : TEXT_EMPTY;
}

static int
severity_rank(enum state state)
{
	return state == STATE_CRIT ? 0 : state == STATE_WARN ? 1 : 2;
}

static int
alert_compare(const void *a, const void *b)
{
	static const int rank[] = {
		[ALERT_FIRING] = 0,
		[ALERT_PENDING] = 1,
		[ALERT_RESOLVED] = 2,
	};
	const struct alert *x = *(const struct alert *const *)a;
	const struct alert *y = *(const struct alert *const *)b;

	if (rank[x->state] != rank[y->state])
		return rank[x->state] - rank[y->state];
	if (severity_rank(x->severity) != severity_rank(y->severity))
		return severity_rank(x->severity) - severity_rank(y->severity);
	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	return text_cmp(x->title, y->title);
}

size_t
pick_alerts(const struct payload *watched, const struct alert **out, size_t max)
{
	size_t n = watched->alert_count < max ? watched->alert_count : max;

	for (size_t i = 0; i < n; i++)
		out[i] = &watched->alerts[i];
	qsort(out, n, sizeof(*out), alert_compare);
	return n;
}

void
when_clock(struct text_buf *out, const struct panel_ctx *ctx, int64_t wall_ms)
{
	time_t at = (time_t)(wall_ms / 1000);
	time_t today = (time_t)(ctx->wall_ms / 1000);
	struct tm tm = { 0 }, now = { 0 };

	if (ctx->zone == ZONE_LOCAL) {
		localtime_r(&at, &tm);
		localtime_r(&today, &now);
	} else {
		gmtime_r(&at, &tm);
		gmtime_r(&today, &now);
	}
	if (tm.tm_yday != now.tm_yday || tm.tm_year != now.tm_year)
		tb_fmt(out, "%02d-%02d ", tm.tm_mon + 1, tm.tm_mday);
	tb_fmt(out, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
put_span(struct text_buf *out, int64_t ns)
{
	int64_t seconds = ns / NS_PER_SEC;

	if (seconds > 0 && seconds % 86400 == 0)
		tb_fmt(out, "%lldd", (long long)(seconds / 86400));
	else if (seconds > 0 && seconds % 3600 == 0)
		tb_fmt(out, "%lldh", (long long)(seconds / 3600));
	else if (seconds > 0 && seconds % 60 == 0)
		tb_fmt(out, "%lldm", (long long)(seconds / 60));
	else
		tb_duration(out, ns);
}

int64_t
pick_span(const struct panel_ctx *ctx)
{
	static const int64_t spans_s[] = { 2 * 60, 5 * 60 };
	const struct section *watch = pick_watch(ctx);

	for (size_t i = 0; watch != NULL && i < ARRAY_LEN(spans_s); i++) {
		if (ctx->now - watch->started_at < spans_s[i] * NS_PER_SEC)
			return spans_s[i] * NS_PER_SEC;
	}
	return 15 * 60 * NS_PER_SEC;
}

const char *
pick_event_word(enum event_kind kind)
{
	static const char *const words[EVENT_KIND_COUNT] = {
		[EVENT_DEPLOY] = "deploy",
		[EVENT_RESTART] = "restart",
		[EVENT_FLAG] = "flag",
		[EVENT_SCALE] = "scale",
		[EVENT_STATE] = "state",
		[EVENT_ACTION] = "action",
		[EVENT_OTHER] = "change",
	};

	return words[kind];
}

bool
pick_is_change(const struct payload *watched, size_t i)
{
	const struct event *event = &watched->events[i];

	if (event->kind == EVENT_STATE)
		return false;
	for (size_t j = 0; j < watched->event_count; j++) {
		const struct event *other = &watched->events[j];
		int64_t later = event->wall_ms - other->wall_ms;

		/* Of two at the same time the first stands for both. */
		if (other->kind == event->kind &&
		    text_eq(other->subject, event->subject) &&
		    /* Back at once is a change of its own, again is not. */
		    (event->kind == EVENT_RESTART ||
			text_eq(other->text, event->text)) &&
		    (later > 0 || (later == 0 && j < i)) &&
		    later < CHANGE_REPEAT_MS)
			return false;
	}
	return true;
}

size_t
pick_marks(const struct panel_ctx *ctx, double *out, size_t max)
{
	const struct payload *watched = pick_watched(ctx);
	double span = (double)pick_span(ctx) / NS_PER_MS;
	size_t n = 0;

	for (size_t i = 0; i < watched->event_count && n < max; i++) {
		const struct event *event = &watched->events[i];
		double ago = (double)(ctx->wall_ms - event->wall_ms);

		if (pick_is_change(watched, i) && ago >= 0 && ago < span)
			out[n++] = 1 - ago / span;
	}
	return n;
}

void
put_last(struct text_buf *out, const struct panel_ctx *ctx)
{
	tb_lit(out, "last ");
	put_span(out, pick_span(ctx));
}

void
pick_signal_value(const struct signal *signal, struct text_buf *out)
{
	tb_init(out);
	if (!isnan(signal->value))
		tb_num(out, signal->value, signal->unit);
	else if (signal->idle)
		tb_lit(out, "idle");
	else
		tb_lit(out, "?");
}

enum role
pick_signal_role(const struct signal *signal)
{
	if (isnan(signal->value))
		return signal->idle ? ROLE_DIM : ROLE_UNKNOWN;
	return signal->state == STATE_OK ? ROLE_TEXT
					 : state_role(signal->state);
}

void
when_age(struct text_buf *out, const struct panel_ctx *ctx, double wall_ms)
{
	double ms = (double)ctx->wall_ms - wall_ms;

	if (isfinite(ms) && ms >= 0 && ms < 1e12)
		put_age(out, (int64_t)ms * NS_PER_MS);
	else
		tb_num(out, NAN, NUM_SECONDS);
}

void
when_cell(struct text_buf *out, const struct panel_ctx *ctx, double wall_ms)
{
	if (isfinite(wall_ms))
		when_clock(out, ctx, (int64_t)wall_ms);
	else
		tb_num(out, NAN, NUM_NONE);
}

void
pick_threshold(
    struct text_buf *out, const struct threshold *threshold, enum num_unit unit)
{
	if (!threshold->set)
		return;
	tb_fmt(out, "%s ", signal_compare_text(threshold->compare));
	if (unit == NUM_SECONDS && threshold->value >= 60)
		put_span(out, (int64_t)(threshold->value * 1e9));
	else
		tb_num(out, threshold->value, unit);
}

void
pick_metric_name(struct text_buf *out, const struct metric *metric)
{
	tb_text(out, metric->name);
	for (uint32_t i = 0; i < metric->label_count; i++) {
		tb_lit(out, " ");
		tb_text(out, metric->labels[i].key);
		tb_lit(out, "=");
		tb_text(out, metric->labels[i].value);
	}
}
