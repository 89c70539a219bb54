/*
 * Where a PostgreSQL server is and who we are there, from one URL or
 * keyword text as libpq reads them:
 *
 *	postgres://[user[:password]@][host[:port][,...]][/database][?sslmode=...]
 *	postgresql+driver://...		the same; the driver is left out
 *	host=db port=5432 dbname=shop
 *
 * A host that begins with / is the folder of a Unix socket. Parameters that
 * only other clients know (Prisma's schema, connection_limit) are dropped,
 * where libpq would refuse the URL. What the URL leaves open comes from
 * libpq's environment (PGUSER, PGPASSWORD, ~/.pgpass), as for every program
 * that uses libpq.
 * Messages never repeat any part of the URL: a password that is not
 * percent-encoded can be anywhere in it.
 * thread: any.
 */
#ifndef SEV_DATASRC_PG_TARGET_H
#define SEV_DATASRC_PG_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/limits.h"

struct _PQconninfoOption;

/* One server of the list; tried in their order. */
struct pg_host {
	/* or the folder of a socket, from / on; "": libpq's own default */
	char name[NET_HOST_MAX];
	char addr[NET_HOST_MAX]; /* hostaddr: where name really is; "" */
	uint16_t port;
};

struct pg_target {
	struct _PQconninfoOption *options; /* owned; all that was given */
	struct pg_host hosts[PG_HOSTS_MAX];
	size_t host_count; /* 1 to PG_HOSTS_MAX */
	bool pooled;	   /* the URL says pgbouncer=true */
	/* Not part of a URL; borrowed, NULL unless the owner sets them. */
	const char *password; /* wins over the one of the URL */
	const char *ca_file;
	const char *cert_file;
	const char *key_file;
};

#define PG_TARGET_INIT                                                         \
	{                                                                      \
		.options = NULL                                                \
	}

/* ERR_CONFIG: the message says what is wrong; ERR_NOMEM. */
enum err_code pg_target_parse(const char *url, struct pg_target *ret_target,
    struct err *err) ATTR_MUST_USE;

/* Wipes the password. Fine on PG_TARGET_INIT. */
void pg_target_release(struct pg_target *target);

/* What the URL says for a keyword ("dbname"), or NULL. Borrowed. */
const char *pg_target_option(
    const struct pg_target *target, const char *keyword);

/* True when the server of this number is reached through a Unix socket. */
bool pg_target_is_local(const struct pg_target *target, size_t host);

/*
 * "host:port/database" of one server, for messages. Returns out.
 */
enum {
	PG_TARGET_TEXT_LEN = NET_HOST_MAX + 80
};
char *pg_target_text(
    const struct pg_target *target, size_t host, char out[PG_TARGET_TEXT_LEN]);

#endif
