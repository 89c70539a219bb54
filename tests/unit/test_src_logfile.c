/*
 * The source as the scheduler runs it: a real file, real threads, real waits.
 * Every wait ends by an event or a deadline far beyond what is measured.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf_errors.h"
#include "base/limits.h"
#include "datasrc/limits.h"
#include "datasrc/logingest.h"
#include "datasrc/sched.h"
#include "datasrc/source.h"
#include "model/logstore.h"
#include "model/platform.h"
#include "tests/bad_lines.h"
#include "tests/tap.h"
#include "tests/unescape.h"

enum {
	PATIENCE_S = 60,
	LOG_BYTES = 8 << 20
};

static char folder[64];
static char path[96];
static char other[96];
static struct platform *platform;
static struct sched *sched;
static struct store *store;
static struct logstore *logs;
static struct wake lines_wake, store_news;
static struct arena *arena;
static uint64_t next_seq;

static void
put(const char *to, const char *bytes, size_t len, int flags)
{
	int fd = open(to, O_WRONLY | O_CREAT | flags, 0644);

	while (fd >= 0 && len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n <= 0)
			exit(1);
		bytes += n;
		len -= (size_t)n;
	}
	close(fd);
}

static void
append(const char *bytes)
{
	put(path, bytes, strlen(bytes), O_APPEND);
}

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	if (index > 0)
		return false;
	*ret = (struct platform_type) {
		.name = src_logfile.name,
		.every_ns = src_logfile.every_ns,
		.timeout_ns = src_logfile.timeout_ns,
		.opts = *src_logfile.options,
		.config_size = src_logfile.config_size,
		.ops = &src_logfile,
	};
	return true;
}

static enum err_code
load(const char *options)
{
	static const struct platform_types types = { .at = types_at };
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	char yaml[512];
	enum err_code code;

	snprintf(yaml, sizeof(yaml),
	    "platform: t\nenv: test\nsources:\n  api: {type: logfile, path: "
	    "%s/%s}\n",
	    folder, options);
	code = platform_parse("t.yaml", yaml, strlen(yaml), NULL, &types, NULL,
	    errors, &platform);
	conf_errors_clear(errors);
	mem_free(errors);
	return code;
}

static void
begin_unseen(const char *options)
{
	struct sched_item item = {
		.ops = &src_logfile, .name = "api", .platform_name = "t"
	};

	if (load(options) != ERR_OK || wake_init(&lines_wake, NULL) != ERR_OK ||
	    wake_init(&store_news, NULL) != ERR_OK)
		exit(1);
	logs = logstore_new(LOG_BYTES, NULL);
	store = store_new(2, NULL);
	arena = arena_new(64 << 20);
	next_seq = 0;
	item.platform = platform;
	item.config = platform->sources[0].config;
	item.every_ns = platform->sources[0].every_ns;
	item.timeout_ns = platform->sources[0].timeout_ns;
	if (logs == NULL || store == NULL ||
	    logstore_add_source(logs, "api", &item.log_source, NULL) !=
		ERR_OK ||
	    store_subscribe(store, STORE_ANY, &store_news, NULL) != ERR_OK)
		exit(1);
	sched = sched_new(store, NULL, logs, NULL);
	if (sched == NULL || sched_add(sched, &item, NULL) != ERR_OK)
		exit(1);
}

static void
start(void)
{
	if (sched_start(sched, NULL) != ERR_OK)
		exit(1);
}

/* Starts to follow with somebody who looks at the lines. */
static void
begin(const char *options)
{
	begin_unseen(options);
	logstore_subscribe(logs, &lines_wake);
	start();
}

static void
end(void)
{
	ok(sched_stop(sched, clock_now() + PATIENCE_S * NS_PER_SEC),
	    "it stops");
	sched = sched_free(sched);
	store = store_free(store);
	logs = logstore_free(logs);
	platform = platform_free(platform);
	arena = arena_free(arena);
	wake_release(&lines_wake);
	wake_release(&store_news);
	unlink(path);
	unlink(other);
}

/* The next line of the store; its text is "" when none came in time. */
static struct log_line
next_line(void)
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	struct log_line line = { .text = TEXT_EMPTY, .fields = TEXT_EMPTY };

	while (logstore_copy(logs, next_seq, &line, 1, arena) == 0) {
		if (io_wait(wake_fd(&lines_wake), IO_READ, deadline, NULL,
			NULL) != ERR_OK)
			return line;
		wake_drain(&lines_wake);
	}
	next_seq = line.seq + 1;
	return line;
}

static void
is_next(const char *want, const char *name)
{
	is_str(next_line().text.s, want, name);
}

/* Waits until the source's section has code. */
static bool
wait_code(enum err_code code, char why[ERR_MSG_MAX])
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	struct frame frame;
	bool found = false;

	if (frame_init(&frame, store, NULL) != ERR_OK)
		return false;
	while (!found && clock_now() < deadline) {
		const struct section *section;

		wake_drain(&store_news);
		frame_acquire(&frame, store);
		section = frame.sections[0];
		found = section != NULL && section->code == code &&
			section->tried_at != 0;
		if (found)
			snprintf(why, ERR_MSG_MAX, "%.*s",
			    (int)section->why.len, section->why.s);
		else
			io_wait(wake_fd(&store_news), IO_READ, deadline, NULL,
			    NULL);
	}
	frame_release(&frame);
	return found;
}

static void
test_follow(void)
{
	char why[ERR_MSG_MAX];
	struct log_line line;

	begin("a");
	ok(wait_code(ERR_WAITING, why), "a file that is missing: waiting");
	ok(strstr(why, "waiting for ") != NULL, "in words: %s", why);
	append("2026-11-22T14:02:29.114Z ERROR boom job=1\n    at f\n");
	line = next_line();
	is_str(line.text.s, "boom job=1", "its first line comes");
	is_int(line.level, LOG_LEVEL_ERROR, "with a level");
	ok(line.has_time && line.wall_ms == INT64_C(1795356149114),
	    "with a time");
	line = next_line();
	is_str(line.text.s, "    at f", "and its stack");
	ok((line.flags & LOG_CONT) != 0 && line.level == LOG_LEVEL_ERROR,
	    "that goes on with it");
	ok(wait_code(ERR_OK, why), "then it is followed");
	append("{\"level\":40,\"msg\":\"slow\",\"err\":{\"stack\":\"E: x\\n at "
	       "g\"},\"q\":\"a b\"}\n");
	line = next_line();
	is_str(line.text.s, "slow", "a structured line");
	is_str(line.fields.s, "q=\"a b\"", "has fields");
	is_next("E: x", "and its stack");
	is_next(" at g", "line by line");
	rename(path, other);
	put(other, "late\n", 5, O_APPEND);
	append("new\n");
	is_next("late", "rotated: the old file first");
	is_next("new", "then the new one");
	put(path, "cut\n", 4, O_TRUNC);
	line = next_line();
	ok((line.flags & LOG_NOTICE) != 0, "a truncation is told");
	is_next("cut", "and read from its start");
	append("half");
	line = next_line();
	is_str(line.text.s, "half…", "a line without an end is shown");
	ok((line.flags & LOG_OPEN) != 0, "as open");
	append(" done\n");
	line = next_line();
	is_str(line.text.s, " done", "and its rest");
	ok((line.flags & LOG_CONT) != 0, "goes on with it");
	append("token=ghp_0123456789abcdefghijklmnopqrstuvwxyz\n");
	line = next_line();
	ok(strstr(line.text.s, "ghp_") == NULL &&
		strstr(line.text.s, "[redacted]") != NULL,
	    "secrets are hidden: %s", line.text.s);
	end();
}

/* Waits until the store has count lines; nobody is told of them. */
static bool
wait_lines(size_t count)
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	struct log_line out[8];

	while (clock_now() < deadline) {
		wake_drain(&store_news);
		if (logstore_copy(logs, 0, out, ARRAY_LEN(out), arena) == count)
			return true;
		io_wait(wake_fd(&store_news), IO_READ, deadline, NULL, NULL);
	}
	return false;
}

static void
test_unseen(void)
{
	char why[ERR_MSG_MAX];

	begin_unseen("a");
	start();
	ok(wait_code(ERR_WAITING, why), "a file that is missing: waiting");
	append("one\n");
	sched_refresh(sched);
	ok(wait_lines(1), "nobody looks: a poll reads what is there");
	append("two\n");
	sched_refresh(sched);
	ok(wait_lines(2), "and what has come since");
	next_seq = 2;
	logstore_subscribe(logs, &lines_wake);
	sched_check(sched, clock_now());
	append("three\n");
	is_next("three", "somebody looks: it is followed");
	end();
}

/*
 * Whether every byte of the line can be read back from what is shown of it.
 * CR before the line feed is no part of it; of what was cut, the count is.
 */
static bool
tells_all(struct text text, const char *from, const char *to)
{
	struct buf back = BUF_INIT(32 << 20);
	bool good;

	if (to > from && to[-1] == '\r' && *to == '\n')
		to--;
	if (to - from > LOGTAIL_LINE_MAX)
		return strstr(text.s, "…[+") != NULL;
	good = unescape(&back, text) && back.len == (size_t)(to - from) &&
	       memcmp(buf_cstr(&back), from, back.len) == 0;
	buf_release(&back);
	return good;
}

/* All the bad inputs: one line each, clean, and all of it seen. */
static void
test_bad_lines(void)
{
	size_t i, lines = 0;

	begin("a, format: plain, from: start");
	for (i = 0; i < BAD_LINES; i++) {
		size_t len;
		char *bytes = bad_line(i, &len), *lf, *from = bytes;
		struct log_line line;

		put(path, bytes, len, O_APPEND);
		append("\n");
		for (lf = bytes; lf != NULL; lf = lf == NULL ? NULL : lf + 1) {
			lf = memchr(lf, '\n', len - (size_t)(lf - bytes));
			lines++;
			line = next_line();
			if (!text_is_valid(line.text) ||
			    !tells_all(line.text, from,
				lf != NULL ? lf : bytes + len)) {
				ok(false, "bad input %zu", i + 1);
				break;
			}
			if (lf == NULL)
				break;
			from = lf + 1;
		}
		free(bytes);
	}
	ok(lines >= BAD_LINES, "%zu lines of bad input are clean", lines);
	append("end\n");
	is_next("end", "and nothing of them is left over");
	end();
}

/* A writer faster than any reader: all lines are here or counted. */
static void
test_burst(void)
{
	struct buf out = BUF_INIT(64 << 20);
	struct logstore_stats stats;
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	int i, k;

	begin("a");
	append("first\n");
	is_next("first", "followed");
	for (k = 0; k < 10; k++) {
		buf_clear(&out);
		for (i = 0; i < 10000; i++)
			buf_fmt(&out,
			    "2026-11-22T14:02:29.114Z INFO job %d of %d "
			    "was done in 12 ms\n",
			    i, k);
		append(buf_cstr(&out));
	}
	do {
		io_wait(wake_fd(&lines_wake), IO_READ, deadline, NULL, NULL);
		wake_drain(&lines_wake);
		logstore_stats(logs, &stats);
	} while (
	    stats.next_seq + stats.dropped < 100001 && clock_now() < deadline);
	is_int((int64_t)(stats.next_seq + stats.dropped), 100001,
	    "100,000 lines: stored and dropped make up what was written");
	ok(stats.evicted == stats.first_seq, "what made room is counted");
	buf_release(&out);
	end();
}

static void
test_many(void)
{
	char why[ERR_MSG_MAX];
	int i;

	begin("*.log");
	ok(wait_code(ERR_WAITING, why), "no file matches: %s", why);
	for (i = 0; i < 3; i++) {
		char file[128], words[32];

		snprintf(file, sizeof(file), "%s/%d.log", folder, i);
		snprintf(words, sizeof(words), "from %d\n", i);
		put(file, words, strlen(words), O_APPEND);
		words[strlen(words) - 1] = '\0';
		is_next(words, "a file that matches is followed");
		unlink(file);
	}
	end();
}

/* No folder to watch, no file in it: looked for all the same. */
static void
test_no_folder(void)
{
	char why[ERR_MSG_MAX], sub[96], file[128];

	snprintf(sub, sizeof(sub), "%s/sub", folder);
	snprintf(file, sizeof(file), "%s/a", sub);
	begin("sub/a");
	ok(wait_code(ERR_WAITING, why), "no folder: %s", why);
	mkdir(sub, 0755);
	put(file, "there\n", 6, O_APPEND);
	is_next("there", "its file is found");
	put(file, "more\n", 5, O_APPEND);
	is_next("more", "and followed");
	unlink(file);
	rmdir(sub);
	end();
}

/* Every allocation fails once: lines are stored or counted, all of them. */
static void
test_memory(void)
{
	const char *line = "{\"msg\":\"x\",\"level\":50,\"a\":{\"b\":1}}";
	struct logstore *small = logstore_new(0, NULL);
	struct logstore_stats stats;
	size_t n;
	int i, lost = 0, wrong = 0;

	for (n = 1; n < 120; n++) {
		struct logingest *ingest = NULL;
		uint64_t before;

		logstore_stats(small, &stats);
		before = stats.next_seq + stats.dropped;
		if (logingest_new(small, 0, NULL, LOGPARSE_AUTO, LOGTIME_UTC,
			&ingest, NULL) != ERR_OK)
			exit(1);
		mem_fail_at(n, false);
		for (i = 0; i < 20; i++)
			logingest_line(ingest, line, strlen(line), 0, 0);
		mem_fail_at(0, false);
		logingest_flush(ingest);
		if (logingest_counts(ingest)->lost > 0)
			lost++;
		logingest_free(ingest);
		logstore_stats(small, &stats);
		if (stats.next_seq + stats.dropped != before + 20)
			wrong++;
	}
	is_int(wrong, 0, "20 lines come to 20, stored or counted");
	ok(lost > 0, "some could not be stored");
	logstore_free(small);
}

static void
test_not_a_file(void)
{
	char why[ERR_MSG_MAX];

	mkdir(path, 0755);
	begin("a");
	ok(wait_code(ERR_UNSUPPORTED, why), "a folder: %s", why);
	end();
	rmdir(path);
}

static void
test_options(void)
{
	struct err err = ERR_INIT;

	ok(opt_table_check(src_logfile.options, &err), "rows are sound: %s",
	    err.msg);
	ok(load("a, from: middle") == ERR_CONFIG, "a wrong word is refused");
	ok(load("a, max_line: 1MB") == ERR_CONFIG, "so is a long line");
	ok(load("a, nonsense: 1") == ERR_CONFIG, "and an unknown key");
	ok(load("a, from: start, zone: local, tail: 1KiB") == ERR_OK,
	    "what is right is taken");
	platform = platform_free(platform);
}

int
main(void)
{
	snprintf(folder, sizeof(folder), "/tmp/sevtop-logfile-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/a", folder);
	snprintf(other, sizeof(other), "%s/b", folder);
	RUN(test_follow);
	RUN(test_unseen);
	RUN(test_bad_lines);
	RUN(test_burst);
	RUN(test_many);
	RUN(test_no_folder);
	RUN(test_memory);
	RUN(test_not_a_file);
	RUN(test_options);
	rmdir(folder);
	return tap_done();
}
