/*
 * What stands in a Google Cloud project beside its services: instances of
 * Memorystore, VPC connectors, builds. One list each, in one or several
 * regions, shown as a table; what changes between two polls is an event.
 *
 * A kind of these is a struct gcp_estate_kind and a source type of a few
 * lines (src_gcp_redis.c); reading one of them is all that differs.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_ESTATE_H
#define SEV_DATASRC_GCP_ESTATE_H

#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_value.h"
#include "datasrc/limits.h"
#include "datasrc/source.h"
#include "model/section.h"

struct text_buf;

/* One of them, as its row. */
struct gcp_item {
	struct text name; /* short; with several regions the key has both */
	struct text region;
	enum state state;
	struct text word;    /* for the state: "ready", "failing over" */
	struct text detail;  /* why it is not well, else what is worth a look */
	struct text subject; /* of its events; empty: its key */
	double changed_ms;   /* when it came into this state; NaN: unknown */
	struct table_cell cells[GCP_ESTATE_COLUMNS_MAX];
};

struct gcp_estate_kind {
	const char *service;	/* "Memorystore", for words */
	const char *root;	/* address of the API */
	const char *version;	/* "v1" */
	const char *collection; /* with its query: "instances?pageSize=100" */
	const char *member;	/* of a page: "instances" */
	const char *table;
	const struct column *columns; /* the first are name and state */
	size_t column_count;
	bool health; /* each has a health row */
	bool newest; /* they come newest first, and `keep` are enough */

	/* Reads one; name, state and word at least. */
	void (*read)(const struct gcp_value *to, const struct cJSON *v,
	    struct gcp_item *ret);

	/*
	 * Whether its coming from was ("" for one that is new) to its word is
	 * an event, and what it says.
	 */
	bool (*tell)(
	    const struct gcp_item *item, const char *was, struct text_buf *out);
};

/* The kinds, each with its source type. */
extern const struct gcp_estate_kind gcp_estate_build;
extern const struct gcp_estate_kind gcp_estate_redis;
extern const struct gcp_estate_kind gcp_estate_vpc;

/* The configuration that all kinds share. */
struct gcp_estate_conf {
	struct gcp_conf gcp; /* first: GCP_CONF_ROWS */
	struct opt_list regions;
	struct opt_list names; /* empty: all */
	int64_t keep;	       /* of those that come newest first */
};

/* For the source's ops, whose open is gcp_estate_open() of its kind. */
enum err_code gcp_estate_open(const struct gcp_estate_kind *kind,
    const struct source_env *env, const void *config, void **ret_state,
    struct err *err) ATTR_MUST_USE;
enum err_code gcp_estate_poll(void *state, struct poll *poll, struct err *err);
void gcp_estate_close(void *state);
void gcp_estate_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors);

/* "ready to failing over", for every change of one that is known. */
bool gcp_estate_tell_change(
    const struct gcp_item *item, const char *was, struct text_buf *out);

#endif
