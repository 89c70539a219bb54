/*
 * Lines of a program that prints the end of a log again and again, for the
 * log store: only what was not in its last output is new.
 *
 * Equal lines are counted, so one more of them is new, too. What looks the
 * same in both outputs is taken for the same line: a time in each line
 * (`docker compose logs --timestamps`) makes that exact.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_PROCESS_LOG_H
#define SEV_DATASRC_PROCESS_LOG_H

#include <stddef.h>

#include "base/err.h"

struct build;
struct process_log;
struct source_env;

/* env is borrowed. *ret_log: returned (free with process_log_free()). */
enum err_code process_log_new(const struct source_env *env,
    struct process_log **ret_log, struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct process_log *process_log_free(struct process_log *log);

/* Appends what is new in an output. */
void process_log_take(struct process_log *log, const char *bytes, size_t len);

/* Adds what the named searches found so far (datasrc/logcount.h). */
void process_log_report(const struct process_log *log, struct build *build);

#endif
