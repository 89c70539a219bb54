#include "base/secret_cmd.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/proc_env.h"
#include "base/proc_run.h"

/* Where the output goes. */
struct secret_sink {
	char *out;
	size_t cap;
	size_t len;
};

/* The words of the command; they belong to the document. */
static enum err_code
secret_cmd_words(const struct cJSON *root,
    const char *argv[SECRET_ARGV_MAX + 1], struct err *err)
{
	const struct cJSON *item;
	size_t n = 0;

	if (!json_is_array(root) || json_first(root) == NULL)
		goto bad;
	for (item = json_first(root); item != NULL; item = json_next(item)) {
		const char *word = json_string(item);

		if (word == NULL || n == SECRET_ARGV_MAX)
			goto bad;
		argv[n++] = word;
	}
	argv[n] = NULL;
	if (argv[0][0] != '\0')
		return ERR_OK;
bad:
	return err_set(err, ERR_CONFIG, "secret",
	    "cmd: wants a list of 1 to %d words, such as "
	    "[\"pass\", \"show\", \"redis\"]",
	    SECRET_ARGV_MAX);
}

static bool
secret_cmd_chunk(
    void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	struct secret_sink *sink = ctx;

	(void)stream; /* only its output is taken */
	if (len > sink->cap - sink->len)
		return false;
	memcpy(sink->out + sink->len, bytes, len);
	sink->len += len;
	return true;
}

static enum err_code
secret_cmd_ended(const struct proc_end *end, const char *word, struct err *err)
{
	if (end->signal != 0)
		return err_set(err, ERR_IO, "secret",
		    "command %s was ended by signal %d", word, end->signal);
	if (end->status != 0)
		return err_set(err, ERR_IO, "secret",
		    "command %s ended with status %d; run it by hand to see "
		    "why",
		    word, end->status);
	return ERR_OK;
}

/* The runner's failures, in the words of secrets. */
static enum err_code
secret_cmd_failed(enum err_code code, const char *word, struct err *err)
{
	switch (code) {
	case ERR_TIMEOUT:
		return err_set(err, code, "secret",
		    "command %s gave no answer within its time limit; it must "
		    "not ask questions",
		    word);
	case ERR_TOOBIG:
		return err_set(err, code, "secret",
		    "command %s wrote more than %d bytes", word, SECRET_MAX);
	default:
		err_prefix(err, "command");
		return code;
	}
}

enum err_code
secret_cmd_run(const char *json, int64_t deadline, const struct cancel *cancel,
    char *out, size_t cap, size_t *ret_len, struct err *err)
{
	const char *argv[SECRET_ARGV_MAX + 1];
	struct secret_sink sink = { .out = out, .cap = cap };
	struct proc_env env = PROC_ENV_INIT;
	struct proc_spec spec = {
		.argv = argv,
		.deadline = deadline,
		.keep_rest = true, /* an agent that it started */
		.no_errors = true, /* a question, or worse */
		.chunk = secret_cmd_chunk,
		.ctx = &sink,
	};
	struct proc proc = { .stuck = 0 };
	struct proc_end end;
	struct cJSON *root = NULL;
	enum err_code code = json_parse(json, strlen(json), &root, err);

	*ret_len = 0;
	if (code == ERR_BADDATA)
		code = err_set(err, ERR_CONFIG, "secret",
		    "cmd: wants a list of words such as "
		    "[\"pass\", \"show\", \"redis\"]");
	if (code == ERR_OK)
		code = secret_cmd_words(root, argv, err);
	if (code == ERR_OK)
		code = proc_env_make(&env, false, NULL, NULL, cancel, err);
	if (code != ERR_OK)
		goto out;
	spec.env = env.vars;
	code = proc_run(&proc, &spec, cancel, &end, err);
	code = code == ERR_OK ? secret_cmd_ended(&end, argv[0], err)
			      : secret_cmd_failed(code, argv[0], err);
	*ret_len = sink.len;
out:
	proc_env_release(&env);
	json_free(root);
	return code;
}
