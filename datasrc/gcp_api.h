/*
 * Questions to Google's REST APIs: one document, or a list page by page; and
 * changes, each sent once. Every request has a token and, where there is
 * one, the quota project. A token that is refused is asked for anew, once.
 * Errors are the words of gcp_answer.h.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_API_H
#define SEV_DATASRC_GCP_API_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cJSON;
struct gcp_auth;
struct gcp_conf;
struct http_client;
struct poll;
struct redactor;
struct gcp_tokens;

struct gcp_api {
	const struct gcp_conf *conf; /* borrowed */
	const char *root;	     /* "https://run.googleapis.com" */
	struct gcp_auth *auth;
	struct http_client *client; /* NULL: not made yet */
};

/*
 * root is the API's address, unless the configuration has another. shared
 * and redactor as for gcp_auth_new().
 */
enum err_code gcp_api_init(struct gcp_api *api, const struct gcp_conf *conf,
    const char *root, struct gcp_tokens *shared, struct redactor *redactor,
    struct err *err) ATTR_MUST_USE;
void gcp_api_release(struct gcp_api *api);

/* A question with a body of JSON; all borrowed. */
struct gcp_post {
	const char *path;
	const struct buf *body;
	const char *what; /* names it in errors */
	size_t body_max;  /* of the answer; ERR_TOOBIG beyond it */
};

/*
 * *ret_root: returned (free with json_free()). *ret_date_s: the server's
 * clock when it answered, seconds since 1970; 0: it does not say. poll as
 * below.
 */
enum err_code gcp_api_post(struct gcp_api *api, const struct gcp_post *post,
    struct poll *poll, struct cJSON **ret_root, int64_t *ret_date_s,
    struct err *err) ATTR_MUST_USE;

/* What the next page of a list is asked with; NULL: there is none. */
const char *gcp_api_next(const struct cJSON *page);

/* Takes one page; it is gone after the return. */
typedef void gcp_page_fn(void *ctx, const struct cJSON *page);

/*
 * Asks for path, which has a query or "?" at its end and whose parts are
 * encoded, with all its pages. what names it in errors. *ret_more: there are
 * more than GCP_PAGES_MAX pages; a list that goes in a circle is ERR_BADDATA.
 * poll gives deadline and token, and gets the server's Retry-After. On failure
 * some pages may have been given.
 */
enum err_code gcp_api_list(struct gcp_api *api, const char *path,
    const char *what, struct poll *poll, gcp_page_fn *page, void *ctx,
    bool *ret_more, struct err *err) ATTR_MUST_USE;

/*
 * Asks for the one document at path, whose parts are encoded. *ret_root: an
 * object, returned (free with json_free()). Else as gcp_api_list().
 */
enum err_code gcp_api_get(struct gcp_api *api, const char *path,
    const char *what, struct poll *poll, struct cJSON **ret_root,
    struct err *err) ATTR_MUST_USE;

/* What came of a change. */
enum gcp_sent {
	GCP_UNSENT,  /* refused, or never sent: nothing was done */
	GCP_CHANGED, /* refused: it is not any more as the etag says */
	GCP_TAKEN,   /* Google said yes */
	GCP_MAYBE,   /* no answer, or none that says so */
};

/*
 * Sends body by method to path, on a connection of its own and never twice:
 * but for an answer that the token is not good, which Google gives before
 * it looks at anything else. *ret_root: the answer to GCP_TAKEN, an object,
 * returned (free with json_free()); the words of the others are in err,
 * ERR_CLOSED with GCP_CHANGED.
 */
enum gcp_sent gcp_api_change(struct gcp_api *api, const char *method,
    const char *path, const char *body, const char *what, struct poll *poll,
    struct cJSON **ret_root, struct err *err);

#endif
