#include "datasrc/gcp_api.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "datasrc/gcp_answer.h"
#include "datasrc/gcp_auth.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_tokens.h"
#include "datasrc/http.h"
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

/* One question with one token; the answer may be any status. */
static enum err_code
api_send(struct gcp_api *api, const char *url, const struct gcp_token *token,
    const struct poll *poll, struct http_response *ret_response,
    struct err *err)
{
	const char *quota = gcp_auth_quota_project(api->auth);
	const struct http_header headers[] = {
		{ .name = "Accept", .value = "application/json" },
		{ .name = "x-goog-user-project",
		    .value = quota != NULL ? quota : "" },
	};
	const struct http_request request = {
		.url = url,
		.headers = headers,
		.header_count = quota != NULL ? 2 : 1,
		.bearer = gcp_token_reveal(token),
		.compressed = true,
		.body_max = GCP_BODY_MAX,
	};
	const struct http_options options = { .proxy = api->conf->proxy,
		.ca_file = api->conf->ca,
		.connections = 2 };

	if (api->client == NULL) {
		enum err_code code =
		    http_client_new(&options, &api->client, err);

		if (code != ERR_OK)
			return code;
	}
	return http_fetch(api->client, &request, poll->deadline, poll->cancel,
	    ret_response, err);
}

static enum err_code
api_get(struct gcp_api *api, const char *url, const char *what,
    struct poll *poll, struct cJSON **ret_root, struct err *err)
{
	struct http_response response = { .status = 0 };
	struct gcp_token *token = NULL;
	enum err_code code;

	for (int tries = 0; tries < 2; tries++) {
		code = gcp_auth_token(
		    api->auth, poll->deadline, poll->cancel, &token, err);
		if (code != ERR_OK)
			return code;
		code = api_send(api, url, token, poll, &response, err);
		if (code == ERR_OK && response.status == 401)
			gcp_auth_refused(api->auth, token);
		token = gcp_token_unref(token);
		if (code != ERR_OK) {
			err_prefix(err, "%s", what);
			return code;
		}
		if (response.status != 401)
			break;
	}
	if (response.status < 200 || response.status > 299) {
		poll->retry_after_ns = http_retry_after_ns(&response);
		return gcp_answer_error(response.status, response.body,
		    response.body_len, what, &poll->retry_after_ns, err);
	}
	code = json_parse(response.body, response.body_len, ret_root, err);
	if (code == ERR_OK && !json_is_object(*ret_root)) {
		*ret_root = json_free(*ret_root);
		code = err_set(
		    err, ERR_BADDATA, "google", "the answer is no object");
	}
	if (code != ERR_OK)
		err_prefix(err, "%s", what);
	return code;
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

enum err_code
gcp_api_list(struct gcp_api *api, const char *path, const char *what,
    struct poll *poll, gcp_page_fn *page, void *ctx, bool *ret_more,
    struct err *err)
{
	struct buf url = BUF_INIT(URL_MAX);
	struct cJSON *root = NULL;
	const char *next = NULL;
	enum err_code code = ERR_OK;
	size_t pages = 0;

	if (buf_reserve(&url, URL_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	do {
		/* next belongs to the last page. */
		if (!api_url(api, path, next, &url)) {
			code = err_set(err, ERR_TOOBIG, "google",
			    "%s: the address is too long", what);
			break;
		}
		root = json_free(root);
		code = api_get(api, buf_cstr(&url), what, poll, &root, err);
		if (code != ERR_OK)
			break;
		page(ctx, root);
		next = json_string(json_member(root, "nextPageToken"));
		if (next != NULL && next[0] == '\0')
			next = NULL;
	} while (next != NULL && ++pages < GCP_PAGES_MAX);
	if (code == ERR_OK)
		*ret_more = next != NULL;
	json_free(root);
	buf_release(&url);
	return code;
}
