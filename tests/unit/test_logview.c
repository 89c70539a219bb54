/* Views on the log store: filters, runs, search, histogram, the thread. */
#include "model/logview.h"

#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "model/limits.h"
#include "tests/tap.h"

#define NOW  (1000 * NS_PER_SEC)
#define WALL INT64_C(1795356151000)

static struct logstore *logs;
static struct logview *view;

static void
begin(void)
{
	uint16_t source;

	logs = logstore_new(1 << 20, NULL);
	if (logs == NULL || logstore_add_source(logs, "api", &source, NULL) ||
	    logstore_add_source(logs, "jobs", &source, NULL))
		exit(1);
	view = logview_new(logs, NULL);
	if (view == NULL)
		exit(1);
}

static void
end(void)
{
	view = logview_free(view);
	logs = logstore_free(logs);
}

static void
add(uint16_t source, enum log_level level, unsigned flags, const char *s)
{
	struct log_line line = {
		.wall_ms = WALL - 1000,
		.read_at = NOW,
		.source = source,
		.level = (uint8_t)level,
		.flags = (uint8_t)flags,
		.text = text_lit(s),
		.fields = TEXT_EMPTY,
	};

	logstore_append(logs, &line, 1);
}

static void
kick(void)
{
	logview_kick(view, NOW, WALL);
}

static void
filter(const char *expr, enum log_level level)
{
	struct logfilter *f = NULL;

	if (logfilter_new(expr, &f, NULL) != ERR_OK)
		exit(1);
	logview_set_filter(view, f, level);
	kick();
}

static void
search(const char *expr)
{
	struct logfilter *f = NULL;

	if (logfilter_new(expr, &f, NULL) != ERR_OK)
		exit(1);
	logview_set_search(view, f);
	kick();
}

static struct logview_status
status(void)
{
	struct logview_status st;

	logview_status(view, &st);
	return st;
}

/* "seq:run+conts flag" of all matches in one string. */
static const char *
listing(void)
{
	static char text[1024];
	struct logview_status st = status();
	struct logmatch m;
	size_t len = 0;
	uint64_t n;

	text[0] = '\0';
	for (n = st.first; n < st.next; n++) {
		if (logview_copy(view, n, &m, 1) != 1)
			break;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%d:%u%s%s", len > 0 ? " " : "", (int)m.seq, m.run,
		    m.conts > 0 ? "+" : "",
		    (m.flags & LOGMATCH_HIT) != 0 ? "*" : "");
	}
	return text;
}

static void
test_filter(void)
{
	begin();
	add(0, LOG_LEVEL_INFO, 0, "start");
	add(0, LOG_LEVEL_ERROR, 0, "boom");
	add(0, LOG_LEVEL_ERROR, LOG_CONT, "    at f");
	add(1, LOG_LEVEL_WARN, 0, "retry");
	add(0, LOG_LEVEL_ERROR, LOG_CONT, "    at g");
	add(0, LOG_LEVEL_NONE, 0, "no level");
	kick();
	is_str(listing(), "0:0 1:0+ 3:0 5:0", "what goes on has no number");
	is_int((int64_t)status().matched, 6, "all lines passed");
	is_int((int64_t)status().scanned, 6, "all were looked at");
	is_int((int64_t)status().waiting, 0, "none is left");
	filter("", LOG_LEVEL_WARN);
	is_str(listing(), "1:0+ 3:0", "lowest level");
	is_int((int64_t)status().matched, 4, "with what goes on");
	is_int((int64_t)status().generation, 1, "a new generation");
	filter("!boom", LOG_LEVEL_NONE);
	is_str(listing(), "0:0 3:0 5:0", "a stack goes with its head");
	filter("at", LOG_LEVEL_NONE);
	is_str(listing(), "2:0 4:0", "or comes alone when only it matches");
	filter("boom", LOG_LEVEL_NONE);
	is_str(listing(), "1:0+", "a head brings its stack");
	add(0, LOG_LEVEL_INFO, 0, "boom again");
	kick();
	is_str(listing(), "1:0+ 6:0", "new lines are looked at");
	filter("/^(a+)+$/", LOG_LEVEL_NONE);
	add(0, LOG_LEVEL_INFO, 0,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
	kick();
	is_str(listing(), "7:0", "a line too costly to look at is shown");
	is_int((int64_t)status().costly, 1, "and counted");
	end();
}

static void
test_runs(void)
{
	uint64_t n;

	begin();
	add(0, LOG_LEVEL_ERROR, 0, "429 job 18231 of 7");
	add(0, LOG_LEVEL_ERROR, 0, "429 job 18232 of 8");
	add(0, LOG_LEVEL_ERROR, LOG_CONT, "   at f");
	add(0, LOG_LEVEL_ERROR, 0, "429 job 1 of 9");
	add(1, LOG_LEVEL_ERROR, 0, "429 job 1 of 9");
	add(1, LOG_LEVEL_WARN, 0, "429 job 1 of 9");
	add(1, LOG_LEVEL_WARN, 0, "429 jobs 1 of 9");
	kick();
	is_str(listing(), "0:0 1:1+ 3:2 4:0 5:0 6:0", "runs of the same");
	is_int((int64_t)logview_run_end(view, 0), 2, "end of a run");
	is_int((int64_t)logview_run_end(view, 1), 2, "from its middle");
	is_int((int64_t)logview_run_end(view, 2), 2, "from its end");
	is_int((int64_t)logview_run_end(view, 3), 3, "of a line alone");
	for (n = 0; n < 500; n++)
		add(1, LOG_LEVEL_WARN, 0, "429 jobs 1 of 9");
	kick();
	is_int((int64_t)logview_run_end(view, 5), 505, "of a long one");
	add(0, LOG_LEVEL_INFO, 0, "GET /1");
	add(0, LOG_LEVEL_INFO, 0, "GET /1");
	add(0, LOG_LEVEL_INFO, 0, "GET /2");
	kick();
	is_int((int64_t)logview_run_end(view, 506), 507,
	    "of equal lines below warn");
	is_int((int64_t)logview_find(view, 4), 3, "number of a line");
	is_int((int64_t)logview_find(view, 2), 2, "or of the one behind");
	is_int((int64_t)logview_find(view, 9999), 509, "or of none");
	end();
}

static void
test_search(void)
{
	uint64_t n = 0;
	int i;

	begin();
	add(0, LOG_LEVEL_INFO, 0, "one");
	add(0, LOG_LEVEL_ERROR, 0, "two");
	add(0, LOG_LEVEL_ERROR, LOG_CONT, "  at deep");
	add(0, LOG_LEVEL_INFO, 0, "three two");
	kick();
	search("two");
	is_str(listing(), "0:0 1:0+* 3:0*", "what the search matched");
	is_int((int64_t)status().hits, 2, "counted");
	is_int((int64_t)status().unsearched, 0, "all of it searched");
	search("deep");
	is_str(listing(), "0:0 1:0+* 3:0", "in what goes on, too");
	add(0, LOG_LEVEL_INFO, 0, "deep");
	kick();
	is_str(listing(), "0:0 1:0+* 3:0 4:0*", "in new lines");
	ok(logview_seek(view, 0, true, LOGVIEW_HIT, &n) && n == 1, "next hit");
	ok(logview_seek(view, 1, true, LOGVIEW_HIT, &n) && n == 3,
	    "the one after");
	ok(!logview_seek(view, 3, true, LOGVIEW_HIT, &n), "no more");
	ok(logview_seek(view, 3, false, LOGVIEW_HIT, &n) && n == 1,
	    "hit before");
	ok(logview_seek(view, 9, false, LOGVIEW_ERROR, &n) && n == 1,
	    "error before");
	ok(!logview_seek(view, 1, false, LOGVIEW_ERROR, &n), "none before it");
	for (i = 0; i < 1000; i++)
		add(0, LOG_LEVEL_INFO, 0, i % 10 == 0 ? "needle" : "hay");
	kick();
	search("needle");
	is_int((int64_t)status().hits, 100, "many steps");
	filter("needle", LOG_LEVEL_NONE);
	is_int((int64_t)status().hits, 100, "kept through a new filter");
	is_int((int64_t)(status().next - status().first), 100, "of as many");
	logview_set_search(view, NULL);
	kick();
	is_int((int64_t)status().hits, 0, "no search, no hits");
	end();
}

static void
test_histogram(void)
{
	struct logview_bucket b[4];
	struct log_line line = {
		.read_at = NOW, .text = TEXT("x"), .fields = TEXT_EMPTY
	};

	begin();
	line.wall_ms = WALL;
	logstore_append(logs, &line, 1);
	line.level = LOG_LEVEL_FATAL;
	line.wall_ms = WALL - 5000;
	logstore_append(logs, &line, 1);
	line.wall_ms = WALL + 3600000; /* claims to be of the future */
	logstore_append(logs, &line, 1);
	line.wall_ms = WALL - 3600000;
	logstore_append(logs, &line, 1);
	line.wall_ms = INT64_MIN;
	logstore_append(logs, &line, 1);
	kick();
	logview_histogram(view, WALL, b, 4);
	is_int(b[3].lines, 2, "lines of now");
	is_int(b[3].errors, 1, "errors apart");
	is_int(b[2].lines, 1, "and of before");
	is_int(b[0].lines + b[1].lines, 0, "nothing else");
	end();
}

/* Lines leave the store: the list never names one that is gone for long. */
static void
test_trim(void)
{
	struct logstore_stats stats;
	struct logmatch m;
	int i;

	begin();
	for (i = 0; i < 30000; i++) {
		add(0, LOG_LEVEL_INFO, 0,
		    i % 2 == 0 ? "a line of some length that repeats"
			       : "another line of some length, repeating");
		if (i % 15000 == 0)
			kick();
	}
	search("another");
	logstore_stats(logs, &stats);
	ok(stats.first_seq > 0, "lines went");
	is_int(logview_copy(view, status().first, &m, 1), 1, "first match");
	ok(m.seq >= stats.first_seq, "is a line that is there");
	ok(status().hits * 2 <= status().next - status().first + 1 &&
		status().hits > 0,
	    "hits of lines that went are not counted");
	ok(status().missed > 0, "lines nobody looked at are counted");
	is_int((int64_t)(status().scanned + status().missed), 30000,
	    "and nothing else is");
	end();
}

static void
test_list_bound(void)
{
	struct log_line line = { .text = TEXT("x"), .fields = TEXT_EMPTY };
	int i;

	logs = logstore_new(16 << 20, NULL);
	view = logview_new(logs, NULL);
	for (i = 0; i < LOGVIEW_MATCHES_MAX + 1000; i++)
		logstore_append(logs, &line, 1);
	kick();
	is_int((int64_t)(status().next - status().first), LOGVIEW_MATCHES_MAX,
	    "the list is bounded");
	is_int((int64_t)status().next, LOGVIEW_MATCHES_MAX + 1000,
	    "numbers go on");
	is_int((int64_t)logview_run_end(view, status().first),
	    (int64_t)status().next - 1, "a run that lost its head");
	end();
}

/* With somebody to tell, the work is done in a thread. */
static void
test_thread(void)
{
	struct wake wake;
	struct logview_status st = { .scanned = 0 };
	uint64_t writes = 0;
	int64_t deadline = clock_now() + 60 * NS_PER_SEC;

	if (wake_init(&wake, NULL) != ERR_OK)
		return;
	begin();
	logstore_subscribe(logs, &wake);
	search("even");
	while (st.scanned + st.missed < 20000 || st.unsearched > 0) {
		if (clock_now() > deadline)
			break;
		for (; writes < 20000 && writes < st.scanned + 512; writes++)
			add(0, LOG_LEVEL_INFO, 0,
			    writes % 2 == 0 ? "even" : "odd");
		if (writes == 5000 || writes == 15000)
			filter(writes == 5000 ? "even" : "", LOG_LEVEL_NONE);
		logview_kick(view, clock_now(), WALL);
		io_wait(wake_fd(&wake), IO_READ, clock_now() + NS_PER_SEC, NULL,
		    NULL);
		wake_drain(&wake);
		logview_status(view, &st);
	}
	ok(clock_now() < deadline, "the thread tells when it found something");
	ok(st.hits > 0, "and searched");
	view = logview_free(view);
	logstore_subscribe(logs, NULL);
	end();
	wake_release(&wake);
}

static void
test_no_memory(void)
{
	struct err err = ERR_INIT;
	size_t n;

	begin();
	for (n = 1; n <= 3; n++) {
		mem_fail_at(n, false);
		ok(logview_new(logs, &err) == NULL && err.code == ERR_NOMEM,
		    "no memory is an error");
		mem_fail_at(0, false);
	}
	add(0, LOG_LEVEL_INFO, 0, "x");
	mem_fail_at(1, true);
	logview_step(view);
	mem_fail_at(0, false);
	is_int((int64_t)status().scanned, 0, "nothing half done");
	kick();
	is_int((int64_t)status().scanned, 1, "done when there is memory");
	end();
	ok(logview_free(NULL) == NULL, "NULL is allowed");
}

int
main(void)
{
	RUN(test_filter);
	RUN(test_runs);
	RUN(test_search);
	RUN(test_histogram);
	RUN(test_trim);
	RUN(test_list_bound);
	RUN(test_thread);
	RUN(test_no_memory);
	return tap_done();
}
