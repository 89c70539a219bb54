#include "base/err.h"

#include <errno.h>

#include "tests/tap.h"

static void
test_set(void)
{
	struct err err = ERR_INIT;

	is_str(err_text(&err), "ok", "unset error reads ok");
	is_int(err_set(&err, ERR_TIMEOUT, "http", "no answer in %d s", 3),
	    ERR_TIMEOUT, "returns its code");
	is_str(err_text(&err), "no answer in 3 s", "message");
	is_str(err.origin, "http", "origin");
	err_prefix(&err, "source %s", "api");
	is_str(err_text(&err), "source api: no answer in 3 s", "prefix");
	is_int(err_set(NULL, ERR_IO, "x", "y"), ERR_IO, "NULL is allowed");
}

static void
test_cut(void)
{
	struct err err = ERR_INIT;
	char longer[400];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_set(&err, ERR_IO, longer, "%s", longer);
	is_int((int64_t)strlen(err.msg), ERR_MSG_MAX - 1, "cut to its limit");
	is_str(err.msg + ERR_MSG_MAX - 4, "...", "and says so");
	err_prefix(&err, "%s", longer);
	is_str(err.msg + ERR_MSG_MAX - 4, "...", "long prefix too");
	err_set_errno(&err, ERR_IO, "x", ENOENT, "open");
	is_str(err.msg, "open: No such file or directory", "errno text");
}

static void
test_codes(void)
{
	is_str(err_code_name(ERR_TLS), "TLS", "name");
	is_str(err_code_text((enum err_code)9999), "unknown error", "no such");
	ok(!err_may_retry(ERR_CONFIG), "a wrong configuration stays wrong");
	ok(err_may_retry(ERR_REFUSED), "a refused connection may pass");
}

int
main(void)
{
	RUN(test_set);
	RUN(test_cut);
	RUN(test_codes);
	return tap_done();
}
