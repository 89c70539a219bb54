#include "sim/gcp_filter.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/regex.h"
#include "sim/gcp_filter_impl.h"

enum {
	FILTER_NOWHERE = SIM_GCP_FILTER_NODES,
};

/* Where the reading is. */
struct filter_in {
	const char *text, *at;
	struct gcp_filter *filter;
	struct err *err;
	enum err_code rc;
	int depth;
};

static unsigned filter_all(struct filter_in *in);

static unsigned
filter_wrong(struct filter_in *in, const char *what)
{
	if (in->rc == ERR_OK)
		in->rc = err_set(in->err, ERR_CONFIG, "filter",
		    "column %zu: %s", (size_t)(in->at - in->text) + 1, what);
	return FILTER_NOWHERE;
}

static void
filter_skip(struct filter_in *in)
{
	in->at += strspn(in->at, " \t\r\n");
}

static unsigned
filter_node(struct filter_in *in, const struct gcp_node *node)
{
	if (in->filter->count == SIM_GCP_FILTER_NODES) {
		if (in->rc == ERR_OK)
			in->rc = err_set(in->err, ERR_TOOBIG, "filter",
			    "more than %d comparisons", SIM_GCP_FILTER_NODES);
		return FILTER_NOWHERE;
	}
	in->filter->nodes[in->filter->count] = *node;
	return in->filter->count++;
}

/* The block of texts is as long as all that can be in it. */
static char *
filter_begin_text(struct filter_in *in)
{
	return in->filter->texts + in->filter->used;
}

static const char *
filter_end_text(struct filter_in *in, const char *begin, char *end)
{
	*end++ = '\0';
	in->filter->used = (size_t)(end - in->filter->texts);
	return begin;
}

/* The inside of quotes, at whose first one we are; false: no end. */
static bool
filter_quoted(struct filter_in *in, char **out)
{
	for (in->at++; *in->at != '"'; in->at++) {
		if (*in->at == '\\' && in->at[1] != '\0')
			in->at++;
		else if (*in->at == '\0')
			return false;
		*(*out)++ = *in->at;
	}
	in->at++;
	return true;
}

/* A word, or parts in quotes with dots between; NULL with the error set. */
static const char *
filter_word(struct filter_in *in)
{
	char *begin, *out;

	filter_skip(in);
	begin = out = filter_begin_text(in);
	for (;;) {
		size_t len = strcspn(in->at, " \t\r\n()=!<>:~\",");

		memcpy(out, in->at, len);
		out += len;
		in->at += len;
		if (*in->at != '"')
			break;
		if (!filter_quoted(in, &out)) {
			filter_wrong(in, "the quotes have no end");
			return NULL;
		}
		if (*in->at != '.')
			break;
	}
	return filter_end_text(in, begin, out);
}

/* Whether the word comes next, as a word of its own. */
static bool
filter_is_next(struct filter_in *in, const char *word)
{
	size_t len = strlen(word);

	filter_skip(in);
	return strncmp(in->at, word, len) == 0 &&
	       strchr(" \t\r\n()\"-", in->at[len]) != NULL;
}

static bool
filter_take_operator(struct filter_in *in, enum gcp_compare *ret)
{
	static const struct {
		const char *text;
		enum gcp_compare compare;
	} operators[] = {
		{ "!=", GCP_NE },
		{ ">=", GCP_GE },
		{ "<=", GCP_LE },
		{ "=~", GCP_LIKE },
		{ "!~", GCP_UNLIKE },
		{ "=", GCP_EQ },
		{ ">", GCP_GT },
		{ "<", GCP_LT },
		{ ":", GCP_HAS },
	};

	filter_skip(in);
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(in->at, operators[i].text, len) != 0)
			continue;
		in->at += len;
		*ret = operators[i].compare;
		return true;
	}
	return false;
}

static unsigned
filter_pair(struct filter_in *in, enum gcp_node_kind kind, unsigned left,
    unsigned right)
{
	struct gcp_node node = { .kind = kind, .left = left, .right = right };

	if (left == FILTER_NOWHERE || right == FILTER_NOWHERE)
		return FILTER_NOWHERE;
	return filter_node(in, &node);
}

static unsigned
filter_compare(struct filter_in *in, const char *field,
    enum gcp_compare compare, const char *text)
{
	struct gcp_node node = { .kind = GCP_NODE_COMPARE,
		.compare = compare,
		.field = field,
		.text = text };
	unsigned at;

	if (text == NULL)
		return FILTER_NOWHERE;
	if (compare == GCP_HAS && strcmp(text, "*") == 0)
		node.compare = GCP_EXISTS;
	at = filter_node(in, &node);
	if (at == FILTER_NOWHERE ||
	    (compare != GCP_LIKE && compare != GCP_UNLIKE))
		return at;
	if (regex_new(text, strlen(text), 0, &in->filter->nodes[at].regex,
		NULL) != ERR_OK)
		return filter_wrong(in, "this is no regular expression");
	return at;
}

/* The words in a call's parentheses, at whose first one we are. */
static size_t
filter_words(struct filter_in *in, const char **words, size_t cap)
{
	size_t count = 0;

	in->at++;
	for (;;) {
		const char *word = filter_word(in);

		if (word == NULL)
			return 0;
		if (count == cap) {
			filter_wrong(in, "too many words");
			return 0;
		}
		words[count++] = word;
		filter_skip(in);
		if (*in->at == ')')
			break;
		if (*in->at != ',') {
			filter_wrong(in, "a comma or ) is missing");
			return 0;
		}
		in->at++;
	}
	in->at++;
	return count;
}

/* field = one_of("a", "b") and its like. */
static unsigned
filter_function(struct filter_in *in, const char *field, const char *name)
{
	static const struct {
		const char *name;
		enum gcp_compare compare;
	} functions[] = {
		{ "one_of", GCP_EQ },
		{ "starts_with", GCP_STARTS },
		{ "ends_with", GCP_ENDS },
		{ "has_substring", GCP_HAS },
		{ "monitoring.regex.full_match", GCP_LIKE },
	};
	const char *words[SIM_GCP_FILTER_WORDS];
	size_t count = filter_words(in, words, ARRAY_LEN(words));
	unsigned at = FILTER_NOWHERE;

	for (size_t f = 0; count > 0 && f < ARRAY_LEN(functions); f++) {
		if (strcmp(functions[f].name, name) != 0)
			continue;
		at = filter_compare(in, field, functions[f].compare, words[0]);
		for (size_t i = 1; i < count; i++)
			at = filter_pair(in, GCP_NODE_OR, at,
			    filter_compare(
				in, field, functions[f].compare, words[i]));
		return at;
	}
	return filter_wrong(in, "there is no such function");
}

/* (a OR b) behind an operator; OR and AND as they come. */
static unsigned
filter_values(struct filter_in *in, const char *field, enum gcp_compare compare)
{
	unsigned at = FILTER_NOWHERE;

	in->at++;
	for (;;) {
		enum gcp_node_kind kind = GCP_NODE_AND;
		unsigned next;

		if (at != FILTER_NOWHERE && filter_is_next(in, "OR")) {
			kind = GCP_NODE_OR;
			in->at += 2;
		} else if (at != FILTER_NOWHERE && filter_is_next(in, "AND")) {
			in->at += 3;
		}
		filter_skip(in);
		if (*in->at == ')') {
			in->at++;
			return at != FILTER_NOWHERE
				   ? at
				   : filter_wrong(in, "a value is missing");
		}
		if (*in->at == '\0' || strchr("(=!<>:~,", *in->at) != NULL)
			return filter_wrong(in, "a value or ) is missing");
		next = filter_compare(in, field, compare, filter_word(in));
		at = at == FILTER_NOWHERE ? next
					  : filter_pair(in, kind, at, next);
		if (at == FILTER_NOWHERE)
			return at;
	}
}

static unsigned
filter_behind(struct filter_in *in, const char *field, enum gcp_compare compare)
{
	bool quoted;
	const char *text;

	filter_skip(in);
	if (*in->at == '(')
		return filter_values(in, field, compare);
	if (*in->at == '\0' || strchr(")=!<>:~,", *in->at) != NULL)
		return filter_wrong(in, "a value is missing");
	quoted = *in->at == '"';
	text = filter_word(in);
	if (text == NULL)
		return FILTER_NOWHERE;
	if (!quoted && *in->at == '(')
		return filter_function(in, field, text);
	return filter_compare(in, field, compare, text);
}

static unsigned
filter_call(struct filter_in *in, const char *name)
{
	const char *words[2] = { NULL, NULL };
	struct gcp_node node = { .kind = GCP_NODE_CALL, .field = name };

	if (strcmp(name, "log_id") != 0 && strcmp(name, "SEARCH") != 0 &&
	    strncmp(name, "select_slo_", 11) != 0)
		return filter_wrong(in, "there is no such function");
	if (filter_words(in, words, 2) == 0)
		return FILTER_NOWHERE;
	node.text = words[0];
	node.second = words[1];
	return filter_node(in, &node);
}

static unsigned
filter_one(struct filter_in *in)
{
	struct gcp_node word = { .kind = GCP_NODE_WORD };
	enum gcp_compare compare;
	bool quoted;

	filter_skip(in);
	if (*in->at == '(') {
		unsigned at;

		in->at++;
		at = filter_all(in);
		filter_skip(in);
		if (at == FILTER_NOWHERE)
			return at;
		if (*in->at != ')')
			return filter_wrong(in, "a ) is missing");
		in->at++;
		return at;
	}
	if (*in->at == '\0' || strchr(")=!<>:~,", *in->at) != NULL)
		return filter_wrong(in, "a comparison is missing");
	quoted = *in->at == '"';
	word.text = filter_word(in);
	if (word.text == NULL)
		return FILTER_NOWHERE;
	if (!quoted && *in->at == '(')
		return filter_call(in, word.text);
	if (filter_take_operator(in, &compare))
		return filter_behind(in, word.text, compare);
	return filter_node(in, &word);
}

static unsigned
filter_not(struct filter_in *in)
{
	struct gcp_node node = { .kind = GCP_NODE_NOT };
	unsigned at;

	if (++in->depth > SIM_GCP_FILTER_DEPTH)
		return filter_wrong(in, "nested too deeply");
	filter_skip(in);
	if (filter_is_next(in, "NOT") || *in->at == '-') {
		in->at += *in->at == '-' ? 1 : 3;
		node.left = filter_not(in);
		at = node.left == FILTER_NOWHERE ? node.left
						 : filter_node(in, &node);
	} else {
		at = filter_one(in);
	}
	in->depth--;
	return at;
}

static unsigned
filter_any(struct filter_in *in)
{
	unsigned at = filter_not(in);

	while (at != FILTER_NOWHERE && filter_is_next(in, "OR")) {
		in->at += 2;
		at = filter_pair(in, GCP_NODE_OR, at, filter_not(in));
	}
	return at;
}

/* What stands side by side must all be so. */
static unsigned
filter_all(struct filter_in *in)
{
	unsigned at = filter_any(in);

	while (at != FILTER_NOWHERE) {
		filter_skip(in);
		if (*in->at == '\0' || *in->at == ')')
			break;
		if (filter_is_next(in, "AND"))
			in->at += 3;
		at = filter_pair(in, GCP_NODE_AND, at, filter_any(in));
	}
	return at;
}

enum err_code
gcp_filter_parse(
    const char *text, struct gcp_filter **ret_filter, struct err *err)
{
	struct filter_in in = { .text = text, .at = text, .err = err };
	struct gcp_node all = { .kind = GCP_NODE_ALL };

	in.filter = mem_calloc(1, sizeof(*in.filter));
	if (in.filter == NULL)
		return err_set(err, ERR_NOMEM, "filter", "no memory");
	/* each text ends at a byte that is not in it, or at the end */
	in.filter->texts = mem_alloc(2 * strlen(text) + 2);
	if (in.filter->texts == NULL) {
		gcp_filter_free(in.filter);
		return err_set(err, ERR_NOMEM, "filter", "no memory");
	}
	filter_skip(&in);
	in.filter->root =
	    *in.at == '\0' ? filter_node(&in, &all) : filter_all(&in);
	if (in.rc == ERR_OK && *in.at != '\0')
		filter_wrong(&in, "a ( is missing before this )");
	if (in.rc != ERR_OK) {
		gcp_filter_free(in.filter);
		return in.rc;
	}
	*ret_filter = in.filter;
	return ERR_OK;
}

struct gcp_filter *
gcp_filter_free(struct gcp_filter *filter)
{
	if (filter == NULL)
		return NULL;
	for (unsigned i = 0; i < filter->count; i++)
		regex_free(filter->nodes[i].regex);
	mem_free(filter->texts);
	mem_free(filter);
	return NULL;
}
