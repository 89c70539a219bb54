#include "sim/lobby.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sim/limits.h"

/* One direction: what was read from one side and not yet written. */
struct lobby_flow {
	char data[SIM_LOBBY_BUF];
	size_t at, len;
};

enum {
	LOBBY_GUEST,
	LOBBY_SERVER,
	LOBBY_SIDES,
};

struct lobby_pair {
	int fd[LOBBY_SIDES];		     /* -1: none */
	struct lobby_flow flow[LOBBY_SIDES]; /* from that side */
};

struct lobby {
	struct sockaddr_in addr;
	int door; /* -1: closed */
	struct lobby_pair pairs[SIM_LOBBY_GUESTS];
};

enum err_code
lobby_open(unsigned port, struct lobby **ret_lobby, struct err *err)
{
	struct lobby *lobby = mem_calloc(1, sizeof(*lobby));
	int yes = 1;

	if (lobby == NULL)
		return err_set(err, ERR_NOMEM, "lobby", "opening");
	for (unsigned i = 0; i < SIM_LOBBY_GUESTS; i++)
		lobby->pairs[i].fd[LOBBY_GUEST] =
		    lobby->pairs[i].fd[LOBBY_SERVER] = -1;
	lobby->addr.sin_family = AF_INET;
	lobby->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	lobby->addr.sin_port = htons((uint16_t)port);
	lobby->door =
	    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (lobby->door < 0 ||
	    setsockopt(lobby->door, SOL_SOCKET, SO_REUSEADDR, &yes,
		sizeof(yes)) != 0 ||
	    bind(lobby->door, (struct sockaddr *)&lobby->addr,
		sizeof(lobby->addr)) != 0 ||
	    listen(lobby->door, SIM_LOBBY_GUESTS) != 0) {
		err_set_errno(
		    err, ERR_IO, "lobby", errno, "listening on port %u", port);
		lobby_free(lobby);
		return ERR_IO;
	}
	*ret_lobby = lobby;
	return ERR_OK;
}

void
lobby_close_door(struct lobby *lobby)
{
	for (unsigned i = 0; i < SIM_LOBBY_GUESTS; i++)
		lobby->pairs[i].fd[LOBBY_GUEST] = accept4(
		    lobby->door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	close(lobby->door); /* refuses those who did not fit */
	lobby->door = -1;
}

static void
lobby_part(struct lobby_pair *pair)
{
	for (unsigned side = 0; side < LOBBY_SIDES; side++) {
		if (pair->fd[side] >= 0)
			close(pair->fd[side]);
		pair->fd[side] = -1;
	}
}

void
lobby_let_in(struct lobby *lobby)
{
	for (unsigned i = 0; i < SIM_LOBBY_GUESTS; i++) {
		struct lobby_pair *pair = &lobby->pairs[i];
		int fd;

		if (pair->fd[LOBBY_GUEST] < 0)
			continue;
		fd = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		pair->fd[LOBBY_SERVER] = fd;
		if (fd < 0 || (connect(fd, (struct sockaddr *)&lobby->addr,
				   sizeof(lobby->addr)) != 0 &&
				  errno != EINPROGRESS))
			lobby_part(pair);
	}
}

unsigned
lobby_poll(const struct lobby *lobby, struct pollfd *set)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SIM_LOBBY_GUESTS; i++)
		for (unsigned side = 0; side < LOBBY_SIDES; side++) {
			const struct lobby_pair *pair = &lobby->pairs[i];
			const struct lobby_flow *own = &pair->flow[side];
			const struct lobby_flow *other = &pair->flow[!side];

			set[n++] = (struct pollfd) {
				.fd = pair->fd[side],
				.events =
				    (short)((own->len == 0 ? POLLIN : 0) |
					    (other->len > 0 ? POLLOUT : 0)),
			};
		}
	return n;
}

/* False at the end of the connection. */
static bool
lobby_read(int fd, struct lobby_flow *flow)
{
	ssize_t n;

	if (flow->len > 0)
		return true;
	n = recv(fd, flow->data, sizeof(flow->data), 0);
	if (n > 0) {
		flow->at = 0;
		flow->len = (size_t)n;
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Likewise. */
static bool
lobby_write(int fd, struct lobby_flow *flow)
{
	ssize_t n;

	if (flow->len == 0)
		return true;
	n = send(fd, flow->data + flow->at, flow->len, MSG_NOSIGNAL);
	if (n > 0) {
		flow->at += (size_t)n;
		flow->len -= (size_t)n;
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool
lobby_pass_on(struct lobby_pair *pair, unsigned from)
{
	return lobby_read(pair->fd[from], &pair->flow[from]) &&
	       lobby_write(pair->fd[!from], &pair->flow[from]);
}

void
lobby_step(struct lobby *lobby, const struct pollfd *set)
{
	for (unsigned i = 0; i < SIM_LOBBY_GUESTS; i++) {
		struct lobby_pair *pair = &lobby->pairs[i];
		const struct pollfd *sides = set + LOBBY_SIDES * i;

		if (pair->fd[LOBBY_SERVER] < 0 ||
		    (sides[LOBBY_GUEST].revents |
			sides[LOBBY_SERVER].revents) == 0)
			continue;
		if (!lobby_pass_on(pair, LOBBY_GUEST) ||
		    !lobby_pass_on(pair, LOBBY_SERVER))
			lobby_part(pair);
	}
}

struct lobby *
lobby_free(struct lobby *lobby)
{
	if (lobby == NULL)
		return NULL;
	if (lobby->door >= 0)
		close(lobby->door);
	for (unsigned i = 0; i < SIM_LOBBY_GUESTS; i++)
		lobby_part(&lobby->pairs[i]);
	mem_free(lobby);
	return NULL;
}
