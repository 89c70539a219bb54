/* What changed, and the newest errors of the logs. */
#include "panels/panel_overview.h"

#include <stdlib.h>

#include "base/clock.h"
#include "model/logstore.h"
#include "panels/box.h"
#include "panels/pick.h"

/* When the oldest firing alert began; 0: none fires. */
static int64_t
trouble_since(const struct payload *watched)
{
	int64_t since = 0;

	for (size_t i = 0; i < watched->alert_count; i++) {
		const struct alert *alert = &watched->alerts[i];

		if (alert->state == ALERT_FIRING &&
		    (since == 0 || alert->since_wall_ms < since))
			since = alert->since_wall_ms;
	}
	return since;
}

/* A change with what it is sorted by. */
struct change {
	const struct event *event;
	bool made;	  /* somebody's doing, not a consequence */
	int64_t distance; /* ms from the beginning of the trouble, or now */
};

static int
change_compare(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->made != y->made)
		return x->made ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->event < y->event ? -1 : 1;
}

/*
 * What somebody changed, nearest to the beginning of the trouble first; then
 * what restarted. That something turned bad is no change: the alerts say it.
 */
static size_t
pick_changes(const struct payload *watched, int64_t from, struct change *out)
{
	size_t n = 0;

	for (size_t i = 0; i < watched->event_count; i++) {
		const struct event *event = &watched->events[i];
		int64_t distance = from - event->wall_ms;

		if (!pick_is_change(watched, i))
			continue;
		out[n++] = (struct change) {
			.event = event,
			.made = event->kind != EVENT_RESTART &&
				event->kind != EVENT_OTHER,
			.distance = distance < 0 ? -distance : distance,
		};
	}
	qsort(out, n, sizeof(*out), change_compare);
	return n;
}

struct overview_rows
overview_changes_rows(const struct panel_ctx *ctx)
{
	const struct payload *watched = pick_watched(ctx);
	struct change changes[PAYLOAD_EVENTS_MAX];
	int64_t since = trouble_since(watched);
	int count = (int)pick_changes(watched, since, changes);

	if (count == 0 && since == 0)
		return (struct overview_rows) { 0, 0 };
	if (count == 0)
		return (struct overview_rows) { 0, 2 };
	return (struct overview_rows) {
		.least = since == 0 ? 0 : 1 + (count < 2 ? count : 2),
		.want = 1 + count,
	};
}

static void
draw_change(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row,
    const struct change *change, int64_t since)
{
	const struct event *event = change->event;
	int64_t from = since != 0 ? since : ctx->wall_ms;
	int64_t ago = (from - event->wall_ms) * NS_PER_MS;
	bool after = since != 0 && ago < 0;
	struct text_buf tb;
	int x = row.x + 2;

	tb_init(&tb);
	put_age(&tb, ago < 0 ? -ago : ago);
	tb_text(&tb, since == 0 ? TEXT(" ago")
		     : after	? TEXT(" after")
				: TEXT(" before"));
	canvas_text_cut(canvas, row, row.y, x, 13, tb_end(&tb), ROLE_DIM, 0);
	canvas_text_cut(canvas, row, row.y, x + 14, 7,
	    text_lit(pick_event_word(event->kind)),
	    change->made ? ROLE_MARK : ROLE_DIM, 0);
	tb_init(&tb);
	tb_text(&tb, event->subject);
	tb_lit(&tb, "  ");
	tb_text(&tb, event->text);
	canvas_text_cut(canvas, row, row.y, x + 22, row.w - 24, tb_end(&tb),
	    change->made ? ROLE_TEXT : ROLE_DIM, 0);
}

void
overview_changes(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct payload *watched = pick_watched(ctx);
	struct change changes[PAYLOAD_EVENTS_MAX];
	int64_t since = trouble_since(watched);
	size_t count =
	    pick_changes(watched, since != 0 ? since : ctx->wall_ms, changes);
	struct text_buf tb;
	struct rect body;

	tb_init(&tb);
	tb_lit(&tb, "what changed");
	if (since != 0) {
		tb_lit(&tb, " around ");
		when_clock(&tb, ctx, since);
	}
	body = box_title(canvas, area, tb_end(&tb), TEXT_EMPTY, ROLE_DIM);
	for (int i = 0; i < body.h && (size_t)i < count; i++)
		draw_change(ctx, canvas,
		    (struct rect) { body.y + i, body.x, 1, body.w },
		    &changes[i], since);
	if (count == 0)
		box_words(canvas, body,
		    TEXT("no deploy, restart or flag was seen"), ROLE_DIM);
}

enum {
	ERRORS_SCAN = 2000,
	ERRORS_KEEP = 64
};

/* A line, and how often it occurs among the lines that were read. */
struct error_line {
	const struct log_line *line; /* the newest */
	size_t count;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The same but for its numbers: ids and counts make no new error. */
static bool
error_same(struct text a, struct text b)
{
	uint32_t i = 0, j = 0;

	while (i < a.len && j < b.len) {
		if (is_digit(a.s[i]) && is_digit(b.s[j])) {
			while (i < a.len && is_digit(a.s[i]))
				i++;
			while (j < b.len && is_digit(b.s[j]))
				j++;
		} else if (a.s[i++] != b.s[j++]) {
			return false;
		}
	}
	return i == a.len && j == b.len;
}

static bool
error_is(const struct log_line *line, bool warnings)
{
	return (line->flags & LOG_CONT) == 0 &&
	       (warnings ? line->level == LOG_LEVEL_WARN
			 : line->level >= LOG_LEVEL_ERROR);
}

/*
 * Errors, then warnings; newest first and one line each: stacks and repeats
 * are for the log panel.
 */
static size_t
errors_fold(const struct log_line *lines, size_t count, struct error_line *out)
{
	size_t n = 0;

	for (size_t i = 2 * count; i-- > 0;) {
		const struct log_line *line = &lines[i % count];
		size_t at = 0;

		if (!error_is(line, i < count))
			continue;
		while (at < n && !error_same(out[at].line->text, line->text))
			at++;
		if (at < n)
			out[at].count++;
		else if (n < ERRORS_KEEP)
			out[n++] = (struct error_line) { line, 1 };
	}
	return n;
}

static void
draw_error(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row,
    const struct error_line *error)
{
	struct text_buf tb;
	bool bad = error->line->level >= LOG_LEVEL_ERROR;
	int x = row.x + 5, end = row.x + row.w;

	canvas_text(canvas, row, row.y, row.x + 2,
	    state_sign(bad ? STATE_CRIT : STATE_WARN),
	    state_role(bad ? STATE_CRIT : STATE_WARN), CELL_BOLD);
	tb_init(&tb);
	when_clock(&tb, ctx, error->line->wall_ms);
	x = canvas_text(canvas, row, row.y, x, tb_end(&tb), ROLE_DIM, 0) + 2;
	tb_init(&tb);
	if (error->count > 1) {
		tb_lit(&tb, "× ");
		tb_int(&tb, (int64_t)error->count);
		end -= (int)tb_end(&tb).width + 1;
		canvas_text_right(
		    canvas, row, row.y, row.x, row.w, tb_end(&tb), ROLE_DIM, 0);
	}
	canvas_text_cut(
	    canvas, row, row.y, x, end - x, error->line->text, ROLE_TEXT, 0);
	x += (int)error->line->text.width + 2;
	if (x < end)
		canvas_text_cut(canvas, row, row.y, x, end - x,
		    error->line->fields, ROLE_DIM, 0);
}

void
overview_errors(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	struct rect body = box_title(canvas, area,
	    TEXT("newest errors and warnings"), TEXT_EMPTY, ROLE_DIM);
	struct arena *arena = arena_new(ERRORS_SCAN * 1024);
	struct log_line *lines = mem_calloc(ERRORS_SCAN, sizeof(*lines));
	struct error_line errors[ERRORS_KEEP];
	struct logstore_stats stats;
	size_t count, n;

	if (ctx->logs == NULL || arena == NULL || lines == NULL)
		goto out;
	logstore_stats(ctx->logs, &stats);
	count = logstore_copy(ctx->logs,
	    stats.next_seq > ERRORS_SCAN ? stats.next_seq - ERRORS_SCAN : 0,
	    lines, ERRORS_SCAN, arena);
	n = errors_fold(lines, count, errors);
	for (size_t i = 0; i < n && (int)i < body.h; i++)
		draw_error(ctx, canvas,
		    (struct rect) { body.y + (int)i, body.x, 1, body.w },
		    &errors[i]);
	if (n == 0)
		box_words(
		    canvas, body, TEXT("none in the last lines"), ROLE_DIM);
out:
	mem_free(lines);
	arena_free(arena);
}
