/*
 * Runs the command of a cmd: secret. Only base/secret.c calls this.
 * thread: any.
 */
#ifndef SEV_BASE_SECRET_CMD_H
#define SEV_BASE_SECRET_CMD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cancel;

/*
 * json is an array of words. Puts what the command writes, at most cap
 * bytes, into out; ERR_TOOBIG when there is more. Ends by the deadline or
 * the token; the process and what it started in its session are then killed.
 * On failure out may hold part of a secret: the caller wipes it.
 */
enum err_code secret_cmd_run(const char *json, int64_t deadline,
    const struct cancel *cancel, char *out, size_t cap, size_t *ret_len,
    struct err *err) ATTR_MUST_USE;

#endif
