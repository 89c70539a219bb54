#include "datasrc/gcp_api.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "datasrc/gcp_answer.h"
#include "datasrc/gcp_auth.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_tokens.h"
#include "datasrc/http.h"
#include "datasrc/http_verdict.h"
#include "datasrc/source.h"
#include "datasrc/url.h"

enum err_code
gcp_api_init(struct gcp_api *api, const struct gcp_conf *conf, const char *root,
    struct gcp_tokens *shared, struct redactor *redactor, struct err *err)
{
	*api = (struct gcp_api) { .conf = conf, .root = root };
	if (conf->endpoint != NULL)
		api->root = conf->endpoint;
	return gcp_auth_new(conf, shared, redactor, &api->auth, err);
}

void
gcp_api_release(struct gcp_api *api)
{
	api->client = http_client_free(api->client);
	api->auth = gcp_auth_free(api->auth);
}

/* What is sent beside the address. */
struct api_ask {
	const char *method; /* NULL: GET */
	const char *body;   /* NULL: none */
	const char *what;   /* for errors */
	size_t body_max;    /* of the answer; 0: GCP_BODY_MAX */
	bool change;	    /* never sent twice */
};

static enum err_code
api_client(struct gcp_api *api, struct err *err)
{
	const struct http_options options = { .proxy = api->conf->proxy,
		.ca_file = api->conf->ca,
		.connections = 2 };

	if (api->client != NULL)
		return ERR_OK;
	return http_client_new(&options, &api->client, err);
}

/* One request with one token; the answer may be any status. *ret_sent:
 * whether it may have reached the server. */
static enum err_code
api_send(struct gcp_api *api, const char *url, const struct api_ask *ask,
    const struct gcp_token *token, const struct poll *poll,
    struct http_response *ret_response, bool *ret_sent, struct err *err)
{
	const char *quota = gcp_auth_quota_project(api->auth);
	const struct http_header headers[] = {
		{ .name = "Accept", .value = "application/json" },
		{ .name = "x-goog-user-project",
		    .value = quota != NULL ? quota : "" },
	};
	const struct http_request request = {
		.url = url,
		.method = ask->method,
		.headers = headers,
		.header_count = quota != NULL ? 2 : 1,
		.bearer = gcp_token_reveal(token),
		.body = ask->body,
		.body_len = ask->body != NULL ? strlen(ask->body) : 0,
		.compressed = true,
		.once = ask->change,
		.body_max = ask->body_max != 0 ? ask->body_max : GCP_BODY_MAX,
	};
	struct http_target *target = NULL;
	enum err_code code = api_client(api, err);

	if (code == ERR_OK)
		code = http_target_new(api->client, &request, &target, err);
	if (code == ERR_OK) {
		code = http_fetch_target(
		    target, poll->deadline, poll->cancel, ret_response, err);
		*ret_sent = http_target_sent(target);
	}
	http_target_free(target);
	return code;
}

/*
 * Asks with a token, and with another one when Google refuses it. The last
 * answer of whatever status; *ret_sent as api_send().
 */
static enum err_code
api_ask(struct gcp_api *api, const char *url, const struct api_ask *ask,
    struct poll *poll, struct http_response *ret_response, bool *ret_sent,
    struct err *err)
{
	struct gcp_token *token = NULL;
	enum err_code code = ERR_OK;
	bool again = true;

	for (int tries = 0; tries < 2 && again; tries++) {
		*ret_sent = false;
		code = gcp_auth_token(
		    api->auth, poll->deadline, poll->cancel, &token, err);
		if (code != ERR_OK)
			return code;
		code = api_send(
		    api, url, ask, token, poll, ret_response, ret_sent, err);
		again = code == ERR_OK && ret_response->status == 401;
		if (again)
			gcp_auth_refused(api->auth, token);
		/* A change goes out again only on Google's own word. */
		if (again && ask->change)
			again = gcp_answer_is(ret_response->body,
			    ret_response->body_len, "UNAUTHENTICATED");
		token = gcp_token_unref(token);
	}
	if (code != ERR_OK)
		err_prefix(err, "%s", ask->what);
	return code;
}

/* The answer as an object. */
static enum err_code
api_object(const struct http_response *response, const char *what,
    struct cJSON **ret_root, struct err *err)
{
	enum err_code code =
	    json_parse(response->body, response->body_len, ret_root, err);

	if (code == ERR_OK && !json_is_object(*ret_root)) {
		*ret_root = json_free(*ret_root);
		code = err_set(
		    err, ERR_BADDATA, "google", "the answer is no object");
	}
	if (code != ERR_OK)
		err_prefix(err, "%s", what);
	return code;
}

/*
 * Asks what changes nothing. *ret_date_s: when the server says it answered;
 * 0: it does not.
 */
static enum err_code
api_read(struct gcp_api *api, const char *url, const struct api_ask *ask,
    struct poll *poll, struct cJSON **ret_root, int64_t *ret_date_s,
    struct err *err)
{
	struct http_response response = { .status = 0 };
	bool sent = false;
	enum err_code code =
	    api_ask(api, url, ask, poll, &response, &sent, err);

	if (code != ERR_OK)
		return code;
	if (response.status < 200 || response.status > 299) {
		poll->retry_after_ns = http_retry_after_ns(&response);
		return gcp_answer_error(response.status, response.body,
		    response.body_len, ask->what, &poll->retry_after_ns, err);
	}
	*ret_date_s = response.date_s;
	return api_object(&response, ask->what, ret_root, err);
}

static enum err_code
api_get(struct gcp_api *api, const char *url, const char *what,
    struct poll *poll, struct cJSON **ret_root, struct err *err)
{
	const struct api_ask ask = { .what = what };
	int64_t date_s;

	return api_read(api, url, &ask, poll, ret_root, &date_s, err);
}

static bool
api_url(const struct gcp_api *api, const char *path, const char *page,
    struct buf *url)
{
	size_t len = strlen(api->root);

	while (len > 0 && api->root[len - 1] == '/')
		len--;
	buf_clear(url);
	if (!buf_add(url, api->root, len) || !buf_str(url, path))
		return false;
	return page == NULL ||
	       (buf_str(url, "&pageToken=") && url_encode(url, page));
}

const char *
gcp_api_next(const struct cJSON *page)
{
	const char *next = json_string(json_member(page, "nextPageToken"));

	return next != NULL && next[0] != '\0' ? next : NULL;
}

enum err_code
gcp_api_list(struct gcp_api *api, const char *path, const char *what,
    struct poll *poll, gcp_page_fn *page, void *ctx, bool *ret_more,
    struct err *err)
{
	struct buf url = BUF_INIT(URL_MAX);
	struct cJSON *root = NULL, *last = NULL;
	const char *next = NULL, *token = NULL;
	enum err_code code = ERR_OK;
	size_t pages = 0;

	if (buf_reserve(&url, URL_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	do {
		/* next belongs to the page before. */
		if (!api_url(api, path, next, &url)) {
			code = err_set(err, ERR_TOOBIG, "google",
			    "%s: the address is too long", what);
			break;
		}
		json_free(last);
		last = root;
		token = next;
		root = NULL;
		code = api_get(api, buf_cstr(&url), what, poll, &root, err);
		if (code != ERR_OK)
			break;
		next = gcp_api_next(root);
		if (next != NULL && token != NULL && strcmp(next, token) == 0) {
			code = err_set(err, ERR_BADDATA, "google",
			    "%s: a page of the list names itself as the next",
			    what);
			break;
		}
		page(ctx, root);
	} while (next != NULL && ++pages < GCP_PAGES_MAX);
	if (code == ERR_OK)
		*ret_more = next != NULL;
	json_free(last);
	json_free(root);
	buf_release(&url);
	return code;
}

/* The whole address, or what is wrong with it. */
static enum err_code
api_address(const struct gcp_api *api, const char *path, const char *what,
    struct buf *url, struct err *err)
{
	if (buf_reserve(url, URL_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	if (!api_url(api, path, NULL, url))
		return err_set(err, ERR_TOOBIG, "google",
		    "%s: the address is too long", what);
	return ERR_OK;
}

enum err_code
gcp_api_post(struct gcp_api *api, const struct gcp_post *post,
    struct poll *poll, struct cJSON **ret_root, int64_t *ret_date_s,
    struct err *err)
{
	const struct api_ask ask = { .body = buf_cstr(post->body),
		.what = post->what,
		.body_max = post->body_max };
	struct buf url = BUF_INIT(URL_MAX);
	enum err_code code =
	    api_address(api, post->path, post->what, &url, err);

	if (code == ERR_OK)
		code = api_read(
		    api, buf_cstr(&url), &ask, poll, ret_root, ret_date_s, err);
	buf_release(&url);
	return code;
}

enum err_code
gcp_api_get(struct gcp_api *api, const char *path, const char *what,
    struct poll *poll, struct cJSON **ret_root, struct err *err)
{
	struct buf url = BUF_INIT(URL_MAX);
	enum err_code code = api_address(api, path, what, &url, err);

	if (code == ERR_OK)
		code = api_get(api, buf_cstr(&url), what, poll, ret_root, err);
	buf_release(&url);
	return code;
}

enum {
	GCP_HTTP_CANCELLED = 499 /* given up half-way: it may be done */
};

/* What an answer of this status proves of a change. */
static enum gcp_sent
change_judge(const struct http_response *response, const char *what,
    struct poll *poll, struct err *err)
{
	static const char *const yes[] = { "200" };
	const struct opt_list expected = { .items = yes, .count = 1 };
	enum http_verdict verdict = http_verdict(&expected, response->status);
	struct err said = ERR_INIT;

	if (verdict == HTTP_YES)
		return GCP_TAKEN;
	poll->retry_after_ns = http_retry_after_ns(response);
	gcp_answer_error(response->status, response->body, response->body_len,
	    what, &poll->retry_after_ns, &said);
	if (verdict == HTTP_CHANGED &&
	    gcp_answer_is(response->body, response->body_len, "ABORTED")) {
		err_set(err, ERR_CLOSED, "google",
		    "changed since you looked: %s", err_text(&said));
		return GCP_CHANGED;
	}
	if (err != NULL)
		*err = said;
	return verdict == HTTP_UNCLEAR || response->status == GCP_HTTP_CANCELLED
		   ? GCP_MAYBE
		   : GCP_UNSENT;
}

enum gcp_sent
gcp_api_change(struct gcp_api *api, const char *method, const char *path,
    const char *body, const char *what, struct poll *poll,
    struct cJSON **ret_root, struct err *err)
{
	const struct api_ask ask = {
		.method = method, .body = body, .what = what, .change = true
	};
	struct http_response response = { .status = 0 };
	struct buf url = BUF_INIT(URL_MAX);
	enum gcp_sent came = GCP_UNSENT;
	bool sent = false;

	if (api_address(api, path, what, &url, err) == ERR_OK) {
		if (api_ask(api, buf_cstr(&url), &ask, poll, &response, &sent,
			err) != ERR_OK)
			came = sent ? GCP_MAYBE : GCP_UNSENT;
		else
			came = change_judge(&response, what, poll, err);
	}
	/* Half a yes, or one in another language, is none. */
	if (came == GCP_TAKEN &&
	    api_object(&response, what, ret_root, err) != ERR_OK)
		came = GCP_MAYBE;
	buf_release(&url);
	return came;
}
