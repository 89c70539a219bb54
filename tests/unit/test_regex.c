#include "base/regex.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "tests/tap.h"

static struct regex *
compile(const char *pattern, int flags)
{
	struct regex *regex = NULL;
	struct err err = ERR_INIT;

	if (regex_new(pattern, strlen(pattern), flags, &regex, &err) != ERR_OK)
		printf("# %s\n", err_text(&err));
	return regex;
}

static enum regex_result
match(const char *pattern, int flags, const char *subject)
{
	struct regex *regex = compile(pattern, flags);
	enum regex_result result =
	    regex_match(regex, subject, strlen(subject), 0, NULL, NULL);

	regex_free(regex);
	return result;
}

static void
test_match(void)
{
	struct regex *regex = compile("fail(ed|ure)", 0);
	const char *line = "2 failed, 1 failure";
	size_t from = 0, to = 0;

	is_int(regex_match(regex, line, strlen(line), 0, &from, &to),
	    REGEX_MATCH, "match");
	ok(from == 2 && to == 8, "its place");
	is_int(regex_match(regex, line, strlen(line), to, &from, &to),
	    REGEX_MATCH, "next match");
	ok(from == 12 && to == 19, "its place");
	is_int(regex_match(regex, line, strlen(line), to, &from, &to),
	    REGEX_NO_MATCH, "no more");
	is_int(regex_match(regex, line, 3, 4, NULL, NULL), REGEX_NO_MATCH,
	    "start behind the end");
	is_int(regex_match(regex, "", 0, 0, NULL, NULL), REGEX_NO_MATCH,
	    "empty subject");
	regex_free(regex);
	is_int(match("ERROR", REGEX_ICASE, "an error"), REGEX_MATCH, "icase");
	is_int(match("ERROR", 0, "an error"), REGEX_NO_MATCH, "case");
	is_int(match("^.$", 0, "\xe4\xbd\xa0"), REGEX_MATCH, "UTF-8");
	is_int(match("ab", 0,
		   "\xff\xfe"
		   "ab\xff"),
	    REGEX_MATCH, "around bytes that are no UTF-8");
	is_int(match("a.b", 0,
		   "a\xff"
		   "b"),
	    REGEX_NO_MATCH, "such a byte is no character");
}

static void
test_limits(void)
{
	static char line[10001];
	static char pattern[REGEX_PATTERN_MAX + 2];
	struct regex *regex = NULL;
	struct err err = ERR_INIT;

	is_int(match("^(a+)+$", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
	    REGEX_TOO_COSTLY, "too costly is not no match");
	is_int(match("(*LIMIT_MATCH=4000000000)^(a+)+$", 0,
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
	    REGEX_TOO_COSTLY, "a pattern can't raise the limit");
	memset(line, 'b', sizeof(line) - 1);
	is_int(match("^(a|b)*$", 0, line), REGEX_MATCH,
	    "a long line is not too costly");
	memset(pattern, 'a', sizeof(pattern) - 1);
	is_int(regex_new(pattern, REGEX_PATTERN_MAX + 1, 0, &regex, &err),
	    ERR_CONFIG, "too long");
	ok(regex == NULL, "and nothing made");
	is_int(regex_new(pattern, REGEX_PATTERN_MAX, 0, &regex, &err), ERR_OK,
	    "the longest");
	regex_free(regex);
}

static void
test_errors(void)
{
	static const struct {
		const char *pattern;
		const char *message;
	} rows[] = {
		{ "a(b", "the pattern is wrong at character 4: missing "
			 "closing parenthesis" },
		{ "*a", "the pattern is wrong at character 1: quantifier does "
			"not follow a repeatable item" },
		{ "a\\Cb", NULL },
		{ "[z-a]", NULL },
		{ "\xff", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct regex *regex = NULL;
		struct err err = ERR_INIT;

		is_int(regex_new(rows[i].pattern, strlen(rows[i].pattern), 0,
			   &regex, &err),
		    ERR_CONFIG, "refused");
		if (rows[i].message != NULL)
			is_str(err_text(&err), rows[i].message, "says where");
		else
			ok(strstr(err_text(&err), "at character") != NULL,
			    "says where");
	}
}

static void
test_groups(void)
{
	static const char pattern[] = "(x)?(?<name>\\w+) (?<a>\\d+)?(?<z>!)?";
	struct regex *regex = NULL;
	struct regex_group groups[4];
	struct regex_span spans[8];

	is_int(regex_new(pattern, strlen(pattern), 0, &regex, NULL), ERR_OK,
	    "groups with names");
	is_int((int64_t)regex_groups(regex, groups, 4), 3, "three of them");
	is_str(groups[0].name, "name", "in the order of the pattern");
	is_str(groups[1].name, "a", "not of the alphabet");
	is_int((int64_t)groups[2].number, 4, "number of the last");
	is_int((int64_t)regex_groups(regex, groups, 1), 1, "no more than fit");
	is_int(regex_capture(regex, "--api 42", 8, spans, 8), REGEX_MATCH,
	    "captures");
	is_int((int64_t)spans[2].from, 2, "from");
	is_int((int64_t)spans[2].to, 5, "to");
	is_int((int64_t)spans[3].to, 8, "the next");
	ok(spans[1].from == SIZE_MAX && spans[4].from == SIZE_MAX,
	    "those that took no part");
	ok(spans[5].from == SIZE_MAX && spans[7].from == SIZE_MAX,
	    "those that there are not");
	is_int(regex_capture(regex, "api", 3, spans, 8), REGEX_NO_MATCH,
	    "no match");
	regex_free(regex);
}

/* Each allocation fails in turn: an error, no leak, nothing half made. */
static void
test_no_memory(void)
{
	struct regex *regex = NULL;
	int wrong = 0;
	size_t n;

	for (n = 1; n < 100; n++) {
		enum err_code code;

		mem_fail_at(n, false);
		code = regex_new("a(b|c)+d", 8, 0, &regex, NULL);
		mem_fail_at(0, false);
		if (code == ERR_OK)
			break;
		wrong += code != ERR_NOMEM || regex != NULL;
	}
	is_int(wrong, 0, "out of memory is reported as such");
	ok(n > 3 && n < 100, "until there is enough");
	mem_fail_at(1, true);
	is_int(regex_match(regex, "abd", 3, 0, NULL, NULL), REGEX_TOO_COSTLY,
	    "no memory for a match is not no match");
	mem_fail_at(0, false);
	regex_free(regex);
}

int
main(void)
{
	RUN(test_match);
	RUN(test_limits);
	RUN(test_groups);
	RUN(test_errors);
	RUN(test_no_memory);
	return tap_done();
}
