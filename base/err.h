/*
 * Errors: a code from one list, and a detail that a person can act on.
 *
 * Functions that can fail return enum err_code and fill a caller's struct
 * err when one is given (NULL is allowed everywhere). Outputs are untouched
 * on failure. The lowest layer that knows the cause writes the message; a
 * layer above may prefix it with err_prefix() but never overwrites it.
 * Messages are one line, start in lower case, and may hold bytes from
 * outside: whoever shows one passes it through text_clean() first.
 * thread: any; a struct err belongs to its caller.
 */
#ifndef SEV_BASE_ERR_H
#define SEV_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/limits.h"

/* code, short text for the screen, may a later try succeed by itself? */
#define ERR_CODES(X)                                                           \
	X(OK, "ok", false)                                                     \
	X(NOMEM, "out of memory", true)                                        \
	X(REFUSED, "connection refused", true)                                 \
	X(TIMEOUT, "timed out", true)                                          \
	X(DNS, "name not found", true)                                         \
	X(TLS, "TLS refused", true)                                            \
	X(AUTH, "credentials refused", true)                                   \
	X(FORBIDDEN, "not permitted", true)                                    \
	X(NOTFOUND, "not found", true)                                         \
	X(LIMITED, "rate limited", true)                                       \
	X(SERVER, "server error", true)                                        \
	X(PROTOCOL, "wrong protocol", true)                                    \
	X(BADDATA, "bad data", true)                                           \
	X(TOOBIG, "over the size limit", true)                                 \
	X(CLOSED, "connection closed", true)                                   \
	X(CANCELLED, "cancelled", true)                                        \
	X(HUNG, "no answer at all", true)                                      \
	X(WAITING, "waiting for it to appear", true)                           \
	X(IO, "input or output failed", true)                                  \
	X(CONFIG, "configuration", false)                                      \
	X(USAGE, "usage", false)                                               \
	X(LIMIT, "a limit of sevtop is reached", false)                        \
	X(UNSUPPORTED, "not supported here", false)

enum err_code {
#define X(code, text, retry) ERR_##code,
	ERR_CODES(X)
#undef X
	ERR_CODE_COUNT,
};

struct err {
	enum err_code code;	     /* ERR_OK when unset */
	char origin[ERR_ORIGIN_MAX]; /* "http", "redis"; may be empty */
	char msg[ERR_MSG_MAX];	     /* cut with an ellipsis when longer */
};

#define ERR_INIT                                                               \
	{                                                                      \
		.code = ERR_OK                                                 \
	}

/* Fills *err (NULL: nothing) and returns code, so callers can return it. */
enum err_code err_set(struct err *err, enum err_code code, const char *origin,
    const char *fmt, ...) ATTR_PRINTF(4, 5);
enum err_code err_setv(struct err *err, enum err_code code, const char *origin,
    const char *fmt, va_list ap) ATTR_PRINTF(4, 0);

/* As err_set() with ": " and the text of errno value saved_errno behind. */
enum err_code err_set_errno(struct err *err, enum err_code code,
    const char *origin, int saved_errno, const char *fmt, ...)
    ATTR_PRINTF(5, 6);

/* Puts "text: " before the message that is there; the code stays. */
void err_prefix(struct err *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Resets to ERR_OK with an empty message. */
void err_clear(struct err *err);

/* Short text of a code ("timed out"); never NULL. */
const char *err_code_text(enum err_code code);

/* Name of a code for JSON and tests ("TIMEOUT"); never NULL. */
const char *err_code_name(enum err_code code);

/* Whether trying again later can help. */
bool err_may_retry(enum err_code code);

/* Message if there is one, else the text of the code; never NULL. */
const char *err_text(const struct err *err);

#endif
