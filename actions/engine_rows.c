/* What can be done to a row: built in, and configured. */
#include <string.h>

#include "actions/engine_impl.h"
#include "model/platform.h"

const struct action_row *
action_row_find(const struct action_ops *ops, const char *source_type,
    const struct table *table)
{
	for (size_t i = 0; ops->rows != NULL && ops->rows[i].table != NULL;
	     i++) {
		const char *type = ops->rows[i].source_type;

		if ((type == NULL || strcmp(type, source_type) == 0) &&
		    text_eq(table->name, text_lit(ops->rows[i].table)))
			return &ops->rows[i];
	}
	return NULL;
}

/* Whether a row of a built-in action names the table of such a source. */
static bool
ops_have_row(const struct action_ops *ops, const char *source_type,
    const struct table *table, const struct table_row *row)
{
	if (table == NULL)
		return ops->targets_min == 0;
	return action_row_find(ops, source_type, table) != NULL &&
	       (ops->fits == NULL || ops->fits(table, row));
}

static bool
configured_has_row(
    const struct platform_action *action, const struct table *table)
{
	if (table == NULL)
		return action->targets == PLATFORM_TARGETS_NONE;
	for (size_t i = 0; i < action->on.count; i++) {
		if (text_eq(table->name, text_lit(action->on.items[i])))
			return true;
	}
	return false;
}

void
actions_for_row(const struct actions *actions, const char *platform,
    const char *source_type, const struct table *table,
    const struct table_row *row,
    bool (*fn)(void *ctx, const char *name, const struct action_ops *ops),
    void *ctx)
{
	const struct actions_options *options = &actions->options;
	const struct platform *p = NULL;

	for (size_t i = 0; options->table[i] != NULL; i++) {
		const struct action_ops *ops = options->table[i];

		if (ops_have_row(ops, source_type, table, row) &&
		    !fn(ctx, ops->name, ops))
			return;
	}
	for (size_t i = 0; i < options->platform_count; i++) {
		if (strcmp(options->platforms[i]->name, platform) == 0)
			p = options->platforms[i];
	}
	for (size_t i = 0; p != NULL && i < p->action_count; i++) {
		if (configured_has_row(&p->actions[i], table) &&
		    !fn(ctx, p->actions[i].name, p->actions[i].ops))
			return;
	}
}
