#include <string.h>

#include "base/alloc.h"
#include "datasrc/expo_impl.h"
#include "datasrc/limits.h"

/* A family with a TYPE line; the name is a slice of the page. */
struct expo_family {
	const char *name; /* NULL: free */
	size_t name_len;
	enum expo_type type;
};

enum {
	FAMILIES_FIRST = 64 /* table of an ordinary page: up to 48 families */
};

/* FNV-1a, 64 bits. Names are short, and a table of them is bounded. */
static uint64_t
hash_bytes(uint64_t hash, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* The place of a name: where it is, or the free one where it would be. */
static struct expo_family *
family_slot(
    struct expo_family *families, size_t cap, const char *name, size_t len)
{
	size_t i = hash_bytes(UINT64_C(0xcbf29ce484222325), name, len);

	for (;; i++) {
		struct expo_family *family = &families[i & (cap - 1)];

		if (family->name == NULL ||
		    (family->name_len == len &&
			memcmp(family->name, name, len) == 0))
			return family;
	}
}

static bool
families_grow(struct expo *expo)
{
	size_t i, cap = expo->families_cap != 0 ? expo->families_cap * 2
						: FAMILIES_FIRST;
	struct expo_family *old = expo->families;
	struct expo_family *families = mem_calloc(cap, sizeof(*families));

	if (families == NULL)
		return false;
	for (i = 0; i < expo->families_cap; i++)
		if (old[i].name != NULL)
			*family_slot(families, cap, old[i].name,
			    old[i].name_len) = old[i];
	mem_free(old);
	expo->families = families;
	expo->families_cap = cap;
	return true;
}

/* Remembers a type; false after expo_fail(). */
static bool
family_add(struct expo *expo, const char *name, size_t len, enum expo_type type)
{
	struct expo_family *family;

	if (expo->families_len >= EXPO_FAMILIES_MAX) {
		expo_fail(expo, ERR_TOOBIG, "more than %d families",
		    EXPO_FAMILIES_MAX);
		return false;
	}
	if (expo->families_len * 4 >= expo->families_cap * 3 &&
	    !families_grow(expo)) {
		expo_fail(expo, ERR_NOMEM, "no memory for families");
		return false;
	}
	family = family_slot(expo->families, expo->families_cap, name, len);
	expo->families_len += family->name == NULL;
	*family = (struct expo_family) {
		.name = name, .name_len = len, .type = type
	};
	/* The name that came last may belong to this family from now on. */
	expo->name_len = 0;
	return true;
}

void
expo_forget(struct expo *expo)
{
	if (expo->families_len != 0)
		memset(expo->families, 0,
		    expo->families_cap * sizeof(*expo->families));
	expo->families_len = 0;
}

void
expo_release(struct expo *expo)
{
	mem_free(expo->families);
	expo->families = NULL;
	expo->families_cap = 0;
	expo->families_len = 0;
}

/* Suffixes by which members of a family are told from it. */
static const struct suffix {
	const char *text;
	size_t len;
	enum expo_part part;
	unsigned types; /* bit per enum expo_type that has such members */
} suffixes[] = {
#define TYPE(type) (1U << EXPO_##type)
#define SUFFIX(s)  .text = (s), .len = sizeof(s) - 1
	{
	    SUFFIX("_bucket"),
	    .part = EXPO_BUCKET,
	    .types = TYPE(HISTOGRAM) | TYPE(GAUGEHISTOGRAM),
	},
	{
	    SUFFIX("_sum"),
	    .part = EXPO_SUM,
	    .types = TYPE(HISTOGRAM) | TYPE(SUMMARY),
	},
	{
	    SUFFIX("_count"),
	    .part = EXPO_COUNT,
	    .types = TYPE(HISTOGRAM) | TYPE(SUMMARY),
	},
	{ SUFFIX("_total"), .part = EXPO_VALUE, .types = TYPE(COUNTER) },
	{
	    SUFFIX("_created"),
	    .part = EXPO_CREATED,
	    .types = TYPE(COUNTER) | TYPE(HISTOGRAM) | TYPE(SUMMARY),
	},
	{ SUFFIX("_info"), .part = EXPO_VALUE, .types = TYPE(INFO) },
	{ SUFFIX("_gsum"), .part = EXPO_SUM, .types = TYPE(GAUGEHISTOGRAM) },
	{
	    SUFFIX("_gcount"),
	    .part = EXPO_COUNT,
	    .types = TYPE(GAUGEHISTOGRAM),
	},
#undef SUFFIX
#undef TYPE
};

void
expo_classify(struct expo *expo, const char *name, size_t len)
{
	const struct expo_family *family;
	size_t i;

	if (expo->name_len == len && memcmp(expo->name, name, len) == 0)
		return;
	expo->name = name;
	expo->name_len = len;
	expo->type = EXPO_UNTYPED;
	expo->part = EXPO_VALUE;
	if (expo->families_len == 0)
		return;
	family = family_slot(expo->families, expo->families_cap, name, len);
	if (family->name != NULL) {
		expo->type = family->type;
		return;
	}
	for (i = 0; i < ARRAY_LEN(suffixes); i++) {
		const struct suffix *suffix = &suffixes[i];

		if (len <= suffix->len || memcmp(name + len - suffix->len,
					      suffix->text, suffix->len) != 0)
			continue;
		family = family_slot(expo->families, expo->families_cap, name,
		    len - suffix->len);
		if (family->name == NULL ||
		    (suffix->types >> family->type & 1) == 0)
			return;
		expo->type = family->type;
		expo->part = suffix->part;
		return;
	}
}

/* Words of a TYPE line, and in which format they may stand. */
static const struct type_word {
	const char *word;
	enum expo_type type;
	bool text;
	bool openmetrics;
} type_words[] = {
	{ "counter", EXPO_COUNTER, true, true },
	{ "gauge", EXPO_GAUGE, true, true },
	{ "histogram", EXPO_HISTOGRAM, true, true },
	{ "summary", EXPO_SUMMARY, true, true },
	{ "untyped", EXPO_UNTYPED, true, false },
	{ "unknown", EXPO_UNTYPED, false, true },
	{ "gaugehistogram", EXPO_GAUGEHISTOGRAM, false, true },
	{ "info", EXPO_INFO, false, true },
	{ "stateset", EXPO_STATESET, false, true },
};

/* A comment line, split. */
struct meta {
	const char *name;
	size_t name_len;
	const char *text; /* behind the name; may be empty */
	const char *end;  /* of the line */
};

static const char *
type_read(struct expo *expo, const struct meta *meta)
{
	const char *end = meta->end;
	size_t i;

	if (expo->format == EXPO_TEXT)
		while (end > meta->text && expo_is(end[-1], EXPO_IS_BLANK))
			end--;
	if (end == meta->text && expo->format == EXPO_TEXT)
		return meta->end;
	for (i = 0; i < ARRAY_LEN(type_words); i++) {
		const struct type_word *word = &type_words[i];
		size_t len = strlen(word->word);

		if ((size_t)(end - meta->text) != len ||
		    memcmp(meta->text, word->word, len) != 0 ||
		    !(expo->format == EXPO_TEXT ? word->text
						: word->openmetrics))
			continue;
		if (!family_add(expo, meta->name, meta->name_len, word->type))
			return NULL;
		return meta->end;
	}
	return expo_bad(expo, meta->text, "a metric type");
}

/* The unit must be the end of the name (OpenMetrics, "Unit"). */
static const char *
unit_read(struct expo *expo, const struct meta *meta)
{
	size_t len = (size_t)(meta->end - meta->text);

	if (len == 0 || (len < meta->name_len &&
			    meta->name[meta->name_len - len - 1] == '_' &&
			    memcmp(meta->name + meta->name_len - len,
				meta->text, len) == 0))
		return meta->end;
	return expo_bad(expo, meta->text, "a unit that ends the name");
}

/* The name of a HELP, TYPE or UNIT line, plain or quoted. */
static const char *
meta_name(struct expo *expo, const char *p, struct meta *meta)
{
	const char *end;

	if (*p == '"') {
		end = expo_string(expo, p + 1, "a quoted name");
		if (end == NULL)
			return NULL;
		meta->name = p + 1;
		p = end + 1;
	} else {
		meta->name = p;
		if (expo_is(*p, EXPO_IS_NAME) && !expo_is(*p, EXPO_IS_DIGIT))
			do
				p++;
			while (expo_is(*p, EXPO_IS_NAME));
		end = p;
	}
	meta->name_len = (size_t)(end - meta->name);
	if (meta->name_len == 0 ||
	    (p < meta->end && !expo_is(*p, EXPO_IS_BLANK)))
		return expo_bad(expo, meta->name, "a metric name");
	return p;
}

/* Whether the keyword stands at p and a blank behind it. */
static bool
meta_is(const char *p, const char *end, const char *keyword)
{
	return end - p > 4 && memcmp(p, keyword, 4) == 0 &&
	       expo_is(p[4], EXPO_IS_BLANK);
}

static const char *
comment_read(struct expo *expo, const char *p, const char *end)
{
	const bool strict = expo->format == EXPO_OPENMETRICS;
	struct meta meta = { .end = end };
	const char *keyword;

	keyword = expo_blanks(p + 1);
	if (strict && end - p == 5 && memcmp(p, "# EOF", 5) == 0) {
		expo->ended = true;
		return end;
	}
	if (keyword == p + 1 ||
	    (!meta_is(keyword, end, "HELP") && !meta_is(keyword, end, "TYPE") &&
		(!strict || !meta_is(keyword, end, "UNIT"))))
		return strict ? expo_bad(expo, p, "HELP, TYPE, UNIT or EOF")
			      : end;
	p = strict ? keyword + 5 : expo_blanks(keyword + 5);
	if (p == end && !strict)
		return end;
	p = meta_name(expo, p, &meta);
	if (p == NULL)
		return NULL;
	meta.text = p < end ? p + 1 : p;
	if (!strict)
		meta.text = p < end ? expo_blanks(p) : p;
	if (meta.text > end)
		meta.text = end;
	if (*keyword == 'T')
		return type_read(expo, &meta);
	if (*keyword == 'U')
		return unit_read(expo, &meta);
	return end;
}

const char *
expo_comment(struct expo *expo, const char *p)
{
	const char *end = memchr(p, '\n', (size_t)(expo->end - p));

	if (end == NULL)
		end = expo->end;
	if (end - p > EXPO_LINE_MAX)
		return expo_fail(expo, ERR_TOOBIG,
		    "the line is longer than %d bytes", EXPO_LINE_MAX);
	if (comment_read(expo, p, end) == NULL)
		return NULL;
	return end + (end < expo->end);
}
