#include "datasrc/postgres_conf.h"

#include "base/clock.h"

void
postgres_conf_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct postgres_conf *conf = config;

	(void)env;
	if (conf->pg.url == NULL)
		conf_errors_add(errors, node->key_pos, "url: env:DATABASE_URL",
		    "a postgres source needs a url");
	else
		pg_conf_check(&conf->pg, node, errors);
}

#define DAYS (24 * 3600 * NS_PER_SEC)

static const struct opt postgres_opts[] = {
	PG_CONF_OPTS(
	    struct postgres_conf, pg.url, pg.password, pg.ca, pg.cert, pg.key),
	{
	    OPT_FIELD(struct postgres_conf, statement_ns, "statement_timeout",
		OPT_DURATION),
	    .preset = "3s",
	    .min = 100 * NS_PER_MS,
	    .max = 60 * NS_PER_SEC,
	    .help = "the server ends each of our statements after that",
	},
	{
	    OPT_FIELD(
		struct postgres_conf, sizes_ns, "sizes_every", OPT_DURATION),
	    .preset = "60s",
	    .min = 0,
	    .max = DAYS,
	    .help = "pace of table sizes and dead rows; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, statements_ns, "statements_every",
		OPT_DURATION),
	    .preset = "10s",
	    .min = 0,
	    .max = DAYS,
	    .help = "pace of pg_stat_statements; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.connections_warn,
		"connections_warn", OPT_INT),
	    .preset = "80",
	    .min = 0,
	    .max = 1000,
	    .unit = "%",
	    .help = "warn at this share of the connections; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.connections_crit,
		"connections_crit", OPT_INT),
	    .preset = "95",
	    .min = 0,
	    .max = 1000,
	    .unit = "%",
	    .help = "alarm at this share of the connections; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.lock_warn_ns, "lock_warn",
		OPT_DURATION),
	    .preset = "5s",
	    .min = 0,
	    .max = DAYS,
	    .help = "warn when one waits longer for a lock; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.lock_crit_ns, "lock_crit",
		OPT_DURATION),
	    .preset = "60s",
	    .min = 0,
	    .max = DAYS,
	    .help = "alarm when one waits longer for a lock; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.query_warn_ns, "query_warn",
		OPT_DURATION),
	    .preset = "5m",
	    .min = 0,
	    .max = DAYS,
	    .help = "warn when a query runs longer; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.idle_warn_ns,
		"idle_in_transaction_warn", OPT_DURATION),
	    .preset = "60s",
	    .min = 0,
	    .max = DAYS,
	    .help = "warn when a transaction idles longer; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.lag_warn_ns, "lag_warn",
		OPT_DURATION),
	    .preset = "30s",
	    .min = 0,
	    .max = DAYS,
	    .help = "warn when a replica is further behind; 0 never",
	},
	{
	    OPT_FIELD(struct postgres_conf, limits.lag_crit_ns, "lag_crit",
		OPT_DURATION),
	    .preset = "5m",
	    .min = 0,
	    .max = DAYS,
	    .help = "alarm when a replica is further behind; 0 never",
	},
	{
	    OPT_FIELD(
		struct postgres_conf, limits.slot_warn, "slot_warn", OPT_SIZE),
	    .preset = "10GB",
	    .min = 0,
	    .max = INT64_C(1) << 50,
	    .help = "warn when a replication slot keeps more WAL; 0 never",
	},
	{
	    OPT_FIELD(
		struct postgres_conf, limits.xid_warn, "xid_warn", OPT_INT),
	    .preset = "1000000000",
	    .min = 0,
	    .max = INT32_MAX,
	    .help = "warn at this age of the oldest transaction id; 0 never",
	},
	{
	    OPT_FIELD(
		struct postgres_conf, limits.xid_crit, "xid_crit", OPT_INT),
	    .preset = "1600000000",
	    .min = 0,
	    .max = INT32_MAX,
	    .help = "alarm at this age of the oldest transaction id; 0 never",
	},
};

const struct opt_table postgres_conf_table = OPT_TABLE(postgres_opts);
