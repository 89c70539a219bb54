#include "base/json_path.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* ["key"], [0] or [*] at *text; false when malformed. */
static bool
json_step_bracket(const char **text, struct json_step *step)
{
	const char *s = *text + 1, *end = s;
	size_t index = 0;

	if (*s == '"') {
		end = strchr(++s, '"');
		if (end == NULL || end[1] != ']')
			return false;
		*step = (struct json_step) { .kind = JSON_STEP_KEY,
			.key = s,
			.len = (size_t)(end - s) };
		*text = end + 2;
		return true;
	}
	if (s[0] == '*' && s[1] == ']') {
		*step = (struct json_step) { .kind = JSON_STEP_ELEMENTS };
		*text = s + 2;
		return true;
	}
	for (; *end >= '0' && *end <= '9'; end++) {
		index = index * 10 + (size_t)(*end - '0');
		if (index > JSON_VALUES_MAX)
			return false;
	}
	if (end == s || *end != ']')
		return false;
	*step = (struct json_step) { .kind = JSON_STEP_INDEX, .index = index };
	*text = end + 1;
	return true;
}

/* A key, or * for all, behind the dot that the first step may lack. */
static bool
json_step_plain(const char **text, bool first, struct json_step *step)
{
	const char *s = *text;
	size_t len;

	if (*s == '.')
		s++;
	else if (!first)
		return false;
	len = strcspn(s, ".[]\"");
	if (len == 1 && *s == '*')
		*step = (struct json_step) { .kind = JSON_STEP_MEMBERS };
	else
		*step = (struct json_step) {
			.kind = JSON_STEP_KEY, .key = s, .len = len
		};
	*text = s + len;
	return len > 0;
}

enum err_code
json_path_parse(const char *text, struct json_path *ret_path, struct err *err)
{
	struct json_path path = { .text = text };
	const char *at = strcmp(text, ".") == 0 ? text + 1 : text;
	const char *before = at;
	bool good = text[0] != '\0';

	while (good && *at != '\0' && path.count < JSON_PATH_STEPS_MAX) {
		struct json_step *step = &path.steps[path.count];

		before = at;
		good = *at == '[' ? json_step_bracket(&at, step)
				  : json_step_plain(&at, path.count == 0, step);
		path.count++;
		path.wildcards += step->kind >= JSON_STEP_MEMBERS;
	}
	if (!good)
		return err_set(err, ERR_CONFIG, "json",
		    "path \"%s\" is wrong at \"%s\"; write it like "
		    ".a.b[0][\"c.d\"].*",
		    text, before);
	if (*at != '\0')
		return err_set(err, ERR_CONFIG, "json",
		    "path \"%s\" has more than %d steps", text,
		    JSON_PATH_STEPS_MAX);
	*ret_path = path;
	return ERR_OK;
}

enum err_code
json_path_children(struct json_path *path, struct err *err)
{
	if (path->count > 0 &&
	    path->steps[path->count - 1].kind >= JSON_STEP_MEMBERS)
		return ERR_OK;
	if (path->count == JSON_PATH_STEPS_MAX)
		return err_set(err, ERR_CONFIG, "json",
		    "path \"%s\" has more than %d steps", path->text,
		    JSON_PATH_STEPS_MAX - 1);
	path->steps[path->count++] =
	    (struct json_step) { .kind = JSON_STEP_CHILDREN };
	path->wildcards++;
	return ERR_OK;
}

void
json_walk_begin(struct json_walk *walk, const struct json_path *path,
    const struct cJSON *root, size_t *work)
{
	*walk = (struct json_walk) { .path = path, .work = work };
	walk->at[0] = root;
}

/* Takes the price of a look; false when it can't be paid. */
static bool
json_walk_pay(struct json_walk *walk, size_t price)
{
	bool paid = *walk->work > price;

	*walk->work = paid ? *walk->work - price : 0;
	return paid;
}

static bool
json_step_fits(enum json_step_kind kind, const struct cJSON *v)
{
	switch (kind) {
	case JSON_STEP_KEY:
	case JSON_STEP_MEMBERS:
		return json_is_object(v);
	case JSON_STEP_INDEX:
	case JSON_STEP_ELEMENTS:
		return json_is_array(v);
	case JSON_STEP_CHILDREN:
		return json_is_object(v) || json_is_array(v);
	}
	return false;
}

/* What step leads to from v; NULL: nowhere, or no work is left. */
static const struct cJSON *
json_walk_step(
    struct json_walk *walk, const struct json_step *step, const struct cJSON *v)
{
	const struct cJSON *to = NULL;
	size_t i;

	walk->found = 0;
	if (!json_step_fits(step->kind, v))
		return NULL;
	if (step->kind == JSON_STEP_KEY) {
		if (!json_walk_pay(walk, json_count(v) + 1))
			return NULL;
		walk->found = json_find(v, step->key, step->len, &to);
		return walk->found == 1 ? to : NULL;
	}
	if (!json_walk_pay(walk, step->index + 1))
		return NULL;
	to = json_first(v);
	for (i = 0; to != NULL && i < step->index; i++)
		to = json_next(to);
	return to;
}

/* The last wildcard before step end that has one more child; count: none. */
static size_t
json_walk_turn(struct json_walk *walk, size_t end)
{
	const struct json_path *path = walk->path;

	for (size_t i = end; i-- > 0;) {
		if (path->steps[i].kind < JSON_STEP_MEMBERS ||
		    json_next(walk->at[i + 1]) == NULL)
			continue;
		walk->at[i + 1] = json_next(walk->at[i + 1]);
		walk->place[i]++;
		return i + 1;
	}
	return JSON_PATH_STEPS_MAX + 1;
}

bool
json_walk_next(struct json_walk *walk, const struct cJSON **ret_value)
{
	const struct json_path *path = walk->path;
	size_t i = 0;

	if (walk->begun)
		i = json_walk_turn(walk, walk->reached);
	walk->begun = true;
	while (i <= path->count && json_walk_pay(walk, 1)) {
		const struct json_step *step = &path->steps[i];
		const struct cJSON *next;

		walk->reached = i;
		if (i == path->count) {
			*ret_value = walk->at[i];
			return true;
		}
		next = json_walk_step(walk, step, walk->at[i]);
		if (*walk->work == 0)
			return false;
		if (next != NULL) {
			walk->at[i + 1] = next;
			walk->place[i] = step->index;
			i++;
		} else if (step->kind >= JSON_STEP_MEMBERS &&
			   json_step_fits(step->kind, walk->at[i])) {
			/* no children: on with the wildcard before */
			i = json_walk_turn(walk, i);
		} else {
			*ret_value = NULL;
			return true;
		}
	}
	return false;
}

bool
json_walk_is_absent(const struct json_walk *walk)
{
	const struct json_step *step = &walk->path->steps[walk->reached];
	const struct cJSON *v = walk->at[walk->reached];

	return walk->reached < walk->path->count && walk->found == 0 &&
	       (json_is_null(v) || json_step_fits(step->kind, v));
}

/* The step of the n-th wildcard; the path's count: none. */
static size_t
json_walk_wildcard(const struct json_walk *walk, size_t n)
{
	size_t i;

	for (i = 0; i < walk->reached; i++)
		if (walk->path->steps[i].kind >= JSON_STEP_MEMBERS && n-- == 0)
			return i;
	return walk->path->count;
}

const struct cJSON *
json_walk_at(const struct json_walk *walk, size_t n)
{
	size_t i = json_walk_wildcard(walk, n);

	return i < walk->path->count ? walk->at[i + 1] : NULL;
}

const char *
json_walk_key(const struct json_walk *walk, size_t n, size_t *ret_index)
{
	size_t i = json_walk_wildcard(walk, n);

	*ret_index = 0;
	if (i == walk->path->count)
		return NULL;
	*ret_index = walk->place[i];
	return json_is_object(walk->at[i]) ? json_name(walk->at[i + 1]) : NULL;
}

static bool
json_show_key(struct buf *out, const char *key, size_t len)
{
	bool odd = len == 0 || (len == 1 && *key == '*');
	bool cut = len > NAME_MAX_LEN;

	for (size_t i = 0; i < len; i++)
		odd |= strchr(".[]\"", key[i]) != NULL;
	if (!odd && out->len > 0)
		buf_char(out, '.');
	return buf_fmt(out, "%s%.*s%s%s", odd ? "[\"" : "",
	    cut ? NAME_MAX_LEN : (int)len, key, cut ? "..." : "",
	    odd ? "\"]" : "");
}

/* The first count steps as they were walked. */
static bool
json_show_steps(const struct json_walk *walk, size_t count, struct buf *out)
{
	if (walk->base != NULL)
		buf_str(out, walk->base);
	for (size_t i = 0; i < count && i < walk->path->count; i++) {
		const struct json_step *step = &walk->path->steps[i];
		const char *name = NULL;

		if (step->kind >= JSON_STEP_MEMBERS && i < walk->reached &&
		    json_is_object(walk->at[i]))
			name = json_name(walk->at[i + 1]);
		if (step->kind == JSON_STEP_KEY)
			json_show_key(out, step->key, step->len);
		else if (name != NULL)
			json_show_key(out, name, strlen(name));
		else if (step->kind == JSON_STEP_INDEX || i < walk->reached)
			buf_fmt(out, "[%zu]",
			    i < walk->reached ? walk->place[i] : step->index);
	}
	return !out->failed;
}

bool
json_walk_show(const struct json_walk *walk, size_t n, struct buf *out)
{
	size_t steps = walk->reached;

	if (n != SIZE_MAX)
		steps = n == 0 ? 0 : json_walk_wildcard(walk, n - 1) + 1;
	return json_show_steps(walk, steps, out);
}

/* ": no such key; there are: queues, memory" */
static void
json_show_keys(const struct cJSON *v, struct buf *out)
{
	const struct cJSON *child;
	size_t left = json_count(v);

	if (left == 0) {
		buf_str(out, "there is none at all");
		return;
	}
	buf_str(out, "there are: ");
	for (child = json_first(v); child != NULL; child = json_next(child)) {
		if (out->len + strlen(json_name(child)) > ERR_MSG_MAX - 24 &&
		    child != json_first(v)) {
			buf_fmt(out, " and %zu more", left);
			return;
		}
		left--;
		buf_fmt(out, "%.*s%s", NAME_MAX_LEN, json_name(child),
		    left > 0 ? ", " : "");
	}
}

enum err_code
json_walk_why(const struct json_walk *walk, struct err *err)
{
	const struct json_step *step = &walk->path->steps[walk->reached];
	const struct cJSON *v = walk->at[walk->reached];
	struct buf out = BUF_INIT(TEXT_FMT_MAX);
	bool fits = json_step_fits(step->kind, v);

	json_show_steps(walk, walk->reached + (fits ? 1 : 0), &out);
	if (out.len == 0)
		buf_str(&out, "the document");
	buf_str(&out, ": ");
	if (fits && walk->found > 1) {
		buf_str(&out, "the key is there more than once");
	} else if (fits && step->kind == JSON_STEP_KEY) {
		buf_str(&out, "no such key; ");
		json_show_keys(v, &out);
	} else if (fits) {
		buf_fmt(&out, "the list has %zu elements", json_count(v));
	} else {
		json_describe(&out, v);
		if (step->kind == JSON_STEP_CHILDREN)
			buf_str(&out, ", a list or an object was wanted");
		else if (step->kind == JSON_STEP_KEY ||
			 step->kind == JSON_STEP_MEMBERS)
			buf_str(&out, ", an object was wanted");
		else
			buf_str(&out, ", a list was wanted");
		if (step->kind == JSON_STEP_MEMBERS && json_is_array(v))
			buf_str(&out, "; write [*] for a list");
		if (step->kind == JSON_STEP_ELEMENTS && json_is_object(v))
			buf_str(&out, "; write .* for an object");
	}
	err_set(err, ERR_BADDATA, "json", "%s", buf_cstr(&out));
	buf_release(&out);
	return ERR_BADDATA;
}

/* A path that leads to one place at most. */
static enum err_code
json_lookup_parse(const char *text, struct json_path *ret_path, struct err *err)
{
	enum err_code code = json_path_parse(text, ret_path, err);

	if (code == ERR_OK && ret_path->wildcards > 0)
		return err_set(err, ERR_CONFIG, "json",
		    "path \"%s\" leads to many places; one is wanted here",
		    text);
	return code;
}

enum err_code
json_lookup_check(const char *path, struct err *err)
{
	struct json_path parsed;

	return json_lookup_parse(path, &parsed, err);
}

enum err_code
json_lookup(const struct cJSON *root, const char *path,
    const struct cJSON **ret_value, struct err *err)
{
	struct json_path parsed;
	struct json_walk walk;
	const struct cJSON *value = NULL;
	size_t work = SIZE_MAX;
	enum err_code code = json_lookup_parse(path, &parsed, err);

	if (code != ERR_OK)
		return code;
	json_walk_begin(&walk, &parsed, root, &work);
	if (!json_walk_next(&walk, &value) || value == NULL)
		return json_walk_why(&walk, err);
	*ret_value = value;
	return ERR_OK;
}
