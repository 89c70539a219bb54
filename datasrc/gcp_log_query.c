#include "datasrc/gcp_log_query.h"

#include <string.h>

#include "base/json.h"
#include "base/json_out.h"
#include "datasrc/limits.h"

/* A value in double quotes. */
static bool
add_quoted(struct buf *out, const char *s)
{
	buf_char(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_char(out, '\\');
		buf_char(out, *s);
	}
	return buf_char(out, '"');
}

/* In parentheses, whose end no comment swallows. */
static void
add_group(struct buf *out, const char *filter)
{
	buf_char(out, '(');
	buf_str(out, filter);
	if (strstr(filter, "--") != NULL)
		buf_char(out, '\n');
	buf_char(out, ')');
}

static void
add_services(const struct opt_list *services, struct buf *out)
{
	if (services->count == 0)
		return;
	buf_str(out, " AND resource.type=\"cloud_run_revision\" AND "
		     "resource.labels.service_name=(");
	for (size_t i = 0; i < services->count; i++) {
		if (i > 0)
			buf_str(out, " OR ");
		add_quoted(out, services->items[i]);
	}
	buf_char(out, ')');
}

bool
gcp_log_filter(
    const struct gcp_log_query *query, struct gcp_stamp from, struct buf *out)
{
	char stamp[GCP_STAMP_LEN];

	buf_fmt(out, "timestamp>=\"%s\"", gcp_stamp_text(from, stamp));
	add_services(query->services, out);
	if (query->filter != NULL) {
		buf_str(out, " AND ");
		add_group(out, query->filter);
	}
	if (strcmp(query->severity, "DEFAULT") == 0)
		return !out->failed;
	buf_fmt(out, " AND (severity>=%s", query->severity);
	for (size_t i = 0; i < query->filters->count; i++) {
		buf_str(out, " OR ");
		add_group(out, query->filters->items[i].value);
	}
	return buf_char(out, ')');
}

/* resourceNames: the project, or what the configuration names instead. */
static void
add_resources(const struct gcp_log_query *query, struct json_out *json,
    struct cJSON *root)
{
	struct cJSON *list = json_new_list();
	struct buf name = BUF_INIT(GCP_PROJECT_MAX + 16);

	for (size_t i = 0; i < query->resources->count; i++) {
		const char *item = query->resources->items[i];

		if (!json_put(list, NULL, json_new_text(item, strlen(item))))
			json->failed = true;
	}
	if (query->resources->count == 0) {
		if (!buf_fmt(&name, "projects/%s", query->project) ||
		    !json_put(list, NULL, json_new_text(name.data, name.len)))
			json->failed = true;
	}
	buf_release(&name);
	if (!json_put(root, "resourceNames", list))
		json->failed = true;
}

bool
gcp_log_body(const struct gcp_log_query *query, const char *filter,
    size_t page_size, const char *page, struct buf *out)
{
	struct buf scratch = BUF_INIT(GCP_FILTER_MAX);
	struct json_out json = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&json);
	bool good;

	add_resources(query, &json, root);
	json_out_str(&json, root, "filter", filter);
	json_out_str(&json, root, "orderBy", "timestamp desc");
	json_out_num(&json, root, "pageSize", (double)page_size);
	if (page != NULL)
		json_out_str(&json, root, "pageToken", page);
	good = json_out_close(&json, root, out) == ERR_OK;
	buf_release(&scratch);
	return good;
}
