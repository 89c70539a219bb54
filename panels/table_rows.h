/*
 * The rows of all tables of one name, from all sources, as one list: for
 * panels that know which columns they show. (panels/table_list.h shows a
 * table as it is.)
 *
 * Where several sources have such a table, each key has its source in front,
 * so that a selection never jumps from one server to another.
 * thread: UI.
 */
#ifndef SEV_PANELS_TABLE_ROWS_H
#define SEV_PANELS_TABLE_ROWS_H

#include "panels/list.h"
#include "panels/panel.h"

struct table_ref {
	const struct section *section;
	const struct table *table;
	size_t row;
	size_t slot;	 /* of the section */
	struct text key; /* in the list */
	double rank;
};

struct table_rows;

struct rows_column {
	const char *column; /* of the table; NULL: put() draws it */
	struct list_column list;
	bool age;    /* seconds, drawn as an age: "4m12s" */
	bool source; /* whose row it is; only there where several are */
	bool sparse; /* left out while no row has one */

	/* Optional: draws the cell. */
	void (*put)(const struct table_rows *rows, const struct table_ref *ref,
	    struct text_buf *out);

	/* Optional: what it sorts by, where that is not the column. */
	double (*num)(const struct table_ref *ref);
};

struct rows_want {
	const char *table;
	bool of_actions; /* the engine's own, instead of the sources' */
	const struct rows_column *columns;
	size_t column_count; /* at most LIST_COLUMNS_MAX */
	int state_column;    /* drawn in the role of the row's state; -1 */

	bool tags; /* rows can be tagged: something acts on several */

	/* Optional: only rows whose text in the column only is of. */
	const char *only;
	struct text of;

	/* Optional: higher ones come first, NaN leaves the row out. */
	double (*rank)(const struct table *table, size_t row);

	/* Optional: what search and filter look at; the key without. */
	struct text (*match)(const struct table_ref *ref, struct arena *arena);
};

struct table_rows {
	const struct panel_ctx *ctx;
	const struct rows_want *want;
	struct arena *arena; /* owns refs, keys, matches */
	struct table_ref *refs;
	struct text *matches;
	size_t count;
	size_t sources; /* that have such a table */
	struct list_column columns[LIST_COLUMNS_MAX];
};

/*
 * False: out of memory; rows is then empty. want and ctx are borrowed.
 * Released by table_rows_release() in both cases.
 */
bool table_rows_collect(struct table_rows *rows, const struct panel_ctx *ctx,
    const struct rows_want *want);
void table_rows_release(struct table_rows *rows);

/* For rows_want.match: the key and all texts of the row. */
struct text table_rows_words(const struct table_ref *ref, struct arena *arena);

/* Borrowed from rows. */
struct list_data table_rows_data(struct table_rows *rows);

/* Selects the first row whose key in its table is key; false: none is. */
bool table_rows_select(
    const struct table_rows *rows, struct list_view *view, struct text key);

/* The selected row, or those tagged, for panel_ops.target; false: none. */
bool table_rows_target(struct table_rows *rows, const struct list_view *view,
    struct panel_target *out);

/* What the cell shows; column is an index into want->columns. */
void table_rows_cell(const struct table_rows *rows, const struct table_ref *ref,
    size_t column, struct text_buf *out);

/* The cell of a table by its column's kind and unit. */
void put_cell(struct text_buf *out, const struct panel_ctx *ctx,
    const struct table *table, size_t row, size_t column);

/* Cells of the row; NaN and the empty text when there is no such column. */
double ref_num(const struct table_ref *ref, const char *column);
struct text ref_text(const struct table_ref *ref, const char *column);

/* Seconds as an age: "4m12s"; a dash when missing. */
void put_seconds(struct text_buf *out, double seconds);

#endif
