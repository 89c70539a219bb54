#include "tests/live/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
child_exec(const char *const argv[], int in, int out, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static double
child_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* One line without its end into line; false at the end or too late. */
static bool
child_read_line(int fd, double until, char *line, size_t cap)
{
	size_t len = 0;
	struct pollfd set = { .fd = fd, .events = POLLIN };

	for (;;) {
		double left = until - child_now();
		char c;

		if (left <= 0 || poll(&set, 1, (int)(left * 1000) + 1) <= 0)
			return false;
		if (read(fd, &c, 1) != 1)
			return false;
		if (c == '\n')
			break;
		if (len + 1 < cap)
			line[len++] = c;
	}
	line[len] = '\0';
	return true;
}

static bool
child_wait_ready(struct child *child, int fd)
{
	double until = child_now() + CHILD_READY_S;
	char line[512];

	while (child_read_line(fd, until, line, sizeof(line))) {
		if (strcmp(line, "READY") == 0)
			return true;
		if (child->line_count < CHILD_LINES_MAX)
			child->lines[child->line_count++] = strdup(line);
	}
	return false;
}

bool
child_start(struct child *child, const char *const argv[], bool wait_ready)
{
	int in[2], out[2];
	pid_t parent = getpid();
	bool ready = true;

	memset(child, 0, sizeof(*child));
	if (pipe2(in, O_CLOEXEC) != 0)
		return false;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	child->pid = fork();
	if (child->pid == 0)
		child_exec(argv, in[0], out[1], parent);
	close(in[0]);
	close(out[1]);
	child->in = in[1];
	if (child->pid < 0) {
		child->pid = 0;
		ready = false;
	} else if (wait_ready) {
		ready = child_wait_ready(child, out[0]);
	}
	close(out[0]);
	if (!ready) {
		printf("# %s did not get ready\n", argv[0]);
		child_stop(child);
	}
	return ready;
}

const char *
child_value(const struct child *child, const char *key)
{
	size_t len = strlen(key);

	for (int i = 0; i < child->line_count; i++) {
		const char *line = child->lines[i];

		if (strncmp(line, key, len) == 0 && line[len] == '=')
			return line + len + 1;
	}
	return NULL;
}

int
child_number(const struct child *child, const char *key)
{
	const char *value = child_value(child, key);

	return value != NULL ? (int)strtol(value, NULL, 10) : 0;
}

void
child_signal(const struct child *child, int number)
{
	if (child->pid <= 0)
		return;
	kill(child->pid, number);
	/* Its threads stop one after the other: wait for the last. */
	while (number == SIGSTOP && waitpid(child->pid, NULL, WUNTRACED) < 0 &&
	       errno == EINTR)
		continue;
}

/* Gives a server that was told to end the time to remove its files. */
static void
child_wait_end(const struct child *child)
{
	struct pollfd set = { .events = POLLIN };

	set.fd = pidfd_open(child->pid, 0);
	if (set.fd < 0)
		return;
	poll(&set, 1, CHILD_END_S * 1000);
	close(set.fd);
}

void
child_stop(struct child *child)
{
	if (child->pid > 0) {
		kill(child->pid, SIGCONT);
		kill(child->pid, SIGTERM);
		child_wait_end(child);
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (child->in > 0)
		close(child->in);
	for (int i = 0; i < child->line_count; i++)
		free(child->lines[i]);
	memset(child, 0, sizeof(*child));
}

const char *
child_source_path(const char *name)
{
	static char path[1024];
	const char *top = getenv("SEV_SRCDIR");

	snprintf(path, sizeof(path), "%s/%s", top != NULL ? top : ".", name);
	return path;
}

bool
child_badserver(struct child *child)
{
	const char *argv[] = { "/usr/bin/python3",
		child_source_path("tests/live/badserver.py"), NULL };

	return child_start(child, argv, true);
}
