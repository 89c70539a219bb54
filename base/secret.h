/*
 * A secret: a value that must reach a server and nobody else. Opaque, so
 * that no printf and no log can show it by accident; its memory is left out
 * of core files, kept from swap where allowed, and wiped on release.
 *
 * Where secrets come from, as the configuration writes it:
 *	env:NAME             the environment; unset or empty is an error
 *	file:PATH            a regular file, no symbolic link, ours or root's,
 *	                     readable by its owner only (one of root's by its
 *	                     group too); one final newline is dropped
 *	cmd:["pass","show","x"]   output of a command (JSON array, started
 *	                     without a shell, in a clean environment, without
 *	                     a terminal); one final newline is dropped
 *	anything else        the value itself; opt_bind() warns of it
 *
 * Errors name the place, never the value.
 * thread: any; a struct secret is immutable once made.
 */
#ifndef SEV_BASE_SECRET_H
#define SEV_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cancel;
struct secret;

enum secret_kind {
	SECRET_LITERAL,
	SECRET_ENV,
	SECRET_FILE,
	SECRET_CMD
};

/* How ref would be resolved; looks at its beginning only. */
enum secret_kind secret_ref_kind(const char *ref);

/*
 * Resolves ref into *ret_secret (returned, free with secret_free()). May
 * block: a command has SECRET_CMD_MS, the token (NULL: none) ends it early,
 * and its process is always ended and reaped. ERR_CONFIG for what only an
 * edit can mend, ERR_NOTFOUND for an unset variable or absent file,
 * ERR_FORBIDDEN for a file open to others, ERR_TIMEOUT, ERR_TOOBIG.
 */
enum err_code secret_from_ref(const char *ref, const struct cancel *cancel,
    struct secret **ret_secret, struct err *err) ATTR_MUST_USE;

/* A copy of len bytes; not counted as literal. ERR_NOMEM, ERR_TOOBIG. */
enum err_code secret_new(const void *bytes, size_t len,
    struct secret **ret_secret, struct err *err) ATTR_MUST_USE;

/* Wipes. NULL is allowed. Returns NULL. */
struct secret *secret_free(struct secret *secret);

/*
 * The bytes, followed by a NUL; borrowed. Only for the call that sends
 * them; a copy must be wiped by whoever made it.
 */
const char *secret_reveal(const struct secret *secret);
size_t secret_len(const struct secret *secret);

/* In a time that depends on the lengths only. */
bool secret_equal(const struct secret *a, const struct secret *b);
bool secret_equal_bytes(const struct secret *a, const void *bytes, size_t len);

#endif
