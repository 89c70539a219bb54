#include "base/template.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"

static const char origin[] = "template";

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_name(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool
template_reference(const char *at, size_t *ret_len)
{
	size_t len = 0;

	while (is_lower(at[len]))
		len++;
	if (len == 0 || at[len] != '.' || !is_name(at[len + 1]))
		return false;
	while (is_name(at[len]))
		len++;
	if (at[len] != '}' || len >= 2 * (size_t)NAME_MAX_LEN)
		return false;
	*ret_len = len;
	return true;
}

bool
template_is_one(const char *text, char *name)
{
	size_t len;

	if (strncmp(text, "${", 2) != 0 ||
	    !template_reference(text + 2, &len) || text[len + 3] != '\0')
		return false;
	if (name != NULL) {
		memcpy(name, text + 2, len);
		name[len] = '\0';
	}
	return true;
}

/* All but what RFC 3986 calls unreserved. */
static bool
put_url(struct buf *out, const char *value)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (const char *p = value; *p != '\0'; p++) {
		if (strchr(kept, *p) != NULL)
			buf_char(out, *p);
		else
			buf_fmt(out, "%%%02X", (unsigned)(unsigned char)*p);
	}
	return !out->failed;
}

/* Inside of quotes. */
static bool
put_json(struct buf *out, const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_fmt(out, "\\%c", *p);
		else if ((unsigned char)*p < 0x20)
			buf_fmt(out, "\\u%04x", (unsigned)*p);
		else
			buf_char(out, *p);
	}
	return !out->failed;
}

/* Whether text alone is a number, true or false of JSON. */
static bool
is_bare_json(const char *text)
{
	struct cJSON *root = NULL;
	bool yes, good;
	double number;

	/* Nothing around it: not even blanks, which some parsers refuse. */
	if (text[strspn(text, "-+.0123456789eEtruefals")] != '\0' ||
	    json_parse(text, strlen(text), &root, NULL) != ERR_OK)
		return false;
	good = json_double(root, &number) || json_bool(root, &yes);
	json_free(root);
	return good;
}

/* Where the text stands while it is filled in. */
struct fill {
	enum template_form form;
	struct buf *out;
	bool quoted;  /* JSON: between quotes */
	bool escaped; /* JSON: behind a backslash between quotes */
};

/* A piece of the template itself. */
static void
put_literal(struct fill *fill, const char *text, size_t len)
{
	for (size_t i = 0; fill->form == TEMPLATE_JSON && i < len; i++) {
		if (fill->escaped)
			fill->escaped = false;
		else if (text[i] == '\\')
			fill->escaped = fill->quoted;
		else if (text[i] == '"')
			fill->quoted = !fill->quoted;
	}
	buf_add(fill->out, text, len);
}

static enum err_code
put_value(struct fill *fill, const char *name,
    const struct template_value *value, struct err *err)
{
	struct buf *out = fill->out;

	if (value->text == NULL)
		return err_set(err, ERR_USAGE, origin, "%s is not given", name);
	/* It would become part of the first character. */
	if (fill->escaped)
		return err_set(err, ERR_CONFIG, origin,
		    "a backslash in front of ${%.60s}", name);
	switch (fill->form) {
	case TEMPLATE_LINE:
		if (strpbrk(value->text, "\r\n") != NULL)
			return err_set(err, ERR_USAGE, origin,
			    "%s has a line break, and a header must not", name);
		buf_str(out, value->text);
		break;
	case TEMPLATE_URL:
		/* /orders/ is another thing than one of them. */
		if (value->text[0] == '\0' && out->len > 0 &&
		    out->data[out->len - 1] == '/')
			return err_set(err, ERR_USAGE, origin,
			    "%s is empty, and a part of the path", name);
		put_url(out, value->text);
		break;
	case TEMPLATE_FORM:
		put_url(out, value->text);
		break;
	case TEMPLATE_JSON:
		if (!fill->quoted && value->bare && is_bare_json(value->text)) {
			buf_str(out, value->text);
			break;
		}
		if (!fill->quoted)
			buf_char(out, '"');
		put_json(out, value->text);
		if (!fill->quoted)
			buf_char(out, '"');
		break;
	default:
		buf_str(out, value->text);
		break;
	}
	return ERR_OK;
}

static enum err_code
put_reference(struct fill *fill, const char *name, template_fn *find,
    const void *ctx, struct err *err)
{
	struct template_value value = { .text = NULL };
	const char *hint = NULL;

	if (!find(ctx, name, &value, &hint))
		return err_set(err, ERR_CONFIG, origin,
		    hint != NULL ? "nothing is called ${%.60s}; %s"
				 : "nothing is called ${%.60s}",
		    name, hint);
	return put_value(fill, name, &value, err);
}

/*
 * How many times a path has "." or ".." between its slashes, which every
 * client resolves: /orders/.. is /, and nobody meant that.
 */
static size_t
count_dots(const char *url)
{
	const char *end = url + strcspn(url, "?#");
	size_t n = 0;

	for (const char *at = url; at < end; at++) {
		size_t len = strspn(at, ".");

		n += (at == url || at[-1] == '/') && (len == 1 || len == 2) &&
		     (at + len == end || at[len] == '/');
	}
	return n;
}

enum err_code
template_fill(const char *text, enum template_form form, template_fn *find,
    const void *ctx, struct buf *out, struct err *err)
{
	struct fill fill = { .form = form, .out = out };
	char name[2 * NAME_MAX_LEN];
	const char *at = text, *dollar;
	enum err_code code = ERR_OK;
	size_t len;

	while (code == ERR_OK && (dollar = strstr(at, "${")) != NULL) {
		put_literal(&fill, at, (size_t)(dollar - at));
		if (!template_reference(dollar + 2, &len)) {
			put_literal(&fill, dollar, 2);
			at = dollar + 2;
			continue;
		}
		memcpy(name, dollar + 2, len);
		name[len] = '\0';
		code = put_reference(&fill, name, find, ctx, err);
		at = dollar + len + 3;
	}
	if (code != ERR_OK)
		return code;
	put_literal(&fill, at, strlen(at));
	if (fill.quoted)
		return err_set(
		    err, ERR_CONFIG, origin, "a quote that does not end");
	if (out->failed)
		return err_set(err, ERR_TOOBIG, origin,
		    "longer than %zu bytes when filled in", out->max);
	if (form == TEMPLATE_URL &&
	    count_dots(buf_cstr(out)) > count_dots(text))
		return err_set(err, ERR_USAGE, origin,
		    "a value of dots would lead to another path");
	return ERR_OK;
}
