#include "sim/gcp_reply.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "sim/limits.h"

#define RPC_TYPE "type.googleapis.com/google.rpc."

static const struct {
	enum gcp_code code;
	unsigned http;
	const char *name;
} gcp_codes[] = {
	{ GCP_INVALID_ARGUMENT, 400, "INVALID_ARGUMENT" },
	{ GCP_NOT_FOUND, 404, "NOT_FOUND" },
	{ GCP_ALREADY_EXISTS, 409, "ALREADY_EXISTS" },
	{ GCP_PERMISSION_DENIED, 403, "PERMISSION_DENIED" },
	{ GCP_RESOURCE_EXHAUSTED, 429, "RESOURCE_EXHAUSTED" },
	{ GCP_FAILED_PRECONDITION, 400, "FAILED_PRECONDITION" },
	{ GCP_ABORTED, 409, "ABORTED" },
	{ GCP_UNIMPLEMENTED, 501, "UNIMPLEMENTED" },
	{ GCP_INTERNAL, 500, "INTERNAL" },
	{ GCP_UNAVAILABLE, 503, "UNAVAILABLE" },
	{ GCP_UNAUTHENTICATED, 401, "UNAUTHENTICATED" },
};

void
gcp_reply_copy(struct httpd_reply *reply, const cJSON *root)
{
	char *text = cJSON_PrintUnformatted(root);

	reply->status = 200;
	if (text == NULL || !buf_str(&reply->body, text))
		reply->body.failed = true;
	cJSON_free(text);
}

void
gcp_reply_doc(struct httpd_reply *reply, cJSON *root)
{
	gcp_reply_copy(reply, root);
	cJSON_Delete(root);
}

void
gcp_reply_error(struct httpd_reply *reply, enum gcp_code code, cJSON *details,
    const char *fmt, ...)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *error = doc_put_map(root, "error");
	char message[SIM_GCP_MESSAGE_MAX];
	unsigned http = 500;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < ARRAY_LEN(gcp_codes); i++) {
		if (gcp_codes[i].code != code)
			continue;
		http = gcp_codes[i].http;
		doc_put_str(error, "status", gcp_codes[i].name);
	}
	doc_put_num(error, "code", http);
	doc_put_str(error, "message", message);
	if (details != NULL)
		doc_put(error, "details", details);
	gcp_reply_doc(reply, root);
	reply->status = http;
}

static cJSON *
detail_new(cJSON **details, const char *type)
{
	char name[96];
	cJSON *detail;

	if (*details == NULL)
		*details = cJSON_CreateArray();
	detail = doc_add_map(*details);
	snprintf(name, sizeof(name), RPC_TYPE "%s", type);
	doc_put_str(detail, "@type", name);
	return detail;
}

cJSON *
gcp_detail_info(cJSON *details, const char *reason, const char *service,
    const char *key, const char *value)
{
	cJSON *info = detail_new(&details, "ErrorInfo"), *metadata;

	doc_put_str(info, "reason", reason);
	doc_put_str(info, "domain", "googleapis.com");
	metadata = doc_put_map(info, "metadata");
	doc_put_str(metadata, "service", service);
	doc_put_str(metadata, key, value);
	return details;
}

cJSON *
gcp_detail_retry(cJSON *details, unsigned seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%us", seconds);
	doc_put_str(detail_new(&details, "RetryInfo"), "retryDelay", text);
	return details;
}

cJSON *
gcp_detail_field(cJSON *details, const char *field, const char *what)
{
	cJSON *list =
	    doc_put_list(detail_new(&details, "BadRequest"), "fieldViolations");
	cJSON *violation = doc_add_map(list);

	doc_put_str(violation, "field", field);
	doc_put_str(violation, "description", what);
	return details;
}

cJSON *
doc_get(cJSON *doc, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(doc, key);
}

/* item, or NULL when it found no place and is gone. */
static cJSON *
doc_place(cJSON *doc, const char *key, cJSON *item)
{
	cJSON_DeleteItemFromObjectCaseSensitive(doc, key);
	if (item == NULL || cJSON_AddItemToObject(doc, key, item))
		return item;
	cJSON_Delete(item);
	return NULL;
}

void
doc_put(cJSON *doc, const char *key, cJSON *item)
{
	(void)doc_place(doc, key, item);
}

void
doc_put_str(cJSON *doc, const char *key, const char *value)
{
	doc_put(doc, key, cJSON_CreateString(value));
}

void
doc_put_num(cJSON *doc, const char *key, double value)
{
	doc_put(doc, key, cJSON_CreateNumber(value));
}

void
doc_put_i64(cJSON *doc, const char *key, int64_t value)
{
	char text[NUM_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64, value);
	doc_put_str(doc, key, text);
}

void
doc_put_time(cJSON *doc, const char *key, int64_t wall_ms)
{
	char text[CLOCK_RFC3339_LEN];

	doc_put_str(doc, key, clock_rfc3339(wall_ms, text));
}

cJSON *
doc_put_map(cJSON *doc, const char *key)
{
	return doc_place(doc, key, cJSON_CreateObject());
}

cJSON *
doc_put_list(cJSON *doc, const char *key)
{
	return doc_place(doc, key, cJSON_CreateArray());
}

cJSON *
doc_add_map(cJSON *list)
{
	cJSON *map = cJSON_CreateObject();

	if (!cJSON_AddItemToArray(list, map)) {
		cJSON_Delete(map);
		return NULL;
	}
	return map;
}

static bool
doc_is_default(const cJSON *value)
{
	return cJSON_IsNull(value) || cJSON_IsFalse(value) ||
	       (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
	       (cJSON_IsNumber(value) && value->valuedouble == 0) ||
	       ((cJSON_IsObject(value) || cJSON_IsArray(value)) &&
		   value->child == NULL);
}

void
doc_prune(cJSON *doc)
{
	cJSON *child = doc != NULL ? doc->child : NULL;

	while (child != NULL) {
		cJSON *next = child->next;

		/* what is empty there has a meaning: emptyDir */
		if (child->string == NULL ||
		    strcmp(child->string, "volumes") != 0)
			doc_prune(child);
		/* an empty item of a list is an item */
		if (cJSON_IsObject(doc) && doc_is_default(child))
			cJSON_Delete(cJSON_DetachItemViaPointer(doc, child));
		child = next;
	}
}

double
doc_number(const cJSON *value, double fallback)
{
	const char *text = json_string(value);
	double number;

	if (json_double(value, &number) ||
	    (text != NULL && num_parse_double(text, strlen(text), &number)))
		return number;
	return fallback;
}
