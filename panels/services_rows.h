/*
 * The services of a frame as one list: the rows of every table "services",
 * those of one platform and name as one, and the nodes of `services:` of the
 * configuration. A node that is judged by the health row of a service is one
 * with it, and gives it its name. What one source does not tell another may:
 * each column shows the first value there is. What a service uses comes from
 * tables "use", which say nothing of how it is. thread: UI; pure.
 */
#ifndef SEV_PANELS_SERVICES_ROWS_H
#define SEV_PANELS_SERVICES_ROWS_H

#include "panels/deps_view.h"
#include "panels/list.h"
#include "panels/table_rows.h"

enum {
	SERVICE_PARTS_MAX = 4 /* sources that tell of one service */
};

struct service {
	struct text
	    key; /* "name", or "platform/name" where there are several */
	struct text name;
	struct text called; /* by its sources; empty: so as well */
	struct text platform;
	enum state told;  /* the worst that the parts tell, without the node */
	enum state state; /* the worst of all */
	const struct dep *dep; /* the node of that name; NULL: none */
	struct table_ref parts[SERVICE_PARTS_MAX];
	size_t part_count;
	size_t fresh_count;   /* of them; these come first */
	struct table_ref use; /* section NULL: none */
	size_t place;	      /* in which it came */
};

struct services_rows {
	const struct panel_ctx *ctx;
	struct deps_view deps;
	struct service *services;
	size_t count;
	size_t platforms;	      /* that services are of */
	const struct section *oldest; /* of those that tell; NULL: none */
	struct list_column columns[LIST_COLUMNS_MAX];
};

/* To be released; services live as long as rows. */
void services_rows_init(
    struct services_rows *rows, const struct panel_ctx *ctx);
void services_rows_release(struct services_rows *rows);

/* Borrowed from rows. */
struct list_data services_rows_data(struct services_rows *rows);

/* What the cell of a list column shows. */
void services_rows_cell(const struct services_rows *rows,
    const struct service *service, size_t column, struct text_buf *out);

/* Why it is not well, or what is told of it; appended. */
void services_detail(const struct services_rows *rows,
    const struct service *service, struct text_buf *out);

/* Columns of the list, and their titles; those that nobody fills go first. */
extern const struct list_column services_columns[];
extern const size_t services_column_count;

/* Whether no source that tells of it has a fresh answer. */
bool service_is_stale(const struct service *service);

/* Whether an event is about it: called like it, or like a source of it. */
bool service_is_subject(
    const struct service *service, const struct event *event);

#endif
