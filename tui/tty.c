#include "tui/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"
#include "panels/limits.h"
#include "tui/limits.h"

struct tty {
	int fd;
	bool entered;
	bool lost;
	struct buf queue;
	char enter[TTY_BYTES_MAX];
};

/*
 * What a crash handler needs. Written by the UI thread while armed is false,
 * read by whoever gets armed from true to false.
 */
static struct {
	atomic_bool armed;
	int fd;
	struct termios modes;
	char leave[TTY_BYTES_MAX];
	size_t leave_len;
} tty_saved = { .fd = -1 };

/* A terminal opened for us alone; -1 and errno when it can't be. */
static int
tty_open_fd(void)
{
	int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int fd = open("/dev/tty", flags);
	char name[64];

	if (fd >= 0)
		return fd;
	for (int std = STDOUT_FILENO; std >= STDIN_FILENO; std--) {
		if (ttyname_r(std, name, sizeof(name)) != 0)
			continue;
		fd = open(name, flags);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

enum err_code
tty_open(struct tty **ret, struct err *err)
{
	struct tty *tty = mem_calloc(1, sizeof(*tty));
	enum err_code rc = ERR_OK;

	if (tty == NULL)
		return err_set(err, ERR_NOMEM, "tty", "opening the terminal");
	buf_init(&tty->queue, TTY_QUEUE_MAX);
	tty->fd = tty_open_fd();
	if (tty->fd < 0 || tcgetattr(tty->fd, &tty_saved.modes) != 0) {
		rc = err_set(err, ERR_UNSUPPORTED, "tty",
		    "no terminal to draw on; \"sevtop once\" prints the same "
		    "as text");
		goto out;
	}
	tty_saved.fd = tty->fd;
	*ret = tty;
	tty = NULL;
out:
	tty_close(tty);
	return rc;
}

struct tty *
tty_close(struct tty *tty)
{
	if (tty == NULL)
		return NULL;
	tty_leave(tty);
	if (tty->fd >= 0)
		close(tty->fd);
	if (tty_saved.fd == tty->fd)
		tty_saved.fd = -1;
	buf_release(&tty->queue);
	mem_free(tty);
	return NULL;
}

int
tty_fd(const struct tty *tty)
{
	return tty->fd;
}

bool
tty_size(const struct tty *tty, int *ret_h, int *ret_w)
{
	struct winsize ws;

	if (ioctl(tty->fd, TIOCGWINSZ, &ws) != 0)
		return false;
	if (ws.ws_row == 0 || ws.ws_col == 0) {
		ws.ws_row = 24;
		ws.ws_col = 80;
	}
	*ret_h = ws.ws_row > CANVAS_H_MAX ? CANVAS_H_MAX : ws.ws_row;
	*ret_w = ws.ws_col > CANVAS_W_MAX ? CANVAS_W_MAX : ws.ws_col;
	return true;
}

enum err_code
tty_set_bytes(
    struct tty *tty, const char *enter, const char *leave, struct err *err)
{
	if (strlen(enter) >= TTY_BYTES_MAX || strlen(leave) >= TTY_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "tty",
		    "this terminal's description is too long");
	memcpy(tty->enter, enter, strlen(enter) + 1);
	tty_saved.leave_len = strlen(leave);
	memcpy(tty_saved.leave, leave, tty_saved.leave_len);
	return ERR_OK;
}

/* As curses' raw() with noecho() and nonl(). */
static struct termios
tty_raw_modes(void)
{
	struct termios raw = tty_saved.modes;

	raw.c_iflag &= (tcflag_t) ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				    IGNCR | ICRNL | IXON | IXOFF | IXANY);
	raw.c_oflag &= (tcflag_t)~OPOST;
	raw.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag &= (tcflag_t) ~(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return raw;
}

enum err_code
tty_enter(struct tty *tty, struct err *err)
{
	struct termios raw;

	/* a shell that took the terminal back may have set it otherwise */
	if (!atomic_load(&tty_saved.armed) &&
	    tcgetattr(tty->fd, &tty_saved.modes) != 0)
		return err_set_errno(err, ERR_CLOSED, "tty", errno,
		    "reading the terminal's modes");
	raw = tty_raw_modes();
	tty->entered = true;
	atomic_store(&tty_saved.armed, true);
	if (tcsetattr(tty->fd, TCSANOW, &raw) != 0)
		return err_set_errno(err, ERR_CLOSED, "tty", errno,
		    "setting the terminal's modes");
	if (!tty_queue(tty, tty->enter, strlen(tty->enter)))
		return err_set(err, ERR_NOMEM, "tty", "entering the screen");
	if (!tty_flush(tty))
		return err_set(err, ERR_CLOSED, "tty", "the terminal is gone");
	return ERR_OK;
}

/* Writes all of it, waiting for the terminal until the deadline. */
static size_t
tty_write_until(int fd, const char *bytes, size_t len, int64_t deadline)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, bytes + done, len - done);
		struct pollfd set = { .fd = fd, .events = POLLOUT };
		int64_t left = deadline - clock_now();

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if ((n < 0 && errno != EAGAIN) || left <= 0)
			break;
		poll(&set, 1, (int)(left / NS_PER_MS) + 1);
	}
	return done;
}

/*
 * Modes are given back only from the foreground: in the background they are
 * the shell's already, and touching them would stop us.
 */
static void
tty_modes_restore(int fd)
{
	pid_t owner = tcgetpgrp(fd);

	if (owner < 0 || owner == getpgrp()) /* -1: no shell is involved */
		tcsetattr(fd, TCSANOW, &tty_saved.modes);
}

void
tty_leave(struct tty *tty)
{
	int64_t deadline = clock_now() + TTY_LEAVE_MS * NS_PER_MS;

	if (!tty->entered)
		return;
	tty->entered = false;
	if (!atomic_exchange(&tty_saved.armed, false))
		return;
	if (!tty->lost) {
		size_t done = tty_write_until(
		    tty->fd, buf_cstr(&tty->queue), tty->queue.len, deadline);

		/* a cut frame ends in the middle of a sequence: ST ends it */
		if (done < tty->queue.len)
			tcflush(tty->fd, TCOFLUSH);
		tty_write_until(tty->fd, tty_saved.leave, tty_saved.leave_len,
		    clock_now() + TTY_LEAVE_MS * NS_PER_MS);
		tcflush(tty->fd, TCIFLUSH);
	}
	buf_clear(&tty->queue);
	tty_modes_restore(tty->fd);
}

void
tty_emergency(void)
{
	int saved = errno;

	if (atomic_exchange(&tty_saved.armed, false) && tty_saved.fd >= 0) {
		tty_write_until(tty_saved.fd, tty_saved.leave,
		    tty_saved.leave_len,
		    clock_now() + TTY_LEAVE_MS * NS_PER_MS);
		tty_modes_restore(tty_saved.fd);
		tcflush(tty_saved.fd, TCIFLUSH);
	}
	errno = saved;
}

bool
tty_queue(struct tty *tty, const void *bytes, size_t len)
{
	if (buf_add(&tty->queue, bytes, len))
		return true;
	tty->queue.failed = false;
	return false;
}

bool
tty_wants_write(const struct tty *tty)
{
	return tty->queue.len > 0;
}

bool
tty_flush(struct tty *tty)
{
	size_t done = 0;

	/* a crash in another thread has given the terminal back */
	if (tty->entered && !atomic_load(&tty_saved.armed))
		return true;
	while (done < tty->queue.len && !tty->lost) {
		ssize_t n = write(
		    tty->fd, tty->queue.data + done, tty->queue.len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			break;
		else if (n == 0 || errno != EINTR)
			tty->lost = true;
	}
	buf_consume(&tty->queue, done);
	return !tty->lost;
}

int
tty_read(struct tty *tty, void *buf, size_t cap)
{
	ssize_t n;

	do
		n = read(tty->fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return (int)n;
	if (n < 0 && errno == EAGAIN)
		return 0;
	tty->lost = true;
	return -1;
}
