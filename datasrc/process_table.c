#include "datasrc/process_table.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/regex.h"
#include "datasrc/limits.h"
#include "model/limits.h"

/* One cell of a line; s NULL: none. */
struct process_cell {
	const char *s;
	size_t len;
	size_t at; /* byte of the line at which it begins */
};

/* The columns of a table, as they are known. */
struct process_columns {
	struct buf names;		   /* each followed by a NUL */
	size_t start[PAYLOAD_COLUMNS_MAX]; /* of its name in names */
	size_t at[PAYLOAD_COLUMNS_MAX];	   /* where the header has it */
	size_t group[PAYLOAD_COLUMNS_MAX]; /* of the pattern */
	size_t count;
	bool placed; /* at counts */
};

static bool
process_is_space(char c)
{
	return c == ' ' || c == '\t';
}

static void
process_trim(struct process_cell *cell)
{
	while (cell->len > 0 && process_is_space(cell->s[cell->len - 1]))
		cell->len--;
	while (cell->len > 0 && process_is_space(*cell->s)) {
		cell->s++;
		cell->at++;
		cell->len--;
	}
}

/* Blanks end a cell, two of them where single ones may be inside. */
static size_t
process_split_blanks(const char *line, size_t len, size_t wide,
    struct process_cell *cells, size_t max)
{
	size_t count = 0, i = 0;

	while (count < max) {
		size_t from;

		while (i < len && process_is_space(line[i]))
			i++;
		if (i == len)
			break;
		from = i;
		while (i < len) {
			size_t blanks = 0;

			while (i + blanks < len &&
			       process_is_space(line[i + blanks]))
				blanks++;
			if (blanks >= wide || i + blanks == len)
				break;
			i += blanks + 1;
		}
		/* The last cell has the rest, blanks and all. */
		if (count + 1 == max)
			i = len;
		cells[count] =
		    (struct process_cell) { line + from, i - from, from };
		process_trim(&cells[count++]);
	}
	return count;
}

static size_t
process_split_char(const char *line, size_t len, char separator,
    struct process_cell *cells, size_t max)
{
	size_t count = 0, from = 0;

	while (count < max) {
		const char *stop = memchr(line + from, separator, len - from);
		size_t to = stop != NULL ? (size_t)(stop - line) : len;

		if (count + 1 == max)
			to = len;
		cells[count] =
		    (struct process_cell) { line + from, to - from, from };
		process_trim(&cells[count++]);
		if (to == len)
			break;
		from = to + 1;
	}
	return count;
}

/* Cells begin where the names of the columns do. */
static size_t
process_split_placed(const char *line, size_t len,
    const struct process_columns *columns, struct process_cell *cells)
{
	for (size_t i = 0; i < columns->count; i++) {
		size_t from = columns->at[i], to = len;

		if (i + 1 < columns->count && columns->at[i + 1] < len)
			to = columns->at[i + 1];
		if (from > len)
			from = len;
		if (to < from)
			to = from;
		cells[i] =
		    (struct process_cell) { line + from, to - from, from };
		process_trim(&cells[i]);
	}
	return columns->count;
}

static size_t
process_split(const struct process_form *form,
    const struct process_columns *columns, const char *line, size_t len,
    struct process_cell *cells)
{
	static const char chars[] = { [PROCESS_TAB] = '\t',
		[PROCESS_COMMA] = ',',
		[PROCESS_COLON] = ':',
		[PROCESS_BAR] = '|' };
	size_t max = columns->count > 0 ? columns->count : PAYLOAD_COLUMNS_MAX;

	if (columns->placed)
		return process_split_placed(line, len, columns, cells);
	switch ((enum process_separator)form->separator) {
	case PROCESS_BLANKS:
		return process_split_blanks(line, len, 1, cells, max);
	case PROCESS_WIDE:
		return process_split_blanks(line, len, 2, cells, max);
	default:
		return process_split_char(
		    line, len, chars[form->separator], cells, max);
	}
}

/* The named groups of the line; false when it does not match. */
static enum regex_result
process_match(const struct regex *pattern,
    const struct process_columns *columns, const char *line, size_t len,
    struct process_cell *cells)
{
	struct regex_span spans[PROCESS_GROUPS_MAX];
	enum regex_result result =
	    regex_capture(pattern, line, len, spans, PROCESS_GROUPS_MAX);

	for (size_t i = 0; result == REGEX_MATCH && i < columns->count; i++) {
		const struct regex_span *span = &spans[columns->group[i]];

		cells[i] = (struct process_cell) { .s = NULL };
		if (span->from != SIZE_MAX)
			cells[i] = (struct process_cell) { line + span->from,
				span->to - span->from, span->from };
	}
	return result;
}

static bool
process_column_add(struct process_columns *columns, const char *name,
    size_t len, size_t at, size_t group)
{
	size_t i = columns->count;

	if (len >= NAME_MAX_LEN)
		len = NAME_MAX_LEN - 1;
	columns->start[i] = columns->names.len;
	columns->at[i] = at;
	columns->group[i] = group;
	columns->count++;
	/* A name of the output may hold anything; a NUL ends it. */
	return buf_add(&columns->names, name, len) &&
	       buf_char(&columns->names, '\0');
}

/* Names from the configuration or the pattern; none of both: not yet. */
static bool
process_columns_given(struct process_columns *columns,
    const struct process_form *form, const struct regex *pattern)
{
	struct regex_group groups[PAYLOAD_COLUMNS_MAX];
	bool good = true;
	size_t count;

	for (size_t i = 0; i < form->names.count; i++)
		good &= process_column_add(columns, form->names.items[i],
		    strlen(form->names.items[i]), 0, 0);
	if (pattern == NULL)
		return good;
	count = regex_groups(pattern, groups, PAYLOAD_COLUMNS_MAX);
	for (size_t i = 0; i < count; i++)
		if (groups[i].number < PROCESS_GROUPS_MAX)
			good &= process_column_add(columns, groups[i].name,
			    strlen(groups[i].name), 0, groups[i].number);
	return good;
}

static bool
process_columns_header(struct process_columns *columns,
    const struct process_form *form, const char *line, size_t len)
{
	struct process_cell cells[PAYLOAD_COLUMNS_MAX];
	size_t count = process_split(form, columns, line, len, cells);
	bool good = true;

	for (size_t i = 0; i < count; i++)
		good &= process_column_add(
		    columns, cells[i].s, cells[i].len, cells[i].at, 0);
	columns->placed = form->separator == PROCESS_WIDE;
	return good;
}

static bool
process_row(struct cJSON *list, const struct process_columns *columns,
    const struct process_cell *cells, size_t count)
{
	struct cJSON *row = json_new_object();

	for (size_t i = 0; row != NULL && i < count && i < columns->count;
	     i++) {
		const char *name =
		    buf_cstr(&columns->names) + columns->start[i];

		/* Two columns of one name: the first is meant. */
		if (cells[i].s == NULL || json_member(row, name) != NULL)
			continue;
		if (!json_put(
			row, name, json_new_text(cells[i].s, cells[i].len)))
			row = json_free(row);
	}
	return row != NULL && json_put(list, NULL, row);
}

static enum err_code
process_table_fill(const struct process_form *form, const struct regex *pattern,
    const char *bytes, size_t len, struct process_columns *columns,
    struct cJSON *list, struct err *err)
{
	struct process_cell cells[PAYLOAD_COLUMNS_MAX];
	const char *at = bytes, *line;
	size_t n, rows = 0;
	bool good =
	    list != NULL && process_columns_given(columns, form, pattern);

	while (good && rows < PROCESS_ROWS_MAX &&
	       process_line(&at, bytes + len, &line, &n)) {
		enum regex_result result = REGEX_MATCH;
		size_t count;

		if (process_is_blank(line, n))
			continue;
		if (columns->count == 0) {
			good = process_columns_header(columns, form, line, n);
			continue;
		}
		count = columns->count;
		if (pattern != NULL)
			result =
			    process_match(pattern, columns, line, n, cells);
		else
			count = process_split(form, columns, line, n, cells);
		if (result == REGEX_TOO_COSTLY)
			return err_set(err, ERR_TOOBIG, "process",
			    "the pattern is too costly for what was printed");
		if (result == REGEX_NO_MATCH)
			continue;
		rows++;
		good = process_row(list, columns, cells, count);
	}
	return good ? ERR_OK
		    : err_set(err, ERR_NOMEM, "process",
			  "no memory for the output");
}

enum err_code
process_table(const struct process_form *form, const struct regex *pattern,
    const char *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	struct process_columns columns = { .count = 0 };
	struct cJSON *list = json_new_list();
	enum err_code code;

	buf_init(&columns.names, PROCESS_NAMES_MAX);
	code =
	    process_table_fill(form, pattern, bytes, len, &columns, list, err);
	buf_release(&columns.names);
	if (code == ERR_OK)
		*ret_root = list;
	else
		json_free(list);
	return code;
}
