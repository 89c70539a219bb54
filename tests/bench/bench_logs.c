/*
 * How fast log lines are taken in, and what one costs: CPU time of one
 * core, best of three rounds. "ingest": bytes to a line in the store, taken
 * apart, redacted and cleaned. "follow": the same from a file on disk.
 * "filter": a view looking at every line in the store.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "datasrc/logingest.h"
#include "datasrc/logtail.h"
#include "model/logview.h"

enum {
	LINES = 200000,
	ROUNDS = 3,
	STORE_BYTES = 64 << 20
};

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
make_line(struct buf *out, int kind, int i)
{
	if (kind == 0)
		buf_fmt(out,
		    "2026-11-22T14:02:29.%03dZ INFO GET /v1/jobs/%d 200 in %d "
		    "ms from 10.0.0.%d",
		    i % 1000, 18000 + i, i % 90, i % 250);
	else
		buf_fmt(out,
		    "{\"level\":30,\"time\":%lld,\"pid\":7,\"hostname\":\"api-"
		    "1\",\"reqId\":\"7f3a%d\",\"msg\":\"request completed\","
		    "\"responseTime\":%d}",
		    1795356149000LL + i, i, i % 90);
}

static void
report(const char *what, const char *kind, double seconds, size_t bytes)
{
	printf("%-8s %-6s %9.0f lines/s  %6.2f us/line  %6.1f MB/s\n", what,
	    kind, LINES / seconds, seconds / LINES * 1e6,
	    (double)bytes / seconds / 1e6);
}

static void
on_line(void *ctx, const char *bytes, size_t len, uint64_t cut, unsigned flags)
{
	logingest_line(ctx, bytes, len, cut, flags);
}

static void
on_truncated(void *ctx)
{
	(void)ctx;
}

static void
on_dropped(void *ctx, uint64_t lines)
{
	(void)ctx;
	printf("# %llu lines dropped\n", (unsigned long long)lines);
}

static double
ingest_round(const struct buf *page, const struct redactor *redactor,
    struct logstore *logs)
{
	struct logingest *ingest = NULL;
	const char *s = page->data, *end = s + page->len, *lf;
	double from = cpu_seconds();

	if (logingest_new(logs, 0, redactor, LOGPARSE_AUTO, LOGTIME_UTC,
		&ingest, NULL) != ERR_OK)
		exit(1);
	logingest_at(ingest, clock_now(), clock_wall_ms());
	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		logingest_line(ingest, s, (size_t)(lf - s), 0, 0);
	}
	logingest_flush(ingest);
	logingest_free(ingest);
	return cpu_seconds() - from;
}

static double
follow_round(
    const char *path, const struct redactor *redactor, struct logstore *logs)
{
	struct logtail_options options = { .tail = -1 };
	struct logtail_sink sink = { NULL, on_line, on_truncated, on_dropped };
	struct logingest *ingest = NULL;
	struct logtail *tail = NULL;
	double from = cpu_seconds();

	if (logingest_new(logs, 0, redactor, LOGPARSE_AUTO, LOGTIME_UTC,
		&ingest, NULL) != ERR_OK)
		exit(1);
	sink.ctx = ingest;
	if (logtail_new(path, &options, &sink, &tail, NULL) != ERR_OK ||
	    logtail_check(tail, clock_now(), true, NULL) != ERR_OK)
		exit(1);
	logingest_at(ingest, clock_now(), clock_wall_ms());
	while (logtail_read(tail, clock_now(), 1 << 20))
		;
	logingest_flush(ingest);
	logtail_free(tail);
	logingest_free(ingest);
	return cpu_seconds() - from;
}

static double
filter_round(struct logstore *logs, const char *expr)
{
	struct logview *view = logview_new(logs, NULL);
	struct logfilter *filter = NULL;
	double from;

	if (view == NULL || logfilter_new(expr, &filter, NULL) != ERR_OK)
		exit(1);
	from = cpu_seconds();
	logview_set_filter(view, filter, LOG_LEVEL_NONE);
	while (logview_step(view))
		;
	from = cpu_seconds() - from;
	logview_free(view);
	return from;
}

static void
bench_kind(int kind, const char *name, const char *path)
{
	struct buf page = BUF_INIT(256 << 20);
	struct redactor *redactor = redactor_new();
	struct logstore *logs = logstore_new(STORE_BYTES, NULL);
	double ingest = 1e9, follow = 1e9, words = 1e9, regex = 1e9, t;
	uint16_t source;
	int i, fd;

	if (redactor == NULL || logs == NULL ||
	    logstore_add_source(logs, "api", &source, NULL) != ERR_OK)
		exit(1);
	for (i = 0; i < LINES; i++) {
		make_line(&page, kind, i);
		buf_char(&page, '\n');
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, page.data, page.len) != (ssize_t)page.len)
		exit(1);
	close(fd);
	for (i = 0; i < ROUNDS; i++) {
		t = ingest_round(&page, redactor, logs);
		ingest = t < ingest ? t : ingest;
		t = follow_round(path, redactor, logs);
		follow = t < follow ? t : follow;
		t = filter_round(logs, "timeout !healthz");
		words = t < words ? t : words;
		t = filter_round(logs, "/time(d )?out/");
		regex = t < regex ? t : regex;
	}
	report("ingest", name, ingest, page.len);
	report("follow", name, follow, page.len);
	report("words", name, words, page.len);
	report("regex", name, regex, page.len);
	logstore_free(logs);
	redactor_free(redactor);
	buf_release(&page);
}

int
main(void)
{
	char path[] = "/tmp/sevtop-bench-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	bench_kind(0, "plain", path);
	bench_kind(1, "json", path);
	unlink(path);
	return 0;
}
