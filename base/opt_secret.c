/*
 * Options that may hold a secret: references to one, and URLs with a
 * password in them. What is wrong with them is said without their value.
 */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf_yaml.h"
#include "base/opt_value.h"
#include "base/secret.h"

/* user:password@ in front of the host. */
static bool
opt_url_has_password(const char *text)
{
	const char *host = strstr(text, "://");
	size_t len;
	const char *at, *colon;

	if (host == NULL)
		return false;
	host += 3;
	len = strcspn(host, "/?#");
	at = memchr(host, '@', len);
	colon = memchr(host, ':', len);
	return at != NULL && colon != NULL && colon < at && colon + 1 < at;
}

static void
opt_warn_literal(const struct opt *opt, const struct conf_node *node,
    struct conf_errors *errors)
{
	conf_errors_warn(errors, node->pos,
	    "write env:NAME, file:PATH or cmd:[...], or ${NAME} in a URL",
	    "\"%s\" holds a secret in plain text", opt->name);
}

enum err_code
opt_read_url(const struct opt *opt, const struct conf_node *node, void *field,
    struct conf_errors *errors)
{
	const char *host = strstr(node->text, "://");
	const char *p;

	if (host == NULL || host == node->text || host[3] == '\0' ||
	    strchr("/?#:", host[3]) != NULL)
		return opt_wrong_kind(opt, node, errors);
	for (p = node->text; *p != '\0'; p++) {
		if (*p == ' ' || *p == '\t' || *p == '\n')
			return opt_wrong_kind(opt, node, errors);
	}
	if (opt->choices != NULL && opt_choice_index(opt, node->text,
					(size_t)(host - node->text)) < 0) {
		conf_errors_add(errors, node->pos, NULL,
		    "\"%s\" wants a URL that starts with %s://", opt->name,
		    opt->choices[0]);
		return ERR_CONFIG;
	}
	if (opt_url_has_password(node->raw) && strstr(node->raw, "${") == NULL)
		opt_warn_literal(opt, node, errors);
	*(const char **)field = node->text;
	return ERR_OK;
}

/* "cmd:" and a JSON array in the arena. */
static enum err_code
opt_secret_command(
    const struct conf_node *list, struct arena *arena, const char **ret_ref)
{
	struct buf ref = BUF_INIT(CONF_SCALAR_MAX);
	const struct conf_node *word;
	enum err_code code = ERR_NOMEM;
	char *json = NULL;
	cJSON *array = cJSON_CreateArray();

	if (array == NULL)
		return ERR_NOMEM;
	for (word = list->first; word != NULL; word = word->next) {
		cJSON *item = cJSON_CreateString(word->text);

		if (item == NULL || !cJSON_AddItemToArray(array, item))
			goto out;
	}
	json = cJSON_PrintUnformatted(array);
	if (json == NULL || !buf_str(&ref, "cmd:") || !buf_str(&ref, json))
		goto out;
	*ret_ref = arena_copy(arena, buf_cstr(&ref), ref.len);
	if (*ret_ref != NULL)
		code = ERR_OK;
out:
	cJSON_free(json);
	cJSON_Delete(array);
	buf_release(&ref);
	return code;
}

static bool
opt_is_words(const struct conf_node *list)
{
	const struct conf_node *word;

	if (list->kind != CONF_LIST || list->count == 0)
		return false;
	for (word = list->first; word != NULL; word = word->next) {
		if (word->kind != CONF_SCALAR || word->text[0] == '\0')
			return false;
	}
	return true;
}

/* {env: NAME}, {file: PATH} or {cmd: [word, ...]} */
static enum err_code
opt_secret_map(const struct conf_node *map, struct arena *arena,
    const char **ret_ref, bool *ret_good)
{
	const struct conf_node *entry = map->first;
	struct buf ref = BUF_INIT(CONF_SCALAR_MAX);
	enum err_code code = ERR_OK;

	*ret_good = false;
	if (map->count != 1)
		return ERR_OK;
	if (strcmp(entry->key, "cmd") == 0 && opt_is_words(entry)) {
		*ret_good = true;
		return opt_secret_command(entry, arena, ret_ref);
	}
	if ((strcmp(entry->key, "env") != 0 &&
		strcmp(entry->key, "file") != 0) ||
	    entry->kind != CONF_SCALAR || entry->text[0] == '\0')
		return ERR_OK;
	*ret_good = true;
	buf_fmt(&ref, "%s:%s", entry->key, entry->text);
	*ret_ref =
	    ref.failed ? NULL : arena_copy(arena, buf_cstr(&ref), ref.len);
	if (*ret_ref == NULL)
		code = ERR_NOMEM;
	buf_release(&ref);
	return code;
}

/* The text was expanded once; a second time would be a surprise. */
static const char *
opt_no_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

/* cmd:[pass, show] as one text: the brackets are YAML, hence JSON too. */
static enum err_code
opt_secret_text(const struct conf_node *node, struct arena *arena,
    const char **ret_ref, bool *ret_good)
{
	const struct conf_env none = { .get = opt_no_variable };
	struct conf_errors *ignored;
	const struct conf_node *list;
	enum err_code code;

	*ret_good = true;
	*ret_ref = node->text;
	if (secret_ref_kind(node->text) != SECRET_CMD)
		return ERR_OK;
	ignored = mem_calloc(1, sizeof(*ignored));
	if (ignored == NULL)
		return ERR_NOMEM;
	code = conf_yaml_read(node->pos.file, node->text + 4,
	    strlen(node->text + 4), &none, arena, ignored, &list);
	*ret_good =
	    code == ERR_OK && ignored->errors == 0 && opt_is_words(list);
	mem_free(ignored);
	if (code == ERR_NOMEM)
		return ERR_NOMEM;
	if (!*ret_good)
		return ERR_OK;
	return opt_secret_command(list, arena, ret_ref);
}

static bool
opt_secret_is_literal(const struct conf_node *node)
{
	if (node->kind != CONF_SCALAR || strstr(node->raw, "${") != NULL ||
	    secret_ref_kind(node->text) != SECRET_LITERAL)
		return false;
	return strstr(node->text, "://") == NULL ||
	       opt_url_has_password(node->text);
}

enum err_code
opt_read_secret(const struct opt *opt, const struct conf_node *node,
    void *field, struct arena *arena, struct conf_errors *errors)
{
	const char *ref = NULL;
	enum err_code code;
	bool good = false;

	if (node->kind == CONF_MAP)
		code = opt_secret_map(node, arena, &ref, &good);
	else if (node->kind == CONF_SCALAR && node->text[0] != '\0')
		code = opt_secret_text(node, arena, &ref, &good);
	else
		code = ERR_OK;
	if (code != ERR_OK)
		return code;
	if (!good)
		return opt_wrong_kind(opt, node, errors);
	if (opt_secret_is_literal(node))
		opt_warn_literal(opt, node, errors);
	*(const char **)field = ref;
	return ERR_OK;
}
