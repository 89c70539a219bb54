/*
 * Long-running operations: they take their time, and end well, badly or, by
 * a fault, not at all. The newest SIM_GCP_OPS_MAX are remembered.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "sim/gcp.h"

static void
op_clear(struct gcp_op *op)
{
	cJSON_Delete(op->metadata);
	cJSON_Delete(op->response);
	memset(op, 0, sizeof(*op));
}

struct gcp_op *
gcp_op_new(
    struct gcp *gcp, enum gcp_op_kind kind, const char *parent, int64_t due)
{
	struct gcp_op *op = &gcp->ops[gcp->op_count++ % SIM_GCP_OPS_MAX];

	op_clear(op);
	op->kind = kind;
	op->due = due;
	snprintf(op->name, sizeof(op->name),
	    "%.*s/operations/%08" PRIx64 "-%04zx",
	    SIM_GCP_PATH_MAX - SIM_GCP_NAME_MAX, parent,
	    rng_next(&gcp->rng) >> 32, gcp->op_count);
	return op;
}

cJSON *
gcp_op_doc(const struct gcp_op *op)
{
	cJSON *root = cJSON_CreateObject();

	doc_put_str(root, "name", op->name);
	if (op->metadata != NULL)
		doc_put(root, "metadata", cJSON_Duplicate(op->metadata, true));
	if (!op->done)
		return root;
	doc_put(root, "done", cJSON_CreateTrue());
	if (op->code != GCP_OK) {
		cJSON *error = doc_put_map(root, "error");

		doc_put_num(error, "code", op->code);
		doc_put_str(error, "message", op->message);
	} else if (op->response != NULL) {
		doc_put(root, "response", cJSON_Duplicate(op->response, true));
	}
	return root;
}

void
gcp_ops_step(struct gcp *gcp, int64_t now)
{
	size_t first = gcp->op_count > SIM_GCP_OPS_MAX
			   ? gcp->op_count - SIM_GCP_OPS_MAX
			   : 0;

	for (size_t i = first; i < gcp->op_count; i++) {
		struct gcp_op *op = &gcp->ops[i % SIM_GCP_OPS_MAX];

		if (op->done || now < op->due ||
		    gcp_has(gcp, GCP_STUCK_OPERATION))
			continue;
		op->done = true;
		if (op->kind == GCP_OP_REDIS)
			gcp_redis_settle(gcp, op);
		else
			gcp_service_settle(gcp, op);
	}
}

void
gcp_ops_free(struct gcp *gcp)
{
	for (size_t i = 0; i < SIM_GCP_OPS_MAX; i++)
		op_clear(&gcp->ops[i]);
}

/* The path's version number and verb are not part of a name. */
static struct gcp_op *
op_find(struct gcp_call *call)
{
	const char *name = strchr(call->request->path + 1, '/');
	size_t len;

	name = name != NULL ? name + 1 : "";
	len = strcspn(name, ":");
	for (size_t i = 0; i < SIM_GCP_OPS_MAX; i++) {
		struct gcp_op *op = &call->gcp->ops[i];

		if (strlen(op->name) == len && len > 0 &&
		    memcmp(op->name, name, len) == 0)
			return op;
	}
	gcp_reply_error(call->reply, GCP_NOT_FOUND, NULL,
	    "Requested entity was not found.");
	return NULL;
}

void
gcp_op_get(struct gcp_call *call)
{
	const struct gcp_op *op = op_find(call);

	if (op != NULL)
		gcp_reply_doc(call->reply, gcp_op_doc(op));
}

void
gcp_op_list(struct gcp_call *call)
{
	struct gcp_page page = gcp_page_begin(call, "operations", 100, 1000);
	struct gcp *gcp = call->gcp;

	for (size_t i = 0; i < SIM_GCP_OPS_MAX && i < gcp->op_count; i++) {
		const struct gcp_op *op =
		    &gcp->ops[(gcp->op_count - 1 - i) % SIM_GCP_OPS_MAX];
		cJSON *doc;

		if (strstr(op->name, call->part[1]) == NULL)
			continue;
		doc = gcp_op_doc(op);
		gcp_page_take(&page, doc);
		cJSON_Delete(doc);
	}
	gcp_page_end(&page, call);
}

/* Answers when it has ended, or after the time that the body gives. */
void
gcp_op_wait(struct gcp_call *call)
{
	const char *text = json_string(json_member(call->body, "timeout"));
	const struct gcp_op *op = op_find(call);
	int64_t waited = clock_now() - call->request->since;
	double seconds = SIM_GCP_WAIT_S;

	if (op == NULL)
		return;
	if (text != NULL &&
	    (!num_parse_double(text, strcspn(text, "s"), &seconds) ||
		!(seconds >= 0) || seconds > SIM_GCP_WAIT_S))
		seconds = SIM_GCP_WAIT_S;
	if (!op->done && (double)waited < seconds * NS_PER_SEC)
		call->reply->later = true;
	else
		gcp_reply_doc(call->reply, gcp_op_doc(op));
}
