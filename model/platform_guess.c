#include "model/platform_guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_expand.h"
#include "base/dotenv.h"
#include "model/platform_find.h"

/* Variables, and the source that each can feed. */
static const struct {
	const char *variable;
	const char *type;
	const char *yaml;
} guesses[] = {
	{ "API_URL", "http", "  api: {type: http, url: '${API_URL}'}\n" },
	{ "REDIS_URL", "redis",
	    "  redis: {type: redis, url: '${REDIS_URL}'}\n" },
	{ "REDIS_URL", "bullmq", "  queues: {type: bullmq, redis: redis}\n" },
	{ "DATABASE_URL", "postgres",
	    "  database: {type: postgres, url: '${DATABASE_URL}'}\n" },
};

/* The environment first, then the file. */
struct guess {
	const struct conf_env *vars;
	const char *dotenv; /* content of .env; NULL: none */
	size_t dotenv_len;
	struct buf value; /* of the last variable that came from the file */
};

static const char *
guess_environment(const struct guess *guess, const char *name)
{
	const char *value;

	if (guess->vars != NULL && guess->vars->get != NULL)
		value = guess->vars->get(guess->vars->ctx, name);
	else
		value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *
guess_variable(void *ctx, const char *name)
{
	struct guess *guess = ctx;
	const char *value = guess_environment(guess, name);

	if (value != NULL || guess->dotenv == NULL)
		return value;
	if (!dotenv_get(guess->dotenv, guess->dotenv_len, name, &guess->value))
		return NULL;
	return guess->value.len > 0 ? buf_cstr(&guess->value) : NULL;
}

static bool
guess_has_type(const struct platform_types *types, const char *name)
{
	struct platform_type type;
	size_t i;

	for (i = 0; types->at(types->ctx, i, &type); i++) {
		if (strcmp(type.name, name) == 0)
			return true;
	}
	return false;
}

/* The configuration that a user would write by hand. */
static size_t
guess_write(struct guess *guess, const struct platform_types *types,
    struct buf *yaml, struct buf *found)
{
	const char *last = "";
	size_t i, count = 0;

	buf_str(yaml, "platform: here\ntitle: This folder\n"
		      "env: ${SEVTOP_ENV:-prod}\nsources:\n");
	for (i = 0; i < ARRAY_LEN(guesses); i++) {
		const char *name = guesses[i].variable;

		if (guess_variable(guess, name) == NULL ||
		    !guess_has_type(types, guesses[i].type))
			continue;
		buf_str(yaml, guesses[i].yaml);
		count++;
		if (strcmp(last, name) == 0)
			continue;
		last = name;
		buf_fmt(found, "%s from %s\n", name,
		    guess_environment(guess, name) != NULL ? "the environment"
							   : ".env");
	}
	return count;
}

/* Content of .env; a file that can't be trusted is a warning, not an end. */
static enum err_code
guess_read(const char *folder, struct conf_errors *errors, struct buf *out)
{
	struct conf_errors *problems = mem_calloc(1, sizeof(*problems));
	char path[PLATFORM_PATH_MAX];
	enum err_code code;

	if (problems == NULL)
		return ERR_NOMEM;
	snprintf(path, sizeof(path), "%s/.env", folder);
	code = conf_read_file(path, problems, out);
	if (code != ERR_OK)
		buf_clear(out);
	if (code != ERR_OK && code != ERR_NOTFOUND && problems->count > 0)
		conf_errors_warn(errors, (struct conf_pos) { .file = path },
		    problems->items[0].hint, "left out: %s",
		    problems->items[0].msg);
	mem_free(problems);
	return code == ERR_NOMEM ? code : ERR_OK;
}

enum err_code
platform_guess(const char *folder, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct buf *found, struct platform **ret)
{
	struct guess guess = { .vars = vars,
		.value = BUF_INIT(CONF_SCALAR_MAX) };
	const struct conf_env both = { .get = guess_variable, .ctx = &guess };
	struct buf dotenv = BUF_INIT(CONF_FILE_MAX_SIZE + 1);
	struct buf yaml = BUF_INIT(CONF_FILE_MAX_SIZE);
	enum err_code code;

	code = guess_read(folder, errors, &dotenv);
	if (code != ERR_OK)
		goto out;
	guess.dotenv = buf_cstr(&dotenv);
	guess.dotenv_len = dotenv.len;
	if (guess_write(&guess, types, &yaml, found) == 0) {
		code = ERR_NOTFOUND;
		goto out;
	}
	if (yaml.failed || found->failed) {
		code = ERR_NOMEM;
		goto out;
	}
	code = platform_parse("(found)", buf_cstr(&yaml), yaml.len, env, types,
	    &both, errors, ret);
out:
	if (code == ERR_NOMEM && errors->errors == 0)
		conf_errors_add(errors, (struct conf_pos) { .file = folder },
		    NULL, "out of memory");
	buf_release(&guess.value);
	buf_release(&dotenv);
	buf_release(&yaml);
	return code;
}
