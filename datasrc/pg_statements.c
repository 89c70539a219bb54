#include "datasrc/pg_statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/text.h"

struct pg_statement_entry {
	int64_t id;
	int64_t user;
	int64_t database;
	double calls;
	double ms;
	double max_ms;
	double rows;
	double io_ms;
};

struct pg_statement_text {
	int64_t id;
	char *text; /* as it came; NULL: a free place */
	size_t len;
};

/* Columns of PG_ASK_STATEMENTS. */
enum {
	C_ID,
	C_USER,
	C_DATABASE,
	C_CALLS,
	C_MS,
	C_MAX_MS,
	C_ROWS,
	C_IO_MS,
};

void
pg_statements_release(struct pg_statements *s)
{
	for (size_t i = 0; s->texts != NULL && i < PG_TEXTS_MAX; i++)
		mem_free(s->texts[i].text);
	mem_free(s->texts);
	mem_free(s->last);
	*s = (struct pg_statements)PG_STATEMENTS_INIT;
}

static int
entry_order(const void *a, const void *b)
{
	const struct pg_statement_entry *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->user != y->user)
		return x->user < y->user ? -1 : 1;
	return (x->database > y->database) - (x->database < y->database);
}

static int
statement_order(const void *a, const void *b)
{
	const struct pg_statement *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms > y->ms ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static size_t
entries_read(const struct pg_result *result, struct pg_statement_entry *list)
{
	size_t n = 0;

	for (size_t i = 0; i < pg_result_rows(result); i++) {
		double calls = pg_result_num(result, i, C_CALLS);
		double ms = pg_result_num(result, i, C_MS);

		if (isnan(calls) || isnan(ms))
			continue;
		list[n++] = (struct pg_statement_entry) {
			.id = pg_result_int(result, i, C_ID, 0),
			.user = pg_result_int(result, i, C_USER, 0),
			.database = pg_result_int(result, i, C_DATABASE, 0),
			.calls = calls,
			.ms = ms,
			.max_ms = pg_result_num(result, i, C_MAX_MS),
			.rows = pg_result_num(result, i, C_ROWS),
			.io_ms = pg_result_num(result, i, C_IO_MS),
		};
	}
	qsort(list, n, sizeof(*list), entry_order);
	return n;
}

/*
 * What an entry has grown by, in the place of its totals. Both lists have
 * the same order; *at moves on in the older one.
 */
static bool
entry_grow(
    const struct pg_statements *s, size_t *at, struct pg_statement_entry *now)
{
	const struct pg_statement_entry *old;

	while (*at < s->last_count && entry_order(&s->last[*at], now) < 0)
		(*at)++;
	if (*at == s->last_count || entry_order(&s->last[*at], now) != 0)
		return s->last_whole;
	old = &s->last[*at];
	/* Fewer calls than before: it began anew, and this is its growth. */
	if (now->calls < old->calls || now->ms < old->ms)
		return true;
	now->calls -= old->calls;
	now->ms -= old->ms;
	now->rows -= old->rows;
	now->io_ms -= old->io_ms;
	return true;
}

/* Growth of each statement into list, over all users and databases. */
static size_t
grown(const struct pg_statements *s, const struct pg_statement_entry *entries,
    size_t count, struct pg_statement *list)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		struct pg_statement_entry e = entries[i];
		struct pg_statement *to;

		if (!entry_grow(s, &at, &e) || !(e.calls > 0))
			continue;
		if (n == 0 || list[n - 1].id != e.id)
			list[n++] = (struct pg_statement) { .id = e.id };
		to = &list[n - 1];
		to->calls += e.calls;
		to->ms += e.ms;
		to->max_ms = fmax(to->max_ms, e.max_ms);
		to->rows += e.rows;
		to->io_ms += e.io_ms;
	}
	return n;
}

static void
top_take(struct pg_statements *s, struct pg_statement *list, size_t count)
{
	qsort(list, count, sizeof(*list), statement_order);
	s->count = count;
	s->calls = 0;
	s->ms = 0;
	for (size_t i = 0; i < count; i++) {
		s->calls += list[i].calls;
		s->ms += list[i].ms;
	}
	s->top_count = count < PG_TOP_MAX ? count : PG_TOP_MAX;
	memcpy(s->top, list, s->top_count * sizeof(*list));
}

enum err_code
pg_statements_read(struct pg_statements *s, const struct pg_result *result,
    const struct pg_result *resets, double now_s, struct err *err)
{
	size_t rows = pg_result_rows(result), count;
	double evicted = pg_result_num(resets, 0, 0);
	struct pg_statement_entry *entries =
	    mem_calloc(rows + 1, sizeof(*entries));
	struct pg_statement *list = mem_calloc(rows + 1, sizeof(*list));
	enum err_code code = ERR_OK;

	if (entries == NULL || list == NULL) {
		code = err_set(err, ERR_NOMEM, "postgres", "no memory");
		goto out;
	}
	count = entries_read(result, entries);
	s->span_s = s->last_s > 0 && now_s > s->last_s ? now_s - s->last_s : 0;
	s->evictions = evicted - s->evicted;
	if (s->span_s > 0)
		top_take(s, list, grown(s, entries, count, list));
	mem_free(s->last);
	s->last = entries;
	s->last_count = count;
	s->last_whole = rows < PG_STATEMENTS_MAX;
	s->last_s = now_s;
	s->evicted = evicted;
	entries = NULL;
out:
	mem_free(entries);
	mem_free(list);
	return code;
}

/* Texts ---------------------------------------------------------------------
 */

static const struct pg_statement_text *
kept_text(const struct pg_statements *s, int64_t id)
{
	for (size_t i = 0; s->texts != NULL && i < PG_TEXTS_MAX; i++)
		if (s->texts[i].text != NULL && s->texts[i].id == id)
			return &s->texts[i];
	return NULL;
}

static bool
is_top(const struct pg_statements *s, int64_t id)
{
	for (size_t i = 0; i < s->top_count; i++)
		if (s->top[i].id == id)
			return true;
	return false;
}

/* A free place, or that of a text which is not shown. */
static struct pg_statement_text *
text_place(struct pg_statements *s)
{
	for (size_t i = 0; i < PG_TEXTS_MAX; i++)
		if (s->texts[i].text == NULL)
			return &s->texts[i];
	for (size_t i = 0; i < PG_TEXTS_MAX; i++)
		if (!is_top(s, s->texts[i].id))
			return &s->texts[i];
	return NULL;
}

bool
pg_statements_missing(const struct pg_statements *s, char out[PG_IDS_TEXT_LEN])
{
	size_t len = 0;

	for (size_t i = 0; i < s->top_count; i++)
		if (kept_text(s, s->top[i].id) == NULL)
			len += (size_t)snprintf(out + len,
			    PG_IDS_TEXT_LEN - len, "%c%lld",
			    len == 0 ? '{' : ',', (long long)s->top[i].id);
	if (len == 0)
		return false;
	snprintf(out + len, PG_IDS_TEXT_LEN - len, "}");
	return true;
}

enum err_code
pg_statements_texts(
    struct pg_statements *s, const struct pg_result *result, struct err *err)
{
	if (s->texts == NULL)
		s->texts = mem_calloc(PG_TEXTS_MAX, sizeof(*s->texts));
	if (s->texts == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	for (size_t i = 0; i < pg_result_rows(result); i++) {
		int64_t id = pg_result_int(result, i, 0, 0);
		struct pg_statement_text *place = text_place(s);
		const char *text = "";
		size_t len = 0;
		char *copy;

		pg_result_str(result, i, 1, &text, &len);
		if (place == NULL || !is_top(s, id) || kept_text(s, id) != NULL)
			continue;
		copy = mem_strdup(text);
		if (copy == NULL)
			return err_set(err, ERR_NOMEM, "postgres", "no memory");
		mem_free(place->text);
		*place = (struct pg_statement_text) { id, copy, len };
	}
	return ERR_OK;
}

/* Rows ----------------------------------------------------------------------
 */

static const struct column statement_columns[] = {
	{ TEXT_INIT("calls_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("time_share"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("mean_ms"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("max_ms"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("rows_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("io_share"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("query"), COLUMN_TEXT, NUM_NONE },
};

static void
statement_row(struct build *build, const struct pg_statements *s,
    const struct pg_statement *top, bool io_timing,
    const struct redactor *redactor)
{
	const struct pg_statement_text *text = kept_text(s, top->id);

	build_row(build,
	    text_fmt(build_arena(build), "%lld", (long long)top->id), STATE_OK);
	build_cell_num(build, 0, top->calls / s->span_s);
	build_cell_num(build, 1, top->ms / 1000 / s->span_s);
	build_cell_num(build, 2, top->ms / top->calls);
	build_cell_num(build, 3, top->max_ms);
	build_cell_num(build, 4, top->rows / s->span_s);
	build_cell_num(
	    build, 5, io_timing && top->ms > 0 ? top->io_ms / top->ms : NAN);
	if (text != NULL)
		build_cell_text(build, 6,
		    pg_line(text->text, text->len, redactor, build_arena(build),
			PG_TEXT_MAX));
}

void
pg_statements_report(struct build *build, const struct pg_statements *s,
    bool io_timing, const struct redactor *redactor)
{
	struct arena *arena = build_arena(build);
	double mean = s->calls > 0 ? s->ms / s->calls / 1000 : NAN;
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], c[NUM_TEXT_MAX];

	build_table(build, TEXT("statements"), statement_columns,
	    ARRAY_LEN(statement_columns));
	if (s->span_s <= 0) {
		build_health(build, TEXT("statements"), STATE_OK,
		    TEXT("read once; the next reading shows what is slow now"),
		    -1);
		return;
	}
	for (size_t i = 0; i < s->top_count; i++)
		statement_row(build, s, &s->top[i], io_timing, redactor);
	build_gauge(build, TEXT("pg_statement_seconds"), NUM_SECONDS, mean);
	build_health(build, TEXT("statements"), STATE_OK,
	    text_fmt(arena, "%zu ran in %s, %s, mean %s%s", s->count,
		num_human(a, s->span_s, NUM_SECONDS),
		num_human(b, s->calls / s->span_s, NUM_PER_SECOND),
		num_human(c, mean, NUM_SECONDS),
		s->evictions > 0 ? "; entries were evicted: raise "
				   "pg_stat_statements.max"
				 : ""),
	    -1);
}
