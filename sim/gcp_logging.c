/*
 * Cloud Logging v2, entries.list: a page is what comes behind the last entry
 * of the page before, in the order that was asked for.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_filter.h"
#include "sim/gcp_log.h"

enum {
	LOGGING_PRESET = 50,
	LOGGING_MAX = 1000,
	LOGGING_FILTER_MAX = 20000,
	LOGGING_BEFORE_MS = 1000, /* entries of the ring are out of order */
};

/* A question, and what fits to it. */
struct logging_ask {
	struct gcp_filter *filter;
	bool down; /* newest first */
	size_t size;
	bool behind; /* only what comes behind this: */
	int64_t ns;
	uint64_t number;
	const struct gcp_entry **found;
	size_t count, cap;
};

/* 60 a minute for the whole project, as Google says. */
static bool
logging_over_quota(struct gcp_call *call)
{
	struct gcp_log *log = &call->gcp->log;
	unsigned minute = (unsigned)(call->gcp->wall_ms / 60000);

	if (log->minute != minute) {
		log->minute = minute;
		log->asked = 0;
	}
	if (log->asked++ < SIM_GCP_LOG_QUOTA)
		return false;
	gcp_reply_error(call->reply, GCP_RESOURCE_EXHAUSTED,
	    gcp_detail_info(NULL, "RATE_LIMIT_EXCEEDED", call->api,
		"quota_limit", "ReadRequestsPerMinutePerProject"),
	    "Quota exceeded for quota metric 'Read requests' and limit 'Read "
	    "requests per minute' of service 'logging.googleapis.com' for "
	    "consumer 'project_number:%s'.",
	    call->gcp->conf->number);
	return true;
}

static bool
logging_refuse(struct gcp_call *call, const char *field, const char *what)
{
	gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT,
	    gcp_detail_field(NULL, field, what), "%s: %s", field, what);
	return false;
}

static bool
logging_resources_are_ours(const struct gcp_call *call)
{
	const cJSON *names = json_member(call->body, "resourceNames");
	const cJSON *v = json_first(names);
	const char *project = call->gcp->conf->project;

	for (; v != NULL; v = json_next(v)) {
		const char *name = json_string(v);
		size_t len = strlen(project);

		if (name == NULL || strncmp(name, "projects/", 9) != 0 ||
		    strncmp(name + 9, project, len) != 0 ||
		    (name[9 + len] != '\0' && name[9 + len] != '/'))
			return false;
	}
	return json_count(names) > 0;
}

static bool
logging_take_order(struct gcp_call *call, struct logging_ask *ask)
{
	const cJSON *size = json_member(call->body, "pageSize");
	const char *order = json_string(json_member(call->body, "orderBy"));
	const char *token = json_string(json_member(call->body, "pageToken"));
	double number = doc_number(size, 0);

	if (order != NULL && strcmp(order, "timestamp desc") == 0)
		ask->down = true;
	else if (order != NULL && order[0] != '\0' &&
		 strcmp(order, "timestamp asc") != 0 &&
		 strcmp(order, "timestamp") != 0)
		return logging_refuse(call, "order_by",
		    "must be \"timestamp asc\" or \"timestamp desc\"");
	if (number < 0 || number > LOGGING_MAX)
		return logging_refuse(
		    call, "page_size", "must be between 0 and 1000");
	ask->size = number > 0 ? (size_t)number : LOGGING_PRESET;
	if (token == NULL || token[0] == '\0')
		return true;
	ask->behind = true;
	return sscanf(token, "e%" SCNd64 ".%" SCNu64, &ask->ns, &ask->number) ==
		   2 ||
	       logging_refuse(call, "page_token", "is not valid");
}

static bool
logging_take(struct gcp_call *call, struct logging_ask *ask)
{
	static const char *const known[] = { "resourceNames", "filter",
		"orderBy", "pageSize", "pageToken", "projectIds" };
	const char *text = json_string(json_member(call->body, "filter"));
	struct err err = ERR_INIT;

	for (const cJSON *v = json_first(call->body); v != NULL;
	     v = json_next(v)) {
		size_t i = 0;

		while (
		    i < ARRAY_LEN(known) && strcmp(known[i], json_name(v)) != 0)
			i++;
		if (i == ARRAY_LEN(known))
			return logging_refuse(
			    call, "body", "Cannot find field.");
	}
	if (!logging_resources_are_ours(call))
		return logging_refuse(call, "resource_names",
		    "must name this project, or parts of it");
	if (!logging_take_order(call, ask))
		return false;
	if (text != NULL && strlen(text) > LOGGING_FILTER_MAX)
		return logging_refuse(call, "filter", "is too long");
	if (gcp_filter_parse(text != NULL ? text : "", &ask->filter, &err) !=
	    ERR_OK)
		return logging_refuse(call, "filter", err_text(&err));
	return true;
}

static int
logging_compare(const struct gcp_entry *a, const struct gcp_entry *b)
{
	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int
logging_up(const void *a, const void *b)
{
	return logging_compare(*(const struct gcp_entry *const *)a,
	    *(const struct gcp_entry *const *)b);
}

static bool
logging_wants(const struct gcp *gcp, const struct logging_ask *ask,
    const struct gcp_entry *entry)
{
	const struct gcp_entry last = { .ns = ask->ns, .number = ask->number };
	int order = ask->behind ? logging_compare(entry, &last) : 0;

	if (entry->ns + entry->lag_ms * NS_PER_MS > gcp->wall_ms * NS_PER_MS)
		return false; /* it is on its way */
	if (ask->behind && (ask->down ? order >= 0 : order <= 0))
		return false;
	return gcp_filter_match(ask->filter, gcp_entry_value, entry);
}

/* Back from the newest, until nothing older can fit. */
static bool
logging_find(const struct gcp *gcp, struct logging_ask *ask)
{
	const struct gcp_log *log = &gcp->log;
	int64_t since = gcp_filter_since(ask->filter);
	uint64_t left =
	    log->count < SIM_GCP_ENTRIES_MAX ? log->count : SIM_GCP_ENTRIES_MAX;

	if (since != INT64_MIN)
		since -= LOGGING_BEFORE_MS * NS_PER_MS;
	for (uint64_t n = log->count; left > 0; left--) {
		const struct gcp_entry *entry =
		    &log->ring[--n % SIM_GCP_ENTRIES_MAX];

		if (entry->ns < since)
			break;
		if (!logging_wants(gcp, ask, entry))
			continue;
		if (ask->count == ask->cap) {
			size_t cap = ask->cap > 0 ? 2 * ask->cap : 256;
			const struct gcp_entry **more =
			    mem_realloc(ask->found, cap, sizeof(*more));

			if (more == NULL)
				return false;
			ask->found = more;
			ask->cap = cap;
		}
		ask->found[ask->count++] = entry;
	}
	if (ask->count > 0)
		qsort(ask->found, ask->count, sizeof(*ask->found), logging_up);
	return true;
}

void
gcp_logging_list(struct gcp_call *call)
{
	struct logging_ask ask = { .size = 0 };
	cJSON *root = NULL, *list;
	char token[64];

	if (logging_over_quota(call))
		return;
	if (!logging_take(call, &ask))
		goto out;
	if (!logging_find(call->gcp, &ask)) {
		gcp_reply_error(call->reply, GCP_INTERNAL, NULL, "no memory");
		goto out;
	}
	root = cJSON_CreateObject();
	list = ask.count > 0 ? doc_put_list(root, "entries") : NULL;
	for (size_t i = 0; i < ask.count && i < ask.size; i++) {
		size_t at = ask.down ? ask.count - 1 - i : i;

		cJSON_AddItemToArray(list, gcp_entry_doc(ask.found[at]));
		if (i + 1 < ask.size || i + 1 == ask.count)
			continue;
		snprintf(token, sizeof(token), "e%" PRId64 ".%" PRIu64,
		    ask.found[at]->ns, ask.found[at]->number);
		doc_put_str(root, "nextPageToken", token);
	}
	gcp_reply_doc(call->reply, root);
out:
	gcp_filter_free(ask.filter);
	mem_free(ask.found);
}
