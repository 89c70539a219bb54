/*
 * The named filters of a source of Cloud Logging: one question asks for all
 * of them, and every entry is shown to each here. What they find is counted
 * like what the named searches of the platform find (logcount.h), in the
 * same counter log_matches, so that a signal can watch either.
 * thread: owner.
 */
#ifndef SEV_DATASRC_GCP_LOG_NAMED_H
#define SEV_DATASRC_GCP_LOG_NAMED_H

#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"

struct buf;
struct build;
struct cJSON;
struct gcp_log_named;

/* pairs: name and filter; borrowed. *ret_named: returned. */
enum err_code gcp_log_named_new(const struct opt_pairs *pairs,
    struct gcp_log_named **ret_named, struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct gcp_log_named *gcp_log_named_free(struct gcp_log_named *named);

/* Filters, by their place in the configuration: bits of a word each. */
struct gcp_log_found {
	uint32_t yes;
	uint32_t costly; /* there is no answer within the limits */
};

/* out gets the names of those that an entry matches, as gcp_entry_read()
 * takes them. */
struct gcp_log_found gcp_log_named_match(const struct gcp_log_named *named,
    const struct cJSON *entry, struct buf *out);

/* Counts an entry that is shown. */
void gcp_log_named_count(
    struct gcp_log_named *named, const struct gcp_log_found *found);

void gcp_log_named_report(
    const struct gcp_log_named *named, struct build *build);

#endif
