/*
 * A selector as text. What parses must parse again from its own text and
 * match the same; what does not must name a column that is in the text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/section.h"
#include "model/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct label labels[] = {
	{ TEXT_INIT("a"), TEXT_INIT("b") },
	{ TEXT_INIT("code"), TEXT_INIT("503") },
};

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
	struct selector *first = NULL, *second = NULL;
	struct err err = ERR_INIT;
	char *text = mem_alloc(size + 1);
	unsigned column = 0;
	enum err_code code;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	code = selector_parse(text, &first, &err);
	if (code == ERR_OK) {
		check(strcmp(selector_text(first), text) == 0, "text", text);
		check(selector_parse(selector_text(first), &second, &err) ==
			  ERR_OK,
		    "again", text);
		check(selector_match(first, TEXT("a"), labels, 2) ==
			  selector_match(second, TEXT("a"), labels, 2),
		    "match", text);
		check(selector_match(first, TEXT(""), NULL, 0) != REGEX_MATCH,
		    "matches what has no name and no labels", text);
	} else {
		check(sscanf(err.msg, "column %u:", &column) == 1 &&
			  column >= 1 && column <= strlen(text) + 1,
		    err.msg, text);
	}
	selector_free(first);
	selector_free(second);
	mem_free(text);
	return 0;
}
