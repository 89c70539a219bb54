#include "datasrc/process_read.h"

#include <string.h>

#include "base/json.h"
#include "base/regex.h"
#include "datasrc/limits.h"
#include "datasrc/process_table.h"

const char *const process_read_words[] = { "json", "jsonl", "lines", "number",
	"table", NULL };
const char *const process_separator_words[] = { "blanks", "wide", "tab",
	"comma", "colon", "bar", NULL };

bool
process_line(
    const char **at, const char *end, const char **ret_line, size_t *ret_len)
{
	const char *line = *at, *stop;

	if (line == end)
		return false;
	stop = memchr(line, '\n', (size_t)(end - line));
	*at = stop != NULL ? stop + 1 : end;
	if (stop == NULL)
		stop = end;
	if (stop > line && stop[-1] == '\r')
		stop--;
	*ret_line = line;
	*ret_len = (size_t)(stop - line);
	return true;
}

bool
process_is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t')
			return false;
	return true;
}

static enum err_code
process_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "process", "no memory for the output");
}

/*
 * Some programs greet before they answer ("[PM2] Spawning daemon"): when the
 * whole is no document, what begins with a later line may be one.
 */
static enum err_code
process_json(
    const char *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	const char *at = bytes, *end = bytes + len, *line;
	enum err_code code = json_parse(bytes, len, ret_root, err), later;
	struct err why = ERR_INIT;
	size_t n, tries = 0;

	if (code != ERR_BADDATA || !process_line(&at, end, &line, &n))
		return code;
	while (at < end && tries < PROCESS_TRIES_MAX) {
		if (*at == '{' || *at == '[') {
			tries++;
			later =
			    json_parse(at, (size_t)(end - at), ret_root, &why);
			if (later != ERR_BADDATA) {
				if (err != NULL)
					*err = why;
				return later;
			}
			err_clear(&why);
		}
		process_line(&at, end, &line, &n);
	}
	return code;
}

/* One document a line; blank lines are none. */
static enum err_code
process_json_lines(
    struct cJSON *list, const char *bytes, size_t len, struct err *err)
{
	const char *at = bytes, *line;
	enum err_code code = ERR_OK;
	size_t n, number = 0;

	while (code == ERR_OK && process_line(&at, bytes + len, &line, &n)) {
		struct cJSON *one = NULL;

		if (++number > PROCESS_LINES_MAX)
			return err_set(err, ERR_TOOBIG, "process",
			    "more than %d lines", PROCESS_LINES_MAX);
		if (process_is_blank(line, n))
			continue;
		code = json_parse(line, n, &one, err);
		if (code == ERR_BADDATA)
			err_prefix(err, "line %zu", number);
		if (code == ERR_OK && !json_put(list, NULL, one))
			code = process_no_memory(err);
	}
	return code;
}

/* A list that is printed as a whole is taken as it is. */
static enum err_code
process_jsonl(
    const char *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	struct cJSON *whole = NULL, *list;
	enum err_code code = json_parse(bytes, len, &whole, err);

	if (code == ERR_OK && json_is_array(whole)) {
		*ret_root = whole;
		return ERR_OK;
	}
	list = json_new_list();
	if (list == NULL) {
		code = process_no_memory(err);
	} else if (code == ERR_OK) {
		if (!json_put(list, NULL, whole))
			code = process_no_memory(err);
		whole = NULL;
	} else if (code == ERR_BADDATA) {
		err_clear(err);
		code = process_json_lines(list, bytes, len, err);
	}
	json_free(whole);
	if (code == ERR_OK)
		*ret_root = list;
	else
		json_free(list);
	return code;
}

/* Behind the lines that are no content. */
static const char *
process_skip(const struct process_form *form, const char *bytes, size_t len)
{
	const char *at = bytes, *line;
	size_t n;

	for (int64_t i = 0; i < form->skip; i++)
		if (!process_line(&at, bytes + len, &line, &n))
			break;
	return at;
}

static enum err_code
process_lines(
    const char *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	const char *at = bytes, *line;
	struct cJSON *list = json_new_list();
	bool good = list != NULL;
	size_t n, count = 0;

	while (good && count < PROCESS_LINES_MAX &&
	       process_line(&at, bytes + len, &line, &n)) {
		good = json_put(list, NULL, json_new_text(line, n));
		count++;
	}
	if (!good) {
		json_free(list);
		return process_no_memory(err);
	}
	*ret_root = list;
	return ERR_OK;
}

/* The whole output, without the blank lines around it. */
static enum err_code
process_number(
    const char *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	struct cJSON *text;

	while (len > 0 && strchr(" \t\r\n", bytes[len - 1]) != NULL)
		len--;
	while (len > 0 && *bytes != '\0' && strchr(" \t\r\n", *bytes) != NULL) {
		bytes++;
		len--;
	}
	if (len == 0)
		return err_set(err, ERR_BADDATA, "process",
		    "no output; a number was wanted");
	text = json_new_text(bytes, len);
	if (text == NULL)
		return process_no_memory(err);
	*ret_root = text;
	return ERR_OK;
}

enum err_code
process_read(const struct process_form *form, const struct regex *pattern,
    const char *bytes, size_t len, struct cJSON **ret_root, struct err *err)
{
	const char *at = process_skip(form, bytes, len);

	len -= (size_t)(at - bytes);
	switch ((enum process_read)form->read) {
	case PROCESS_JSON:
		return process_json(at, len, ret_root, err);
	case PROCESS_JSONL:
		return process_jsonl(at, len, ret_root, err);
	case PROCESS_LINES:
		return process_lines(at, len, ret_root, err);
	case PROCESS_NUMBER:
		return process_number(at, len, ret_root, err);
	case PROCESS_TABLE:
		return process_table(form, pattern, at, len, ret_root, err);
	}
	return err_set(err, ERR_CONFIG, "process", "nothing is read");
}

/* Where the value of key stands, or where its map does. */
static struct conf_pos
process_pos(const struct conf_node *node, const char *key)
{
	const struct conf_node *at = conf_get(node, key);

	return at != NULL ? at->pos : node->pos;
}

static void
process_pattern_check(const struct process_form *form,
    const struct conf_node *node, struct conf_errors *errors)
{
	struct regex *regex = NULL;
	struct regex_group group;
	struct err err = ERR_INIT;

	if (regex_new(form->pattern, strlen(form->pattern), 0, &regex, &err) !=
	    ERR_OK)
		conf_errors_add(
		    errors, process_pos(node, "pattern"), NULL, "%s", err.msg);
	else if (regex_groups(regex, &group, 1) == 0)
		conf_errors_add(errors, process_pos(node, "pattern"),
		    "(?<version>[0-9.]+)",
		    "the pattern has no group with a name, so it finds no "
		    "cells");
	regex_free(regex);
}

void
process_form_check(const struct process_form *form,
    const struct conf_node *node, struct conf_errors *errors)
{
	static const char *const keys[] = { "separator", "names", "pattern" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (form->read != PROCESS_TABLE && conf_get(node, keys[i]))
			conf_errors_add(errors, process_pos(node, keys[i]),
			    "read: table", "\"%s\" is for tables", keys[i]);
	if (form->pattern == NULL)
		return;
	if (form->names.count > 0)
		conf_errors_add(errors, process_pos(node, "names"), NULL,
		    "the groups of the pattern name the columns; leave "
		    "\"names\" out");
	process_pattern_check(form, node, errors);
}
