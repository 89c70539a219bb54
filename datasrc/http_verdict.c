#include "datasrc/http_verdict.h"

enum http_verdict
http_verdict(const struct opt_list *expected, int status)
{
	if (opt_list_has(expected, status))
		return HTTP_YES;
	if (status == 409 || status == 412)
		return HTTP_CHANGED;
	/* 408: it gave up reading what may have been read by another. */
	if (status >= 400 && status < 500 && status != 408)
		return HTTP_NO;
	return HTTP_UNCLEAR;
}
