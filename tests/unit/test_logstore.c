/* The store of log lines: order, bounds, counting, many threads. */
#include "model/logstore.h"

#include <string.h>

#include "base/clock.h"
#include "model/limits.h"
#include "tests/tap.h"

enum {
	WRITERS = 3,
	LINES_EACH = 40000,
};

static struct logstore *
make(size_t bytes)
{
	struct logstore *logs = logstore_new(bytes, NULL);

	if (logs == NULL)
		exit(1);
	return logs;
}

static struct text
raw(const char *s)
{
	return (struct text) {
		.s = s, .len = (uint32_t)strlen(s), .width = (uint32_t)strlen(s)
	};
}

static void
add(struct logstore *logs, uint16_t source, const char *s)
{
	struct log_line line = {
		.wall_ms = 7,
		.read_at = 5 * NS_PER_SEC,
		.source = source,
		.level = LOG_LEVEL_WARN,
		.flags = LOG_CONT,
		.has_time = true,
		.text = raw(s),
		.fields = raw("k=v"),
	};

	logstore_append(logs, &line, 1);
}

static void
test_copy(void)
{
	struct logstore *logs = make(0);
	struct arena *arena = arena_new(1 << 20);
	struct log_line out[4];
	struct logstore_stats stats;
	uint16_t source = 99;

	ok(logstore_add_source(logs, "a\033pi", &source, NULL) == ERR_OK,
	    "a source registers");
	is_int(source, 0, "its number");
	ok(text_is_valid(logstore_source_name(logs, 0)), "its name is clean");
	is_int(logstore_source_name(logs, 1).len, 0, "others have no name");
	is_int((int64_t)logstore_copy(logs, 0, out, 4, arena), 0, "no lines");
	add(logs, source, "one");
	add(logs, source, "two");
	add(logs, source, "three");
	is_int((int64_t)logstore_copy(logs, 1, out, 4, arena), 2,
	    "lines from seq 1");
	is_str(out[0].text.s, "two", "text");
	is_str(out[0].fields.s, "k=v", "fields");
	is_int((int64_t)out[1].seq, 2, "seq");
	is_int(out[0].wall_ms, 7, "time");
	ok(out[0].has_time && out[0].level == LOG_LEVEL_WARN &&
		out[0].flags == LOG_CONT && out[0].source == source,
	    "the rest of a line");
	is_int((int64_t)logstore_copy(logs, 3, out, 4, arena), 0,
	    "nothing behind the end");
	is_int(
	    (int64_t)logstore_copy(logs, 0, out, 2, arena), 2, "at most max");
	logstore_count_dropped(logs, 12);
	logstore_stats(logs, &stats);
	is_int((int64_t)stats.dropped, 12, "dropped lines are counted");
	is_int((int64_t)stats.next_seq, 3, "next seq");
	is_int((int64_t)stats.evicted, 0, "none went");
	is_near(logstore_rate(logs, 6 * NS_PER_SEC), 3.0 / LOG_RATE_SECONDS,
	    1e-9, "lines a second");
	is_near(
	    logstore_rate(logs, 60 * NS_PER_SEC), 0, 1e-9, "and later none");
	arena_free(arena);
	logstore_free(logs);
}

/* Lines of many sizes: what is there is always the newest, whole. */
static void
test_bounds(void)
{
	struct logstore *logs = make(0);
	struct logstore_stats stats;
	char *big = mem_alloc(LOG_TEXT_MAX + 100);
	uint64_t i, seq;
	unsigned seed = 7;
	bool good = true;

	memset(big, 'x', LOG_TEXT_MAX + 99);
	big[LOG_TEXT_MAX + 99] = '\0';
	for (i = 0; i < 20000; i++) {
		struct log_line line = { .wall_ms = (int64_t)i };

		seed = seed * 1103515245 + 12345;
		line.text = raw("");
		line.text.s = big;
		line.text.len = line.text.width = seed / 65536 % 3000;
		if (i % 997 == 0)
			line.text.len = line.text.width = LOG_TEXT_MAX + 99;
		logstore_append(logs, &line, 1);
	}
	logstore_stats(logs, &stats);
	is_int((int64_t)stats.next_seq, 20000, "all were numbered");
	ok(stats.first_seq > 0 && stats.evicted == stats.first_seq,
	    "the oldest went, and are counted");
	ok(stats.bytes <= stats.max_bytes, "within the bytes");
	for (seq = 0; seq < stats.next_seq;) {
		struct log_line out[64];
		struct arena *arena = arena_new(8 << 20);
		size_t n = logstore_copy(logs, seq, out, 64, arena), k;

		if (n == 0) {
			good = false;
			break;
		}
		for (k = 0; k < n; k++)
			good =
			    good && out[k].wall_ms == (int64_t)out[k].seq &&
			    out[k].text.len <= LOG_TEXT_MAX &&
			    out[k].text.s[out[k].text.len] == '\0' &&
			    (out[k].text.len == 0 || out[k].text.s[0] == 'x');
		seq = out[n - 1].seq + 1;
		arena_free(arena);
	}
	ok(good, "every line that is left is whole and in order");
	mem_free(big);
	logstore_free(logs);
}

/* More than one batch: all that was asked for, as far as there is room. */
static void
test_large_copy(void)
{
	struct logstore *logs = make(4 << 20);
	struct arena *arena = arena_new(4 << 20), *small = arena_new(300000);
	struct log_line *out = mem_calloc(2000, sizeof(*out));
	char words[1001];
	int i;

	memset(words, 'x', 1000);
	words[1000] = '\0';
	for (i = 0; i < 2000; i++)
		add(logs, 0, words);
	is_int((int64_t)logstore_copy(logs, 0, out, 2000, arena), 2000,
	    "as many lines as were asked for");
	is_int((int64_t)out[1999].seq, 1999, "to the newest");
	i = (int)logstore_copy(logs, 0, out, 2000, small);
	ok(i > 200 && i < 300, "as many as the arena has room for: %d", i);
	mem_free(out);
	arena_free(arena);
	arena_free(small);
	logstore_free(logs);
}

static void
test_tiny_lines(void)
{
	struct logstore *logs = make(0);
	struct logstore_stats stats;
	struct log_line line = { .text = raw(""), .fields = raw("") };
	int i;

	for (i = 0; i < 100000; i++)
		logstore_append(logs, &line, 1);
	logstore_stats(logs, &stats);
	ok(stats.next_seq - stats.first_seq <= LOG_STORE_MIN / 64,
	    "the index is bounded as well");
	logstore_free(logs);
}

static void
test_limits(void)
{
	struct logstore *logs = make(0);
	struct err err = ERR_INIT;
	uint16_t source = 0;
	int i;

	for (i = 0; i < LOG_SOURCES_MAX; i++)
		if (logstore_add_source(logs, "s", &source, &err) != ERR_OK)
			break;
	is_int(i, LOG_SOURCES_MAX, "as many sources as allowed");
	ok(logstore_add_source(logs, "s", &source, &err) == ERR_LIMIT,
	    "one more is refused");
	ok(strstr(err.msg, "64") != NULL, "with the limit in words");
	logstore_free(logs);
	mem_fail_at(2, true);
	ok(logstore_new(1 << 20, &err) == NULL && err.code == ERR_NOMEM,
	    "no memory is an error");
	mem_fail_at(0, false);
	ok(logstore_free(NULL) == NULL, "NULL is allowed");
}

struct job {
	struct logstore *logs;
	uint16_t source;
	atomic_int *writing;
};

static void *
write_lines(void *arg)
{
	struct job *job = arg;
	struct log_line lines[50];
	int i, k;

	for (i = 0; i < LINES_EACH; i += 50) {
		for (k = 0; k < 50; k++)
			lines[k] = (struct log_line) { .wall_ms = i + k,
				.source = job->source,
				.text = raw("a line of usual length, more or "
					    "less, for the store"),
				.fields = raw("") };
		logstore_append(job->logs, lines, 50);
	}
	atomic_fetch_sub(job->writing, 1);
	return NULL;
}

static void
test_threads(void)
{
	struct logstore *logs = make(64 << 20);
	struct thread threads[WRITERS];
	struct job jobs[WRITERS];
	atomic_int writing = WRITERS;
	struct wake wake, reader;
	struct logstore_stats stats;
	int64_t next[WRITERS] = { 0 };
	uint64_t seq = 0;
	bool good = true;
	int i;

	if (wake_init(&wake, NULL) != ERR_OK ||
	    wake_init(&reader, NULL) != ERR_OK)
		return;
	ok(!logstore_has_subscriber(logs), "nobody listens");
	logstore_tell_reader(logs, &reader);
	logstore_subscribe(logs, &wake);
	ok(logstore_has_subscriber(logs), "somebody does");
	ok(atomic_load(&reader.pending), "which the reader is told");
	for (i = 0; i < WRITERS; i++) {
		jobs[i] = (struct job) { logs, (uint16_t)i, &writing };
		if (thread_start(&threads[i], "writer", write_lines, &jobs[i],
			NULL) != ERR_OK)
			exit(1);
	}
	for (;;) {
		bool last = atomic_load(&writing) == 0;
		struct log_line out[256];
		struct arena *arena = arena_new(1 << 20);
		size_t n = logstore_copy(logs, seq, out, 256, arena), k;

		for (k = 0; k < n; k++) {
			good = good && out[k].seq == seq++ &&
			       out[k].wall_ms == next[out[k].source]++;
		}
		arena_free(arena);
		if (last && n == 0)
			break;
	}
	for (i = 0; i < WRITERS; i++)
		thread_join(&threads[i]);
	ok(good, "a reader sees every line once, in order");
	is_int((int64_t)seq, WRITERS * LINES_EACH, "all of them");
	ok(atomic_load(&wake.pending), "the subscriber was woken");
	logstore_stats(logs, &stats);
	is_int((int64_t)stats.evicted, 0, "nothing had to go");
	wake_drain(&reader);
	logstore_subscribe(logs, NULL);
	ok(atomic_load(&reader.pending), "and that it is over");
	wake_release(&reader);
	wake_release(&wake);
	logstore_free(logs);
}

int
main(void)
{
	RUN(test_copy);
	RUN(test_bounds);
	RUN(test_large_copy);
	RUN(test_tiny_lines);
	RUN(test_limits);
	RUN(test_threads);
	return tap_done();
}
