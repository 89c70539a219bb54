/*
 * A configuration, a NUL, a document. Whatever both say, a map is refused
 * with a reason or fills a payload in which every text may be drawn, no row
 * has more cells than columns, and all keys of a table differ.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "datasrc/json_map.h"
#include "model/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct holder {
	struct json_map_conf map;
};

static const struct opt rows[] = {
	JSON_MAP_ROWS(struct holder, map),
};
static const struct opt_table table = OPT_TABLE(rows);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_table(const struct table *t)
{
	check(t->row_count <= t->row_total);
	for (size_t r = 0; r < t->row_count; r++) {
		check(text_is_valid(t->rows[r].key));
		for (size_t c = 0; c < t->column_count; c++)
			check(text_is_valid(t->rows[r].cells[c].text));
		/* Comparing all with all would be slow for many. */
		for (size_t s = 0; r < 50 && s < r; s++)
			check(!text_eq(t->rows[r].key, t->rows[s].key));
	}
}

static void
check_payload(const struct payload *payload)
{
	for (size_t i = 0; i < payload->health_count; i++)
		check(text_is_valid(payload->health[i].target) &&
		      text_is_valid(payload->health[i].detail));
	for (size_t i = 0; i < payload->metric_count; i++) {
		const struct metric *m = &payload->metrics[i];

		check(!isinf(m->value) && m->unit < NUM_UNIT_COUNT);
		for (uint32_t l = 0; l < m->label_count; l++)
			check(text_is_valid(m->labels[l].value));
	}
	for (size_t i = 0; i < payload->table_count; i++)
		check_table(&payload->tables[i]);
}

static void
fill(const struct holder *holder, const uint8_t *data, size_t size)
{
	struct build *build = build_new();
	struct payload *payload;
	struct json_map *map = NULL;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;

	if (json_map_new(&holder->map, NULL, &map, &err) != ERR_OK) {
		check(err.msg[0] != '\0');
	} else if (json_parse(data, size, &root, &err) == ERR_OK) {
		json_map_fill(map, root, INT64_C(1795356149000), build);
		payload = build_finish(build, &err);
		if (payload != NULL)
			check_payload(payload);
		payload_unref(payload);
	}
	json_free(root);
	json_map_free(map);
	build_free(build);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size);
	struct arena *arena = arena_new(CONF_ARENA_MAX);
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	const struct conf_node *root;
	struct holder holder = { .map.metrics = NULL };

	if (nul != NULL && arena != NULL && errors != NULL &&
	    conf_parse("f", data, (size_t)(nul - data), NULL, arena, errors,
		&root) == ERR_OK &&
	    opt_bind(&table, root, &holder, arena, errors) == ERR_OK) {
		json_map_check(&holder.map, errors);
		fill(&holder, nul + 1, size - (size_t)(nul + 1 - data));
	}
	mem_free(errors);
	arena_free(arena);
	return 0;
}
