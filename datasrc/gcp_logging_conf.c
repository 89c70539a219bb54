#include "datasrc/gcp_logging_conf.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "datasrc/gcp_filter.h"
#include "model/platform.h"

static const char *const severities[] = { "default", "debug", "info", "notice",
	"warning", "error", "critical", NULL };
static const char *const severity_words[] = { "DEFAULT", "DEBUG", "INFO",
	"NOTICE", "WARNING", "ERROR", "CRITICAL" };

struct gcp_log_query
gcp_logging_query(const struct gcp_logging_conf *conf)
{
	return (struct gcp_log_query) {
		.project = conf->gcp.project,
		.resources = &conf->resources,
		.services = &conf->services,
		.filter = conf->filter,
		.filters = &conf->filters,
		.severity = severity_words[conf->severity],
	};
}

/* A mistake in a filter, at the place of the filter. */
static void
check_filter(const char *expr, bool named, const struct conf_node *node,
    struct conf_errors *errors)
{
	struct gcp_filter *filter = NULL;
	struct err why = ERR_INIT;

	if (gcp_filter_new(expr, &filter, &why) != ERR_OK)
		conf_errors_add(errors, node->pos, NULL, "filter: %s", why.msg);
	else if (named && gcp_filter_unmatched(filter) != NULL)
		conf_errors_add(errors, node->pos, NULL,
		    "%s() can't be counted here; in filter: it can be used",
		    gcp_filter_unmatched(filter));
	gcp_filter_free(filter);
}

static bool
has_search(const struct platform *platform, const char *name)
{
	for (size_t i = 0; platform != NULL && i < platform->search_count;
	     i++) {
		if (strcmp(platform->searches[i].name, name) == 0)
			return true;
	}
	return false;
}

static void
check_named(const struct gcp_logging_conf *conf,
    const struct platform *platform, const struct conf_node *filters,
    struct conf_errors *errors)
{
	for (size_t i = 0; i < conf->filters.count; i++) {
		const struct opt_pair *pair = &conf->filters.items[i];
		const struct conf_node *at = conf_get(filters, pair->key);

		if (at == NULL)
			at = filters;
		check_filter(pair->value, true, at, errors);
		if (has_search(platform, pair->key))
			conf_errors_add(errors, at->key_pos, NULL,
			    "logs: has a search called %s as well; both would "
			    "count as one",
			    pair->key);
	}
}

void
gcp_logging_conf_check(const struct gcp_logging_conf *conf,
    const struct platform *platform, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct gcp_log_query query = gcp_logging_query(conf);
	const struct conf_node *filters = conf_get(node, "filters");
	const struct conf_node *filter = conf_get(node, "filter");
	struct buf all = BUF_INIT(GCP_FILTER_MAX);

	gcp_conf_check(&conf->gcp, node, errors);
	if (conf->filter != NULL && filter != NULL)
		check_filter(conf->filter, false, filter, errors);
	if (conf->filters.count > GCP_LOG_FILTERS_MAX)
		conf_errors_add(errors, filters->pos, NULL,
		    "at most %d named filters", GCP_LOG_FILTERS_MAX);
	else if (filters != NULL)
		check_named(conf, platform, filters, errors);
	if (!gcp_log_filter(&query, gcp_stamp_of(0), &all))
		conf_errors_add(errors, node->pos, NULL,
		    "all filters together have more than the %d characters "
		    "that Google takes",
		    GCP_FILTER_MAX);
	buf_release(&all);
}

static const struct opt gcp_logging_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_logging_conf, services, "services", OPT_LIST),
	    .max = GCP_NAMES_MAX,
	    .help = "services of Cloud Run to show; without it everything "
		    "that filter finds",
	},
	{
	    OPT_FIELD(struct gcp_logging_conf, filter, "filter", OPT_STRING),
	    .max = GCP_FILTER_MAX,
	    .help = "what to show, in Google's language, such as "
		    "resource.type=\"redis_instance\"",
	},
	{
	    OPT_FIELD(
		struct gcp_logging_conf, severity, "severity", OPT_CHOICE),
	    .choices = severities,
	    .preset = "default",
	    .help = "lowest severity to show; what a named filter finds is "
		    "shown, too",
	},
	{
	    OPT_FIELD(struct gcp_logging_conf, filters, "filters", OPT_PAIRS),
	    .help = "named filters in Google's language; each is counted in "
		    "log_matches, and its name is a field of what it finds",
	},
	{
	    OPT_FIELD(
		struct gcp_logging_conf, history_ns, "history", OPT_DURATION),
	    .max = 24 * 3600 * NS_PER_SEC,
	    .preset = "10m",
	    .help = "how far the first question reaches back",
	},
	{
	    OPT_FIELD(struct gcp_logging_conf, share, "share", OPT_INT),
	    .min = 1,
	    .max = GCP_LOG_DASHBOARDS_MAX,
	    .preset = "10",
	    .help = "how many dashboards share the project's quota of 60 "
		    "questions a minute; each asks so seldom that all have "
		    "room",
	},
	{
	    OPT_FIELD(
		struct gcp_logging_conf, mask_emails, "mask_emails", OPT_BOOL),
	    .preset = "true",
	    .help = "show ada@example.com as a…@example.com",
	},
	{
	    OPT_FIELD(
		struct gcp_logging_conf, resources, "resources", OPT_LIST),
	    .max = GCP_LOG_RESOURCES_MAX,
	    .help = "other projects or log views to read, such as "
		    "projects/P/locations/L/buckets/B/views/V",
	},
};

const struct opt_table gcp_logging_table = OPT_TABLE(gcp_logging_rows);
