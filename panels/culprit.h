/*
 * Which row an alert is about, so that something can be done to it at once.
 * A signal leads to it through its series: of those that it is made of the
 * worst has a label whose value is the key of a row of the same source (the
 * queue of a backlog), or names a service that any source tells of. A health
 * row leads to the row of its name, or to the first one of the table of its
 * name (the session that blocks most). thread: UI; pure.
 */
#ifndef SEV_PANELS_CULPRIT_H
#define SEV_PANELS_CULPRIT_H

#include "panels/panel.h"

/* Fills *out: platform and signal always, the row where there is one. */
void culprit_find(const struct panel_ctx *ctx, const struct alert *alert,
    struct panel_target *out);

/*
 * The same for what is seen in a source as shown: a row of it, else all of
 * it. Without a source (empty) shown is a signal.
 */
void culprit_of_part(const struct panel_ctx *ctx, struct text platform,
    struct text source, struct text shown, struct panel_target *out);

/* The same for a signal by its name. */
void culprit_of_signal(const struct panel_ctx *ctx, struct text platform,
    struct text name, struct panel_target *out);

#endif
