/*
 * Saving jobs before they are removed: one file for each queue and action,
 * a JSON object a line with the id, when it failed, and every field of the
 * job's hash as it was. It is on disk before anything is deleted. Payloads
 * are written as they are, so the file is for its owner only.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_QUEUE_EXPORT_H
#define SEV_ACTIONS_QUEUE_EXPORT_H

#include "actions/queue_ref.h"

struct queue_export;

/* Says in the plan where jobs are saved. */
void queue_export_trap(const struct action_ctx *ctx, struct plan *plan);

/* A new file. ERR_IO, ERR_FORBIDDEN: then nothing may be removed. */
enum err_code queue_export_open(const struct action_ctx *ctx,
    const struct queue_ref *ref, struct queue_export **ret_export,
    struct err *err) ATTR_MUST_USE;

/* Appends jobs by id; one that is gone is left out. */
enum err_code queue_export_jobs(struct queue_export *export,
    struct queue_link *link, const struct queue_ref *ref,
    const char *const *ids, size_t count, struct err *err) ATTR_MUST_USE;

/* Makes sure that what was appended so far is on disk. */
enum err_code queue_export_sync(
    struct queue_export *export, struct err *err) ATTR_MUST_USE;

/*
 * The same at the end, unless code, what happened so far, is a
 * failure already. Frees export (NULL is allowed). Returns code or ERR_IO.
 */
enum err_code queue_export_close(struct queue_export *export,
    enum err_code code, struct err *err) ATTR_MUST_USE;

/* The file's path; borrowed. */
const char *queue_export_path(const struct queue_export *export);

#endif
