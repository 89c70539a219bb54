/*
 * Counts how many lines of a source the named searches of its platform
 * (`logs:`) find, as they arrive, so that a signal can watch a search:
 *
 *	provider_trouble:
 *	  growth: 'log_matches{search="providers"}'
 *	  warn: "> 10"
 *
 * A line counts once, by its head: what goes on with it is looked at by the
 * log pane only. A line on which a search is too costly is counted apart.
 * thread: owner.
 */
#ifndef SEV_DATASRC_LOGCOUNT_H
#define SEV_DATASRC_LOGCOUNT_H

#include "base/err.h"
#include "base/text.h"
#include "model/build.h"
#include "model/logstore.h"

struct logcount;
struct platform;

/*
 * platform (NULL: no searches) is borrowed; source is the name that
 * source= in a search is compared with, and lives as long. *ret_count: NULL
 * when there is nothing to count, else the caller's.
 */
enum err_code logcount_new(const struct platform *platform, struct text source,
    struct logcount **ret_count, struct err *err) ATTR_MUST_USE;

/* NULL is allowed, here and below. Returns NULL. */
struct logcount *logcount_free(struct logcount *count);

/* Looks at one line; those with LOG_CONT or LOG_NOTICE are passed over. */
void logcount_line(struct logcount *count, const struct log_line *line);

/* Adds the counter log_matches, one for each search. */
void logcount_report(const struct logcount *count, struct build *build);

/* What a search has found, however it looks; and its counter. */
struct logcount_found {
	uint64_t lines;
	uint64_t costly; /* lines without an answer */
};
void logcount_found_report(
    const char *name, const struct logcount_found *found, struct build *build);

#endif
