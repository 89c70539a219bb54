#include "datasrc/process_log.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/redact.h"
#include "datasrc/limits.h"
#include "datasrc/source.h"
#include "model/logstore.h"
#include "tests/tap.h"

static struct source_env env;
static uint64_t next;

/* What is new in the log store, with bars between the lines. */
static const char *
fresh(void)
{
	static char shown[4096];
	struct log_line lines[64];
	struct arena *arena = arena_new((size_t)1 << 20);
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	size_t count = logstore_copy(env.logs, next, lines, 64, arena);

	for (size_t i = 0; i < count; i++) {
		buf_str(&out, i > 0 ? "|" : "");
		text_plain(&out, lines[i].text);
		next = lines[i].seq + 1;
	}
	snprintf(shown, sizeof(shown), "%s", buf_cstr(&out));
	buf_release(&out);
	arena_free(arena);
	return shown;
}

static void
take(struct process_log *log, const char *text)
{
	process_log_take(log, text, strlen(text));
}

static void
test_new_lines(void)
{
	struct process_log *log = NULL;
	struct err err = ERR_INIT;

	is_int(process_log_new(&env, &log, &err), ERR_OK, "a log");
	take(log, "one\ntwo\n");
	is_str(fresh(), "one|two", "all is new at first");
	take(log, "one\ntwo\n");
	is_str(fresh(), "", "the same again");
	take(log, "two\nthree\r\n\n");
	is_str(fresh(), "three", "one more");
	take(log, "three\nthree\ntwo\nfour");
	is_str(fresh(), "three|four", "a second one that looks the same");
	take(log, "three\nfour\n");
	is_str(fresh(), "", "fewer");
	take(log, "three\nthree\nfour\n");
	is_str(fresh(), "three", "and more again");
	take(log, "");
	is_str(fresh(), "", "none");
	take(log, "password=hunter22 \x1b[31mred\n");
	is_str(fresh(), "password=[redacted] \\x1b[31mred", "clean");
	process_log_free(log);
}

static void
test_bounds(void)
{
	struct process_log *log = NULL;
	struct buf many = BUF_INIT((size_t)4 << 20);
	struct logstore_stats stats;

	is_int(process_log_new(&env, &log, NULL), ERR_OK, "a log");
	for (int i = 0; i < PROCESS_LINES_MAX + 10; i++)
		buf_fmt(&many, "line %d\n", i);
	logstore_stats(env.logs, &stats);
	next = stats.next_seq;
	take(log, buf_cstr(&many));
	logstore_stats(env.logs, &stats);
	is_int((int64_t)(stats.next_seq - next), PROCESS_LINES_MAX,
	    "the last lines count");
	next = stats.next_seq;
	buf_str(&many, "line x\n");
	take(log, buf_cstr(&many));
	is_str(fresh(), "line x", "one more");
	process_log_free(log);
	buf_release(&many);
}

/* Without memory nothing is taken for seen. */
static void
test_no_memory(void)
{
	struct process_log *log = NULL;

	is_int(process_log_new(&env, &log, NULL), ERR_OK, "a log");
	mem_fail_at(1, true);
	take(log, "after all\n");
	mem_fail_at(0, false);
	is_str(fresh(), "", "not now");
	take(log, "after all\n");
	is_str(fresh(), "after all", "then later");
	process_log_free(log);
}

int
main(void)
{
	env.name = "here";
	env.redactor = redactor_new();
	env.logs = logstore_new((size_t)8 << 20, NULL);
	is_int(logstore_add_source(env.logs, "here", &env.log_source, NULL),
	    ERR_OK, "a source");
	RUN(test_new_lines);
	RUN(test_bounds);
	RUN(test_no_memory);
	logstore_free(env.logs);
	redactor_free(env.redactor);
	return tap_done();
}
