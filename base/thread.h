/*
 * Threads, cancellation and waits with a deadline.
 *
 * Every thread starts with all signals but faults blocked, so that only the
 * main thread is ever interrupted, and with an alternate stack, so that the
 * crash handler runs even after a stack overflow.
 * Every wait in sevtop ends by an event, its deadline or its cancel token.
 * Deadlines are absolute, on clock_now(); DEADLINE_NONE waits for ever and
 * is only for threads whose cancel token is fired at exit.
 */
#ifndef SEV_BASE_THREAD_H
#define SEV_BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DEADLINE_NONE INT64_MAX

/* A token that stops waits. Fired once, never reset. thread: any. */
struct cancel {
	atomic_bool fired;
	int fd[2]; /* readable end becomes ready when fired */
};

enum err_code cancel_init(struct cancel *cancel, struct err *err) ATTR_MUST_USE;
void cancel_release(struct cancel *cancel);
void cancel_fire(struct cancel *cancel);
bool cancel_is_fired(const struct cancel *cancel);

/* Read end, for poll() and curl_multi_poll(). Owned by the token. */
int cancel_fd(const struct cancel *cancel);

/* What io_wait() waits for. */
enum {
	IO_READ = 1,
	IO_WRITE = 2
};

/*
 * Waits until fd is ready for any of events (IO_*), which are then put into
 * *ret_ready. ERR_TIMEOUT at the deadline, ERR_CANCELLED when the token
 * fires (NULL: no token). fd -1 waits for the deadline or the token only.
 * An error or hang-up on fd counts as ready: the next read or write tells.
 */
enum err_code io_wait(int fd, int events, int64_t deadline,
    const struct cancel *cancel, int *ret_ready);

/* Coalesced wake-up: many signals before a drain cost one write. */
struct wake {
	atomic_bool pending;
	int fd[2];
};

enum err_code wake_init(struct wake *wake, struct err *err) ATTR_MUST_USE;
void wake_release(struct wake *wake);
void wake_signal(struct wake *wake); /* thread: any, never blocks */
void wake_drain(struct wake *wake);  /* thread: the one that waits */
int wake_fd(const struct wake *wake);

/* Pipe with both ends non-blocking and close-on-exec. */
enum err_code fd_pipe(int fd[2], struct err *err) ATTR_MUST_USE;

struct thread {
	pthread_t id;
	bool started;
};

/*
 * Starts fn(arg) in a thread called name (at most 15 bytes are kept by the
 * kernel). The thread must be joined or detached by the caller.
 */
enum err_code thread_start(struct thread *thread, const char *name,
    void *(*fn)(void *), void *arg, struct err *err) ATTR_MUST_USE;
void thread_join(struct thread *thread);
void thread_detach(struct thread *thread);

/*
 * Gives the calling thread its alternate signal stack; thread_start() does
 * it for its threads, main() calls it for itself. The memory stays until
 * the thread ends.
 */
void thread_altstack(void);

/* Declares the calling thread to be the UI thread; called once by main(). */
void thread_set_ui(void);

/* Ends the program when another thread calls; for functions of the UI. */
void thread_assert_ui(void);

/* Condition variable on the monotonic clock. */
void cond_init(pthread_cond_t *cond);

/*
 * Waits on cond with mutex held, at most until the deadline. False at the
 * deadline. May return early: callers test their condition in a loop.
 */
bool cond_wait_until(
    pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline);

#endif
