/*
 * Source type "gcp.run": services and revisions of Cloud Run, through the
 * Admin API v2, in one or several regions. Two questions a region and poll.
 *
 * A region that fails is a health row, and the rows of the others stay; when
 * all fail, so does the poll.
 */
#include "datasrc/source.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "datasrc/gcp_api.h"
#include "datasrc/gcp_regions.h"
#include "datasrc/gcp_run.h"
#include "datasrc/gcp_run_conf.h"
#include "datasrc/gcp_run_past.h"
#include "datasrc/gcp_run_watch.h"

struct src_gcp_run {
	const struct source_env *env;
	const struct gcp_run_conf *conf;
	struct gcp_api api;
	struct run_watch watch;
};

/* One poll: what it reads, and where to. */
struct run_poll {
	struct src_gcp_run *s;
	struct poll *poll;
	struct gcp_regions regions;
	struct run_reader reader;
	struct run_list list;
	size_t service_cap;
	size_t revision_cap;
	bool starved;
};

static void
src_gcp_run_close(void *state)
{
	struct src_gcp_run *s = state;

	if (s == NULL)
		return;
	gcp_api_release(&s->api);
	run_watch_release(&s->watch);
	mem_free(s);
}

static enum err_code
src_gcp_run_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_gcp_run *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	s->env = env;
	s->conf = config;
	run_watch_init(&s->watch);
	code = gcp_api_init(&s->api, &s->conf->gcp, GCP_RUN_ROOT, env->tokens,
	    env->redactor, err);
	if (code != ERR_OK) {
		src_gcp_run_close(s);
		return code;
	}
	*ret_state = s;
	return ERR_OK;
}

/* Whether the configuration wants to see a service of this name. */
static bool
wanted(const struct run_poll *p, struct text name)
{
	const struct opt_list *services = &p->s->conf->services;
	bool found = services->count == 0;

	for (size_t i = 0; i < services->count && !found; i++)
		found = text_eq(
		    name, text_clean_str(p->reader.arena, services->items[i]));
	return found;
}

/* Room for one more of count; false: no memory. */
static bool
grow(void *list, size_t count, size_t *cap, size_t size)
{
	void **at = list, *grown;
	size_t more = *cap != 0 ? *cap * 2 : 64;

	if (count < *cap)
		return true;
	grown = mem_realloc(*at, more, size);
	if (grown == NULL)
		return false;
	*at = grown;
	*cap = more;
	return true;
}

static void
take_services(void *ctx, const struct cJSON *page)
{
	struct run_poll *p = ctx;
	const struct cJSON *v = json_first(json_member(page, "services"));

	for (; v != NULL; v = json_next(v)) {
		struct run_service one;

		if (!run_service_read(&p->reader, v, &one) ||
		    !wanted(p, one.name))
			continue;
		if (!grow(&p->list.services, p->list.service_count,
			&p->service_cap, sizeof(one))) {
			p->starved = true;
			return;
		}
		p->list.services[p->list.service_count++] = one;
	}
}

static void
take_revisions(void *ctx, const struct cJSON *page)
{
	struct run_poll *p = ctx;
	const struct cJSON *v = json_first(json_member(page, "revisions"));

	for (; v != NULL; v = json_next(v)) {
		struct run_revision one;

		if (!run_revision_read(&p->reader, v, &one) ||
		    !wanted(p, one.service))
			continue;
		if (!grow(&p->list.revisions, p->list.revision_count,
			&p->revision_cap, sizeof(one))) {
			p->starved = true;
			return;
		}
		p->list.revisions[p->list.revision_count++] = one;
	}
}

static enum err_code
ask_region(void *ctx, const char *region, struct err *err)
{
	struct run_poll *p = ctx;
	size_t services = p->list.service_count;
	size_t revisions = p->list.revision_count;
	enum err_code code;

	p->reader.region = region;
	code = gcp_regions_list(&p->regions, "v2", "services?pageSize=100",
	    region, take_services, p, err);
	if (code == ERR_OK)
		code = gcp_regions_list(&p->regions, "v2",
		    "services/-/revisions?pageSize=100", region, take_revisions,
		    p, err);
	/* Half of a region would look like all of it. */
	if (code != ERR_OK) {
		p->list.service_count = services;
		p->list.revision_count = revisions;
	}
	return code;
}

static void
report(struct run_poll *p)
{
	gcp_regions_who(&p->regions);
	run_report(&p->list, p->poll->build);
	for (size_t i = 0; i < p->list.service_count; i++)
		if (run_watch_service(&p->s->watch, &p->list.services[i],
			p->poll->wall_ms, p->poll->build))
			run_past_service(&p->list, &p->list.services[i],
			    p->poll->wall_ms, p->poll->build);
}

static enum err_code
src_gcp_run_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_gcp_run *s = state;
	struct run_poll p = {
		.s = s,
		.poll = poll,
		.reader = { .redactor = s->env->redactor,
		    .arena = build_arena(poll->build),
		    .flags = &s->conf->flags,
		    .regions = s->conf->regions.count > 1,
		    .wall_ms = poll->wall_ms },
		.regions = { .api = &s->api,
		    .poll = poll,
		    .redactor = s->env->redactor,
		    .names = &s->conf->regions,
		    .service = "Cloud Run" },
	};
	enum err_code code = gcp_regions_ask(&p.regions, ask_region, &p, err);

	if (code == ERR_OK && p.starved)
		code = err_set(err, ERR_NOMEM, "google", "no memory");
	if (code == ERR_OK)
		report(&p);
	mem_free(p.list.services);
	mem_free(p.list.revisions);
	return code;
}

static void
src_gcp_run_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct gcp_run_conf *conf = config;

	(void)env;
	gcp_conf_check(&conf->gcp, node, errors);
}

static const struct opt gcp_run_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_run_conf, regions, "regions", OPT_LIST),
	    .required = true,
	    .min = 1,
	    .max = GCP_REGIONS_MAX,
	    .help = "regions to look into, such as europe-west1",
	},
	{
	    OPT_FIELD(struct gcp_run_conf, services, "services", OPT_LIST),
	    .max = GCP_NAMES_MAX,
	    .help = "names of the services to show; without it all of them",
	},
	{
	    OPT_FIELD(struct gcp_run_conf, flags, "flags", OPT_LIST),
	    .max = GCP_NAMES_MAX,
	    .help = "environment variables whose values may be shown; "
		    "switches such as true and off always are",
	},
};

static const struct opt_table gcp_run_table = OPT_TABLE(gcp_run_rows);

const struct source_ops src_gcp_run = {
	.name = "gcp.run",
	.help = "services and revisions of Google Cloud Run",
	.options = &gcp_run_table,
	.config_size = sizeof(struct gcp_run_conf),
	.every_ns = 15 * NS_PER_SEC,
	.timeout_ns = 20 * NS_PER_SEC,
	.open = src_gcp_run_open,
	.poll = src_gcp_run_poll,
	.close = src_gcp_run_close,
	.check = src_gcp_run_check,
};
