/*
 * Every command of the dashboard: one row each. The name is what `keys:` in
 * the configuration and the palette use; default keys are words of
 * tui/keys.h, apart by spaces. Commands of the last block belong to later
 * mitigations: their capitals are reserved so that nobody learns them for
 * something else.
 */
#ifndef SEV_PANELS_COMMAND_H
#define SEV_PANELS_COMMAND_H

/* id, name, default keys, help */
#define COMMANDS(X)                                                            \
	X(DOWN, "down", "j Down", "next row")                                  \
	X(UP, "up", "k Up", "previous row")                                    \
	X(LEFT, "left", "h Left", "scroll left")                               \
	X(RIGHT, "right", "l Right", "scroll right")                           \
	X(TOP, "top", "g Home", "first row")                                   \
	X(BOTTOM, "bottom", "G End", "last row, follow again")                 \
	X(HALF_DOWN, "half-down", "^D", "half a page down")                    \
	X(HALF_UP, "half-up", "^U", "half a page up")                          \
	X(PAGE_DOWN, "page-down", "PgDn", "a page down")                       \
	X(PAGE_UP, "page-up", "PgUp", "a page up")                             \
	X(OPEN, "open", "Enter", "open the selected row")                      \
	X(BACK, "back", "Esc", "back; never quits")                            \
	X(QUIT, "quit", "q", "close what is open, else quit")                  \
	X(QUIT_NOW, "quit-now", "^C", "quit")                                  \
	X(NEXT_PANEL, "next-panel", "Tab", "next panel")                       \
	X(PREV_PANEL, "previous-panel", "BTab", "previous panel")              \
	X(ZOOM, "zoom", "z", "only this panel, or all again")                  \
	X(SEARCH, "search", "/", "search; keeps the other rows")               \
	X(SEARCH_NEXT, "search-next", "n", "next match")                       \
	X(SEARCH_PREV, "search-previous", "N", "previous match")               \
	X(FILTER, "filter", "f", "show only matching rows, !x excludes")       \
	X(NEXT_ERROR, "next-error", "e", "next error")                         \
	X(PREV_ERROR, "previous-error", "E", "previous error")                 \
	X(LEVEL, "level", "v", "lowest level shown")                           \
	X(VIEW, "view", "s >", "next view of this panel")                      \
	X(VIEW_BACK, "view-back", "<", "previous view of this panel")          \
	X(WRAP, "wrap", "w", "wrap long lines")                                \
	X(SORT, "sort", "o", "sort by the next column")                        \
	X(SORT_REVERSE, "sort-reverse", "O", "turn the order round")           \
	X(TAG, "tag", "x Ins", "tag the row: capitals act on all tagged ones") \
	X(UNTAG, "untag", "u", "take all tags off")                            \
	X(PALETTE, "palette", ":", "command palette")                          \
	X(HELP, "help", "?", "keys that work here")                            \
	X(FREEZE, "freeze", "Space", "freeze the picture, or go on")           \
	X(LIVE, "live", "L", "back to live")                                   \
	X(REFRESH, "refresh", "r", "ask all sources now")                      \
	X(TIME_ZONE, "time-zone", "t", "UTC or local time")                    \
	X(COPY, "copy", "y", "copy the selected row (OSC 52)")                 \
	X(THEME, "theme", "^T", "next theme")                                  \
	X(REDRAW, "redraw", "^L", "paint the screen afresh")                   \
	X(SUSPEND, "suspend", "^Z", "suspend to the shell")                    \
	X(PANEL, "panel", "1 2 3 4 5 6 7 8 9 0 a b",                           \
	    "panel by number, a: jobs, b: flags")                              \
	X(TIME_BACK, "time-back", "[", "back in time")                         \
	X(TIME_FORWARD, "time-forward", "]", "forward in time")                \
	X(MARK, "mark", "m", "mark as evidence")                               \
	X(INCIDENT, "incident", "i", "incident")                               \
	X(ACT_SCALE, "act-scale", "S", "scale")                                \
	X(ACT_FLAG, "act-flag", "F", "flip a flag")                            \
	X(ACT_ROLLBACK, "act-rollback", "R", "roll back")                      \
	X(ACT_PAUSE, "act-pause", "P", "pause or resume a queue")              \
	X(ACT_RETRY, "act-retry", "T", "retry")                                \
	X(ACT_KILL, "act-kill", "K", "end sessions")                           \
	X(ACT_ANY, "act-any", "X", "all actions for this row")                 \
	X(ACT_UNDO, "act-undo", "U", "what is in force, and undo")             \
	X(ACT_ARM, "act-arm", "A", "arm or disarm")                            \
	X(ACT_NAMED, "act-named", "", "an action of the configuration")

enum command {
	COMMAND_NONE,
#define X(id, name, keys, help) COMMAND_##id,
	COMMANDS(X)
#undef X
	COMMAND_COUNT,
};

#endif
