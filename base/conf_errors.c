#include "base/conf_errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
conf_errors_clear(struct conf_errors *list)
{
	list->errors = 0;
	list->warnings = 0;
	list->count = 0;
}

/* The end of a long path says more than its beginning. */
static void
conf_errors_file(char out[CONF_FILE_MAX], const char *file)
{
	static const char dots[] = "...";
	size_t len = file != NULL ? strlen(file) : 0;

	if (len < CONF_FILE_MAX) {
		snprintf(out, CONF_FILE_MAX, "%s", file != NULL ? file : "");
		return;
	}
	snprintf(out, CONF_FILE_MAX, "%s%s", dots,
	    file + len - (CONF_FILE_MAX - sizeof(dots)));
}

/* The next free item with its place, or NULL when the list is full. */
static struct conf_error *
conf_errors_next(struct conf_errors *list, enum conf_severity severity,
    struct conf_pos pos, const char *hint)
{
	struct conf_error *item;

	if (severity == CONF_ERROR)
		list->errors++;
	else
		list->warnings++;
	if (list->count == CONF_ERRORS_MAX)
		return NULL;
	item = &list->items[list->count++];
	item->severity = severity;
	item->line = pos.line;
	item->column = pos.column;
	conf_errors_file(item->file, pos.file);
	snprintf(
	    item->hint, sizeof(item->hint), "%s", hint != NULL ? hint : "");
	return item;
}

/* A message is one line, whatever the file has put into it. */
static void
conf_errors_one_line(char *text)
{
	unsigned char *p;

	for (p = (unsigned char *)text; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = ' ';
	}
}

ATTR_PRINTF(5, 0)
static void
conf_errors_addv(struct conf_errors *list, enum conf_severity severity,
    struct conf_pos pos, const char *hint, const char *fmt, va_list ap)
{
	struct conf_error *item;

	if (list == NULL)
		return;
	item = conf_errors_next(list, severity, pos, hint);
	if (item == NULL)
		return;
	vsnprintf(item->msg, sizeof(item->msg), fmt, ap);
	conf_errors_one_line(item->msg);
	conf_errors_one_line(item->hint);
}

void
conf_errors_add(struct conf_errors *list, struct conf_pos pos, const char *hint,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_errors_addv(list, CONF_ERROR, pos, hint, fmt, ap);
	va_end(ap);
}

void
conf_errors_warn(struct conf_errors *list, struct conf_pos pos,
    const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_errors_addv(list, CONF_WARNING, pos, hint, fmt, ap);
	va_end(ap);
}

void
conf_errors_add_near(struct conf_errors *list, struct conf_pos pos,
    const char *near, const char *fmt, ...)
{
	char hint[CONF_HINT_MAX];
	va_list ap;

	hint[0] = '\0';
	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", near);
	va_start(ap, fmt);
	conf_errors_addv(list, CONF_ERROR, pos, hint, fmt, ap);
	va_end(ap);
}

static int
conf_errors_compare(const struct conf_error *a, const struct conf_error *b)
{
	int order = strcmp(a->file, b->file);

	if (order != 0)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return 0;
}

/* Insertion sort: the list is short, and equal places keep their order. */
void
conf_errors_sort(struct conf_errors *list)
{
	struct conf_error moved;
	size_t i, j;

	for (i = 1; i < list->count; i++) {
		if (conf_errors_compare(&list->items[i - 1], &list->items[i]) <=
		    0)
			continue;
		moved = list->items[i];
		for (j = i; j > 0; j--) {
			if (conf_errors_compare(&list->items[j - 1], &moved) <=
			    0)
				break;
			list->items[j] = list->items[j - 1];
		}
		list->items[j] = moved;
	}
}

static void
conf_errors_print_one(const struct conf_error *item, struct buf *out)
{
	buf_str(out, item->file);
	if (item->line != 0)
		buf_fmt(out, ":%u:%u", item->line, item->column);
	if (item->file[0] != '\0' || item->line != 0)
		buf_str(out, ": ");
	if (item->severity == CONF_WARNING)
		buf_str(out, "warning: ");
	buf_fmt(out, "%s\n", item->msg);
	if (item->hint[0] != '\0')
		buf_fmt(out, "\t%s\n", item->hint);
}

bool
conf_errors_print(const struct conf_errors *list, struct buf *out)
{
	size_t i, more = list->errors + list->warnings - list->count;

	for (i = 0; i < list->count; i++)
		conf_errors_print_one(&list->items[i], out);
	if (more > 0)
		buf_fmt(out, "and %zu more\n", more);
	return !out->failed;
}

enum err_code
conf_errors_result(const struct conf_errors *list, struct err *err)
{
	const struct conf_error *first = NULL;
	char place[CONF_FILE_MAX + 32] = "", more[48] = "";
	size_t i;

	if (list->errors == 0)
		return ERR_OK;
	for (i = 0; i < list->count && first == NULL; i++) {
		if (list->items[i].severity == CONF_ERROR)
			first = &list->items[i];
	}
	if (first == NULL)
		return err_set(err, ERR_CONFIG, "conf",
		    "%zu errors in the configuration", list->errors);
	if (first->line != 0)
		snprintf(place, sizeof(place), "%s:%u:%u: ", first->file,
		    first->line, first->column);
	else if (first->file[0] != '\0')
		snprintf(place, sizeof(place), "%s: ", first->file);
	if (list->errors > 1)
		snprintf(
		    more, sizeof(more), " (and %zu more)", list->errors - 1);
	return err_set(
	    err, ERR_CONFIG, "conf", "%s%s%s", place, first->msg, more);
}
