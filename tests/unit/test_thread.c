#include "base/thread.h"

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/tap.h"

static void *
fire(void *arg)
{
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	ok(sigismember(&set, SIGTERM) == 1, "threads block signals");
	cancel_fire(arg);
	return NULL;
}

static void
test_cancel(void)
{
	struct cancel cancel;
	struct thread thread;
	struct err err = ERR_INIT;
	int64_t start = clock_now();

	is_int(cancel_init(&cancel, &err), ERR_OK, "init");
	is_int(thread_start(&thread, "fire", fire, &cancel, &err), ERR_OK,
	    "start");
	is_int(io_wait(-1, 0, start + 60 * NS_PER_SEC, &cancel, NULL),
	    ERR_CANCELLED, "the wait ends by the token");
	thread_join(&thread);
	is_int(io_wait(-1, 0, DEADLINE_NONE, &cancel, NULL), ERR_CANCELLED,
	    "and stays cancelled");
	cancel_release(&cancel);
}

static void
test_wait(void)
{
	int fd[2], ready = 0;
	int64_t start = clock_now();

	is_int(fd_pipe(fd, NULL), ERR_OK, "pipe");
	is_int(io_wait(fd[0], IO_READ, start + 20 * NS_PER_MS, NULL, &ready),
	    ERR_TIMEOUT, "deadline");
	ok(clock_now() >= start + 20 * NS_PER_MS, "never early");
	is_int(io_wait(fd[1], IO_WRITE, start, NULL, &ready), ERR_OK,
	    "what is ready is seen even past the deadline");
	is_int(ready, IO_WRITE, "writable");
	close(fd[1]);
	is_int(io_wait(fd[0], IO_READ, DEADLINE_NONE, NULL, &ready), ERR_OK,
	    "hang-up counts as ready");
	is_int(ready, IO_READ, "to read the end");
	close(fd[0]);
}

static void
test_wake(void)
{
	struct wake wake;
	char bytes[8];

	is_int(wake_init(&wake, NULL), ERR_OK, "init");
	for (int i = 0; i < 5; i++)
		wake_signal(&wake);
	is_int(read(wake_fd(&wake), bytes, sizeof(bytes)), 1,
	    "five signals are one byte");
	wake_drain(&wake);
	wake_signal(&wake);
	is_int(io_wait(wake_fd(&wake), IO_READ, clock_now() + NS_PER_SEC, NULL,
		   NULL),
	    ERR_OK, "wakes again after a drain");
	wake_release(&wake);
}

static void
test_clock(void)
{
	char text[CLOCK_RFC3339_LEN];

	is_str(clock_rfc3339(INT64_C(1795356151114), text),
	    "2026-11-22T14:02:31.114Z", "RFC 3339");
	is_str(
	    clock_rfc3339(-1, text), "1969-12-31T23:59:59.999Z", "before 1970");
}

int
main(void)
{
	RUN(test_cancel);
	RUN(test_wait);
	RUN(test_wake);
	RUN(test_clock);
	return tap_done();
}
