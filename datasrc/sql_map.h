/*
 * The rows of a query as metrics, health and tables, the way a configuration
 * maps them (datasrc/map_opts.h says the words; a place is the name of a
 * column). A metric or health row takes one row of the answer, or each of
 * several when labels or a name tell them apart.
 *
 * What the answer lacks or has in another form is a problem: the health row
 * "mapping" says at which column, and what was there instead ("column total:
 * text "abc", a number was wanted"; "no column total; there are: a, b").
 *
 * Types by their OIDs: numbers are numbers, but for columns that are named
 * like an id; timestamps are times, those without a zone in UTC; the rest is
 * text.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_SQL_MAP_H
#define SEV_DATASRC_SQL_MAP_H

#include <stdint.h>

#include "base/opt.h"
#include "datasrc/map_opts.h"
#include "datasrc/pg_result.h"

struct build;
struct redactor;
struct sql_map;

/* Bound by SQL_MAP_ROWS; NULL: not given. */
struct sql_map_conf {
	const struct conf_node *metrics;
	const struct conf_node *health;
	const struct conf_node *tables;
	const char *table; /* name of one with all columns */
};

#define SQL_MAP_ROWS(owner, field)                                             \
	{                                                                      \
		OPT_FIELD(owner, field.metrics, "metrics", OPT_NODE),          \
		.group = &map_metric_opts[MAP_COLUMN],                         \
		.help = "metrics by name: a column, or a map",                 \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(owner, field.health, "health", OPT_NODE),        \
		    .group = &map_health_opts[MAP_COLUMN],                     \
		    .help = "what is well or not, by name: a column, or a "    \
			    "map",                                             \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(owner, field.table, "table", OPT_STRING),        \
		    .max = NAME_MAX_LEN - 1,                                   \
		    .min = 1,                                                  \
		    .help = "name of a table with all columns; \"result\" "    \
			    "when nothing is mapped",                          \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(owner, field.tables, "tables", OPT_NODE),            \
		    .group = &map_table_opts[MAP_COLUMN],                      \
		    .help = "tables by name: a map of their columns"           \
	}

/* Adds everything that is wrong with conf to errors. */
void sql_map_check(const struct sql_map_conf *conf, struct conf_errors *errors);

/*
 * *ret_map: returned (free with sql_map_free()); conf and redactor (NULL:
 * none) are borrowed for as long. ERR_CONFIG, ERR_NOMEM.
 */
enum err_code sql_map_new(const struct sql_map_conf *conf,
    const struct redactor *redactor, struct sql_map **ret_map,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct sql_map *sql_map_free(struct sql_map *map);

/* Adds the rows of an answer; wall_ms is what ages count from. */
void sql_map_fill(struct sql_map *map, const struct pg_result *result,
    int64_t wall_ms, struct build *build);

#endif
