#include "sim/pg_server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/thread.h"
#include "sim/child.h"
#include "sim/dir.h"
#include "sim/limits.h"
#include "sim/port.h"
#include "sim/token.h"

#define PG_BIN_ENV  "SEVTOP_SIM_PG_BIN"
#define PG_VERSIONS "/usr/lib/postgresql" /* of Debian and its family */

enum {
	PG_PROBE_MS = 10, /* between two attempts to connect */
	PG_LINE_MAX = 160,
};

struct pg_server {
	char bin[PATH_MAX]; /* folder of the programs */
	char dir[PATH_MAX];
	char seen[PATH_MAX]; /* dir as the server itself names it */
	int dir_fd;	     /* -1: the server can enter dir by its name */
	struct child_user user;
	bool other; /* runs as user, not as we do */
	bool statements;
	char password[TOKEN_CAP];
	struct db_target super;
	unsigned port;
	int port_fd; /* holds it; -1: none */
	struct child child;
};

/* dir/name, or an empty text that no file has for a name. */
static const char *
pg_path(const char *dir, const char *name, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= PATH_MAX)
		out[0] = '\0';
	return out;
}

static bool
pg_is_bin(const char *dir)
{
	char path[PATH_MAX];

	return access(pg_path(dir, "postgres", path), X_OK) == 0 &&
	       access(pg_path(dir, "initdb", path), X_OK) == 0;
}

/* The newest of the versions that are installed side by side. */
static bool
pg_find_version(char out[PATH_MAX])
{
	DIR *list = opendir(PG_VERSIONS);
	struct dirent *entry;
	long newest = 0;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		long version = strtol(entry->d_name, NULL, 10);
		char dir[PATH_MAX];
		int n = snprintf(
		    dir, sizeof(dir), PG_VERSIONS "/%s/bin", entry->d_name);

		if (version <= newest || n < 0 || n >= PATH_MAX ||
		    !pg_is_bin(dir))
			continue;
		newest = version;
		snprintf(out, PATH_MAX, "%s", dir);
	}
	if (list != NULL)
		closedir(list);
	return newest > 0;
}

static bool
pg_find(char out[PATH_MAX])
{
	const char *wanted = getenv(PG_BIN_ENV);
	char found[PATH_MAX], *slash;

	if (wanted != NULL && wanted[0] != '\0') {
		snprintf(out, PATH_MAX, "%s", wanted);
		return pg_is_bin(out);
	}
	/* a link on PATH leads to the folder with all of it */
	if (path_find("postgres", found) && realpath(found, out) != NULL) {
		slash = strrchr(out, '/');
		*slash = '\0';
		if (pg_is_bin(out))
			return true;
	}
	return pg_find_version(out);
}

/* The library lies beside the folder of the programs. */
static bool
pg_find_statements(const char *bin)
{
	static const char *const places[] = {
		"../lib/pg_stat_statements.so",
		"../lib/postgresql/pg_stat_statements.so",
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(pg_path(bin, places[i], path), R_OK) == 0)
			return true;
	return false;
}

static enum err_code
pg_find_user(struct pg_server *server, struct err *err)
{
	static const char *const names[] = { "postgres", "nobody" };

	if (geteuid() != 0)
		return ERR_OK;
	server->other = true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct passwd entry, *found = NULL;
		char text[1024];

		if (getpwnam_r(names[i], &entry, text, sizeof(text), &found) !=
			0 ||
		    found == NULL || entry.pw_uid == 0)
			continue;
		server->user.uid = entry.pw_uid;
		server->user.gid = entry.pw_gid;
		return ERR_OK;
	}
	return err_set(err, ERR_UNSUPPORTED, "postgres",
	    "PostgreSQL does not run as root, and there is neither a user "
	    "postgres nor nobody");
}

/* A shell's PGOPTIONS, PGSERVICE and PGDATA are meant for other servers. */
static void
pg_clean_environment(void)
{
	static const char *const names[] = { "PGDATA", "PGOPTIONS", "PGPORT",
		"PGSERVICE", "PGTARGETSESSIONATTRS", "PGTZ", "PGDATESTYLE",
		"PGREQUIREAUTH", "PGCHANNELBINDING" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}

enum err_code
pg_server_new(const char *dir, struct pg_server **ret_server, struct err *err)
{
	struct pg_server *server = mem_calloc(1, sizeof(*server));
	enum err_code rc;

	if (server == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "starting");
	server->dir_fd = server->port_fd = server->child.lifeline = -1;
	snprintf(server->dir, sizeof(server->dir), "%s", dir);
	snprintf(server->seen, sizeof(server->seen), "%s", dir);
	rc = pg_find_user(server, err);
	if (rc == ERR_OK && !pg_find(server->bin))
		rc = err_set(err, ERR_NOTFOUND, "postgres",
		    "the PostgreSQL server was not found: apt-get install "
		    "postgresql");
	if (rc == ERR_OK)
		rc = token_make(server->password, err);
	if (rc == ERR_OK)
		rc = port_hold(&server->port, &server->port_fd, err);
	if (rc != ERR_OK) {
		pg_server_free(server);
		return rc;
	}
	pg_clean_environment();
	server->statements = pg_find_statements(server->bin);
	server->super.user = server->super.database = "postgres";
	server->super.password = server->password;
	*ret_server = server;
	return ERR_OK;
}

/* Hands the folder over to the user that the server will run as. */
static enum err_code
pg_give(struct pg_server *server, struct err *err)
{
	if (!server->other)
		return ERR_OK;
	server->dir_fd =
	    open(server->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (server->dir_fd < 0 ||
	    fchown(server->dir_fd, server->user.uid, server->user.gid) != 0)
		return err_set_errno(err, ERR_IO, "postgres", errno,
		    "giving %s to another user", server->dir);
	snprintf(server->seen, sizeof(server->seen), "/proc/self/fd/%d",
	    server->dir_fd);
	return ERR_OK;
}

/* Runs one of its programs, which prints to log in the folder. */
static enum err_code
pg_spawn(struct pg_server *server, const char *const argv[], int orphaned,
    struct err *err)
{
	char log[PATH_MAX];
	const struct child_opt opt = {
		.argv = argv,
		.user = server->other ? &server->user : NULL,
		.log = pg_path(server->dir, "server.log", log),
		.keep_fd = server->dir_fd,
		.orphaned = orphaned,
	};

	return child_start(&server->child, &opt, err);
}

/* What it said last is the best explanation there is. */
static enum err_code
pg_explain(const struct pg_server *server, const char *program,
    enum err_code code, struct err *err)
{
	char path[PATH_MAX], line[PG_LINE_MAX], last[PG_LINE_MAX] = "";
	FILE *file = fopen(pg_path(server->dir, "server.log", path), "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strstr(line, "error: ") != NULL ||
		    strstr(line, "FATAL: ") != NULL)
			snprintf(last, sizeof(last), "%.*s",
			    (int)strcspn(line, "\n"), line);
	if (file != NULL)
		fclose(file);
	return err_set(err, code, "postgres", "%s/%s %s%s%s", server->bin,
	    program, code == ERR_TIMEOUT ? "was not ready in time" : "ended",
	    last[0] != '\0' ? ": " : "", last);
}

static enum err_code
pg_run_initdb(
    struct pg_server *server, const struct cancel *cancel, struct err *err)
{
	char exe[PATH_MAX], data[PATH_MAX], pwfile[PATH_MAX + 32];
	const char *const argv[] = { exe, "-D", data, "-U", "postgres", "-A",
		"scram-sha-256", pwfile, "--no-sync", "--wal-segsize=1",
		"--locale=C", "--encoding=UTF8", NULL };
	int64_t deadline = clock_now() + SIM_PG_INIT_MS * NS_PER_MS;
	int status = 0;
	enum err_code rc;

	pg_path(server->bin, "initdb", exe);
	pg_path(server->seen, "data", data);
	snprintf(pwfile, sizeof(pwfile), "--pwfile=%s/password", server->seen);
	rc = pg_spawn(server, argv, SIGKILL, err);
	if (rc != ERR_OK)
		return rc;
	rc = child_wait(&server->child, deadline, cancel, &status);
	if (rc != ERR_OK) {
		/* the server that it works with then ends by itself, and
		 * frees its shared memory */
		child_end(&server->child, SIGKILL, SIM_PG_STOP_MS);
		return rc == ERR_CANCELLED
			   ? rc
			   : pg_explain(server, "initdb", ERR_TIMEOUT, err);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return pg_explain(server, "initdb", ERR_IO, err);
	return ERR_OK;
}

/* A file for the server; the one it has for the user that it runs as. */
static enum err_code
pg_write(struct pg_server *server, const char *name, const char *text,
    struct err *err)
{
	char path[PATH_MAX];
	enum err_code rc = dir_write(
	    pg_path(server->dir, name, path), text, strlen(text), err);

	if (rc == ERR_OK && server->other &&
	    lchown(path, server->user.uid, server->user.gid) != 0)
		rc = err_set_errno(err, ERR_IO, "postgres", errno,
		    "giving %s to another user", path);
	return rc;
}

/*
 * Nothing is synced, and what wakes an idle server is switched off. Shared
 * memory lives in the folder. What sessions do wrong is not logged, what
 * ends the server or a session is: a few lines of text for each fault.
 */
static enum err_code
pg_write_conf(struct pg_server *server, struct err *err)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    "listen_addresses = '127.0.0.1'\n"
	    "unix_socket_directories = ''\nmax_connections = %d\n"
	    "superuser_reserved_connections = 0\n"
	    "shared_preload_libraries = '%s'\n"
	    "shared_buffers = 16MB\ndynamic_shared_memory_type = mmap\n"
	    "huge_pages = off\nfsync = off\nsynchronous_commit = off\n"
	    "full_page_writes = off\nwal_level = minimal\n"
	    "max_wal_senders = 0\nmax_wal_size = 32MB\nmin_wal_size = 4MB\n"
	    "wal_writer_delay = 1s\nbgwriter_lru_maxpages = 0\n"
	    "checkpoint_timeout = 30min\nmax_worker_processes = 0\n"
	    "max_parallel_workers = 0\njit = off\ntimezone = 'UTC'\n"
	    "log_timezone = 'UTC'\nlog_min_messages = fatal\n"
	    "password_encryption = 'scram-sha-256'\n"
	    "cluster_name = 'sevtop-sim'\n",
	    SIM_PG_CONNECTIONS, server->statements ? "pg_stat_statements" : "");
	return pg_write(server, "data/postgresql.conf", text, err);
}

enum err_code
pg_server_prepare(
    struct pg_server *server, const struct cancel *cancel, struct err *err)
{
	char path[PATH_MAX];
	enum err_code rc = pg_give(server, err);

	if (rc == ERR_OK)
		rc = pg_write(server, "password", server->password, err);
	if (rc == ERR_OK)
		rc = pg_run_initdb(server, cancel, err);
	(void)unlink(pg_path(server->dir, "password", path));
	if (rc == ERR_OK)
		rc = pg_write_conf(server, err);
	if (rc == ERR_OK)
		rc = pg_write(server, "data/pg_hba.conf",
		    "host all all 127.0.0.1/32 scram-sha-256\n", err);
	return rc;
}

/* Until it takes the password: another server on the port would not. */
static enum err_code
pg_await(struct pg_server *server, const struct cancel *cancel, struct err *err)
{
	int64_t deadline = clock_now() + SIM_PG_START_MS * NS_PER_MS;
	struct db_conn conn = { .pg = NULL };

	for (;;) {
		enum err_code rc = db_conn_connect(
		    &conn, &server->super, "start", deadline, cancel, NULL);

		db_conn_close(&conn);
		if (rc == ERR_OK || rc == ERR_CANCELLED)
			return rc;
		child_pause(&server->child, PG_PROBE_MS, cancel);
		if (!pg_server_alive(server))
			return pg_explain(server, "postgres", ERR_CLOSED, err);
		if (clock_now() >= deadline) {
			pg_server_halt(server, false);
			return pg_explain(server, "postgres", ERR_TIMEOUT, err);
		}
	}
}

enum err_code
pg_server_start(struct pg_server *server, bool aside,
    const struct cancel *cancel, struct err *err)
{
	char exe[PATH_MAX], data[PATH_MAX], port[32];
	const char *const argv[] = { exe, "-D", data, "-c", port, NULL };
	enum err_code rc = ERR_OK;
	int fd = -1;

	if (pg_server_alive(server))
		return ERR_OK;
	server->super.port = server->port;
	if (aside)
		rc = port_hold(&server->super.port, &fd, err);
	pg_path(server->bin, "postgres", exe);
	pg_path(server->seen, "data", data);
	snprintf(port, sizeof(port), "port=%u", server->super.port);
	/* it frees its shared memory when it is told to quit, not when it is
	 * killed */
	if (rc == ERR_OK)
		rc = pg_spawn(server, argv, SIGQUIT, err);
	if (rc == ERR_OK)
		rc = pg_await(server, cancel, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

void
pg_server_halt(struct pg_server *server, bool keep)
{
	child_end(&server->child, keep ? SIGINT : SIGQUIT, SIM_PG_STOP_MS);
}

bool
pg_server_alive(struct pg_server *server)
{
	return child_alive(&server->child);
}

pid_t
pg_server_pid(const struct pg_server *server)
{
	return server->child.pid;
}

unsigned
pg_server_port(const struct pg_server *server)
{
	return server->port;
}

const struct db_target *
pg_server_super(const struct pg_server *server)
{
	return &server->super;
}

bool
pg_server_has_statements(const struct pg_server *server)
{
	return server->statements;
}

struct pg_server *
pg_server_free(struct pg_server *server)
{
	if (server == NULL)
		return NULL;
	pg_server_halt(server, false);
	if (server->dir_fd >= 0)
		close(server->dir_fd);
	if (server->port_fd >= 0)
		close(server->port_fd);
	mem_free(server);
	return NULL;
}
