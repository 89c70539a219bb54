/*
 * One service of Cloud Run, by its name: read it, its revisions and the
 * operations on it, and change it. Documents are handed out as Google sent
 * them, for what is changed is edited in them and sent back whole: fields
 * that sevtop does not know stay as they are.
 * thread: owner.
 */
#ifndef SEV_DATASRC_GCP_RUN_ONE_H
#define SEV_DATASRC_GCP_RUN_ONE_H

#include <stdbool.h>

#include "datasrc/gcp_api.h"
#include "datasrc/gcp_run_conf.h"
#include "datasrc/limits.h"

struct buf;
struct cJSON;

/* Which one. */
struct run_ref {
	char region[GCP_REGION_MAX];
	char service[GCP_SERVICE_MAX];
	char rest[GCP_SERVICE_MAX]; /* of "web/web-00010-abc"; "" for none */
};

struct run_one {
	const struct gcp_run_conf *conf; /* borrowed */
	struct gcp_api api;
	struct run_ref ref;
	char what[GCP_WHAT_MAX]; /* "Cloud Run service web", for errors */
};

/*
 * Finds out which service a row's key or a name means: SERVICE, or
 * REGION/SERVICE, and behind either /REVISION when rest is allowed.
 * ERR_USAGE for anything else, and for a name without the region where there
 * are several.
 */
enum err_code run_ref_read(const struct gcp_run_conf *conf, const char *name,
    bool rest, struct run_ref *ret_ref, struct err *err) ATTR_MUST_USE;

/*
 * shared and redactor as for gcp_api_init(). No I/O. Close it also after a
 * failure.
 */
enum err_code run_one_open(struct run_one *one, const struct gcp_run_conf *conf,
    const struct run_ref *ref, struct gcp_tokens *shared,
    struct redactor *redactor, struct err *err) ATTR_MUST_USE;
void run_one_close(struct run_one *one);

/* Documents: returned (free with json_free()). Errors of gcp_api_get(). */
enum err_code run_one_get(struct run_one *one, struct poll *poll,
    struct cJSON **ret_service, struct err *err) ATTR_MUST_USE;
enum err_code run_one_revision(struct run_one *one, const char *name,
    struct poll *poll, struct cJSON **ret_revision,
    struct err *err) ATTR_MUST_USE;
enum err_code run_one_operation(struct run_one *one, const char *id,
    struct poll *poll, struct cJSON **ret_operation,
    struct err *err) ATTR_MUST_USE;

/* The first GCP_PAGES_MAX pages of its revisions, the newest first. */
enum err_code run_one_revisions(struct run_one *one, struct poll *poll,
    gcp_page_fn *page, void *ctx, struct err *err) ATTR_MUST_USE;

/*
 * Sends body as a change of what mask names, once. *ret_operation: returned
 * with GCP_TAKEN. See gcp_api_change().
 */
enum gcp_sent run_one_patch(struct run_one *one, const char *mask,
    const char *body, struct poll *poll, struct cJSON **ret_operation,
    struct err *err);

/* "PATCH /v2/projects/…/services/web?updateMask=traffic". False: out is full.
 */
bool run_one_words(
    const struct run_one *one, const char *mask, struct buf *out);

#endif
