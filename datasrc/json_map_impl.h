/*
 * What the files behind datasrc/json_map.h share: a map with its paths
 * parsed, and the filling of one payload. Private to them.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_JSON_MAP_IMPL_H
#define SEV_DATASRC_JSON_MAP_IMPL_H

#include "base/json_path.h"
#include "datasrc/json_map.h"
#include "datasrc/json_value.h"
#include "datasrc/map_fill.h"
#include "datasrc/service_watch.h"
#include "model/build.h"
#include "model/keytab.h"
#include "model/limits.h"

enum json_ref_kind {
	JSON_REF_PATH, /* within a row */
	JSON_REF_KEY,  /* under which a row was found */
	JSON_REF_TEXT, /* what is written */
};

/* Where a label, a name or a cell of a row comes from. */
struct json_ref {
	enum json_ref_kind kind;
	size_t level;	  /* of the wildcard, from 1; 0: the document */
	const char *text; /* as written, behind the "=" of a TEXT */
	struct json_path path;
};

/* What a ref leads to. */
struct json_found {
	struct map_scalar scalar;
	const struct cJSON *v; /* NULL: a key or a text, or nothing */
	bool there;	       /* false: *err of json_ref_find() says why */
	bool absent;	       /* not there, rather than something wrong */
};

struct json_metric {
	const struct map_metric *conf;
	struct json_path path;
	struct json_ref *labels; /* sorted by key, as keys */
	const char **keys;
};

struct json_health {
	const struct map_health *conf;
	struct json_path path;
	struct json_ref *others; /* the places but the first */
	struct json_ref name;	 /* unless conf->name is NULL */
	struct json_ref detail;	 /* unless conf->detail is NULL */
};

struct json_table {
	const struct map_table *conf;
	struct json_path path;
	struct json_ref key;	  /* unless conf->key is NULL */
	struct json_ref *columns; /* conf->column_count */
	struct json_ref *states;  /* conf->state.from.count */
};

struct json_map {
	struct arena *arena;
	const struct redactor *redactor; /* borrowed; NULL: none */
	struct json_metric *metrics;
	size_t metric_count;
	struct json_health *health;
	size_t health_count;
	struct json_table *tables;
	size_t table_count;
	struct map_problems problems; /* of one filling */
	struct json_filling *filling; /* scratch of json_table.c */
	struct service_watch services;
};

/* One filling. */
struct json_fill {
	struct json_map *map;
	const struct cJSON *root;
	int64_t wall_ms;
	struct build *build;
	struct arena *arena; /* of build */
	size_t work;	     /* looks that are left */
};

/* A column while its table is filled. */
struct json_column {
	struct json_ref ref;
	const struct map_value *how;
	enum map_column_kind kind;
	bool number; /* AUTO: all so far are numbers */
	bool seen;   /* a value that was not missing */
	enum num_unit unit;
	struct text *text; /* where the row's text goes, too; NULL: nowhere */
	double *num;	   /* the same for its number */
};

/* One table while it is filled. */
struct json_filling {
	struct json_fill *fill;
	const struct json_table *table;
	struct json_column columns[PAYLOAD_COLUMNS_MAX];
	size_t count;
	struct keytab keys; /* of the rows so far */
	bool watched;	    /* a table of services */
	struct service_row service;
};

/* A ref as the configuration writes it. ERR_CONFIG. */
enum err_code json_ref_parse(const char *text, size_t wildcards,
    struct json_ref *ret_ref, struct err *err) ATTR_MUST_USE;

/* Looks ref up from where walk stands; *err is set when it is not there. */
struct json_found json_ref_find(const struct json_ref *ref,
    struct json_fill *fill, const struct json_walk *walk, struct err *err);

/* What was found, to be shown; empty when nothing was. */
struct text json_found_text(
    const struct json_found *found, const struct json_fill *fill);

/* Of one entry the first problem is kept and the others are counted. */
void json_problem_add(struct json_fill *fill, const char *msg);

/* "PATH: text "abc", a size was wanted" for what walk and ref stand at. */
void json_problem_value(struct json_fill *fill, const struct json_walk *walk,
    const struct json_ref *ref, const struct cJSON *v, const char *wanted);

void json_metric_fill(struct json_fill *fill, const struct json_metric *metric);
void json_health_fill(struct json_fill *fill, const struct json_health *health);
void json_table_fill(struct json_fill *fill, const struct json_table *table);

#endif
