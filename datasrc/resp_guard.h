/*
 * A guard before hiredis' reply parser. The reader of hiredis 0.14 believes
 * every length it is told: 17 bytes ("*1000000000\r\n:1\r\n") cost 8 GB of
 * address space and seconds to free. The guard follows the same bytes, keeps
 * nothing of them, and refuses a header before the parser sees it. What it
 * lets through is a strict subset of the protocol, so the parser never has
 * an opinion of its own.
 * Source: Redis serialization protocol specification, version 2 (RESP2).
 * thread: owner.
 */
#ifndef SEV_DATASRC_RESP_GUARD_H
#define SEV_DATASRC_RESP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/limits.h"

struct resp_limits {
	size_t total_max;    /* bytes between two resp_guard_reset() */
	size_t bulk_max;     /* bytes of one string */
	size_t line_max;     /* bytes of a status or error line */
	size_t array_max;    /* elements of one array */
	size_t elements_max; /* values of all kinds between two resets */
	size_t depth_max;    /* arrays inside each other, <= RESP_DEPTH_MAX */
};

/* What sevtop's own connections allow, from datasrc/limits.h. */
struct resp_limits resp_limits_default(void);

/* Caller's storage; the fields are private to resp_guard.c. */
struct resp_guard {
	struct resp_limits limits;
	size_t total;
	size_t elements;
	size_t left[RESP_DEPTH_MAX]; /* elements still to come, per level */
	size_t depth;
	int state;
	char type;	       /* first byte of the value in hand */
	char digits[24];       /* number of a header so far */
	size_t line_len;       /* bytes of the line in hand */
	size_t bulk_left;      /* bytes of the string still to come */
	enum err_code refused; /* stays refused */
};

void resp_guard_init(
    struct resp_guard *guard, const struct resp_limits *limits);

/*
 * Starts counting bytes and values anew. Between replies only: a value that
 * is half read keeps its place.
 */
void resp_guard_reset(struct resp_guard *guard);

/*
 * Follows the next len bytes of the stream; *ret_replies is how many whole
 * replies ended in them. On failure none of these bytes may go to a parser
 * and the connection is of no more use.
 * ERR_PROTOCOL: not RESP2, the message shows how the bytes begin;
 * ERR_TOOBIG: over a limit, the message names it.
 */
enum err_code resp_guard_scan(struct resp_guard *guard, const char *bytes,
    size_t len, size_t *ret_replies, struct err *err) ATTR_MUST_USE;

/* True between replies: nothing is half read. */
bool resp_guard_idle(const struct resp_guard *guard);

#endif
