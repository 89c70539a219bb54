#include "model/logfilter.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/regex.h"
#include "model/limits.h"
#include "model/logfield.h"

enum atom_kind {
	ATOM_WORD,
	ATOM_REGEX,
	ATOM_LEVEL,
	ATOM_SOURCE,
	ATOM_FIELD,
};

enum op {
	OP_EQ,
	OP_NE,
	OP_GE,
	OP_LE,
	OP_GT,
	OP_LT,
};

struct atom {
	enum atom_kind kind;
	enum op op;
	struct text word; /* WORD, SOURCE, and value of FIELD */
	const char *key;  /* FIELD */
	size_t key_len;
	double number; /* FIELD with an order; LEVEL: the level */
	struct regex *regex;
};

/* Atoms first .. first + count - 1, one of which must hold (or none). */
struct term {
	size_t first;
	size_t count;
	bool exclude;
};

struct logfilter {
	struct arena *arena;
	struct atom atoms[LOGFILTER_ATOMS_MAX];
	size_t atom_count;
	struct term terms[LOGFILTER_TERMS_MAX];
	size_t term_count;
};

struct parser {
	struct logfilter *filter;
	const char *s;
	size_t len;
	size_t pos;
	struct err *err;
};

static enum err_code
fail(const struct parser *p, size_t at, const char *what)
{
	return err_set(
	    p->err, ERR_CONFIG, "filter", "column %zu: %s", at + 1, what);
}

static bool
at_end(const struct parser *p)
{
	return p->pos >= p->len || p->s[p->pos] == ' ' || p->s[p->pos] == '|';
}

/* A quoted text with \" and \\ undone, or a bare one up to a blank or |. */
static enum err_code
parse_value(struct parser *p, struct text *ret)
{
	struct buf value = BUF_INIT(LOGFILTER_EXPR_MAX);
	size_t from = p->pos;
	enum err_code code = ERR_OK;

	if (p->s[p->pos] == '"') {
		for (p->pos++; p->pos < p->len && p->s[p->pos] != '"';
		     p->pos++) {
			if (p->s[p->pos] == '\\' && p->pos + 1 < p->len)
				p->pos++;
			buf_char(&value, p->s[p->pos]);
		}
		if (p->pos >= p->len)
			code = fail(p, from, "this quote has no end");
		else if (p->pos++, !at_end(p))
			code = fail(p, p->pos, "a blank belongs here");
	} else {
		while (!at_end(p))
			p->pos++;
		buf_add(&value, p->s + from, p->pos - from);
	}
	if (code == ERR_OK && value.failed)
		code = err_set(p->err, ERR_NOMEM, "filter", "no memory");
	if (code == ERR_OK && value.len == 0)
		code = fail(p, from, "nothing to look for");
	if (code == ERR_OK) {
		*ret = text_clean(p->filter->arena, value.data, value.len,
		    LOGFILTER_EXPR_MAX);
		if (arena_failed(p->filter->arena))
			code =
			    err_set(p->err, ERR_NOMEM, "filter", "no memory");
	}
	buf_release(&value);
	return code;
}

static enum err_code
parse_regex(struct parser *p, struct atom *atom)
{
	struct buf pattern = BUF_INIT(LOGFILTER_EXPR_MAX);
	size_t from = p->pos;
	enum err_code code;
	int flags = 0;

	for (p->pos++; p->pos < p->len && p->s[p->pos] != '/'; p->pos++) {
		if (p->s[p->pos] == '\\' && p->pos + 1 < p->len &&
		    p->s[++p->pos] != '/')
			buf_char(&pattern, '\\');
		buf_char(&pattern, p->s[p->pos]);
	}
	if (p->pos >= p->len) {
		code = fail(p, from, "this pattern has no closing /");
		goto out;
	}
	if (++p->pos < p->len && p->s[p->pos] == 'i') {
		flags = REGEX_ICASE;
		p->pos++;
	}
	/* A pattern may hold slashes: /a/b/ is a pattern of three letters. */
	if (!at_end(p)) {
		code = fail(p, p->pos,
		    "a blank belongs here; a slash in a pattern is \\/");
		goto out;
	}
	if (pattern.len == 0) {
		code = fail(p, from, "nothing to look for");
		goto out;
	}
	atom->kind = ATOM_REGEX;
	code = regex_new(
	    buf_cstr(&pattern), pattern.len, flags, &atom->regex, p->err);
	if (code != ERR_OK)
		err_prefix(p->err, "column %zu", from + 1);
out:
	buf_release(&pattern);
	return code;
}

static bool
is_key(char ch, bool first)
{
	bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		      ch == '_' || ch == '@';

	return letter ||
	       (!first && ((ch >= '0' && ch <= '9') || ch == '.' || ch == '-'));
}

/* Length of "key" and of the operator behind it; 0: there is none. */
static size_t
parse_op(const struct parser *p, enum op *ret_op, size_t *ret_op_len)
{
	static const struct {
		const char *sign;
		enum op op;
	} ops[] = { { "!=", OP_NE }, { ">=", OP_GE }, { "<=", OP_LE },
		{ "=", OP_EQ }, { ">", OP_GT }, { "<", OP_LT } };
	size_t n = p->pos, i, len;

	while (n < p->len && is_key(p->s[n], n == p->pos))
		n++;
	for (i = 0; i < ARRAY_LEN(ops) && n > p->pos; i++) {
		len = strlen(ops[i].sign);
		if (p->len - n >= len &&
		    memcmp(p->s + n, ops[i].sign, len) == 0) {
			*ret_op = ops[i].op;
			*ret_op_len = len;
			return n - p->pos;
		}
	}
	return 0;
}

static enum err_code
parse_level(struct parser *p, struct atom *atom, size_t at)
{
	enum log_level level = log_level_parse(atom->word.s, atom->word.len);

	if (level == LOG_LEVEL_NONE &&
	    !(atom->word.len == 4 && memcmp(atom->word.s, "none", 4) == 0))
		return fail(p, at,
		    "no such level; there are trace, debug, info, warn, "
		    "error, fatal and none");
	atom->kind = ATOM_LEVEL;
	atom->number = (double)level;
	return ERR_OK;
}

static enum err_code
parse_compare(struct parser *p, struct atom *atom, size_t key_len, enum op op,
    size_t op_len)
{
	const char *key = p->s + p->pos;
	enum err_code code;
	size_t at;

	p->pos += key_len + op_len;
	at = p->pos;
	if (p->pos >= p->len)
		return fail(p, at, "a value belongs here");
	code = parse_value(p, &atom->word);
	if (code != ERR_OK)
		return code;
	atom->op = op;
	if (key_len == 5 && memcmp(key, "level", 5) == 0)
		return parse_level(p, atom, at);
	if (key_len == 6 && memcmp(key, "source", 6) == 0) {
		atom->kind = ATOM_SOURCE;
		if (op != OP_EQ && op != OP_NE)
			return fail(p, at - op_len,
			    "a source is compared with = or !=");
		return ERR_OK;
	}
	atom->kind = ATOM_FIELD;
	atom->key = arena_copy(p->filter->arena, key, key_len);
	atom->key_len = key_len;
	if (atom->key == NULL)
		return err_set(p->err, ERR_NOMEM, "filter", "no memory");
	if (op != OP_EQ && op != OP_NE &&
	    !num_parse_double(atom->word.s, atom->word.len, &atom->number))
		return fail(p, at, "a number belongs here");
	return ERR_OK;
}

static enum err_code
parse_atom(struct parser *p)
{
	struct logfilter *filter = p->filter;
	struct atom *atom;
	enum op op;
	size_t key_len, op_len;

	if (filter->atom_count == LOGFILTER_ATOMS_MAX)
		return fail(p, p->pos, "too many words; use a /pattern/");
	if (at_end(p))
		return fail(p, p->pos, "nothing to look for");
	atom = &filter->atoms[filter->atom_count++];
	*atom = (struct atom) { .kind = ATOM_WORD };
	if (p->s[p->pos] == '/')
		return parse_regex(p, atom);
	key_len = parse_op(p, &op, &op_len);
	if (key_len > 0)
		return parse_compare(p, atom, key_len, op, op_len);
	return parse_value(p, &atom->word);
}

static enum err_code
parse_term(struct parser *p)
{
	struct logfilter *filter = p->filter;
	struct term *term;
	enum err_code code;

	if (filter->term_count == LOGFILTER_TERMS_MAX)
		return fail(p, p->pos, "too many words; use a /pattern/");
	term = &filter->terms[filter->term_count++];
	*term = (struct term) { .first = filter->atom_count };
	if (p->s[p->pos] == '!') {
		term->exclude = true;
		p->pos++;
	}
	for (;;) {
		code = parse_atom(p);
		if (code != ERR_OK)
			return code;
		term->count++;
		if (p->pos >= p->len || p->s[p->pos] != '|')
			return ERR_OK;
		p->pos++;
	}
}

enum err_code
logfilter_new(const char *expr, struct logfilter **ret_filter, struct err *err)
{
	struct parser p = { .s = expr, .len = strlen(expr), .err = err };
	enum err_code code = ERR_OK;

	if (p.len > LOGFILTER_EXPR_MAX)
		return err_set(err, ERR_CONFIG, "filter",
		    "longer than %d characters", LOGFILTER_EXPR_MAX);
	p.filter = mem_calloc(1, sizeof(*p.filter));
	if (p.filter != NULL)
		p.filter->arena = arena_new(LOGFILTER_EXPR_MAX * 64);
	if (p.filter == NULL || p.filter->arena == NULL) {
		logfilter_free(p.filter);
		return err_set(err, ERR_NOMEM, "filter", "no memory");
	}
	while (code == ERR_OK) {
		while (p.pos < p.len && p.s[p.pos] == ' ')
			p.pos++;
		if (p.pos >= p.len)
			break;
		code = parse_term(&p);
	}
	if (code != ERR_OK)
		logfilter_free(p.filter);
	else
		*ret_filter = p.filter;
	return code;
}

struct logfilter *
logfilter_free(struct logfilter *filter)
{
	size_t i;

	if (filter == NULL)
		return NULL;
	for (i = 0; i < filter->atom_count; i++)
		regex_free(filter->atoms[i].regex);
	arena_free(filter->arena);
	mem_free(filter);
	return NULL;
}

bool
logfilter_is_empty(const struct logfilter *filter)
{
	return filter->term_count == 0;
}

bool
logfilter_wants_text(const struct logfilter *filter)
{
	size_t i;

	for (i = 0; i < filter->term_count; i++) {
		const struct atom *atom =
		    &filter->atoms[filter->terms[i].first];

		if (!filter->terms[i].exclude &&
		    (atom->kind == ATOM_WORD || atom->kind == ATOM_REGEX))
			return true;
	}
	return false;
}

static bool
compare(enum op op, double a, double b)
{
	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_GE:
		return a >= b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	case OP_LT:
		return a < b;
	}
	return false;
}

/* Text as the user sees it: without our marks before escapes. */
static struct text
seen(struct text text, struct buf *scratch)
{
	if (memchr(text.s, TEXT_ESC, text.len) == NULL)
		return text;
	buf_clear(scratch);
	if (!text_plain(scratch, text))
		return text;
	return (struct text) { .s = buf_cstr(scratch),
		.len = (uint32_t)scratch->len,
		.width = text.width };
}

static bool
word_in(struct text text, struct text word)
{
	return text_find(text, 0, word, NULL) >= 0;
}

/* The whole of text, letters in any case. */
static bool
word_is(struct text text, struct text word)
{
	return text.len == word.len && text_find(text, 0, word, NULL) == 0;
}

static bool
word_match(
    const struct atom *atom, const struct log_line *line, struct text source)
{
	/* Who asks for errors must not miss the worst of them. */
	if (line->level == LOG_LEVEL_FATAL &&
	    word_is(TEXT("error"), atom->word))
		return true;
	return word_in(line->text, atom->word) ||
	       word_in(line->fields, atom->word) ||
	       word_in(source, atom->word) ||
	       word_in(text_lit(log_level_name((enum log_level)line->level)),
		   atom->word);
}

static enum logfilter_result
regex_in(const struct atom *atom, struct text text, struct buf *scratch)
{
	struct text plain = seen(text, scratch);

	switch (regex_match(atom->regex, plain.s, plain.len, 0, NULL, NULL)) {
	case REGEX_MATCH:
		return LOGFILTER_YES;
	case REGEX_TOO_COSTLY:
		return LOGFILTER_COSTLY;
	case REGEX_NO_MATCH:
		break;
	}
	return LOGFILTER_NO;
}

static bool
value_match(
    const struct atom *atom, const struct logfield *field, struct buf *scratch)
{
	struct text value;
	double number;

	buf_clear(scratch);
	if (!logfield_value(scratch, field))
		return false;
	value = (struct text) { .s = buf_cstr(scratch),
		.len = (uint32_t)scratch->len };
	if (atom->op == OP_EQ || atom->op == OP_NE)
		return word_is(value, atom->word);
	return num_parse_double(value.s, value.len, &number) &&
	       compare(atom->op, number, atom->number);
}

/* Whether a field of that name has the value; *there: one is there. */
static bool
fields_match(
    const struct atom *atom, struct text in, struct buf *scratch, bool *there)
{
	struct logfield field;
	size_t pos = 0;

	while (logfield_next(in.s, in.len, pos, &field)) {
		pos = field.end;
		if (field.key_len != atom->key_len ||
		    memcmp(field.key, atom->key, atom->key_len) != 0)
			continue;
		*there = true;
		if (value_match(atom, &field, scratch))
			return true;
	}
	return false;
}

static bool
field_match(
    const struct atom *atom, const struct log_line *line, struct buf *scratch)
{
	bool there = false;
	bool yes = fields_match(atom, line->fields, scratch, &there);

	if (!there)
		yes = fields_match(atom, line->text, scratch, &there);
	return there && yes != (atom->op == OP_NE);
}

static enum logfilter_result
atom_match(const struct atom *atom, const struct log_line *line,
    struct text source, struct buf *scratch)
{
	enum logfilter_result result;
	bool yes = false;

	switch (atom->kind) {
	case ATOM_REGEX:
		result = regex_in(atom, line->text, scratch);
		if (result == LOGFILTER_NO && line->fields.len > 0)
			result = regex_in(atom, line->fields, scratch);
		return result;
	case ATOM_WORD:
		yes = word_match(atom, line, source);
		break;
	case ATOM_LEVEL:
		yes = compare(atom->op, line->level, atom->number);
		break;
	case ATOM_SOURCE:
		yes = word_is(source, atom->word) == (atom->op == OP_EQ);
		break;
	case ATOM_FIELD:
		yes = field_match(atom, line, scratch);
		break;
	}
	return yes ? LOGFILTER_YES : LOGFILTER_NO;
}

static enum logfilter_result
term_match(const struct logfilter *filter, const struct term *term,
    const struct log_line *line, struct text source, struct buf *scratch)
{
	enum logfilter_result result = LOGFILTER_NO, one;
	size_t i;

	for (i = 0; i < term->count && result != LOGFILTER_YES; i++) {
		one = atom_match(
		    &filter->atoms[term->first + i], line, source, scratch);
		if (one != LOGFILTER_NO)
			result = one;
	}
	if (!term->exclude || result == LOGFILTER_COSTLY)
		return result;
	return result == LOGFILTER_YES ? LOGFILTER_NO : LOGFILTER_YES;
}

enum logfilter_result
logfilter_match(const struct logfilter *filter, const struct log_line *line,
    struct text source, struct buf *scratch)
{
	enum logfilter_result result = LOGFILTER_YES, one;
	size_t i;

	for (i = 0; i < filter->term_count; i++) {
		one = term_match(
		    filter, &filter->terms[i], line, source, scratch);
		if (one == LOGFILTER_NO)
			return LOGFILTER_NO;
		if (one == LOGFILTER_COSTLY)
			result = LOGFILTER_COSTLY;
	}
	return result;
}

/* True when atom matches in text at or after from, before *ret_from. */
static bool
atom_span(const struct atom *atom, struct text text, size_t from,
    size_t *ret_from, size_t *ret_to)
{
	ptrdiff_t at;
	uint32_t len;
	size_t start, end;

	if (atom->kind == ATOM_WORD) {
		at = text_find(text, (uint32_t)from, atom->word, &len);
		if (at < 0 || (size_t)at >= *ret_from)
			return false;
		*ret_from = (size_t)at;
		*ret_to = (size_t)at + len;
		return true;
	}
	if (atom->kind != ATOM_REGEX ||
	    regex_match(atom->regex, text.s, text.len, from, &start, &end) !=
		REGEX_MATCH ||
	    start >= *ret_from || end == start)
		return false;
	*ret_from = start;
	*ret_to = end;
	return true;
}

bool
logfilter_span(const struct logfilter *filter, struct text text, size_t from,
    size_t *ret_from, size_t *ret_to)
{
	size_t i, k, start = SIZE_MAX, end = 0;
	bool found = false;

	for (i = 0; i < filter->term_count; i++) {
		const struct term *term = &filter->terms[i];

		for (k = 0; k < term->count && !term->exclude; k++)
			if (atom_span(&filter->atoms[term->first + k], text,
				from, &start, &end))
				found = true;
	}
	if (found) {
		*ret_from = start;
		*ret_to = end;
	}
	return found;
}
