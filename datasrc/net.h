/*
 * Connections for clients that keep their own socket (Redis; PostgreSQL
 * takes the resolved address). Name look-up never blocks the caller past its
 * deadline: getaddrinfo() can't be interrupted and may take minutes with a
 * dead name server, so it runs in a throw-away thread whose late answer
 * nobody reads. At most NET_LOOKUPS_MAX such threads exist at once.
 * Deadlines are absolute on clock_now(); a cancel token may be NULL.
 * Every descriptor is non-blocking and close-on-exec.
 * thread: any; a descriptor belongs to its caller.
 */
#ifndef SEV_DATASRC_NET_H
#define SEV_DATASRC_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/thread.h"
#include "datasrc/limits.h"

struct net_addr {
	struct sockaddr_storage addr;
	socklen_t len;
};

struct net_addrs {
	struct net_addr list[NET_ADDRS_MAX]; /* in the order to try */
	size_t count;			     /* >= 1 after success */
};

/* Longest text of an address: "[fe80::1%interface]:65535" */
enum {
	NET_ADDR_TEXT_LEN = 96
};

/*
 * Addresses of host (name or numeric, IPv6 with or without brackets).
 * ERR_DNS: no such name, or too many look-ups still wait for a name server;
 * ERR_TIMEOUT, ERR_CANCELLED, ERR_NOMEM.
 */
enum err_code net_resolve(const char *host, uint16_t port, int64_t deadline,
    const struct cancel *cancel, struct net_addrs *ret_addrs,
    struct err *err) ATTR_MUST_USE;

/*
 * TCP connection to the first address of host that answers; keepalive and
 * no delay are on. *ret_fd: returned (close it).
 * ERR_REFUSED, ERR_TIMEOUT, ERR_DNS, ERR_CANCELLED, ERR_IO.
 */
enum err_code net_connect(const char *host, uint16_t port, int64_t deadline,
    const struct cancel *cancel, int *ret_fd, struct err *err) ATTR_MUST_USE;

/* As net_connect() to a Unix stream socket. */
enum err_code net_connect_unix(const char *path, int64_t deadline,
    const struct cancel *cancel, int *ret_fd, struct err *err) ATTR_MUST_USE;

/*
 * Reads what is there, at most cap bytes, waiting for the first one.
 * ERR_CLOSED: the other side ended the connection.
 */
enum err_code net_read(int fd, void *to, size_t cap, int64_t deadline,
    const struct cancel *cancel, size_t *ret_len,
    struct err *err) ATTR_MUST_USE;

/* Writes all of it. After an error an unknown part has been sent. */
enum err_code net_write(int fd, const void *from, size_t len, int64_t deadline,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/* "192.0.2.1:80", "[2001:db8::1]:80"; returns out. */
char *net_addr_text(const struct net_addr *addr, char out[NET_ADDR_TEXT_LEN]);

#endif
