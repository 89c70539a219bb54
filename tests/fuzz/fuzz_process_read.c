/*
 * Two bytes choose how it is read, a pattern of named groups ends with a
 * NUL, the rest is the output. Whatever it is, the result is a document in
 * which no row has more cells than there can be columns, or a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/regex.h"
#include "datasrc/limits.h"
#include "datasrc/process_read.h"
#include "model/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_document(const struct process_form *form, const struct cJSON *root)
{
	const struct cJSON *row;

	if (form->read == PROCESS_NUMBER)
		check(json_string(root) != NULL);
	else if (form->read != PROCESS_JSON)
		check(json_is_array(root));
	if (form->read == PROCESS_LINES)
		for (row = json_first(root); row != NULL; row = json_next(row))
			check(json_string(row) != NULL);
	if (form->read != PROCESS_TABLE)
		return;
	check(json_count(root) <= PROCESS_ROWS_MAX);
	for (row = json_first(root); row != NULL; row = json_next(row)) {
		check(json_is_object(row));
		check(json_count(row) <= PAYLOAD_COLUMNS_MAX);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a", "b", "c" };
	struct process_form form = { .read = PROCESS_JSON };
	struct regex *pattern = NULL;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	const uint8_t *nul;

	if (size < 3)
		return 0;
	form.read = data[0] % (PROCESS_TABLE + 1);
	form.separator = data[1] % (PROCESS_BAR + 1);
	form.skip = data[1] / 64;
	if (data[0] >= 128)
		form.names = (struct opt_list) { .items = names, .count = 3 };
	data += 2;
	size -= 2;
	nul = memchr(data, '\0', size);
	if (nul == NULL)
		return 0;
	if (nul > data && regex_new((const char *)data, (size_t)(nul - data), 0,
			      &pattern, &err) == ERR_OK)
		form.names.count = 0;
	size -= (size_t)(nul + 1 - data);
	err_clear(&err);
	if (process_read(&form, pattern, (const char *)nul + 1, size, &root,
		&err) == ERR_OK)
		check_document(&form, root);
	else
		check(root == NULL && err.msg[0] != '\0');
	json_free(root);
	regex_free(pattern);
	return 0;
}
