#include "panels/panel_overview.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/board.h"
#include "panels/box.h"
#include "panels/culprit.h"
#include "panels/hint.h"
#include "panels/pick.h"

enum {
	OVERVIEW_ALERTS_MAX = PAYLOAD_ALERTS_MAX,
	ALERT_W_MAX = 130,  /* the eye loses longer rows, if no words need it */
	ALERT_BRIEF_W = 60, /* narrower there is only what can't be missed */
	ALERT_WIDE_W = 100, /* wider there is room for what a key acts on */
	ALERT_WORDS_W = 20, /* of what has no value; the rest may be cut */
	ALERT_TITLE_X = 5,  /* behind the selection and the sign */
	ALERT_HINT_GAP = 2, /* cells before the key */
};

struct overview_rows
overview_alerts_rows(const struct panel_ctx *ctx)
{
	const struct payload *watched = pick_watched(ctx);
	int count = (int)watched->alert_count, firing = 0;

	for (int i = 0; i < count; i++)
		firing += watched->alerts[i].state == ALERT_FIRING;
	return (struct overview_rows) {
		.least = 1 + (firing > 0 ? firing : 1),
		.want = 1 + (count > 0 ? count : 1),
	};
}

/* The one line of a calm screen. */
static void
draw_calm(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct section *watch = pick_watch(ctx);
	struct text_buf tb;
	struct board board;

	board_read(ctx->frame, NULL, ctx->now, &board);
	tb_init(&tb);
	if (board.pending > 0) {
		tb_fmt(&tb,
		    "no alerts; %zu of %zu sources still have to give "
		    "their first answer",
		    board.pending, board.sources);
		box_words(canvas, area, tb_end(&tb), ROLE_DIM);
	} else if (board.sources == 0) {
		box_words(canvas, area, TEXT("no sources are configured"),
		    ROLE_UNKNOWN);
	} else if (board.state == STATE_OK) {
		tb_lit(&tb, "all is well");
		if (watch != NULL) {
			tb_lit(&tb, ", watching for ");
			put_age(&tb, ctx->now - watch->started_at);
		}
		box_words(canvas, area, tb_end(&tb), ROLE_OK);
	} else {
		box_words(canvas, area,
		    TEXT("no alerts, but not everything is known: see below"),
		    ROLE_UNKNOWN);
	}
}

static void
alert_value(struct text_buf *tb, const struct alert *alert, bool brief)
{
	tb_init(tb);
	if (isnan(alert->value)) {
		tb_text(tb, alert->detail);
		return;
	}
	tb_num(tb, alert->value, alert->unit);
	if (alert->threshold.set && !brief) {
		tb_lit(tb, "  (");
		pick_threshold(tb, &alert->threshold, alert->unit);
		tb_lit(tb, ")");
	}
}

static void
alert_age(struct text_buf *tb, const struct panel_ctx *ctx,
    const struct alert *alert, bool wide)
{
	tb_init(tb);
	if (alert->state == ALERT_PENDING)
		tb_lit(tb, "pending ");
	else if (alert->state == ALERT_RESOLVED)
		tb_lit(tb, "resolved, began ");
	else
		tb_lit(tb, "for ");
	if (alert->state != ALERT_RESOLVED)
		put_age(tb, ctx->now - alert->since);
	if (alert->state == ALERT_RESOLVED || wide) {
		if (alert->state != ALERT_RESOLVED)
			tb_lit(tb, "   since ");
		when_clock(tb, ctx, alert->since_wall_ms);
	}
}

/* How the rows of the screen are laid out. */
struct alert_look {
	int title_w;
	bool brief; /* a value without its limit */
	enum hint_form hint;
	bool since; /* when it began, beside for how long */
};

static void
draw_alert(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row,
    const struct alert *alert, const struct alert_look *look, bool selected)
{
	enum role role = state_role(alert->severity);
	struct text_buf title, value, age;
	int age_w, value_w, x = row.x;

	if (alert->state == ALERT_RESOLVED)
		role = ROLE_OK;
	else if (alert->state == ALERT_PENDING)
		role = ROLE_DIM;
	tb_init(&title);
	pick_put_title(&title, ctx, alert->title, alert->platform);
	alert_value(&value, alert, look->brief);
	alert_age(&age, ctx, alert, look->since);
	age_w = (int)tb_end(&age).width;
	if (selected)
		canvas_text(
		    canvas, row, row.y, x, TEXT(">"), ROLE_TITLE, CELL_BOLD);
	canvas_text(canvas, row, row.y, x + 2,
	    alert->state == ALERT_RESOLVED ? TEXT("ok")
					   : state_sign(alert->severity),
	    role, CELL_BOLD);
	canvas_text_cut(canvas, row, row.y, x + ALERT_TITLE_X, look->title_w,
	    tb_end(&title), alert->state == ALERT_FIRING ? role : ROLE_TEXT,
	    alert->state == ALERT_FIRING ? CELL_BOLD : 0);
	x += ALERT_TITLE_X + look->title_w + 2;
	value_w = row.w - (x - row.x) - age_w - 2;
	if (value_w > 6 || value_w >= (int)tb_end(&value).width)
		canvas_text_cut(canvas, row, row.y, x, value_w, tb_end(&value),
		    alert->state == ALERT_FIRING ? role : ROLE_DIM, 0);
	canvas_text_right(canvas, row, row.y, x, row.w - (x - row.x),
	    tb_end(&age), ROLE_DIM, 0);
}

/* What is over needs nothing done about it. */
static void
find_hint(const struct panel_ctx *ctx, const struct alert *alert,
    struct panel_hint *hint)
{
	struct panel_target target = { .section = NULL };

	*hint = (struct panel_hint) { .off = false };
	if (alert->state == ALERT_RESOLVED)
		return;
	culprit_find(ctx, alert, &target);
	hint_find(ctx, &target, hint);
}

/* Cells of a row with the time at which it began, of words at most words_w. */
static int
row_width(const struct panel_ctx *ctx, const struct alert *alert, int title_w,
    int words_w)
{
	struct text_buf value, age;
	int value_w;

	alert_value(&value, alert, false);
	alert_age(&age, ctx, alert, true);
	value_w = (int)tb_end(&value).width;
	if (isnan(alert->value) && value_w > words_w)
		value_w = words_w;
	return ALERT_TITLE_X + title_w + 2 + value_w + 2 +
	       (int)tb_end(&age).width;
}

/* The rows on the screen, each with its key behind it. */
static void
draw_rows(const struct panel_ctx *ctx, struct canvas *canvas, struct rect body,
    const struct alert *const *alerts, size_t count, size_t selected,
    int title_w)
{
	struct alert_look look = { .title_w = title_w,
		.brief = body.w < ALERT_BRIEF_W,
		.hint = HINT_WORD,
		.since = true };
	struct panel_hint hints[OVERVIEW_ALERTS_MAX];
	struct rect row = { body.y, body.x, 1, body.w };
	int hint_w = 0, most_w = ALERT_W_MAX;

	if (look.brief)
		look.hint = HINT_KEY;
	else if (body.w >= ALERT_WIDE_W)
		look.hint = HINT_FULL;
	for (size_t i = 0; i < count; i++) {
		int w;

		find_hint(ctx, alerts[i], &hints[i]);
		w = hint_width(&hints[i], look.hint);
		hint_w = w > hint_w ? w : hint_w;
	}
	if (hint_w > most_w / 3 || hint_w > row.w / 3)
		hint_w = (row.w < most_w ? row.w : most_w) / 3;
	row.w -= hint_w > 0 ? hint_w + ALERT_HINT_GAP : 0;
	most_w -= hint_w > 0 ? hint_w + ALERT_HINT_GAP : 0;
	for (size_t i = 0; i < count; i++) {
		int w = row_width(ctx, alerts[i], title_w, row.w);

		most_w = w > most_w ? w : most_w;
	}
	if (row.w > most_w)
		row.w = most_w;
	/* The time hides no value; words may be cut. */
	for (size_t i = 0; i < count; i++)
		look.since = look.since && row_width(ctx, alerts[i], title_w,
					       ALERT_WORDS_W) <= row.w;
	for (size_t i = 0; i < count; i++, row.y++) {
		draw_alert(ctx, canvas, row, alerts[i], &look, i == selected);
		hint_draw(canvas,
		    (struct rect) {
			row.y, row.x + row.w + ALERT_HINT_GAP, 1, hint_w },
		    &hints[i], look.hint, i == selected);
	}
}

/* As wide as the longest title, so that the words behind have the rest. */
static int
title_width(const struct panel_ctx *ctx, const struct alert *const *alerts,
    size_t count, int row_w)
{
	int most = row_w >= ALERT_WIDE_W    ? 40
		   : row_w >= ALERT_BRIEF_W ? 24
					    : 18;
	int width = 12;

	for (size_t i = 0; i < count; i++) {
		struct text_buf title;

		tb_init(&title);
		pick_put_title(
		    &title, ctx, alerts[i]->title, alerts[i]->platform);
		if ((int)tb_end(&title).width > width)
			width = (int)tb_end(&title).width;
	}
	return width < most ? width : most;
}

uint64_t
overview_alert_id(const struct alert *alert)
{
	const struct label of = { .key = TEXT("platform"),
		.value = alert->platform };

	return metric_id(alert->name, &of, 1) | 1;
}

/* Follows the selected alert to its new place, or to what fires. */
static void
settle(struct overview_view *view, const struct alert *const *alerts,
    size_t count, size_t page)
{
	for (size_t i = 0; i < count; i++) {
		if (overview_alert_id(alerts[i]) == view->selected) {
			view->at = i;
			break;
		}
	}
	/* What fires is what keys are for, unless somebody wants another. */
	if (!view->chosen && view->at < count &&
	    alerts[view->at]->state != ALERT_FIRING)
		view->at = 0;
	if (view->at >= count)
		view->at = count - 1;
	view->selected = overview_alert_id(alerts[view->at]);
	if (view->at < view->top)
		view->top = view->at;
	if (view->at >= view->top + page)
		view->top = view->at - page + 1;
}

void
overview_alerts(struct overview_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	const struct alert *alerts[OVERVIEW_ALERTS_MAX];
	size_t count =
	    pick_alerts(pick_watched(ctx), alerts, OVERVIEW_ALERTS_MAX);
	size_t firing = 0, page;
	struct text_buf title;
	struct rect body;

	for (size_t i = 0; i < count; i++)
		firing += alerts[i]->state == ALERT_FIRING;
	page = area.h > 1 ? (size_t)area.h - 1 : 0;
	tb_init(&title);
	tb_lit(&title, "alerts");
	if (count > 0)
		tb_fmt(&title, " %zu firing", firing);
	if (count > page && page > 0)
		tb_fmt(&title, ", %zu not shown", count - page);
	if (pick_watch(ctx) != NULL)
		body = box_section(
		    canvas, area, tb_end(&title), pick_watch(ctx), ctx->now);
	else /* always there, but not judged anything yet */
		body = box_title(canvas, area, tb_end(&title),
		    TEXT("first answer…"), ROLE_DIM);
	if (page == 0)
		return;
	if (count == 0) {
		draw_calm(ctx, canvas, body);
		return;
	}
	settle(view, alerts, count, page);
	draw_rows(ctx, canvas, body, &alerts[view->top],
	    count - view->top < page ? count - view->top : page,
	    view->at - view->top, title_width(ctx, alerts, count, body.w));
}
