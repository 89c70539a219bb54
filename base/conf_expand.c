#include "base/conf_expand.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/template.h"

bool
conf_has_control(const char *text)
{
	const unsigned char *p;

	for (p = (const unsigned char *)text; *p != '\0'; p++) {
		if ((*p < 0x20 && *p != '\t' && *p != '\n') || *p == 0x7f)
			return true;
		/* U+0080 to U+009F: some terminals obey these too. */
		if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
			return true;
	}
	return false;
}

static const char *
conf_variable(const struct conf_env *env, const char *name)
{
	if (env != NULL && env->get != NULL)
		return env->get(env->ctx, name);
	return getenv(name);
}

static bool
conf_is_name_char(char c, bool first)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')
		return true;
	return !first && c >= '0' && c <= '9';
}

/* One ${...} taken apart; the pieces point into the raw text. */
struct conf_reference {
	char name[NAME_MAX_LEN];
	const char *preset; /* behind ":-"; NULL: none */
	size_t preset_len;
	const char *end; /* behind the brace */
};

/*
 * The brace that closes a reference; at stands behind "${". NULL: there is
 * none, or a brace opens that is of no reference.
 */
static const char *
conf_reference_close(const char *at)
{
	int open = 0;

	for (; *at != '\0'; at++) {
		if (*at == '{' && at[-1] != '$')
			return NULL;
		if (*at == '{' && ++open >= CONF_DEFAULTS_MAX)
			return NULL;
		if (*at == '}' && open-- == 0)
			return at;
	}
	return NULL;
}

/* at stands behind "${". */
static bool
conf_reference_parse(const char *at, struct conf_reference *ref)
{
	const char *close = conf_reference_close(at);
	size_t len = 0;

	if (close == NULL)
		return false;
	while (conf_is_name_char(at[len], len == 0))
		len++;
	if (len == 0 || len >= sizeof(ref->name))
		return false;
	memcpy(ref->name, at, len);
	ref->name[len] = '\0';
	ref->end = close + 1;
	ref->preset = NULL;
	ref->preset_len = 0;
	if (at + len == close)
		return true;
	if (at[len] != ':' || at[len + 1] != '-')
		return false;
	ref->preset = at + len + 2;
	ref->preset_len = (size_t)(close - ref->preset);
	return true;
}

/*
 * The end of "${input.name}", which a template fills in later; NULL: it is
 * something else. at stands behind "${".
 */
static const char *
conf_template_end(const char *at)
{
	size_t len;

	if (!template_reference(at, &len))
		return NULL;
	return at + len + 1;
}

/* What is built, and how long it would be without a limit. */
struct conf_output {
	struct buf buf;
	size_t want;
	bool open; /* a reference of a template stayed */
};

static void
conf_put(struct conf_output *out, const char *bytes, size_t len)
{
	out->want += len;
	buf_add(&out->buf, bytes, len);
}

static enum err_code conf_expand_into(const char *raw, struct conf_pos pos,
    const struct conf_env *env, struct conf_output *out,
    struct conf_errors *errors);

/* A default may have variables of its own, CONF_DEFAULTS_MAX deep. */
static enum err_code
conf_expand_preset(const struct conf_reference *ref, struct conf_pos pos,
    const struct conf_env *env, struct conf_output *out,
    struct conf_errors *errors)
{
	struct buf preset = BUF_INIT(CONF_SCALAR_MAX);
	enum err_code code = ERR_OK;

	if (!buf_add(&preset, ref->preset, ref->preset_len))
		out->buf.failed = true;
	else
		code =
		    conf_expand_into(buf_cstr(&preset), pos, env, out, errors);
	buf_release(&preset);
	return code;
}

static enum err_code
conf_expand_one(const struct conf_reference *ref, struct conf_pos pos,
    const struct conf_env *env, struct conf_output *out,
    struct conf_errors *errors)
{
	const char *value = conf_variable(env, ref->name);

	if (ref->preset != NULL && (value == NULL || *value == '\0'))
		return conf_expand_preset(ref, pos, env, out, errors);
	if (value == NULL) {
		conf_errors_add(errors, pos,
		    "set it, or give a default: ${NAME:-default}",
		    "the variable %s is not set", ref->name);
		return ERR_CONFIG;
	}
	if (conf_has_control(value)) {
		conf_errors_add(errors, pos, NULL,
		    "the variable %s holds control characters", ref->name);
		return ERR_CONFIG;
	}
	conf_put(out, value, strlen(value));
	return ERR_OK;
}

static enum err_code
conf_expand_into(const char *raw, struct conf_pos pos,
    const struct conf_env *env, struct conf_output *out,
    struct conf_errors *errors)
{
	struct conf_reference ref;
	const char *at = raw, *dollar, *end;
	enum err_code code = ERR_OK, one;

	while ((dollar = strstr(at, "${")) != NULL) {
		if (dollar > at && dollar[-1] == '$') {
			conf_put(out, at, (size_t)(dollar - at) - 1);
			conf_put(out, "${", 2);
			at = dollar + 2;
			continue;
		}
		end = conf_template_end(dollar + 2);
		if (end != NULL) {
			conf_put(out, at, (size_t)(end - at));
			out->open = true;
			at = end;
			continue;
		}
		conf_put(out, at, (size_t)(dollar - at));
		if (!conf_reference_parse(dollar + 2, &ref)) {
			conf_errors_add(errors, pos,
			    "write ${NAME} or ${NAME:-default}, and $${ for a "
			    "plain ${",
			    "\"${\" without a variable's name and \"}\"");
			return ERR_CONFIG;
		}
		/* Goes on after an unset one: name them all at once. */
		one = conf_expand_one(&ref, pos, env, out, errors);
		if (one != ERR_OK)
			code = one;
		at = ref.end;
	}
	conf_put(out, at, strlen(at));
	return code;
}

enum err_code
conf_expand(const char *raw, struct conf_pos pos, const struct conf_env *env,
    struct arena *arena, struct conf_errors *errors, const char **ret_text,
    bool *ret_open)
{
	struct conf_output out = { .buf = BUF_INIT(CONF_SCALAR_MAX) };
	enum err_code code;
	const char *copy;

	if (strstr(raw, "${") == NULL) {
		*ret_text = raw;
		return ERR_OK;
	}
	code = conf_expand_into(raw, pos, env, &out, errors);
	if (code != ERR_OK)
		goto out;
	if (out.want > CONF_SCALAR_MAX) {
		conf_errors_add(errors, pos, NULL,
		    "longer than %d bytes with its variables filled in",
		    CONF_SCALAR_MAX);
		code = ERR_CONFIG;
		goto out;
	}
	copy = out.buf.failed
		   ? NULL
		   : arena_copy(arena, buf_cstr(&out.buf), out.buf.len);
	if (copy == NULL) {
		code = ERR_NOMEM;
		goto out;
	}
	*ret_text = copy;
	*ret_open = out.open;
out:
	buf_release(&out.buf);
	return code;
}
