#include "datasrc/gcp_command.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/opt.h"
#include "base/proc_run.h"
#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/limits.h"

/* What the command wrote. */
struct command_output {
	struct buf out;
	char said[GCP_SAID_MAX]; /* the end of its standard error */
	size_t said_len;
};

static bool
command_chunk(void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	struct command_output *o = ctx;

	if (stream == PROC_OUT)
		return buf_add(&o->out, bytes, len);
	if (len > sizeof(o->said)) {
		bytes += len - sizeof(o->said);
		len = sizeof(o->said);
	}
	if (o->said_len + len > sizeof(o->said)) {
		size_t drop = o->said_len + len - sizeof(o->said);

		memmove(o->said, o->said + drop, o->said_len - drop);
		o->said_len -= drop;
	}
	memcpy(o->said + o->said_len, bytes, len);
	o->said_len += len;
	return true;
}

/* How many of len bytes are left without the blanks at their end. */
static size_t
command_trim(const char *s, size_t len)
{
	while (len > 0 && strchr("\r\n \t", s[len - 1]) != NULL)
		len--;
	return len;
}

/* With the last line of what it said, without what is secret in it. */
static enum err_code
command_failed(const struct command_output *o, const char *word,
    const struct proc_end *end, const struct redactor *redactor,
    struct err *err)
{
	struct buf clean = BUF_INIT(4 * GCP_SAID_MAX);
	size_t to = command_trim(o->said, o->said_len), from = to;

	while (from > 0 && o->said[from - 1] != '\n')
		from--;
	if (!redact_bytes(redactor, &clean, o->said + from, to - from))
		buf_clear(&clean);
	err_set(err, ERR_AUTH, "google", "%s ended with %s %d%s%s", word,
	    end->signal != 0 ? "signal" : "status",
	    end->signal != 0 ? end->signal : end->status,
	    clean.len != 0 ? ": " : "", buf_cstr(&clean));
	buf_release(&clean);
	return ERR_AUTH;
}

static enum err_code
command_read(const struct command_output *o, const char *word,
    struct secret **ret_token, struct err *err)
{
	const char *s = buf_cstr(&o->out);
	size_t len = command_trim(s, o->out.len);

	for (size_t i = 0; i < len; i++) {
		if (s[i] <= ' ' || s[i] > '~')
			len = 0;
	}
	if (len == 0)
		return err_set(err, ERR_BADDATA, "google",
		    "%s printed no access token", word);
	return secret_new(s, len, ret_token, err);
}

enum err_code
gcp_command_token(struct proc *proc, const struct opt_list *words,
    const struct redactor *redactor, int64_t deadline,
    const struct cancel *cancel, struct secret **ret_token, struct err *err)
{
	const char *argv[SECRET_ARGV_MAX + 1] = { NULL };
	int64_t until = clock_now() + GCP_COMMAND_MS * NS_PER_MS;
	struct command_output o = { .out = BUF_INIT(GCP_TOKEN_BODY_MAX) };
	const struct proc_spec spec = {
		.argv = argv,
		.deadline = until < deadline ? until : deadline,
		.keep_rest = true, /* an agent that it started */
		.chunk = command_chunk,
		.ctx = &o,
	};
	struct proc_end end;
	enum err_code code;

	for (size_t i = 0; i < words->count && i < SECRET_ARGV_MAX; i++)
		argv[i] = words->items[i];
	/* One block from the start, so that no copy is left behind. */
	if (buf_reserve(&o.out, GCP_TOKEN_BODY_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	code = proc_run(proc, &spec, cancel, &end, err);
	if (code == ERR_OK && (end.status != 0 || end.signal != 0))
		code = command_failed(&o, argv[0], &end, redactor, err);
	else if (code == ERR_OK)
		code = command_read(&o, argv[0], ret_token, err);
	OPENSSL_cleanse(o.out.data, o.out.cap);
	OPENSSL_cleanse(o.said, sizeof(o.said));
	buf_release(&o.out);
	return code;
}
