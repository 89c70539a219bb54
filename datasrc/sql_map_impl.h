/*
 * What the files behind datasrc/sql_map.h share. Private to them.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_SQL_MAP_IMPL_H
#define SEV_DATASRC_SQL_MAP_IMPL_H

#include "datasrc/map_fill.h"
#include "datasrc/sql_map.h"
#include "model/build.h"

struct sql_map {
	struct arena *arena;
	const struct redactor *redactor; /* borrowed; NULL: none */
	const struct map_metric *metrics;
	size_t metric_count;
	const struct map_health *health;
	size_t health_count;
	const struct map_table *tables;
	size_t table_count;
	const struct map_table *whole; /* of all columns; NULL: none */
	struct map_problems problems;  /* of one filling */
};

/* One filling. */
struct sql_fill {
	struct sql_map *map;
	const struct pg_result *result;
	int64_t wall_ms;
	struct build *build;
	struct arena *arena; /* of build */
};

bool sql_type_is_number(uint32_t type);
bool sql_type_is_time(uint32_t type);

/* A value in the shape that the mapping reads. */
struct map_scalar sql_scalar(
    const struct pg_result *result, size_t row, size_t column);

/* The same, to be shown. */
struct text sql_text(const struct sql_fill *fill, size_t row, size_t column);

/* False: there is none, which is a problem unless it is optional. */
bool sql_column(
    struct sql_fill *fill, const char *name, bool optional, size_t *ret_column);

/* "column total: text "abc", a number was wanted" */
void sql_problem_value(
    struct sql_fill *fill, size_t row, size_t column, const char *wanted);

void sql_table_fill(struct sql_fill *fill, const struct map_table *table);

#endif
