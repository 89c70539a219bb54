/*
 * Google's own schemas and libraries as judges of a live test; see
 * tests/gcp. Where npm could not install them, what they would say is
 * skipped with a reason.
 * thread: main.
 */
#ifndef SEV_TESTS_GOOGLE_H
#define SEV_TESTS_GOOGLE_H

#include <stdbool.h>

struct cJSON;
struct child;

/*
 * Starts tests/live/gcpserver.py, without what the environment says of
 * Google; a failure is a failed check.
 */
bool google_start(struct child *server);

/*
 * Its answer to a question that is no client's of Google; returned (free
 * with json_free()), NULL after a failed check.
 */
struct cJSON *google_ask(const struct child *server, const char *path);

/* "name=value&...": what it does next. */
void google_set(const struct child *server, const char *query);

/* Whether they are there; if not, that is counted as skipped. */
bool google_has_judges(void);

/*
 * Judges the requests in a log of tests/live/gcpserver.py: one check, with
 * every unknown or misspelt field in it. NULL: there is no log, which fails.
 */
void google_judge(const char *log);

#endif
