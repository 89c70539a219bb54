#include "datasrc/gcp_regions.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/redact.h"
#include "datasrc/gcp_auth.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/source.h"
#include "datasrc/url.h"

static void
region_health(
    const struct gcp_regions *r, const char *region, const char *words)
{
	struct build *build = r->poll->build;

	build_health(build, text_fmt(build_arena(build), "region %s", region),
	    STATE_UNKNOWN,
	    text_ingest(r->redactor, build_arena(build), words, strlen(words),
		ERR_MSG_MAX),
	    -1);
}

enum err_code
gcp_regions_ask(
    const struct gcp_regions *r, gcp_region_fn *ask, void *ctx, struct err *err)
{
	struct err why = ERR_INIT, first = ERR_INIT;
	size_t failed = 0;

	for (size_t i = 0; i < r->names->count; i++) {
		err_clear(&why);
		if (ask(ctx, r->names->items[i], &why) == ERR_OK)
			continue;
		if (failed++ == 0)
			first = why;
		region_health(r, r->names->items[i], err_text(&why));
	}
	if (failed == r->names->count)
		return err_set(err, first.code, first.origin, "%s", first.msg);
	return ERR_OK;
}

/* What goes by while pages are handed on. */
struct watched {
	const struct gcp_regions *regions;
	gcp_page_fn *page;
	void *ctx;
};

/* "projects/p/locations/europe-west4" in a page's unreachable. */
static void
watch_page(void *ctx, const struct cJSON *page)
{
	const struct watched *w = ctx;
	const struct cJSON *v = json_first(json_member(page, "unreachable"));

	for (; v != NULL; v = json_next(v)) {
		const char *name = json_string(v), *slash;

		if (name == NULL)
			continue;
		slash = strrchr(name, '/');
		region_health(w->regions, slash != NULL ? slash + 1 : name,
		    "Google could not reach it; what is there is not shown");
	}
	w->page(w->ctx, page);
}

static enum err_code
ask_pages(const struct gcp_regions *r, const char *path, const char *what,
    struct watched *watched, bool *ret_more, struct err *err)
{
	struct cJSON *root = NULL;
	enum err_code code;

	if (!r->first_page)
		return gcp_api_list(r->api, path, what, r->poll, watch_page,
		    watched, ret_more, err);
	code = gcp_api_get(r->api, path, what, r->poll, &root, err);
	if (code == ERR_OK)
		watch_page(watched, root);
	json_free(root);
	return code;
}

enum err_code
gcp_regions_list(const struct gcp_regions *r, const char *version,
    const char *collection, const char *region, gcp_page_fn *page, void *ctx,
    struct err *err)
{
	struct watched watched = { r, page, ctx };
	struct build *build = r->poll->build;
	struct buf path = BUF_INIT(URL_MAX);
	char what[GCP_WHAT_MAX];
	enum err_code code;
	bool more = false;

	if (buf_reserve(&path, URL_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	snprintf(what, sizeof(what), "%s in %s", r->service,
	    strcmp(region, "-") == 0 ? "all regions" : region);
	if (buf_fmt(&path, "/%s/projects/", version) &&
	    url_encode(&path, r->api->conf->project) &&
	    buf_str(&path, "/locations/") && url_encode(&path, region) &&
	    buf_fmt(&path, "/%s", collection))
		code =
		    ask_pages(r, buf_cstr(&path), what, &watched, &more, err);
	else
		code = err_set(
		    err, ERR_TOOBIG, "google", "%s: too long a name", what);
	buf_release(&path);
	if (code == ERR_OK && more)
		build_health(build,
		    text_fmt(build_arena(build), "list of %s", region),
		    STATE_WARN,
		    text_fmt(build_arena(build),
			"more than %d pages of %.*s; the rest is not read",
			GCP_PAGES_MAX, (int)strcspn(collection, "?"),
			collection),
		    -1);
	return code;
}

void
gcp_regions_who(const struct gcp_regions *r)
{
	const char *warning = gcp_auth_warning(r->api->auth);
	struct build *build = r->poll->build;
	struct arena *arena = build_arena(build);

	build_note(build,
	    text_fmt(arena, "%s, %s", r->service, gcp_auth_who(r->api->auth)));
	if (warning[0] != '\0')
		build_health(build, TEXT("credentials"), STATE_WARN,
		    text_fmt(arena, "%s", warning), -1);
}
