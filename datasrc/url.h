/*
 * URLs, taken apart and put together by curl (RFC 3986), for every source
 * that is given one: http, redis, postgres. Host names come from the
 * configuration only; what an API answers never becomes a host.
 * thread: any.
 */
#ifndef SEV_DATASRC_URL_H
#define SEV_DATASRC_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

/*
 * All texts are percent-decoded, NULL when absent, and end with the struct.
 * Control bytes, also as %00 to %1F, are refused.
 */
struct url {
	char *scheme; /* in lower case; never NULL */
	char *user;
	char *password;
	char *host;    /* never NULL; IPv6 without brackets */
	uint16_t port; /* 0: none given and the scheme is not http or https */
	char *path;    /* "/" when absent */
	char *query;   /* still encoded: "a=1&b=2" */
	bool port_given;
};

/*
 * Takes text apart into *ret_url (release with url_release()). ERR_CONFIG
 * never repeats text, which may hold a password.
 */
enum err_code url_parse(
    const char *text, struct url *ret_url, struct err *err) ATTR_MUST_USE;

/* Wipes the password. Fine on a struct that is all zero. */
void url_release(struct url *url);

/*
 * Appends what may be shown: scheme, host, port if given and path, without
 * user, password, query and fragment. False: out is full or text no URL.
 */
bool url_show(struct buf *out, const char *text);

/* Appends s percent-encoded for use as one part of a path or query. */
bool url_encode(struct buf *out, const char *s);

#endif
