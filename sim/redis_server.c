/*
 * How the end of the child is noticed: it inherits the write end of a pipe
 * (its lifeline) that nobody writes to. End of file on the read end means
 * that the child has gone, so a wait for it has a deadline without polling.
 */
#include "sim/redis_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"

enum {
	REDIS_PASSWORD_BYTES = 12,
	REDIS_START_TRIES = 3, /* another program may take the free port */
	REDIS_PROBE_MS = 20,   /* between two attempts to connect */
};

struct redis_server {
	char exe[PATH_MAX];
	char dir[PATH_MAX];
	char conf[PATH_MAX];
	char password[2 * REDIS_PASSWORD_BYTES + 1];
	unsigned port;
	pid_t pid;    /* 0: not running */
	int lifeline; /* read end; -1 when not running */
};

static bool
redis_find(char *out, size_t cap)
{
	const char *path = getenv("PATH");
	size_t len;

	for (const char *p = path != NULL ? path : "/usr/bin:/bin"; *p != '\0';
	     p += len + (p[len] == ':')) {
		int n;

		len = strcspn(p, ":");
		n = snprintf(out, cap, "%.*s/redis-server", (int)len, p);
		if (len > 0 && n > 0 && (size_t)n < cap &&
		    access(out, X_OK) == 0)
			return true;
	}
	return false;
}

/* A port that was free a moment ago; 0 when there is none. */
static unsigned
redis_free_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned port = 0;

	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&addr, &len) == 0)
		port = ntohs(addr.sin_port);
	if (fd >= 0)
		close(fd);
	return port;
}

/* The password is in this file only: a command line can be read by all. */
static enum err_code
redis_write_conf(const struct redis_server *server, struct err *err)
{
	char text[PATH_MAX + 512];
	ssize_t done;
	int fd, n;

	n = snprintf(text, sizeof(text),
	    "bind 127.0.0.1\nport %u\nprotected-mode yes\nrequirepass %s\n"
	    "dir \"%s\"\ndbfilename dump.rdb\nsave \"\"\nappendonly no\n"
	    "maxmemory 64mb\nmaxmemory-policy noeviction\ndatabases 4\n"
	    "daemonize no\n\n",
	    server->port, server->password, server->dir);
	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(err, ERR_LIMIT, "redis", "folder name too long");
	fd = open(server->conf, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	if (fd < 0)
		return err_set_errno(
		    err, ERR_IO, "redis", errno, "creating %s", server->conf);
	done = write(fd, text, (size_t)n);
	close(fd);
	if (done != n)
		return err_set(
		    err, ERR_IO, "redis", "writing %s", server->conf);
	return ERR_OK;
}

/* In the child: only calls that are safe between fork and exec. */
static void
redis_child(const struct redis_server *server, int lifeline, pid_t parent)
{
	char *argv[] = { (char *)(uintptr_t)server->exe,
		(char *)(uintptr_t)server->conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	if (getppid() != parent) /* it died before the line above */
		_exit(127);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0)
		_exit(127);
	fcntl(lifeline, F_SETFD, 0);
	execv(argv[0], argv);
	_exit(127);
}

static enum err_code
redis_spawn(struct redis_server *server, struct err *err)
{
	pid_t parent = getpid();
	int fd[2];
	enum err_code rc;

	rc = redis_write_conf(server, err);
	if (rc != ERR_OK)
		return rc;
	rc = fd_pipe(fd, err);
	if (rc != ERR_OK)
		return rc;
	server->pid = fork();
	if (server->pid == 0)
		redis_child(server, fd[1], parent);
	close(fd[1]);
	if (server->pid < 0) {
		server->pid = 0;
		close(fd[0]);
		return err_set_errno(err, ERR_IO, "redis", errno, "fork");
	}
	server->lifeline = fd[0];
	return ERR_OK;
}

static void
redis_reap(struct redis_server *server)
{
	if (server->pid > 0)
		while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	if (server->lifeline >= 0)
		close(server->lifeline);
	server->pid = 0;
	server->lifeline = -1;
}

bool
redis_server_alive(struct redis_server *server)
{
	if (server->pid == 0)
		return false;
	if (io_wait(server->lifeline, IO_READ, clock_now(), NULL, NULL) !=
	    ERR_OK)
		return true;
	redis_reap(server);
	return false;
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
		/* the lifeline ends the pause early if the server ends */
		(void)io_wait(server->lifeline, IO_READ,
		    clock_now() + REDIS_PROBE_MS * NS_PER_MS, NULL, NULL);
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

static enum err_code
redis_password(struct redis_server *server, struct err *err)
{
	unsigned char raw[REDIS_PASSWORD_BYTES];

	if (getentropy(raw, sizeof(raw)) != 0)
		return err_set_errno(
		    err, ERR_IO, "redis", errno, "random numbers");
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(server->password + 2 * i, 3, "%02x", raw[i]);
	return ERR_OK;
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
	server->lifeline = -1;
	if (!redis_find(server->exe, sizeof(server->exe))) {
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
	rc = redis_password(server, err);
	for (int i = 0; rc == ERR_OK && i < REDIS_START_TRIES; i++) {
		server->port = redis_free_port();
		rc = redis_server_restart(server, err);
		if (rc != ERR_CLOSED)
			break;
		rc = i + 1 < REDIS_START_TRIES ? ERR_OK : rc;
	}
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
	int64_t deadline = clock_now() + SIM_REDIS_STOP_MS * NS_PER_MS;
	redisContext *c;

	if (!redis_server_alive(server))
		return;
	c = keep ? redis_open(server) : NULL;
	if (c != NULL) { /* it closes the connection instead of answering */
		redisReply *reply = redisCommand(c, "SHUTDOWN SAVE");

		if (reply != NULL)
			freeReplyObject(reply);
		redisFree(c);
	} else {
		kill(server->pid, SIGTERM);
	}
	if (io_wait(server->lifeline, IO_READ, deadline, NULL, NULL) != ERR_OK)
		kill(server->pid, SIGKILL);
	redis_reap(server);
}

pid_t
redis_server_pid(const struct redis_server *server)
{
	return server->pid;
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
	mem_free(server);
	return NULL;
}
