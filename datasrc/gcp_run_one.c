#include "datasrc/gcp_run_one.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "datasrc/url.h"

static const char origin[] = "google";

static bool
is_region(const struct gcp_run_conf *conf, const char *name, size_t len)
{
	for (size_t i = 0; i < conf->regions.count; i++) {
		const char *region = conf->regions.items[i];

		if (strlen(region) == len && strncmp(region, name, len) == 0)
			return true;
	}
	return false;
}

/* One part of a name into out; NULL when it is none, else what follows. */
static const char *
take_part(const char *from, char *out, size_t cap)
{
	size_t len = strcspn(from, "/");

	/* In an address dots would lead to what is above it. */
	if (len == 0 || len >= cap || (len <= 2 && strspn(from, ".") >= len))
		return NULL;
	memcpy(out, from, len);
	out[len] = '\0';
	return from[len] == '/' ? from + len + 1 : from + len;
}

enum err_code
run_ref_read(const struct gcp_run_conf *conf, const char *name, bool rest,
    struct run_ref *ret_ref, struct err *err)
{
	struct run_ref ref = { .region = "" };
	size_t first = strcspn(name, "/");
	const char *at = name;

	if (name[first] == '/' && is_region(conf, name, first))
		at = take_part(at, ref.region, sizeof(ref.region));
	else if (conf->regions.count == 1)
		snprintf(ref.region, sizeof(ref.region), "%s",
		    conf->regions.items[0]);
	else
		return err_set(err, ERR_USAGE, origin,
		    "which region? write REGION/%.60s", name);
	if (at != NULL)
		at = take_part(at, ref.service, sizeof(ref.service));
	if (at != NULL && at[0] != '\0' && rest)
		at = take_part(at, ref.rest, sizeof(ref.rest));
	if (at == NULL || at[0] != '\0')
		return err_set(err, ERR_USAGE, origin,
		    "a service is named as in the table of services, such as "
		    "web or europe-west1/web, not \"%.80s\"",
		    name);
	*ret_ref = ref;
	return ERR_OK;
}

enum err_code
run_one_open(struct run_one *one, const struct gcp_run_conf *conf,
    const struct run_ref *ref, struct gcp_tokens *shared,
    struct redactor *redactor, struct err *err)
{
	*one = (struct run_one) { .conf = conf, .ref = *ref };
	snprintf(
	    one->what, sizeof(one->what), "Cloud Run service %s", ref->service);
	return gcp_api_init(
	    &one->api, &conf->gcp, GCP_RUN_ROOT, shared, redactor, err);
}

void
run_one_close(struct run_one *one)
{
	gcp_api_release(&one->api);
}

/* "/v2/projects/P/locations/R/" and what of it. */
static bool
put_path(const struct run_one *one, const char *collection, const char *name,
    struct buf *out)
{
	return buf_str(out, "/v2/projects/") &&
	       url_encode(out, one->conf->gcp.project) &&
	       buf_str(out, "/locations/") &&
	       url_encode(out, one->ref.region) &&
	       buf_fmt(out, "/%s/", collection) && url_encode(out, name);
}

static enum err_code
get_path(struct run_one *one, const char *collection, const char *name,
    const char *more, struct poll *poll, struct cJSON **ret_root,
    struct err *err)
{
	struct buf path = BUF_INIT(URL_MAX);
	enum err_code code;

	if (buf_reserve(&path, URL_MAX) == NULL)
		code = err_set(err, ERR_NOMEM, origin, "no memory");
	else if (put_path(one, collection, name, &path) &&
		 (more == NULL || (buf_str(&path, "/revisions/") &&
				      url_encode(&path, more))))
		code = gcp_api_get(
		    &one->api, buf_cstr(&path), one->what, poll, ret_root, err);
	else
		code = err_set(
		    err, ERR_TOOBIG, origin, "%s: too long a name", one->what);
	buf_release(&path);
	return code;
}

enum err_code
run_one_get(struct run_one *one, struct poll *poll, struct cJSON **ret_service,
    struct err *err)
{
	return get_path(
	    one, "services", one->ref.service, NULL, poll, ret_service, err);
}

enum err_code
run_one_revision(struct run_one *one, const char *name, struct poll *poll,
    struct cJSON **ret_revision, struct err *err)
{
	return get_path(
	    one, "services", one->ref.service, name, poll, ret_revision, err);
}

enum err_code
run_one_operation(struct run_one *one, const char *id, struct poll *poll,
    struct cJSON **ret_operation, struct err *err)
{
	return get_path(one, "operations", id, NULL, poll, ret_operation, err);
}

enum err_code
run_one_revisions(struct run_one *one, struct poll *poll, gcp_page_fn *page,
    void *ctx, struct err *err)
{
	struct buf path = BUF_INIT(URL_MAX);
	bool more = false;
	enum err_code code;

	if (buf_reserve(&path, URL_MAX) == NULL)
		code = err_set(err, ERR_NOMEM, origin, "no memory");
	else if (put_path(one, "services", one->ref.service, &path) &&
		 buf_str(&path, "/revisions?pageSize=100"))
		code = gcp_api_list(&one->api, buf_cstr(&path), one->what, poll,
		    page, ctx, &more, err);
	else
		code = err_set(
		    err, ERR_TOOBIG, origin, "%s: too long a name", one->what);
	buf_release(&path);
	return code;
}

static bool
put_patch(const struct run_one *one, const char *mask, struct buf *out)
{
	return put_path(one, "services", one->ref.service, out) &&
	       buf_fmt(out, "?updateMask=%s", mask);
}

enum gcp_sent
run_one_patch(struct run_one *one, const char *mask, const char *body,
    struct poll *poll, struct cJSON **ret_operation, struct err *err)
{
	struct buf path = BUF_INIT(URL_MAX);
	enum gcp_sent sent = GCP_UNSENT;

	if (put_patch(one, mask, &path))
		sent = gcp_api_change(&one->api, "PATCH", buf_cstr(&path), body,
		    one->what, poll, ret_operation, err);
	else
		err_set(
		    err, ERR_TOOBIG, origin, "%s: too long a name", one->what);
	buf_release(&path);
	return sent;
}

bool
run_one_words(const struct run_one *one, const char *mask, struct buf *out)
{
	return buf_str(out, "PATCH ") && put_patch(one, mask, out);
}
