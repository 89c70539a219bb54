#include "tui/act_frame.h"

#include <string.h>

#include "model/platform.h"
#include "panels/page.h"

enum {
	FRAME_W_MAX = 104, /* the eye loses longer rows */
	FRAME_W_MIN = 60,  /* narrower there is no frame */
	FRAME_H_MIN = 16,
};

static void
put_upper(struct text_buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		tb_fmt(out, "%c", *s >= 'a' && *s <= 'z' ? *s - 'a' + 'A' : *s);
}

/* "PROD", loud unless the environment is known to be harmless. */
static enum role
act_env(const struct platform *platform, struct text_buf *out)
{
	tb_lit(out, " ");
	put_upper(out, platform->env);
	tb_lit(out, " ");
	return platform->prod ? ROLE_PROD : ROLE_ENV;
}

/* Title at the left, platform and environment at the right. */
static void
frame_title(
    struct canvas *canvas, struct rect row, const struct act_title *title)
{
	const struct platform *platform = title->platform;
	struct text_buf tb, env, from;
	enum role role = ROLE_ENV;
	int x, right = row.x + row.w;

	tb_init(&env);
	tb_init(&from);
	if (platform != NULL) {
		role = act_env(platform, &env);
		right -= (int)tb_end(&env).width;
		canvas_text(
		    canvas, row, row.y, right, tb_end(&env), role, CELL_BOLD);
		tb_fmt(&from, " %s", platform->name);
		if (title->source != NULL && row.w >= FRAME_W_MIN)
			tb_fmt(&from, " · %s", title->source);
		tb_lit(&from, " ");
	}
	tb_init(&tb);
	if (title->own_words)
		tb_fmt(&tb, "%s", title->title);
	else
		put_upper(&tb, title->title);
	if (title->subject != NULL && title->subject[0] != '\0')
		tb_fmt(&tb, " %s", title->subject);
	tb_lit(&tb, " ");
	x = canvas_text_cut(canvas, row, row.y, row.x, right - row.x,
	    tb_end(&tb), ROLE_TITLE, CELL_BOLD);
	right -= (int)tb_end(&from).width + 1;
	if (right > x)
		canvas_text(
		    canvas, row, row.y, right + 1, tb_end(&from), ROLE_TEXT, 0);
}

static void
frame_line(struct canvas *canvas, struct rect box, int y, const char *left,
    const char *right)
{
	struct rect row = { y, box.x, 1, box.w };

	canvas_fill(canvas, row, TEXT("─"), ROLE_RULE, 0);
	canvas_text(canvas, row, y, box.x, text_lit(left), ROLE_RULE, 0);
	canvas_text(
	    canvas, row, y, box.x + box.w - 1, text_lit(right), ROLE_RULE, 0);
}

static void
frame_sides(struct canvas *canvas, struct rect box)
{
	struct rect side = { box.y + 1, box.x, box.h - 2, 1 };

	canvas_fill(canvas, side, TEXT("│"), ROLE_RULE, 0);
	side.x = box.x + box.w - 1;
	canvas_fill(canvas, side, TEXT("│"), ROLE_RULE, 0);
}

/* Left to right as far as they fit: the first are the important ones. */
static void
frame_keys(struct canvas *canvas, struct rect row, const struct act_key *keys)
{
	int x = row.x;

	for (; keys != NULL && keys->key != NULL; keys++) {
		struct text_buf tb;
		int end;

		tb_init(&tb);
		tb_fmt(&tb, "%s", keys->key);
		end = x + (int)tb.width + 1 + (int)strlen(keys->word);
		if (end > row.x + row.w)
			continue;
		x = canvas_text(canvas, row, row.y, x, tb_end(&tb),
			keys->off ? ROLE_DIM : ROLE_ACT,
			keys->off ? CELL_DIM : CELL_BOLD) +
		    1;
		tb_init(&tb);
		tb_fmt(&tb, "%s", keys->word);
		x = canvas_text(canvas, row, row.y, x, tb_end(&tb),
			keys->off ? ROLE_DIM : ROLE_TEXT,
			keys->off ? CELL_DIM : 0) +
		    (row.w >= FRAME_W_MIN ? 4 : 2);
	}
}

void
act_frame_open(struct act_frame *frame, struct canvas *canvas, struct rect area,
    const struct act_title *title, int want_h)
{
	bool framed = area.w >= FRAME_W_MIN && area.h >= FRAME_H_MIN;
	struct rect box = area;

	if (framed) {
		box.w = area.w < FRAME_W_MAX ? area.w : FRAME_W_MAX;
		box.h = want_h + 4 < area.h ? want_h + 4 : area.h;
		box.x += (area.w - box.w) / 2;
		box.y += (area.h - box.h) / 3;
	}
	canvas_restyle(canvas, area, ROLE_DIM, 0);
	canvas_fill(canvas, box, TEXT(" "), ROLE_TEXT, 0);
	frame->canvas = canvas;
	frame->body = (struct rect) { box.y + 1, box.x, box.h - 2, box.w };
	frame->keys = (struct rect) { box.y + box.h - 1, box.x, 1, box.w };
	if (framed) {
		frame_line(canvas, box, box.y, "┌", "┐");
		frame_line(canvas, box, box.y + box.h - 1, "└", "┘");
		frame_sides(canvas, box);
		canvas_text(
		    canvas, box, box.y, box.x + 1, TEXT(" "), ROLE_RULE, 0);
		frame->body = (struct rect) { box.y + 1, box.x + 2, box.h - 4,
			box.w - 4 };
		frame->keys = (struct rect) { box.y + box.h - 2, box.x + 2, 1,
			box.w - 4 };
		box.x += 2;
		box.w -= 3;
	}
	box.h = 1;
	frame_title(canvas, box, title);
	frame_keys(canvas, frame->keys, title->keys);
}

void
act_frame_words(
    const struct act_frame *frame, const char *words, enum role role)
{
	struct page page = { .area = frame->body };
	struct text_buf tb;

	if (words[0] == '\0')
		return;
	tb_init(&tb);
	tb_fmt(&tb, "%s", words);
	page_words(&page, 0, tb_end(&tb), role);
	if (page.y > page.area.h)
		page.y = page.area.h;
	page.canvas = frame->canvas;
	page.area.y += page.area.h - page.y;
	page.area.h = page.y;
	page.y = 0;
	canvas_fill(frame->canvas, page.area, TEXT(" "), ROLE_TEXT, 0);
	page_words(&page, 0, tb_end(&tb), role);
}
