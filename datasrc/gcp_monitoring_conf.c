#include "datasrc/gcp_monitoring_conf.h"

#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "datasrc/gcp_figure.h"

static struct conf_pos
item_pos(const struct opt_list *list, size_t i, const struct conf_node *node)
{
	const struct conf_node *item =
	    list->node != NULL ? list->node->first : NULL;

	for (; item != NULL && i > 0; i--)
		item = item->next;
	return item != NULL ? item->pos : node->pos;
}

static void
check_figures(const struct opt_list *list, const struct conf_node *node,
    struct conf_errors *errors)
{
	for (size_t i = 0; i < list->count; i++) {
		struct nearest near = NEAREST_INIT(list->items[i]);
		bool known = false;

		for (size_t k = 0; k < gcp_figure_count; k++) {
			known = known || strcmp(gcp_figures[k].name,
					     list->items[i]) == 0;
			nearest_offer(&near, gcp_figures[k].name);
		}
		if (!known)
			conf_errors_add_near(errors, item_pos(list, i, node),
			    near.best,
			    "there is no figure called \"%s\"; sevtop info "
			    "gcp.monitoring lists them",
			    list->items[i]);
	}
}

/* They stand between quotes in the question. */
static void
check_names(const struct opt_list *list, const struct conf_node *node,
    struct conf_errors *errors)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i];

		if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
		    strlen(name))
			conf_errors_add(errors, item_pos(list, i, node), NULL,
			    "\"%s\" is no name that Google gives: small "
			    "letters, digits and -",
			    name);
	}
}

static void
check_windows(const struct opt_list *list, const struct conf_node *node,
    struct conf_errors *errors)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i];
		int64_t ns;

		if (!num_parse_duration(name, strlen(name), &ns) ||
		    ns < 60 * NS_PER_SEC || ns > 30 * 24 * 3600 * NS_PER_SEC)
			conf_errors_add(errors, item_pos(list, i, node), NULL,
			    "\"%s\" is no duration from 1m to 30d", name);
	}
}

void
gcp_monitoring_conf_check(const struct gcp_monitoring_conf *conf,
    const struct conf_node *node, struct conf_errors *errors)
{
	gcp_conf_check(&conf->gcp, node, errors);
	check_figures(&conf->figures, node, errors);
	check_names(&conf->regions, node, errors);
	check_names(&conf->services, node, errors);
	check_windows(&conf->windows, node, errors);
}

static const struct opt gcp_monitoring_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_monitoring_conf, figures, "figures", OPT_LIST),
	    .max = GCP_FIGURES_MAX,
	    .help = "what to ask for, of requests, latency, instances, cpu, "
		    "memory, redis, network and startup; without it all",
	},
	{
	    OPT_FIELD(struct gcp_monitoring_conf, regions, "regions", OPT_LIST),
	    .max = GCP_REGIONS_MAX,
	    .help = "regions to look into, each by itself when there are "
		    "several; without it the sum of all",
	},
	{
	    OPT_FIELD(
		struct gcp_monitoring_conf, services, "services", OPT_LIST),
	    .max = GCP_NAMES_MAX,
	    .help = "names of the services to ask for; without it all of them",
	},
	{
	    OPT_FIELD(struct gcp_monitoring_conf, slos, "slos", OPT_BOOL),
	    .preset = "true",
	    .help = "whether to ask for service level objectives",
	},
	{
	    OPT_FIELD(struct gcp_monitoring_conf, windows, "windows", OPT_LIST),
	    .max = GCP_SLO_WINDOWS_MAX,
	    .help = "how far burn rates look back; without it 1h, 6h, 24h, 3d",
	},
	{
	    OPT_FIELD(struct gcp_monitoring_conf, quota, "quota", OPT_INT),
	    .min = 1,
	    .max = GCP_QUOTA_MAX,
	    .preset = "300",
	    .help = "questions a minute that Google allows the project",
	},
	{
	    OPT_FIELD(struct gcp_monitoring_conf, share, "share", OPT_INT),
	    .min = 1,
	    .max = 1000,
	    .preset = "10",
	    .help = "how many dashboards share the quota",
	},
	{
	    OPT_FIELD(struct gcp_monitoring_conf, old_ns, "old", OPT_DURATION),
	    .min = 60 * NS_PER_SEC,
	    .max = GCP_WINDOW_S * NS_PER_SEC,
	    .preset = "5m",
	    .help = "samples older than this are not shown any more",
	},
};

const struct opt_table gcp_monitoring_table = OPT_TABLE(gcp_monitoring_rows);
