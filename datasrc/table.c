#include <string.h>

#include "datasrc/flag_type.h"
#include "datasrc/source.h"
#include "model/platform.h"

/* One row per type of source, sorted by name. */
const struct source_ops *const source_table[] = {
	&src_bullmq,
	&src_flags,
	&src_gcp_build,
	&src_gcp_logging,
	&src_gcp_monitoring,
	&src_gcp_redis,
	&src_gcp_run,
	&src_gcp_vpc,
	&src_http,
	&src_json,
	&src_logfile,
	&src_postgres,
	&src_process,
	&src_prom,
	&src_redis,
	&src_sql,
	NULL,
};

bool
source_logs(const struct source_ops *ops, const void *config)
{
	return ops->logs != NULL ? ops->logs(config) : ops->stream;
}

const struct source_ops *
source_find(const char *type)
{
	for (size_t i = 0; source_table[i] != NULL; i++) {
		if (strcmp(source_table[i]->name, type) == 0)
			return source_table[i];
	}
	return NULL;
}

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	const struct source_ops *const *table = ctx;

	for (size_t i = 0; table[i] != NULL; i++) {
		if (i != index)
			continue;
		*ret = (struct platform_type) {
			.name = table[i]->name,
			.help = table[i]->help,
			.every_ns = table[i]->every_ns,
			.timeout_ns = table[i]->timeout_ns,
			.config_size = table[i]->config_size,
			.ops = table[i],
			.filters = table[i]->filters,
		};
		if (table[i]->options != NULL)
			ret->opts = *table[i]->options;
		return true;
	}
	return false;
}

static void
types_check(const void *ctx, const struct platform *platform,
    const struct platform_source *source, struct conf_errors *errors)
{
	const struct source_ops *ops = source->ops;
	struct source_env env = {
		.name = source->name,
		.platform = platform,
	};

	(void)ctx;
	if (ops->check != NULL)
		ops->check(&env, source->config, source->node, errors);
}

const struct platform_types source_types = {
	.at = types_at,
	.check = types_check,
	.ctx = source_table,
	.flags = &flag_types,
};
