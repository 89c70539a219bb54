#include "model/platform_vars.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/dotenv.h"
#include "model/limits.h"

static const char *
vars_environment(const struct platform_vars *vars, const char *name)
{
	const struct conf_env *outer = vars->outer;
	const char *value;

	if (outer != NULL && outer->get != NULL)
		value = outer->get(outer->ctx, name);
	else
		value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
platform_vars_get(struct platform_vars *vars, const char *name)
{
	const char *value = vars_environment(vars, name);

	if (value != NULL || vars->dotenv.len == 0)
		return value;
	if (!dotenv_get(
		buf_cstr(&vars->dotenv), vars->dotenv.len, name, &vars->value))
		return NULL;
	return vars->value.len > 0 ? buf_cstr(&vars->value) : NULL;
}

bool
platform_vars_from_file(const struct platform_vars *vars, const char *name)
{
	return vars_environment(vars, name) == NULL;
}

static const char *
vars_get(void *ctx, const char *name)
{
	return platform_vars_get(ctx, name);
}

enum err_code
platform_vars_init(struct platform_vars *vars, const char *folder,
    const struct conf_env *outer, struct conf_errors *errors)
{
	struct conf_errors *problems = mem_calloc(1, sizeof(*problems));
	char path[PLATFORM_PATH_MAX];
	enum err_code code;

	*vars = (struct platform_vars) {
		.env = { .get = vars_get, .ctx = vars },
		.outer = outer,
		.dotenv = BUF_INIT(CONF_FILE_MAX_SIZE + 1),
		.value = BUF_INIT(CONF_SCALAR_MAX),
	};
	if (problems == NULL)
		return ERR_NOMEM;
	snprintf(path, sizeof(path), "%s/.env", folder);
	code = conf_read_file(path, problems, &vars->dotenv);
	if (code != ERR_OK)
		buf_clear(&vars->dotenv);
	if (code != ERR_OK && code != ERR_NOTFOUND && problems->count > 0)
		conf_errors_warn(errors, (struct conf_pos) { .file = path },
		    problems->items[0].hint, "left out: %s",
		    problems->items[0].msg);
	mem_free(problems);
	return code == ERR_NOMEM ? code : ERR_OK;
}

void
platform_vars_release(struct platform_vars *vars)
{
	buf_release(&vars->dotenv);
	buf_release(&vars->value);
}
