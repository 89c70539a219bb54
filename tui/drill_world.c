#include "tui/drill_world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/thread.h"
#include "tui/limits.h"

#define DRILL_EXE "sevtop-sim"

enum {
	DRILL_EXIT_MISUSED = 64, /* of sevtop-sim, as of sevtop */
};

struct drill_world {
	pid_t pid;  /* 0: none */
	int input;  /* write end of its standard input */
	int output; /* read end of its standard output */
	int errors; /* read end of its standard error; -1 once ready */
	struct buf text;
	struct buf notes;
	const char *lines[DRILL_LINES_MAX];
	size_t line_count;
};

static bool
drill_find_beside(char out[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	if (len <= 0)
		return false;
	out[len] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL ||
	    (size_t)(slash + 1 - out) + sizeof(DRILL_EXE) > PATH_MAX)
		return false;
	memcpy(slash + 1, DRILL_EXE, sizeof(DRILL_EXE));
	return access(out, X_OK) == 0;
}

enum err_code
drill_world_find(char out[PATH_MAX], struct err *err)
{
	if (drill_find_beside(out) || path_find(DRILL_EXE, out))
		return ERR_OK;
	return err_set(err, ERR_NOTFOUND, "drill",
	    "%s is neither beside sevtop nor on PATH; build it with "
	    "libmicrohttpd-dev installed and without --disable-sim",
	    DRILL_EXE);
}

/* In the child: only calls that are safe between fork and exec. */
static void
drill_child(const char *exe, char *const argv[], const int fd[3])
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* what is typed at the terminal is for the dashboard only */
	setpgid(0, 0);
	/* a program expects its standard streams to block */
	for (int i = 0; i < 3; i++)
		if (dup2(fd[i], i) < 0 || fcntl(i, F_SETFL, 0) < 0)
			_exit(127);
	execv(exe, argv);
	_exit(127);
}

static void
drill_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* dup2() on a descriptor below 3 would tread on another of the three. */
static enum err_code
drill_pipe(int fd[2], struct err *err)
{
	enum err_code rc = fd_pipe(fd, err);

	for (int i = 0; rc == ERR_OK && i < 2; i++) {
		int high;

		if (fd[i] > STDERR_FILENO)
			continue;
		high = fcntl(fd[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (high < 0)
			rc = err_set_errno(err, ERR_IO, "drill", errno, "pipe");
		close(fd[i]);
		fd[i] = high;
	}
	return rc;
}

static enum err_code
drill_spawn(struct drill_world *world, const char *exe, char *const argv[],
    struct err *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, bad[2] = { -1, -1 };
	enum err_code rc = drill_pipe(in, err);

	if (rc == ERR_OK)
		rc = drill_pipe(out, err);
	if (rc == ERR_OK)
		rc = drill_pipe(bad, err);
	if (rc == ERR_OK) {
		const int fd[3] = { in[0], out[1], bad[1] };

		world->pid = fork();
		if (world->pid == 0)
			drill_child(exe, argv, fd);
		if (world->pid < 0) {
			world->pid = 0;
			rc = err_set_errno(err, ERR_IO, "drill", errno, "fork");
		}
	}
	drill_close(&in[0]);
	drill_close(&out[1]);
	drill_close(&bad[1]);
	world->input = in[1];
	world->output = out[0];
	world->errors = bad[0];
	return rc;
}

/* Appends what is there now. False at end of file or when it is too much. */
static bool
drill_read(int fd, struct buf *to)
{
	char part[1024];

	for (;;) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n > 0 && !buf_add(to, part, (size_t)n))
			return false;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
	}
}

static bool
drill_is_ready(const struct buf *text)
{
	const char *s = buf_cstr(text);

	return strncmp(s, "READY\n", 6) == 0 || strstr(s, "\nREADY\n") != NULL;
}

static bool
drill_line_is_good(const char *line)
{
	size_t len = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return len > 0 && line[len] == '=';
}

/* Cuts the text into lines, in place. */
static enum err_code
drill_cut_lines(struct drill_world *world, struct err *err)
{
	char *line = world->text.data;

	for (;;) {
		char *end = strchr(line, '\n');

		if (end == NULL || strncmp(line, "READY\n", 6) == 0)
			return ERR_OK;
		*end = '\0';
		if (!drill_line_is_good(line) ||
		    world->line_count + 1 >= DRILL_LINES_MAX)
			return err_set(err, ERR_PROTOCOL, "drill",
			    "%s said something that is no KEY=value; is it of "
			    "the same version?",
			    DRILL_EXE);
		world->lines[world->line_count++] = line;
		line = end + 1;
	}
}

/* Its output has ended: its status says whether it was called wrongly. */
static bool
drill_was_misused(struct drill_world *world)
{
	int64_t deadline = clock_now() + DRILL_STOP_MS * NS_PER_MS;
	int status = 0;

	if (world->text.failed) /* too much output: it lives on */
		return false;
	/* the end of its standard error comes with its own */
	while (io_wait(world->errors, IO_READ, deadline, NULL, NULL) == ERR_OK)
		if (!drill_read(world->errors, &world->notes))
			break;
	/* it closes its files before it can be waited for */
	while (waitpid(world->pid, &status, WNOHANG) == 0) {
		if (clock_now() >= deadline)
			return false;
		(void)io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	}
	world->pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == DRILL_EXIT_MISUSED;
}

/* What it said first is the best explanation of why it is not there. */
static enum err_code
drill_explain(struct drill_world *world, enum err_code code, struct err *err)
{
	static const char prefix[] = DRILL_EXE ": ";
	const char *text;

	(void)drill_read(world->errors, &world->notes);
	text = buf_cstr(&world->notes);
	if (strncmp(text, prefix, sizeof(prefix) - 1) == 0)
		text += sizeof(prefix) - 1;
	if (text[0] != '\0')
		return err_set(
		    err, code, "drill", "%.*s", (int)strcspn(text, "\n"), text);
	return err_set(err, code, "drill",
	    code == ERR_TIMEOUT ? "the practice world was not ready within 20 s"
				: "the practice world ended while it started");
}

static enum err_code
drill_await(struct drill_world *world, struct err *err)
{
	int64_t deadline = clock_now() + DRILL_START_MS * NS_PER_MS;

	for (;;) {
		bool more;

		if (io_wait(world->output, IO_READ, deadline, NULL, NULL) !=
		    ERR_OK)
			return drill_explain(world, ERR_TIMEOUT, err);
		more = drill_read(world->output, &world->text);
		if (drill_is_ready(&world->text))
			break;
		if (!more)
			return drill_explain(world,
			    drill_was_misused(world) ? ERR_USAGE : ERR_CLOSED,
			    err);
	}
	(void)drill_read(world->errors, &world->notes);
	drill_close(&world->errors);
	return drill_cut_lines(world, err);
}

enum err_code
drill_world_start(const char *exe, char *const argv[],
    struct drill_world **ret_world, struct err *err)
{
	struct drill_world *world = mem_calloc(1, sizeof(*world));
	enum err_code rc;

	if (world == NULL)
		return err_set(err, ERR_NOMEM, "drill", "starting");
	world->input = world->output = world->errors = -1;
	buf_init(&world->text, DRILL_TEXT_MAX);
	buf_init(&world->notes, DRILL_TEXT_MAX);
	rc = drill_spawn(world, exe, argv, err);
	if (rc == ERR_OK)
		rc = drill_await(world, err);
	if (rc != ERR_OK)
		drill_world_end(world);
	else
		*ret_world = world;
	return rc;
}

const char *
drill_world_line(const struct drill_world *world, size_t i)
{
	return i < world->line_count ? world->lines[i] : NULL;
}

const char *
drill_world_notes(const struct drill_world *world)
{
	return buf_cstr(&world->notes);
}

int
drill_world_fd(const struct drill_world *world)
{
	return world->output;
}

/* Waits for end of file on its output: it has gone when nobody holds it. */
static void
drill_stop(struct drill_world *world)
{
	int64_t deadline = clock_now() + DRILL_STOP_MS * NS_PER_MS;
	struct buf sink = BUF_INIT(DRILL_TEXT_MAX);
	bool gone = false;

	kill(world->pid, SIGTERM);
	while (!gone && io_wait(world->output, IO_READ, deadline, NULL, NULL) ==
			    ERR_OK) {
		gone = !drill_read(world->output, &sink);
		buf_clear(&sink);
	}
	if (!gone)
		kill(world->pid, SIGKILL);
	while (waitpid(world->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	buf_release(&sink);
}

struct drill_world *
drill_world_end(struct drill_world *world)
{
	if (world == NULL)
		return NULL;
	drill_close(&world->input);
	if (world->pid > 0)
		drill_stop(world);
	drill_close(&world->output);
	drill_close(&world->errors);
	buf_release(&world->text);
	buf_release(&world->notes);
	mem_free(world);
	return NULL;
}
