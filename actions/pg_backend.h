/*
 * The sessions of a server as an action sees them: what each does, whom it
 * holds up, and why some are left alone whatever is asked for. A session is
 * bound by pid and the time at which it began: a pid alone is used again.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_PG_BACKEND_H
#define SEV_ACTIONS_PG_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/pg_act.h"
#include "base/text.h"
#include "datasrc/pg_locktree.h"

/*
 * Why a session is not ended: what a count of them is called. Up to RIGHT it
 * is never; those behind are left alone by what takes many at once, unless
 * its arguments say that they are meant.
 */
#define PG_EXEMPTS(X)                                                          \
	X(NOT, "")                                                             \
	X(OWN, "of sevtop itself")                                             \
	X(SERVER, "of the server: replication, autovacuum and its like")       \
	X(HIDDEN, "hidden from this role: GRANT pg_monitor")                   \
	X(SUPERUSER, "of superusers")                                          \
	X(RIGHT, "of roles that this one may not end: GRANT "                  \
		 "pg_signal_backend")                                          \
	X(DUMP, "dumps and copies: set maintenance=true to take them too")     \
	X(UPKEEP, "index builds, vacuum and schema changes: set "              \
		  "maintenance=true to take them too")                         \
	X(PEER, "of the superuser that sevtop uses, too: name it with user=")  \
	X(ELSEWHERE, "in other databases: name one with database=")

enum pg_exempt {
#define X(exempt, words) PG_EXEMPT_##exempt,
	PG_EXEMPTS(X)
#undef X
	PG_EXEMPT_COUNT,
};

const char *pg_exempt_words(enum pg_exempt exempt); /* never NULL */

enum pg_doing {
	PG_DOING_ACTIVE,
	PG_DOING_IDLE,
	PG_DOING_IDLE_IN_TX,
	PG_DOING_OTHER, /* not known, or no client's */
};

/* Texts are clean, redacted, and live in the arena of the call. */
struct pg_backend {
	int32_t pid;
	int64_t start_us;  /* times are since 1970; 0: there is none */
	int64_t query_us;  /* its statement began */
	int64_t xact_us;   /* its transaction began */
	int64_t change_us; /* it began to do what it does */
	double query_s;	   /* the same as ages by the server's clock; NaN */
	double xact_s;
	double change_s;
	enum pg_doing doing;
	enum pg_exempt exempt; /* one that holds always, or NOT */
	bool dump;	       /* pg_dump and its like, or COPY */
	bool upkeep;	       /* CREATE INDEX, VACUUM, ALTER and the like */
	bool peer;	       /* of our own role, which is a superuser */
	bool here;	       /* in our database */
	bool writes;	       /* its transaction has changed something */
	bool waits;	       /* for a lock */
	uint32_t blocks;       /* sessions that wait behind it, however far */
	struct text user;
	struct text database;
	struct text app;
	struct text client;
	struct text type;  /* "client backend", "walsender" */
	struct text state; /* "idle in transaction" */
	struct text query;
};

struct pg_backends {
	struct pg_backend *list; /* the longest at what it does first */
	size_t count;
	struct pg_locktree tree;
};

/* All sessions and who waits for whom. Release it when that went well. */
enum err_code pg_backends_read(struct pg_act *act,
    struct pg_backends *ret_backends, struct err *err) ATTR_MUST_USE;
void pg_backends_release(struct pg_backends *backends);

/* NULL: there is no such session. */
const struct pg_backend *pg_backends_find(
    const struct pg_backends *backends, int32_t pid);

/* Sessions that wait behind those of the list and are not on it. */
size_t pg_backends_behind(const struct pg_backends *backends,
    const struct pg_backend *const *list, size_t count);

/*
 * The session of a target: a pid, or the key of a row of the tables sessions
 * or locks. ERR_USAGE: it is neither; ERR_NOTFOUND: it is gone; ERR_CLOSED:
 * the pid is another session's by now.
 */
enum err_code pg_backends_target(const struct pg_backends *backends,
    const struct request_target *target, const struct pg_backend **ret_backend,
    struct err *err) ATTR_MUST_USE;

/* Whether it may be ended when it was named: says why not. ERR_FORBIDDEN for
 * lack of a right, ERR_UNSUPPORTED. */
enum err_code pg_backend_may(const struct pg_act *act,
    const struct pg_backend *backend, struct err *err) ATTR_MUST_USE;

/* "idle in transaction for 12m", "active for 4s, waits for a lock" */
struct text pg_backend_does(
    struct arena *arena, const struct pg_backend *backend);

/* "api of app_user at 10.0.0.3" */
struct text pg_backend_who(
    struct arena *arena, const struct pg_backend *backend);

/* "pid:start" or "pid:start<pid", or a pid alone (*ret_start 0). */
bool pg_target_read(const char *text, int32_t *ret_pid, int64_t *ret_start);

#endif
