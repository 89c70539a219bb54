#include "datasrc/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/tap.h"

enum {
	FILL_MAX = 64
};

#define LABEL_16 "abcdefghijklmnop"
#define LABEL_64 LABEL_16 LABEL_16 LABEL_16 LABEL_16

static int64_t
in_s(int s)
{
	return clock_now() + s * NS_PER_SEC;
}

/* A listening socket on 127.0.0.1; its port goes to *ret_port. */
static int
listener(int backlog, uint16_t *ret_port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) != 0 ||
	    listen(fd, backlog) != 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) != 0) {
		perror("listener");
		exit(1);
	}
	*ret_port = ntohs(in.sin_port);
	return fd;
}

static void
test_resolve(void)
{
	struct net_addrs addrs;
	struct err err = ERR_INIT;
	char text[NET_ADDR_TEXT_LEN];

	is_int(net_resolve("127.0.0.1", 80, in_s(9), NULL, &addrs, &err),
	    ERR_OK, "IPv4");
	is_str(net_addr_text(&addrs.list[0], text), "127.0.0.1:80", "as text");
	is_int(net_resolve("[2001:db8::1]", 6379, in_s(9), NULL, &addrs, &err),
	    ERR_OK, "IPv6 in brackets");
	is_str(net_addr_text(&addrs.list[0], text), "[2001:db8::1]:6379",
	    "as text");
	is_int(net_resolve("localhost", 80, in_s(9), NULL, &addrs, &err),
	    ERR_OK, "a name, through the look-up thread");
	ok(addrs.count >= 1, "has an address");
	is_int(net_resolve("", 80, in_s(9), NULL, &addrs, &err), ERR_CONFIG,
	    "an empty name");
	/* No label has 64 characters (RFC 1035), so no server is asked. */
	is_int(net_resolve(LABEL_64, 80, in_s(30), NULL, &addrs, &err), ERR_DNS,
	    "a name that can't exist");
	ok(strstr(err.msg, LABEL_64) != NULL, "is named: %s", err.msg);
}

static void
test_lookup_ends_by_token(void)
{
	struct net_addrs addrs;
	struct cancel cancel;
	struct err err = ERR_INIT;

	is_int(cancel_init(&cancel, NULL), ERR_OK, "init");
	cancel_fire(&cancel);
	is_int(
	    net_resolve("localhost", 80, DEADLINE_NONE, &cancel, &addrs, &err),
	    ERR_CANCELLED, "a fired token ends the look-up");
	cancel_release(&cancel);
}

static void
test_talk(void)
{
	uint16_t port;
	int server = listener(8, &port), fd = -1, peer, on = 0;
	socklen_t len = sizeof(on);
	struct err err = ERR_INIT;
	char got[16];
	size_t n = 0;

	is_int(net_connect("127.0.0.1", port, in_s(9), NULL, &fd, &err), ERR_OK,
	    "connect");
	peer = accept(server, NULL, NULL);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "close on exec");
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK, "non-blocking");
	getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &len);
	ok(on != 0, "keepalive");
	is_int(net_write(fd, "ping", 4, in_s(9), NULL, &err), ERR_OK, "write");
	is_int(recv(peer, got, 4, MSG_WAITALL), 4, "arrives");
	is_int(net_read(fd, got, sizeof(got), clock_now() + 20 * NS_PER_MS,
		   NULL, &n, &err),
	    ERR_TIMEOUT, "nothing to read: deadline");
	is_int(send(peer, "pong", 4, 0), 4, "answer");
	is_int(net_read(fd, got, sizeof(got), in_s(9), NULL, &n, &err), ERR_OK,
	    "read");
	is_int((int64_t)n, 4, "what is there, not what is asked");
	close(peer);
	is_int(net_read(fd, got, sizeof(got), in_s(9), NULL, &n, &err),
	    ERR_CLOSED, "end");
	close(fd);
	close(server);
}

static void
test_refused(void)
{
	uint16_t port;
	int fd = -1;
	struct err err = ERR_INIT;

	close(listener(1, &port));
	is_int(net_connect("127.0.0.1", port, in_s(9), NULL, &fd, &err),
	    ERR_REFUSED, "nobody listens");
	ok(strstr(err.msg, "127.0.0.1:") != NULL, "says where: %s", err.msg);
	is_int(fd, -1, "the output is untouched");
}

/* A full accept queue drops the SYN: the connection hangs as in a firewall. */
static void
test_silent(void)
{
	uint16_t port;
	int server = listener(0, &port), fill[FILL_MAX], fd = -1;
	struct err err = ERR_INIT;
	enum err_code code = ERR_OK;
	int n = 0;

	while (n < FILL_MAX && code == ERR_OK) {
		fill[n] = -1;
		code = net_connect("127.0.0.1", port,
		    clock_now() + 200 * NS_PER_MS, NULL, &fill[n], &err);
		if (code == ERR_OK)
			n++;
	}
	is_int(code, ERR_TIMEOUT, "a silent address ends at the deadline");
	ok(strstr(err.msg, "timed out") != NULL, "and says so: %s", err.msg);
	is_int(fd, -1, "no descriptor");
	while (n > 0)
		close(fill[--n]);
	close(server);
}

static void
test_unix(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/sevtop-net-XXXXXX";
	struct err err = ERR_INIT;
	int server, fd = -1;
	size_t n;

	if (mkdtemp(dir) == NULL) {
		ok(false, "mkdtemp");
		return;
	}
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", dir);
	is_int(net_connect_unix(un.sun_path, in_s(9), NULL, &fd, &err),
	    ERR_REFUSED, "no socket there yet");
	server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	is_int(bind(server, (struct sockaddr *)&un, sizeof(un)), 0, "bind");
	is_int(listen(server, 4), 0, "listen");
	is_int(net_connect_unix(un.sun_path, in_s(9), NULL, &fd, &err), ERR_OK,
	    "connect");
	close(server);
	is_int(net_read(fd, dir, 1, in_s(9), NULL, &n, &err), ERR_CLOSED,
	    "server gone");
	close(fd);
	unlink(un.sun_path);
	un.sun_path[strlen(un.sun_path) - 2] = '\0';
	rmdir(un.sun_path);
	memset(un.sun_path, 'x', sizeof(un.sun_path) - 1);
	is_int(net_connect_unix(un.sun_path, in_s(9), NULL, &fd, &err),
	    ERR_REFUSED, "the longest path is tried");
}

int
main(void)
{
	RUN(test_resolve);
	RUN(test_lookup_ends_by_token);
	RUN(test_talk);
	RUN(test_refused);
	RUN(test_silent);
	RUN(test_unix);
	return tap_done();
}
