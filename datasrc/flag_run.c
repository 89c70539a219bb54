/*
 * Flags in the environment of a Cloud Run service. The value is that of the
 * newest revision, which is what setting one changes; where another serves,
 * because traffic is pinned or the newest is not ready, that one's value is
 * told beside it.
 *
 * Flags of one service share one reading of it in each round.
 */
#include "datasrc/flag_type.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "datasrc/gcp_run.h"
#include "datasrc/source.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "run";

const char *
flag_run_variable(const struct platform_flag *flag)
{
	const struct flag_run_conf *conf = flag->config;

	return conf->variable != NULL ? conf->variable : flag->name;
}

const struct gcp_run_conf *
flag_run_source(
    const struct platform *platform, const struct flag_run_conf *conf)
{
	const struct platform_source *source =
	    platform_source_find(platform, conf->source);

	if (source == NULL || strcmp(source->type, "gcp.run") != 0)
		return NULL;
	return source->config;
}

void
flag_run_forget(struct flag_links *links)
{
	for (size_t i = 0; i < links->run_count; i++) {
		struct flag_run_link *link = &links->run[i];

		link->service = json_wipe(link->service);
		link->serving = json_wipe(link->serving);
		err_clear(&link->why);
	}
}

void
flag_run_close(struct flag_links *links)
{
	flag_run_forget(links);
	for (size_t i = 0; i < links->run_count; i++)
		run_one_close(&links->run[i].one);
	links->run_count = 0;
}

static bool
is_link(const struct flag_run_link *link, const struct gcp_run_conf *conf,
    const struct run_ref *ref)
{
	return link->one.conf == conf &&
	       strcmp(link->one.ref.region, ref->region) == 0 &&
	       strcmp(link->one.ref.service, ref->service) == 0;
}

/* The link of a flag's service, not read yet. */
static enum err_code
link_find(const struct flag_ask *ask, struct flag_run_link **ret_link,
    struct err *err)
{
	const struct flag_run_conf *conf = ask->flag->config;
	struct flag_links *links = ask->links;
	const struct gcp_run_conf *run = flag_run_source(links->platform, conf);
	struct flag_run_link *link = &links->run[links->run_count];
	struct run_ref ref;
	enum err_code code;

	if (run == NULL)
		return err_set(err, ERR_CONFIG, origin,
		    "no source of type gcp.run is called %.60s", conf->source);
	code = run_ref_read(run, conf->service, false, &ref, err);
	if (code != ERR_OK)
		return code;
	for (size_t i = 0; i < links->run_count; i++) {
		if (!is_link(&links->run[i], run, &ref))
			continue;
		*ret_link = &links->run[i];
		return ERR_OK;
	}
	if (links->run_count == FLAG_LINKS_MAX)
		return err_set(err, ERR_LIMIT, origin,
		    "the flags are in more than %d services", FLAG_LINKS_MAX);
	*link = (struct flag_run_link) { .service = NULL };
	code = run_one_open(
	    &link->one, run, &ref, links->tokens, links->redactor, err);
	if (code != ERR_OK) {
		run_one_close(&link->one);
		return code;
	}
	links->run_count++;
	*ret_link = link;
	return ERR_OK;
}

/* The revision with the most traffic; NULL: it is the newest, or unknown. */
static const char *
serving_of(const struct cJSON *service)
{
	const char *ready =
	    run_base(json_member(service, "latestReadyRevision"));
	const char *created =
	    run_base(json_member(service, "latestCreatedRevision"));
	const struct cJSON *v =
	    json_first(json_member(service, "trafficStatuses"));
	const char *most = NULL;
	int64_t share, largest = 0;

	for (; v != NULL; v = json_next(v)) {
		const char *type = json_string(json_member(v, "type"));

		if (!json_int(json_member(v, "percent"), &share) ||
		    share <= largest)
			continue;
		largest = share;
		most = type != NULL && strstr(type, "LATEST") != NULL
			   ? ready
			   : run_base(json_member(v, "revision"));
	}
	if (most == NULL || created == NULL || strcmp(most, created) == 0)
		return NULL;
	return most;
}

/* The service, and the revision that serves where that is another. */
static enum err_code
link_read(
    const struct flag_ask *ask, struct flag_run_link *link, struct err *err)
{
	struct poll poll = { .deadline = ask->deadline, .cancel = ask->cancel };
	const char *serving;
	enum err_code code = link->why.code;

	if (link->service == NULL && code == ERR_OK) {
		code =
		    run_one_get(&link->one, &poll, &link->service, &link->why);
		serving = serving_of(link->service);
		if (code == ERR_OK && serving != NULL)
			code = run_one_revision(&link->one, serving, &poll,
			    &link->serving, &link->why);
	}
	if (code != ERR_OK)
		return err_set(
		    err, code, link->why.origin, "%s", err_text(&link->why));
	return ERR_OK;
}

static enum err_code
value_of(const struct cJSON *spec, const char *name, const char **ret_value,
    struct err *err)
{
	const struct cJSON *v = run_env(spec, name);

	*ret_value = json_string(json_member(v, "value"));
	if (json_member(v, "valueSource") != NULL)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "%.60s comes from a secret, so it is no flag", name);
	/* Google leaves out what is empty. */
	if (v != NULL && *ret_value == NULL)
		*ret_value = "";
	return ERR_OK;
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What serves, where that is not the newest. */
static const char *
note_of(const struct flag_ask *ask, const struct flag_run_link *link,
    const char *stored)
{
	const char *name = run_base(json_member(link->serving, "name"));
	const char *value = NULL;
	struct buf note = BUF_INIT(ERR_MSG_MAX);
	const char *copy;

	if (name == NULL ||
	    value_of(link->serving, flag_run_variable(ask->flag), &value,
		NULL) != ERR_OK)
		return NULL;
	buf_fmt(&note, "%s serves, not the newest", name);
	if (is_same(value, stored))
		buf_str(&note, "; it has the same");
	else
		buf_fmt(&note, "; there it is %.60s",
		    value == NULL ? "not set" : value);
	copy = arena_copy(ask->arena, buf_cstr(&note), note.len);
	buf_release(&note);
	return copy;
}

static enum err_code
run_read(const struct flag_ask *ask, struct flag_state *state, struct err *err)
{
	struct flag_run_link *link = NULL;
	const char *value = NULL, *etag, *generation;
	enum err_code code = link_find(ask, &link, err);

	if (code == ERR_OK)
		code = link_read(ask, link, err);
	if (code == ERR_OK)
		code = value_of(json_member(link->service, "template"),
		    flag_run_variable(ask->flag), &value, err);
	if (code != ERR_OK)
		return code;
	if (value != NULL)
		state->stored = arena_copy(ask->arena, value, strlen(value));
	etag = json_string(json_member(link->service, "etag"));
	if (etag != NULL && strlen(etag) < sizeof(state->etag))
		snprintf(state->etag, sizeof(state->etag), "%s", etag);
	generation = json_string(json_member(link->service, "generation"));
	if (generation == NULL ||
	    !num_parse_i64(generation, strlen(generation), &state->generation))
		state->generation = 0;
	state->note = note_of(ask, link, value);
	return ERR_OK;
}

static void
run_place(const struct platform_flag *flag, struct buf *out)
{
	const struct flag_run_conf *conf = flag->config;

	buf_fmt(out, "Cloud Run %s", conf->service);
}

static void
run_check(const struct platform *platform, const struct platform_flag *flag,
    struct conf_errors *errors)
{
	const struct flag_run_conf *conf = flag->config;
	const struct conf_node *at = conf_get(flag->node, "source");
	const struct gcp_run_conf *run = flag_run_source(platform, conf);
	struct err err = ERR_INIT;
	struct run_ref ref;

	if (run == NULL)
		conf_errors_add(errors, at->pos, NULL,
		    "no source of type gcp.run is named \"%.60s\"",
		    conf->source);
	else if (run_ref_read(run, conf->service, false, &ref, &err) != ERR_OK)
		conf_errors_add(errors, conf_get(flag->node, "service")->pos,
		    NULL, "%s", err_text(&err));
}

static const struct opt run_rows[] = {
	{
	    OPT_FIELD(struct flag_run_conf, source, "source", OPT_STRING),
	    .required = true,
	    .help = "name of the gcp.run source that has the service",
	},
	{
	    OPT_FIELD(struct flag_run_conf, service, "service", OPT_STRING),
	    .required = true,
	    .max = ACTION_TARGET_MAX,
	    .help = "its service, or REGION/SERVICE where there are several "
		    "regions",
	},
	{
	    OPT_FIELD(struct flag_run_conf, variable, "variable", OPT_STRING),
	    .max = ACTION_TARGET_MAX,
	    .help = "name of the variable; without it, that of the flag",
	},
};
static const struct opt_table run_table = OPT_TABLE(run_rows);

const struct flag_type flag_run = {
	.name = "run",
	.help = "an environment variable of a Cloud Run service",
	.kind = FLAG_RUN,
	.options = &run_table,
	.config_size = sizeof(struct flag_run_conf),
	.read = run_read,
	.place = run_place,
	.check = run_check,
};
