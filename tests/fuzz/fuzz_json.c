/*
 * The first byte is the length of a path, then the path, then a document.
 * What parses holds only valid UTF-8, says the same when it is written out
 * and parsed again. A path finds something or says why not, and the name of
 * every place that it leads to leads to the same place.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/limits.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_text(const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0, at = 0;

	while (at < len) {
		uint32_t cp;
		size_t n = utf8_decode(s + at, len - at, &cp);

		check(n > 0);
		at += n;
	}
}

/* True when all numbers are finite: only then can it be written out. */
static bool
check_tree(const struct cJSON *v, int depth)
{
	bool finite = !cJSON_IsNumber(v) || isfinite(v->valuedouble);
	double d = 1;
	int64_t i = 1;

	check(depth <= JSON_DEPTH_MAX + 1);
	check_text(json_string(v));
	check_text(json_name(v));
	if (json_int(v, &i))
		check(json_double(v, &d) && d == (double)i);
	for (v = json_first(v); v != NULL; v = json_next(v))
		finite &= check_tree(v, depth + 1);
	return finite;
}

static void
check_again(const struct cJSON *root)
{
	struct cJSON *again = NULL;
	char *text = cJSON_PrintUnformatted(root);
	struct err err = ERR_INIT;

	check(text != NULL);
	check(json_parse(text, strlen(text), &again, &err) == ERR_OK);
	/* cJSON_Compare() takes objects with equal keys for unequal. */
	check(json_count(root) == json_count(again));
	cJSON_free(text);
	json_free(again);
}

/* Whether a shown path can be read again: its keys are whole and one each. */
static bool
check_reads(const char *shown)
{
	return strstr(shown, "...") == NULL && strchr(shown, '"') == NULL &&
	       strlen(shown) < ERR_MSG_MAX;
}

static void
check_walk(const struct cJSON *root, const char *text)
{
	struct json_path path;
	struct json_walk walk;
	const struct cJSON *value, *again;
	struct err err = ERR_INIT;
	size_t work = 100000;

	if (json_path_parse(text, &path, &err) != ERR_OK)
		return;
	json_walk_begin(&walk, &path, root, &work);
	while (json_walk_next(&walk, &value)) {
		struct buf shown = BUF_INIT(TEXT_FMT_MAX);

		json_walk_show(&walk, SIZE_MAX, &shown);
		again = NULL;
		if (value == NULL)
			check(json_walk_why(&walk, &err) == ERR_BADDATA &&
			      err.msg[0] != '\0');
		else if (path.count > 0 && check_reads(buf_cstr(&shown)) &&
			 json_lookup(root, buf_cstr(&shown), &again, &err) ==
			     ERR_OK)
			check(again == value);
		buf_release(&shown);
	}
	check(work < 100000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[256] = "";
	struct cJSON *root = NULL;
	const struct cJSON *found = NULL;
	struct err err = ERR_INIT;
	enum err_code code;
	size_t n;

	if (size == 0)
		return 0;
	n = data[0] < size - 1 ? data[0] : size - 1;
	memcpy(path, data + 1, n);
	path[n] = '\0';
	data += 1 + n;
	size -= 1 + n;
	code = json_parse(data, size, &root, &err);
	if (code != ERR_OK) {
		check(root == NULL && err.msg[0] != '\0');
		return 0;
	}
	if (check_tree(root, 1))
		check_again(root);
	code = json_lookup(root, path, &found, &err);
	if (code == ERR_OK)
		check(found != NULL && json_lookup_check(path, &err) == ERR_OK);
	else
		check(found == NULL && err.msg[0] != '\0');
	check_walk(root, path);
	json_free(root);
	return 0;
}
