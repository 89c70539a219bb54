/*
 * Lists of a Google API in several regions: a region that fails is a health
 * row and the others are shown; when all fail, so does the poll.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_REGIONS_H
#define SEV_DATASRC_GCP_REGIONS_H

#include "datasrc/gcp_api.h"

struct build;
struct opt_list;

/* All borrowed. */
struct gcp_regions {
	struct gcp_api *api;
	struct poll *poll;
	const struct redactor *redactor;
	const struct opt_list *names; /* "-" is all regions at once */
	const char *service;	      /* "Cloud Run", for words */
	bool first_page; /* is enough: the others are not asked for */
};

/* Asks one region; on failure nothing of it may be kept. */
typedef enum err_code gcp_region_fn(
    void *ctx, const char *region, struct err *err);

enum err_code gcp_regions_ask(const struct gcp_regions *regions,
    gcp_region_fn *ask, void *ctx, struct err *err) ATTR_MUST_USE;

/*
 * Asks for all pages of collection ("v1", "instances?pageSize=100") of a
 * region. What Google could not reach, and pages that are too many, are
 * health rows.
 */
enum err_code gcp_regions_list(const struct gcp_regions *regions,
    const char *version, const char *collection, const char *region,
    gcp_page_fn *page, void *ctx, struct err *err) ATTR_MUST_USE;

/* Who asks, as the note of the answer; what is wrong with the credentials. */
void gcp_regions_who(const struct gcp_regions *regions);

#endif
