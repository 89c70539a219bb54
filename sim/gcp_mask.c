#include "sim/gcp_mask.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "sim/gcp_reply.h"
#include "sim/gcp_schema.h"

bool
gcp_fault_say(
    struct gcp_fault_at *fault, const char *field, const char *fmt, ...)
{
	va_list ap;

	snprintf(fault->field, sizeof(fault->field), "%s", field);
	va_start(ap, fmt);
	vsnprintf(fault->what, sizeof(fault->what), fmt, ap);
	va_end(ap);
	return false;
}

/* One path of a mask, of len bytes; its names in lowerCamelCase into out. */
static bool
mask_path(const char *path, size_t len, const struct gcp_message *message,
    char *out, size_t cap)
{
	size_t used = 0;

	for (;;) {
		size_t name = 0;
		const struct gcp_field *field;
		int n;

		while (name < len && path[name] != '.')
			name++;
		if (message == NULL)
			return false;
		field = gcp_field_find(message, path, name);
		if (field == NULL)
			return false;
		n = snprintf(out + used, cap - used, "%s%s",
		    used > 0 ? "." : "", field->name);
		if (n < 0 || (size_t)n >= cap - used)
			return false;
		used += (size_t)n;
		if (name == len)
			return true;
		/* a mask cannot name a part of a list, nor of what is a value
		 */
		message = field->kind == GCP_MESSAGE && !field->list
			      ? field->message
			      : NULL;
		path += name + 1;
		len -= name + 1;
	}
}

bool
gcp_mask_parse(const char *text, const struct gcp_message *message,
    struct gcp_mask *ret_mask, struct gcp_fault_at *ret_fault)
{
	struct gcp_mask mask = { .all = text == NULL || text[0] == '\0' ||
					strcmp(text, "*") == 0 };

	while (!mask.all && *text != '\0') {
		size_t len = strcspn(text, ",");

		if (mask.count == SIM_GCP_MASK_MAX)
			return gcp_fault_say(ret_fault, "update_mask",
			    "more than %d paths", SIM_GCP_MASK_MAX);
		if (!mask_path(text, len, message, mask.paths[mask.count],
			sizeof(mask.paths[0])))
			return gcp_fault_say(ret_fault, "update_mask",
			    "Invalid field mask: '%.*s' is no field of %s.",
			    (int)(len < SIM_GCP_NAME_MAX ? len
							 : SIM_GCP_NAME_MAX),
			    text, message->name);
		mask.count++;
		text += len + (text[len] == ',');
	}
	*ret_mask = mask;
	return true;
}

bool
gcp_mask_names(const struct gcp_mask *mask, const char *field)
{
	size_t len = strlen(field);

	for (size_t i = 0; i < mask->count; i++)
		if (strncmp(mask->paths[i], field, len) == 0 &&
		    (mask->paths[i][len] == '\0' || mask->paths[i][len] == '.'))
			return true;
	return mask->all;
}

/* A copy that a document may own. */
static char *
body_copy_text(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = cJSON_malloc(size);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

/* A number that stands for a name becomes the name. */
static bool
body_take_enum(cJSON *value, const struct gcp_field *field, const char *path,
    struct gcp_fault_at *fault)
{
	const char *text = json_string(value);
	int64_t number;
	size_t count = 0;
	char *copy;

	while (field->names[count] != NULL) {
		if (text != NULL && strcmp(field->names[count], text) == 0)
			return true;
		count++;
	}
	if (!json_int(value, &number) || number < 0 || (size_t)number >= count)
		return gcp_fault_say(fault, path,
		    "Invalid value at '%s': no such value of the enum.", path);
	copy = body_copy_text(number == 0 ? "" : field->names[number]);
	if (copy == NULL)
		return gcp_fault_say(fault, path, "out of memory");
	value->type = cJSON_String;
	value->valuestring = copy;
	return true;
}

static bool
body_is_duration(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	double seconds;

	return len > 1 && text[len - 1] == 's' &&
	       num_parse_double(text, len - 1, &seconds) && isfinite(seconds);
}

static bool body_take_message(cJSON *body, const struct gcp_message *message,
    const char *path, struct gcp_fault_at *fault);

static bool
body_take_one(cJSON *value, const struct gcp_field *field, const char *path,
    struct gcp_fault_at *fault)
{
	bool good = true;

	switch (field->kind) {
	case GCP_STRING:
		good = cJSON_IsString(value);
		break;
	case GCP_INT: {
		double number = doc_number(value, NAN);

		good = number == floor(number) && fabs(number) <= INT32_MAX;
		if (good && cJSON_IsString(value))
			good = false; /* 32 bits are numbers */
		break;
	}
	case GCP_BOOL:
		good = cJSON_IsBool(value);
		break;
	case GCP_DURATION:
		good = body_is_duration(json_string(value));
		break;
	case GCP_ENUM:
		return body_take_enum(value, field, path, fault);
	case GCP_MESSAGE:
		return body_take_message(value, field->message, path, fault);
	case GCP_TEXTS:
		good = cJSON_IsObject(value);
		for (const cJSON *v = json_first(value); good && v != NULL;
		     v = json_next(v))
			good = cJSON_IsString(v);
		break;
	case GCP_ANY:
	case GCP_OUTPUT:
		break;
	}
	return good || gcp_fault_say(fault, path, "Invalid value at '%s' (%s)",
			   path, json_kind(value));
}

static bool
body_take_field(cJSON *value, const struct gcp_field *field, const char *path,
    struct gcp_fault_at *fault)
{
	if (!field->list)
		return body_take_one(value, field, path, fault);
	if (!cJSON_IsArray(value))
		return gcp_fault_say(
		    fault, path, "Invalid value at '%s': it is a list.", path);
	for (cJSON *item = value->child; item != NULL; item = item->next)
		if (!body_take_one(item, field, path, fault))
			return false;
	return true;
}

/* In snake_case it is the same field. */
static bool
body_rename(cJSON *value, const char *name)
{
	char *copy;

	if (strcmp(value->string, name) == 0)
		return true;
	copy = body_copy_text(name);
	if (copy == NULL)
		return false;
	cJSON_free(value->string);
	value->string = copy;
	return true;
}

static bool
body_take_message(cJSON *body, const struct gcp_message *message,
    const char *path, struct gcp_fault_at *fault)
{
	cJSON *value, *next;

	if (!cJSON_IsObject(body))
		return gcp_fault_say(fault, path,
		    "Invalid value at '%s': it is a %s.", path, message->name);
	for (value = body->child; value != NULL; value = next) {
		const struct gcp_field *field = gcp_field_find(
		    message, value->string, strlen(value->string));
		char at[SIM_GCP_PATH_MAX];
		const cJSON *first;

		next = value->next;
		if (field == NULL)
			return gcp_fault_say(fault, path,
			    "Invalid JSON payload received. Unknown name "
			    "\"%.*s\" at '%s': Cannot find field.",
			    SIM_GCP_NAME_MAX, value->string, path);
		if (field->kind == GCP_OUTPUT || cJSON_IsNull(value)) {
			cJSON_Delete(cJSON_DetachItemViaPointer(body, value));
			continue;
		}
		snprintf(at, sizeof(at), "%.*s.%s", SIM_GCP_NAME_MAX, path,
		    field->name);
		if (!body_rename(value, field->name))
			return gcp_fault_say(fault, at, "out of memory");
		if (json_find(body, field->name, strlen(field->name), &first) >
		    1)
			return gcp_fault_say(fault, at,
			    "Invalid JSON payload received. '%s' is there "
			    "twice.",
			    at);
		if (!body_take_field(value, field, at, fault))
			return false;
	}
	return true;
}

bool
gcp_body_take(cJSON *body, const struct gcp_message *message,
    struct gcp_fault_at *ret_fault)
{
	if (!body_take_message(body, message, "service", ret_fault))
		return false;
	doc_prune(body);
	return true;
}

/* Copies what is at path from one document to the other, or clears it. */
static void
mask_copy(cJSON *doc, const cJSON *body, const char *path)
{
	char name[SIM_GCP_NAME_MAX];
	size_t len = strcspn(path, ".");
	const cJSON *value;

	snprintf(name, sizeof(name), "%.*s", (int)len, path);
	value = json_member(body, name);
	if (path[len] == '\0') {
		doc_put(doc, name,
		    value != NULL ? cJSON_Duplicate(value, true) : NULL);
	} else {
		cJSON *into = doc_get(doc, name);

		if (!cJSON_IsObject(into))
			into = doc_put_map(doc, name);
		mask_copy(into, value, path + len + 1);
		if (into != NULL && into->child == NULL)
			doc_put(doc, name, NULL);
	}
}

void
gcp_mask_merge(cJSON *doc, const cJSON *body, const struct gcp_message *message,
    const struct gcp_mask *mask)
{
	for (size_t i = 0; i < mask->count; i++)
		mask_copy(doc, body, mask->paths[i]);
	if (!mask->all)
		return;
	for (const struct gcp_field *f = message->fields; f->name != NULL; f++)
		if (f->kind != GCP_OUTPUT)
			mask_copy(doc, body, f->name);
}
