/*
 * The descriptors of a client. curl tells which ones and which timers it
 * waits for (multi_socket interface); epoll waits for them.
 *
 * Cost decides the shape, since one source asks a thousand targets a second:
 * a kept-alive socket stays registered with epoll between requests. curl
 * announces that it no longer waits for a socket; that is acted on only when
 * an event shows up that nobody wants. So a request on a kept connection
 * costs no epoll_ctl(). This is sound only for sockets whose closing we see,
 * those opened by http_socket_open(); others are removed at once.
 */
#include "datasrc/http_impl.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Room for fd in the table; NULL when there is none. */
static struct http_fd *
http_fd_at(struct http_client *client, int fd)
{
	size_t cap = client->fd_cap;
	struct http_fd *fds;

	if (fd < 0 || fd >= HTTP_FD_MAX)
		return NULL;
	if ((size_t)fd < cap)
		return &client->fds[fd];
	while (cap <= (size_t)fd)
		cap = cap != 0 ? cap * 2 : 64;
	fds = mem_realloc(client->fds, cap, sizeof(*fds));
	if (fds == NULL)
		return NULL;
	memset(fds + client->fd_cap, 0, (cap - client->fd_cap) * sizeof(*fds));
	client->fds = fds;
	client->fd_cap = cap;
	return &fds[fd];
}

/* Makes epoll report events (IO_*) of fd, 0 for none. */
static bool
http_fd_watch(
    struct http_client *client, int fd, struct http_fd *entry, int events)
{
	struct epoll_event event = { .data.fd = fd };
	int op = EPOLL_CTL_MOD;

	if (entry->watching == events)
		return true;
	if (events & IO_READ)
		event.events |= EPOLLIN;
	if (events & IO_WRITE)
		event.events |= EPOLLOUT;
	if (events == 0)
		op = EPOLL_CTL_DEL;
	else if (entry->watching == 0)
		op = EPOLL_CTL_ADD;
	entry->watching = (uint8_t)events;
	return epoll_ctl(client->epoll, op, fd, &event) == 0 || events == 0;
}

/* curl says what it waits for on fd. */
int
http_on_socket(CURL *easy ATTR_UNUSED, curl_socket_t fd, int what, void *opaque,
    void *assigned ATTR_UNUSED)
{
	struct http_client *client = opaque;
	struct http_fd *entry = http_fd_at(client, fd);
	int events = 0;

	if (entry == NULL) {
		client->broken = true;
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= IO_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= IO_WRITE;
	entry->wanted = (uint8_t)events;
	if (events == 0 && entry->ours && entry->watching == IO_READ)
		return 0;
	if (!http_fd_watch(client, fd, entry, events))
		client->broken = true;
	return 0;
}

int
http_on_timer(CURLM *multi ATTR_UNUSED, long timeout_ms, void *opaque)
{
	struct http_client *client = opaque;

	client->wake_at = timeout_ms < 0 ? DEADLINE_NONE
					 : clock_now() + timeout_ms * NS_PER_MS;
	return 0;
}

curl_socket_t
http_socket_open(
    void *opaque, curlsocktype purpose ATTR_UNUSED, struct curl_sockaddr *addr)
{
	struct http_target *target = opaque;
	struct http_fd *entry;
	int fd = socket(addr->family,
	    addr->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, addr->protocol);

	if (fd < 0)
		return CURL_SOCKET_BAD;
	entry = http_fd_at(target->client, fd);
	if (entry == NULL) {
		close(fd);
		return CURL_SOCKET_BAD;
	}
	*entry = (struct http_fd) { .ours = true };
	if (target->slot != NULL)
		target->slot->phase = HTTP_PHASE_CONNECT;
	return fd;
}

/* The kernel forgets a closed descriptor by itself; so must the table. */
int
http_socket_close(void *opaque, curl_socket_t fd)
{
	struct http_client *client = opaque;

	if ((size_t)fd < client->fd_cap)
		client->fds[fd] = (struct http_fd) { .ours = false };
	return close(fd);
}

bool
http_fds_dispatch(struct http_client *client, const struct epoll_event *event)
{
	struct http_fd *entry;
	int fd = event->data.fd, bits = 0, running;

	if ((size_t)fd >= client->fd_cap)
		return true;
	entry = &client->fds[fd];
	if (entry->wanted == 0)
		return http_fd_watch(client, fd, entry, 0);
	if (event->events & (EPOLLIN | EPOLLHUP))
		bits |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		bits |= CURL_CSELECT_OUT;
	if (event->events & EPOLLERR)
		bits |= CURL_CSELECT_ERR;
	return curl_multi_socket_action(client->multi, fd, bits, &running) ==
	       CURLM_OK;
}
