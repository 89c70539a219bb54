#include "datasrc/process_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/limits.h"
#include "datasrc/logcount.h"
#include "datasrc/logingest.h"
#include "datasrc/process_read.h"
#include "datasrc/source.h"

struct process_log {
	struct logingest *ingest;
	struct logcount *searches;
	uint64_t *seen; /* hashes of the last output's lines, sorted */
	size_t count;
};

enum err_code
process_log_new(
    const struct source_env *env, struct process_log **ret_log, struct err *err)
{
	struct process_log *log = mem_calloc(1, sizeof(*log));
	enum err_code code;

	if (log == NULL)
		return err_set(err, ERR_NOMEM, "process", "no memory");
	code = logingest_new(env->logs, env->log_source, env->redactor,
	    LOGPARSE_SERVICES, LOGTIME_UTC, &log->ingest, err);
	if (code == ERR_OK)
		code = logcount_new(env->platform,
		    logstore_source_name(env->logs, env->log_source),
		    &log->searches, err);
	if (code == ERR_OK)
		logingest_count(log->ingest, log->searches);
	if (code == ERR_OK)
		*ret_log = log;
	else
		process_log_free(log);
	return code;
}

struct process_log *
process_log_free(struct process_log *log)
{
	if (log == NULL)
		return NULL;
	logingest_free(log->ingest);
	logcount_free(log->searches);
	mem_free(log->seen);
	mem_free(log);
	return NULL;
}

/* FNV-1a: nobody gains from two lines that look the same to us. */
static uint64_t
process_log_hash(const char *line, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		hash =
		    (hash ^ (unsigned char)line[i]) * UINT64_C(1099511628211);
	return hash;
}

static int
process_log_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The first of those that equal hash in the sorted list; count: none. */
static size_t
process_log_find(const uint64_t *list, size_t count, uint64_t hash)
{
	size_t from = 0, to = count;

	while (from < to) {
		size_t half = from + (to - from) / 2;

		if (list[half] < hash)
			from = half + 1;
		else
			to = half;
	}
	return from < count && list[from] == hash ? from : count;
}

static size_t
process_log_count(const uint64_t *list, size_t count, uint64_t hash)
{
	size_t at = process_log_find(list, count, hash), n = 0;

	while (at + n < count && list[at + n] == hash)
		n++;
	return n;
}

/* The lines that count: the last ones, and none that are blank. */
struct process_lines {
	const char *at;
	const char *end;
	size_t skip;
};

static bool
process_lines_next(
    struct process_lines *lines, const char **ret_line, size_t *ret_len)
{
	while (process_line(&lines->at, lines->end, ret_line, ret_len)) {
		if (process_is_blank(*ret_line, *ret_len))
			continue;
		if (lines->skip == 0)
			return true;
		lines->skip--;
	}
	return false;
}

static size_t
process_lines_total(struct process_lines lines)
{
	const char *line;
	size_t len, n = 0;

	while (process_lines_next(&lines, &line, &len))
		n++;
	return n;
}

static void
process_log_line(struct process_log *log, const char *line, size_t len)
{
	size_t kept = len < LOGTAIL_LINE_MAX ? len : LOGTAIL_LINE_MAX;

	logingest_line(log->ingest, line, kept, len - kept, 0);
}

void
process_log_take(struct process_log *log, const char *bytes, size_t len)
{
	const struct process_lines all = { bytes, bytes + len, 0 };
	struct process_lines lines = all;
	size_t total = process_lines_total(all), count = 0, n;
	uint64_t *sorted;
	uint32_t *taken; /* beside the first of equal hashes: how many came */
	const char *line;

	if (total > PROCESS_LINES_MAX)
		lines.skip = total - PROCESS_LINES_MAX;
	total -= lines.skip;
	sorted = mem_calloc(total + 1, sizeof(*sorted));
	taken = mem_calloc(total + 1, sizeof(*taken));
	if (sorted == NULL || taken == NULL)
		goto out; /* the next output brings them again */
	for (struct process_lines l = lines; process_lines_next(&l, &line, &n);)
		sorted[count++] = process_log_hash(line, n);
	qsort(sorted, count, sizeof(*sorted), process_log_compare);
	logingest_at(log->ingest, clock_now(), clock_wall_ms());
	while (process_lines_next(&lines, &line, &n)) {
		uint64_t hash = process_log_hash(line, n);
		size_t place = process_log_find(sorted, count, hash);

		if (taken[place]++ >=
		    process_log_count(log->seen, log->count, hash))
			process_log_line(log, line, n);
	}
	logingest_flush(log->ingest);
	mem_free(log->seen);
	log->seen = sorted;
	log->count = count;
	sorted = NULL;
out:
	mem_free(sorted);
	mem_free(taken);
}

void
process_log_report(const struct process_log *log, struct build *build)
{
	logcount_report(log->searches, build);
}
