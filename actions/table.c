#include "actions/table.h"

#include "datasrc/source.h"
#include "model/platform.h"

/* One row per action, sorted by name. */
const struct action_ops *const action_table[] = {
	&action_flag_set,
	&action_pg_cancel,
	&action_pg_terminate,
	&action_pg_terminate_active,
	&action_pg_terminate_idle,
	&action_pg_unblock,
	&action_queue_clean,
	&action_queue_pause,
	&action_queue_promote,
	&action_queue_remove,
	&action_queue_resume,
	&action_queue_retry,
	&action_queue_retry_all,
	&action_redis_bgsave,
	&action_redis_delete_pattern,
	&action_redis_flushdb,
	&action_redis_memory_purge,
	&action_run_flags,
	&action_run_resize,
	&action_run_rollback,
	&action_run_scale,
	&action_run_traffic,
	NULL,
};

/* One row per kind of configured action, sorted by name. */
const struct action_ops *const action_types[] = {
	&action_type_command,
	&action_type_http,
	NULL,
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	const struct action_ops *const *types = ctx;

	for (size_t i = 0; types[i] != NULL; i++) {
		if (i != index)
			continue;
		*ret = (struct platform_type) {
			.name = types[i]->name,
			.help = types[i]->help,
			.config_size = types[i]->config_size,
			.ops = types[i],
		};
		if (types[i]->config != NULL)
			ret->opts = *types[i]->config;
		return true;
	}
	return false;
}

static void
types_check(const void *ctx, const struct platform *platform,
    const struct platform_action *action, struct conf_errors *errors)
{
	const struct action_ops *ops = action->ops;

	(void)ctx;
	if (ops->check != NULL)
		ops->check(platform, action, errors);
}

const struct platform_action_types action_platform_types = {
	.at = types_at,
	.check = types_check,
	.ctx = action_types,
};

void
action_config_types(struct platform_types *ret)
{
	*ret = source_types;
	ret->actions = &action_platform_types;
}
