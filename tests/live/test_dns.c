/*
 * A name server that never answers: look-ups end at their deadline, do not
 * pile up, and hold up nobody else. Runs in a network of its own, where the
 * silent server can take port 53; skipped where the kernel forbids that.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "datasrc/http.h"
#include "datasrc/net.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 300,
	/* Far below the ten seconds after which glibc gives up. */
	SLACK_MS = 3500,
	TARGETS = 3
};

static int64_t
in_ms(int ms)
{
	return clock_now() + ms * NS_PER_MS;
}

static bool
file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	bool good = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return good;
}

/* Private mounts and an empty network; as root or as a user who may. */
static bool
world_enter(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0)
		return false;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!file_write("/proc/self/uid_map", map) ||
	    !file_write("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return file_write("/proc/self/gid_map", map);
}

static bool
loopback_up(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
	good = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

/* Takes every question and never answers. Returns the socket, or -1. */
static int
silent_server(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Everyone in here asks the silent server. */
static bool
resolver_set(void)
{
	char conf[] = "/tmp/sevtop-dns-XXXXXX";
	int fd = mkstemp(conf);
	bool good;

	if (fd < 0)
		return false;
	close(fd);
	good = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       file_write(conf, "nameserver 127.0.0.1\n") &&
	       mount(conf, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
	unlink(conf);
	return good;
}

static void
is_soon(int64_t start, const char *what)
{
	int64_t took = (clock_now() - start) / NS_PER_MS;

	ok(took < SHORT_MS + SLACK_MS, "%s after %d ms", what, (int)took);
}

static void
test_resolve(void)
{
	struct net_addrs addrs;
	struct err err = ERR_INIT;
	int64_t start = clock_now();
	enum err_code code = ERR_OK;
	int n;

	is_int(net_resolve(
		   "silent.example", 80, in_ms(SHORT_MS), NULL, &addrs, &err),
	    ERR_TIMEOUT, "no answer");
	is_soon(start, "ends");
	ok(strstr(err.msg, "name server") != NULL, "%s", err.msg);
	for (n = 1; n < 2 * NET_LOOKUPS_MAX && code != ERR_DNS; n++)
		code = net_resolve(
		    "silent.example", 80, in_ms(0), NULL, &addrs, &err);
	is_int(n, NET_LOOKUPS_MAX + 1, "so many threads may hang");
	ok(strstr(err.msg, "resolv.conf") != NULL, "%s", err.msg);
	is_int(
	    net_resolve("127.0.0.1", 80, in_ms(SHORT_MS), NULL, &addrs, &err),
	    ERR_OK, "an address needs none");
}

static enum err_code
get(struct http_client *client, const char *url, struct err *err)
{
	struct http_request request = { .url = url };
	struct http_response response;

	err_clear(err);
	return http_fetch(
	    client, &request, in_ms(SHORT_MS), NULL, &response, err);
}

struct order {
	size_t index[TARGETS];
	enum err_code code[TARGETS];
	size_t count;
};

static void
note_order(void *ctx, size_t index, enum err_code code,
    const struct http_response *response, const struct err *err)
{
	struct order *order = ctx;

	(void)response;
	(void)err;
	order->index[order->count] = index;
	order->code[order->count++] = code;
}

static void
test_http(void)
{
	static const char *const urls[TARGETS] = { "http://a.example/",
		"http://b.example/", "http://127.0.0.1:9/" };
	struct http_options options = { .connect_ms = 0 };
	struct http_client *client = NULL;
	struct http_target *targets[TARGETS];
	struct order order = { .count = 0 };
	struct err err = ERR_INIT;
	int64_t start = clock_now();

	is_int(http_client_new(&options, &client, &err), ERR_OK, "client");
	is_int(
	    get(client, "http://silent.example/", &err), ERR_DNS, "no answer");
	is_soon(start, "ends");
	ok(strstr(err.msg, "silent.example:80: the name server") != NULL, "%s",
	    err.msg);
	for (size_t i = 0; i < TARGETS; i++) {
		struct http_request request = { .url = urls[i] };

		is_int(http_target_new(client, &request, &targets[i], &err),
		    ERR_OK, urls[i]);
	}
	start = clock_now();
	is_int(http_fetch_many(client, targets, TARGETS, TARGETS, note_order,
		   &order, in_ms(SHORT_MS), NULL, &err),
	    ERR_TIMEOUT, "two that hang and one that does not");
	is_soon(start, "ends");
	ok(order.count == TARGETS && order.index[0] == 2 &&
		order.code[0] == ERR_REFUSED,
	    "the address is not held up by the names");
	is_int(order.code[1], ERR_DNS, "a name");
	order.count = 0;
	start = clock_now();
	is_int(http_fetch_many(client, targets, TARGETS, TARGETS, note_order,
		   &order, in_ms(20000), NULL, &err),
	    ERR_OK, "at once again");
	is_soon(start, "no new look-up is made");
	ok(order.count == TARGETS && order.code[0] == ERR_DNS &&
		order.code[1] == ERR_DNS && order.code[2] == ERR_REFUSED,
	    "the names wait their turn");
	start = clock_now();
	for (size_t i = 0; i < TARGETS; i++)
		http_target_free(targets[i]);
	http_client_free(client);
	is_soon(start, "freed, whatever still hangs");
}

int
main(void)
{
	int fd = -1;

	signal(SIGPIPE, SIG_IGN);
	if (!world_enter() || !loopback_up() || !resolver_set() ||
	    (fd = silent_server()) < 0) {
		skip("no private network can be made here");
		return tap_done();
	}
	RUN(test_resolve);
	RUN(test_http);
	close(fd);
	return tap_done();
}
