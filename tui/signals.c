#include "tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"
#include "tui/limits.h"
#include "tui/tty.h"

static const int signals_told[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
	SIGCONT, SIGWINCH };
static const int signals_ignored[] = { SIGPIPE, SIGXFSZ };
static const int signals_fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
	SIGSYS };

enum {
	TOLD = sizeof(signals_told) / sizeof(signals_told[0]),
	IGNORED = sizeof(signals_ignored) / sizeof(signals_ignored[0]),
	FATAL = sizeof(signals_fatal) / sizeof(signals_fatal[0]),
};

/*
 * Written by signals_init() and signals_release() while no handler is
 * installed; handlers read it. endings counts what asks us to end.
 */
static struct {
	bool installed;
	int pipe[2];
	int true_stderr; /* -1: descriptor 2 is it */
	volatile sig_atomic_t endings;
	struct sigaction old_told[TOLD];
	struct sigaction old_ignored[IGNORED];
	struct sigaction old_fatal[FATAL];
} signals = { .pipe = { -1, -1 }, .true_stderr = -1 };

static void
signals_say(const char *text)
{
	int fd = signals.true_stderr >= 0 ? signals.true_stderr : STDERR_FILENO;
	ssize_t n = write(fd, text, strlen(text));

	(void)n; /* nothing is left that could be done */
}

static const char *
signals_crash_line(int number)
{
	switch (number) {
	case SIGSEGV:
		return "sevtop: crashed: SIGSEGV, an invalid address\n";
	case SIGBUS:
		return "sevtop: crashed: SIGBUS, a file that shrank or a bad "
		       "address\n";
	case SIGILL:
		return "sevtop: crashed: SIGILL, an invalid instruction\n";
	case SIGFPE:
		return "sevtop: crashed: SIGFPE, an invalid calculation\n";
	case SIGABRT:
		return "sevtop: crashed: SIGABRT, a check of its own failed\n";
	case SIGSYS:
		return "sevtop: crashed: SIGSYS, a forbidden system call\n";
	default:
		return "sevtop: ended by a second signal\n";
	}
}

/* Dies by number once the handler returns, by the action given. */
static void
signals_die(int number, const struct sigaction *action)
{
	sigset_t set;

	tty_emergency();
	signals_say(signals_crash_line(number));
	sigaction(number, action, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

static void
signals_on_crash(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	for (size_t i = 0; i < FATAL; i++) {
		if (signals_fatal[i] != number)
			continue;
		if (info->si_code <= 0 || number == SIGABRT) {
			signals_die(number, &signals.old_fatal[i]);
		} else { /* a fault comes again, under the old handler */
			tty_emergency();
			signals_say(signals_crash_line(number));
			sigaction(number, &signals.old_fatal[i], NULL);
		}
	}
	errno = saved;
}

static void
signals_on(int number)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	unsigned char byte = (unsigned char)number;
	int saved = errno;

	if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
		if (signals.endings > 0)
			signals_die(number, &plain);
		signals.endings = 1;
	}
	/* a full pipe holds hundreds of signals: the loop is dead anyway */
	if (write(signals.pipe[1], &byte, 1) < 0)
		errno = 0;
	errno = saved;
}

enum err_code
signals_init(struct err *err)
{
	struct sigaction on = { .sa_handler = signals_on,
		.sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction crash = { .sa_sigaction = signals_on_crash,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND };
	enum err_code rc = fd_pipe(signals.pipe, err);

	if (rc != ERR_OK)
		return rc;
	signals.endings = 0;
	for (size_t i = 0; i < FATAL; i++)
		sigaction(signals_fatal[i], &crash, &signals.old_fatal[i]);
	for (size_t i = 0; i < TOLD; i++)
		sigaction(signals_told[i], &on, &signals.old_told[i]);
	for (size_t i = 0; i < IGNORED; i++)
		sigaction(signals_ignored[i], &ignore, &signals.old_ignored[i]);
	signals.installed = true;
	return ERR_OK;
}

void
signals_release(void)
{
	if (!signals.installed)
		return;
	signals.installed = false;
	for (size_t i = 0; i < TOLD; i++)
		sigaction(signals_told[i], &signals.old_told[i], NULL);
	for (size_t i = 0; i < IGNORED; i++)
		sigaction(signals_ignored[i], &signals.old_ignored[i], NULL);
	for (size_t i = 0; i < FATAL; i++)
		sigaction(signals_fatal[i], &signals.old_fatal[i], NULL);
	close(signals.pipe[0]);
	close(signals.pipe[1]);
	signals.pipe[0] = signals.pipe[1] = -1;
}

int
signals_fd(void)
{
	return signals.pipe[0];
}

int
signals_next(void)
{
	unsigned char byte;
	ssize_t n;

	do
		n = read(signals.pipe[0], &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? byte : 0;
}

/* The default action of number now, for this process or its group. */
static void
signals_default_now(int number, bool group)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, old;

	sigaction(number, &plain, &old);
	if (group)
		kill(0, number);
	else
		raise(number);
	sigaction(number, &old, NULL);
}

void
signals_stop(bool group)
{
	signals_default_now(SIGTSTP, group);
}

bool
signals_wait_foreground(int tty)
{
	for (int i = 0; i < SIGNALS_STOPS_MAX; i++) {
		pid_t owner = tcgetpgrp(tty);

		if (owner < 0 || owner == getpgrp())
			return true;
		signals_default_now(SIGTTIN, false);
	}
	return false;
}

enum err_code
signals_stderr_to(int fd, struct err *err)
{
	int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	if (copy < 0 || dup2(fd, STDERR_FILENO) < 0) {
		enum err_code rc = err_set_errno(err, ERR_IO, "signals", errno,
		    "redirecting standard error");

		if (copy >= 0)
			close(copy);
		return rc;
	}
	signals.true_stderr = copy;
	return ERR_OK;
}

void
signals_stderr_back(void)
{
	int copy = signals.true_stderr;

	if (copy < 0)
		return;
	dup2(copy, STDERR_FILENO);
	signals.true_stderr = -1;
	close(copy);
}
