#include "config.h"

#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Which thread may draw. Written once by main() before others start. */
static pthread_t thread_ui;
static atomic_bool thread_ui_known;

enum err_code
fd_pipe(int fd[2], struct err *err)
{
	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) != 0)
		return err_set_errno(err, ERR_IO, "thread", errno, "pipe");
	return ERR_OK;
}

static void
fd_pair_close(int fd[2])
{
	for (int i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

/* A full pipe is as good as a written byte: the reader wakes either way. */
static void
fd_poke(int fd)
{
	int saved = errno;
	ssize_t n;

	do
		n = write(fd, "", 1);
	while (n < 0 && errno == EINTR);
	errno = saved;
}

enum err_code
cancel_init(struct cancel *cancel, struct err *err)
{
	atomic_init(&cancel->fired, false);
	cancel->fd[0] = cancel->fd[1] = -1;
	return fd_pipe(cancel->fd, err);
}

void
cancel_release(struct cancel *cancel)
{
	fd_pair_close(cancel->fd);
}

void
cancel_fire(struct cancel *cancel)
{
	if (!atomic_exchange(&cancel->fired, true))
		fd_poke(cancel->fd[1]);
}

bool
cancel_is_fired(const struct cancel *cancel)
{
	return cancel != NULL && atomic_load(&cancel->fired);
}

int
cancel_fd(const struct cancel *cancel)
{
	return cancel->fd[0];
}

enum err_code
wake_init(struct wake *wake, struct err *err)
{
	atomic_init(&wake->pending, false);
	wake->fd[0] = wake->fd[1] = -1;
	return fd_pipe(wake->fd, err);
}

void
wake_release(struct wake *wake)
{
	fd_pair_close(wake->fd);
}

void
wake_signal(struct wake *wake)
{
	if (!atomic_exchange(&wake->pending, true))
		fd_poke(wake->fd[1]);
}

void
wake_drain(struct wake *wake)
{
	char sink[64];

	while (read(wake->fd[0], sink, sizeof(sink)) > 0)
		continue;
	atomic_store(&wake->pending, false);
}

int
wake_fd(const struct wake *wake)
{
	return wake->fd[0];
}

/* Milliseconds for poll(), rounded up so that a wait never ends early. */
static int
deadline_to_poll_ms(int64_t deadline)
{
	int64_t left;

	if (deadline == DEADLINE_NONE)
		return -1;
	left = deadline - clock_now();
	if (left <= 0)
		return 0;
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT_MAX ? INT_MAX : (int)left;
}

enum err_code
io_wait(int fd, int events, int64_t deadline, const struct cancel *cancel,
    int *ret_ready)
{
	struct pollfd set[2] = {
		{ .fd = fd },
		{ .fd = cancel != NULL ? cancel_fd(cancel) : -1,
		    .events = POLLIN },
	};
	int n;

	if (events & IO_READ)
		set[0].events |= POLLIN;
	if (events & IO_WRITE)
		set[0].events |= POLLOUT;
	for (;;) {
		if (cancel_is_fired(cancel))
			return ERR_CANCELLED;
		n = poll(set, 2, deadline_to_poll_ms(deadline));
		if (n < 0 && errno != EINTR)
			return ERR_IO;
		if (cancel_is_fired(cancel))
			return ERR_CANCELLED;
		if (n > 0 && set[0].revents != 0)
			break;
		if (deadline != DEADLINE_NONE && clock_now() >= deadline)
			return ERR_TIMEOUT;
	}
	if (ret_ready != NULL) {
		bool broken = (set[0].revents & (POLLERR | POLLHUP | POLLNVAL));

		*ret_ready = 0;
		if (broken || (set[0].revents & POLLIN))
			*ret_ready |= events & IO_READ;
		if (broken || (set[0].revents & POLLOUT))
			*ret_ready |= events & IO_WRITE;
	}
	return ERR_OK;
}

struct thread_arg {
	void *(*fn)(void *);
	void *arg;
	char name[16];
};

/* Frees the alternate stack when its thread ends. */
static pthread_key_t thread_stack_key;
static pthread_once_t thread_stack_once = PTHREAD_ONCE_INIT;

static void
thread_stack_drop(void *stack)
{
	stack_t off = { .ss_flags = SS_DISABLE };

	sigaltstack(&off, NULL);
	munmap(stack, THREAD_ALTSTACK);
}

static void
thread_stack_key_make(void)
{
	if (pthread_key_create(&thread_stack_key, thread_stack_drop) != 0)
		abort();
}

void
thread_altstack(void)
{
	stack_t stack = { .ss_size = THREAD_ALTSTACK };

	pthread_once(&thread_stack_once, thread_stack_key_make);
	stack.ss_sp = mmap(NULL, THREAD_ALTSTACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED)
		return; /* only a stack overflow would then go unreported */
	sigaltstack(&stack, NULL);
	pthread_setspecific(thread_stack_key, stack.ss_sp);
}

static void *
thread_main(void *opaque)
{
	struct thread_arg arg = *(struct thread_arg *)opaque;

	mem_free(opaque);
	thread_altstack();
#ifdef __linux__
	pthread_setname_np(pthread_self(), arg.name);
#endif
	return arg.fn(arg.arg);
}

enum err_code
thread_start(struct thread *thread, const char *name, void *(*fn)(void *),
    void *arg, struct err *err)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
		SIGSYS };
	struct thread_arg *boot = mem_calloc(1, sizeof(*boot));
	pthread_attr_t attr;
	sigset_t all, old;
	int rc;

	thread->started = false;
	if (boot == NULL)
		return err_set(err, ERR_NOMEM, "thread", "starting %s", name);
	boot->fn = fn;
	boot->arg = arg;
	strncpy(boot->name, name, sizeof(boot->name) - 1);
	sigfillset(&all);
	/* a blocked fault kills at once: the crash handler must run */
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&thread->id, &attr, thread_main, boot);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (rc != 0) {
		mem_free(boot);
		return err_set_errno(
		    err, ERR_NOMEM, "thread", rc, "starting thread %s", name);
	}
	thread->started = true;
	return ERR_OK;
}

void
thread_join(struct thread *thread)
{
	if (thread->started)
		pthread_join(thread->id, NULL);
	thread->started = false;
}

void
thread_detach(struct thread *thread)
{
	if (thread->started)
		pthread_detach(thread->id);
	thread->started = false;
}

void
thread_set_ui(void)
{
	thread_ui = pthread_self();
	atomic_store(&thread_ui_known, true);
}

void
thread_assert_ui(void)
{
	if (atomic_load(&thread_ui_known) &&
	    !pthread_equal(thread_ui, pthread_self()))
		abort();
}

void
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

bool
cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline)
{
	struct timespec ts;
	int64_t left, at;

	if (deadline == DEADLINE_NONE) {
		pthread_cond_wait(cond, mutex);
		return true;
	}
	left = deadline - clock_now();
	if (left <= 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	at = (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec + left;
	ts.tv_sec = (time_t)(at / NS_PER_SEC);
	ts.tv_nsec = (long)(at % NS_PER_SEC);
	return pthread_cond_timedwait(cond, mutex, &ts) != ETIMEDOUT;
}
