#include "config.h"

#include "datasrc/pg_env.h"

#include <string.h>

#include <libpq-fe.h>

#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/pg_session.h"

static const char origin[] = "postgres";

static void
env_add(struct pg_env *env, const char *name, const char *value)
{
	if (value == NULL || env->count == PG_ENV_MAX)
		return;
	for (size_t i = 0; i < env->count; i++) {
		if (strcmp(env->items[i].key, name) != 0)
			continue;
		env->items[i].value = value;
		return;
	}
	env->items[env->count++] = (struct opt_pair) { name, value };
}

/* Values of variables may be references; none of a URL is meant as one. */
static enum err_code
env_check(const struct pg_env *env, struct err *err)
{
	for (size_t i = 0; i < env->count; i++) {
		if (secret_ref_kind(env->items[i].value) != SECRET_LITERAL)
			return err_set(err, ERR_UNSUPPORTED, origin,
			    "%s begins like a reference to a secret and can't "
			    "be handed on",
			    env->items[i].key);
	}
	return ERR_OK;
}

static void
env_fill(struct pg_env *env, const struct pg_conf *conf)
{
	const PQconninfoOption *option = env->target.options;

	for (; option != NULL && option->keyword != NULL; option++) {
		if (option->envvar != NULL)
			env_add(env, option->envvar, option->val);
	}
	if (env->password != NULL)
		env_add(env, "PGPASSWORD", secret_reveal(env->password));
	/* As for our own connections: whoever names one wants it checked. */
	if (conf->ca != NULL &&
	    pg_target_option(&env->target, "sslmode") == NULL)
		env_add(env, "PGSSLMODE", "verify-full");
	env_add(env, "PGSSLROOTCERT", conf->ca);
	env_add(env, "PGSSLCERT", conf->cert);
	env_add(env, "PGSSLKEY", conf->key);
}

enum err_code
pg_env_make(struct pg_env *env, const struct pg_conf *conf,
    struct redactor *redactor, const struct cancel *cancel, struct err *err)
{
	struct secret *url = NULL;
	const char *password;
	enum err_code code = secret_from_ref(conf->url, cancel, &url, err);

	*env = (struct pg_env)PG_ENV_INIT;
	if (code == ERR_OK)
		code = pg_target_parse(secret_reveal(url), &env->target, err);
	if (code == ERR_OK && conf->password != NULL)
		code = secret_from_ref(
		    conf->password, cancel, &env->password, err);
	secret_free(url);
	if (code == ERR_OK) {
		env_fill(env, conf);
		code = env_check(env, err);
	}
	password = env->password != NULL
		       ? secret_reveal(env->password)
		       : pg_target_option(&env->target, "password");
	/* Too short a one can't be told from ordinary words. */
	if (code == ERR_OK && redactor != NULL && password != NULL)
		(void)!redactor_add(redactor, password, strlen(password), NULL);
	if (code != ERR_OK)
		pg_env_release(env);
	return code;
}

void
pg_env_release(struct pg_env *env)
{
	pg_target_release(&env->target);
	secret_free(env->password);
	*env = (struct pg_env)PG_ENV_INIT;
}
