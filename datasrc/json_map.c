#include "datasrc/json_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/redact.h"
#include "datasrc/json_map_impl.h"

bool
json_map_is_empty(const struct json_map_conf *conf)
{
	return conf->metrics == NULL && conf->health == NULL &&
	       conf->tables == NULL;
}

/* Where a map is made: everything but what it is made of. */
struct json_making {
	struct json_map *map;
	struct conf_errors *errors;
	enum err_code code; /* the worst so far */
};

static void
json_making_failed(
    struct json_making *making, struct conf_pos pos, const struct err *err)
{
	conf_errors_add(making->errors, pos, NULL, "%s", err->msg);
	if (making->code == ERR_OK)
		making->code = ERR_CONFIG;
}

/* A zeroed array in the map's arena; NULL: no memory, and noted. */
static void *
json_making_array(struct json_making *making, size_t count, size_t size)
{
	void *items = arena_array(making->map->arena, count + 1, size);

	if (items == NULL)
		making->code = ERR_NOMEM;
	return items;
}

static void
json_make_path(struct json_making *making, const char *text,
    struct conf_pos pos, struct json_path *ret_path)
{
	struct err err = ERR_INIT;

	if (json_path_parse(text, ret_path, &err) != ERR_OK)
		json_making_failed(making, pos, &err);
}

/* text NULL: none. */
static void
json_make_ref(struct json_making *making, const char *text, size_t wildcards,
    struct conf_pos pos, struct json_ref *ret_ref)
{
	struct err err = ERR_INIT;

	if (text != NULL &&
	    json_ref_parse(text, wildcards, ret_ref, &err) != ERR_OK)
		json_making_failed(making, pos, &err);
}

/* Where the i-th item of a list stands. */
static struct conf_pos
json_item_pos(const struct opt_list *list, size_t i, struct conf_pos otherwise)
{
	const struct conf_node *node = list->node;

	if (node == NULL)
		return otherwise;
	if (node->kind != CONF_LIST)
		return node->pos;
	for (node = node->first; node != NULL && i > 0; i--)
		node = node->next;
	return node != NULL ? node->pos : otherwise;
}

static int
json_compare_pairs(const void *a, const void *b)
{
	const struct opt_pair *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static void
json_make_metric(struct json_making *making, const struct map_metric *conf,
    struct json_metric *metric)
{
	const struct opt_pairs *labels = &conf->labels;
	struct opt_pair *sorted;

	metric->conf = conf;
	json_make_path(
	    making, conf->value.from, conf->value.pos, &metric->path);
	if (metric->path.wildcards > 0 && labels->count == 0) {
		conf_errors_add(making->errors, conf->value.pos,
		    "labels: {name: $1}",
		    "\"%.64s\" leads to many places, and nothing tells them "
		    "apart",
		    conf->name);
		making->code =
		    making->code == ERR_OK ? ERR_CONFIG : making->code;
	}
	metric->labels =
	    json_making_array(making, labels->count, sizeof(*metric->labels));
	metric->keys =
	    json_making_array(making, labels->count, sizeof(*metric->keys));
	sorted = json_making_array(making, labels->count, sizeof(*sorted));
	if (making->code == ERR_NOMEM)
		return;
	if (labels->count > 0)
		memcpy(sorted, labels->items, labels->count * sizeof(*sorted));
	qsort(sorted, labels->count, sizeof(*sorted), json_compare_pairs);
	for (size_t i = 0; i < labels->count; i++) {
		const struct conf_node *at =
		    conf_get(labels->node, sorted[i].key);

		metric->keys[i] = sorted[i].key;
		json_make_ref(making, sorted[i].value, metric->path.wildcards,
		    at != NULL ? at->pos : conf->value.pos, &metric->labels[i]);
	}
}

static void
json_make_health(struct json_making *making, const struct map_health *conf,
    struct json_health *health)
{
	const struct opt_list *from = &conf->state.from;

	health->conf = conf;
	json_make_path(making, from->items[0],
	    json_item_pos(from, 0, conf->value.pos), &health->path);
	health->others =
	    json_making_array(making, from->count, sizeof(*health->others));
	for (size_t i = 1; health->others != NULL && i < from->count; i++)
		json_make_ref(making, from->items[i], health->path.wildcards,
		    json_item_pos(from, i, conf->value.pos),
		    &health->others[i - 1]);
	json_make_ref(making, conf->name, health->path.wildcards,
	    conf->value.pos, &health->name);
	json_make_ref(making, conf->detail, health->path.wildcards,
	    conf->value.pos, &health->detail);
}

static void
json_make_table(struct json_making *making, const struct map_table *conf,
    struct json_table *table)
{
	const struct opt_list *from = &conf->state.from;
	struct err err = ERR_INIT;
	size_t wildcards;

	table->conf = conf;
	json_make_path(making, conf->rows, conf->pos, &table->path);
	if (json_path_children(&table->path, &err) != ERR_OK)
		json_making_failed(making, conf->pos, &err);
	wildcards = table->path.wildcards;
	table->columns = json_making_array(
	    making, conf->column_count, sizeof(*table->columns));
	table->states =
	    json_making_array(making, from->count, sizeof(*table->states));
	if (making->code == ERR_NOMEM)
		return;
	json_make_ref(making, conf->key, wildcards, conf->pos, &table->key);
	for (size_t i = 0; i < conf->column_count; i++)
		json_make_ref(making, conf->columns[i].value.from, wildcards,
		    conf->columns[i].value.pos, &table->columns[i]);
	for (size_t i = 0; conf->has_state && i < from->count; i++)
		json_make_ref(making, from->items[i], wildcards,
		    json_item_pos(from, i, conf->pos), &table->states[i]);
}

/* Reads conf into map; everything that is wrong goes to errors. */
static enum err_code
json_map_make(struct json_map *map, const struct json_map_conf *conf,
    struct conf_errors *errors)
{
	struct json_making making = { .map = map, .errors = errors };
	const struct map_metric *metrics = NULL;
	const struct map_health *health = NULL;
	const struct map_table *tables = NULL;
	enum err_code codes[3];

	codes[0] = map_metrics_read(conf->metrics, MAP_PATH, map->arena, errors,
	    &metrics, &map->metric_count);
	codes[1] = map_health_read(conf->health, MAP_PATH, map->arena, errors,
	    &health, &map->health_count);
	codes[2] = map_tables_read(conf->tables, MAP_PATH, map->arena, errors,
	    &tables, &map->table_count);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (making.code == ERR_OK || codes[i] == ERR_NOMEM)
			making.code = codes[i];
	map->metrics = json_making_array(
	    &making, map->metric_count, sizeof(*map->metrics));
	map->health =
	    json_making_array(&making, map->health_count, sizeof(*map->health));
	map->tables =
	    json_making_array(&making, map->table_count, sizeof(*map->tables));
	map->filling = json_making_array(&making, 1, sizeof(*map->filling));
	for (size_t i = 0; making.code != ERR_NOMEM && i < map->metric_count;
	     i++)
		json_make_metric(&making, &metrics[i], &map->metrics[i]);
	for (size_t i = 0; making.code != ERR_NOMEM && i < map->health_count;
	     i++)
		json_make_health(&making, &health[i], &map->health[i]);
	for (size_t i = 0; making.code != ERR_NOMEM && i < map->table_count;
	     i++)
		json_make_table(&making, &tables[i], &map->tables[i]);
	return making.code;
}

void
json_map_check(const struct json_map_conf *conf, struct conf_errors *errors)
{
	struct json_map *map = mem_calloc(1, sizeof(*map));

	if (map == NULL)
		return; /* opening it will say so */
	map->arena = arena_new(JSON_MAP_BYTES_MAX);
	if (map->arena != NULL)
		(void)json_map_make(map, conf, errors);
	json_map_free(map);
}

enum err_code
json_map_new(const struct json_map_conf *conf, const struct redactor *redactor,
    struct json_map **ret_map, struct err *err)
{
	struct json_map *map = mem_calloc(1, sizeof(*map));
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	enum err_code code = ERR_NOMEM;

	if (map != NULL && errors != NULL) {
		map->redactor = redactor;
		service_watch_init(&map->services);
		map->arena = arena_new(JSON_MAP_BYTES_MAX);
		if (map->arena != NULL)
			code = json_map_make(map, conf, errors);
	}
	code = map_result(code, errors, err);
	if (code == ERR_OK) {
		*ret_map = map;
		map = NULL;
	}
	json_map_free(map);
	mem_free(errors);
	return code;
}

struct json_map *
json_map_free(struct json_map *map)
{
	if (map == NULL)
		return NULL;
	service_watch_release(&map->services);
	arena_free(map->arena);
	mem_free(map);
	return NULL;
}

bool
json_map_makes_table(const struct json_map *map, const char *name)
{
	for (size_t i = 0; i < map->table_count; i++)
		if (strcmp(map->tables[i].conf->name, name) == 0)
			return true;
	return false;
}

void
json_problem_add(struct json_fill *fill, const char *msg)
{
	map_problems_add(&fill->map->problems, msg);
}

void
json_problem_value(struct json_fill *fill, const struct json_walk *walk,
    const struct json_ref *ref, const struct cJSON *v, const char *wanted)
{
	struct buf out = BUF_INIT(TEXT_FMT_MAX);

	if (ref == NULL) {
		json_walk_show(walk, SIZE_MAX, &out);
	} else {
		const char *text = ref->text;

		json_walk_show(walk, ref->level, &out);
		if (*text == '$')
			text += strcspn(text, ".[");
		if (out.len == 0 && *text == '.')
			text++;
		else if (out.len > 0 && *text != '.' && *text != '[')
			buf_char(&out, '.');
		if (strcmp(text, ".") != 0)
			buf_str(&out, text);
	}
	if (out.len == 0)
		buf_str(&out, "the document");
	buf_str(&out, ": ");
	json_describe(&out, v);
	buf_fmt(&out, ", %s was wanted", wanted);
	json_problem_add(fill, buf_cstr(&out));
	buf_release(&out);
}

void
json_map_fill(struct json_map *map, const struct cJSON *root, int64_t wall_ms,
    struct build *build)
{
	struct json_fill fill = {
		.map = map,
		.root = root,
		.wall_ms = wall_ms,
		.build = build,
		.arena = build_arena(build),
		.work = JSON_WORK_MAX,
	};

	map->problems = (struct map_problems) { .count = 0 };
	for (size_t i = 0; i < map->health_count; i++) {
		map_problems_entry(&map->problems);
		json_health_fill(&fill, &map->health[i]);
	}
	for (size_t i = 0; i < map->metric_count; i++) {
		map_problems_entry(&map->problems);
		json_metric_fill(&fill, &map->metrics[i]);
	}
	for (size_t i = 0; i < map->table_count; i++) {
		map_problems_entry(&map->problems);
		json_table_fill(&fill, &map->tables[i]);
	}
	map_problems_entry(&map->problems);
	if (fill.work == 0)
		json_problem_add(&fill,
		    "the document is too large for this mapping; what came "
		    "last is not shown");
	map_problems_show(&map->problems, build, map->redactor);
}
