/*
 * The first byte says which of Google's documents the rest is. Whatever it
 * holds, it is refused with words or read; texts may be drawn, a value that
 * is not a switch stays hidden.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/textbuf.h"
#include "datasrc/gcp_answer.h"
#include "datasrc/gcp_entry.h"
#include "datasrc/gcp_estate.h"
#include "datasrc/gcp_filter.h"
#include "datasrc/gcp_key.h"
#include "datasrc/gcp_run.h"
#include "datasrc/gcp_run_watch.h"
#include "model/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_key(const char *bytes, size_t len)
{
	struct gcp_key key = { .id = NULL };
	struct err err = ERR_INIT;

	if (gcp_key_parse("F", bytes, len, &key, &err) == ERR_OK)
		check(key.id != NULL && key.secret != NULL);
	else
		check(err.msg[0] != '\0');
	gcp_key_release(&key);
}

static void
check_token(const char *bytes, size_t len)
{
	struct secret *token = NULL;
	struct err err = ERR_INIT;
	int64_t life = 0;

	if (gcp_answer_token(bytes, len, &token, &life, &err) == ERR_OK)
		check(life > 0 && secret_len(token) != 0);
	else
		check(err.msg[0] != '\0');
	secret_free(token);
}

static void
check_errors(const char *bytes, size_t len)
{
	static const int statuses[] = { 400, 401, 403, 404, 429, 500, 503 };
	struct err err = ERR_INIT;
	int64_t retry = 0;

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		check(gcp_answer_error(statuses[i], bytes, len, "Run", &retry,
			  &err) != ERR_OK);
		check(err.msg[0] != '\0' && retry >= 0);
		check(gcp_answer_refusal(
			  statuses[i], bytes, len, "log in", &err) != ERR_OK);
		check(err.msg[0] != '\0');
	}
}

static void
check_payload(const struct payload *payload)
{
	for (size_t i = 0; i < payload->event_count; i++)
		check(text_is_valid(payload->events[i].text));
	for (size_t i = 0; i < payload->health_count; i++)
		check(text_is_valid(payload->health[i].detail));
	for (size_t i = 0; i < payload->table_count; i++) {
		const struct table *t = &payload->tables[i];

		for (size_t r = 0; r < t->row_count; r++) {
			check(text_is_valid(t->rows[r].key));
			for (size_t c = 0; c < t->column_count; c++)
				check(text_is_valid(t->rows[r].cells[c].text));
		}
	}
}

static void
check_run(const char *bytes, size_t len)
{
	struct build *build = build_new();
	struct cJSON *root = NULL;
	struct payload *payload;
	struct run_watch watch;
	struct run_service s;
	struct run_revision rev;
	struct run_list list = { .services = &s, .revisions = &rev };

	if (build == NULL || json_parse(bytes, len, &root, NULL) != ERR_OK) {
		build_free(build);
		return;
	}
	run_watch_init(&watch);
	const struct run_reader reader = { .arena = build_arena(build),
		.region = "r",
		.wall_ms = INT64_C(1795356149000) };
	list.service_count = run_service_read(&reader, root, &s);
	list.revision_count = run_revision_read(&reader, root, &rev);
	run_report(&list, build);
	if (list.service_count != 0)
		run_watch_service(&watch, &s, 1, build);
	payload = build_finish(build, NULL);
	if (payload != NULL)
		check_payload(payload);
	payload_unref(payload);
	run_watch_release(&watch);
	build_free(build);
	json_free(root);
}

/* An instance, a connector or a build. */
static void
check_estate(const struct gcp_estate_kind *kind, const char *bytes, size_t len)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct gcp_item item = { .region = TEXT("r"), .detail = TEXT_EMPTY };
	const struct gcp_value to = { .arena = arena,
		.wall_ms = INT64_C(1795356149000) };
	struct cJSON *root = NULL;
	struct text_buf tb;

	for (size_t c = 0; c < GCP_ESTATE_COLUMNS_MAX; c++)
		item.cells[c] = (struct table_cell) { TEXT_EMPTY, NAN };
	if (arena != NULL && json_parse(bytes, len, &root, NULL) == ERR_OK) {
		kind->read(&to, root, &item);
		check(item.word.len > 0 && text_is_valid(item.word));
		check(text_is_valid(item.name) && text_is_valid(item.detail));
		for (size_t c = 2; c < kind->column_count; c++)
			check(text_is_valid(item.cells[c].text));
		tb_init(&tb);
		(void)kind->tell(&item, "", &tb);
		check(text_is_valid(tb_end(&tb)));
	}
	json_free(root);
	arena_free(arena);
}

/* A filter, and the entry that it was made for. */
static void
check_filter(const char *bytes, size_t len)
{
	const char *lf = memchr(bytes, '\n', len);
	size_t expr_len = lf != NULL ? (size_t)(lf - bytes) : len;
	struct buf expr = BUF_INIT(GCP_FILTER_MAX + 16);
	struct gcp_filter *filter = NULL;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;

	buf_add(&expr, bytes, expr_len);
	if (lf == NULL ||
	    json_parse(lf + 1, len - expr_len - 1, &root, NULL) != ERR_OK)
		root = NULL;
	if (gcp_filter_new(buf_cstr(&expr), &filter, &err) == ERR_OK)
		(void)gcp_filter_match(filter, root);
	else
		check(err.code != ERR_OK && err.msg[0] != '\0');
	gcp_filter_free(filter);
	json_free(root);
	buf_release(&expr);
}

/* An entry as a line, and its time. */
static void
check_entry(const char *bytes, size_t len)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct gcp_entry_reader reader;
	struct cJSON *root = NULL;
	char text[GCP_STAMP_LEN];
	struct gcp_stamp again;
	struct gcp_entry entry;
	struct gcp_mark mark;

	gcp_entry_reader_init(&reader);
	if (arena != NULL && json_parse(bytes, len, &root, NULL) == ERR_OK) {
		gcp_entry_mark(root, INT64_C(1795356149000), &mark);
		check(mark.at.ns >= 0 && mark.at.ns < 1000000000);
		check(gcp_stamp_parse(gcp_stamp_text(mark.at, text), &again));
		check(gcp_stamp_order(mark.at, again) == 0);
		(void)gcp_entry_read(
		    &reader, root, &mark, "a\0b\0", arena, &entry);
	}
	gcp_entry_reader_release(&reader);
	json_free(root);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'k':
		check_key(bytes, size - 1);
		break;
	case 't':
		check_token(bytes, size - 1);
		break;
	case 'b':
		check_estate(&gcp_estate_build, bytes, size - 1);
		break;
	case 'r':
		check_estate(&gcp_estate_redis, bytes, size - 1);
		break;
	case 'v':
		check_estate(&gcp_estate_vpc, bytes, size - 1);
		break;
	case 'f':
		check_filter(bytes, size - 1);
		break;
	case 'l':
		check_entry(bytes, size - 1);
		break;
	case 'e':
		check_errors(bytes, size - 1);
		break;
	default:
		check_run(bytes, size - 1);
	}
	return 0;
}
