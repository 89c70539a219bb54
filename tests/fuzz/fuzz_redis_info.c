/*
 * Texts of a Redis server: INFO, CLIENT LIST, a version, a failure reason.
 * Words stay inside the text, keys hold no colon, numbers are finite or
 * missing, every row of the report is drawable, folding twice changes
 * nothing more.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasrc/bullmq_dialect.h"
#include "datasrc/bullmq_workers.h"
#include "datasrc/reason_fold.h"
#include "datasrc/redis_info.h"
#include "datasrc/redis_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct redis_info info;

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_word(struct redis_word word, const char *text, size_t len)
{
	check(word.at == NULL ||
	      (word.at >= text && word.at + word.len <= text + len));
}

static void
check_info(const char *text, size_t len)
{
	redis_info_parse(&info, text, len);
	check(info.count <= REDIS_INFO_LINES_MAX);
	for (size_t i = 0; i < info.count; i++) {
		struct redis_word key = info.lines[i].key;
		double v = redis_word_field(info.lines[i].value, "keys");

		check_word(key, text, len);
		check_word(info.lines[i].value, text, len);
		check(key.len > 0 && memchr(key.at, ':', key.len) == NULL);
		check(memchr(key.at, '\n', key.len) == NULL);
		check(isnan(v) || isfinite(v));
	}
	check(!isinf(redis_info_num(&info, "used_memory")));
}

static void
check_clients(const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	const char *names[] = { "bull:cnVuUHJvbXB0", "" };
	struct bullmq_workers workers[2];
	struct redis_client client;
	size_t n = 0;

	while (redis_client_next(&at, end, &client)) {
		check(at <= end);
		check_word(client.name, text, len);
		check_word(client.cmd, text, len);
		n++;
	}
	bullmq_workers_count(text, len, names, 2, workers);
	check(workers[0].count + workers[1].count <= n);
}

/* The same text twice: the second report differs by the first. */
static void
check_report(void)
{
	struct redis_sample last = { .known = false };
	char loading[REDIS_LOADING_TEXT_LEN];
	struct payload *payload;

	redis_report_loading(&info, loading);
	for (int i = 0; i < 2; i++) {
		struct build *build = build_new();

		check(build != NULL);
		redis_report_info(build, &info, &last, 1795000000000 + i);
		payload = build_finish(build, NULL);
		build_free(build);
		check(payload != NULL);
		for (size_t h = 0; h < payload->health_count; h++)
			check(text_is_valid(payload->health[h].detail));
		for (size_t e = 0; e < payload->event_count; e++)
			check(text_is_valid(payload->events[e].text));
		for (size_t m = 0; m < payload->metric_count; m++)
			check(!isinf(payload->metrics[m].value));
		payload_unref(payload);
	}
}

static void
check_fold(const char *text, size_t len)
{
	char once[200], twice[200];
	size_t n = reason_fold(text, len, once, sizeof(once));

	check(n <= len && n < sizeof(once) && once[n] == '\0');
	check(memchr(once, '\n', n) == NULL);
	check(reason_fold(once, n, twice, sizeof(twice)) == n);
	check(memcmp(once, twice, n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct bullmq_evidence e = { .events = true };
	bool sure;

	check_info(text, size);
	check_report();
	check_clients(text, size);
	check_fold(text, size);
	snprintf(e.version, sizeof(e.version), "%.*s",
	    (int)(size < 40 ? size : 40), text);
	check(bullmq_dialect_of(&e, &sure) <= BULLMQ_6);
	return 0;
}
