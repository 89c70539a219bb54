#include "sim/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"

#define CTL_SOCKET "ctl.sock"

struct ctl_client {
	int fd;		  /* -1: free place */
	int64_t deadline; /* silent clients are dropped then */
	size_t len;
	char line[SIM_CTL_LINE_MAX];
};

struct ctl {
	int fd;
	ctl_handler *handler;
	void *arg;
	struct ctl_client clients[SIM_CTL_CLIENTS];
};

static enum err_code
ctl_address(const char *dir, struct sockaddr_un *addr, struct err *err)
{
	int n;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	n = snprintf(
	    addr->sun_path, sizeof(addr->sun_path), "%s/%s", dir, CTL_SOCKET);
	if (n < 0 || (size_t)n >= sizeof(addr->sun_path))
		return err_set(err, ERR_LIMIT, "ctl",
		    "the name of folder %s is too long for a socket; choose a "
		    "shorter --dir",
		    dir);
	return ERR_OK;
}

enum err_code
ctl_open(const char *dir, ctl_handler *handler, void *arg, struct ctl **ret_ctl,
    struct err *err)
{
	struct ctl *ctl = mem_calloc(1, sizeof(*ctl));
	struct sockaddr_un addr;
	enum err_code rc;

	if (ctl == NULL)
		return err_set(err, ERR_NOMEM, "ctl", "opening");
	ctl->handler = handler;
	ctl->arg = arg;
	ctl->fd = -1;
	for (unsigned i = 0; i < SIM_CTL_CLIENTS; i++)
		ctl->clients[i].fd = -1;
	rc = ctl_address(dir, &addr, err);
	if (rc != ERR_OK)
		goto out;
	ctl->fd =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->fd < 0 ||
	    bind(ctl->fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(ctl->fd, SIM_CTL_CLIENTS) != 0)
		rc = err_set_errno(err, ERR_IO, "ctl", errno, "listening on %s",
		    addr.sun_path);
out:
	if (rc != ERR_OK)
		ctl_close(ctl);
	else
		*ret_ctl = ctl;
	return rc;
}

unsigned
ctl_poll_set(const struct ctl *ctl, struct pollfd set[SIM_CTL_CLIENTS + 1])
{
	unsigned n = 0;

	set[n++] = (struct pollfd) { .fd = ctl->fd, .events = POLLIN };
	for (unsigned i = 0; i < SIM_CTL_CLIENTS; i++)
		if (ctl->clients[i].fd >= 0)
			set[n++] = (struct pollfd) { .fd = ctl->clients[i].fd,
				.events = POLLIN };
	return n;
}

static void
ctl_drop(struct ctl_client *client)
{
	close(client->fd);
	client->fd = -1;
	client->len = 0;
}

static void
ctl_accept(struct ctl *ctl, int64_t now)
{
	for (unsigned i = 0; i < SIM_CTL_CLIENTS; i++) {
		struct ctl_client *client = &ctl->clients[i];

		if (client->fd >= 0)
			continue;
		client->fd =
		    accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client->fd < 0)
			return;
		client->len = 0;
		client->deadline = now + SIM_CTL_WAIT_MS * NS_PER_MS;
	}
}

/* Answers fit into a socket's buffer: a client that won't read can't hold
 * the world up, it only loses the end of its answer. */
static void
ctl_answer(struct ctl *ctl, struct ctl_client *client)
{
	struct buf reply = BUF_INIT(SIM_CTL_REPLY_MAX);
	size_t done = 0;

	ctl->handler(ctl->arg, client->line, &reply);
	while (done < reply.len) {
		ssize_t n = send(client->fd, reply.data + done,
		    reply.len - done, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	buf_release(&reply);
	ctl_drop(client);
}

static void
ctl_read(struct ctl *ctl, struct ctl_client *client, int64_t now)
{
	ssize_t n = recv(client->fd, client->line + client->len,
	    sizeof(client->line) - 1 - client->len, 0);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		if (now >= client->deadline)
			ctl_drop(client);
		return;
	}
	if (n <= 0) {
		ctl_drop(client);
		return;
	}
	client->len += (size_t)n;
	client->line[client->len] = '\0';
	end = strchr(client->line, '\n');
	if (end != NULL) {
		*end = '\0';
		ctl_answer(ctl, client);
	} else if (client->len + 1 >= sizeof(client->line)) {
		ctl_drop(client);
	}
}

void
ctl_step(struct ctl *ctl, int64_t now)
{
	ctl_accept(ctl, now);
	for (unsigned i = 0; i < SIM_CTL_CLIENTS; i++)
		if (ctl->clients[i].fd >= 0)
			ctl_read(ctl, &ctl->clients[i], now);
}

struct ctl *
ctl_close(struct ctl *ctl)
{
	if (ctl == NULL)
		return NULL;
	for (unsigned i = 0; i < SIM_CTL_CLIENTS; i++)
		if (ctl->clients[i].fd >= 0)
			close(ctl->clients[i].fd);
	if (ctl->fd >= 0)
		close(ctl->fd);
	mem_free(ctl);
	return NULL;
}

/* Until the world closes the connection. */
static enum err_code
ctl_receive(int fd, int64_t deadline, struct buf *answer, struct err *err)
{
	char part[1024];

	for (;;) {
		enum err_code rc = io_wait(fd, IO_READ, deadline, NULL, NULL);
		ssize_t n;

		if (rc != ERR_OK)
			return err_set(err, rc, "ctl",
			    "the world did not answer within %d s",
			    SIM_CTL_WAIT_MS / 1000);
		n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (n == 0)
			return ERR_OK;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return err_set_errno(
			    err, ERR_IO, "ctl", errno, "reading the answer");
		if (n > 0 && !buf_add(answer, part, (size_t)n))
			return err_set(
			    err, ERR_TOOBIG, "ctl", "the answer is too long");
	}
}

enum err_code
ctl_ask(
    const char *dir, const char *line, struct buf *ret_answer, struct err *err)
{
	int64_t deadline = clock_now() + SIM_CTL_WAIT_MS * NS_PER_MS;
	struct sockaddr_un addr;
	enum err_code rc = ctl_address(dir, &addr, err);
	int fd = -1;

	if (rc != ERR_OK)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		rc = err_set_errno(err, ERR_REFUSED, "ctl", errno,
		    "no world answers in %s", dir);
		goto out;
	}
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0 ||
	    send(fd, "\n", 1, MSG_NOSIGNAL) < 0) {
		rc = err_set_errno(err, ERR_IO, "ctl", errno, "asking");
		goto out;
	}
	rc = ctl_receive(fd, deadline, ret_answer, err);
out:
	if (fd >= 0)
		close(fd);
	return rc;
}
