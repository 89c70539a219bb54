/*
 * The fields of log entries: one function knows the value of each, for the
 * filter and for the document, so that the two can't disagree.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "sim/gcp.h"
#include "sim/gcp_log.h"

#define AUDIT_TYPE "type.googleapis.com/google.cloud.audit.AuditLog"

/* In the order of a document. The first part decides who has it. */
static const char *const entry_fields[] = { "logName", "resource.type",
	"resource.labels.configuration_name", "resource.labels.location",
	"resource.labels.project_id", "resource.labels.revision_name",
	"resource.labels.service_name", "timestamp", "receiveTimestamp",
	"severity", "insertId", "labels.instanceId", "trace",
	"httpRequest.latency", "httpRequest.protocol", "httpRequest.remoteIp",
	"httpRequest.requestMethod", "httpRequest.requestUrl",
	"httpRequest.responseSize", "httpRequest.status",
	"httpRequest.userAgent", "jsonPayload.brandId", "jsonPayload.email",
	"jsonPayload.error", "jsonPayload.event", "jsonPayload.jobId",
	"jsonPayload.message", "jsonPayload.phase", "jsonPayload.responseTime",
	"jsonPayload.route", "jsonPayload.stackTrace", "textPayload",
	"protoPayload.@type", "protoPayload.authenticationInfo.principalEmail",
	"protoPayload.methodName", "protoPayload.resourceName",
	"protoPayload.serviceName" };

ATTR_PRINTF(2, 3)
static void
entry_text(struct gcp_value *value, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value->store, sizeof(value->store), fmt, ap);
	va_end(ap);
	value->kind = GCP_VALUE_TEXT;
	value->text = value->store;
}

/* NULL: there is none. */
static void
entry_static(struct gcp_value *value, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	value->kind = GCP_VALUE_TEXT;
	value->text = text;
}

static void
entry_time(struct gcp_value *value, int64_t ns)
{
	value->kind = GCP_VALUE_TIME;
	value->ns = ns;
}

static void
entry_number(struct gcp_value *value, double number)
{
	value->kind = GCP_VALUE_NUMBER;
	value->number = number;
}

static const struct gcp_line *
entry_line(const struct gcp_entry *e)
{
	return e->line > 0 ? &e->service->conf->lines[e->line - 1] : NULL;
}

static const char *
entry_message(const struct gcp_entry *e)
{
	const struct gcp_line *line = entry_line(e);

	return e->message != NULL ? e->message
	       : line != NULL	  ? line->message
				  : NULL;
}

static const struct gcp_path *
entry_path(const struct gcp_entry *e)
{
	const struct gcp_service_conf *conf = e->service->conf;

	return e->route < conf->route_count ? &conf->routes[e->route] : NULL;
}

/* Of the log's name, what is behind "logs/". */
static const char *
entry_log_id(const struct gcp_entry *e)
{
	switch (e->kind) {
	case GCP_ENTRY_REQUEST:
		return "run.googleapis.com/requests";
	case GCP_ENTRY_SYSTEM:
		return "run.googleapis.com/varlog/system";
	case GCP_ENTRY_AUDIT:
		return "cloudaudit.googleapis.com/activity";
	default:
		return e->severity >= 500 ? "run.googleapis.com/stderr"
					  : "run.googleapis.com/stdout";
	}
}

static void
entry_log_name(const struct gcp_entry *e, struct gcp_value *value)
{
	const char *id = entry_log_id(e);
	size_t n;

	entry_text(value, "projects/%s/logs/", e->service->cloud->project);
	n = strlen(value->store);
	for (; *id != '\0' && n + 4 < sizeof(value->store); id++) {
		if (*id == '/') {
			memcpy(value->store + n, "%2F", 3);
			n += 3;
		} else {
			value->store[n++] = *id;
		}
	}
	value->store[n] = '\0';
}

static void
entry_resource(
    const struct gcp_entry *e, const char *field, struct gcp_value *value)
{
	const struct gcp_service_conf *conf = e->service->conf;

	if (strcmp(field, "type") == 0)
		entry_static(value, "cloud_run_revision");
	else if (strcmp(field, "labels.service_name") == 0 ||
		 strcmp(field, "labels.configuration_name") == 0)
		entry_static(value, conf->name);
	else if (strcmp(field, "labels.revision_name") == 0)
		entry_static(value, e->revision);
	else if (strcmp(field, "labels.location") == 0)
		entry_static(value, conf->region);
	else if (strcmp(field, "labels.project_id") == 0)
		entry_static(value, e->service->cloud->project);
}

static void
entry_http(
    const struct gcp_entry *e, const char *field, struct gcp_value *value)
{
	const struct gcp_path *path = entry_path(e);

	if (strcmp(field, "status") == 0)
		entry_number(value, e->status);
	else if (strcmp(field, "requestMethod") == 0)
		entry_static(value, path != NULL ? path->method : "GET");
	else if (strcmp(field, "requestUrl") == 0)
		entry_text(value, "https://%s-%s.%s.run.app%s",
		    e->service->conf->name, e->service->cloud->number,
		    e->service->conf->region, path != NULL ? path->path : "/");
	else if (strcmp(field, "latency") == 0)
		entry_text(value, "%.6fs", (double)e->seconds);
	else if (strcmp(field, "responseSize") == 0)
		entry_text(value, "%u", 500 + e->roll % 30000);
	else if (strcmp(field, "remoteIp") == 0)
		entry_text(value, "203.0.113.%u", e->roll % 250 + 1);
	else if (strcmp(field, "userAgent") == 0)
		entry_static(value, "Mozilla/5.0 (X11; Linux x86_64)");
	else if (strcmp(field, "protocol") == 0)
		entry_static(value, "HTTP/1.1");
}

/* What the app's own lines say beside their message. */
static void
entry_job(const struct gcp_entry *e, const char *field, struct gcp_value *value)
{
	const struct gcp_line *line = entry_line(e);

	if (line == NULL)
		return;
	if (strcmp(field, "event") == 0)
		entry_static(value, line->event);
	else if (strcmp(field, "phase") == 0)
		entry_static(value, line->phase);
	else if (strcmp(field, "jobId") == 0 && line->phase != NULL)
		entry_text(value, "job-%05x", e->roll % 0x4000);
	else if (strcmp(field, "brandId") == 0 && line->event != NULL)
		entry_text(value, "brand-%03u", e->roll % 400);
	else if (strcmp(field, "email") == 0 && line->event != NULL &&
		 strstr(line->event, "log") != NULL)
		entry_text(value, "user%u@example.com", e->roll % 900);
}

static void
entry_json(
    const struct gcp_entry *e, const char *field, struct gcp_value *value)
{
	const struct gcp_path *path = entry_path(e);

	if (strcmp(field, "message") == 0 ||
	    (strcmp(field, "error") == 0 && e->severity >= 500))
		entry_static(value, entry_message(e));
	else if (strcmp(field, "stackTrace") == 0)
		entry_static(value, e->stack);
	else if (strcmp(field, "responseTime") == 0 && e->seconds > 0)
		entry_number(value, (int)(e->seconds * 1e3F));
	else if (strcmp(field, "route") == 0 && e->seconds > 0 && path != NULL)
		entry_static(value, path->path);
	else
		entry_job(e, field, value);
}

static void
entry_proto(
    const struct gcp_entry *e, const char *field, struct gcp_value *value)
{
	if (strcmp(field, "@type") == 0)
		entry_static(value, AUDIT_TYPE);
	else if (strcmp(field, "methodName") == 0)
		entry_static(value, e->message);
	else if (strcmp(field, "serviceName") == 0)
		entry_static(value, "run.googleapis.com");
	else if (strcmp(field, "resourceName") == 0)
		entry_static(value, e->service->path);
	else if (strcmp(field, "authenticationInfo.principalEmail") == 0)
		entry_static(value, e->who);
}

static void
entry_plain(
    const struct gcp_entry *e, const char *field, struct gcp_value *value)
{
	if (strcmp(field, "timestamp") == 0) {
		entry_time(value, e->ns);
	} else if (strcmp(field, "receiveTimestamp") == 0) {
		entry_time(value, e->ns + e->lag_ms * NS_PER_MS);
	} else if (strcmp(field, "severity") == 0) {
		value->kind = GCP_VALUE_RANK;
		value->number = e->severity;
	} else if (strcmp(field, "insertId") == 0) {
		entry_text(value, "%08x%08" PRIx64, e->roll, e->number);
	} else if (strcmp(field, "logName") == 0) {
		entry_log_name(e, value);
	} else if (strcmp(field, "log_id") == 0) {
		entry_static(value, entry_log_id(e));
	} else if (strcmp(field, "textPayload") == 0 &&
		   e->kind == GCP_ENTRY_SYSTEM) {
		entry_static(value, e->message);
	} else if (strcmp(field, "labels.instanceId") == 0 &&
		   e->kind != GCP_ENTRY_AUDIT) {
		entry_text(value, "00f46b92%04x", e->roll % 7);
	} else if (strcmp(field, "trace") == 0 &&
		   e->kind == GCP_ENTRY_REQUEST) {
		entry_text(value, "projects/%s/traces/%08x%024" PRIx64,
		    e->service->cloud->project, e->roll, e->number);
	}
}

/* All that a person could look for, in one text. */
static void
entry_all(const struct gcp_entry *e, struct gcp_value *value)
{
	const struct gcp_path *path = entry_path(e);
	const char *message = entry_message(e);

	entry_text(value, "%s\n%s\n%s\n%s\n%s\n%s\njob-%05x\nbrand-%03u\n%u",
	    message != NULL ? message : "", e->stack != NULL ? e->stack : "",
	    path != NULL ? path->path : "", e->service->conf->name, e->revision,
	    e->who != NULL ? e->who : "", e->roll % 0x4000, e->roll % 400,
	    e->status);
}

void
gcp_entry_value(
    const void *subject, const char *field, struct gcp_value *ret_value)
{
	static const struct {
		const char *prefix;
		uint8_t kind;
		void (*get)(const struct gcp_entry *e, const char *field,
		    struct gcp_value *value);
	} parts[] = {
		{ "httpRequest", GCP_ENTRY_REQUEST, entry_http },
		{ "jsonPayload", GCP_ENTRY_APP, entry_json },
		{ "protoPayload", GCP_ENTRY_AUDIT, entry_proto },
	};
	const struct gcp_entry *e = subject;

	ret_value->kind = GCP_VALUE_NONE;
	if (strcmp(field, "*") == 0) {
		entry_all(e, ret_value);
		return;
	}
	if (strncmp(field, "resource.", 9) == 0) {
		entry_resource(e, field + 9, ret_value);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t len = strlen(parts[i].prefix);

		if (strncmp(field, parts[i].prefix, len) != 0)
			continue;
		if (e->kind != parts[i].kind)
			return;
		if (field[len] == '.')
			parts[i].get(e, field + len + 1, ret_value);
		else if (field[len] == '\0')
			ret_value->kind = GCP_VALUE_MAP;
		return;
	}
	entry_plain(e, field, ret_value);
}

static void
entry_put_time(cJSON *doc, const char *key, int64_t ns)
{
	char text[CLOCK_RFC3339_LEN + 16], whole[CLOCK_RFC3339_LEN];

	clock_rfc3339(ns / NS_PER_MS, whole);
	snprintf(
	    text, sizeof(text), "%.19s.%09dZ", whole, (int)(ns % NS_PER_SEC));
	doc_put_str(doc, key, text);
}

/* The object that the last part of a path is in; made where it is missing. */
static cJSON *
entry_descend(cJSON *doc, const char *path, const char **ret_key)
{
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		char name[SIM_GCP_NAME_MAX];
		cJSON *next;

		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		next = doc_get(doc, name);
		doc = next != NULL ? next : doc_put_map(doc, name);
		path = dot + 1;
	}
	*ret_key = path;
	return doc;
}

static const char *
entry_severity(unsigned rank)
{
	static const char *const names[] = { "DEFAULT", "DEBUG", "INFO",
		"NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT",
		"EMERGENCY" };

	return names[rank / 100 < ARRAY_LEN(names) ? rank / 100 : 0];
}

cJSON *
gcp_entry_doc(const struct gcp_entry *entry)
{
	cJSON *root = cJSON_CreateObject();
	struct gcp_value value;

	for (size_t i = 0; i < ARRAY_LEN(entry_fields); i++) {
		const char *key;
		cJSON *at;

		gcp_entry_value(entry, entry_fields[i], &value);
		if (value.kind == GCP_VALUE_NONE)
			continue;
		at = entry_descend(root, entry_fields[i], &key);
		if (value.kind == GCP_VALUE_TIME)
			entry_put_time(at, key, value.ns);
		else if (value.kind == GCP_VALUE_RANK)
			doc_put_str(at, key, entry_severity(entry->severity));
		else if (value.kind == GCP_VALUE_NUMBER)
			doc_put_num(at, key, value.number);
		else
			doc_put_str(at, key, value.text);
	}
	return root;
}
