#include "sim/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "sim/limits.h"

/* In the child: only calls that are safe between fork and exec. */
static bool
child_become(const struct child_user *user)
{
	return setgroups(1, &user->gid) == 0 &&
	       setresgid(user->gid, user->gid, user->gid) == 0 &&
	       setresuid(user->uid, user->uid, user->uid) == 0;
}

/* Likewise. */
static void
child_run(const struct child_opt *opt, int lifeline, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), out = null;
	sigset_t none;

	if (opt->log != NULL)
		out = open(opt->log,
		    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
		    S_IRUSR | S_IWUSR);
	setpgid(0, 0);
	if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0 || chdir("/") != 0)
		_exit(127);
	if (opt->user != NULL && !child_become(opt->user))
		_exit(127);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, opt->orphaned); /* a change of user undoes it */
#endif
	if (getppid() != parent) /* it died before the line above */
		_exit(127);
	fcntl(lifeline, F_SETFD, 0);
	if (opt->keep_fd >= 0)
		fcntl(opt->keep_fd, F_SETFD, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(opt->argv[0], (char *const *)(uintptr_t)opt->argv);
	_exit(127);
}

enum err_code
child_start(struct child *child, const struct child_opt *opt, struct err *err)
{
	pid_t parent = getpid();
	int fd[2];
	enum err_code rc = fd_pipe(fd, err);

	if (rc != ERR_OK)
		return rc;
	child->pid = fork();
	if (child->pid == 0)
		child_run(opt, fd[1], parent);
	close(fd[1]);
	if (child->pid < 0) {
		child->pid = 0;
		close(fd[0]);
		return err_set_errno(err, ERR_IO, "child", errno, "fork");
	}
	setpgid(child->pid, child->pid); /* whoever of us is first */
	child->lifeline = fd[0];
	return ERR_OK;
}

/* True when it has ended and is gone from the table of processes. */
static bool
child_reap(struct child *child, int flags, int *ret_status)
{
	pid_t pid;

	do
		pid = waitpid(child->pid, ret_status, flags);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	close(child->lifeline);
	child->pid = 0;
	child->lifeline = -1;
	return true;
}

bool
child_alive(struct child *child)
{
	int status;

	return child->pid != 0 && !child_reap(child, WNOHANG, &status);
}

enum err_code
child_wait(struct child *child, int64_t deadline, const struct cancel *cancel,
    int *ret_status)
{
	enum err_code rc =
	    io_wait(child->lifeline, IO_READ, deadline, cancel, NULL);

	if (rc == ERR_OK)
		(void)child_reap(child, 0, ret_status);
	return rc;
}

void
child_pause(const struct child *child, int ms, const struct cancel *cancel)
{
	(void)io_wait(child->lifeline, IO_READ, clock_now() + ms * NS_PER_MS,
	    cancel, NULL);
}

void
child_end(struct child *child, int signal, int grace_ms)
{
	int status;

	if (!child_alive(child))
		return;
	if (signal != 0)
		kill(child->pid, signal);
	child_pause(child, grace_ms, NULL);
	/* what is left of the group can't be the group of others by now: its
	 * leader has not been waited for */
	kill(-child->pid, SIGKILL);
	/* its own children, who notice by themselves, may still be writing */
	child_pause(child, SIM_CHILD_LINGER_MS, NULL);
	(void)child_reap(child, 0, &status);
}
