/*
 * Hides secrets in bytes from outside before anything is kept, shown or
 * written: first by value (every secret that sevtop was given, also in
 * base64, percent and JSON form), then by shape (cloud and GitHub and
 * Slack and Stripe keys, JSON web tokens, private keys, passwords in URLs,
 * Authorization and the like, password= and token= and their kin).
 * What is hidden reads "[redacted]"; the words around it stay.
 *
 * Linear in the length of the input. Redacting twice changes nothing more.
 * A secret that spans two inputs is not seen: callers hand in whole lines
 * or whole bodies. The head of one is hidden, too, where a message was cut
 * in it and ends there, or says so by three dots. Values shorter than
 * REDACT_SECRET_MIN are not searched for, because they would blot out ordinary
 * words. thread: any for all functions, readers never wait for one another or
 * for redactor_add().
 */
#ifndef SEV_BASE_REDACT_H
#define SEV_BASE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

struct arena;
struct buf;
struct redactor;
struct secret;

#define REDACTED "[redacted]"

/* Knows the shapes, no values yet. NULL: no memory. */
struct redactor *redactor_new(void) ATTR_MUST_USE;

/* No reader may be left. NULL is allowed. Returns NULL. */
struct redactor *redactor_free(struct redactor *redactor);

/*
 * From the return on every reader hides this value. Adding a known one is
 * no error. ERR_LIMIT when it is too short to be searched for, ERR_TOOBIG,
 * ERR_NOMEM.
 */
enum err_code redactor_add(struct redactor *redactor, const void *value,
    size_t len, struct err *err) ATTR_MUST_USE;
enum err_code redactor_add_secret(struct redactor *redactor,
    const struct secret *secret, struct err *err) ATTR_MUST_USE;

/*
 * Appends the redacted bytes. False when out is full or without memory:
 * out is then failed and what it holds is not to be used. redactor NULL:
 * the shapes are still hidden.
 */
bool redact_bytes(const struct redactor *redactor, struct buf *out,
    const void *bytes, size_t len) ATTR_MUST_USE;

/*
 * Redacts, then cleans: the way in for everything from outside. The cut at
 * max_bytes comes after redaction, so it never uncovers half a secret.
 * Without memory the result is the empty text and the arena is failed.
 */
struct text text_ingest(const struct redactor *redactor, struct arena *arena,
    const void *bytes, size_t len, size_t max_bytes);

#endif
