#include "model/logsearch.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/platform.h"

static const char *
find_search(const struct platform *const *platforms, size_t count,
    const char *name, size_t len)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < platforms[i]->search_count; k++) {
			const struct platform_search *search =
			    &platforms[i]->searches[k];

			if (strlen(search->name) == len &&
			    memcmp(search->name, name, len) == 0)
				return search->expr;
		}
	}
	return NULL;
}

/* Whether a source has a filter of that name, which its lines then tell. */
static bool
has_filter(const struct platform *const *platforms, size_t count,
    const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < platforms[i]->source_count; k++) {
			const struct conf_node *node =
			    platforms[i]->sources[k].filters;

			for (node = node != NULL ? node->first : NULL;
			     node != NULL; node = node->next) {
				if (strlen(node->key) == len &&
				    memcmp(node->key, name, len) == 0)
					return true;
			}
		}
	}
	return false;
}

static void
list_names(const struct platform *platform, struct buf *names)
{
	for (size_t k = 0; k < platform->search_count; k++)
		buf_fmt(names, "%s@%s", names->len > 0 ? ", " : "",
		    platform->searches[k].name);
	for (size_t k = 0; k < platform->source_count; k++) {
		const struct conf_node *node = platform->sources[k].filters;

		for (node = node != NULL ? node->first : NULL; node != NULL;
		     node = node->next)
			buf_fmt(names, "%s@%s", names->len > 0 ? ", " : "",
			    node->key);
	}
}

static enum err_code
fail_name(const struct platform *const *platforms, size_t count,
    const char *expr, const char *name, size_t len, struct err *err)
{
	struct buf names = BUF_INIT(ERR_MSG_MAX);
	enum err_code code;

	for (size_t i = 0; i < count; i++)
		list_names(platforms[i], &names);
	code = err_set(err, ERR_CONFIG, "filter",
	    "column %zu: no search is called @%.*s; %s%s",
	    (size_t)(name - expr),
	    (int)(len < NAME_MAX_LEN ? len : NAME_MAX_LEN), name,
	    names.len > 0 ? "there are "
			  : "logs: in the configuration "
			    "names them",
	    buf_cstr(&names));
	buf_release(&names);
	return code;
}

/* Behind the word at s: a quoted text, a pattern, or up to a blank. */
static const char *
word_end(const char *s)
{
	char close = *s == '"' || *s == '/' ? *s : '\0';

	if (close != '\0') {
		for (s++; *s != '\0' && *s != close; s++) {
			if (*s == '\\' && s[1] != '\0')
				s++;
		}
	}
	while (*s != '\0' && *s != ' ')
		s++;
	return s;
}

enum err_code
logsearch_expand(const struct platform *const *platforms, size_t count,
    const char *expr, struct buf *out, struct err *err)
{
	const char *s = expr, *end, *words;

	while (*s != '\0') {
		if (*s == ' ') {
			buf_char(out, *s++);
			continue;
		}
		end = word_end(s);
		if (*s == '@' && end > s + 1) {
			words = find_search(
			    platforms, count, s + 1, (size_t)(end - s) - 1);
			if (words != NULL) {
				buf_str(out, words);
			} else if (has_filter(platforms, count, s + 1,
				       (size_t)(end - s) - 1)) {
				buf_str(out, "filter=");
				buf_add(out, s + 1, (size_t)(end - s) - 1);
			} else {
				return fail_name(platforms, count, expr, s + 1,
				    (size_t)(end - s) - 1, err);
			}
		} else {
			buf_add(out, s, (size_t)(end - s));
		}
		s = end;
	}
	if (out->failed)
		return err_set(err, ERR_NOMEM, "filter",
		    "the named searches make this too long");
	return ERR_OK;
}
