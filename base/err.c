#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *text;
	bool retry;
} err_codes[] = {
#define X(code, text, retry) { #code, text, retry },
	ERR_CODES(X)
#undef X
};

/* Marks a message that did not fit, so that nobody reads it as whole. */
static void
err_mark_cut(struct err *err)
{
	static const char dots[] = "...";

	memcpy(err->msg + sizeof(err->msg) - sizeof(dots), dots, sizeof(dots));
}

enum err_code
err_setv(struct err *err, enum err_code code, const char *origin,
    const char *fmt, va_list ap)
{
	int n;

	if (err == NULL)
		return code;
	err->code = code;
	snprintf(err->origin, sizeof(err->origin), "%s",
	    origin != NULL ? origin : "");
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	if (n < 0)
		err->msg[0] = '\0';
	else if ((size_t)n >= sizeof(err->msg))
		err_mark_cut(err);
	return code;
}

enum err_code
err_set(struct err *err, enum err_code code, const char *origin,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_setv(err, code, origin, fmt, ap);
	va_end(ap);
	return code;
}

enum err_code
err_set_errno(struct err *err, enum err_code code, const char *origin,
    int saved_errno, const char *fmt, ...)
{
	char why[96];
	va_list ap;
	size_t used;

	va_start(ap, fmt);
	err_setv(err, code, origin, fmt, ap);
	va_end(ap);
	if (err == NULL)
		return code;
	used = strlen(err->msg);
	if (used + 8 < sizeof(err->msg)) {
		int n = snprintf(err->msg + used, sizeof(err->msg) - used,
		    ": %s", strerror_r(saved_errno, why, sizeof(why)));

		if (n >= 0 && (size_t)n >= sizeof(err->msg) - used)
			err_mark_cut(err);
	}
	return code;
}

void
err_prefix(struct err *err, const char *fmt, ...)
{
	char head[ERR_MSG_MAX], old[ERR_MSG_MAX];
	va_list ap;
	int n;

	if (err == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	memcpy(old, err_text(err), strlen(err_text(err)) + 1);
	n = snprintf(err->msg, sizeof(err->msg), "%s: %s", head, old);
	if (n >= 0 && (size_t)n >= sizeof(err->msg))
		err_mark_cut(err);
}

void
err_clear(struct err *err)
{
	if (err != NULL)
		*err = (struct err)ERR_INIT;
}

const char *
err_code_text(enum err_code code)
{
	if ((unsigned)code >= ARRAY_LEN(err_codes))
		return "unknown error";
	return err_codes[code].text;
}

const char *
err_code_name(enum err_code code)
{
	if ((unsigned)code >= ARRAY_LEN(err_codes))
		return "UNKNOWN";
	return err_codes[code].name;
}

bool
err_may_retry(enum err_code code)
{
	return (unsigned)code < ARRAY_LEN(err_codes) && err_codes[code].retry;
}

const char *
err_text(const struct err *err)
{
	if (err->msg[0] != '\0')
		return err->msg;
	return err_code_text(err->code);
}
