#define PCRE2_CODE_UNIT_WIDTH 8

#include "base/regex.h"

#include <pcre2.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

struct regex {
	pcre2_general_context *general; /* where PCRE2 gets memory */
	pcre2_code *code;
	pcre2_match_context *limits; /* read-only once made */
};

/* What PCRE2 allocates counts as ours, also in tests without memory. */
static void *
regex_alloc(size_t size, void *unused)
{
	(void)unused;
	return mem_alloc(size);
}

static void
regex_dealloc(void *p, void *unused)
{
	(void)unused;
	mem_free(p);
}

static enum err_code
regex_bad(int number, size_t at, struct err *err)
{
	PCRE2_UCHAR why[128];

	pcre2_get_error_message(number, why, sizeof(why));
	return err_set(err, ERR_CONFIG, "regex",
	    "the pattern is wrong at character %zu: %s", at + 1, why);
}

static enum err_code
regex_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "regex", "no memory for the pattern");
}

static enum err_code
regex_compile(struct regex *regex, const char *pattern, size_t len, int flags,
    struct err *err)
{
	uint32_t options =
	    PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *context;
	PCRE2_SIZE at = 0;
	int number = 0;

	context = pcre2_compile_context_create(regex->general);
	regex->limits = pcre2_match_context_create(regex->general);
	if (context == NULL || regex->limits == NULL) {
		pcre2_compile_context_free(context);
		return regex_no_memory(err);
	}
	if (flags & REGEX_ICASE)
		options |= PCRE2_CASELESS;
	pcre2_set_parens_nest_limit(context, REGEX_NEST_MAX);
	regex->code = pcre2_compile(
	    (PCRE2_SPTR)pattern, len, options, &number, &at, context);
	pcre2_compile_context_free(context);
	if (regex->code == NULL)
		return number == PCRE2_ERROR_HEAP_FAILED
			   ? regex_no_memory(err)
			   : regex_bad(number, at, err);
	/* Without a compiler for this machine it is interpreted. */
	(void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	pcre2_set_match_limit(regex->limits, REGEX_MATCH_LIMIT);
	pcre2_set_depth_limit(regex->limits, REGEX_DEPTH_LIMIT);
	pcre2_set_heap_limit(regex->limits, REGEX_HEAP_LIMIT_KIB);
	return ERR_OK;
}

enum err_code
regex_new(const char *pattern, size_t len, int flags, struct regex **ret_regex,
    struct err *err)
{
	struct regex *regex;
	enum err_code code;

	if (len > REGEX_PATTERN_MAX)
		return err_set(err, ERR_CONFIG, "regex",
		    "the pattern is longer than %d bytes", REGEX_PATTERN_MAX);
	regex = mem_calloc(1, sizeof(*regex));
	if (regex == NULL)
		return regex_no_memory(err);
	regex->general =
	    pcre2_general_context_create(regex_alloc, regex_dealloc, NULL);
	if (regex->general == NULL)
		code = regex_no_memory(err);
	else
		code = regex_compile(regex, pattern, len, flags, err);
	if (code == ERR_OK)
		*ret_regex = regex;
	else
		regex_free(regex);
	return code;
}

struct regex *
regex_free(struct regex *regex)
{
	if (regex == NULL)
		return NULL;
	pcre2_code_free(regex->code);
	pcre2_match_context_free(regex->limits);
	pcre2_general_context_free(regex->general);
	mem_free(regex);
	return NULL;
}

/* The spans of as many groups as data has room for. */
static enum regex_result
regex_search(const struct regex *regex, const void *subject, size_t len,
    size_t start, pcre2_match_data *data)
{
	int rc = pcre2_match(regex->code, (PCRE2_SPTR)subject, len, start, 0,
	    data, regex->limits);

	/* Compiled code has a small stack; the interpreter takes the heap. */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(regex->code, (PCRE2_SPTR)subject, len, start,
		    PCRE2_NO_JIT, data, regex->limits);
	if (rc == PCRE2_ERROR_NOMATCH)
		return REGEX_NO_MATCH;
	return rc >= 0 ? REGEX_MATCH : REGEX_TOO_COSTLY;
}

enum regex_result
regex_match(const struct regex *regex, const void *subject, size_t len,
    size_t start, size_t *ret_from, size_t *ret_to)
{
	pcre2_match_data *data;
	const PCRE2_SIZE *span;
	enum regex_result result;

	if (start > len)
		return REGEX_NO_MATCH;
	/* One pair: groups are of no interest. */
	data = pcre2_match_data_create(1, regex->general);
	if (data == NULL)
		return REGEX_TOO_COSTLY;
	result = regex_search(regex, subject, len, start, data);
	if (result == REGEX_MATCH) {
		span = pcre2_get_ovector_pointer(data);
		/* \K in a lookaround can put the start behind the end. */
		if (ret_from != NULL)
			*ret_from = span[0] < span[1] ? span[0] : span[1];
		if (ret_to != NULL)
			*ret_to = span[1];
	}
	pcre2_match_data_free(data);
	return result;
}

size_t
regex_groups(const struct regex *regex, struct regex_group *out, size_t max)
{
	uint32_t names = 0, size = 0, highest = 0;
	PCRE2_SPTR table = NULL;
	size_t count = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &names);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &table);
	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &highest);
	/* The table is in the order of the names. */
	for (uint32_t number = 1; number <= highest && count < max; number++) {
		for (uint32_t i = 0; i < names; i++) {
			PCRE2_SPTR entry = table + (size_t)i * size;

			if (((uint32_t)entry[0] << 8 | entry[1]) != number)
				continue;
			out[count++] = (struct regex_group) {
				.name = (const char *)entry + 2,
				.number = number,
			};
			break;
		}
	}
	return count;
}

enum regex_result
regex_capture(const struct regex *regex, const void *subject, size_t len,
    struct regex_span *out, size_t count)
{
	pcre2_match_data *data =
	    pcre2_match_data_create_from_pattern(regex->code, regex->general);
	const PCRE2_SIZE *spans;
	enum regex_result result;
	size_t have;

	if (data == NULL)
		return REGEX_TOO_COSTLY;
	result = regex_search(regex, subject, len, 0, data);
	spans = pcre2_get_ovector_pointer(data);
	have = pcre2_get_ovector_count(data);
	for (size_t i = 0; result == REGEX_MATCH && i < count; i++) {
		out[i] = (struct regex_span) { SIZE_MAX, SIZE_MAX };
		if (i < have && spans[2 * i] != PCRE2_UNSET &&
		    spans[2 * i] <= spans[2 * i + 1])
			out[i] = (struct regex_span) { spans[2 * i],
				spans[2 * i + 1] };
	}
	pcre2_match_data_free(data);
	return result;
}
