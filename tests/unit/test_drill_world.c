/* The practice world's process, played by shell scripts. */
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "tests/tap.h"
#include "tui/drill_world.h"
#include "tui/limits.h"

static enum err_code
start(const char *script, struct drill_world **ret_world, struct err *err)
{
	char *argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
		(char *)(uintptr_t)script, NULL };

	err_clear(err);
	*ret_world = NULL;
	return drill_world_start("/bin/sh", argv, ret_world, err);
}

static bool
has_ended(const struct drill_world *world)
{
	return io_wait(drill_world_fd(world), IO_READ, clock_now(), NULL,
		   NULL) == ERR_OK;
}

static void
test_ready(void)
{
	struct drill_world *world;
	struct err err = ERR_INIT;

	is_int(start("echo A_URL=http://h:1/?x=y; echo B=; echo note >&2; "
		     "echo READY; exec cat",
		   &world, &err),
	    ERR_OK, "starts");
	is_str(drill_world_line(world, 0), "A_URL=http://h:1/?x=y", "a line");
	is_str(drill_world_line(world, 1), "B=", "an empty value");
	ok(drill_world_line(world, 2) == NULL, "READY is no line");
	is_str(drill_world_notes(world), "note\n", "notes are kept");
	ok(!has_ended(world), "it lives");
	ok(drill_world_end(world) == NULL, "ends");
	ok(drill_world_end(NULL) == NULL, "none is none");
}

static void
test_failures(void)
{
	struct drill_world *world;
	struct err err = ERR_INIT;

	is_int(start("echo why it is not there >&2; exit 1", &world, &err),
	    ERR_CLOSED, "ended before READY");
	is_str(err_text(&err), "why it is not there", "its words are ours");
	is_int(
	    start("echo sevtop-sim: no such fault >&2; exit 64", &world, &err),
	    ERR_USAGE, "called wrongly");
	is_str(err_text(&err), "no such fault", "without its name");
	is_int(start("exit 1", &world, &err), ERR_CLOSED, "without a word");
	ok(strstr(err_text(&err), "ended while") != NULL, "still a message");
	is_int(start("echo 'no variable'; echo READY; cat", &world, &err),
	    ERR_PROTOCOL, "what is no KEY=value is refused");
	is_int(start("i=0; while [ $i -lt 200 ]; do echo K$i=v; i=$((i+1)); "
		     "done; echo READY; cat",
		   &world, &err),
	    ERR_PROTOCOL, "too many lines are refused");
	is_int(start("exec tr '\\0' x </dev/zero", &world, &err), ERR_CLOSED,
	    "endless output is refused");
	is_int(drill_world_start(
		   "/nonexistent", (char *[]) { NULL }, &world, &err),
	    ERR_CLOSED, "a program that is not there");
}

/* One that ignores TERM and end of file is killed, within the limit. */
static void
test_stubborn(void)
{
	struct drill_world *world;
	struct err err = ERR_INIT;
	int64_t begun;

	is_int(start("trap '' TERM; echo READY; "
		     "while :; do read x || sleep 1; done",
		   &world, &err),
	    ERR_OK, "a stubborn one starts");
	begun = clock_now();
	drill_world_end(world);
	ok(clock_now() - begun >= DRILL_STOP_MS * NS_PER_MS / 2,
	    "it is given time, then killed");
}

/* It sees the end of its input when this process has gone. */
static void
test_orphan(void)
{
	int fd[2];
	char byte = 0;
	pid_t pid;

	if (pipe(fd) != 0) {
		ok(false, "pipe");
		return;
	}
	pid = fork();
	if (pid == 0) {
		struct drill_world *world;
		struct err err = ERR_INIT;
		char script[80];

		/* fd[1] goes to the script by its number: not close-on-exec */
		close(fd[0]);
		snprintf(script, sizeof(script), "echo READY; cat; echo x >&%d",
		    fd[1]);
		(void)start(script, &world, &err);
		raise(SIGKILL);
	}
	close(fd[1]);
	ok(io_wait(fd[0], IO_READ, clock_now() + 30 * NS_PER_SEC, NULL, NULL) ==
		    ERR_OK &&
		read(fd[0], &byte, 1) == 1 && byte == 'x',
	    "the world ends after kill -9 of its parent");
	close(fd[0]);
}

int
main(void)
{
	RUN(test_ready);
	RUN(test_failures);
	RUN(test_stubborn);
	RUN(test_orphan);
	return tap_done();
}
