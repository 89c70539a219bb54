#include "datasrc/expo.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "base/utf8.h"
#include "datasrc/expo_impl.h"
#include "datasrc/limits.h"

/*
 * Loops over a line need no length: a line feed ends every run, and the NUL
 * behind the page ends the last one. A NUL inside the page ends a run as
 * well and is then reported where it stands.
 */
#define L (EXPO_IS_LABEL | EXPO_IS_NAME)
#define D (EXPO_IS_LABEL | EXPO_IS_NAME | EXPO_IS_DIGIT)
#define E EXPO_ENDS_STRING
#define W EXPO_ENDS_WORD
const uint8_t expo_class[256] = {
	['\0'] = E | W,
	['\n'] = E | W,
	['\t'] = EXPO_IS_BLANK | W,
	[' '] = EXPO_IS_BLANK | W,
	['"'] = E,
	['\\'] = E,
	['0' ... '9'] = D,
	[':'] = EXPO_IS_NAME,
	['A' ... 'Z'] = L,
	['_'] = L,
	['a' ... 'z'] = L,
	[0x80 ... 0xff] = E,
};
#undef L
#undef D
#undef E
#undef W

const char *
expo_fail(struct expo *expo, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	expo->code = err_setv(expo->err, code, "expo", fmt, ap);
	va_end(ap);
	err_prefix(expo->err, "line %u", expo->line);
	return NULL;
}

enum {
	EXPO_QUOTE_LEN = 24,
	EXPO_QUOTE_CAP = EXPO_QUOTE_LEN * 4 + 8
};

/* Quotes at most a few bytes of [p, end) for a message. */
static const char *
expo_quote(const char *p, const char *end, char out[EXPO_QUOTE_CAP])
{
	size_t at = 0;
	int i;

	out[at++] = '"';
	for (i = 0; i < EXPO_QUOTE_LEN && p < end && *p != '\n'; i++, p++) {
		if (*p == '"' || *p == '\\')
			out[at++] = '\\';
		if (*p >= ' ' && *p <= '~')
			out[at++] = *p;
		else
			at += (size_t)snprintf(
			    out + at, 5, "\\x%02x", (unsigned)(uint8_t)*p);
	}
	snprintf(out + at, 5, "%s", p < end && *p != '\n' ? "...\"" : "\"");
	return out;
}

const char *
expo_bad(struct expo *expo, const char *p, const char *wanted)
{
	char got[EXPO_QUOTE_CAP];

	if (p >= expo->end)
		return expo_fail(expo, ERR_BADDATA,
		    "expected %s, got the end of the page", wanted);
	if (*p == '\n')
		return expo_fail(expo, ERR_BADDATA,
		    "expected %s, got the end of the line", wanted);
	return expo_fail(expo, ERR_BADDATA, "expected %s, got %s", wanted,
	    expo_quote(p, expo->end, got));
}

/* True if one of eight bytes is " or \ or below 0x20 or above 0x7f. */
static inline bool
string_stops(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;
	uint64_t w, quote, slash;

	memcpy(&w, p, sizeof(w));
	quote = w ^ (ones * '"');
	slash = w ^ (ones * '\\');
	return (((quote - ones) | (slash - ones) | (w - ones * 0x20) | w) &
		   tops) != 0;
}

const char *
expo_string(struct expo *expo, const char *p, const char *what)
{
	uint32_t cp;
	size_t len;

	for (;;) {
		while (expo->end - p >= 8 && !string_stops(p))
			p += 8;
		while (!expo_is(*p, EXPO_ENDS_STRING))
			p++;
		if (*p == '"')
			return p;
		if (*p == '\\') {
			if (p[1] != '\\' && p[1] != '"' && p[1] != 'n')
				return expo_bad(
				    expo, p, "one of \\\\, \\\" and \\n");
			p += 2;
			continue;
		}
		if ((uint8_t)*p < 0x80)
			return p < expo->end && *p == '\0'
				   ? expo_bad(expo, p, what)
				   : expo_fail(expo, ERR_BADDATA,
					 "%s has no closing quote on its line",
					 what);
		len = utf8_decode(p, (size_t)(expo->end - p), &cp);
		if (len == 0)
			return expo_bad(expo, p, "valid UTF-8");
		p += len;
	}
}

/* What was seen of one label block. */
struct block {
	uint64_t seen; /* a bit for each label name, to find equal ones */
	unsigned count;
	bool quoted_name;
};

/* Whether an earlier label of the block, which begins at from, has it too. */
static bool
label_repeats(const char *from, const char *name, size_t len)
{
	struct expo_labels labels = { .at = from, .end = name };
	struct expo_label label;

	while (expo_labels_next(&labels, &label)) {
		if (label.name == name)
			return false;
		if (label.name_len == len && memcmp(label.name, name, len) == 0)
			return true;
	}
	return false;
}

/* Counts a label and looks whether its name is there twice. */
static bool
label_add(struct expo *expo, struct block *block,
    const struct expo_sample *sample, const char *name, size_t len)
{
	char got[EXPO_QUOTE_CAP];
	uint64_t bit = UINT64_C(1)
		       << (((uint8_t)name[0] + (uint8_t)name[len - 1] * 5 +
			       len * 7) %
			      64);

	if ((block->seen & bit) != 0 &&
	    label_repeats(sample->labels, name, len)) {
		expo_fail(expo, ERR_BADDATA, "label %s is there twice",
		    expo_quote(name, name + len, got));
		return false;
	}
	block->seen |= bit;
	if (++block->count > EXPO_LABELS_MAX) {
		expo_fail(
		    expo, ERR_TOOBIG, "more than %d labels", EXPO_LABELS_MAX);
		return false;
	}
	return true;
}

/* One name="value", or the quoted name of the metric. */
static const char *
label_read(struct expo *expo, const char *p, struct block *block,
    struct expo_sample *sample)
{
	const bool loose = expo->format == EXPO_TEXT;
	const char *name = p, *end;

	if (*p == '"') {
		name = p + 1;
		end = expo_string(expo, name, "a quoted name");
		if (end == NULL)
			return NULL;
		if (end == name)
			return expo_bad(expo, p, "a name");
		p = end + 1;
	} else {
		if (expo_is(*p, EXPO_IS_DIGIT) || !expo_is(*p, EXPO_IS_LABEL))
			return expo_bad(expo, p, "label name");
		do
			p++;
		while (expo_is(*p, EXPO_IS_LABEL));
		end = p;
	}
	if (loose)
		p = expo_blanks(p);
	if (*p != '=' && *end == '"' && sample->name == NULL) {
		sample->name = name;
		sample->name_len = (size_t)(end - name);
		return p;
	}
	if (*p != '=')
		return expo_bad(expo, p, "equal sign behind label name");
	p++;
	if (loose)
		p = expo_blanks(p);
	if (*p != '"')
		return expo_bad(expo, p, "label value");
	if (!label_add(expo, block, sample, name, (size_t)(end - name)))
		return NULL;
	p = expo_string(expo, p + 1, "label value");
	return p != NULL ? p + 1 : NULL;
}

/* The block from behind "{" to behind "}". */
static const char *
labels_read(struct expo *expo, const char *p, struct expo_sample *sample)
{
	const bool loose = expo->format == EXPO_TEXT;
	struct block block = { .count = 0 };

	sample->labels = p;
	if (loose)
		p = expo_blanks(p);
	while (*p != '}') {
		p = label_read(expo, p, &block, sample);
		if (p == NULL)
			return NULL;
		if (loose)
			p = expo_blanks(p);
		if (*p == '}')
			break;
		if (*p != ',')
			return expo_bad(expo, p, "comma or right brace");
		p++;
		if (loose)
			p = expo_blanks(p);
		else if (*p == '}')
			return expo_bad(expo, p, "label name");
	}
	sample->labels_len = (size_t)(p - sample->labels);
	if (sample->labels_len > EXPO_LABEL_BYTES_MAX)
		return expo_fail(expo, ERR_TOOBIG,
		    "labels of more than %d bytes", EXPO_LABEL_BYTES_MAX);
	return p + 1;
}

/* Name and labels; on return sample->series is whole. */
static const char *
series_read(struct expo *expo, const char *p, struct expo_sample *sample)
{
	const char *end;

	sample->series = p;
	if (expo_is(*p, EXPO_IS_NAME) && !expo_is(*p, EXPO_IS_DIGIT)) {
		sample->name = p;
		do
			p++;
		while (expo_is(*p, EXPO_IS_NAME));
		sample->name_len = (size_t)(p - sample->name);
	} else if (*p != '{') {
		return expo_bad(expo, p,
		    expo->samples == 0 && *p == '<' ? "metrics"
						    : "a metric name");
	}
	end = p;
	if (expo->format == EXPO_TEXT)
		p = expo_blanks(p);
	if (*p == '{') {
		p = labels_read(expo, p + 1, sample);
		if (p == NULL)
			return NULL;
		end = p;
		if (sample->name == NULL)
			return expo_fail(
			    expo, ERR_BADDATA, "labels without a metric name");
	} else {
		sample->labels = end;
	}
	sample->series_len = (size_t)(end - sample->series);
	return end;
}

/* A word that must be a number; OpenMetrics wants one space before it. */
static const char *
number_read(struct expo *expo, const char *p, const char *what, double *value)
{
	const char *end;

	if (expo->format == EXPO_TEXT)
		p = expo_blanks(p);
	else if (*p++ != ' ')
		return expo_bad(expo, p - 1, "one space");
	for (end = p; !expo_is(*end, EXPO_ENDS_WORD); end++)
		continue;
	if (!num_parse_double(p, (size_t)(end - p), value))
		return expo_bad(expo, p, what);
	return end;
}

/* Longest timestamp, with its sign, that is sure to fit. */
enum {
	TIME_LEN_MAX = 18
};

/* Integer milliseconds in 0.0.4, seconds in OpenMetrics. */
static const char *
time_read(struct expo *expo, const char *p, int64_t *time_ms)
{
	const char *from = p;
	int64_t ms = 0;
	double seconds;
	bool minus;

	if (expo->format == EXPO_OPENMETRICS) {
		p = number_read(expo, p, "timestamp", &seconds);
		if (p == NULL)
			return NULL;
		if (!(fabs(seconds) < 1e15))
			return expo_bad(expo, from, "timestamp");
		*time_ms = llround(seconds * 1000);
		return p;
	}
	minus = *p == '-';
	p += minus;
	for (; expo_is(*p, EXPO_IS_DIGIT) && p - from < TIME_LEN_MAX; p++)
		ms = ms * 10 + (*p - '0');
	if (p - from == minus || expo_is(*p, EXPO_IS_DIGIT))
		return expo_bad(expo, from, "timestamp");
	*time_ms = minus ? -ms : ms;
	return p;
}

/* " # {labels} value [time]" of OpenMetrics: checked, not kept. */
static const char *
exemplar_read(struct expo *expo, const char *p)
{
	struct expo_sample exemplar = { .name = "" };
	int64_t time_ms;
	double value;

	if (p[0] != '#' || p[1] != ' ' || p[2] != '{')
		return expo_bad(expo, p, "timestamp or exemplar");
	p = labels_read(expo, p + 3, &exemplar);
	if (p != NULL)
		p = number_read(expo, p, "value of the exemplar", &value);
	if (p != NULL && *p == ' ')
		p = time_read(expo, p, &time_ms);
	return p;
}

/* What may follow the value, up to the line feed. */
static const char *
tail_read(struct expo *expo, const char *p, struct expo_sample *sample)
{
	if (expo->format == EXPO_TEXT) {
		p = expo_blanks(p);
		if (*p != '\n' && p < expo->end) {
			p = time_read(expo, p, &sample->time_ms);
			if (p != NULL)
				p = expo_blanks(p);
		}
	} else {
		if (*p == ' ' && p[1] != '#')
			p = time_read(expo, p, &sample->time_ms);
		if (p != NULL && *p == ' ')
			p = exemplar_read(expo, p + 1);
	}
	if (p == NULL)
		return NULL;
	if (*p != '\n' && (p < expo->end || expo->format != EXPO_TEXT))
		return expo_bad(expo, p, "the end of the line");
	return p;
}

/* Whether the line at p begins with the whole series that is expected. */
static bool
hint_holds(struct expo *expo, const char *p)
{
	const struct expo_known *known = expo->hint;
	const char *behind;

	if (known == NULL || known->format != expo->format ||
	    (size_t)(expo->end - p) <= known->series_len ||
	    memcmp(p, known->series, known->series_len) != 0)
		return false;
	behind = p + known->series_len;
	if (behind[-1] != '}' &&
	    (expo_is(*behind, EXPO_IS_NAME) || *expo_blanks(behind) == '{'))
		return false;
	expo_classify(expo, p + known->name_at, known->name_len);
	return expo->type == known->type && expo->part == known->part;
}

static const char *
sample_read(struct expo *expo, const char *p, struct expo_sample *sample)
{
	const char *from = p;

	*sample = (struct expo_sample) { .time_ms = EXPO_NO_TIME };
	if (hint_holds(expo, p)) {
		sample->series = p;
		sample->series_len = expo->hint->series_len;
		sample->name = p + expo->hint->name_at;
		sample->name_len = expo->hint->name_len;
		sample->hinted = true;
		p += sample->series_len;
	} else {
		p = series_read(expo, p, sample);
		if (p == NULL)
			return NULL;
		expo_classify(expo, sample->name, sample->name_len);
	}
	sample->type = expo->type;
	sample->part = expo->part;
	p = number_read(expo, p, "value", &sample->value);
	if (p == NULL)
		return NULL;
	if (*p != '\n') {
		p = tail_read(expo, p, sample);
		if (p == NULL)
			return NULL;
	}
	if (p - from > EXPO_LINE_MAX)
		return expo_fail(expo, ERR_TOOBIG,
		    "the line is longer than %d bytes", EXPO_LINE_MAX);
	sample->line = expo->line;
	return p + (*p == '\n');
}

enum err_code
expo_next(struct expo *expo, struct expo_sample *sample, struct err *err)
{
	const char *p = expo->at;

	expo->err = err;
	expo->code = ERR_OK;
	sample->line = 0;
	while (p != NULL && p < expo->end && sample->line == 0) {
		expo->line++;
		if (expo->ended) {
			p = expo_fail(
			    expo, ERR_BADDATA, "unexpected data after # EOF");
			break;
		}
		if (expo->format == EXPO_TEXT)
			p = expo_blanks(p);
		if (*p == '#')
			p = expo_comment(expo, p);
		else if (*p == '\n' && expo->format == EXPO_TEXT)
			p++;
		else if (p < expo->end)
			p = sample_read(expo, p, sample);
	}
	expo->hint = NULL;
	if (p != NULL && sample->line == 0 &&
	    expo->format == EXPO_OPENMETRICS && !expo->ended) {
		expo->line++;
		p = expo_fail(expo, ERR_BADDATA,
		    "data does not end with # EOF: the answer is cut off");
	}
	if (p != NULL && sample->line != 0 &&
	    ++expo->samples > EXPO_SAMPLES_MAX)
		p = expo_fail(
		    expo, ERR_TOOBIG, "more than %d samples", EXPO_SAMPLES_MAX);
	if (p == NULL) {
		sample->line = 0;
		return expo->code;
	}
	expo->at = p;
	return ERR_OK;
}

void
expo_start(
    struct expo *expo, enum expo_format format, const char *page, size_t len)
{
	expo_forget(expo);
	expo->at = page;
	expo->end = page + len;
	expo->format = format;
	expo->ended = false;
	expo->line = 0;
	expo->samples = 0;
	expo->hint = NULL;
	expo->name = NULL;
	expo->name_len = 0;
}

void
expo_hint(struct expo *expo, const struct expo_known *known)
{
	expo->hint = known;
}

struct expo_known
expo_known(const struct expo *expo, const struct expo_sample *sample,
    const char *series)
{
	return (struct expo_known) {
		.series = series,
		.series_len = (uint32_t)sample->series_len,
		.name_at = (uint32_t)(sample->name - sample->series),
		.name_len = (uint32_t)sample->name_len,
		.type = (uint8_t)sample->type,
		.part = (uint8_t)sample->part,
		.format = (uint8_t)expo->format,
	};
}

enum expo_format
expo_format_of(const char *content_type)
{
	static const char type[] = "application/openmetrics-text";

	if (content_type != NULL &&
	    strncasecmp(content_type, type, sizeof(type) - 1) == 0)
		return EXPO_OPENMETRICS;
	return EXPO_TEXT;
}

const char *
expo_type_name(enum expo_type type)
{
	static const char *const names[] = {
		[EXPO_UNTYPED] = "untyped",
		[EXPO_COUNTER] = "counter",
		[EXPO_GAUGE] = "gauge",
		[EXPO_HISTOGRAM] = "histogram",
		[EXPO_SUMMARY] = "summary",
		[EXPO_GAUGEHISTOGRAM] = "gaugehistogram",
		[EXPO_INFO] = "info",
		[EXPO_STATESET] = "stateset",
	};

	return (size_t)type < ARRAY_LEN(names) ? names[type] : "untyped";
}
