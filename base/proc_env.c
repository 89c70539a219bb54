#include "config.h"

#include "base/proc_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/secret.h"

/*
 * What tools need to find their stores and agents. Ours may hold the
 * secrets of other systems, so a password tool gets no more.
 */
static const char *const proc_env_basic[] = { "PATH", "HOME", "USER", "LOGNAME",
	"LANG", "TZ", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	"DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "GNUPGHOME",
	"PASSWORD_STORE_DIR", "VAULT_ADDR", "VAULT_NAMESPACE",
	"CLOUDSDK_CONFIG", "AWS_PROFILE", "AWS_REGION" };

/* Whether var ("NAME=value") is the variable name. */
static bool
proc_env_is(const char *var, const char *name)
{
	size_t len = strlen(name);

	return strncmp(var, name, len) == 0 && var[len] == '=';
}

static bool
proc_env_inherits(const char *var, bool all, const struct opt_pairs *more)
{
	for (size_t i = 0; more != NULL && i < more->count; i++)
		if (proc_env_is(var, more->items[i].key))
			return false;
	for (size_t i = 0; !all && i < ARRAY_LEN(proc_env_basic); i++)
		if (proc_env_is(var, proc_env_basic[i]))
			return true;
	return all;
}

/* "NAME=" and the value, in memory that is wiped. */
static enum err_code
proc_env_join(const char *name, const char *value, size_t len,
    struct secret **ret_var, struct err *err)
{
	size_t head = strlen(name) + 1;
	char *bytes = mem_alloc(head + len);
	enum err_code code;

	if (bytes == NULL)
		return err_set(err, ERR_NOMEM, "proc", "no memory");
	memcpy(bytes, name, head - 1);
	bytes[head - 1] = '=';
	memcpy(bytes + head, value, len);
	code = secret_new(bytes, head + len, ret_var, err);
	explicit_bzero(bytes, head + len);
	mem_free(bytes);
	return code;
}

enum err_code
proc_secret(const char *ref, struct redactor *redactor,
    const struct cancel *cancel, struct secret **ret_secret, struct err *err)
{
	struct secret *secret = NULL;
	enum err_code code = secret_from_ref(ref, cancel, &secret, err);

	if (code == ERR_OK && redactor != NULL) {
		code = redactor_add_secret(redactor, secret, err);
		/* Too short to search for is too short to be kept. */
		if (code == ERR_LIMIT) {
			err_clear(err);
			code = ERR_OK;
		}
	}
	if (code == ERR_OK)
		*ret_secret = secret;
	else
		secret_free(secret);
	return code;
}

/* One variable of more; its value becomes unspeakable if it is a secret. */
static enum err_code
proc_env_resolve(const struct opt_pair *pair, struct redactor *redactor,
    const struct cancel *cancel, struct secret **ret_var, struct err *err)
{
	struct secret *value = NULL;
	enum err_code code;

	if (secret_ref_kind(pair->value) == SECRET_LITERAL)
		return proc_env_join(
		    pair->key, pair->value, strlen(pair->value), ret_var, err);
	code = proc_secret(pair->value, redactor, cancel, &value, err);
	if (code != ERR_OK) {
		err_prefix(err, "%s", pair->key);
		return code;
	}
	code = proc_env_join(
	    pair->key, secret_reveal(value), secret_len(value), ret_var, err);
	secret_free(value);
	return code;
}

enum err_code
proc_env_make(struct proc_env *env, bool all, const struct opt_pairs *more,
    struct redactor *redactor, const struct cancel *cancel, struct err *err)
{
	size_t own = more != NULL ? more->count : 0, room = own, n = 0;
	enum err_code code = ERR_OK;

	for (char **e = environ; *e != NULL; e++)
		room++;
	if (room > PROC_ENV_MAX)
		return err_set(err, ERR_LIMIT, "proc",
		    "the environment has more than %d variables", PROC_ENV_MAX);
	env->vars = mem_calloc(room + 1, sizeof(*env->vars));
	env->owned = mem_calloc(own + 1, sizeof(struct secret *));
	if (env->vars == NULL || env->owned == NULL)
		code = err_set(err, ERR_NOMEM, "proc", "no memory");
	for (size_t i = 0; code == ERR_OK && i < own; i++) {
		code = proc_env_resolve(
		    &more->items[i], redactor, cancel, &env->owned[i], err);
		if (code != ERR_OK)
			break;
		env->owned_count++;
		/* execve() takes them so */
		env->vars[n++] = (char *)secret_reveal(env->owned[i]);
	}
	for (char **e = environ; code == ERR_OK && *e != NULL; e++)
		if (proc_env_inherits(*e, all, more))
			env->vars[n++] = *e;
	if (code != ERR_OK)
		proc_env_release(env);
	return code;
}

void
proc_env_release(struct proc_env *env)
{
	for (size_t i = 0; i < env->owned_count; i++)
		secret_free(env->owned[i]);
	mem_free(env->owned);
	mem_free(env->vars);
	*env = (struct proc_env)PROC_ENV_INIT;
}

void
proc_env_check(const struct opt_pairs *more, struct conf_errors *errors)
{
	for (size_t i = 0; i < more->count; i++) {
		const char *key = more->items[i].key;
		const struct conf_node *at = conf_get(more->node, key);

		if (key[0] != '\0' && strchr(key, '=') == NULL)
			continue;
		if (at != NULL)
			conf_errors_add(errors, at->key_pos, NULL,
			    "\"%.64s\" is no name of a variable", key);
	}
}

void
proc_exit_check(const struct opt_list *exits, const struct conf_node *node,
    struct conf_errors *errors)
{
	int64_t status;

	for (size_t i = 0; i < exits->count; i++) {
		const char *text = exits->items[i];

		if (!num_parse_i64(text, strlen(text), &status) || status < 0 ||
		    status > 255)
			conf_errors_add(errors, node->pos,
			    "such as 0 or [0, 3]",
			    "\"%.40s\" is no exit status", text);
	}
}
