#include "model/selector.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/limits.h"
#include "model/section.h"

enum matcher_op {
	MATCHER_EQ,
	MATCHER_NE,
	MATCHER_RE,
	MATCHER_NRE,
};

struct matcher {
	char *label; /* "__name__" for the name */
	char *value; /* text to equal, or the expression */
	size_t value_len;
	struct regex *regex; /* NULL unless RE or NRE */
	enum matcher_op op;
};

struct selector {
	char *text;
	const char *name; /* a value of matchers, or NULL */
	struct matcher matchers[SELECTOR_MATCHERS_MAX];
	size_t count;
};

static const char name_label[] = "__name__";

/* Where parsing is. A function that fails has reported and returns false. */
struct parser {
	struct selector *selector;
	const char *text;
	const char *at;
	struct err *err;
	enum err_code code;
};

static bool
bad(struct parser *parser, const char *wanted)
{
	if (*parser->at == '\0')
		parser->code = err_set(parser->err, ERR_CONFIG, "selector",
		    "column %zu: expected %s, got the end",
		    (size_t)(parser->at - parser->text) + 1, wanted);
	else
		parser->code = err_set(parser->err, ERR_CONFIG, "selector",
		    "column %zu: expected %s, got \"%.24s\"",
		    (size_t)(parser->at - parser->text) + 1, wanted,
		    parser->at);
	return false;
}

static bool
no_memory(struct parser *parser)
{
	parser->code = err_set(
	    parser->err, ERR_NOMEM, "selector", "no memory for a selector");
	return false;
}

static void
blanks(struct parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n')
		parser->at++;
}

/* Length of the identifier at s; names of metrics may hold : and a dot. */
static size_t
word_len(const char *s, bool metric)
{
	size_t n = 0;

	for (;; n++) {
		char c = s[n];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '_')
			continue;
		if (n != 0 && ((c >= '0' && c <= '9') || (metric && c == '.')))
			continue;
		if (!metric || c != ':')
			return n;
	}
}

/* What an escape stands for; 0 when there is no such escape. */
static char
escape(char c)
{
	switch (c) {
	case '\\':
	case '"':
	case '\'':
		return c;
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

/* A string in one of the three quotes; *ret is the caller's to free. */
static bool
quoted(struct parser *parser, const char *what, char **ret, size_t *ret_len)
{
	char quote = *parser->at, c;
	const char *p = parser->at + 1;
	struct buf value = BUF_INIT(SELECTOR_TEXT_MAX);

	if (quote != '"' && quote != '\'' && quote != '`')
		return bad(parser, what);
	for (; *p != quote; p++) {
		c = *p;
		if (c == '\0') {
			buf_release(&value);
			return bad(parser, "a closing quote for this one");
		}
		if (c == '\\' && quote != '`') {
			c = escape(*++p);
			if (c == '\0') {
				buf_release(&value);
				parser->at = p - 1;
				return bad(parser,
				    "one of \\\\ \\\" \\' \\n \\t (a regular "
				    "expression's \\ is written \\\\)");
			}
		}
		buf_char(&value, c);
	}
	if (!buf_add(&value, "", 0) || value.data == NULL || value.failed) {
		buf_release(&value);
		return no_memory(parser);
	}
	parser->at = p + 1;
	*ret_len = value.len;
	*ret = value.data;
	return true;
}

static bool
operator(struct parser *parser, enum matcher_op *ret_op)
{
	static const struct {
		const char *text;
		enum matcher_op op;
	} ops[] = {
		{ "=~", MATCHER_RE },
		{ "!~", MATCHER_NRE },
		{ "!=", MATCHER_NE },
		{ "=", MATCHER_EQ },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(ops); i++) {
		if (strncmp(parser->at, ops[i].text, strlen(ops[i].text)) != 0)
			continue;
		*ret_op = ops[i].op;
		parser->at += strlen(ops[i].text);
		return true;
	}
	return bad(parser, "one of = != =~ !~");
}

/* Compiles the value as typed first, so that a message names its place. */
static bool
compile(struct parser *parser, struct matcher *matcher, const char *from)
{
	struct buf whole = BUF_INIT(SELECTOR_TEXT_MAX + 16);
	struct regex *typed = NULL;

	parser->code = regex_new(
	    matcher->value, matcher->value_len, 0, &typed, parser->err);
	regex_free(typed);
	if (parser->code != ERR_OK) {
		err_prefix(parser->err, "column %zu",
		    (size_t)(from - parser->text) + 1);
		return false;
	}
	buf_str(&whole, "\\A(?:");
	buf_add(&whole, matcher->value, matcher->value_len);
	if (!buf_str(&whole, ")\\z")) {
		buf_release(&whole);
		return no_memory(parser);
	}
	parser->code =
	    regex_new(whole.data, whole.len, 0, &matcher->regex, parser->err);
	buf_release(&whole);
	if (parser->code != ERR_OK)
		err_prefix(parser->err, "column %zu",
		    (size_t)(from - parser->text) + 1);
	return parser->code == ERR_OK;
}

/* The next free matcher, counted from now on so that it is freed. */
static struct matcher *
matcher_add(struct parser *parser)
{
	struct selector *selector = parser->selector;

	if (selector->count == SELECTOR_MATCHERS_MAX) {
		parser->code = err_set(parser->err, ERR_CONFIG, "selector",
		    "column %zu: more than %d matchers",
		    (size_t)(parser->at - parser->text) + 1,
		    SELECTOR_MATCHERS_MAX);
		return NULL;
	}
	return &selector->matchers[selector->count++];
}

/* Copies len bytes into a string of their own. */
static char *
copy(const char *s, size_t len)
{
	char *out = mem_alloc(len + 1);

	if (out != NULL) {
		memcpy(out, s, len);
		out[len] = '\0';
	}
	return out;
}

static bool
name_set(struct parser *parser, char *name, size_t len)
{
	struct matcher *matcher = matcher_add(parser);

	if (matcher == NULL) {
		mem_free(name);
		return false;
	}
	matcher->op = MATCHER_EQ;
	matcher->value = name;
	matcher->value_len = len;
	matcher->label = copy(name_label, sizeof(name_label) - 1);
	parser->selector->name = name;
	return matcher->label != NULL ? true : no_memory(parser);
}

/* label op "value", or the quoted name of the metric. */
static bool
matcher_read(struct parser *parser)
{
	struct matcher *matcher;
	const char *from = parser->at;
	char *label = NULL;
	size_t len = word_len(parser->at, false);

	if (len != 0) {
		label = copy(parser->at, len);
		if (label == NULL)
			return no_memory(parser);
		parser->at += len;
	} else if (!quoted(parser, "a label", &label, &len)) {
		return false;
	}
	blanks(parser);
	if (*from == '"' && (*parser->at == ',' || *parser->at == '}') &&
	    parser->selector->name == NULL)
		return name_set(parser, label, len);
	matcher = matcher_add(parser);
	if (matcher == NULL) {
		mem_free(label);
		return false;
	}
	matcher->label = label;
	if (!operator(parser, &matcher->op))
		return false;
	blanks(parser);
	from = parser->at;
	if (!quoted(parser, "a value in quotes", &matcher->value,
		&matcher->value_len))
		return false;
	if ((matcher->op == MATCHER_RE || matcher->op == MATCHER_NRE) &&
	    !compile(parser, matcher, from))
		return false;
	return true;
}

static bool
matchers_read(struct parser *parser)
{
	parser->at++;
	blanks(parser);
	while (*parser->at != '}') {
		if (!matcher_read(parser))
			return false;
		blanks(parser);
		if (*parser->at == '}')
			break;
		if (*parser->at != ',')
			return bad(parser, "a comma or }");
		parser->at++;
		blanks(parser);
	}
	parser->at++;
	return true;
}

static enum regex_result
matcher_match(const struct matcher *matcher, const char *value, size_t len)
{
	enum regex_result result;

	if (matcher->regex == NULL)
		return (matcher->value_len == len &&
			   memcmp(matcher->value, value, len) == 0) ==
			       (matcher->op == MATCHER_EQ)
			   ? REGEX_MATCH
			   : REGEX_NO_MATCH;
	result = regex_match(matcher->regex, value, len, 0, NULL, NULL);
	if (result == REGEX_TOO_COSTLY || matcher->op == MATCHER_RE)
		return result;
	return result == REGEX_MATCH ? REGEX_NO_MATCH : REGEX_MATCH;
}

/* A selector that anything could match was hardly meant. */
static bool
is_selective(const struct selector *selector)
{
	size_t i;

	for (i = 0; i < selector->count; i++)
		if (matcher_match(&selector->matchers[i], "", 0) ==
		    REGEX_NO_MATCH)
			return true;
	return false;
}

static bool
parse(struct parser *parser)
{
	char *name;
	size_t len;

	blanks(parser);
	len = word_len(parser->at, true);
	if (len != 0) {
		name = copy(parser->at, len);
		if (name == NULL)
			return no_memory(parser);
		parser->at += len;
		if (!name_set(parser, name, len))
			return false;
		blanks(parser);
	} else if (*parser->at != '{') {
		return bad(parser, "a metric name or {");
	}
	if (*parser->at == '{' && !matchers_read(parser))
		return false;
	blanks(parser);
	if (*parser->at != '\0')
		return bad(parser, "the end");
	if (is_selective(parser->selector))
		return true;
	parser->code = err_set(parser->err, ERR_CONFIG, "selector",
	    "column 1: this matches every series: give a name or a matcher "
	    "that refuses the empty string");
	return false;
}

enum err_code
selector_parse(
    const char *text, struct selector **ret_selector, struct err *err)
{
	struct parser parser = { .text = text, .at = text, .err = err };
	size_t len = strlen(text);

	if (len > SELECTOR_TEXT_MAX)
		return err_set(err, ERR_CONFIG, "selector",
		    "column %d: a selector has at most %d bytes",
		    SELECTOR_TEXT_MAX + 1, SELECTOR_TEXT_MAX);
	parser.selector = mem_calloc(1, sizeof(*parser.selector));
	if (parser.selector != NULL)
		parser.selector->text = copy(text, len);
	if (parser.selector == NULL || parser.selector->text == NULL)
		no_memory(&parser);
	else if (parse(&parser))
		parser.code = ERR_OK;
	if (parser.code != ERR_OK) {
		selector_free(parser.selector);
		return parser.code;
	}
	*ret_selector = parser.selector;
	return ERR_OK;
}

struct selector *
selector_free(struct selector *selector)
{
	size_t i;

	if (selector == NULL)
		return NULL;
	for (i = 0; i < selector->count; i++) {
		mem_free(selector->matchers[i].label);
		mem_free(selector->matchers[i].value);
		regex_free(selector->matchers[i].regex);
	}
	mem_free(selector->text);
	mem_free(selector);
	return NULL;
}

const char *
selector_text(const struct selector *selector)
{
	return selector->text;
}

const char *
selector_name(const struct selector *selector)
{
	return selector->name;
}

/* Value of a label; the empty text when there is none. */
static struct text
value_of(const struct label *labels, size_t count, const char *key)
{
	size_t i, len = strlen(key);

	for (i = 0; i < count; i++)
		if (labels[i].key.len == len &&
		    memcmp(labels[i].key.s, key, len) == 0)
			return labels[i].value;
	return TEXT_EMPTY;
}

enum regex_result
selector_match(const struct selector *selector, struct text name,
    const struct label *labels, size_t label_count)
{
	enum regex_result result, all = REGEX_MATCH;
	size_t i;

	for (i = 0; i < selector->count; i++) {
		const struct matcher *matcher = &selector->matchers[i];
		struct text value = name;

		if (strcmp(matcher->label, name_label) != 0)
			value = value_of(labels, label_count, matcher->label);
		result = matcher_match(matcher, value.s, value.len);
		if (result == REGEX_NO_MATCH)
			return result;
		if (result == REGEX_TOO_COSTLY)
			all = result;
	}
	return all;
}

enum regex_result
selector_match_metric(
    const struct selector *selector, const struct metric *metric)
{
	return selector_match(
	    selector, metric->name, metric->labels, metric->label_count);
}
