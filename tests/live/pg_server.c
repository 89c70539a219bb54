#include "tests/live/pg_server.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/thread.h"
#include "tests/live/redis_server.h"

/* Longest start; only a broken or very busy machine needs it. */
#define START_NS (60 * NS_PER_SEC)

/* The folder with initdb and postgres; NULL: none. */
static const char *
server_bin(void)
{
	static char best[PG_SERVER_PATH_MAX];
	static const char *const versions[] = { "18", "17", "16", "15", "14",
		"13", "12" };
	const char *given = getenv("SEV_PG_BIN");

	if (given != NULL)
		return given;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		char path[PG_SERVER_TEXT_MAX];

		snprintf(best, sizeof(best), "/usr/lib/postgresql/%s/bin",
		    versions[i]);
		snprintf(path, sizeof(path), "%s/initdb", best);
		if (access(path, X_OK) == 0)
			return best;
	}
	return NULL;
}

/* Whom the server runs as; NULL: ourselves. */
static const struct passwd *
server_user(void)
{
	const struct passwd *user;

	if (geteuid() != 0)
		return NULL;
	user = getpwnam("postgres");
	return user != NULL ? user : getpwnam("nobody");
}

bool
pg_server_available(void)
{
	return server_bin() != NULL &&
	       (geteuid() != 0 || server_user() != NULL);
}

/*
 * What has to stand before a command of the server, so that it runs as its
 * user and ends with us. A change of the user clears the signal that
 * child_start() asked for; fast shutdown is SIGINT.
 */
static size_t
prefix(const char **args)
{
	static char uid[32], gid[32], lib[PG_SERVER_TEXT_MAX];
	const struct passwd *user = server_user();
	const char *libs = getenv("SEV_PG_LIB");
	size_t n = 0;

	if (user != NULL) {
		snprintf(uid, sizeof(uid), "--reuid=%d", (int)user->pw_uid);
		snprintf(gid, sizeof(gid), "--regid=%d", (int)user->pw_gid);
		args[n++] = "setpriv";
		args[n++] = uid;
		args[n++] = gid;
		args[n++] = "--clear-groups";
		args[n++] = "--pdeathsig=INT";
	}
	if (libs != NULL) {
		snprintf(lib, sizeof(lib), "LD_LIBRARY_PATH=%s", libs);
		args[n++] = "env";
		args[n++] = lib;
	}
	return n;
}

static void
prefixed(const char *const *argv, const char *args[PG_SERVER_ARGS_MAX])
{
	size_t n = prefix(args);

	while (*argv != NULL && n < PG_SERVER_ARGS_MAX - 1)
		args[n++] = *argv++;
	args[n] = NULL;
}

bool
pg_server_child(struct child *child, const char *const *argv)
{
	const char *args[PG_SERVER_ARGS_MAX];

	prefixed(argv, args);
	return child_start(child, args, false);
}

bool
pg_server_run(const char *const *argv)
{
	const char *args[PG_SERVER_ARGS_MAX];
	int status = -1;
	pid_t pid;

	prefixed(argv, args);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, STDOUT_FILENO);
		execvp(args[0], (char *const *)args);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* The temporary folder, which belongs to the server's user. */
static bool
server_folder(struct pg_server *server)
{
	const struct passwd *user = server_user();

	*server = (struct pg_server) { .port = redis_server_free_port() };
	snprintf(server->dir, sizeof(server->dir), "/tmp/sevtop-test-XXXXXX");
	if (mkdtemp(server->dir) == NULL)
		return false;
	snprintf(server->url, sizeof(server->url),
	    "postgres:///postgres?host=%s&port=%d&user=postgres", server->dir,
	    server->port);
	snprintf(server->own[0], sizeof(server->own[0]), "%s/postgres",
	    server_bin());
	snprintf(
	    server->own[1], sizeof(server->own[1]), "%s/data", server->dir);
	snprintf(server->own[2], sizeof(server->own[2]), "%d", server->port);
	return user == NULL ||
	       chown(server->dir, user->pw_uid, user->pw_gid) == 0;
}

/* What every server is started with, and more (NULL: none). */
static void
server_args(struct pg_server *server, const char *const *more)
{
	const char *own[] = { server->own[0], "-D", server->own[1], "-k",
		server->dir, "-p", server->own[2], "-c",
		"listen_addresses=127.0.0.1", "-c", "fsync=off", "-c",
		"shared_buffers=16MB", "-c", "log_min_messages=panic" };
	size_t n = prefix(server->args);

	memcpy(&server->args[n], own, sizeof(own));
	n += sizeof(own) / sizeof(own[0]);
	for (; more != NULL && *more != NULL && n < PG_SERVER_ARGS_MAX - 1;
	     more++)
		server->args[n++] = *more;
	server->args[n] = NULL;
}

bool
pg_server_file(struct pg_server *server, const char *name, const char *text)
{
	const struct passwd *user = server_user();
	char path[PG_SERVER_PATH_MAX + 64];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/data/%s", server->dir, name);
	file = fopen(path, "we");
	if (file == NULL)
		return false;
	good = fputs(text, file) >= 0;
	good = fclose(file) == 0 && good && chmod(path, 0600) == 0;
	if (user != NULL && chown(path, user->pw_uid, user->pw_gid) != 0)
		good = false;
	child_signal(&server->child, SIGHUP);
	return good;
}

PGconn *
pg_server_connect(const struct pg_server *server, const char *more)
{
	char url[sizeof(server->url) + 128];
	PGconn *conn;

	snprintf(url, sizeof(url), "%s%s", server->url, more);
	conn = PQconnectdb(url);
	if (PQstatus(conn) == CONNECTION_OK)
		return conn;
	PQfinish(conn);
	return NULL;
}

bool
pg_server_again(struct pg_server *server)
{
	int64_t deadline = clock_now() + START_NS;

	if (!child_start(&server->child, server->args, false))
		return false;
	while (clock_now() < deadline) {
		PGconn *conn = pg_server_connect(server, "");

		PQfinish(conn);
		if (conn != NULL)
			return true;
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	}
	printf("# postgres did not start, see %s\n", server->dir);
	return false;
}

bool
pg_server_start(struct pg_server *server, const char *const *more)
{
	static const char hba[] = "local all all trust\n"
				  "local replication all trust\n"
				  "host all all 127.0.0.1/32 md5\n";
	char initdb[PG_SERVER_TEXT_MAX];
	const char *argv[] = { initdb, "-D", server->own[1], "-U", "postgres",
		"-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", NULL };

	snprintf(initdb, sizeof(initdb), "%s/initdb", server_bin());
	if (!server_folder(server) || !pg_server_run(argv) ||
	    !pg_server_file(server, "pg_hba.conf", hba)) {
		printf("# initdb failed in %s\n", server->dir);
		return false;
	}
	server_args(server, more);
	return pg_server_again(server);
}

bool
pg_server_copy(struct pg_server *server, struct pg_server *primary)
{
	const char *argv[] = { "cp", "-R", primary->own[1], server->own[1],
		NULL };
	const char *more[] = { "-c", server->own[3], "-c",
		"max_prepared_transactions=2", NULL };

	pg_server_stop(primary);
	if (!server_folder(server) || !pg_server_run(argv) ||
	    !pg_server_file(server, "standby.signal", "")) {
		printf("# no copy in %s\n", server->dir);
		return false;
	}
	snprintf(server->own[3], sizeof(server->own[3]),
	    "primary_conninfo=host=%s port=%d user=postgres", primary->dir,
	    primary->port);
	server_args(server, more);
	return pg_server_again(primary) && pg_server_again(server);
}

void
pg_server_stop(struct pg_server *server)
{
	child_signal(&server->child, SIGCONT);
	child_signal(&server->child, SIGINT);
	child_stop(&server->child);
}

/* Everything below dir, and dir itself; no link is followed. */
static void
folder_remove(const char *dir)
{
	char path[1024];
	struct dirent *entry;
	DIR *open = opendir(dir);

	while (open != NULL && (entry = readdir(open)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (unlink(path) != 0)
			folder_remove(path);
	}
	if (open != NULL)
		closedir(open);
	rmdir(dir);
}

void
pg_server_remove(struct pg_server *server)
{
	pg_server_stop(server);
	if (server->dir[0] != '\0')
		folder_remove(server->dir);
	server->dir[0] = '\0';
}

bool
pg_do(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!good)
		printf("# %s: %s\n", sql, PQerrorMessage(conn));
	PQclear(result);
	return good;
}

bool
pg_begin(PGconn *conn, const char *sql)
{
	return PQsendQuery(conn, sql) == 1 && PQflush(conn) == 0;
}
