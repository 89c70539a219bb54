#include "panels/table_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "panels/pick.h"

enum {
	ROWS_ARENA_MAX = 16 * 1024 * 1024
};

void
put_seconds(struct text_buf *out, double seconds)
{
	if (isfinite(seconds) && seconds < 1e9)
		tb_duration(out, (int64_t)(seconds * NS_PER_SEC));
	else
		tb_num(out, NAN, NUM_SECONDS);
}

void
put_cell(struct text_buf *out, const struct panel_ctx *ctx,
    const struct table *table, size_t row, size_t column)
{
	const struct table_cell *cell = &table->rows[row].cells[column];

	switch (table->columns[column].kind) {
	case COLUMN_TEXT:
	case COLUMN_STATE:
		tb_text(out, cell->text);
		break;
	case COLUMN_NUMBER:
		tb_num(out, cell->num, table->columns[column].unit);
		break;
	case COLUMN_WALL:
		when_cell(out, ctx, cell->num);
		break;
	}
}

double
ref_num(const struct table_ref *ref, const char *column)
{
	return pick_num(ref->table, ref->row, column);
}

struct text
ref_text(const struct table_ref *ref, const char *column)
{
	return pick_text(ref->table, ref->row, column);
}

/* Sections that are looked at. */
static size_t
rows_slots(const struct table_rows *rows)
{
	return rows->want->of_actions ? 1 : pick_source_count(rows->ctx);
}

static const struct table *
rows_table(const struct table_rows *rows, size_t slot,
    const struct section **ret_section)
{
	const struct section *section = rows->want->of_actions
					    ? rows->ctx->frame->actions
					    : pick_source(rows->ctx, slot);

	*ret_section = section;
	return section != NULL
		   ? payload_table(section->payload, rows->want->table)
		   : NULL;
}

/* How many rows there may be, and how many sources have such a table. */
static size_t
rows_wanted(struct table_rows *rows)
{
	const struct section *section;
	size_t n = 0;

	for (size_t slot = 0; slot < rows_slots(rows); slot++) {
		const struct table *table = rows_table(rows, slot, &section);

		n += table != NULL ? table->row_count : 0;
		rows->sources += table != NULL;
	}
	return n < LIST_ROWS_MAX ? n : LIST_ROWS_MAX;
}

static void
rows_add(struct table_rows *rows, size_t slot, size_t wanted)
{
	const struct section *section;
	const struct table *table = rows_table(rows, slot, &section);

	for (size_t r = 0;
	     table != NULL && r < table->row_count && rows->count < wanted;
	     r++) {
		struct table_ref *ref = &rows->refs[rows->count];
		double rank =
		    rows->want->rank != NULL ? rows->want->rank(table, r) : 0;

		if (isnan(rank) ||
		    (rows->want->only != NULL &&
			!text_eq(pick_text(table, r, rows->want->only),
			    rows->want->of)))
			continue;
		*ref = (struct table_ref) { section, table, r, slot,
			table->rows[r].key, rank };
		if (rows->sources > 1) {
			const struct text parts[] = { text_lit(section->key),
				TEXT("/"), ref->key };

			ref->key =
			    text_join(rows->arena, parts, ARRAY_LEN(parts));
		}
		rows->count++;
	}
}

/* Highest first, else as they came: qsort() alone would mix equal ones. */
static int
ref_compare(const void *a, const void *b)
{
	const struct table_ref *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return x->row < y->row ? -1 : 1;
}

struct text
table_rows_words(const struct table_ref *ref, struct arena *arena)
{
	struct text parts[2 * LIST_COLUMNS_MAX + 1] = { ref->key };
	size_t n = 1;

	for (size_t c = 0; c < ref->table->column_count; c++) {
		struct text text = ref->table->rows[ref->row].cells[c].text;

		if (text.len == 0 || n + 2 > ARRAY_LEN(parts))
			continue;
		parts[n++] = TEXT(" ");
		parts[n++] = text;
	}
	return text_join(arena, parts, n);
}

static bool
rows_match(struct table_rows *rows)
{
	if (rows->want->match == NULL)
		return true;
	rows->matches =
	    arena_array(rows->arena, rows->count, sizeof(*rows->matches));
	if (rows->matches == NULL)
		return rows->count == 0;
	for (size_t i = 0; i < rows->count; i++)
		rows->matches[i] =
		    rows->want->match(&rows->refs[i], rows->arena);
	return true;
}

static bool
has_cell(const struct table_rows *rows, const char *column)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct table_ref *ref = &rows->refs[i];

		if (ref_text(ref, column).len > 0 ||
		    !isnan(ref_num(ref, column)))
			return true;
	}
	return false;
}

/* Their room is for columns that say something. */
static void
rows_leave_out(struct table_rows *rows)
{
	for (size_t c = 0; c < rows->want->column_count; c++) {
		const struct rows_column *want = &rows->want->columns[c];

		if (want->sparse && !has_cell(rows, want->column))
			rows->columns[c].min_w = 0;
	}
}

bool
table_rows_collect(struct table_rows *rows, const struct panel_ctx *ctx,
    const struct rows_want *want)
{
	size_t wanted;

	*rows = (struct table_rows) { .ctx = ctx, .want = want };
	wanted = rows_wanted(rows);
	for (size_t c = 0; c < want->column_count; c++) {
		rows->columns[c] = want->columns[c].list;
		if (want->columns[c].source && rows->sources < 2)
			rows->columns[c].min_w = 0; /* left out */
	}
	rows->arena = arena_new(ROWS_ARENA_MAX);
	if (rows->arena == NULL)
		return false;
	rows->refs = arena_array(rows->arena, wanted, sizeof(*rows->refs));
	if (rows->refs == NULL)
		return wanted == 0;
	for (size_t slot = 0; slot < rows_slots(rows); slot++)
		rows_add(rows, slot, wanted);
	rows_leave_out(rows);
	if (want->rank != NULL && rows->count > 1)
		qsort(
		    rows->refs, rows->count, sizeof(*rows->refs), ref_compare);
	if (rows_match(rows))
		return true;
	rows->count = 0;
	return false;
}

void
table_rows_release(struct table_rows *rows)
{
	rows->arena = arena_free(rows->arena);
}

static const struct table_ref *
ref_at(const void *ctx, size_t row)
{
	return &((const struct table_rows *)ctx)->refs[row];
}

static struct text
row_key(const void *ctx, size_t row)
{
	return ref_at(ctx, row)->key;
}

static struct text
row_match(const void *ctx, size_t row)
{
	return ((const struct table_rows *)ctx)->matches[row];
}

static enum state
row_state(const void *ctx, size_t row)
{
	const struct table_ref *ref = ref_at(ctx, row);

	return ref->table->rows[ref->row].state;
}

static bool
row_stale(const void *ctx, size_t row)
{
	const struct table_rows *rows = ctx;

	return section_freshness(ref_at(ctx, row)->section, rows->ctx->now) !=
	       FRESH_OK;
}

/* Texts sort by what they show. */
static double
row_num(const void *ctx, size_t row, size_t column)
{
	const struct table_rows *rows = ctx;
	const struct table_ref *ref = ref_at(ctx, row);
	const struct rows_column *want = &rows->want->columns[column];
	int at;

	if (want->num != NULL)
		return want->num(ref);
	at = want->column != NULL ? table_column(ref->table, want->column) : -1;

	if (at < 0 || ref->table->columns[at].kind == COLUMN_TEXT)
		return NAN;
	return ref->table->rows[ref->row].cells[at].num;
}

void
table_rows_cell(const struct table_rows *rows, const struct table_ref *ref,
    size_t column, struct text_buf *out)
{
	const struct rows_column *want = &rows->want->columns[column];
	int at;

	if (want->put != NULL) {
		want->put(rows, ref, out);
		return;
	}
	if (want->source) {
		pick_put_source(out, rows->ctx, ref->section);
		return;
	}
	at = table_column(ref->table, want->column);
	if (at < 0)
		tb_num(out, NAN, NUM_NONE);
	else if (want->age)
		put_seconds(out, ref->table->rows[ref->row].cells[at].num);
	else
		put_cell(out, rows->ctx, ref->table, ref->row, (size_t)at);
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	table_rows_cell(ctx, ref_at(ctx, row), column, out);
}

struct list_data
table_rows_data(struct table_rows *rows)
{
	return (struct list_data) {
		.ctx = rows,
		.count = rows->count,
		.key = row_key,
		.state = row_state,
		.cell = row_cell,
		.num = row_num,
		.stale = row_stale,
		.match = rows->matches != NULL ? row_match : NULL,
		.columns = rows->columns,
		.column_count = rows->want->column_count,
		.state_column = rows->want->state_column,
		.tags = rows->want->tags,
	};
}

bool
table_rows_select(
    const struct table_rows *rows, struct list_view *view, struct text key)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct table_ref *ref = &rows->refs[i];

		if (!text_eq(ref->table->rows[ref->row].key, key))
			continue;
		list_select(view, ref->key);
		return true;
	}
	return false;
}

/* Those of one table: one plan is about one source. */
static void
target_tagged(struct table_rows *rows, const struct list_view *view,
    const struct list_data *data, struct panel_target *out)
{
	size_t at[ACTION_TARGETS_MAX];
	size_t count = list_tagged(view, data, at, ACTION_TARGETS_MAX);

	for (size_t i = 0; i < count; i++) {
		const struct table_ref *ref = &rows->refs[at[i]];

		if (i == 0) {
			out->section = ref->section;
			out->table = ref->table;
			out->row = &ref->table->rows[ref->row];
		}
		if (ref->table != out->table) {
			out->tagged_apart = true;
			continue;
		}
		out->tagged[out->tagged_count++] = &ref->table->rows[ref->row];
	}
}

bool
table_rows_target(struct table_rows *rows, const struct list_view *view,
    struct panel_target *out)
{
	struct list_data data = table_rows_data(rows);
	size_t selected = list_selected(view, &data);

	/* What a filter hides is not selected for anybody who looks. */
	if (selected == SIZE_MAX || view->shown == 0)
		return false;
	target_tagged(rows, view, &data, out);
	if (out->tagged_count > 0)
		return true;
	out->section = rows->refs[selected].section;
	out->table = rows->refs[selected].table;
	out->row = &out->table->rows[rows->refs[selected].row];
	return true;
}
