/*
 * Many small targets for a scraper, cheaply: every target listens on an
 * address of its own in 127.0.0.0/8, all on one port, and answers any request
 * with a metrics page whose counters grow from request to request.
 *
 *	targets_server COUNT BYTES
 *
 * Prints PORT=, FIRST= and READY, and stays until its standard input ends.
 * Target i is 127.1.(i / 250).(i % 250 + 1).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	FIELD_LEN = 10, /* digits of a growing counter */
	FIELDS = 24,
	COUNT_MAX = 5000,
	BYTES_MAX = 1 << 20
};

struct server {
	int epoll;
	int *listeners; /* by descriptor: is it one? */
	size_t fd_max;
	char *answer;
	size_t answer_len;
	size_t fields[FIELDS]; /* places of counters in the answer */
	uint64_t requests;
};

static void
address_of(size_t target, uint16_t port, struct sockaddr_in *ret_addr)
{
	uint32_t host = 0x7f010000U + (uint32_t)(target / 250) * 256 +
			(uint32_t)(target % 250) + 1;

	memset(ret_addr, 0, sizeof(*ret_addr));
	ret_addr->sin_family = AF_INET;
	ret_addr->sin_port = htons(port);
	ret_addr->sin_addr.s_addr = htonl(host);
}

/* A page of about so many bytes behind its header. */
static bool
answer_make(struct server *server, size_t bytes)
{
	char head[200], *body = malloc(bytes + 400);
	size_t len = 0, field = 0;
	int head_len, i;

	if (body == NULL)
		return false;
	len += (size_t)sprintf(body, "# HELP http_requests_total Requests by "
				     "method, path and code.\n"
				     "# TYPE http_requests_total counter\n");
	for (i = 0; len < bytes; i++) {
		if (i == FIELDS)
			len += (size_t)sprintf(body + len,
			    "# TYPE container_memory_working_set_bytes "
			    "gauge\n");
		if (i < FIELDS) {
			len += (size_t)sprintf(body + len,
			    "http_requests_total{namespace=\"shop\",method="
			    "\"GET\",path=\"/v1/orders/%d\",code=\"%d\"} ",
			    i, i % 5 == 0 ? 500 : 200);
			server->fields[field++] = len;
			len += (size_t)sprintf(body + len, "1000000000\n");
		} else {
			len += (size_t)sprintf(body + len,
			    "container_memory_working_set_bytes{namespace="
			    "\"shop\",pod=\"api-%08x\",container=\"main\"} "
			    "%d.%06d\n",
			    (unsigned)i * 2654435761U, i * 7919,
			    i * 104729 % 1000000);
		}
	}
	head_len = sprintf(head,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    len);
	server->answer = malloc((size_t)head_len + len);
	if (server->answer != NULL) {
		memcpy(server->answer, head, (size_t)head_len);
		memcpy(server->answer + head_len, body, len);
		server->answer_len = (size_t)head_len + len;
		for (i = 0; i < (int)field; i++)
			server->fields[i] += (size_t)head_len;
	}
	free(body);
	return server->answer != NULL;
}

/* Every counter goes up by one, in place. */
static void
answer_grow(struct server *server)
{
	int i, digit;

	server->requests++;
	for (i = 0; i < FIELDS && server->fields[i] != 0; i++) {
		char *at = server->answer + server->fields[i];

		for (digit = FIELD_LEN - 1; digit >= 0; digit--) {
			if (at[digit] != '9') {
				at[digit]++;
				break;
			}
			at[digit] = '0';
		}
	}
}

static bool
watch(struct server *server, int fd, bool listener)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if ((size_t)fd >= server->fd_max)
		return false;
	server->listeners[fd] = listener;
	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Listens for one target; port 0 takes a free one and returns it. */
static int
listen_at(struct server *server, size_t target, uint16_t port)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address_of(target, port, &addr);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) != 0 ||
	    !watch(server, fd, true)) {
		close(fd);
		return -1;
	}
	return ntohs(addr.sin_port);
}

/* A request is taken to be whole when the end of a head was in one read. */
static void
serve(struct server *server, int fd)
{
	char request[4096];
	ssize_t n = read(fd, request, sizeof(request)), done = 0, sent;

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			close(fd);
		return;
	}
	if (n < 4 || memcmp(request + n - 4, "\r\n\r\n", 4) != 0)
		return;
	answer_grow(server);
	while (done < (ssize_t)server->answer_len) {
		sent = write(fd, server->answer + done,
		    server->answer_len - (size_t)done);
		if (sent < 0 && errno == EAGAIN)
			continue;
		if (sent < 0) {
			close(fd);
			return;
		}
		done += sent;
	}
}

static void
accept_one(struct server *server, int listener)
{
	int on = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!watch(server, fd, false))
		close(fd);
}

static void
run(struct server *server)
{
	struct epoll_event events[64];
	int i, n;

	for (;;) {
		n = epoll_wait(server->epoll, events, 64, -1);
		for (i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == STDIN_FILENO)
				return;
			if (server->listeners[fd])
				accept_one(server, fd);
			else
				serve(server, fd);
		}
		if (n < 0 && errno != EINTR)
			return;
	}
}

int
main(int argc, char **argv)
{
	struct server server = { .fd_max = 4 * COUNT_MAX };
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, i;
	size_t bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	struct rlimit limit;
	int port = 0;

	if (count == 0 || count > COUNT_MAX || bytes > BYTES_MAX) {
		fprintf(stderr, "usage: targets_server COUNT BYTES\n");
		return 64;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	server.listeners = calloc(server.fd_max, sizeof(int));
	if (server.epoll < 0 || server.listeners == NULL ||
	    !answer_make(&server, bytes) ||
	    !watch(&server, STDIN_FILENO, false))
		return 1;
	for (i = 0; i < count; i++) {
		port = listen_at(&server, i, (uint16_t)port);
		if (port < 0) {
			perror("listen");
			return 1;
		}
	}
	printf("PORT=%d\nFIRST=127.1.0.1:%d\nREADY\n", port, port);
	fflush(stdout);
	run(&server);
	fprintf(stderr, "%llu requests\n", (unsigned long long)server.requests);
	free(server.answer);
	free(server.listeners);
	return 0;
}
