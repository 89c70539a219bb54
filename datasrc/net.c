#include "datasrc/net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/*
 * How many look-up threads exist in the process. Any thread may count up or
 * down; a limit per client would not hold when sources are restarted.
 */
static atomic_int net_lookups;

/* Shared by the waiter and its thread; the last of the two frees it. */
struct net_lookup {
	atomic_int refs;
	atomic_bool answered; /* orders rc and found between the two */
	struct wake done;
	char *host;
	char port[8];
	int rc;			/* of getaddrinfo(); valid once answered */
	struct addrinfo *found; /* NULL unless rc is 0 */
};

static void
net_lookup_unref(struct net_lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->refs, 1) != 1)
		return;
	if (lookup->found != NULL)
		freeaddrinfo(lookup->found);
	wake_release(&lookup->done);
	mem_free(lookup->host);
	mem_free(lookup);
}

static void *
net_lookup_main(void *arg)
{
	static const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG,
	};
	struct net_lookup *lookup = arg;

	lookup->rc =
	    getaddrinfo(lookup->host, lookup->port, &hints, &lookup->found);
	atomic_store(&lookup->answered, true);
	wake_signal(&lookup->done);
	net_lookup_unref(lookup);
	atomic_fetch_sub(&net_lookups, 1);
	return NULL;
}

static void
net_addrs_copy(const struct addrinfo *found, struct net_addrs *addrs)
{
	addrs->count = 0;
	for (; found != NULL && addrs->count < NET_ADDRS_MAX;
	     found = found->ai_next) {
		struct net_addr *to = &addrs->list[addrs->count];

		if (found->ai_addrlen > sizeof(to->addr))
			continue;
		memset(to, 0, sizeof(*to));
		memcpy(&to->addr, found->ai_addr, found->ai_addrlen);
		to->len = found->ai_addrlen;
		addrs->count++;
	}
}

static enum err_code
net_lookup_failed(const char *host, int rc, struct err *err)
{
	if (rc == EAI_MEMORY)
		return err_set(
		    err, ERR_NOMEM, "net", "looking up %s: no memory", host);
	if (rc == EAI_NONAME || rc == EAI_NODATA)
		return err_set(err, ERR_DNS, "net",
		    "%s: no such name; check the spelling or the DNS record",
		    host);
	return err_set(
	    err, ERR_DNS, "net", "looking up %s: %s", host, gai_strerror(rc));
}

/* Numeric addresses need no thread. False: it is a name. */
static bool
net_resolve_numeric(const char *host, const char *port, struct net_addrs *addrs)
{
	static const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	struct addrinfo *found = NULL;

	if (getaddrinfo(host, port, &hints, &found) != 0)
		return false;
	net_addrs_copy(found, addrs);
	freeaddrinfo(found);
	return addrs->count > 0;
}

static enum err_code
net_lookup_start(const char *host, const char *port,
    struct net_lookup **ret_lookup, struct err *err)
{
	struct net_lookup *lookup;
	struct thread thread;
	enum err_code code;

	if (atomic_fetch_add(&net_lookups, 1) >= NET_LOOKUPS_MAX) {
		atomic_fetch_sub(&net_lookups, 1);
		return err_set(err, ERR_DNS, "net",
		    "%d name look-ups are still unanswered; "
		    "check the name servers in /etc/resolv.conf",
		    NET_LOOKUPS_MAX);
	}
	lookup = mem_calloc(1, sizeof(*lookup));
	if (lookup != NULL)
		lookup->host = mem_strdup(host);
	if (lookup == NULL || lookup->host == NULL) {
		code = err_set(err, ERR_NOMEM, "net", "looking up %s", host);
		goto fail;
	}
	snprintf(lookup->port, sizeof(lookup->port), "%s", port);
	code = wake_init(&lookup->done, err);
	if (code != ERR_OK)
		goto fail;
	atomic_init(&lookup->refs, 2);
	atomic_init(&lookup->answered, false);
	code = thread_start(&thread, "lookup", net_lookup_main, lookup, err);
	if (code != ERR_OK) {
		wake_release(&lookup->done);
		goto fail;
	}
	thread_detach(&thread);
	*ret_lookup = lookup;
	return ERR_OK;
fail:
	atomic_fetch_sub(&net_lookups, 1);
	if (lookup != NULL)
		mem_free(lookup->host);
	mem_free(lookup);
	return code;
}

enum err_code
net_resolve(const char *host, uint16_t port, int64_t deadline,
    const struct cancel *cancel, struct net_addrs *ret_addrs, struct err *err)
{
	struct net_lookup *lookup = NULL;
	char bare[NET_HOST_MAX], service[8];
	size_t len = strlen(host);
	enum err_code code;

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(bare))
		return err_set(err, ERR_CONFIG, "net",
		    "a host name has 1 to %d characters", NET_HOST_MAX - 1);
	memcpy(bare, host, len);
	bare[len] = '\0';
	snprintf(service, sizeof(service), "%u", port);
	if (net_resolve_numeric(bare, service, ret_addrs))
		return ERR_OK;
	code = net_lookup_start(bare, service, &lookup, err);
	if (code != ERR_OK)
		return code;
	code = io_wait(wake_fd(&lookup->done), IO_READ, deadline, cancel, NULL);
	if (code == ERR_TIMEOUT)
		err_set(err, code, "net",
		    "looking up %s: the name server did not answer in time",
		    bare);
	else if (code != ERR_OK)
		err_set(err, code, "net", "looking up %s: %s", bare,
		    err_code_text(code));
	else if (!atomic_load(&lookup->answered) || lookup->rc != 0)
		code = net_lookup_failed(bare, lookup->rc, err);
	else
		net_addrs_copy(lookup->found, ret_addrs);
	net_lookup_unref(lookup);
	return code;
}

char *
net_addr_text(const struct net_addr *addr, char out[NET_ADDR_TEXT_LEN])
{
	char host[64], port[8];

	if (getnameinfo((const struct sockaddr *)&addr->addr, addr->len, host,
		sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, NET_ADDR_TEXT_LEN, "?");
	else if (addr->addr.ss_family == AF_INET6)
		snprintf(out, NET_ADDR_TEXT_LEN, "[%s]:%s", host, port);
	else
		snprintf(out, NET_ADDR_TEXT_LEN, "%s:%s", host, port);
	return out;
}

/* Maps what connect() said; where is "host:port" or a path. */
static enum err_code
net_connect_failed(const char *where, int saved_errno, struct err *err)
{
	switch (saved_errno) {
	case ECONNREFUSED:
		return err_set(err, ERR_REFUSED, "net",
		    "%s refused the connection; is the server running there?",
		    where);
	case ETIMEDOUT:
		return err_set(err, ERR_TIMEOUT, "net",
		    "connecting to %s timed out", where);
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
		return err_set_errno(err, ERR_REFUSED, "net", saved_errno,
		    "no route to %s", where);
	case ENOENT:
		return err_set(err, ERR_REFUSED, "net",
		    "%s does not exist; is the server running?", where);
	case EACCES:
	case EPERM:
		return err_set_errno(err, ERR_FORBIDDEN, "net", saved_errno,
		    "connecting to %s", where);
	default:
		return err_set_errno(
		    err, ERR_IO, "net", saved_errno, "connecting to %s", where);
	}
}

static void
net_set_options(int fd, int family)
{
	static const int on = 1, idle = NET_KEEPALIVE_S, tries = 3;

	if (family == AF_UNIX)
		return;
	/* Best effort: a connection without them still works. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
#ifdef TCP_KEEPIDLE
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
#endif
}

static enum err_code
net_connect_addr(const struct net_addr *addr, const char *where,
    int64_t deadline, const struct cancel *cancel, int *ret_fd, struct err *err)
{
	int family = addr->addr.ss_family, failed = 0, fd;
	socklen_t len = sizeof(failed);
	enum err_code code = ERR_OK;

	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set_errno(
		    err, ERR_IO, "net", errno, "socket for %s", where);
	net_set_options(fd, family);
	if (connect(fd, (const struct sockaddr *)&addr->addr, addr->len) != 0) {
		if (errno != EINPROGRESS) {
			code = net_connect_failed(where, errno, err);
			goto out;
		}
		code = io_wait(fd, IO_WRITE, deadline, cancel, NULL);
		if (code != ERR_OK) {
			err_set(err, code, "net", "connecting to %s: %s", where,
			    err_code_text(code));
			goto out;
		}
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0)
			failed = errno;
		if (failed != 0) {
			code = net_connect_failed(where, failed, err);
			goto out;
		}
	}
	*ret_fd = fd;
	fd = -1;
out:
	if (fd >= 0)
		close(fd);
	return code;
}

enum err_code
net_connect(const char *host, uint16_t port, int64_t deadline,
    const struct cancel *cancel, int *ret_fd, struct err *err)
{
	struct net_addrs addrs;
	char where[NET_HOST_MAX + NET_ADDR_TEXT_LEN], text[NET_ADDR_TEXT_LEN];
	enum err_code code;

	code = net_resolve(host, port, deadline, cancel, &addrs, err);
	for (size_t i = 0; code == ERR_OK && i < addrs.count; i++) {
		int64_t now = clock_now(), until = deadline;

		/* A silent first address must leave time for the others. */
		if (deadline != DEADLINE_NONE && deadline > now)
			until =
			    now + (deadline - now) / (int64_t)(addrs.count - i);
		net_addr_text(&addrs.list[i], text);
		snprintf(where, sizeof(where), "%s", text);
		if (addrs.count > 1 || strncmp(text, host, strlen(host)) != 0)
			snprintf(where, sizeof(where), "%s (%s)", host, text);
		code = net_connect_addr(
		    &addrs.list[i], where, until, cancel, ret_fd, err);
		if (code == ERR_OK || code == ERR_CANCELLED)
			return code;
		if (i + 1 < addrs.count)
			code = ERR_OK;
	}
	return code;
}

enum err_code
net_connect_unix(const char *path, int64_t deadline,
    const struct cancel *cancel, int *ret_fd, struct err *err)
{
	struct net_addr addr = { .len = sizeof(struct sockaddr_un) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(un.sun_path))
		return err_set(err, ERR_CONFIG, "net",
		    "the path of a Unix socket has 1 to %zu characters",
		    sizeof(un.sun_path) - 1);
	memcpy(un.sun_path, path, len + 1);
	memcpy(&addr.addr, &un, sizeof(un));
	return net_connect_addr(&addr, path, deadline, cancel, ret_fd, err);
}

static enum err_code
net_io_failed(int saved_errno, struct err *err)
{
	if (saved_errno == ECONNRESET || saved_errno == EPIPE)
		return err_set(err, ERR_CLOSED, "net",
		    "the server dropped the connection");
	if (saved_errno == ETIMEDOUT)
		return err_set(err, ERR_TIMEOUT, "net",
		    "the connection died: no sign of life from the server");
	return err_set_errno(err, ERR_IO, "net", saved_errno, "connection");
}

enum err_code
net_read(int fd, void *to, size_t cap, int64_t deadline,
    const struct cancel *cancel, size_t *ret_len, struct err *err)
{
	for (;;) {
		ssize_t n = recv(fd, to, cap, 0);
		enum err_code code;

		if (n > 0) {
			*ret_len = (size_t)n;
			return ERR_OK;
		}
		if (n == 0)
			return err_set(err, ERR_CLOSED, "net",
			    "the server closed the connection");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return net_io_failed(errno, err);
		code = io_wait(fd, IO_READ, deadline, cancel, NULL);
		if (code != ERR_OK)
			return err_set(err, code, "net",
			    "waiting for an answer: %s", err_code_text(code));
	}
}

enum err_code
net_write(int fd, const void *from, size_t len, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	const char *at = from;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		enum err_code code;

		if (n >= 0) {
			at += n;
			len -= (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return net_io_failed(errno, err);
		code = io_wait(fd, IO_WRITE, deadline, cancel, NULL);
		if (code != ERR_OK)
			return err_set(err, code, "net", "sending: %s",
			    err_code_text(code));
	}
	return ERR_OK;
}
