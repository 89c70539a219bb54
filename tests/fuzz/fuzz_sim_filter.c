/*
 * The practice world's filters of log entries and time series. What parses
 * may be asked everything and matches the same twice; what does not names a
 * column that is in the text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim/gcp_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A subject with a bit of everything, by the field's first letter. */
static void
some_value(const void *subject, const char *field, struct gcp_value *ret)
{
	(void)subject;
	ret->kind = GCP_VALUE_TEXT;
	ret->text = "a text of some words";
	if (field[0] == 's') {
		ret->kind = GCP_VALUE_RANK;
		ret->number = 500;
	} else if (field[0] == 't') {
		ret->kind = GCP_VALUE_TIME;
		ret->ns = INT64_C(1767398400000000000);
	} else if (field[0] == 'n') {
		ret->kind = GCP_VALUE_NUMBER;
		ret->number = 42;
	} else if (field[0] == 'x') {
		ret->kind = GCP_VALUE_NONE;
	} else if (field[0] == 'm') {
		ret->kind = GCP_VALUE_MAP;
	}
}

static void
check(bool good, const char *what, const char *text)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *name, *first, *second;
	struct gcp_filter *filter = NULL;
	struct err err = ERR_INIT;
	char *text = mem_alloc(size + 1);
	unsigned column = 0;
	enum err_code code;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	code = gcp_filter_parse(text, &filter, &err);
	if (code == ERR_OK) {
		check(gcp_filter_match(filter, some_value, NULL) ==
			  gcp_filter_match(filter, some_value, NULL),
		    "not the same twice", text);
		(void)gcp_filter_since(filter);
		(void)gcp_filter_demand(filter, "metric.type");
		(void)gcp_filter_call(filter, &name, &first, &second);
	} else if (code == ERR_CONFIG) {
		check(sscanf(err.msg, "column %u:", &column) == 1 &&
			  column >= 1 && column <= strlen(text) + 1,
		    err.msg, text);
	}
	gcp_filter_free(filter);
	mem_free(text);
	return 0;
}
