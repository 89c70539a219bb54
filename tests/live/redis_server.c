#include "tests/live/redis_server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* Longest start; only a broken or very busy machine needs it. */
#define START_NS (60 * NS_PER_SEC)

bool
redis_server_available(void)
{
	static const char *const places[] = { "/usr/bin/redis-server",
		"/usr/local/bin/redis-server" };

	return access(places[0], X_OK) == 0 || access(places[1], X_OK) == 0;
}

int
redis_server_free_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int port = 0;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&addr, &len) == 0)
		port = ntohs(addr.sin_port);
	if (fd >= 0)
		close(fd);
	return port;
}

/* Waits until something accepts on the socket. */
static bool
server_wait(const struct redis_server *server)
{
	int64_t deadline = clock_now() + START_NS;
	struct redis_target target;
	struct redis_conn *conn = NULL;
	struct err err = ERR_INIT;

	while (clock_now() < deadline) {
		enum err_code code =
		    redis_url_parse(server->url, &target, &err);

		if (code == ERR_OK)
			code = redis_conn_open(
			    &target, deadline, NULL, &conn, &err);
		conn = redis_conn_close(conn);
		/* Any answer will do: it may want a password first. */
		if (code == ERR_OK || code == ERR_AUTH || code == ERR_LIMITED)
			return true;
		io_wait(-1, 0, clock_now() + 10 * NS_PER_MS, NULL, NULL);
	}
	printf("# redis-server did not start: %s\n", err_text(&err));
	return false;
}

bool
redis_server_restart(struct redis_server *server)
{
	child_stop(&server->child);
	return child_start(&server->child, server->args, false) &&
	       server_wait(server);
}

bool
redis_server_start(struct redis_server *server, const char *const *more)
{
	const char *own[] = { "redis-server", "--port", "0", "--save", "",
		"--dir", server->dir, "--unixsocket", server->socket,
		"--logfile", "redis.log" };
	size_t n = sizeof(own) / sizeof(own[0]);

	*server = (struct redis_server) { .port = 0 };
	snprintf(server->dir, sizeof(server->dir), "/tmp/sevtop-test-XXXXXX");
	if (mkdtemp(server->dir) == NULL) {
		printf("# no temporary folder\n");
		return false;
	}
	snprintf(server->socket, sizeof(server->socket), "%s/s", server->dir);
	snprintf(server->url, sizeof(server->url), "unix://%s", server->socket);
	memcpy(server->args, own, sizeof(own));
	for (; more != NULL && *more != NULL && n < REDIS_SERVER_ARGS_MAX - 1;
	     more++)
		server->args[n++] = *more;
	server->args[n] = NULL;
	return redis_server_restart(server);
}

void
redis_server_stop(struct redis_server *server)
{
	child_stop(&server->child);
}

void
redis_server_remove(struct redis_server *server)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;

	child_stop(&server->child);
	dir = server->dir[0] != '\0' ? opendir(server->dir) : NULL;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(
		    path, sizeof(path), "%s/%s", server->dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
	if (server->dir[0] != '\0')
		rmdir(server->dir);
	server->dir[0] = '\0';
}

struct redis_conn *
redis_server_connect(const char *url)
{
	struct redis_target target;
	struct redis_conn *conn = NULL;
	struct err err = ERR_INIT;

	if (redis_url_parse(url, &target, &err) != ERR_OK ||
	    redis_conn_open(
		&target, clock_now() + START_NS, NULL, &conn, &err) != ERR_OK)
		printf("# can't connect: %s\n", err_text(&err));
	return conn;
}

bool
redis_server_do(struct redis_conn *conn, const char *words, char ret[64])
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	char copy[512], *argv[16], *save = NULL;
	const struct redisReply *reply;
	struct redis_batch batch;
	struct err err = ERR_INIT;
	size_t n = 0, len;
	const char *s;
	int64_t v;

	if (conn == NULL)
		return false;
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, " ", &save); w != NULL && n < 16;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	redis_batch_init(&batch);
	redis_batch_argv(&batch, n, (const char *const *)argv, NULL);
	if (redis_conn_run(conn, &batch, clock_now() + START_NS, NULL, &replies,
		&err) == ERR_OK)
		redis_reply_check(redis_replies_at(&replies, 0), &err);
	redis_batch_release(&batch);
	reply = redis_replies_at(&replies, 0);
	if (ret != NULL && redis_reply_str(reply, &s, &len))
		snprintf(ret, 64, "%s", s);
	else if (ret != NULL && redis_reply_int(reply, &v))
		snprintf(ret, 64, "%lld", (long long)v);
	redis_replies_release(&replies);
	if (err.code != ERR_OK)
		printf("# %s: %s\n", words, err_text(&err));
	return err.code == ERR_OK;
}
