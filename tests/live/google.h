/*
 * Google for a live test: tests/live/gcpserver.py, and Google's own schemas
 * and libraries as judges (tests/gcp). Where npm could not install these,
 * what they would say is skipped with a reason.
 *
 * The macros make checks of the program that includes tests/tap.h, which
 * counts its own.
 * thread: main.
 */
#ifndef SEV_TESTS_GOOGLE_H
#define SEV_TESTS_GOOGLE_H

#include <stdbool.h>

struct cJSON;
struct child;

/* Starts the server, without what the environment says of Google. */
bool google_launch(struct child *server);
#define google_start(server) ok(google_launch(server), "gcpserver.py starts")

/*
 * Its answer to a question that is no client's of Google; returned (free
 * with json_free()), NULL with a TAP comment: none.
 */
struct cJSON *google_ask(const struct child *server, const char *path);

/* "name=value&...": what it does next. */
void google_set(const struct child *server, const char *query);

/* Whether the judges are there; if not, that is counted as skipped. */
bool google_judges_there(void);
#define google_has_judges()                                                    \
	(google_judges_there() ||                                              \
	    (skip("no official clients: cd tests/gcp && npm ci"), false))

/*
 * Judges the requests in a log of the server: one check, with every unknown
 * or misspelt field as a comment. NULL: there is no log, which fails.
 */
bool google_requests_right(const char *log);
#define google_judge(log)                                                      \
	do {                                                                   \
		if (google_has_judges())                                       \
			ok(google_requests_right(log),                         \
			    "every request is one of Google's schemas");       \
	} while (0)

#endif
