/*
 * How fast bytes from outside become safe text, in processor time. Prints
 * figures for people; nothing depends on them.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/regex.h"
#include "base/text.h"

enum {
	ROUNDS = 200000
};

static const char *const lines[] = {
	"14:02:29.114 ERROR api ProviderError perplexity 429 too many requests",
	"{\"level\":\"info\",\"time\":\"2026-11-22T14:02:31.114Z\",\"msg\":"
	"\"request completed\",\"req\":{\"method\":\"GET\",\"url\":\"/v1/admin"
	"/system\",\"remoteAddress\":\"10.0.0.12\"},\"res\":{\"statusCode\":200"
	"},\"responseTime\":12,\"id\":\"0b7a4c1e-77aa-4d63-9e1b-"
	"6f2f4d2f9c11\"}",
	"10.0.0.5 - - [22/Nov/2026:14:02:31 +0000] \"GET /api/v1/search?q=hello"
	"+world&page=2 HTTP/1.1\" 200 5123 \"https://example.com/start\" "
	"\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"",
	"2026-11-22 14:02:31,114 [worker-3] WARN  c.e.jobs.Runner - job "
	"runPrompt took 2412 ms, tokens=812 model=sonar-pro cost=0.0041",
	"\033[33mwarn\033[0m r\xc3\xa9seau: d\xc3\xa9lai d\xc3\xa9pass\xc3\xa9"
	" \xe2\x86\x92 nouvel essai dans 4\xc2\xa0s \xf0\x9f\x99\x82",
};

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
report(const char *what, size_t bytes, double seconds)
{
	printf("%-34s %7.0f MB/s %9.0f ns each\n", what,
	    (double)bytes / seconds / 1e6, seconds / ROUNDS * 1e9);
}

static struct redactor *
make_redactor(void)
{
	static const char *const values[] = { "postgresql-password-1",
		"hunter2hunter2", "redis://:abcdefg@host:1/0",
		"A9f8s7df98as7df98as7df", "correct horse battery",
		"Xk29aL0pQmn", "zzzzzzzzzz", "service-role-key-8823",
		"perplexity-0123456789", "admin-token-2026" };
	struct redactor *redactor = redactor_new();
	struct err err = ERR_INIT;

	for (size_t i = 0; redactor != NULL && i < ARRAY_LEN(values); i++) {
		if (redactor_add(
			redactor, values[i], strlen(values[i]), &err) != ERR_OK)
			printf("%s\n", err_text(&err));
	}
	return redactor;
}

static void
bench_clean(const char *what, const struct redactor *redactor, bool redact)
{
	struct arena *arena = NULL;
	double start = cpu_seconds();
	size_t bytes = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const char *line = lines[(size_t)i % ARRAY_LEN(lines)];
		size_t len = strlen(line);

		if (i % 1000 == 0) {
			arena_free(arena);
			arena = arena_new((size_t)8 << 20);
		}
		if (arena == NULL)
			return;
		if (redact)
			text_ingest(redactor, arena, line, len, TEXT_LINE_MAX);
		else
			text_clean(arena, line, len, TEXT_LINE_MAX);
		bytes += len;
	}
	report(what, bytes, cpu_seconds() - start);
	arena_free(arena);
}

static void
bench_redact(const char *what, const struct redactor *redactor, size_t from,
    size_t count)
{
	struct buf out = BUF_INIT(1 << 16);
	double start = cpu_seconds();
	size_t bytes = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const char *line = lines[from + (size_t)i % count];
		size_t len = strlen(line);

		buf_clear(&out);
		if (!redact_bytes(redactor, &out, line, len))
			printf("redaction failed\n");
		bytes += len;
	}
	report(what, bytes, cpu_seconds() - start);
	buf_release(&out);
}

static void
bench_numbers(const char *number)
{
	size_t len = strlen(number);
	double start = cpu_seconds(), value, sum = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if (num_parse_double(number, len, &value))
			sum += value;
	}
	printf("%-34s %22.1f ns each%s\n", number,
	    (cpu_seconds() - start) / ROUNDS * 1e9, sum < 0 ? " " : "");
}

static void
bench_regex(const char *pattern)
{
	struct regex *regex = NULL;
	struct err err = ERR_INIT;
	double start = cpu_seconds();
	size_t bytes = 0, matches = 0;

	if (regex_new(pattern, strlen(pattern), REGEX_ICASE, &regex, &err) !=
	    ERR_OK) {
		printf("%s\n", err_text(&err));
		return;
	}
	for (int i = 0; i < ROUNDS; i++) {
		const char *line = lines[(size_t)i % ARRAY_LEN(lines)];

		bytes += strlen(line);
		matches += regex_match(regex, line, strlen(line), 0, NULL,
			       NULL) == REGEX_MATCH;
	}
	report(pattern, bytes, cpu_seconds() - start);
	regex_free(regex);
}

int
main(void)
{
	static const char *const numbers[] = { "1", "0.005", "1204", "3.14159",
		"1.7e-05", "0.30000000000000004", "1.234567890123456e+09",
		"+Inf", "9007199254740993.00000000000000001" };
	struct redactor *redactor = make_redactor();

	bench_clean("clean", NULL, false);
	bench_clean("redact (no values), clean", NULL, true);
	bench_clean("redact (10 values), clean", redactor, true);
	bench_redact("redact, no values", NULL, 0, 4);
	bench_redact("redact, 10 values", redactor, 0, 4);
	bench_regex("error|warn");
	bench_regex("took \\d{4,} ms");
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		bench_numbers(numbers[i]);
	redactor_free(redactor);
	return 0;
}
