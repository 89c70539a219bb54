#include "actions/request.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/redact.h"
#include "base/shell_word.h"
#include "base/utf8.h"
#include "model/limits.h"

static const char origin[] = "action";

/* What a JSON string and a person can hold. */
static enum err_code
request_check(const char *what, const char *s, size_t max, struct err *err)
{
	size_t len = s != NULL ? strlen(s) : 0;

	if (len == 0)
		return err_set(err, ERR_USAGE, origin, "%s is missing", what);
	if (len >= max)
		return err_set(err, ERR_LIMIT, origin,
		    "%s is longer than %zu bytes", what, max - 1);
	if (!utf8_is_valid(s, len))
		return err_set(err, ERR_USAGE, origin,
		    "%s is not UTF-8 and can't be acted on from here", what);
	return ERR_OK;
}

static enum err_code
request_check_targets(const struct request_spec *spec, struct err *err)
{
	enum err_code code = ERR_OK;

	if (spec->target_count > ACTION_TARGETS_MAX)
		return err_set(err, ERR_LIMIT, origin,
		    "%zu targets; at most %d in one action", spec->target_count,
		    ACTION_TARGETS_MAX);
	for (size_t i = 0; code == ERR_OK && i < spec->target_count; i++) {
		const struct request_target *target = &spec->targets[i];

		code = request_check(
		    "the target", target->name, ACTION_TARGET_MAX, err);
		if (code == ERR_OK && target->key != NULL)
			code = request_check("the row of the target",
			    target->key, ACTION_TARGET_MAX, err);
		for (size_t k = 0; code == ERR_OK && k < i; k++) {
			if (strcmp(spec->targets[k].name, target->name) == 0)
				code = err_set(err, ERR_USAGE, origin,
				    "the target %.60s is named twice",
				    target->name);
		}
	}
	return code;
}

static enum err_code
request_check_values(const struct request_spec *spec, struct err *err)
{
	enum err_code code = ERR_OK;

	if (spec->value_count > ACTION_VALUES_MAX)
		return err_set(err, ERR_LIMIT, origin,
		    "%zu arguments; at most %d", spec->value_count,
		    ACTION_VALUES_MAX);
	for (size_t i = 0; code == ERR_OK && i < spec->value_count; i++) {
		const struct request_value *value = &spec->values[i];
		size_t len = strlen(value->value);

		code = request_check(
		    "the name of an argument", value->name, NAME_MAX_LEN, err);
		if (code == ERR_OK && (len >= ACTION_VALUE_MAX ||
					  !utf8_is_valid(value->value, len)))
			code = err_set(err, ERR_USAGE, origin,
			    "the argument %s is longer than %d bytes, or not "
			    "UTF-8",
			    value->name, ACTION_VALUE_MAX - 1);
		for (size_t k = 0; code == ERR_OK && k < i; k++) {
			if (strcmp(spec->values[k].name, value->name) == 0)
				code = err_set(err, ERR_USAGE, origin,
				    "the argument %s is given twice",
				    value->name);
		}
	}
	return code;
}

static enum err_code
request_check_all(const struct request_spec *spec, struct err *err)
{
	enum err_code code = request_check(
	    "the name of the action", spec->action, ACTION_NAME_MAX, err);

	if (code == ERR_OK)
		code = request_check("the name of the platform", spec->platform,
		    NAME_MAX_LEN, err);
	if (code == ERR_OK && spec->source != NULL)
		code = request_check(
		    "the name of the source", spec->source, NAME_MAX_LEN, err);
	if (code == ERR_OK && spec->signal != NULL)
		code = request_check(
		    "the name of the signal", spec->signal, NAME_MAX_LEN, err);
	if (code == ERR_OK && spec->undo_of != NULL)
		code = request_check("the id of what is taken back",
		    spec->undo_of, NAME_MAX_LEN, err);
	if (code == ERR_OK)
		code = request_check_targets(spec, err);
	if (code == ERR_OK)
		code = request_check_values(spec, err);
	return code;
}

static const char *
request_copy(struct arena *arena, const char *s)
{
	return s != NULL ? arena_copy(arena, s, strlen(s)) : NULL;
}

static void
request_fill(struct request *request, const struct request_spec *spec)
{
	struct arena *arena = request->arena;
	struct request_target *targets =
	    arena_array(arena, spec->target_count + 1, sizeof(*targets));
	struct request_value *values =
	    arena_array(arena, spec->value_count + 1, sizeof(*values));

	if (targets == NULL || values == NULL)
		return;
	for (size_t i = 0; i < spec->target_count; i++) {
		targets[i].name = request_copy(arena, spec->targets[i].name);
		targets[i].key = request_copy(arena, spec->targets[i].key);
	}
	for (size_t i = 0; i < spec->value_count; i++) {
		values[i].name = request_copy(arena, spec->values[i].name);
		values[i].value = request_copy(arena, spec->values[i].value);
	}
	request->is = (struct request_spec) {
		.action = request_copy(arena, spec->action),
		.dry = spec->dry,
		.platform = request_copy(arena, spec->platform),
		.source = request_copy(arena, spec->source),
		.targets = targets,
		.target_count = spec->target_count,
		.values = values,
		.value_count = spec->value_count,
		.signal = request_copy(arena, spec->signal),
		.undo_of = request_copy(arena, spec->undo_of),
	};
}

enum err_code
request_new(const struct request_spec *spec, struct request **ret_request,
    struct err *err)
{
	struct arena *arena = NULL;
	struct request *request;
	enum err_code code = request_check_all(spec, err);

	if (code != ERR_OK)
		return code;
	arena = arena_new(PLAN_ARENA_MAX);
	request = arena != NULL ? arena_alloc(arena, sizeof(*request)) : NULL;
	if (request != NULL) {
		atomic_init(&request->refs, 1);
		request->arena = arena;
		request_fill(request, spec);
	}
	if (request == NULL || arena_failed(arena)) {
		arena_free(arena);
		return err_set(err, ERR_NOMEM, origin, "no memory");
	}
	*ret_request = request;
	return ERR_OK;
}

struct request *
request_ref(struct request *request)
{
	atomic_fetch_add_explicit(&request->refs, 1, memory_order_relaxed);
	return request;
}

struct request *
request_unref(struct request *request)
{
	if (request == NULL || atomic_fetch_sub(&request->refs, 1) != 1)
		return NULL;
	arena_free(request->arena); /* the request itself lies in there */
	return NULL;
}

const char *
request_value(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->is.value_count; i++) {
		if (strcmp(request->is.values[i].name, name) == 0)
			return request->is.values[i].value;
	}
	return NULL;
}

static bool
request_has_target(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->is.target_count; i++) {
		if (strcmp(request->is.targets[i].name, name) == 0)
			return true;
	}
	return false;
}

bool
request_same(const struct request *a, const struct request *b)
{
	if (strcmp(a->is.action, b->is.action) != 0 ||
	    strcmp(a->is.platform, b->is.platform) != 0 ||
	    a->is.target_count != b->is.target_count ||
	    a->is.value_count != b->is.value_count)
		return false;
	for (size_t i = 0; i < a->is.target_count; i++) {
		if (!request_has_target(b, a->is.targets[i].name))
			return false;
	}
	for (size_t i = 0; i < a->is.value_count; i++) {
		const char *other = request_value(b, a->is.values[i].name);

		if (other == NULL || strcmp(a->is.values[i].value, other) != 0)
			return false;
	}
	return true;
}

struct request_out {
	const struct redactor *redactor;
	bool whole;
};

/* Adds a member that may be absent; false without memory. */
static bool
put(struct request_out *out, cJSON *to, const char *key, const char *s)
{
	struct buf clean = BUF_INIT(ACTION_VALUE_MAX * 3);
	bool good = s == NULL;

	if (s != NULL && redact_bytes(out->redactor, &clean, s, strlen(s))) {
		if (strcmp(buf_cstr(&clean), s) != 0)
			out->whole = false;
		good =
		    cJSON_AddStringToObject(to, key, buf_cstr(&clean)) != NULL;
	}
	buf_release(&clean);
	return good;
}

static bool
put_targets(struct request_out *out, cJSON *to, const struct request_spec *is)
{
	cJSON *list = cJSON_AddArrayToObject(to, "targets");

	for (size_t i = 0; i < is->target_count; i++) {
		cJSON *target = cJSON_CreateObject();

		if (!cJSON_AddItemToArray(list, target)) {
			cJSON_Delete(target);
			return false;
		}
		if (!put(out, target, "name", is->targets[i].name) ||
		    !put(out, target, "key", is->targets[i].key))
			return false;
	}
	return list != NULL;
}

static bool
put_values(struct request_out *out, cJSON *to, const struct request_spec *is)
{
	cJSON *map = cJSON_AddObjectToObject(to, "set");

	for (size_t i = 0; i < is->value_count; i++) {
		if (!put(out, map, is->values[i].name, is->values[i].value))
			return false;
	}
	return map != NULL;
}

struct cJSON *
request_json(
    const struct request *request, const struct redactor *redactor, bool *whole)
{
	const struct request_spec *is = &request->is;
	struct request_out out = { .redactor = redactor, .whole = true };
	cJSON *json = cJSON_CreateObject();

	if (json == NULL || !put(&out, json, "action", is->action) ||
	    !put(&out, json, "platform", is->platform) ||
	    !put(&out, json, "source", is->source) ||
	    !put_targets(&out, json, is) || !put_values(&out, json, is) ||
	    !put(&out, json, "signal", is->signal) ||
	    !put(&out, json, "undo_of", is->undo_of)) {
		cJSON_Delete(json);
		return NULL;
	}
	if (!out.whole)
		*whole = false;
	return json;
}

enum err_code
request_parse(
    const struct cJSON *json, struct request **ret_request, struct err *err)
{
	struct request_target targets[ACTION_TARGETS_MAX];
	struct request_value values[ACTION_VALUES_MAX];
	struct request_spec spec = {
		.action = json_string(json_member(json, "action")),
		.platform = json_string(json_member(json, "platform")),
		.source = json_string(json_member(json, "source")),
		.targets = targets,
		.values = values,
		.signal = json_string(json_member(json, "signal")),
		.undo_of = json_string(json_member(json, "undo_of")),
	};
	const struct cJSON *item;

	for (item = json_first(json_member(json, "targets")); item != NULL;
	     item = json_next(item)) {
		if (spec.target_count == ACTION_TARGETS_MAX)
			return err_set(
			    err, ERR_BADDATA, origin, "too many targets");
		targets[spec.target_count++] = (struct request_target) {
			.name = json_string(json_member(item, "name")),
			.key = json_string(json_member(item, "key")),
		};
	}
	for (item = json_first(json_member(json, "set")); item != NULL;
	     item = json_next(item)) {
		if (spec.value_count == ACTION_VALUES_MAX ||
		    json_string(item) == NULL)
			return err_set(err, ERR_BADDATA, origin,
			    "too many arguments, or one that is no text");
		values[spec.value_count++] = (struct request_value) {
			.name = json_name(item),
			.value = json_string(item),
		};
	}
	return request_new(&spec, ret_request, err);
}

bool
request_words(const struct request *request, struct buf *out)
{
	const struct request_spec *is = &request->is;

	buf_str(out, "sevtop act -p ");
	shell_word(out, is->platform);
	buf_char(out, ' ');
	shell_word(out, is->action);
	for (size_t i = 0; i < is->target_count; i++) {
		buf_str(out, " --target ");
		if (is->source != NULL) {
			buf_str(out, is->source);
			buf_char(out, '/');
		}
		shell_word(out, is->targets[i].name);
	}
	for (size_t i = 0; i < is->value_count; i++) {
		buf_str(out, " --set ");
		shell_word(out, is->values[i].name);
		buf_char(out, '=');
		shell_word(out, is->values[i].value);
	}
	return !out->failed;
}
