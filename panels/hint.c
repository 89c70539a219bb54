#include "panels/hint.h"

void
hint_find(const struct panel_ctx *ctx, const struct panel_target *target,
    struct panel_hint *ret_hint)
{
	*ret_hint = (struct panel_hint) { .off = false };
	if (ctx->hints == NULL ||
	    !ctx->hints->best(ctx->hints->ctx, target, ret_hint))
		ret_hint->key[0] = '\0';
}

void
hint_put(
    struct text_buf *tb, const struct panel_hint *hint, enum hint_form form)
{
	tb_init(tb);
	tb_fmt(tb, "%s", hint->key);
	if (hint->key[0] == '\0' || form == HINT_KEY)
		return;
	tb_fmt(tb, " %s", hint->word);
	if (form == HINT_FULL && hint->about[0] != '\0')
		tb_fmt(tb, " %s", hint->about);
}

int
hint_width(const struct panel_hint *hint, enum hint_form form)
{
	struct text_buf tb;

	hint_put(&tb, hint, form);
	return (int)tb_end(&tb).width;
}

void
hint_draw(struct canvas *canvas, struct rect row, const struct panel_hint *hint,
    enum hint_form form, bool live)
{
	struct text_buf tb;

	hint_put(&tb, hint, form);
	canvas_text_cut(
	    canvas, row, row.y, row.x, row.w, tb_end(&tb), ROLE_DIM, 0);
	hint_put(&tb, hint, HINT_KEY);
	canvas_text_cut(canvas, row, row.y, row.x, row.w, tb_end(&tb), ROLE_ACT,
	    live && !hint->off ? CELL_BOLD : CELL_DIM);
}
