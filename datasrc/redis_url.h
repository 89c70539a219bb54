/*
 * Where a Redis server is and who we are there, from one URL:
 *
 *	redis://[user[:password]@]host[:port][/database]
 *	rediss://...			the same through TLS
 *	unix://[[user]:password@]/path/of/socket[?db=2]
 *
 * User and password are percent-decoded. Source: the "redis" and "rediss"
 * schemes registered with IANA, as redis-cli reads them.
 * Messages never repeat the URL: it holds a password.
 * thread: any.
 */
#ifndef SEV_DATASRC_REDIS_URL_H
#define SEV_DATASRC_REDIS_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/limits.h"

struct redis_target {
	char host[NET_HOST_MAX];     /* "" for a Unix socket */
	char path[REDIS_PATH_MAX];   /* "" for TCP */
	char user[REDIS_USER_MAX];   /* "": the default user */
	char pass[REDIS_SECRET_MAX]; /* "": none */
	uint16_t port;
	uint32_t db;
	bool tls;
	/* Not part of a URL; borrowed, NULL or false unless the owner sets. */
	const char *ca_file;
	const char *cert_file;
	const char *key_file;
	bool insecure;
};

/* ERR_CONFIG: the message says what is wrong. */
enum err_code redis_url_parse(const char *url, struct redis_target *ret_target,
    struct err *err) ATTR_MUST_USE;

/* Overwrites the secrets. */
void redis_target_wipe(struct redis_target *target);

/* "host:port", "host:port/2" or the path, for messages; returns out. */
enum {
	REDIS_TARGET_TEXT_LEN = NET_HOST_MAX + 32
};
char *redis_target_text(
    const struct redis_target *target, char out[REDIS_TARGET_TEXT_LEN]);

#endif
