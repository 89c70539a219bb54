#include "datasrc/logtail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"
#include "datasrc/limits.h"

enum {
	CHUNK = 128 * 1024,
	PRINT_LEN = 64, /* bytes before the read place that must stay */
};

/* One open file and the line that is being put together from it. */
struct stream {
	int fd; /* -1: none */
	dev_t dev;
	ino_t ino;
	bool fifo;
	bool skip_first; /* begun within a line: it is not ours */
	bool shown_open;
	int64_t offset;
	int64_t live_from;  /* bytes before it were there when we came */
	int64_t held_since; /* of the bytes in line; 0: none are held */
	uint64_t cut;
	struct buf line;
	char print[PRINT_LEN]; /* the bytes before offset */
	size_t print_len;
};

struct logtail {
	char *path;
	struct logtail_options options;
	struct logtail_sink sink;
	struct stream now_open;
	struct stream before; /* renamed away, read beside the new one */
	int64_t before_until; /* when it is closed */
	int64_t gone_since;   /* the path leads nowhere; 0: it does */
	uint64_t change;
	int read_errno; /* of the last read; 0: it was good */
	char *chunk;
};

static void
stream_init(struct stream *s, size_t max_line)
{
	*s = (struct stream) { .fd = -1 };
	buf_init(&s->line, max_line);
}

static void
stream_close(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	buf_release(&s->line);
}

enum err_code
logtail_new(const char *path, const struct logtail_options *options,
    const struct logtail_sink *sink, struct logtail **ret_tail, struct err *err)
{
	struct logtail *tail = mem_calloc(1, sizeof(*tail));

	if (tail == NULL)
		goto fail;
	tail->options = *options;
	if (tail->options.max_line == 0 ||
	    tail->options.max_line > LOGTAIL_LINE_MAX)
		tail->options.max_line = LOGTAIL_LINE_MAX;
	if (tail->options.behind_max == 0)
		tail->options.behind_max = LOGTAIL_BEHIND_MAX;
	tail->sink = *sink;
	stream_init(&tail->now_open, tail->options.max_line);
	stream_init(&tail->before, tail->options.max_line);
	tail->path = mem_strdup(path);
	tail->chunk = mem_alloc(CHUNK);
	if (tail->path == NULL || tail->chunk == NULL)
		goto fail;
	*ret_tail = tail;
	return ERR_OK;
fail:
	logtail_free(tail);
	return err_set(err, ERR_NOMEM, "logfile", "no memory");
}

struct logtail *
logtail_free(struct logtail *tail)
{
	if (tail == NULL)
		return NULL;
	stream_close(&tail->now_open);
	stream_close(&tail->before);
	mem_free(tail->path);
	mem_free(tail->chunk);
	mem_free(tail);
	return NULL;
}

const char *
logtail_path(const struct logtail *tail)
{
	return tail->path;
}

/* Hands over what is held as a line, at its end or without one. */
static void
stream_emit(struct logtail *tail, struct stream *s, const char *bytes,
    size_t len, unsigned flags)
{
	if (s->shown_open)
		flags |= LOGTAIL_REST;
	/* CRLF ends a line as LF does. */
	if ((flags & LOGTAIL_OPEN) == 0 && len > 0 && bytes[len - 1] == '\r' &&
	    s->cut == 0)
		len--;
	/* Nothing came behind an open line but its end. */
	if (!(s->shown_open && len == 0 && s->cut == 0))
		tail->sink.line(tail->sink.ctx, bytes, len, s->cut, flags);
	s->shown_open = (flags & LOGTAIL_OPEN) != 0;
	s->cut = 0;
	s->held_since = 0;
	buf_clear(&s->line);
}

/* Ends a line that will get no line feed any more. */
static void
stream_end_line(struct logtail *tail, struct stream *s)
{
	if (s->line.len > 0 || s->cut > 0)
		stream_emit(tail, s, buf_cstr(&s->line), s->line.len, 0);
	s->shown_open = false;
}

/* Keeps bytes of a line without its end; what is too much is counted. */
static void
stream_hold(struct stream *s, const char *bytes, size_t len, int64_t now)
{
	size_t room = s->line.max - s->line.len;
	size_t keep = len < room ? len : room;

	/* Behind a gap nothing is kept. */
	if (s->cut > 0)
		keep = 0;
	if (!buf_add(&s->line, bytes, keep)) {
		/* No memory: counted as cut, the line itself stays. */
		s->line.failed = false;
		keep = 0;
	}
	s->cut += len - keep;
	if (s->held_since == 0)
		s->held_since = now;
}

static void
stream_feed(struct logtail *tail, struct stream *s, const char *bytes,
    size_t len, int64_t now)
{
	const char *end = bytes + len, *lf;

	for (; bytes < end; bytes = lf + 1) {
		lf = memchr(bytes, '\n', (size_t)(end - bytes));
		if (s->skip_first) {
			s->skip_first = lf == NULL;
			if (lf == NULL)
				return;
			continue;
		}
		if (lf == NULL) {
			stream_hold(s, bytes, (size_t)(end - bytes), now);
			return;
		}
		if (s->line.len == 0 && s->cut == 0 &&
		    (size_t)(lf - bytes) <= s->line.max) {
			stream_emit(tail, s, bytes, (size_t)(lf - bytes), 0);
			continue;
		}
		stream_hold(s, bytes, (size_t)(lf - bytes), now);
		stream_emit(tail, s, buf_cstr(&s->line), s->line.len, 0);
	}
}

static void
stream_remember(struct stream *s, const char *bytes, size_t len)
{
	size_t keep = len < PRINT_LEN ? len : PRINT_LEN;

	memcpy(s->print, bytes + len - keep, keep);
	s->print_len = keep;
}

/* Reads from where the stream stands; 0 at the end, -1: not now. */
static ssize_t
stream_bytes(struct stream *s, char *chunk, size_t len)
{
	ssize_t n;

	do {
		n = s->fifo ? read(s->fd, chunk, len)
			    : pread(s->fd, chunk, len, (off_t)s->offset);
	} while (n < 0 && errno == EINTR);
	return n;
}

static int64_t
stream_size(const struct stream *s)
{
	struct stat st;
	int waiting = 0;

	if (s->fd < 0)
		return 0;
	if (s->fifo)
		return ioctl(s->fd, FIONREAD, &waiting) == 0 ? waiting : 0;
	return fstat(s->fd, &st) == 0 ? (int64_t)st.st_size : s->offset;
}

static int64_t
stream_behind(const struct stream *s)
{
	int64_t size = stream_size(s);

	if (s->fifo)
		return size;
	return size > s->offset ? size - s->offset : 0;
}

/*
 * Whether the file was truncated: it is shorter than what was read of it,
 * or it is not and what stands before our place is not what stood there.
 */
static bool
stream_truncated(struct logtail *tail, struct stream *s)
{
	int64_t size = stream_size(s);
	ssize_t n;

	if (s->fifo)
		return false;
	if (size < s->offset)
		return true;
	if (s->print_len == 0)
		return false;
	n = pread(s->fd, tail->chunk, s->print_len,
	    (off_t)(s->offset - (int64_t)s->print_len));
	return n == (ssize_t)s->print_len &&
	       memcmp(tail->chunk, s->print, s->print_len) != 0;
}

static void
stream_restart(struct logtail *tail, struct stream *s)
{
	stream_end_line(tail, s);
	s->offset = 0;
	s->live_from = 0;
	s->print_len = 0;
	s->skip_first = false;
	tail->sink.truncated(tail->sink.ctx);
}

/*
 * Too far behind a live writer: counts the lines up to the last behind_max
 * / 4 bytes instead of reading them. Returns the bytes that were passed.
 */
static size_t
stream_skip(struct logtail *tail, struct stream *s, int64_t now, size_t budget)
{
	int64_t stop =
	    s->offset + stream_behind(s) - tail->options.behind_max / 4;
	uint64_t lines = 0;
	size_t passed = 0;

	while (s->offset < stop && passed < budget) {
		ssize_t n = stream_bytes(s, tail->chunk, CHUNK);
		const char *p = tail->chunk, *end, *lf, *last = NULL;

		if (n <= 0)
			break;
		for (end = p + n; p < end; p = lf + 1) {
			lf = memchr(p, '\n', (size_t)(end - p));
			if (lf == NULL)
				break;
			last = lf;
			lines++;
		}
		/* A line begun is read on from its start, or cut if huge. */
		if (last == NULL) {
			if (!s->skip_first)
				stream_hold(s, tail->chunk, (size_t)n, now);
			s->offset += n;
			passed += (size_t)n;
			stream_remember(s, tail->chunk, (size_t)n);
			continue;
		}
		/* The line held ends here and is among the counted, unless
		 * its start was shown or was none of ours. */
		if (s->shown_open || s->skip_first)
			lines--;
		s->skip_first = false;
		s->shown_open = false;
		s->cut = 0;
		s->held_since = 0;
		buf_clear(&s->line);
		stream_remember(
		    s, tail->chunk, (size_t)(last + 1 - tail->chunk));
		s->offset += last + 1 - tail->chunk;
		passed += (size_t)(last + 1 - tail->chunk);
	}
	if (lines > 0)
		tail->sink.dropped(tail->sink.ctx, lines);
	return passed;
}

/* True when there is more to read now. */
static bool
stream_read(struct logtail *tail, struct stream *s, int64_t now, size_t budget)
{
	size_t done = 0;

	if (s->fd < 0)
		return false;
	if (stream_truncated(tail, s))
		stream_restart(tail, s);
	if (s->offset >= s->live_from && !s->fifo &&
	    stream_behind(s) > tail->options.behind_max) {
		return stream_skip(tail, s, now, budget * LOGTAIL_SKIP_FACTOR) >
		       0;
	}
	while (done < budget) {
		size_t want = budget - done < CHUNK ? budget - done : CHUNK;
		ssize_t n = stream_bytes(s, tail->chunk, want);

		tail->read_errno = n < 0 && errno != EAGAIN ? errno : 0;
		if (n <= 0)
			return false;
		if (!s->fifo) {
			s->offset += n;
			stream_remember(s, tail->chunk, (size_t)n);
		}
		stream_feed(tail, s, tail->chunk, (size_t)n, now);
		done += (size_t)n;
	}
	return true;
}

bool
logtail_read(struct logtail *tail, int64_t now, size_t budget)
{
	bool more;

	/* The old file first: its lines are the older ones. */
	more = stream_read(tail, &tail->before, now, budget);
	if (!more && tail->before.fd >= 0 && now >= tail->before_until) {
		stream_end_line(tail, &tail->before);
		stream_close(&tail->before);
	}
	if (more)
		return true;
	return stream_read(tail, &tail->now_open, now, budget);
}

static int64_t
stream_flush(
    struct logtail *tail, struct stream *s, int64_t now, int64_t hold_ns)
{
	if (s->fd < 0 || s->held_since == 0)
		return DEADLINE_NONE;
	if (now - s->held_since < hold_ns)
		return s->held_since + hold_ns;
	/* The rest of a line that is full already can only be counted. */
	if (s->cut == 0 || !s->shown_open) {
		uint64_t cut = s->cut;

		s->cut = 0;
		stream_emit(
		    tail, s, buf_cstr(&s->line), s->line.len, LOGTAIL_OPEN);
		s->cut = cut;
	}
	return DEADLINE_NONE;
}

int64_t
logtail_flush(struct logtail *tail, int64_t now, int64_t hold_ns)
{
	int64_t a = stream_flush(tail, &tail->before, now, hold_ns);
	int64_t b = stream_flush(tail, &tail->now_open, now, hold_ns);

	return a < b ? a : b;
}

int64_t
logtail_behind(const struct logtail *tail)
{
	return stream_behind(&tail->before) + stream_behind(&tail->now_open);
}

int
logtail_fd(const struct logtail *tail, uint64_t *ret_change)
{
	*ret_change = tail->change;
	return tail->now_open.fd;
}

static enum err_code
explain(struct logtail *tail, int saved, struct err *err)
{
	switch (saved) {
	case ENOENT:
	case ENOTDIR:
		return err_set(err, ERR_WAITING, "logfile",
		    "waiting for %s to appear", tail->path);
	case EACCES:
	case EPERM:
		return err_set(err, ERR_FORBIDDEN, "logfile",
		    "%s: no permission to read it; add this user to the "
		    "file's group, or run sevtop as a user who may",
		    tail->path);
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return err_set_errno(err, ERR_LIMIT, "logfile", saved,
		    "%s can't be opened", tail->path);
	default:
		return err_set_errno(err, ERR_IO, "logfile", saved,
		    "%s can't be opened", tail->path);
	}
}

static enum err_code
refuse(struct logtail *tail, mode_t mode, struct err *err)
{
	const char *what = S_ISDIR(mode)    ? "a directory"
			   : S_ISCHR(mode)  ? "a terminal or a device"
			   : S_ISBLK(mode)  ? "a disk"
			   : S_ISSOCK(mode) ? "a socket"
					    : "something else";

	return err_set(err, ERR_UNSUPPORTED, "logfile",
	    "%s is %s; only files and FIFOs can be followed", tail->path, what);
}

/* Where to begin in a file that was there before us. */
static void
stream_seek_tail(struct logtail *tail, struct stream *s)
{
	int64_t size = stream_size(s);
	char before = '\n';

	if (s->fifo || tail->options.tail < 0 || size <= tail->options.tail)
		return;
	s->offset = size - tail->options.tail;
	if (pread(s->fd, &before, 1, (off_t)(s->offset - 1)) == 1)
		s->skip_first = before != '\n';
}

/* Opens path into *s. The file may have changed since st was taken. */
static enum err_code
stream_open(struct logtail *tail, struct stream *s, struct err *err)
{
	struct stat st;
	enum err_code code;
	int fd = open(tail->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return explain(tail, errno, err);
	if (fstat(fd, &st) != 0) {
		code = explain(tail, errno, err);
		close(fd);
		return code;
	}
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		close(fd);
		return refuse(tail, st.st_mode, err);
	}
	stream_init(s, tail->options.max_line);
	s->fd = fd;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->fifo = S_ISFIFO(st.st_mode);
	return ERR_OK;
}

/* The path leads nowhere: the open file is kept while it still grows. */
static void
tail_gone(struct logtail *tail, int64_t now)
{
	if (tail->gone_since == 0 || stream_behind(&tail->now_open) > 0)
		tail->gone_since = now;
	if (now - tail->gone_since < LOGTAIL_GONE_MS * NS_PER_MS)
		return;
	stream_end_line(tail, &tail->now_open);
	stream_close(&tail->now_open);
	tail->change++;
}

enum err_code
logtail_check(struct logtail *tail, int64_t now, bool first, struct err *err)
{
	struct stream fresh;
	struct stat st;
	enum err_code code;

	/* Asked before opening: opening a device can have effects. */
	if (stat(tail->path, &st) != 0) {
		int saved = errno;

		if (tail->now_open.fd >= 0 &&
		    (saved == ENOENT || saved == ENOTDIR))
			tail_gone(tail, now);
		return explain(tail, saved, err);
	}
	tail->gone_since = 0;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return refuse(tail, st.st_mode, err);
	if (tail->now_open.fd >= 0 && tail->now_open.dev == st.st_dev &&
	    tail->now_open.ino == st.st_ino) {
		if (tail->read_errno == 0)
			return ERR_OK;
		return err_set_errno(err, ERR_IO, "logfile", tail->read_errno,
		    "%s can't be read", tail->path);
	}
	code = stream_open(tail, &fresh, err);
	if (code != ERR_OK)
		return code;
	if (first) {
		stream_seek_tail(tail, &fresh);
		fresh.live_from = stream_size(&fresh);
	}
	if (tail->before.fd >= 0) {
		/* Two rotations within a moment: the oldest to its end. */
		while (stream_read(tail, &tail->before, now, CHUNK))
			;
		stream_end_line(tail, &tail->before);
		stream_close(&tail->before);
	}
	tail->before = tail->now_open;
	tail->before_until = now + LOGTAIL_DRAIN_MS * NS_PER_MS;
	tail->now_open = fresh;
	tail->change++;
	return ERR_OK;
}
