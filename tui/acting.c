#include "tui/acting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/state_dir.h"
#include "model/platform.h"
#include "tui/drill_world.h"

enum err_code
acting_audit_path(char out[PATH_MAX], struct err *err)
{
	char dir[PATH_MAX];
	enum err_code code = state_dir_make(NULL, dir, err);
	int len;

	if (code != ERR_OK)
		return code;
	len = snprintf(out, PATH_MAX, "%s/audit.db", dir);
	if (len < 0 || len >= PATH_MAX)
		return err_set(err, ERR_LIMIT, "audit",
		    "the path of the state folder is too long");
	return ERR_OK;
}

/*
 * Where heads of the record go. Those of a record that ends with a practice
 * world would stand for the real one there.
 */
static const char *
acting_syslog(const char *audit_path)
{
	const char *dir = getenv(SIM_DIR_VARIABLE);
	size_t len = dir != NULL ? strlen(dir) : 0;

	if (len > 0 && strncmp(audit_path, dir, len) == 0 &&
	    audit_path[len] == '/')
		return NULL;
	return "/dev/log";
}

/* When the practice world of this environment began; 0: there is none. */
static int64_t
acting_drill_since(void)
{
	const char *since = getenv("SEVTOP_SIM_SINCE");
	int64_t ms = 0;

	if (since != NULL && !num_parse_i64(since, strlen(since), &ms))
		ms = 0;
	return ms;
}

enum err_code
acting_open(struct acting *acting, const struct cli *cli,
    const struct loaded *loaded, struct store *store, struct redactor *redactor,
    struct err *err)
{
	struct actions_options options = {
		.table = action_table,
		.platforms = (const struct platform *const *)loaded->platforms,
		.platform_count = loaded->count,
		.store = store,
		.redactor = redactor,
		.gate = GATE_NORMAL,
		.audit_path = acting->audit_path,
		.drill_since_ms = acting_drill_since(),
	};
	enum err_code code;

	acting->actions = NULL;
	if (cli->value[CLI_READONLY] != NULL)
		options.gate = GATE_READONLY;
	else if (cli->value[CLI_WRITE] != NULL)
		options.gate = GATE_WRITE;
	code = acting_audit_path(acting->audit_path, err);
	/* Looking goes on without a place for the record; acting is refused,
	 * with the reason, when the engine can't open it. */
	if (code != ERR_OK)
		acting->audit_path[0] = '\0';
	options.syslog = acting_syslog(acting->audit_path);
	err_clear(err);
	code = actions_open(&options, &acting->actions, err);
	if (code == ERR_OK)
		code = actions_start(acting->actions, err);
	return code;
}

bool
acting_close(struct acting *acting, int64_t deadline)
{
	struct audit_head head, last = { .seq = 0 };
	char words[ERR_MSG_MAX];
	bool stopped;

	if (acting->actions == NULL)
		return true;
	stopped = actions_stop(acting->actions, deadline);
	for (size_t i = 0; actions_missing(acting->actions, i, words); i++)
		fprintf(stderr, "sevtop: not on record: %s\n", words);
	if (!stopped)
		return false;
	for (size_t i = 0; actions_audit_head(acting->actions, i, &head); i++) {
		/* Platforms that share a record share its head. */
		if (head.seq == 0 || strcmp(head.hash, last.hash) == 0)
			continue;
		fprintf(stderr, "sevtop: audit head %" PRId64 ":%s\n", head.seq,
		    head.hash);
		last = head;
	}
	acting->actions = actions_free(acting->actions);
	return true;
}
