/*
 * What the status of an answer says of a request that was to change
 * something. Source: RFC 9110, section 15.
 * thread: any.
 */
#ifndef SEV_DATASRC_HTTP_VERDICT_H
#define SEV_DATASRC_HTTP_VERDICT_H

#include "base/opt.h"

enum http_verdict {
	HTTP_YES,     /* one of those that were expected */
	HTTP_NO,      /* 4xx: refused, nothing was done */
	HTTP_CHANGED, /* 409 and 412: refused, it is not as it was */
	HTTP_UNCLEAR, /* everything else: it may be done or not */
};

enum http_verdict http_verdict(const struct opt_list *expected, int status);

#endif
