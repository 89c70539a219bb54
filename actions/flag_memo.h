/*
 * What a plan of flag.set keeps: for each target what it was, what it is to
 * become, and what proves that it has not changed since.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_FLAG_MEMO_H
#define SEV_ACTIONS_FLAG_MEMO_H

#include <stdbool.h>

#include "actions/action.h"
#include "datasrc/flag_type.h"

/* One target; texts live in the arena of the call. */
struct flag_target {
	const struct platform_flag *flag;
	bool same;	   /* it has that value already: nothing is sent */
	const char *was;   /* text of the backend; NULL: none, or a secret */
	const char *value; /* the same; of a secret a reference; NULL: none */
	const char *etag;  /* never NULL, also below */
	const char *stamp;
	const char *keep; /* file that the old secret goes to; "": none */
};

/* Keeps count of them in the plan. */
void flag_memo_keep(
    struct plan *plan, const struct flag_target *targets, size_t count);

/*
 * Reads them back, as many as the request has targets. ERR_BADDATA: the plan
 * comes from elsewhere; ERR_NOTFOUND: a flag is not configured any more.
 */
enum err_code flag_memo_read(const struct action_ctx *ctx,
    const struct plan *plan, struct flag_target **ret_targets,
    struct err *err) ATTR_MUST_USE;

#endif
