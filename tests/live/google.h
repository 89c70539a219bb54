/*
 * Google's own schemas and libraries as judges of a live test; see
 * tests/gcp. Where npm could not install them, what they would say is
 * skipped with a reason.
 * thread: main.
 */
#ifndef SEV_TESTS_GOOGLE_H
#define SEV_TESTS_GOOGLE_H

#include <stdbool.h>

/* Whether they are there; if not, that is counted as skipped. */
bool google_has_judges(void);

/*
 * Judges the requests in a log of tests/live/gcpserver.py: one check, with
 * every unknown or misspelt field in it. NULL: there is no log, which fails.
 */
void google_judge(const char *log);

#endif
