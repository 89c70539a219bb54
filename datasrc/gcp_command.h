/*
 * Access tokens from a program, such as `gcloud auth print-access-token`.
 * It gets our environment, because that is where gcloud finds its login.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_COMMAND_H
#define SEV_DATASRC_GCP_COMMAND_H

#include <stdint.h>

#include "base/err.h"

struct cancel;
struct opt_list;
struct proc;
struct redactor;
struct secret;

/*
 * Runs words (at least one) for at most GCP_COMMAND_MS and takes what they
 * print. *ret_token: returned (free with secret_free()). ERR_AUTH: it ended
 * badly, with the last line of its errors, redacted; ERR_BADDATA: it printed
 * no token; errors of proc_run().
 */
enum err_code gcp_command_token(struct proc *proc, const struct opt_list *words,
    const struct redactor *redactor, int64_t deadline,
    const struct cancel *cancel, struct secret **ret_token,
    struct err *err) ATTR_MUST_USE;

#endif
