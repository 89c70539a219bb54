/*
 * Candidates for the path of a URL: which of /healthz, /health and the like
 * does this server have? They are asked in order, behind the URL's own path
 * and then at the root of the server, until one is there; from then on only
 * that one is asked. No I/O.
 *
 * Not there is what answers 404, 405, 410 or 501, what redirects or wants
 * credentials (gateways do so for any path), and a web page: many servers
 * send theirs for every path that they don't know.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_HTTP_PATHS_H
#define SEV_DATASRC_HTTP_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/opt.h"

struct buf;
struct http_response;

struct http_paths {
	const char *url;	      /* borrowed */
	const struct opt_list *paths; /* borrowed */
	size_t at;		      /* candidate that is asked now */
	bool settled;		      /* it has answered well once */
};

/* paths may be empty: the URL itself is the only candidate then. */
void http_paths_init(
    struct http_paths *paths, const char *url, const struct opt_list *list);

/* Candidates in all, at least 1. */
size_t http_paths_count(const struct http_paths *paths);

/* Appends the URL of the present candidate. False: out is full. */
bool http_paths_url(const struct http_paths *paths, struct buf *out);

/* Whether what was asked for is there; settles on it when it is well. */
bool http_paths_take(
    struct http_paths *paths, const struct http_response *response);

/* Goes on to the next candidate, round at the end. */
void http_paths_next(struct http_paths *paths);

#endif
