#include "datasrc/flag_type.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/platform.h"

static const char origin[] = "flag";

static const struct flag_type *const types[] = {
	&flag_file,
	&flag_http,
	&flag_postgres,
	&flag_redis,
	&flag_run,
	&flag_unleash,
	NULL,
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	const struct flag_type *const *table = ctx;

	for (size_t i = 0; table[i] != NULL; i++) {
		if (i != index)
			continue;
		*ret = (struct platform_type) {
			.name = table[i]->name,
			.help = table[i]->help,
			.opts = *table[i]->options,
			.config_size = table[i]->config_size,
			.ops = table[i],
		};
		return true;
	}
	return false;
}

static void
types_check(const void *ctx, const struct platform *platform,
    const struct platform_flag *flag, struct conf_errors *errors)
{
	const struct flag_type *type = flag_type_of(flag);
	const struct conf_node *secret = conf_get(flag->node, "secret");

	(void)ctx;
	/* Elsewhere it would be read by everybody who reads flags. */
	if (flag->secret && type->kind != FLAG_FILE)
		conf_errors_add(errors, secret->pos, NULL,
		    "\"secret\" is for flags of type file");
	type->check(platform, flag, errors);
}

const struct platform_flag_types flag_types = {
	.at = types_at,
	.check = types_check,
	.ctx = types,
	.source = "flags",
};

const struct flag_type *
flag_type_of(const struct platform_flag *flag)
{
	return flag->ops;
}

enum err_code
flag_read(
    const struct flag_ask *ask, struct flag_state *ret_state, struct err *err)
{
	*ret_state = (struct flag_state) { .stored = NULL };
	return flag_type_of(ask->flag)->read(ask, ret_state, err);
}

/* What a template of a flag may name. */
struct flag_names {
	const char *name;
	const char *value;
	const char *old;
};

static bool
find_name(const void *ctx, const char *name, struct template_value *ret,
    const char **ret_hint)
{
	const struct flag_names *names = ctx;

	*ret_hint = "there are flag.name, flag.value and flag.old";
	ret->bare = true;
	if (strcmp(name, "flag.name") == 0) {
		ret->text = names->name;
		ret->bare = false;
	} else if (strcmp(name, "flag.value") == 0) {
		ret->text = names->value;
	} else if (strcmp(name, "flag.old") == 0) {
		ret->text = names->old;
	} else {
		return false;
	}
	return true;
}

enum err_code
flag_fill(const struct platform_flag *flag, const char *value, const char *old,
    const char *text, enum template_form form, struct arena *arena,
    const char **ret_text, struct err *err)
{
	const struct flag_names names = { flag->name, value, old };
	struct buf out = BUF_INIT(FLAG_FILLED_MAX);
	enum err_code code =
	    template_fill(text, form, find_name, &names, &out, err);

	if (code == ERR_OK) {
		*ret_text = arena_copy(arena, buf_cstr(&out), out.len);
		if (*ret_text == NULL)
			code = err_set(err, ERR_NOMEM, origin, "no memory");
	}
	buf_release(&out);
	return code;
}

enum template_form
flag_body_form(const char *type)
{
	if (strstr(type, "json") != NULL)
		return TEMPLATE_JSON;
	if (strstr(type, "form-urlencoded") != NULL)
		return TEMPLATE_FORM;
	return TEMPLATE_TEXT;
}

void
flag_links_init(struct flag_links *links, const struct platform *platform,
    struct redactor *redactor, bool write)
{
	links->platform = platform;
	links->redactor = redactor;
	links->write = write;
	links->redis_count = links->pg_count = links->run_count = 0;
	links->tokens = NULL;
}

void
flag_links_round(struct flag_links *links)
{
	flag_run_forget(links);
}

void
flag_links_close(struct flag_links *links)
{
	flag_run_close(links);
	for (size_t i = 0; i < links->redis_count; i++)
		redis_session_close(&links->redis[i]);
	for (size_t i = 0; i < links->pg_count; i++)
		pg_session_close(&links->pg[i]);
	links->redis_count = links->pg_count = 0;
}

static enum err_code
too_many(struct err *err)
{
	return err_set(err, ERR_LIMIT, origin,
	    "the flags are on more than %d servers", FLAG_LINKS_MAX);
}

/* The options of another source, when it is of the type. */
static const void *
config_of(const struct platform *platform, const char *name, const char *type)
{
	const struct platform_source *source =
	    platform_source_find(platform, name);

	if (source == NULL || strcmp(source->type, type) != 0)
		return NULL;
	return source->config;
}

enum err_code
flag_link_redis(struct flag_links *links, const struct flag_redis_conf *conf,
    struct redis_session **ret_session, struct err *err)
{
	const struct redis_conf *redis =
	    conf->source != NULL
		? config_of(links->platform, conf->source, "redis")
		: &conf->redis;

	if (redis == NULL || redis->url == NULL)
		return err_set(err, ERR_CONFIG, origin,
		    "no Redis: set source to the name of a redis source, or "
		    "url");
	for (size_t i = 0; i < links->redis_count; i++) {
		if (links->redis[i].conf != redis)
			continue;
		*ret_session = &links->redis[i];
		return ERR_OK;
	}
	if (links->redis_count == FLAG_LINKS_MAX)
		return too_many(err);
	*ret_session = &links->redis[links->redis_count++];
	redis_session_init(*ret_session, redis);
	return ERR_OK;
}

enum err_code
flag_link_pg(struct flag_links *links, const struct flag_postgres_conf *conf,
    struct pg_session **ret_session, struct err *err)
{
	/* A source of this type begins with its connection. */
	const struct pg_conf *pg =
	    conf->db != NULL ? config_of(links->platform, conf->db, "postgres")
			     : &conf->pg;

	if (pg == NULL || pg->url == NULL)
		return err_set(err, ERR_CONFIG, origin,
		    "no PostgreSQL: set db to the name of a postgres source, "
		    "or url");
	for (size_t i = 0; i < links->pg_count; i++) {
		if (links->pg[i].conf != pg)
			continue;
		*ret_session = &links->pg[i];
		return ERR_OK;
	}
	if (links->pg_count == FLAG_LINKS_MAX)
		return too_many(err);
	*ret_session = &links->pg[links->pg_count++];
	pg_session_init(
	    *ret_session, pg, links->redactor, FLAG_STATEMENT_MS * NS_PER_MS);
	(*ret_session)->options.write = links->write;
	/* Read-only is the transaction then, not a default of the session. */
	(*ret_session)->options.wrap = !links->write;
	return ERR_OK;
}
