/*
 * `sevtop audit`: the record of what was done, listed, checked, exported.
 */
#include "tui/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actions/audit.h"
#include "actions/limits.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "base/redact.h"
#include "base/text.h"
#include "model/platform.h"
#include "tui/acting.h"
#include "tui/load.h"

enum {
	ROW_TEXT_MAX = 8 * AUDIT_FIELD_MAX
};

/* A walk over the record, one line a row. */
struct listing {
	FILE *out;
	bool all; /* every field: an export */
	struct buf line;
	struct buf scratch;
	bool failed;
};

/* Rows were cleaned when they were written, but a file can be changed. */
static void
put_clean(struct listing *list, const char *s, uint32_t width)
{
	struct arena *arena = arena_new(ROW_TEXT_MAX);
	struct text text = TEXT_EMPTY;

	if (arena != NULL)
		text = text_cut(text_clean_str(arena, s), width);
	text_plain(&list->line, text);
	for (uint32_t w = text.width; w < width && width != UINT32_MAX; w++)
		buf_char(&list->line, ' ');
	buf_char(&list->line, ' ');
	arena_free(arena);
}

static bool
print_text(void *ctx, const struct audit_row *row)
{
	struct listing *list = ctx;
	const char *result = row->field[AUDIT_RESULT];

	buf_clear(&list->line);
	buf_fmt(&list->line, "%5" PRId64 " ", row->seq);
	put_clean(list, row->field[AUDIT_AT], 24);
	put_clean(list, row->field[AUDIT_USER], 8);
	put_clean(list, row->field[AUDIT_PLATFORM], 14);
	put_clean(list, row->field[AUDIT_ENV], 7);
	put_clean(list, row->field[AUDIT_KIND], 7);
	put_clean(list, result, 11);
	put_clean(list, row->field[AUDIT_ACTION], 16);
	put_clean(list, row->field[AUDIT_TARGET], 16);
	put_clean(list,
	    row->field[AUDIT_REASON][0] != '\0' ? row->field[AUDIT_REASON]
						: row->field[AUDIT_DETAIL],
	    UINT32_MAX);
	while (list->line.len > 0 && list->line.data[list->line.len - 1] == ' ')
		list->line.data[--list->line.len] = '\0';
	return fprintf(list->out, "%s\n", buf_cstr(&list->line)) > 0;
}

/* One object a line. The plan stays text: its hash covers it as it is. */
static bool
print_json(void *ctx, const struct audit_row *row)
{
	struct listing *list = ctx;
	struct json_out json = JSON_OUT_INIT(&list->scratch);
	struct cJSON *root = json_out_open(&json);

	buf_clear(&list->line);
	json_out_num(&json, root, "seq", (double)row->seq);
	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++) {
		if (list->all || row->field[i][0] != '\0')
			json_out_str(&json, root,
			    audit_field_name((enum audit_field)i),
			    row->field[i]);
	}
	json_out_str(&json, root, "prev", row->prev);
	json_out_str(&json, root, "hash", row->hash);
	if (json_out_close(&json, root, &list->line) != ERR_OK) {
		list->failed = true;
		return false;
	}
	return fprintf(list->out, "%s\n", buf_cstr(&list->line)) > 0;
}

static int
audit_fail(const struct err *err)
{
	fprintf(stderr, "sevtop: %s\n", err_text(err));
	return 1;
}

static int
audit_print(struct audit *audit, bool json, bool all)
{
	struct listing list = {
		.out = stdout,
		.all = all,
		.line = BUF_INIT(ROW_TEXT_MAX),
		.scratch = BUF_INIT(ROW_TEXT_MAX),
	};
	struct audit_head head = { .seq = 0 };
	struct err err = ERR_INIT;
	enum err_code code = audit_head(audit, &head, &err);
	int64_t from = all ? 0 : head.seq - AUDIT_LIST_MAX + 1;

	if (code == ERR_OK)
		code = audit_walk(
		    audit, from, json ? print_json : print_text, &list, &err);
	fflush(stdout);
	buf_release(&list.line);
	buf_release(&list.scratch);
	if (code != ERR_OK || list.failed)
		return audit_fail(&err);
	if (head.seq == 0 && !json)
		fputs("nothing was done yet\n", stderr);
	return 0;
}

/* The head that a row has to match: given, else the one kept beside it. */
static int
audit_check(struct audit *audit, const struct audit_conf *conf,
    const char *given, bool json)
{
	struct audit_head anchor = { .seq = 0 }, head = { .seq = 0 };
	struct err err = ERR_INIT;
	enum err_code code = ERR_OK;

	if (given != NULL && !audit_head_parse(given, &anchor)) {
		fputs("sevtop: a head reads NUMBER:HASH, as it is printed "
		      "after an action\n",
		    stderr);
		return CLI_EXIT_USAGE;
	}
	if (given == NULL)
		code = audit_kept_head(conf, &anchor, &err);
	if (code == ERR_OK)
		code = audit_verify(
		    audit, anchor.seq > 0 ? &anchor : NULL, &head, &err);
	if (json)
		printf("{\"version\":1,\"good\":%s,\"rows\":%" PRId64
		       ",\"head\":\"%" PRId64 ":%s\"}\n",
		    code == ERR_OK ? "true" : "false", head.seq, head.seq,
		    head.hash);
	else if (code == ERR_OK)
		printf("%" PRId64 " rows, the chain is whole%s\nhead %" PRId64
		       ":%s\n",
		    head.seq,
		    anchor.seq > 0 ? " and continues the head kept elsewhere"
				   : "; no head was kept elsewhere",
		    head.seq, head.hash);
	fflush(stdout);
	return code == ERR_OK ? 0 : audit_fail(&err);
}

static int
cmd_audit(const struct cli *cli)
{
	const char *what = cli->arg_count > 0 ? cli->args[0] : "list";
	const char *given = cli->arg_count > 1 ? cli->args[1] : NULL;
	char path[PATH_MAX];
	struct audit_conf conf = { .path = path };
	struct redactor *redactor = NULL;
	struct loaded loaded = { .count = 0 };
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	bool json;
	int status;

	if (!cli_output(cli, &json))
		return CLI_EXIT_USAGE;
	if ((strcmp(what, "list") != 0 && strcmp(what, "verify") != 0 &&
		strcmp(what, "export") != 0) ||
	    (given != NULL && strcmp(what, "verify") != 0)) {
		fputs("sevtop: audit list, audit verify [HEAD] or audit "
		      "export\n",
		    stderr);
		return CLI_EXIT_USAGE;
	}
	/* A platform that is named may keep its record elsewhere. */
	if (cli->count[CLI_CONFIG] + cli->count[CLI_PLATFORM] > 0) {
		status = load_platforms(cli, &loaded);
		if (status != 0)
			return status;
		conf.store = loaded.platforms[0]->audit;
	}
	conf.redactor = redactor = redactor_new();
	if (redactor == NULL || acting_audit_path(path, &err) != ERR_OK ||
	    audit_open(&conf, NULL, &audit, &err) != ERR_OK)
		status = audit_fail(&err);
	else if (strcmp(what, "verify") == 0)
		status = audit_check(audit, &conf, given, json);
	else if (strcmp(what, "export") == 0)
		status = audit_print(audit, true, true);
	else
		status = audit_print(audit, json, false);
	audit_close(audit);
	redactor_free(redactor);
	load_release(&loaded);
	return status;
}

const struct cli_command command_audit = {
	.name = "audit",
	.args = "[list|verify [HEAD]|export]",
	.help = "the record of what was done: list it, prove it whole",
	.text = "list prints the newest rows; verify recomputes the chain and "
		"says which row is wrong, and whether the tail is still "
		"there: HEAD is what was printed after an action, or sent to "
		"syslog, else the head kept beside the record counts; export "
		"prints every field of every row, one JSON object a line.",
	.options =
	    (const enum cli_option[]) {
		CLI_CONFIG,
		CLI_PLATFORM,
		CLI_ENV,
		CLI_OUTPUT,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.args_max = 2,
	.run = cmd_audit,
};
