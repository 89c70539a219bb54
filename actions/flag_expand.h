/*
 * What the targets of flag.set mean: kill switches become their flags, each
 * flag stands there once, and off is what kill switches alone set.
 * thread: any; pure.
 */
#ifndef SEV_ACTIONS_FLAG_EXPAND_H
#define SEV_ACTIONS_FLAG_EXPAND_H

#include "actions/action.h"

/* For action_ops.expand. ERR_NOTFOUND: no such switch; ERR_LIMIT. */
enum err_code flag_expand(const struct platform *platform,
    const struct request_spec *spec, struct arena *arena,
    struct request_spec *ret_spec, struct err *err) ATTR_MUST_USE;

#endif
