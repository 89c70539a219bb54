#include "tests/ref_expo.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datasrc/limits.h"

/*
 * A line is cut from the page first; every function then works on the rest
 * of that line as a pair of pointers, one byte at a time.
 */
struct rest {
	const char *p;
	const char *end;
	bool strict; /* OpenMetrics */
};

enum {
	REF_FAMILIES = 512,
	REF_LABELS = 64
};

struct ref {
	struct {
		const char *name;
		size_t len;
		enum expo_type type;
	} families[REF_FAMILIES];
	size_t family_count;
};

struct piece {
	const char *p;
	size_t len;
};

static bool
piece_is(struct piece piece, const char *s)
{
	return piece.len == strlen(s) && memcmp(piece.p, s, piece.len) == 0;
}

static bool
same(struct piece a, struct piece b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

static int
peek(const struct rest *rest)
{
	return rest->p < rest->end ? (unsigned char)*rest->p : -1;
}

static bool
take(struct rest *rest, char c)
{
	if (peek(rest) != c)
		return false;
	rest->p++;
	return true;
}

static void
blanks(struct rest *rest)
{
	while (!rest->strict && (peek(rest) == ' ' || peek(rest) == '\t'))
		rest->p++;
}

static bool
is_ascii_name(int c, bool first, bool colon)
{
	if (c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	if (c == ':')
		return colon;
	return !first && c >= '0' && c <= '9';
}

static bool
plain_name(struct rest *rest, bool colon, struct piece *ret_name)
{
	const char *from = rest->p;

	while (is_ascii_name(peek(rest), rest->p == from, colon))
		rest->p++;
	*ret_name = (struct piece) { from, (size_t)(rest->p - from) };
	return ret_name->len != 0;
}

/* Decodes one character by arithmetic and checks that it is the shortest. */
static size_t
utf8_char(const unsigned char *p, const unsigned char *end)
{
	size_t len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4, i;
	uint32_t cp = len == 1 ? *p : *p & (0xffU >> (len + 1));
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (*p >= 0xf8 || (*p >= 0x80 && *p < 0xc0) || (size_t)(end - p) < len)
		return 0;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (cp < least[len] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	return len;
}

static bool
quoted(struct rest *rest, struct piece *ret_raw)
{
	const char *from;

	if (!take(rest, '"'))
		return false;
	from = rest->p;
	while (rest->p < rest->end && *rest->p != '"') {
		size_t len = utf8_char((const unsigned char *)rest->p,
		    (const unsigned char *)rest->end);

		if (len == 0 || *rest->p == '\0')
			return false;
		if (*rest->p == '\\') {
			if (rest->end - rest->p < 2 ||
			    strchr("\\\"n", rest->p[1]) == NULL ||
			    rest->p[1] == '\0')
				return false;
			len = 2;
		}
		rest->p += len;
	}
	*ret_raw = (struct piece) { from, (size_t)(rest->p - from) };
	return take(rest, '"');
}

struct ref_labels {
	struct piece names[REF_LABELS];
	struct piece values[REF_LABELS];
	size_t count;
};

/* name="value", or the metric's own name in quotes. */
static bool
one_label(struct rest *rest, struct piece *metric, struct ref_labels *labels)
{
	struct piece name, value;
	bool in_quotes = peek(rest) == '"';
	size_t i;

	if (in_quotes ? !quoted(rest, &name) || name.len == 0
		      : !plain_name(rest, false, &name))
		return false;
	blanks(rest);
	if (in_quotes && peek(rest) != '=') {
		if (metric->p != NULL)
			return false;
		*metric = name;
		return true;
	}
	if (!take(rest, '='))
		return false;
	blanks(rest);
	if (!quoted(rest, &value))
		return false;
	for (i = 0; i < labels->count; i++)
		if (same(labels->names[i], name))
			return false;
	if (labels->count == REF_LABELS)
		return false;
	labels->names[labels->count] = name;
	labels->values[labels->count++] = value;
	return true;
}

static bool
label_block(struct rest *rest, struct piece *metric, struct ref_labels *labels)
{
	const char *from = rest->p;

	blanks(rest);
	while (!take(rest, '}')) {
		if (!one_label(rest, metric, labels))
			return false;
		blanks(rest);
		if (peek(rest) == '}')
			continue;
		if (!take(rest, ','))
			return false;
		blanks(rest);
		if (rest->strict && peek(rest) == '}')
			return false;
	}
	return rest->p - 1 - from <= EXPO_LABEL_BYTES_MAX;
}

/* A word up to the next blank, by the C library. */
static bool
number(struct rest *rest, double *ret_value)
{
	char word[4096], *end;
	size_t i, len = 0;

	if (rest->strict && !take(rest, ' '))
		return false;
	blanks(rest);
	while (rest->p < rest->end && !isspace((unsigned char)*rest->p) &&
	       len < sizeof(word) - 1)
		word[len++] = *rest->p++;
	word[len] = '\0';
	if (len == 0 || strlen(word) != len)
		return false;
	i = word[0] == '-' || word[0] == '+';
	/* strtod() also reads hexadecimal and nan(...). */
	if (strcasecmp(word + i, "nan") != 0 &&
	    strcasecmp(word + i, "inf") != 0 &&
	    strcasecmp(word + i, "infinity") != 0 &&
	    strspn(word + i, "0123456789.eE+-") != len - i)
		return false;
	*ret_value = strtod(word, &end);
	return *end == '\0' &&
	       (peek(rest) == -1 || peek(rest) == ' ' || peek(rest) == '\t');
}

static bool
timestamp(struct rest *rest, int64_t *ret_ms)
{
	const char *from;
	double seconds;

	if (rest->strict) {
		if (!number(rest, &seconds) || !(fabs(seconds) < 1e15))
			return false;
		*ret_ms = llround(seconds * 1000);
		return true;
	}
	from = rest->p;
	take(rest, '-');
	if (!isdigit(peek(rest)))
		return false;
	while (isdigit(peek(rest)))
		rest->p++;
	*ret_ms = strtoll(from, NULL, 10);
	return rest->p - from <= 18;
}

static bool
exemplar(struct rest *rest)
{
	struct piece none = { "", 0 };
	struct ref_labels labels = { .count = 0 };
	double value;
	int64_t ms;

	if (!take(rest, ' ') || !take(rest, '#') || !take(rest, ' ') ||
	    !take(rest, '{') || !label_block(rest, &none, &labels) ||
	    !number(rest, &value))
		return false;
	return peek(rest) != ' ' || timestamp(rest, &ms);
}

static const char *const suffixes[] = { "_bucket", "_sum", "_count", "_total",
	"_created", "_info", "_gsum", "_gcount" };

/* Which suffix makes which part in which type; -1: none. */
static int
part_of(enum expo_type type, size_t suffix)
{
	switch (type) {
	case EXPO_HISTOGRAM:
		return suffix == 0   ? EXPO_BUCKET
		       : suffix == 1 ? EXPO_SUM
		       : suffix == 2 ? EXPO_COUNT
		       : suffix == 4 ? EXPO_CREATED
				     : -1;
	case EXPO_SUMMARY:
		return suffix == 1   ? EXPO_SUM
		       : suffix == 2 ? EXPO_COUNT
		       : suffix == 4 ? EXPO_CREATED
				     : -1;
	case EXPO_COUNTER:
		return suffix == 3   ? EXPO_VALUE
		       : suffix == 4 ? EXPO_CREATED
				     : -1;
	case EXPO_INFO:
		return suffix == 5 ? EXPO_VALUE : -1;
	case EXPO_GAUGEHISTOGRAM:
		return suffix == 0   ? EXPO_BUCKET
		       : suffix == 6 ? EXPO_SUM
		       : suffix == 7 ? EXPO_COUNT
				     : -1;
	default:
		return -1;
	}
}

static void
family_of(
    const struct ref *ref, struct piece name, enum expo_type *type, int *part)
{
	size_t i, s;

	*type = EXPO_UNTYPED;
	*part = EXPO_VALUE;
	for (i = 0; i < ref->family_count; i++)
		if (same((struct piece) { ref->families[i].name,
			     ref->families[i].len },
			name)) {
			*type = ref->families[i].type;
			return;
		}
	for (s = 0; s < ARRAY_LEN(suffixes); s++) {
		size_t len = strlen(suffixes[s]);

		if (name.len <= len ||
		    memcmp(name.p + name.len - len, suffixes[s], len) != 0)
			continue;
		for (i = 0; i < ref->family_count; i++)
			if (same((struct piece) { ref->families[i].name,
				     ref->families[i].len },
				(struct piece) { name.p, name.len - len }) &&
			    part_of(ref->families[i].type, s) >= 0) {
				*type = ref->families[i].type;
				*part = part_of(*type, s);
			}
	}
}

static void
render_text(struct buf *out, struct piece raw)
{
	size_t i;

	for (i = 0; i < raw.len; i++) {
		char c = raw.p[i];

		if (c == '\\') {
			c = raw.p[++i];
			if (c == 'n')
				c = '\n';
		}
		buf_char(out, c);
	}
	buf_char(out, '|');
}

static void
render_value(
    struct buf *out, double value, int64_t ms, enum expo_type type, int part)
{
	if (isnan(value))
		buf_str(out, "nan");
	else
		buf_fmt(out, "%a", value);
	buf_fmt(out, " %lld %d %d\n", (long long)ms, (int)type, part);
}

static bool
sample_line(const struct ref *ref, struct rest rest, struct buf *out)
{
	struct piece name = { NULL, 0 };
	struct ref_labels labels = { .count = 0 };
	enum expo_type type;
	double value;
	int64_t ms = EXPO_NO_TIME;
	size_t i;
	int part;

	if (!plain_name(&rest, true, &name)) {
		name.p = NULL;
		if (peek(&rest) != '{')
			return false;
	}
	if (!rest.strict || peek(&rest) == '{') {
		blanks(&rest);
		if (take(&rest, '{') && !label_block(&rest, &name, &labels))
			return false;
	}
	if (name.p == NULL || !number(&rest, &value))
		return false;
	blanks(&rest);
	if (rest.strict && rest.end - rest.p >= 2 && rest.p[0] == ' ' &&
	    rest.p[1] != '#') {
		if (!timestamp(&rest, &ms))
			return false;
	} else if (!rest.strict && rest.p < rest.end &&
		   !timestamp(&rest, &ms)) {
		return false;
	}
	if (rest.strict && rest.p < rest.end && !exemplar(&rest))
		return false;
	blanks(&rest);
	if (rest.p != rest.end)
		return false;
	family_of(ref, name, &type, &part);
	render_text(out, name);
	for (i = 0; i < labels.count; i++) {
		render_text(out, labels.names[i]);
		render_text(out, labels.values[i]);
	}
	render_value(out, value, ms, type, part);
	return true;
}

static bool
type_line(struct ref *ref, struct piece name, struct piece word, bool strict)
{
	static const char *const words[] = {
		[EXPO_UNTYPED] = "untyped",
		[EXPO_COUNTER] = "counter",
		[EXPO_GAUGE] = "gauge",
		[EXPO_HISTOGRAM] = "histogram",
		[EXPO_SUMMARY] = "summary",
		[EXPO_GAUGEHISTOGRAM] = "gaugehistogram",
		[EXPO_INFO] = "info",
		[EXPO_STATESET] = "stateset",
	};
	size_t i, f;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (piece_is(word,
			strict && i == EXPO_UNTYPED ? "unknown" : words[i]))
			break;
	if (i >= (strict ? ARRAY_LEN(words) : (size_t)EXPO_GAUGEHISTOGRAM))
		return false;
	for (f = 0; f < ref->family_count; f++)
		if (same((struct piece) { ref->families[f].name,
			     ref->families[f].len },
			name))
			break;
	if (f == REF_FAMILIES)
		return false;
	ref->family_count += f == ref->family_count;
	ref->families[f].name = name.p;
	ref->families[f].len = name.len;
	ref->families[f].type = (enum expo_type)i;
	return true;
}

/* -1: bad, 0: good, 1: the end mark. */
static int
comment_line(struct ref *ref, struct rest rest)
{
	struct piece line = { rest.p, (size_t)(rest.end - rest.p) };
	struct piece name, text;
	bool bad = rest.strict;
	char what;

	if (rest.strict && piece_is(line, "# EOF"))
		return 1;
	take(&rest, '#');
	if (peek(&rest) != ' ' && peek(&rest) != '\t')
		return bad ? -1 : 0;
	while (peek(&rest) == ' ' || peek(&rest) == '\t')
		rest.p++;
	if (rest.end - rest.p < 5 || !isblank((unsigned char)rest.p[4]) ||
	    (memcmp(rest.p, "HELP", 4) != 0 && memcmp(rest.p, "TYPE", 4) != 0 &&
		(!rest.strict || memcmp(rest.p, "UNIT", 4) != 0)))
		return bad ? -1 : 0;
	what = *rest.p;
	rest.p += 5;
	blanks(&rest);
	if (rest.p == rest.end && !rest.strict)
		return 0;
	if (peek(&rest) == '"' ? !quoted(&rest, &name) || name.len == 0
			       : !plain_name(&rest, true, &name))
		return -1;
	if (rest.p < rest.end && *rest.p != ' ' && *rest.p != '\t')
		return -1;
	if (rest.p < rest.end)
		rest.p++;
	blanks(&rest);
	text = (struct piece) { rest.p, (size_t)(rest.end - rest.p) };
	if (what == 'H')
		return 0;
	if (what == 'U')
		return text.len == 0 ||
			       (text.len < name.len &&
				   name.p[name.len - text.len - 1] == '_' &&
				   memcmp(name.p + name.len - text.len, text.p,
				       text.len) == 0)
			   ? 0
			   : -1;
	while (!rest.strict && text.len != 0 &&
	       isblank((unsigned char)text.p[text.len - 1]))
		text.len--;
	if (text.len == 0 && !rest.strict)
		return 0;
	return type_line(ref, name, text, rest.strict) ? 0 : -1;
}

unsigned
ref_expo(enum expo_format format, const char *page, size_t len, struct buf *out)
{
	static struct ref ref;
	const char *p = page, *end = page + len, *eol;
	bool strict = format == EXPO_OPENMETRICS, ended = false;
	unsigned line = 0;
	int verdict;

	ref.family_count = 0;
	while (p < end) {
		struct rest rest = { p, end, strict };

		line++;
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol != NULL)
			rest.end = eol;
		p = rest.end + (eol != NULL);
		if (ended)
			return line;
		blanks(&rest);
		if (rest.p == rest.end && !strict)
			continue;
		if (rest.end - rest.p > EXPO_LINE_MAX)
			return line;
		if (peek(&rest) == '#') {
			verdict = comment_line(&ref, rest);
			ended = verdict == 1;
			if (verdict < 0)
				return line;
		} else if ((strict && eol == NULL) ||
			   !sample_line(&ref, rest, out)) {
			return line;
		}
	}
	return strict && !ended ? line + 1 : 0;
}

unsigned
ref_expo_real(enum expo_format format, const char *page, size_t len,
    struct buf *out, struct err *err)
{
	struct expo expo = EXPO_INIT;
	struct expo_sample sample;
	struct expo_labels labels;
	struct expo_label label;
	enum err_code code;
	unsigned line;

	expo_start(&expo, format, page, len);
	while ((code = expo_next(&expo, &sample, err)) == ERR_OK &&
	       sample.line != 0) {
		render_text(
		    out, (struct piece) { sample.name, sample.name_len });
		labels = expo_labels(&sample);
		while (expo_labels_next(&labels, &label)) {
			render_text(
			    out, (struct piece) { label.name, label.name_len });
			render_text(out,
			    (struct piece) { label.value, label.value_len });
		}
		render_value(out, sample.value, sample.time_ms, sample.type,
		    (int)sample.part);
	}
	line = expo.line;
	expo_release(&expo);
	return code != ERR_OK ? line : 0;
}
