/*
 * The environment file of the platform's programs, and how they are started
 * anew: `service restart api jobs`, a small program in the world's folder.
 * What the file says counts from the next start on, as for real programs.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/dotenv.h"
#include "base/num.h"
#include "base/shell_word.h"
#include "sim/aiv.h"
#include "sim/token.h"

void
aiv_env_servers(const struct aiv *aiv, struct buf *out)
{
	if (aiv->redis != NULL)
		buf_fmt(out, "REDIS_URL=redis://default:%s@127.0.0.1:%u\n",
		    redis_server_password(aiv->redis),
		    redis_server_port(aiv->redis));
	if (aiv->db != NULL) {
		const struct db_target *db = db_target(aiv->db);

		buf_fmt(out,
		    "DATABASE_URL=postgresql://%s:%s@127.0.0.1:%u/%s\n",
		    db->user, db->password, db->port, db->database);
	}
}

static enum err_code
write_env(const struct aiv *aiv, struct err *err)
{
	static const char *const secrets[] = { "PERPLEXITY_API_KEY",
		"SERPAPI_KEY", "BRAVE_API_KEY", "JWT_SECRET" };
	struct buf text = BUF_INIT(4096);
	enum err_code rc = ERR_OK;

	buf_str(&text, "# read by the API and the workers when they start\n"
		       "AUTO_THROTTLE_ENABLED=false\n"
		       "AUTO_THROTTLE_THRESHOLD=0.8\n"
		       "WORKER_CONCURRENCY=3\n"
		       "RATE_LIMIT_REQUESTS_PER_MINUTE=100\n"
		       "RATE_LIMIT_BURST=200\n");
	aiv_env_servers(aiv, &text);
	for (size_t i = 0; rc == ERR_OK && i < ARRAY_LEN(secrets); i++) {
		char token[64];

		rc = token_make(token, err);
		if (rc == ERR_OK)
			buf_fmt(&text, "%s=%s\n", secrets[i], token);
	}
	if (rc == ERR_OK)
		rc = dir_write(aiv->env_file, buf_cstr(&text), text.len, err);
	buf_release(&text);
	return rc;
}

/* A program that passes its words on to this world. */
static enum err_code
write_service(const struct aiv *aiv, struct err *err)
{
	struct buf text = BUF_INIT(4 * PATH_MAX);
	char self[PATH_MAX] = "sevtop-sim";
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	enum err_code rc;

	if (len > 0)
		self[len] = '\0';
	buf_str(&text, "#!/bin/sh\nexec ");
	shell_words(&text,
	    (const char *const[]) { self, "ctl", "--dir", aiv->dir, NULL });
	buf_str(&text, " \"$@\"\n");
	rc = dir_write(aiv->service, buf_cstr(&text), text.len, err);
	if (rc == ERR_OK && chmod(aiv->service, 0700) != 0)
		rc = err_set(err, ERR_IO, "sim", "%s can't be made executable",
		    aiv->service);
	buf_release(&text);
	return rc;
}

enum err_code
aiv_env_write(struct aiv *aiv, const char *dir, struct err *err)
{
	enum err_code rc;

	snprintf(aiv->dir, sizeof(aiv->dir), "%s", dir);
	snprintf(aiv->env_file, sizeof(aiv->env_file), "%s/.env", aiv->dir);
	snprintf(aiv->service, sizeof(aiv->service), "%s/service", aiv->dir);
	rc = write_env(aiv, err);
	if (rc == ERR_OK)
		rc = write_service(aiv, err);
	return rc;
}

/* A value of the file; "" when there is none. */
static void
get(const struct buf *file, const char *name, struct buf *out)
{
	if (!dotenv_get(buf_cstr(file), file->len, name, out))
		buf_clear(out);
}

void
aiv_env_read(struct aiv *aiv)
{
	struct buf file = BUF_INIT(64 * 1024), value = BUF_INIT(256);
	char chunk[4096];
	int64_t concurrency = 0;
	double threshold = 0;
	FILE *in = fopen(aiv->env_file, "re");
	size_t n;

	while (in != NULL && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(&file, chunk, n);
	if (in != NULL)
		fclose(in);
	get(&file, "AUTO_THROTTLE_ENABLED", &value);
	aiv->throttled = strcmp(buf_cstr(&value), "true") == 0;
	get(&file, "AUTO_THROTTLE_THRESHOLD", &value);
	aiv->threshold = 0.8;
	if (num_parse_double(buf_cstr(&value), value.len, &threshold) &&
	    threshold > 0 && threshold <= 1)
		aiv->threshold = threshold;
	get(&file, "WORKER_CONCURRENCY", &value);
	aiv->concurrency = aiv_queues[AIV_RUN_PROMPT].concurrency;
	if (num_parse_i64(buf_cstr(&value), value.len, &concurrency) &&
	    concurrency >= 1 && concurrency <= SIM_QUEUE_SLOTS)
		aiv->concurrency = (unsigned)concurrency;
	buf_release(&file);
	buf_release(&value);
}
