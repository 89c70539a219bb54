/*
 * The server's side: whether a request may be answered. Every request to an API
 * is written down as a line of requests.jsonl, so that it can be held against
 * Google's own schemas.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_routes.h"
#include "sim/gcp_token.h"

static void
gcp_record(struct gcp *gcp, const struct httpd_request *request)
{
	cJSON *line = cJSON_CreateObject();
	char *text;

	doc_put_str(line, "method", request->method);
	doc_put_str(line, "url", request->url);
	if (request->body_len > 0) {
		cJSON *body = NULL;

		if (json_parse(request->body, request->body_len, &body, NULL) ==
		    ERR_OK)
			doc_put(line, "body", body);
		else
			doc_put_str(line, "body", "not JSON");
	}
	text = cJSON_PrintUnformatted(line);
	cJSON_Delete(line);
	if (text == NULL || gcp->requests_fd < 0) {
		cJSON_free(text);
		return;
	}
	/* a drill that is left alone over night does not fill the disk */
	if (gcp->requests_len > SIM_GCP_REQUESTS_MAX &&
	    ftruncate(gcp->requests_fd, 0) == 0)
		gcp->requests_len = 0;
	if (dprintf(gcp->requests_fd, "%s\n", text) > 0)
		gcp->requests_len += strlen(text) + 1;
	cJSON_free(text);
}

/* Who asks; NULL when it is answered with 401 already. */
static const char *
gcp_identify(struct gcp *gcp, const struct httpd_request *request,
    struct httpd_reply *reply)
{
	const char *authorization = request->authorization;
	const char *who = gcp_tokens_who(gcp->tokens, authorization);

	if (who == NULL && gcp->conf->any_token && authorization != NULL &&
	    strncmp(authorization, "Bearer ", 7) == 0 &&
	    authorization[7] != '\0')
		who = "someone@example.com";
	if (who == NULL)
		gcp_reply_error(reply, GCP_UNAUTHENTICATED,
		    gcp_detail_info(NULL,
			authorization == NULL ? "CREDENTIALS_MISSING"
					      : "ACCESS_TOKEN_EXPIRED",
			"googleapis.com", "method", request->path),
		    "Request had invalid authentication credentials. Expected "
		    "OAuth 2 access token, login cookie or other valid "
		    "authentication credential.");
	return who;
}

/* What stands before the APIs and does not let through; true: answered. */
static bool
gcp_front(const struct gcp *gcp, struct httpd_reply *reply)
{
	if (gcp_has(gcp, GCP_HTML_ANSWERS)) {
		reply->type = "text/html; charset=utf-8";
		buf_str(&reply->body,
		    "<!DOCTYPE html>\n<html><head><title>Sign "
		    "in</title></head><body>Sign in to the "
		    "network</body></html>\n");
		return true;
	}
	if (!gcp_has(gcp, GCP_UNAVAILABLE_API))
		return false;
	gcp_reply_error(reply, GCP_UNAVAILABLE, NULL,
	    "The service is currently unavailable.");
	return true;
}

/* What a fault says to a request of any kind; true: it is answered. */
static bool
gcp_trouble(struct gcp_call *call, const struct gcp_route *route)
{
	const struct gcp *gcp = call->gcp;

	if (strcmp(call->part[0], gcp->conf->project) != 0 &&
	    call->part[0][0] != '\0') {
		gcp_reply_error(call->reply, GCP_PERMISSION_DENIED,
		    gcp_detail_info(NULL, "CONSUMER_INVALID", call->api,
			"consumer", call->part[0]),
		    "Permission denied on resource project %s.", call->part[0]);
		return true;
	}
	if (gcp_has(gcp, GCP_QUOTA)) {
		gcp_reply_error(call->reply, GCP_RESOURCE_EXHAUSTED,
		    gcp_detail_retry(
			gcp_detail_info(NULL, "RATE_LIMIT_EXCEEDED", call->api,
			    "quota_limit", "ReadPerMinutePerProjectRegion"),
			SIM_GCP_RETRY_S),
		    "Quota exceeded for quota metric 'Read requests' and limit "
		    "'Read requests per minute per region' of service '%s' for "
		    "consumer 'project_number:%s'.",
		    call->api, gcp->conf->number);
		return true;
	}
	if (route->permission != NULL && gcp_has(gcp, GCP_NO_PERMISSION)) {
		const char *resource = strchr(call->request->path + 1, '/');

		resource = resource != NULL ? resource + 1 : "";
		gcp_reply_error(call->reply, GCP_PERMISSION_DENIED,
		    gcp_detail_info(NULL, "IAM_PERMISSION_DENIED", call->api,
			"permission", route->permission),
		    "Permission '%s' denied on resource '%s' (or resource may "
		    "not exist).",
		    route->permission, resource);
		return true;
	}
	return false;
}

static void
gcp_http_api(struct gcp *gcp, const struct httpd_request *request,
    struct httpd_reply *reply)
{
	struct gcp_call call = {
		.gcp = gcp, .request = request, .reply = reply
	};
	const struct gcp_route *route = gcp_route_find(request, call.part);
	struct err err = ERR_INIT;
	cJSON *body = NULL;

	if (!request->again)
		gcp_record(gcp, request);
	if (gcp_front(gcp, reply))
		return;
	call.who = gcp_identify(gcp, request, reply);
	if (call.who == NULL)
		return;
	if (route == NULL) {
		gcp_reply_error(reply, GCP_NOT_FOUND, NULL,
		    "Method not found: %s %s", request->method, request->path);
		return;
	}
	call.api = route->api;
	if (!gcp_route_takes(route, request, reply))
		return;
	if (gcp_trouble(&call, route))
		return;
	if (request->cut) {
		gcp_reply_error(reply, GCP_INVALID_ARGUMENT, NULL,
		    "Request payload size exceeds the limit: %d bytes.",
		    SIM_HTTP_UPLOAD_MAX);
		return;
	}
	if (request->body_len > 0 &&
	    (json_parse(request->body, request->body_len, &body, &err) !=
		    ERR_OK ||
		!json_is_object(body))) {
		gcp_reply_error(reply, GCP_INVALID_ARGUMENT, NULL,
		    "Invalid JSON payload received. %s", err_text(&err));
		json_free(body);
		return;
	}
	call.body = body;
	route->answer(&call);
	if (gcp->lost && route->permission != NULL && reply->status == 200) {
		gcp->lost = false;
		reply->drop = true;
	}
	json_free(body);
}

void
gcp_http(
    void *arg, const struct httpd_request *request, struct httpd_reply *reply)
{
	struct gcp *gcp = arg;
	const char *path = request->path;

	pthread_mutex_lock(&gcp->turn);
	if (strcmp(path, "/token") == 0)
		gcp_tokens_grant(gcp->tokens, request, reply);
	else if (strncmp(path, "/computeMetadata/", 17) == 0)
		gcp_tokens_metadata(gcp->tokens, request, reply);
	else if (!gcp_app_answers(gcp, request, reply))
		gcp_http_api(gcp, request, reply);
	pthread_mutex_unlock(&gcp->turn);
}
