#include "sim/redis_server.h"

#include <hiredis/hiredis.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "sim/child.h"
#include "sim/dir.h"
#include "sim/limits.h"
#include "sim/port.h"
#include "sim/token.h"

enum {
	REDIS_PROBE_MS = 20, /* between two attempts to connect */
};

struct redis_server {
	char exe[PATH_MAX];
	char dir[PATH_MAX];
	char conf[PATH_MAX];
	char password[TOKEN_CAP];
	unsigned port;
	int port_fd; /* holds the port; -1: none */
	struct child child;
};

/* The password is in this file only: a command line can be read by all. */
static enum err_code
redis_write_conf(const struct redis_server *server, struct err *err)
{
	char text[PATH_MAX + 512];
	int n;

	n = snprintf(text, sizeof(text),
	    "bind 127.0.0.1\nport %u\nprotected-mode yes\nrequirepass %s\n"
	    "dir \"%s\"\ndbfilename dump.rdb\nsave \"\"\nappendonly no\n"
	    "maxmemory 64mb\nmaxmemory-policy noeviction\ndatabases 4\n"
	    "daemonize no\n\n",
	    server->port, server->password, server->dir);
	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(err, ERR_LIMIT, "redis", "folder name too long");
	return dir_write(server->conf, text, (size_t)n, err);
}

static enum err_code
redis_spawn(struct redis_server *server, struct err *err)
{
	const char *const argv[] = { server->exe, server->conf, NULL };
	const struct child_opt opt = {
		.argv = argv,
		.keep_fd = -1,
		.orphaned = SIGKILL,
	};
	enum err_code rc = redis_write_conf(server, err);

	return rc != ERR_OK ? rc : child_start(&server->child, &opt, err);
}

bool
redis_server_alive(struct redis_server *server)
{
	return child_alive(&server->child);
}

static redisContext *
redis_open(const struct redis_server *server)
{
	struct timeval limit = { .tv_usec = 200 * 1000 };
	redisContext *c =
	    redisConnectWithTimeout("127.0.0.1", (int)server->port, limit);
	redisReply *reply = NULL;
	bool good = false;

	if (c == NULL)
		return NULL;
	if (c->err == 0 && redisSetTimeout(c, limit) == REDIS_OK)
		reply = redisCommand(c, "AUTH %s", server->password);
	good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
	if (reply != NULL)
		freeReplyObject(reply);
	if (!good) {
		redisFree(c);
		return NULL;
	}
	return c;
}

/* Until it takes the password: another server on the port would not. */
static enum err_code
redis_await(struct redis_server *server, struct err *err)
{
	int64_t deadline = clock_now() + SIM_REDIS_START_MS * NS_PER_MS;

	for (;;) {
		redisContext *c = redis_open(server);

		if (c != NULL) {
			redisFree(c);
			return ERR_OK;
		}
		child_pause(&server->child, REDIS_PROBE_MS, NULL);
		if (!redis_server_alive(server))
			return err_set(err, ERR_CLOSED, "redis",
			    "%s ended at once; run it by hand to see why",
			    server->exe);
		if (clock_now() >= deadline) {
			redis_server_halt(server, false);
			return err_set(err, ERR_TIMEOUT, "redis",
			    "%s did not answer within %d s", server->exe,
			    SIM_REDIS_START_MS / 1000);
		}
	}
}

enum err_code
redis_server_restart(struct redis_server *server, struct err *err)
{
	char dump[PATH_MAX + 16];
	enum err_code rc;

	if (redis_server_alive(server))
		return ERR_OK;
	rc = redis_spawn(server, err);
	if (rc == ERR_OK)
		rc = redis_await(server, err);
	if (rc == ERR_OK) { /* loaded once: old data must not come again */
		snprintf(dump, sizeof(dump), "%s/dump.rdb", server->dir);
		(void)unlink(dump);
	}
	return rc;
}

enum err_code
redis_server_start(
    const char *dir, struct redis_server **ret_server, struct err *err)
{
	struct redis_server *server = mem_calloc(1, sizeof(*server));
	enum err_code rc;
	int n;

	if (server == NULL)
		return err_set(err, ERR_NOMEM, "redis", "starting");
	server->port_fd = -1;
	server->child.lifeline = -1;
	if (!path_find("redis-server", server->exe)) {
		rc = err_set(err, ERR_NOTFOUND, "redis",
		    "redis-server was not found: apt-get install redis-server");
		goto out;
	}
	snprintf(server->dir, sizeof(server->dir), "%s", dir);
	n = snprintf(server->conf, sizeof(server->conf), "%s/redis.conf", dir);
	if (n < 0 || (size_t)n >= sizeof(server->conf)) {
		rc = err_set(err, ERR_LIMIT, "redis", "folder name too long");
		goto out;
	}
	rc = token_make(server->password, err);
	if (rc == ERR_OK)
		rc = port_hold(&server->port, &server->port_fd, err);
	if (rc == ERR_OK)
		rc = redis_server_restart(server, err);
out:
	if (rc != ERR_OK)
		redis_server_free(server);
	else
		*ret_server = server;
	return rc;
}

void
redis_server_halt(struct redis_server *server, bool keep)
{
	redisContext *c;
	int signal = SIGTERM;

	if (!redis_server_alive(server))
		return;
	c = keep ? redis_open(server) : NULL;
	if (c != NULL) { /* it closes the connection instead of answering */
		redisReply *reply = redisCommand(c, "SHUTDOWN SAVE");

		if (reply != NULL)
			freeReplyObject(reply);
		redisFree(c);
		signal = 0;
	}
	child_end(&server->child, signal, SIM_REDIS_STOP_MS);
}

pid_t
redis_server_pid(const struct redis_server *server)
{
	return server->child.pid;
}

unsigned
redis_server_port(const struct redis_server *server)
{
	return server->port;
}

const char *
redis_server_password(const struct redis_server *server)
{
	return server->password;
}

struct redis_server *
redis_server_free(struct redis_server *server)
{
	if (server == NULL)
		return NULL;
	redis_server_halt(server, false);
	if (server->port_fd >= 0)
		close(server->port_fd);
	mem_free(server);
	return NULL;
}
