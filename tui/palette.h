/*
 * The command palette (`:`): a line that completes over all commands and
 * panels, with their help and keys listed above it.
 * thread: UI.
 */
#ifndef SEV_TUI_PALETTE_H
#define SEV_TUI_PALETTE_H

#include <stddef.h>

#include "panels/panel.h"
#include "tui/keys.h"
#include "tui/prompt.h"

struct palette {
	struct prompt prompt;
	size_t selected; /* of the matches */
};

/* What Enter means. */
struct palette_choice {
	enum command command;	       /* COMMAND_NONE: nothing matched */
	const struct panel_ops *panel; /* with COMMAND_PANEL: which */
};

/* panels: as panel_table, borrowed for the call in all of these. */
void palette_start(struct palette *palette, struct prompt_history *history);

/*
 * A key or a paste. At PROMPT_ACCEPTED *ret holds the choice: the selected
 * match, which is the first unless Up and Down chose another.
 */
enum prompt_result palette_event(struct palette *palette,
    const struct input_event *event, const struct panel_ops *const *panels,
    struct palette_choice *ret);

/* Draws list and line at the lower end of area. */
void palette_draw(const struct palette *palette, const struct keys *keys,
    const struct panel_ops *const *panels, struct canvas *canvas,
    struct rect area);

#endif
