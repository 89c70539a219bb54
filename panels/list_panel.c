#include "panels/list_panel.h"

enum {
	SCROLL_PAGE = 10 /* rows that a page key moves what is open by */
};

/* Esc and q leave what is open first. */
static bool
list_panel_close(struct list_panel *panel, enum command command)
{
	if (!panel->open ||
	    (command != COMMAND_BACK && command != COMMAND_QUIT))
		return false;
	panel->open = false;
	return true;
}

enum panel_result
list_panel_command(struct list_panel *panel, const struct list_data *data,
    enum command command, struct panel_out *out)
{
	if (list_panel_close(panel, command))
		return PANEL_DONE;
	switch (command) {
	case COMMAND_OPEN:
		if (data->count == 0)
			return PANEL_IGNORED;
		panel->open = true;
		panel->scroll = 0;
		return PANEL_DONE;
	case COMMAND_SEARCH:
		out->prompt = PROMPT_SEARCH;
		return PANEL_ASK;
	case COMMAND_FILTER:
		out->prompt = PROMPT_FILTER;
		return PANEL_ASK;
	default:
		return list_command(&panel->list, data, command)
			   ? PANEL_DONE
			   : PANEL_IGNORED;
	}
}

enum panel_result
list_panel_scroll(struct list_panel *panel, enum command command)
{
	int by;

	if (list_panel_close(panel, command))
		return PANEL_DONE;
	switch (command) {
	case COMMAND_DOWN:
		by = 1;
		break;
	case COMMAND_UP:
		by = -1;
		break;
	case COMMAND_PAGE_DOWN:
	case COMMAND_HALF_DOWN:
		by = SCROLL_PAGE;
		break;
	case COMMAND_PAGE_UP:
	case COMMAND_HALF_UP:
		by = -SCROLL_PAGE;
		break;
	case COMMAND_TOP:
		by = -panel->scroll;
		break;
	default:
		return PANEL_IGNORED;
	}
	panel->scroll += by;
	if (panel->scroll < 0)
		panel->scroll = 0;
	return PANEL_DONE;
}

void
list_panel_settle(struct list_panel *panel, int rows, int page)
{
	if (panel->scroll > rows - page)
		panel->scroll = rows > page ? rows - page : 0;
}

const char *
list_panel_typed(void *view, const struct panel_ctx *ctx,
    enum panel_prompt prompt, const char *bytes, bool final)
{
	struct list_panel *panel = view;

	(void)ctx;
	(void) final;
	return pattern_set(
	    prompt == PROMPT_SEARCH ? &panel->list.search : &panel->list.filter,
	    bytes);
}

void
list_panel_release(void *view)
{
	struct list_panel *panel = view;

	list_release(&panel->list);
}
