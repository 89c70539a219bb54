/* Following a file through everything that can happen to it. */
#include "datasrc/logtail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"
#include "datasrc/limits.h"
#include "tests/tap.h"

enum {
	BUDGET = 1 << 20
};

/* What the tail handed over: "line|line|" with signs for the rest. */
struct seen {
	struct buf out;
	uint64_t lines;
	uint64_t dropped;
	uint64_t cut;
	size_t longest;
	bool quiet; /* only count */
};

static char folder[64];
static char path[96];
static char other[96];
static struct seen seen;
static struct logtail *tail;

static void
on_line(void *ctx, const char *bytes, size_t len, uint64_t cut, unsigned flags)
{
	struct seen *s = ctx;

	if ((flags & LOGTAIL_REST) == 0)
		s->lines++;
	s->cut += cut;
	if (len > s->longest)
		s->longest = len;
	if (s->quiet)
		return;
	if ((flags & LOGTAIL_REST) != 0)
		buf_char(&s->out, '+');
	buf_add(&s->out, bytes, len < 64 ? len : 64);
	if (cut > 0)
		buf_fmt(&s->out, "[+%llu]", (unsigned long long)cut);
	buf_str(&s->out, (flags & LOGTAIL_OPEN) != 0 ? "..." : "|");
}

static void
on_truncated(void *ctx)
{
	struct seen *s = ctx;

	buf_str(&s->out, "<truncated>");
}

static void
on_dropped(void *ctx, uint64_t lines)
{
	struct seen *s = ctx;

	s->dropped += lines;
}

static void
put(const char *to, const char *bytes, int flags)
{
	int fd = open(to, O_WRONLY | O_CREAT | flags, 0644);

	if (fd < 0 || write(fd, bytes, strlen(bytes)) < 0)
		exit(1);
	close(fd);
}

static void
append(const char *bytes)
{
	put(path, bytes, O_APPEND);
}

static void
begin(int64_t from, size_t max_line, int64_t behind_max)
{
	struct logtail_options options = {
		.max_line = max_line, .tail = from, .behind_max = behind_max
	};
	struct logtail_sink sink = { &seen, on_line, on_truncated, on_dropped };

	buf_release(&seen.out);
	seen = (struct seen) { .quiet = false };
	buf_init(&seen.out, 1 << 20);
	unlink(path);
	unlink(other);
	if (logtail_new(path, &options, &sink, &tail, NULL) != ERR_OK)
		exit(1);
}

static enum err_code
check(bool first)
{
	struct err err = ERR_INIT;

	return logtail_check(tail, clock_now(), first, &err);
}

/* All there is to read; what came since as one string. */
static const char *
drain(void)
{
	buf_clear(&seen.out);
	if (check(false) == ERR_NOMEM)
		exit(1);
	while (logtail_read(tail, clock_now(), BUDGET))
		;
	return buf_cstr(&seen.out);
}

static void
end(void)
{
	tail = logtail_free(tail);
}

static void
test_grow(void)
{
	begin(-1, 0, 0);
	ok(check(true) == ERR_WAITING, "no file: waiting");
	append("one\ntwo\nth");
	is_str(drain(), "one|two|", "whole lines only");
	append("ree\n\nfour\r\n");
	is_str(drain(), "three||four|", "the rest, an empty one, CRLF");
	is_int(logtail_behind(tail), 0, "nothing is left");
	append("held");
	is_str(drain(), "", "a line without its end is held");
	ok(logtail_flush(tail, clock_now(), NS_PER_SEC) > clock_now(),
	    "until it is time");
	is_str(buf_cstr(&seen.out), "", "not before");
	is_int(logtail_flush(tail, clock_now() + NS_PER_SEC, NS_PER_SEC),
	    DEADLINE_NONE, "then none is held");
	is_str(buf_cstr(&seen.out), "held...", "and shown open");
	append(" back\nnext\n");
	is_str(drain(), "+ back|next|", "its rest goes on with it");
	append("open");
	drain();
	logtail_flush(tail, INT64_MAX / 2, 0);
	append("\nafter\n");
	is_str(drain(), "after|", "an end alone is no line");
	is_int((int64_t)seen.lines, 9, "lines");
	end();
}

static void
test_from(void)
{
	begin(0, 0, 0);
	append("a\nb\n");
	ok(check(true) == ERR_OK, "followed");
	is_str(drain(), "", "from the end");
	append("c\n");
	is_str(drain(), "c|", "what comes then");
	end();
	begin(3, 0, 0);
	append("aaa\nbbb\nc\n");
	ok(check(true) == ERR_OK, "followed");
	is_str(drain(), "c|", "from a tail, whole lines only");
	end();
	begin(6, 0, 0);
	append("aaa\nbbb\nc\n");
	ok(check(true) == ERR_OK, "followed");
	is_str(drain(), "bbb|c|", "that starts with a line");
	end();
	begin(2, 0, 0);
	append("aaa\nbbb");
	ok(check(true) == ERR_OK, "followed");
	is_str(drain(), "", "within a line");
	append("b\nc\n");
	is_str(drain(), "c|", "the line that was begun is not ours");
	end();
}

static void
test_rotate(void)
{
	int64_t now = clock_now();

	begin(-1, 0, 0);
	append("one\n");
	is_str(drain(), "one|", "followed");
	append("two\n");
	rename(path, other);
	append("new one\n");
	is_str(drain(), "two|new one|", "the old one to its end first");
	put(other, "late\n", O_APPEND);
	append("new two\n");
	is_str(drain(), "late|new two|", "and what still comes there");
	put(other, "no end", O_APPEND);
	drain();
	buf_clear(&seen.out);
	logtail_read(tail, now + (LOGTAIL_DRAIN_MS + 1000) * NS_PER_MS, BUDGET);
	is_str(buf_cstr(&seen.out), "no end|", "until it is let go");
	put(other, "too late\n", O_APPEND);
	is_str(drain(), "", "then no more");
	/* Renamed away and nothing new yet. */
	append("x\n");
	unlink(other);
	rename(path, other);
	put(other, "y\n", O_APPEND);
	ok(check(false) == ERR_WAITING, "waiting for the new file");
	is_str(drain(), "x|y|", "while the old one still grows");
	append("z\n");
	is_str(drain(), "z|", "the new one comes");
	end();
}

static void
test_twice_rotated(void)
{
	begin(-1, 0, 0);
	append("a\n");
	is_str(drain(), "a|", "followed");
	rename(path, other);
	append("b\n");
	is_str(drain(), "b|", "rotated");
	put(other, "a2\n", O_APPEND);
	rename(path, other);
	append("c\n");
	is_str(drain(), "a2|c|", "rotated again: nothing is read twice");
	end();
}

static void
test_truncate(void)
{
	begin(-1, 0, 0);
	append("a long first line\nand a second\nopen");
	is_str(drain(), "a long first line|and a second|", "followed");
	put(path, "new\n", O_TRUNC);
	is_str(drain(), "open|<truncated>new|", "truncated: from its start");
	append("more\n");
	is_str(drain(), "more|", "and on");
	put(path, "grown beyond what was read before\nx\n", O_TRUNC);
	is_str(drain(), "<truncated>grown beyond what was read before|x|",
	    "found though it is longer than it was");
	put(path, "", O_TRUNC);
	is_str(drain(), "<truncated>", "to nothing");
	append("y\n");
	is_str(drain(), "y|", "and on");
	end();
}

static void
test_replace(void)
{
	struct err err = ERR_INIT;

	begin(-1, 0, 0);
	append("a\n");
	drain();
	put(other, "replaced\n", 0);
	rename(other, path);
	is_str(drain(), "replaced|", "replaced by renaming over it");
	unlink(path);
	ok(check(false) == ERR_WAITING, "deleted");
	append("back\n");
	is_str(drain(), "back|", "and back");
	unlink(path);
	mkdir(path, 0755);
	ok(logtail_check(tail, clock_now(), false, &err) == ERR_UNSUPPORTED &&
		strstr(err.msg, "is a directory") != NULL,
	    "a folder in its place: %s", err.msg);
	rmdir(path);
	if (symlink("/dev/tty", path) == 0) {
		ok(logtail_check(tail, clock_now(), false, &err) ==
			    ERR_UNSUPPORTED ||
			err.code == ERR_IO,
		    "a terminal is never opened: %s", err.msg);
		unlink(path);
	}
	if (symlink("/dev/zero", path) == 0) {
		ok(logtail_check(tail, clock_now(), false, &err) ==
			ERR_UNSUPPORTED,
		    "nor is a device: %s", err.msg);
		unlink(path);
	}
	append("file again\n");
	is_str(drain(), "file again|", "a file again");
	end();
}

static void
test_links(void)
{
	char third[96];

	snprintf(third, sizeof(third), "%s/c", folder);
	begin(-1, 0, 0);
	put(other, "in b\n", 0);
	put(third, "in c\n", O_TRUNC);
	if (symlink(other, path) != 0)
		return;
	is_str(drain(), "in b|", "through a link");
	unlink(path);
	if (symlink(third, path) != 0)
		return;
	is_str(drain(), "in c|", "that was swapped");
	unlink(path);
	if (symlink(path, path) == 0)
		ok(check(false) == ERR_IO, "a link to itself is an error");
	unlink(path);
	unlink(third);
	end();
}

static void
test_fifo(void)
{
	int fd;

	begin(-1, 0, 0);
	if (mkfifo(path, 0644) != 0)
		return;
	ok(check(true) == ERR_OK, "a FIFO is followed without a writer");
	is_str(drain(), "", "nothing yet");
	fd = open(path, O_WRONLY | O_NONBLOCK);
	if (fd < 0 || write(fd, "one\ntw", 6) != 6)
		exit(1);
	is_str(drain(), "one|", "what was written");
	if (write(fd, "o\n", 2) != 2)
		exit(1);
	is_int(logtail_behind(tail), 2, "bytes that wait in it");
	close(fd);
	is_str(drain(), "two|", "to its end");
	is_str(drain(), "", "the writer left");
	put(path, "three\n", 0);
	is_str(drain(), "three|", "one that came and went");
	fd = open(path, O_WRONLY | O_NONBLOCK);
	if (fd < 0 || write(fd, "four\n", 5) != 5)
		exit(1);
	is_str(drain(), "four|", "another writer");
	close(fd);
	end();
}

static void
test_permission(void)
{
	struct err err = ERR_INIT;

	if (geteuid() == 0 && seteuid(65534) != 0) {
		skip("may not become another user");
		return;
	}
	if (seteuid(0) != 0 && geteuid() == 0)
		return;
	begin(-1, 0, 0);
	append("secret\n");
	chmod(path, 0);
	chmod(folder, 0755);
	if (geteuid() == 0 && seteuid(65534) != 0) {
		skip("may not become another user");
	} else {
		ok(logtail_check(tail, clock_now(), true, &err) ==
			ERR_FORBIDDEN,
		    "no permission: %s", err.msg);
		if (seteuid(0) != 0)
			printf("# stays another user\n");
		chmod(path, 0644);
		is_str(drain(), "secret|", "permission given");
	}
	end();
}

static void
test_long_lines(void)
{
	char *big = mem_alloc(10 * 1000 * 1000 + 2);
	int fd;

	memset(big, 'x', 10 * 1000 * 1000);
	memcpy(big + 10 * 1000 * 1000, "\n", 2);
	begin(-1, 0, 0);
	put(path, big, O_TRUNC);
	append("after\n");
	drain();
	is_int((int64_t)seen.lines, 2, "10 MB without a line feed is a line");
	is_int((int64_t)seen.longest, LOGTAIL_LINE_MAX, "cut at the maximum");
	is_int((int64_t)seen.cut, 10 * 1000 * 1000 - LOGTAIL_LINE_MAX,
	    "with the count of what is missing");
	end();
	mem_free(big);

	begin(-1, 256, 0);
	append("0123456789");
	drain();
	logtail_flush(tail, INT64_MAX / 2, 0);
	append("abc\n");
	is_str(drain(), "+abc|", "an open line goes on");
	end();

	/* A gigabyte of holes: read, kept by nobody. */
	begin(-1, 0, 0);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || ftruncate(fd, (off_t)1 << 28) != 0)
		exit(1);
	close(fd);
	append("\nend\n");
	seen.quiet = true;
	drain();
	is_int((int64_t)seen.lines, 2, "a sparse file is one line of zeros");
	is_int((int64_t)seen.cut, ((int64_t)1 << 28) - LOGTAIL_LINE_MAX,
	    "cut like any other");
	end();
	begin(65536, 0, 0);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || ftruncate(fd, (off_t)1 << 30) != 0)
		exit(1);
	close(fd);
	append("\nend\n");
	ok(check(true) == ERR_OK, "followed");
	is_str(drain(), "end|", "or only its tail");
	end();
}

/* Bursts: every line is handed over or counted. */
static void
burst(int lines, int64_t behind_max, bool begun)
{
	struct buf out = BUF_INIT(64 << 20);
	int i;

	begin(-1, 0, behind_max);
	append(begun ? "begun" : "");
	drain();
	seen.quiet = true;
	if (begun)
		buf_str(&out, " and over\n");
	for (i = begun ? 1 : 0; i < lines; i++)
		buf_fmt(&out, "2026-11-22T14:02:29Z INFO line %d of many\n", i);
	append(buf_cstr(&out));
	drain();
	is_int((int64_t)(seen.lines + seen.dropped), lines,
	    "lines handed over and dropped make up what was written");
	ok(behind_max == 0 ? seen.dropped == 0 : seen.dropped > 0,
	    "%llu dropped", (unsigned long long)seen.dropped);
	append("last\n");
	seen.quiet = false;
	is_str(drain(), "last|", "and then line by line again");
	buf_release(&out);
	end();
}

static void
test_bursts(void)
{
	burst(100000, 0, false);
	burst(100000, 100000, false);
	burst(100000, 300000, true);
	burst(50000, 1000, true);
}

static void
test_change(void)
{
	uint64_t a, b;

	begin(-1, 0, 0);
	is_int(logtail_fd(tail, &a), -1, "nothing is open");
	append("x\n");
	drain();
	ok(logtail_fd(tail, &b) >= 0 && b != a, "a file came");
	drain();
	logtail_fd(tail, &a);
	ok(a == b, "and stays");
	unlink(path);
	drain();
	ok(check(false) == ERR_WAITING, "it is gone");
	ok(logtail_check(tail, clock_now() + (LOGTAIL_GONE_MS + 1) * NS_PER_MS,
	       false, NULL) == ERR_WAITING,
	    "and stays away");
	is_int(logtail_fd(tail, &b), -1, "a deleted one is let go in the end");
	ok(a != b, "and that is told");
	end();
}

int
main(void)
{
	snprintf(folder, sizeof(folder), "/tmp/sevtop-logtail-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/a", folder);
	snprintf(other, sizeof(other), "%s/b", folder);
	RUN(test_grow);
	RUN(test_from);
	RUN(test_rotate);
	RUN(test_twice_rotated);
	RUN(test_truncate);
	RUN(test_replace);
	RUN(test_links);
	RUN(test_fifo);
	RUN(test_permission);
	RUN(test_long_lines);
	RUN(test_bursts);
	RUN(test_change);
	unlink(path);
	unlink(other);
	rmdir(folder);
	buf_release(&seen.out);
	return tap_done();
}
