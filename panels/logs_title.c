/* Head of the log panel: what is shown, how fast it comes, when it came. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/textbuf.h"
#include "panels/box.h"
#include "panels/logs_impl.h"
#include "panels/pick.h"

enum {
	BARS_MAX = LOGVIEW_BUCKETS,
	BARS_LEFT = 6,
	BARS_BESIDE = 40, /* cells for the words behind the bars */
	TITLE_BESIDE = 4, /* a bit of rule and blanks before the age */
};

static bool
is_log(const struct section *section)
{
	/* Types are words of their own table; this layer can't see it. */
	return section != NULL && section->logs;
}

/* The log source that is worst off; NULL: there is none. */
static const struct section *
worst_source(const struct panel_ctx *ctx)
{
	const struct section *worst = NULL;
	size_t i;

	for (i = 0; ctx->frame != NULL && i < ctx->frame->slot_count; i++) {
		const struct section *section = ctx->frame->sections[i];

		if (!is_log(section))
			continue;
		if (worst == NULL || section_freshness(section, ctx->now) >
					 section_freshness(worst, ctx->now))
			worst = section;
	}
	return worst;
}

/* A word of the title and the role that it is to stand out with. */
struct title {
	struct text_buf tb;
	struct {
		uint32_t from, to;
		enum role role;
	} parts[8];
	size_t count;
	uint32_t room;	      /* cells that the title may take */
	struct text_buf kept; /* before the part in hand */
};

static void
part_begin(struct title *title, enum role role)
{
	title->kept = title->tb;
	if (title->tb.width > 0)
		tb_lit(&title->tb, "  ");
	if (title->count < ARRAY_LEN(title->parts)) {
		title->parts[title->count].from = title->tb.width;
		title->parts[title->count].role = role;
	}
}

static void
part_end(struct title *title)
{
	if (title->count < ARRAY_LEN(title->parts))
		title->parts[title->count++].to = title->tb.width;
}

/* A part that is left out when it does not fit as a whole. */
static void
part_end_if_room(struct title *title)
{
	if (title->tb.width <= title->room)
		part_end(title);
	else
		title->tb = title->kept;
}

static void
title_state(struct title *title, const struct logs_view *view,
    const struct panel_ctx *ctx, const struct logview_status *st)
{
	part_begin(title, view->paused || ctx->frozen ? ROLE_WARN : ROLE_OK);
	if (ctx->frozen) {
		tb_lit(&title->tb, "FROZEN");
	} else if (!view->paused) {
		tb_lit(&title->tb, "FOLLOW");
	} else {
		tb_lit(&title->tb, "PAUSED");
		if (st->next > view->paused_next) {
			tb_lit(&title->tb, " +");
			tb_int(&title->tb,
			    (int64_t)(st->next - view->paused_next));
			tb_lit(&title->tb, " new");
		}
	}
	part_end(title);
}

static void
title_filter(struct title *title, const struct logs_view *view,
    const struct logview_status *st)
{
	if (view->level != LOG_LEVEL_NONE) {
		part_begin(title, ROLE_KEY);
		tb_text(&title->tb, text_lit(log_level_name(view->level)));
		if (view->level != LOG_LEVEL_FATAL)
			tb_lit(&title->tb, "+");
		part_end(title);
	}
	if (view->filter[0] != '\0') {
		part_begin(title, ROLE_KEY);
		tb_lit(&title->tb, "filter ");
		tb_fmt(&title->tb, "%s", view->filter);
		part_end(title);
	}
	if (st->waiting > 0) {
		uint64_t all = st->scanned + st->waiting;

		part_begin(title, ROLE_NOTICE);
		tb_fmt(&title->tb, "%d %% looked at",
		    all > 0 ? (int)(st->scanned * 100 / all) : 0);
		part_end(title);
	}
}

static void
title_search(struct title *title, const struct logs_view *view,
    const struct logview_status *st)
{
	if (view->search[0] != '\0') {
		part_begin(title, ROLE_MATCH);
		tb_lit(&title->tb, "/");
		tb_fmt(&title->tb, "%s", view->search);
		tb_lit(&title->tb, " ");
		tb_int(&title->tb, (int64_t)st->hits);
		tb_text(&title->tb,
		    st->hits == 1 ? TEXT(" match") : TEXT(" matches"));
		if (st->unsearched > 0)
			tb_lit(&title->tb, " so far");
		part_end(title);
	}
	if (st->costly > 0) {
		part_begin(title, ROLE_WARN);
		tb_lit(&title->tb, "~ pattern too costly on ");
		tb_int(&title->tb, (int64_t)st->costly);
		tb_text(&title->tb,
		    st->costly == 1 ? TEXT(" line") : TEXT(" lines"));
		part_end(title);
	}
}

static void
title_sources(struct title *title, const struct panel_ctx *ctx)
{
	uint16_t i;

	part_begin(title, ROLE_DIM);
	for (i = 0; i < LOG_SOURCES_MAX; i++) {
		struct text name = logstore_source_name(ctx->logs, i);

		if (name.len == 0)
			break;
		if (i > 0)
			tb_lit(&title->tb, " + ");
		tb_text(&title->tb, name);
	}
	part_end_if_room(title);
}

static void
title_dropped(struct title *title, uint64_t dropped)
{
	part_begin(title, dropped > 0 ? ROLE_WARN : ROLE_DIM);
	tb_int(&title->tb, (int64_t)dropped);
	tb_lit(&title->tb, " dropped");
	if (dropped > 0)
		part_end(title);
	else
		part_end_if_room(title);
}

/*
 * Lines a second as they come in; but of sources that are asked seldom, and
 * then bring many at once, as many as they say.
 */
static double
lines_rate(const struct panel_ctx *ctx)
{
	double sum = 0;
	bool seldom = false;

	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);
		const struct metric *rate;

		if (!is_log(section))
			continue;
		if (section->every_ns > LOG_RATE_SECONDS * NS_PER_SEC)
			seldom = true;
		rate = payload_metric(section->payload, "lines_per_s");
		if (rate != NULL && !isnan(rate->value))
			sum += rate->value;
	}
	return seldom ? sum : logstore_rate(ctx->logs, ctx->now);
}

struct rect
logs_draw_title(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct title title = { .count = 0 };
	struct logview_status st;
	struct logstore_stats stats;
	const struct section *worst = worst_source(ctx);
	struct text_buf age;
	enum role age_role = ROLE_DIM;
	struct rect left;
	size_t i;

	logview_status(view->lines, &st);
	logstore_stats(ctx->logs, &stats);
	tb_init(&title.tb);
	tb_init(&age);
	if (worst != NULL)
		age_role = box_age(worst, ctx->now, &age);
	if (area.w > (int)tb_end(&age).width + TITLE_BESIDE)
		title.room =
		    (uint32_t)area.w - tb_end(&age).width - TITLE_BESIDE;
	tb_lit(&title.tb, "logs");
	title_state(&title, view, ctx, &st);
	title_filter(&title, view, &st);
	title_search(&title, view, &st);
	if (stats.dropped > 0)
		title_dropped(&title, stats.dropped);
	part_begin(&title, ROLE_TITLE);
	tb_num(&title.tb, lines_rate(ctx), NUM_NONE);
	tb_lit(&title.tb, " lines/s");
	part_end_if_room(&title);
	if (stats.dropped == 0)
		title_dropped(&title, 0);
	title_sources(&title, ctx);
	left = box_title(canvas, area, text_cut(tb_end(&title.tb), title.room),
	    tb_end(&age), age_role);
	for (i = 0; i < title.count; i++) {
		uint32_t from = title.parts[i].from, to = title.parts[i].to;
		struct rect part = { area.y, area.x + (int)from, 1,
			(int)(to - from) };
		struct rect seen = { area.y, area.x, 1, (int)title.room };

		canvas_restyle(canvas, rect_clip(part, seen),
		    title.parts[i].role,
		    title.parts[i].role == ROLE_DIM ? 0 : CELL_BOLD);
	}
	return left;
}

static void
clock_minutes(struct text_buf *tb, int64_t wall_ms, enum zone zone)
{
	struct text_buf whole;

	tb_init(&whole);
	logs_time(&whole, wall_ms, wall_ms, zone, 8);
	tb_text(tb, text_cut(tb_end(&whole), 5));
}

/* The newest change of the time that the bars show. */
static const struct event *
newest_change(const struct panel_ctx *ctx, int64_t from_ms)
{
	const struct event *newest = NULL;
	size_t i, k;

	for (i = 0; ctx->frame != NULL && i < ctx->frame->slot_count; i++) {
		const struct section *section = ctx->frame->sections[i];

		if (section == NULL || section->payload == NULL)
			continue;
		for (k = 0; k < section->payload->event_count; k++) {
			const struct event *e = &section->payload->events[k];

			if (e->wall_ms >= from_ms &&
			    e->wall_ms <= ctx->wall_ms &&
			    e->kind != EVENT_STATE &&
			    (newest == NULL || e->wall_ms > newest->wall_ms))
				newest = e;
		}
	}
	return newest;
}

static void
draw_bars(struct canvas *canvas, struct rect row, int x, int bars,
    const struct logview_bucket *buckets)
{
	static const char *const steps[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇",
		"█" };
	int per = BARS_MAX / bars, i, k;
	uint32_t lines[BARS_MAX] = { 0 }, errors[BARS_MAX] = { 0 }, most = 0;

	for (i = 0; i < bars; i++) {
		for (k = 0; k < per; k++) {
			lines[i] += buckets[i * per + k].lines;
			errors[i] += buckets[i * per + k].errors;
		}
		if (lines[i] > most)
			most = lines[i];
	}
	for (i = 0; i < bars; i++) {
		int step = most > 0 ? (int)((uint64_t)lines[i] * 7 / most) : 0;

		/* One line in a bar is seen, whatever the highest is. */
		if (step == 0 && lines[i] > 0)
			step = 1;
		canvas_text(canvas, row, row.y, x + i, text_lit(steps[step]),
		    errors[i] > 0  ? ROLE_CRIT
		    : lines[i] > 0 ? ROLE_CHART
				   : ROLE_DIM,
		    0);
	}
}

struct rect
logs_draw_histogram(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	static const int widths[] = { 180, 90, 60, 45, 36, 30, 20, 15 };
	struct logview_bucket buckets[BARS_MAX];
	struct rect row = { area.y, area.x, 1, area.w };
	int64_t from_ms = ctx->wall_ms - (int64_t)BARS_MAX * LOGVIEW_BUCKET_MS;
	const struct event *change = newest_change(ctx, from_ms);
	struct text_buf tb;
	size_t i = 0;
	int x;

	while (i + 1 < ARRAY_LEN(widths) &&
	       widths[i] > area.w - BARS_LEFT - BARS_BESIDE)
		i++;
	logview_histogram(view->lines, ctx->wall_ms, buckets, BARS_MAX);
	draw_bars(canvas, row, area.x + BARS_LEFT, widths[i], buckets);
	x = area.x + BARS_LEFT + widths[i] + 2;
	tb_init(&tb);
	clock_minutes(&tb, from_ms, ctx->zone);
	tb_lit(&tb, " ── ");
	clock_minutes(&tb, ctx->wall_ms, ctx->zone);
	x = canvas_text(canvas, row, row.y, x, tb_end(&tb), ROLE_AXIS, 0);
	if (change != NULL) {
		int at = (int)((change->wall_ms - from_ms) * widths[i] /
			       ((int64_t)BARS_MAX * LOGVIEW_BUCKET_MS));

		tb_init(&tb);
		tb_lit(&tb, "  ↑ ");
		tb_text(&tb, change->subject);
		tb_lit(&tb, " ");
		logs_time(&tb, change->wall_ms, ctx->wall_ms, ctx->zone, 8);
		canvas_text_cut(canvas, row, row.y, x, area.x + area.w - x,
		    tb_end(&tb), ROLE_MARK, 0);
		if (at < widths[i])
			canvas_restyle(canvas,
			    (struct rect) {
				row.y, area.x + BARS_LEFT + at, 1, 1 },
			    ROLE_MARK, CELL_UNDERLINE);
	}
	return (struct rect) { area.y + 1, area.x, area.h - 1, area.w };
}

void
logs_draw_reason(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct logview_status st;
	const struct section *worst = worst_source(ctx);
	struct text_buf tb;

	logview_status(view->lines, &st);
	tb_init(&tb);
	if (st.waiting > 0) {
		tb_lit(&tb, "looking through ");
		tb_int(&tb, (int64_t)(st.waiting + st.scanned));
		tb_lit(&tb, " lines…");
	} else if (st.scanned > 0) {
		tb_lit(&tb, "all ");
		tb_int(&tb, (int64_t)st.scanned);
		tb_lit(&tb, " lines are hidden by the ");
		tb_text(&tb, view->filter[0] == '\0'
				 ? TEXT("lowest level (v changes it)")
				 : TEXT("filter (f changes it)"));
	} else if (worst == NULL) {
		tb_lit(&tb, "no log source is configured: add one of type "
			    "logfile");
	} else if (worst->code != ERR_OK) {
		tb_lit(&tb, "no lines yet: ");
		tb_text(&tb, worst->why);
	} else if (worst->good_at == 0) {
		tb_lit(&tb, "no lines yet: opening the files…");
	} else {
		tb_lit(&tb, "no lines yet: the files are followed and nothing "
			    "was written");
	}
	box_words(canvas, area, tb_end(&tb),
	    worst != NULL && worst->code != ERR_OK && worst->code != ERR_WAITING
		? ROLE_CRIT
		: ROLE_DIM);
}
