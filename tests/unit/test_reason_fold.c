#include "datasrc/reason_fold.h"

#include "base/attr.h"
#include "tests/tap.h"

static void
test_fold(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "provider timeout after 30000ms",
		    "provider timeout after #ms" },
		{ "Rate limit exceeded (429) from perplexity",
		    "Rate limit exceeded (429) from perplexity" },
		{ "429 too many requests", "429 too many requests" },
		{ "status 503: try later", "status 503: try later" },
		{ "connect ECONNREFUSED 10.0.0.5:5432",
		    "connect ECONNREFUSED #" },
		{ "position 0 of 12.5", "position # of #" },
		{ "job 6ba7b810-9dad-11d1-80b4-00c04fd430c8 is gone",
		    "job # is gone" },
		{ "user-1234", "user-#" },
		{ "order ORD429", "order ORD#" },
		{ "commit 8d2f1aa94 failed", "commit # failed" },
		{ "facade decade", "facade decade" },
		{ "first line 1\nsecond line", "first line #" },
		{ "id=999", "id=#" },
		{ "600 429x 42 4290", "# #x # #" },
		{ "\xe2\x80\x9c"
		  "abc\xe2\x80\x9d 7",
		    "\xe2\x80\x9c"
		    "abc\xe2\x80\x9d #" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[200], again[200];
		size_t n = reason_fold(
		    cases[i].in, strlen(cases[i].in), out, sizeof(out));

		is_str(out, cases[i].out, cases[i].in);
		is_int((int64_t)n, (int64_t)strlen(out), "its length");
		reason_fold(out, n, again, sizeof(again));
		is_str(again, out, "folding twice changes nothing");
	}
}

static void
test_cut(void)
{
	char out[8];

	is_int((int64_t)reason_fold("abcdefghij", 10, out, sizeof(out)), 7,
	    "cut to fit");
	is_str(out, "abcdefg", "the beginning stays");
	reason_fold("abcdef\xc3\xa4z", 9, out, sizeof(out));
	is_str(out, "abcdef", "not in the middle of a character");
	reason_fold("abc 429 x", 9, out, sizeof(out));
	is_str(out, "abc 429", "a status that just fits");
	reason_fold("x", 1, out, 1);
	is_str(out, "", "no room");
}

int
main(void)
{
	RUN(test_fold);
	RUN(test_cut);
	return tap_done();
}
