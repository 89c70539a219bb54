#include "config.h"

#include "base/secret_cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/thread.h"

enum {
	SECRET_ENV_MAX = 32,
	SECRET_SLICE_MS = 20, /* how soon the end of the command is seen */
};

#ifdef POSIX_SPAWN_SETSID
#define SECRET_SPAWN_SESSION POSIX_SPAWN_SETSID
#else
#define SECRET_SPAWN_SESSION POSIX_SPAWN_SETPGROUP
#endif

/* The words of the command; they belong to the document. */
static enum err_code
secret_cmd_words(
    const struct cJSON *root, char *argv[SECRET_ARGV_MAX + 1], struct err *err)
{
	const struct cJSON *item;
	size_t n = 0;

	if (!json_is_array(root) || json_first(root) == NULL)
		goto bad;
	for (item = json_first(root); item != NULL; item = json_next(item)) {
		const char *word = json_string(item);

		if (word == NULL || n == SECRET_ARGV_MAX)
			goto bad;
		argv[n++] = (char *)word; /* execve() takes them so */
	}
	argv[n] = NULL;
	if (argv[0][0] != '\0')
		return ERR_OK;
bad:
	return err_set(err, ERR_CONFIG, "secret",
	    "cmd: wants a list of 1 to %d words, such as "
	    "[\"pass\", \"show\", \"redis\"]",
	    SECRET_ARGV_MAX);
}

/*
 * The environment that a password tool needs to find its store and its
 * agent; nothing else, for ours may hold the secrets of other systems.
 */
static void
secret_cmd_env(char *envp[SECRET_ENV_MAX])
{
	static const char *const names[] = { "PATH", "HOME", "USER", "LOGNAME",
		"LANG", "TZ", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
		"XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK",
		"GNUPGHOME", "PASSWORD_STORE_DIR", "VAULT_ADDR",
		"VAULT_NAMESPACE", "CLOUDSDK_CONFIG", "AWS_PROFILE",
		"AWS_REGION" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i]);

		for (char **e = environ; *e != NULL; e++) {
			if (strncmp(*e, names[i], len) == 0 && (*e)[len] == '=')
				envp[n++] = *e;
		}
		if (n >= SECRET_ENV_MAX - 1)
			break;
	}
	envp[n] = NULL;
}

/*
 * Its own session, so that it can't ask on our terminal and so that all of
 * it can be ended; no signal blocked or ignored, whatever our threads do.
 */
static int
secret_cmd_spawn(pid_t *ret_pid, int out_fd, char *const *argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *envp[SECRET_ENV_MAX];
	sigset_t none, all;
	int rc;

	secret_cmd_env(envp);
	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_init(&attr);
	if (rc != 0)
		return rc;
	rc = posix_spawn_file_actions_init(&actions);
	if (rc != 0) {
		posix_spawnattr_destroy(&attr);
		return rc;
	}
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
					    POSIX_SPAWN_SETSIGDEF |
					    SECRET_SPAWN_SESSION);
	rc = posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(
		    &actions, out_fd, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
		    &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc =
		    posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

/* True when the process is gone; *ret_status as of waitpid(). */
static bool
secret_cmd_reaped(pid_t pid, int *ret_status)
{
	pid_t got;

	do
		got = waitpid(pid, ret_status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		*ret_status = 0; /* reaped elsewhere: SIGCHLD is ignored */
	return got != 0;
}

/* Reads what is there. ERR_WAITING: more may come; ERR_OK: the end. */
static enum err_code
secret_cmd_read(int fd, char *out, size_t cap, size_t *len)
{
	char more;
	ssize_t n;

	for (;;) {
		if (*len < cap)
			n = read(fd, out + *len, cap - *len);
		else
			n = read(fd, &more, 1);
		if (n > 0 && *len == cap)
			return ERR_TOOBIG;
		if (n > 0)
			*len += (size_t)n;
		else if (n == 0)
			return ERR_OK;
		else if (errno == EAGAIN)
			return ERR_WAITING;
		else if (errno != EINTR)
			return ERR_IO;
	}
}

/*
 * Until the process has ended; its output alone does not tell, for a helper
 * that it left behind may hold the pipe open for ever.
 */
static enum err_code
secret_cmd_wait(pid_t pid, int fd, int64_t deadline,
    const struct cancel *cancel, char *out, size_t cap, size_t *ret_len,
    int *ret_status, bool *ret_reaped)
{
	enum err_code code;
	bool open = true;

	*ret_reaped = false;
	for (;;) {
		int64_t slice = clock_now() + SECRET_SLICE_MS * NS_PER_MS;

		*ret_reaped = secret_cmd_reaped(pid, ret_status);
		if (open) {
			code = secret_cmd_read(fd, out, cap, ret_len);
			if (code != ERR_OK && code != ERR_WAITING)
				return code;
			open = code == ERR_WAITING;
		}
		if (*ret_reaped)
			return ERR_OK;
		if (clock_now() >= deadline)
			return ERR_TIMEOUT;
		code = io_wait(open ? fd : -1, IO_READ,
		    slice < deadline ? slice : deadline, cancel, NULL);
		if (code == ERR_CANCELLED)
			return code;
	}
}

/*
 * SIGKILL to the session's group, then the wait that leaves no zombie. It
 * is bounded too: a process stuck in the kernel must not hold us.
 */
static void
secret_cmd_end(pid_t pid)
{
	int64_t deadline = clock_now() + SECRET_REAP_MS * NS_PER_MS;
	int status;

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (!secret_cmd_reaped(pid, &status) && clock_now() < deadline)
		io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
}

static enum err_code
secret_cmd_failed(
    enum err_code code, const char *word, int status, struct err *err)
{
	switch (code) {
	case ERR_OK:
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return ERR_OK;
		if (WIFSIGNALED(status))
			return err_set(err, ERR_IO, "secret",
			    "command %s was ended by signal %d", word,
			    WTERMSIG(status));
		return err_set(err, ERR_IO, "secret",
		    "command %s ended with status %d; run it by hand to see "
		    "why",
		    word, WEXITSTATUS(status));
	case ERR_TIMEOUT:
		return err_set(err, code, "secret",
		    "command %s gave no answer within its time limit; it must "
		    "not ask questions",
		    word);
	case ERR_TOOBIG:
		return err_set(err, code, "secret",
		    "command %s wrote more than %d bytes", word, SECRET_MAX);
	case ERR_CANCELLED:
		return err_set(
		    err, code, "secret", "command %s was cancelled", word);
	default:
		return err_set(err, code, "secret",
		    "reading from command %s failed", word);
	}
}

enum err_code
secret_cmd_run(const char *json, int64_t deadline, const struct cancel *cancel,
    char *out, size_t cap, size_t *ret_len, struct err *err)
{
	char *argv[SECRET_ARGV_MAX + 1];
	struct cJSON *root = NULL;
	int fd[2] = { -1, -1 }, rc, status = 0;
	enum err_code code;
	bool reaped;
	pid_t pid;

	*ret_len = 0;
	code = json_parse(json, strlen(json), &root, err);
	if (code == ERR_OK)
		code = secret_cmd_words(root, argv, err);
	if (code == ERR_OK)
		code = fd_pipe(fd, err);
	if (code != ERR_OK) {
		if (code == ERR_BADDATA)
			code = err_set(err, ERR_CONFIG, "secret",
			    "cmd: wants a list of words such as "
			    "[\"pass\", \"show\", \"redis\"]");
		goto out;
	}
	/* The child writes to a pipe that blocks, as programs expect. */
	fcntl(fd[1], F_SETFL, 0);
	rc = secret_cmd_spawn(&pid, fd[1], argv);
	close(fd[1]);
	fd[1] = -1;
	if (rc != 0) {
		code = err_set_errno(err, rc == ENOENT ? ERR_NOTFOUND : ERR_IO,
		    "secret", rc, "starting command %s", argv[0]);
		goto out;
	}
	code = secret_cmd_wait(
	    pid, fd[0], deadline, cancel, out, cap, ret_len, &status, &reaped);
	if (!reaped)
		secret_cmd_end(pid);
	code = secret_cmd_failed(code, argv[0], status, err);
out:
	for (int i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
	}
	json_free(root);
	return code;
}
