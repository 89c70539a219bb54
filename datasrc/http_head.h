/*
 * The few response headers that sevtop reads (RFC 9110). Bytes from outside:
 * every function takes any input.
 * thread: any.
 */
#ifndef SEV_DATASRC_HTTP_HEAD_H
#define SEV_DATASRC_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datasrc/http.h"

/* What was seen of one response so far. */
struct http_head {
	int status;
	char type[HTTP_TYPE_LEN];
	char location[HTTP_HOST_LEN];
	char etag[HTTP_ETAG_LEN]; /* "" when there is none */
	bool metadata;		  /* Metadata-Flavor: Google */
	int64_t date_s;		  /* 0: none */
	int64_t retry_after_s;	  /* -1: none, or given as a date */
	int64_t retry_after_date; /* seconds since 1970; 0: none */
};

void http_head_clear(struct http_head *head);

/* One line as received; a status line starts the head anew. */
void http_head_line(struct http_head *head, const char *line, size_t len);

/*
 * Seconds to wait, -1: not asked to. A date counts from the server's own
 * Date, from wall_s without one. Never above HTTP_RETRY_AFTER_MAX_S.
 */
int64_t http_head_retry_after(const struct http_head *head, int64_t wall_s);

#endif
