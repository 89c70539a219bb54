#include "datasrc/bullmq_dialect.h"

#include "base/attr.h"
#include "tests/tap.h"

static void
test_versions(void)
{
	static const struct {
		const char *version;
		enum bullmq_dialect dialect;
	} cases[] = {
		{ "bullmq:5.81.5", BULLMQ_5 },
		{ "bullmq:6.7.0", BULLMQ_6 },
		{ "bullmq:4.18.3", BULLMQ_4 },
		{ "bullmq:3.16.2", BULLMQ_3 },
		{ "bullmq:1.9.0", BULLMQ_3 },
		{ "@taskforcesh/bullmq-pro:5.3.1", BULLMQ_5 },
		{ "x:y:4", BULLMQ_4 },
		{ "bullmq:7.0.0", BULLMQ_UNKNOWN },
		{ "bullmq:60.0.0", BULLMQ_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bullmq_evidence e = { .max_len = true };
		bool sure = false;

		snprintf(e.version, sizeof(e.version), "%s", cases[i].version);
		is_int(bullmq_dialect_of(&e, &sure), cases[i].dialect,
		    cases[i].version);
		ok(sure, "a version is sure");
	}
}

static void
test_traces(void)
{
	static const struct {
		const char *what;
		struct bullmq_evidence e;
		enum bullmq_dialect dialect;
		bool sure;
	} cases[] = {
		{ "nothing at all", { .version = "" }, BULLMQ_5, false },
		{ "no events, an id", { .id = true }, BULLMQ_BULL4, true },
		{ "no events, meta-paused", { .meta_paused = true },
		    BULLMQ_BULL4, true },
		{ "events and a marker",
		    { .events = true, .id = true, .marker = true }, BULLMQ_5,
		    true },
		{ "a finished job with atm",
		    { .max_len = true, .finished = BULLMQ_TRACE_ATM }, BULLMQ_5,
		    true },
		{ "a finished job with attemptsMade",
		    { .max_len = true, .finished = BULLMQ_TRACE_MADE },
		    BULLMQ_4, true },
		{ "the same and a priority helper",
		    { .max_len = true,
			.finished = BULLMQ_TRACE_MADE,
			.priority = true },
		    BULLMQ_3, true },
		{ "a worker in BZPOPMIN",
		    { .events = true, .worker_bzpopmin = true }, BULLMQ_5,
		    true },
		{ "a worker in BRPOPLPUSH",
		    { .events = true, .worker_brpoplpush = true }, BULLMQ_4,
		    true },
		{ "events only", { .events = true }, BULLMQ_5, false },
		{ "a version without a number",
		    { .version = "bullmq:next", .events = true }, BULLMQ_5,
		    false },
		{ "a version without a colon",
		    { .version = "5.1.0", .id = true }, BULLMQ_BULL4, true },
		{ "a version of many digits",
		    { .version = "x:99999999999999999999", .id = true },
		    BULLMQ_BULL4, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool sure;

		is_int(bullmq_dialect_of(&cases[i].e, &sure), cases[i].dialect,
		    cases[i].what);
		is_int(sure, cases[i].sure, "and how sure");
	}
}

static void
test_rules(void)
{
	ok(!bullmq_has_paused_list(BULLMQ_6), "6 keeps held jobs in wait");
	ok(bullmq_has_paused_list(BULLMQ_5), "5 moves them");
	ok(!bullmq_has_prioritized(BULLMQ_3), "3 has no prioritized set");
	ok(bullmq_has_prioritized(BULLMQ_4), "4 has one");
	ok(bullmq_locks_late(BULLMQ_4) && !bullmq_locks_late(BULLMQ_5),
	    "up to 4 a job is taken before it is locked");
	ok(bullmq_is_marker("0:0", 3) && bullmq_is_marker("0:17000", 7),
	    "markers");
	ok(!bullmq_is_marker("0", 1) && !bullmq_is_marker("10:0", 4) &&
		!bullmq_is_marker("", 0),
	    "ids");
	is_str(bullmq_dialect_name(BULLMQ_BULL4), "bull 4", "a name");
}

int
main(void)
{
	RUN(test_versions);
	RUN(test_traces);
	RUN(test_rules);
	return tap_done();
}
