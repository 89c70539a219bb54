/*
 * A panel that shows one of several lists at a time: which one, a row that
 * says which there are, and each one's own selection. The view of such a
 * panel begins with a struct views, which begins with a struct list_panel.
 * thread: UI.
 */
#ifndef SEV_PANELS_VIEWS_H
#define SEV_PANELS_VIEWS_H

#include "panels/list_panel.h"

enum {
	VIEWS_MAX = 12
};

struct views {
	struct list_panel panel; /* search and filter stay for all of them */
	size_t at;
	bool switched; /* not drawn since */
	char kept[VIEWS_MAX][LIST_KEY_MAX];
};

struct tab;

/* COMMAND_VIEW and COMMAND_VIEW_BACK; false: another command. */
bool views_command(struct views *views, size_t count, enum command command);

/* The same, past the tabs that are absent. */
bool views_step(struct views *views, const struct tab *tabs, size_t count,
    enum command command);

/* Shows view at; the selection that it had comes back. */
void views_go(struct views *views, size_t at);

/*
 * Before the list is drawn. After a switch the selected item stays selected
 * when the new list has it, too.
 */
void views_settle(struct views *views, const struct list_data *data);

struct tab {
	struct text name;
	double count;	/* rows; NaN: not known */
	enum role role; /* of the count: ROLE_DIM unless it is bad news */
	bool absent;	/* left out, unless it is the current one */
};

/*
 * The names of the views in one row, the current one marked, and at the
 * right what a filter leaves of it. Where it is narrow, counts that are no
 * bad news go first, then what is far off. After list_draw().
 */
void views_tabs(const struct views *views, struct canvas *canvas,
    struct rect row, const struct tab *tabs, size_t count);

#endif
