#include "actions/flag_memo.h"

#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_out.h"
#include "model/platform.h"

static const char origin[] = "flag";

static void
put(struct json_out *out, struct cJSON *row, const char *key, const char *text)
{
	if (text != NULL)
		json_out_str(out, row, key, text);
}

void
flag_memo_keep(
    struct plan *plan, const struct flag_target *targets, size_t count)
{
	struct buf scratch = BUF_INIT(FLAG_VALUE_MAX);
	struct buf memo = BUF_INIT(PLAN_MEMO_MAX);
	struct json_out out = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&out);
	struct cJSON *list = json_out_list(&out, root, "flags");

	for (size_t i = 0; i < count; i++) {
		struct cJSON *row = json_out_row(&out, list);

		json_out_str(&out, row, "name", targets[i].flag->name);
		json_out_raw(
		    &out, row, "same", targets[i].same ? "true" : "false");
		put(&out, row, "was", targets[i].was);
		put(&out, row, "value", targets[i].value);
		put(&out, row, "etag", targets[i].etag);
		put(&out, row, "stamp", targets[i].stamp);
		put(&out, row, "keep", targets[i].keep);
	}
	/* A memo that is missing makes the plan useless, and is refused. */
	if (json_out_close(&out, root, &memo) == ERR_OK)
		plan_memo(plan, buf_cstr(&memo));
	buf_release(&memo);
	buf_release(&scratch);
}

/* A copy in the arena; fallback when there is none. */
static const char *
take(const struct action_ctx *ctx, const struct cJSON *row, const char *key,
    const char *fallback)
{
	const char *text = json_string(json_member(row, key));

	if (text == NULL)
		return fallback;
	return arena_copy(ctx->arena, text, strlen(text));
}

static bool
read_target(const struct action_ctx *ctx, const struct cJSON *row,
    const char *name, struct flag_target *target)
{
	const char *said = json_string(json_member(row, "name"));

	if (said == NULL || strcmp(said, name) != 0 ||
	    !json_bool(json_member(row, "same"), &target->same))
		return false;
	target->was = take(ctx, row, "was", NULL);
	target->value = take(ctx, row, "value", NULL);
	target->etag = take(ctx, row, "etag", "");
	target->stamp = take(ctx, row, "stamp", "");
	target->keep = take(ctx, row, "keep", "");
	return true;
}

enum err_code
flag_memo_read(const struct action_ctx *ctx, const struct plan *plan,
    struct flag_target **ret_targets, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	struct flag_target *targets =
	    arena_array(ctx->arena, is->target_count, sizeof(*targets));
	struct cJSON *root = NULL;
	size_t n = 0;
	enum err_code code;

	if (targets == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	code = json_parse(plan->memo, strlen(plan->memo), &root, err);
	for (const struct cJSON *row = json_first(json_member(root, "flags"));
	     code == ERR_OK && row != NULL && n < is->target_count;
	     row = json_next(row)) {
		const char *name = is->targets[n].name;

		targets[n].flag = platform_flag_find(ctx->platform, name);
		if (targets[n].flag == NULL)
			code = err_set(err, ERR_NOTFOUND, origin,
			    "no flag %.60s is configured any more", name);
		else if (!read_target(ctx, row, name, &targets[n]))
			break;
		n++;
	}
	json_free(root);
	if (code == ERR_OK && n != is->target_count)
		code = err_set(err, ERR_BADDATA, origin,
		    "the plan does not say what the flags were");
	if (code == ERR_OK && arena_failed(ctx->arena))
		code = err_set(err, ERR_NOMEM, origin, "no memory");
	if (code == ERR_OK)
		*ret_targets = targets;
	return code;
}
