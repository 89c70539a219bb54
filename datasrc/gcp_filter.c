/* The parser of filters; what they mean is in gcp_filter_match.c. */
#include "datasrc/gcp_filter.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/regex.h"
#include "datasrc/gcp_filter_impl.h"

struct parser {
	struct gcp_filter *filter;
	const char *s;
	size_t len;
	size_t pos;
	int depth;
	size_t nodes;
	struct err *err;
};

/* What a list of values in parentheses is compared with; NULL: nothing. */
struct subject {
	const struct gcp_field *field;
	enum gcp_op op;
};

static const struct gcp_node *parse_and(
    struct parser *p, const struct subject *subject);

/* Returns NULL, and says why. */
static void *
fail(struct parser *p, size_t at, const char *words)
{
	err_set(p->err, ERR_CONFIG, "filter", "column %zu: %s", at + 1, words);
	return NULL;
}

static void *
starve(struct parser *p)
{
	err_set(p->err, ERR_NOMEM, "filter", "no memory");
	return NULL;
}

static void
skip_blanks(struct parser *p)
{
	while (p->pos < p->len) {
		if (strchr(" \t\r\n", p->s[p->pos]) != NULL)
			p->pos++;
		else if (strncmp(p->s + p->pos, "--", 2) == 0)
			p->pos += strcspn(p->s + p->pos, "\n");
		else
			return;
	}
}

static char
peek(const struct parser *p)
{
	return p->pos < p->len ? p->s[p->pos] : '\0';
}

/* Whether c ends a word that stands in no quotes. */
static bool
ends_word(char c, bool in_field)
{
	return c == '\0' || strchr(" \t\r\n()\"", c) != NULL ||
	       (in_field && strchr("=!<>:,", c) != NULL);
}

static size_t
word_len(const struct parser *p, bool in_field)
{
	size_t n = p->pos;

	while (n < p->len && !ends_word(p->s[n], in_field))
		n++;
	return n - p->pos;
}

/* AND, OR or NOT stands here as a word of its own; it is taken. */
static bool
take_word(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(p);
	if (word_len(p, true) != len || memcmp(p->s + p->pos, word, len) != 0)
		return false;
	p->pos += len;
	return true;
}

static struct gcp_node *
new_node(struct parser *p, enum gcp_node_kind kind)
{
	struct gcp_node *node;

	if (++p->nodes > GCP_FILTER_NODES_MAX)
		return fail(p, p->pos, "the filter has too many parts");
	node = arena_alloc(p->filter->arena, sizeof(*node));
	if (node == NULL)
		return starve(p);
	node->kind = kind;
	return node;
}

/* A text in double quotes at pos; NULL with the reason. */
static const char *
parse_quoted(struct parser *p)
{
	struct buf value = BUF_INIT(GCP_FILTER_MAX);
	size_t from = p->pos++;
	const char *copy;

	while (p->pos < p->len && p->s[p->pos] != '"') {
		/* \d and the like are a pattern's own. */
		if (p->s[p->pos] == '\\' && p->pos + 1 < p->len &&
		    strchr("\"\\", p->s[p->pos + 1]) != NULL)
			p->pos++;
		buf_char(&value, p->s[p->pos++]);
	}
	if (p->pos >= p->len) {
		buf_release(&value);
		return fail(p, from, "these quotes have no end");
	}
	p->pos++;
	copy = arena_copy(p->filter->arena, buf_cstr(&value), value.len);
	buf_release(&value);
	return copy != NULL ? copy : starve(p);
}

static const char *
parse_value(struct parser *p)
{
	const char *copy;
	size_t len;

	skip_blanks(p);
	if (peek(p) == '"')
		return parse_quoted(p);
	len = word_len(p, false);
	if (len == 0)
		return fail(p, p->pos, "a value belongs here");
	if (peek(p) == '\'')
		return fail(p, p->pos,
		    "single quotes are no quotes in this language; write "
		    "\"...\"");
	copy = arena_copy(p->filter->arena, p->s + p->pos, len);
	p->pos += len;
	return copy != NULL ? copy : starve(p);
}

/* The comparison of subject with a value; the pattern is compiled. */
static const struct gcp_node *
make_compare(struct parser *p, const struct subject *subject, size_t at,
    const char *value, bool bare)
{
	struct gcp_node *node = new_node(p, GCP_NODE_COMPARE);
	struct gcp_filter *filter = p->filter;

	if (node == NULL)
		return NULL;
	node->field = subject->field;
	node->op = subject->op;
	node->value = value;
	if (bare && node->op == GCP_OP_HAS && strcmp(value, "*") == 0)
		node->op = GCP_OP_EXISTS;
	node->is_number = num_parse_double(value, strlen(value), &node->number);
	if (strcasecmp(node->field->steps[0], "severity") == 0 &&
	    node->op <= GCP_OP_LE && gcp_severity_rank(value) < 0 &&
	    !node->is_number)
		return fail(p, at,
		    "no such severity; there are DEFAULT, DEBUG, INFO, NOTICE, "
		    "WARNING, ERROR, CRITICAL, ALERT and EMERGENCY");
	if (node->op != GCP_OP_MATCH && node->op != GCP_OP_NO_MATCH)
		return node;
	if (bare)
		return fail(p, at, "a pattern stands in double quotes");
	if (filter->regex_count == GCP_FILTER_REGEX_MAX)
		return fail(p, at, "too many patterns; use | inside of one");
	if (regex_new(value, strlen(value), 0, &node->regex, p->err) !=
	    ERR_OK) {
		err_prefix(p->err, "column %zu", at + 1);
		return NULL;
	}
	filter->regexes[filter->regex_count++] = node->regex;
	return node;
}

static const struct gcp_node *
parse_group(struct parser *p, const struct subject *subject)
{
	const struct gcp_node *node;
	size_t from = p->pos++;

	if (++p->depth > GCP_FILTER_DEPTH_MAX)
		return fail(p, from, "too many parentheses in each other");
	node = parse_and(p, subject);
	if (node == NULL)
		return NULL;
	p->depth--;
	skip_blanks(p);
	if (peek(p) != ')')
		return fail(p, from, "this parenthesis is not closed");
	p->pos++;
	return node;
}

static bool
parse_op(struct parser *p, enum gcp_op *ret_op)
{
	/* The longer ones first. */
	static const struct {
		const char *sign;
		enum gcp_op op;
	} ops[] = { { "=~", GCP_OP_MATCH }, { "!~", GCP_OP_NO_MATCH },
		{ "!=", GCP_OP_NE }, { ">=", GCP_OP_GE }, { "<=", GCP_OP_LE },
		{ "=", GCP_OP_EQ }, { ">", GCP_OP_GT }, { "<", GCP_OP_LT },
		{ ":", GCP_OP_HAS } };
	size_t was = p->pos;

	skip_blanks(p);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		size_t len = strlen(ops[i].sign);

		if (p->len - p->pos < len ||
		    memcmp(p->s + p->pos, ops[i].sign, len) != 0)
			continue;
		*ret_op = ops[i].op;
		p->pos += len;
		return true;
	}
	p->pos = was;
	return false;
}

/* What a LogEntry has (google.logging.v2.LogEntry). */
static bool
is_entry_field(const char *name)
{
	static const char *const names[] = { "httpRequest", "insertId",
		"jsonPayload", "labels", "logName", "metadata", "operation",
		"protoPayload", "receiveTimestamp", "resource", "severity",
		"sourceLocation", "spanId", "split", "textPayload", "timestamp",
		"trace", "traceSampled", "errorGroups", "apphub" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcasecmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* The names of the path text from .. to, which are apart by dots. */
static const struct gcp_field *
parse_field(struct parser *p, size_t from, size_t to)
{
	struct gcp_field *field = arena_alloc(p->filter->arena, sizeof(*field));
	size_t at = from;

	if (field == NULL)
		return starve(p);
	for (;;) {
		size_t end = at;
		bool quoted = p->s[at] == '"';

		if (quoted)
			at++;
		for (end = at; end < to && p->s[end] != (quoted ? '"' : '.');
		     end++)
			;
		if (end == at || field->count == GCP_FILTER_STEPS_MAX)
			return fail(p, at, "no such name of a field");
		field->steps[field->count] =
		    arena_copy(p->filter->arena, p->s + at, end - at);
		if (field->steps[field->count++] == NULL)
			return starve(p);
		at = end + quoted;
		if (at >= to)
			break;
		if (p->s[at] != '.')
			return fail(p, at, "no such name of a field");
		if (++at == to)
			return fail(p, at, "a name belongs behind the dot");
	}
	if (strcasecmp(field->steps[0], "json_payload") == 0)
		return fail(p, from, "write jsonPayload");
	if (!is_entry_field(field->steps[0]))
		return fail(p, from,
		    "no entry has such a field; what an application writes is "
		    "under jsonPayload, as jsonPayload.event");
	return field;
}

/* End of a path that begins at pos: words and quoted names with dots. */
static size_t
path_end(const struct parser *p)
{
	size_t at = p->pos;
	bool quoted, more = true;

	while (more && at < p->len) {
		quoted = p->s[at] == '"';
		if (quoted) {
			at += 1 + strcspn(p->s + at + 1, "\"");
			at += at < p->len;
		} else {
			while (!ends_word(p->s[at], true))
				at++;
		}
		more = quoted ? p->s[at] == '.'
			      : p->s[at] == '"' && at > p->pos &&
				    p->s[at - 1] == '.';
	}
	return at;
}

/* "log_id(", taken as far as its name; the arguments follow. */
static const struct gcp_node *
parse_function(struct parser *p, size_t len)
{
	struct gcp_node *node = new_node(p, GCP_NODE_UNMATCHED);
	const char *name = arena_copy(p->filter->arena, p->s + p->pos, len);
	size_t from = p->pos;

	if (node == NULL || name == NULL)
		return node == NULL ? NULL : starve(p);
	p->pos += len + 1;
	node->value = name;
	if (strcasecmp(name, "log_id") == 0) {
		node->kind = GCP_NODE_LOG_ID;
		node->value = parse_value(p);
		if (node->value == NULL)
			return NULL;
		skip_blanks(p);
	} else {
		p->filter->unmatched = name;
		while (p->pos < p->len && peek(p) != ')') {
			if (peek(p) != '"')
				p->pos++;
			else if (parse_quoted(p) == NULL)
				return NULL;
		}
	}
	if (peek(p) != ')')
		return fail(p, from, "this function has no closing )");
	p->pos++;
	return node;
}

static const struct gcp_node *
parse_word(struct parser *p)
{
	struct gcp_node *node;
	size_t from = p->pos;

	node = new_node(p, GCP_NODE_WORD);
	if (node == NULL)
		return NULL;
	node->value = parse_value(p);
	if (node->value == NULL)
		return NULL;
	if (p->s[from] != '"' && (strcmp(node->value, "and") == 0 ||
				     strcmp(node->value, "or") == 0 ||
				     strcmp(node->value, "not") == 0))
		return fail(p, from,
		    "AND, OR and NOT have capital letters; in double quotes "
		    "it is a word to look for");
	return node;
}

/* A comparison, a function, or a word to look for anywhere. */
static const struct gcp_node *
parse_term(struct parser *p, const struct subject *list)
{
	struct subject subject = { .field = NULL };
	const char *value;
	size_t from = p->pos, end;
	bool bare;

	if (peek(p) == '\0' || peek(p) == ')')
		return fail(p, p->pos, "something to look for belongs here");
	if (list != NULL) {
		bare = peek(p) != '"';
		value = parse_value(p);
		return value != NULL ? make_compare(p, list, from, value, bare)
				     : NULL;
	}
	end = path_end(p);
	if (end < p->len && p->s[end] == '(' && end > p->pos)
		return parse_function(p, end - p->pos);
	p->pos = end;
	if (end == from || !parse_op(p, &subject.op)) {
		p->pos = from;
		return parse_word(p);
	}
	subject.field = parse_field(p, from, end);
	if (subject.field == NULL)
		return NULL;
	skip_blanks(p);
	if (peek(p) == '(')
		return parse_group(p, &subject);
	from = p->pos;
	bare = peek(p) != '"';
	value = parse_value(p);
	return value != NULL ? make_compare(p, &subject, from, value, bare)
			     : NULL;
}

static const struct gcp_node *
parse_unary(struct parser *p, const struct subject *subject)
{
	struct gcp_node *node = NULL;
	const struct gcp_node *of;

	skip_blanks(p);
	if (take_word(p, "NOT") || peek(p) == '-') {
		p->pos += peek(p) == '-';
		skip_blanks(p);
		node = new_node(p, GCP_NODE_NOT);
		if (node == NULL)
			return NULL;
	}
	of = peek(p) == '(' ? parse_group(p, subject) : parse_term(p, subject);
	if (node == NULL || of == NULL)
		return of;
	node->left = of;
	return node;
}

static const struct gcp_node *
join(struct parser *p, enum gcp_node_kind kind, const struct gcp_node *left,
    const struct gcp_node *right)
{
	struct gcp_node *node = NULL;

	if (left != NULL && right != NULL)
		node = new_node(p, kind);
	if (node == NULL)
		return NULL;
	node->left = left;
	node->right = right;
	return node;
}

static const struct gcp_node *
parse_or(struct parser *p, const struct subject *subject)
{
	const struct gcp_node *node = parse_unary(p, subject);

	while (node != NULL && take_word(p, "OR"))
		node = join(p, GCP_NODE_OR, node, parse_unary(p, subject));
	return node;
}

static const struct gcp_node *
parse_and(struct parser *p, const struct subject *subject)
{
	const struct gcp_node *node = parse_or(p, subject);

	while (node != NULL) {
		bool said = take_word(p, "AND");

		skip_blanks(p);
		if (!said && (peek(p) == '\0' || peek(p) == ')'))
			break;
		node = join(p, GCP_NODE_AND, node, parse_or(p, subject));
	}
	return node;
}

static const struct gcp_node *
parse_all(struct parser *p)
{
	const struct gcp_node *node;

	skip_blanks(p);
	if (peek(p) == '\0')
		return new_node(p, GCP_NODE_ALL);
	node = parse_and(p, NULL);
	if (node != NULL && p->pos < p->len)
		return fail(p, p->pos, "nothing is open that this closes");
	return node;
}

enum err_code
gcp_filter_new(
    const char *expr, struct gcp_filter **ret_filter, struct err *err)
{
	struct err why = ERR_INIT;
	struct parser p = { .s = expr, .len = strlen(expr), .err = &why };

	if (p.len > GCP_FILTER_MAX)
		return err_set(err, ERR_CONFIG, "filter",
		    "longer than %d characters", GCP_FILTER_MAX);
	p.filter = mem_calloc(1, sizeof(*p.filter));
	if (p.filter != NULL)
		p.filter->arena = arena_new(GCP_FILTER_ARENA_MAX);
	if (p.filter == NULL || p.filter->arena == NULL) {
		gcp_filter_free(p.filter);
		return err_set(err, ERR_NOMEM, "filter", "no memory");
	}
	p.filter->root = parse_all(&p);
	if (p.filter->root == NULL) {
		gcp_filter_free(p.filter);
		return err_set(err, why.code, "filter", "%s", why.msg);
	}
	*ret_filter = p.filter;
	return ERR_OK;
}

struct gcp_filter *
gcp_filter_free(struct gcp_filter *filter)
{
	if (filter == NULL)
		return NULL;
	for (size_t i = 0; i < filter->regex_count; i++)
		regex_free(filter->regexes[i]);
	arena_free(filter->arena);
	mem_free(filter);
	return NULL;
}

const char *
gcp_filter_unmatched(const struct gcp_filter *filter)
{
	return filter->unmatched;
}
