#include "tests/live/google.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/proc_run.h"
#include "tests/live/child.h"
#include "tests/tap.h"

enum {
	JUDGE_S = 60
};

bool
google_has_judges(void)
{
	if (access(child_source_path("tests/gcp/node_modules/protobufjs"),
		R_OK) == 0)
		return true;
	skip("no official clients: cd tests/gcp && npm ci");
	return false;
}

/* Its TAP lines become comments of ours. */
static bool
take_words(void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	bool *fresh = ctx;

	(void)stream;
	for (size_t i = 0; i < len; i++) {
		if (*fresh)
			fputs("# ", stdout);
		putchar(bytes[i]);
		*fresh = bytes[i] == '\n';
	}
	return true;
}

void
google_judge(const char *log)
{
	const char *argv[] = { "node", NULL, log != NULL ? log : "/nonexistent",
		NULL };
	bool fresh = true;
	const struct proc_spec spec = { .argv = argv,
		.deadline = clock_now() + JUDGE_S * NS_PER_SEC,
		.chunk = take_words,
		.ctx = &fresh };
	struct proc proc = { .stuck = 0 };
	struct proc_end end = { .status = -1 };
	struct err err = ERR_INIT;

	if (!google_has_judges())
		return;
	argv[1] = child_source_path("tests/gcp/requests.mjs");
	ok(proc_run(&proc, &spec, NULL, &end, &err) == ERR_OK &&
		end.status == 0,
	    "every request is one of Google's schema %s", err.msg);
}
