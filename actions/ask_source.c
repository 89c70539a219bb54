#include "actions/ask_source.h"

#include "actions/action.h"
#include "datasrc/source.h"
#include "model/build.h"
#include "model/platform.h"

static const char origin[] = "action";

static enum err_code
ask_find(const struct action_ctx *ctx, const char *name,
    const struct platform_source **ret_source, struct err *err)
{
	const struct platform_source *source =
	    platform_source_find(ctx->platform, name);

	if (source == NULL)
		return err_set(err, ERR_NOTFOUND, origin,
		    "there is no source %.60s", name);
	if (!source->enabled)
		return err_set(err, ERR_NOTFOUND, origin,
		    "source %.60s is not polled: %s", name, source->off);
	if (source_logs(source->ops, source->config))
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "source %.60s reads logs: it can't be asked beside", name);
	*ret_source = source;
	return ERR_OK;
}

enum err_code
ask_source(struct action_ctx *ctx, const char *name,
    struct payload **ret_payload, struct err *err)
{
	const struct platform_source *source = NULL;
	struct poll poll = {
		.deadline = ctx->deadline,
		.cancel = ctx->cancel,
		.wall_ms = ctx->wall_ms,
	};
	struct source_env env = {
		.platform = ctx->platform,
		.redactor = ctx->redactor,
		.tokens = ctx->tokens,
	};
	const struct source_ops *ops;
	struct payload *payload = NULL;
	void *state = NULL;
	enum err_code code = ask_find(ctx, name, &source, err);

	if (source == NULL)
		return code;
	env.name = source->name;
	env.optional = source->optional;
	ops = source->ops;
	poll.build = build_new();
	if (poll.build == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	code = ops->open(&env, source->config, &state, err);
	if (code == ERR_OK)
		code = ops->poll(state, &poll, err);
	if (code == ERR_OK) {
		payload = build_finish(poll.build, err);
		code = payload != NULL ? ERR_OK : ERR_NOMEM;
	}
	ops->close(state);
	build_free(poll.build);
	if (code == ERR_OK)
		*ret_payload = payload;
	else
		err_prefix(err, "%s", name);
	return code;
}
