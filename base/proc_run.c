#include "config.h"

#include "base/proc_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"

#ifdef POSIX_SPAWN_SETSID
#define PROC_SPAWN_SESSION POSIX_SPAWN_SETSID
#else
#define PROC_SPAWN_SESSION POSIX_SPAWN_SETPGROUP
#endif

/* A program that is running. */
struct proc_job {
	const struct proc_spec *spec;
	pid_t pid;
	int fd[2];  /* our ends, by enum proc_stream; -1: closed */
	int status; /* of waitpid(), once it ended; -1: taken by others */
};

/* What a child inherits from us and must not: signals, other files. */
static int
proc_spawn_actions(posix_spawn_file_actions_t *actions,
    const struct proc_spec *spec, int from, const int to[2])
{
	int rc;

	if (from >= 0)
		rc = posix_spawn_file_actions_adddup2(
		    actions, from, STDIN_FILENO);
	else
		rc = posix_spawn_file_actions_addopen(
		    actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(
		    actions, to[PROC_OUT], STDOUT_FILENO);
	if (rc == 0 && to[PROC_ERR] >= 0)
		rc = posix_spawn_file_actions_adddup2(
		    actions, to[PROC_ERR], STDERR_FILENO);
	else if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
		    actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	/* Ours are close-on-exec; a library may have forgotten one. */
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(
		    actions, STDERR_FILENO + 1);
#endif
	if (rc == 0 && spec->dir != NULL)
		rc = posix_spawn_file_actions_addchdir_np(actions, spec->dir);
	return rc;
}

static int
proc_spawn(
    const struct proc_spec *spec, int from, const int to[2], pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

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
					    PROC_SPAWN_SESSION);
	rc = proc_spawn_actions(&actions, spec, from, to);
	if (rc == 0)
		rc = posix_spawnp(ret_pid, spec->argv[0], &actions, &attr,
		    (char *const *)spec->argv,
		    spec->env != NULL ? spec->env : environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static bool
proc_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Why it could not be started, in words. */
static enum err_code
proc_spawn_failed(const struct proc_spec *spec, int rc, struct err *err)
{
	const char *word = spec->argv[0];

	if (spec->dir != NULL && !proc_is_folder(spec->dir))
		return err_set(err, ERR_NOTFOUND, "proc",
		    "there is no folder %s to run %s in", spec->dir, word);
	switch (rc) {
	case ENOENT:
		if (strchr(word, '/') == NULL)
			return err_set(err, ERR_NOTFOUND, "proc",
			    "there is no program %s in the PATH", word);
		if (access(word, F_OK) == 0)
			return err_set(err, ERR_NOTFOUND, "proc",
			    "%s is there, but what its first line (#!) names "
			    "is not",
			    word);
		return err_set(
		    err, ERR_NOTFOUND, "proc", "there is no program %s", word);
	case EACCES:
		return err_set(err, ERR_FORBIDDEN, "proc",
		    "%s may not be run: it is not executable for us", word);
	case ENOEXEC:
		return err_set(err, ERR_CONFIG, "proc",
		    "%s is no program: it has no #! line, or is for another "
		    "kind of machine",
		    word);
	case E2BIG:
		return err_set(err, ERR_CONFIG, "proc",
		    "the arguments and variables of %s are too long", word);
	case ENOMEM:
		return err_set(
		    err, ERR_NOMEM, "proc", "no memory to start %s", word);
	default:
		return err_set_errno(
		    err, ERR_IO, "proc", rc, "starting %s", word);
	}
}

static void
proc_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe that holds what the program is to read, and then ends; -1: none. */
static enum err_code
proc_input(const struct proc_spec *spec, int *ret_from, struct err *err)
{
	int in[2] = { -1, -1 };
	enum err_code code;

	*ret_from = -1;
	if (spec->input_len == 0)
		return ERR_OK;
	if (spec->input_len > PROC_INPUT_MAX)
		return err_set(err, ERR_LIMIT, "proc",
		    "more than %d bytes for the standard input of %s",
		    PROC_INPUT_MAX, spec->argv[0]);
	code = fd_pipe(in, err);
	if (code == ERR_OK && write(in[1], spec->input, spec->input_len) !=
				  (ssize_t)spec->input_len)
		code = err_set(err, ERR_IO, "proc",
		    "nothing can be written to %s", spec->argv[0]);
	proc_close(&in[1]);
	if (code != ERR_OK) {
		proc_close(&in[0]);
		return code;
	}
	fcntl(in[0], F_SETFL, 0);
	*ret_from = in[0];
	return ERR_OK;
}

/* Starts the program; both streams are readable without waiting then. */
static enum err_code
proc_start(struct proc_job *job, struct err *err)
{
	int out[2] = { -1, -1 }, errs[2] = { -1, -1 }, to[2], from = -1;
	enum err_code code = proc_input(job->spec, &from, err);
	int rc;

	if (code == ERR_OK)
		code = fd_pipe(out, err);
	if (code == ERR_OK && !job->spec->no_errors)
		code = fd_pipe(errs, err);
	if (code == ERR_OK) {
		to[PROC_OUT] = out[1];
		to[PROC_ERR] = errs[1];
		/* The child writes to pipes that block, as programs expect. */
		fcntl(out[1], F_SETFL, 0);
		if (errs[1] >= 0)
			fcntl(errs[1], F_SETFL, 0);
		rc = proc_spawn(job->spec, from, to, &job->pid);
		if (rc != 0)
			code = proc_spawn_failed(job->spec, rc, err);
	}
	proc_close(&from);
	proc_close(&out[1]);
	proc_close(&errs[1]);
	if (code != ERR_OK) {
		proc_close(&out[0]);
		proc_close(&errs[0]);
		return code;
	}
	job->fd[PROC_OUT] = out[0];
	job->fd[PROC_ERR] = errs[0];
	return ERR_OK;
}

/*
 * Hands over what is there now, at most PROC_TURN_MAX bytes. ERR_OK, also
 * at the end of the stream, which is closed then; ERR_TOOBIG.
 */
static enum err_code
proc_read(struct proc_job *job, enum proc_stream stream)
{
	char chunk[PROC_CHUNK];
	enum err_code code = ERR_OK;
	size_t total = 0;

	while (
	    code == ERR_OK && job->fd[stream] >= 0 && total < PROC_TURN_MAX) {
		ssize_t n = read(job->fd[stream], chunk, sizeof(chunk));

		if (n > 0 &&
		    !job->spec->chunk(job->spec->ctx, stream, chunk, (size_t)n))
			code = ERR_TOOBIG;
		else if (n > 0)
			total += (size_t)n;
		else if (n == 0)
			proc_close(&job->fd[stream]);
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			code = ERR_IO;
	}
	if (total > 0)
		explicit_bzero(chunk, sizeof(chunk));
	return code;
}

/* Whether the program ended; it stays a zombie, so that its number does. */
static bool
proc_has_ended(struct proc_job *job)
{
	siginfo_t info = { .si_pid = 0 };
	int rc;

	do
		rc = waitid(
		    P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	while (rc != 0 && errno == EINTR);
	/* ECHILD: reaped elsewhere, as when SIGCHLD is ignored. */
	return rc != 0 || info.si_pid != 0;
}

/*
 * True when no such child is left; *ret_status as of waitpid(), or -1 when
 * it was reaped elsewhere, so that nobody can tell how it ended.
 */
static bool
proc_reap(pid_t pid, int *ret_status)
{
	pid_t got;

	do
		got = waitpid(pid, ret_status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		*ret_status = -1;
	return got != 0;
}

/*
 * Waits for output, the end, the deadline or the token. The end is looked
 * for now and then, as output alone does not tell it.
 */
static enum err_code
proc_wait(
    const struct proc_job *job, int64_t slice_ns, const struct cancel *cancel)
{
	struct pollfd set[3] = {
		{ .fd = job->fd[PROC_OUT], .events = POLLIN },
		{ .fd = job->fd[PROC_ERR], .events = POLLIN },
		{ .fd = cancel != NULL ? cancel_fd(cancel) : -1,
		    .events = POLLIN },
	};
	int64_t left = job->spec->deadline - clock_now();
	int rc;

	if (cancel_is_fired(cancel))
		return ERR_CANCELLED;
	if (left <= 0)
		return ERR_TIMEOUT;
	if (slice_ns > left)
		slice_ns = left;
	rc = poll(set, 3, (int)((slice_ns + NS_PER_MS - 1) / NS_PER_MS));
	if (rc < 0 && errno != EINTR)
		return ERR_IO;
	return cancel_is_fired(cancel) ? ERR_CANCELLED : ERR_OK;
}

static enum err_code
proc_read_both(struct proc_job *job)
{
	enum err_code code = proc_read(job, PROC_OUT);

	return code == ERR_OK ? proc_read(job, PROC_ERR) : code;
}

/* Until the program has ended by itself, or must be ended. */
static enum err_code
proc_follow(struct proc_job *job, const struct cancel *cancel)
{
	int64_t slice = NS_PER_MS;
	enum err_code code = ERR_OK;

	while (code == ERR_OK && !proc_has_ended(job)) {
		code = proc_wait(job, slice, cancel);
		if (code == ERR_OK)
			code = proc_read_both(job);
		if (slice < PROC_SLICE_MS * NS_PER_MS)
			slice *= 2;
	}
	return code;
}

static void
proc_signal(const struct proc_job *job, int number)
{
	kill(-job->pid, number);
	kill(job->pid, number); /* before it has a session of its own */
}

/* Whether it ends before the deadline; what it writes is dropped. */
static bool
proc_ends_by(struct proc_job *job, int64_t deadline)
{
	while (!proc_has_ended(job)) {
		if (clock_now() >= deadline)
			return false;
		io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	}
	return true;
}

/* Ends everything that the program was and has left. */
static void
proc_end_all(struct proc_job *job, bool cancelled)
{
	int64_t grace = job->spec->grace_ns;

	/* Leaving is not held up for a program. */
	if (cancelled && grace > PROC_CANCEL_MS * NS_PER_MS)
		grace = PROC_CANCEL_MS * NS_PER_MS;
	/* The pipes first: who writes on gets SIGPIPE. */
	proc_close(&job->fd[PROC_OUT]);
	proc_close(&job->fd[PROC_ERR]);
	if (grace > 0) {
		proc_signal(job, SIGTERM);
		(void)proc_ends_by(job, clock_now() + grace);
	}
	proc_signal(job, SIGKILL);
	(void)proc_ends_by(job, clock_now() + PROC_REAP_MS * NS_PER_MS);
}

static enum err_code
proc_failed(enum err_code code, const char *word, struct err *err)
{
	switch (code) {
	case ERR_TIMEOUT:
		return err_set(err, code, "proc",
		    "%s did not end within its time limit", word);
	case ERR_CANCELLED:
		return err_set(err, code, "proc", "%s was cancelled", word);
	case ERR_TOOBIG:
		return err_set(
		    err, code, "proc", "%s wrote more than it may", word);
	default:
		return err_set(
		    err, code, "proc", "reading from %s failed", word);
	}
}

/* The last one has to be gone before the next. */
static enum err_code
proc_unstick(struct proc *proc, const char *word, struct err *err)
{
	int status;

	if (proc->stuck != 0 && proc_reap(proc->stuck, &status))
		proc->stuck = 0;
	if (proc->stuck == 0)
		return ERR_OK;
	return err_set(err, ERR_LIMIT, "proc",
	    "%s still hangs in the kernel from the last time (process %ld); "
	    "a dead disk or file server?",
	    word, (long)proc->stuck);
}

enum err_code
proc_run(struct proc *proc, const struct proc_spec *spec,
    const struct cancel *cancel, struct proc_end *ret_end, struct err *err)
{
	struct proc_job job = { .spec = spec, .fd = { -1, -1 } };
	int64_t began = clock_now();
	enum err_code code = proc_unstick(proc, spec->argv[0], err);

	if (code == ERR_OK)
		code = proc_start(&job, err);
	if (code != ERR_OK)
		return code;
	code = proc_follow(&job, cancel);
	if (code != ERR_OK) {
		proc_end_all(&job, code == ERR_CANCELLED);
	} else {
		/* As long as it is a zombie, the group can be nobody else's. */
		if (!spec->keep_rest)
			kill(-job.pid, SIGKILL);
		code = proc_read_both(&job);
	}
	proc_close(&job.fd[PROC_OUT]);
	proc_close(&job.fd[PROC_ERR]);
	if (!proc_reap(job.pid, &job.status))
		proc->stuck = job.pid;
	if (code != ERR_OK)
		return proc_failed(code, spec->argv[0], err);
	if (job.status == -1)
		return err_set(err, ERR_IO, "proc",
		    "how %s ended can't be told: SIGCHLD is ignored here",
		    spec->argv[0]);
	*ret_end = (struct proc_end) {
		.status = WIFEXITED(job.status) ? WEXITSTATUS(job.status) : -1,
		.signal = WIFSIGNALED(job.status) ? WTERMSIG(job.status) : 0,
		.ran_ns = clock_now() - began,
	};
	return ERR_OK;
}
