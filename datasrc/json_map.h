/*
 * A JSON document as health, metrics and tables, the way a configuration
 * maps it (datasrc/map_opts.h says the words). Used for the answer of an
 * endpoint and for the output of a command.
 *
 * Places are paths (base/json_path.h). A path with wildcards stands for
 * everything that it leads to; what is one such thing is called a row.
 * Labels, names, details, keys and columns are then looked up from there:
 *
 *	path		within the row: what the last wildcard stands at
 *	$2		the key under which the second wildcard found its row
 *	$1.path		within what the first wildcard stands at
 *	$0.path		within the document
 *	=text		this text
 *
 * What the document lacks or has in another form is a problem: the health
 * row "mapping" is a warning then and says at which path, and what was there
 * instead; a table "mapping" lists all of them. Everything else is shown.
 *
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_JSON_MAP_H
#define SEV_DATASRC_JSON_MAP_H

#include <stdint.h>

#include "base/opt.h"
#include "datasrc/map_opts.h"

struct build;
struct cJSON;
struct json_map;
struct redactor;

/* Bound by JSON_MAP_ROWS; NULL: not given. */
struct json_map_conf {
	const struct conf_node *metrics;
	const struct conf_node *health;
	const struct conf_node *tables;
};

#define JSON_MAP_ROWS(owner, field)                                            \
	{                                                                      \
		OPT_FIELD(owner, field.metrics, "metrics", OPT_NODE),          \
		.group = &map_metric_opts[MAP_PATH],                           \
		.help = "metrics by name: a path, or a map",                   \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(owner, field.health, "health", OPT_NODE),        \
		    .group = &map_health_opts[MAP_PATH],                       \
		    .help = "what is well or not, by name: a path, or a map",  \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(owner, field.tables, "tables", OPT_NODE),            \
		    .group = &map_table_opts[MAP_PATH],                        \
		    .help = "tables by name: the path of their rows, or a map" \
	}

/* Whether anything is mapped at all. */
bool json_map_is_empty(const struct json_map_conf *conf);

/* Adds everything that is wrong with conf to errors. */
void json_map_check(
    const struct json_map_conf *conf, struct conf_errors *errors);

/*
 * *ret_map: returned (free with json_map_free()); conf and redactor (NULL:
 * none) are borrowed for as long. ERR_CONFIG, ERR_NOMEM.
 */
enum err_code json_map_new(const struct json_map_conf *conf,
    const struct redactor *redactor, struct json_map **ret_map,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct json_map *json_map_free(struct json_map *map);

/* Whether it makes a table of this name. */
bool json_map_makes_table(const struct json_map *map, const char *name);

/* Adds the rows of a document; wall_ms is what ages count from. */
void json_map_fill(struct json_map *map, const struct cJSON *root,
    int64_t wall_ms, struct build *build);

#endif
