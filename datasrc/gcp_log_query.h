/*
 * What a source of Cloud Logging asks for: one question for all that it
 * shows, the services, the user's filter, the lowest severity and, below
 * that, what its named filters want.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_LOG_QUERY_H
#define SEV_DATASRC_GCP_LOG_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/opt.h"
#include "datasrc/gcp_cursor.h"

struct buf;

/* Of the configuration; borrowed. */
struct gcp_log_query {
	const char *project;
	const struct opt_list *resources; /* empty: the project */
	const struct opt_list *services;  /* of Cloud Run; empty: any */
	const char *filter;		  /* NULL: none */
	const struct opt_pairs *filters;  /* named ones */
	const char *severity;		  /* the lowest; "DEFAULT": all */
};

/* Appends the filter of entries at or after from. False: out is full. */
bool gcp_log_filter(
    const struct gcp_log_query *query, struct gcp_stamp from, struct buf *out);

/* Appends the body of entries:list, newest first; page (NULL: the first). */
bool gcp_log_body(const struct gcp_log_query *query, const char *filter,
    size_t page_size, const char *page, struct buf *out);

#endif
