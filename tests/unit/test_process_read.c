#include "datasrc/process_read.h"

#include <cjson/cJSON.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/regex.h"
#include "datasrc/limits.h"
#include "tests/tap.h"

static char shown[8192];

/* The document as JSON, or the reason in brackets. */
static const char *
read_bytes(const struct process_form *form, const char *bytes, size_t len)
{
	struct regex *pattern = NULL;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	enum err_code code = ERR_OK;
	char *text;

	if (form->pattern != NULL)
		code = regex_new(
		    form->pattern, strlen(form->pattern), 0, &pattern, &err);
	if (code == ERR_OK)
		code = process_read(form, pattern, bytes, len, &root, &err);
	if (code == ERR_OK) {
		text = cJSON_PrintUnformatted(root);
		snprintf(shown, sizeof(shown), "%s", text);
		cJSON_free(text);
	} else {
		snprintf(shown, sizeof(shown), "(%s: %s)", err_code_name(code),
		    err.msg);
	}
	json_free(root);
	regex_free(pattern);
	return shown;
}

static const char *
read_text(const struct process_form *form, const char *text)
{
	return read_bytes(form, text, strlen(text));
}

static void
test_json(void)
{
	const struct process_form json = { .read = PROCESS_JSON };
	const struct process_form jsonl = { .read = PROCESS_JSONL };

	is_str(read_text(&json, "{\"a\":1}\n"), "{\"a\":1}", "a document");
	is_str(read_text(&json, "\n>>>> In-memory PM2 is out-of-date\n"
				"[PM2] Spawning PM2 daemon\n[{\"pid\":1}]\n"),
	    "[{\"pid\":1}]", "behind a greeting");
	is_str(read_text(&json, "Error: no such service\n"),
	    "(BADDATA: not JSON: the answer begins with \"Error: no such "
	    "service \")",
	    "no document");
	is_str(read_text(&json, ""), "(BADDATA: an empty answer, not JSON)",
	    "nothing");
	is_str(read_text(&jsonl, "{\"a\":1}\n\n{\"a\":2}\r\n"),
	    "[{\"a\":1},{\"a\":2}]", "one a line");
	is_str(read_text(&jsonl, "{\"a\":1}\n"), "[{\"a\":1}]", "one alone");
	is_str(read_text(&jsonl, "[{\"a\":1},\n {\"a\":2}]\n"),
	    "[{\"a\":1},{\"a\":2}]", "one list over two lines");
	is_str(read_text(&jsonl, "[]\n"), "[]", "an empty list");
	is_str(read_text(&jsonl, ""), "[]", "nothing is no document");
	is_str(read_text(&jsonl, "{\"a\":1}\n{\"a\":\n"),
	    "(BADDATA: line 2: cut off: the JSON does not end within its 5 "
	    "bytes)",
	    "the line is named");
}

static void
test_lines(void)
{
	const struct process_form lines = { .read = PROCESS_LINES };
	const struct process_form skip = { .read = PROCESS_LINES, .skip = 2 };
	const struct process_form number = { .read = PROCESS_NUMBER };

	is_str(
	    read_text(&lines, "a b\r\n\nc"), "[\"a b\",\"\",\"c\"]", "lines");
	is_str(read_text(&lines, ""), "[]", "none");
	is_str(read_bytes(&lines, "a\0b\n", 4),
	    "[\"a\xEF\xBF\xBD"
	    "b\"]",
	    "a NUL inside");
	is_str(read_text(&skip, "1\n2\n3\n"), "[\"3\"]", "the top is skipped");
	is_str(read_text(&skip, "1\n"), "[]", "there is nothing below");
	is_str(read_text(&number, "\n  42 \n\n"), "\"42\"", "a number");
	is_str(read_text(&number, " \n"),
	    "(BADDATA: no output; a number was wanted)", "none");
}

static void
test_blanks(void)
{
	static const char *const df[] = { "device", "size", "used", "free",
		"share", "mount" };
	const struct process_form named = { .read = PROCESS_TABLE,
		.names = { .items = df, .count = 6 },
		.skip = 1 };
	const struct process_form header = { .read = PROCESS_TABLE };

	is_str(read_text(&named,
		   "Filesystem     1-blocks  Used Available Use% Mounted on\n"
		   "/dev/vda1      10000     900  9100       9%  /\n"
		   "/dev/vdb1      10000     900  9100       9%  /mnt/my disk  "
		   "\n"),
	    "[{\"device\":\"/dev/vda1\",\"size\":\"10000\",\"used\":\"900\","
	    "\"free\":\"9100\",\"share\":\"9%\",\"mount\":\"/\"},"
	    "{\"device\":\"/dev/vdb1\",\"size\":\"10000\",\"used\":\"900\","
	    "\"free\":\"9100\",\"share\":\"9%\",\"mount\":\"/mnt/my disk\"}]",
	    "the last cell has the rest");
	is_str(read_text(&header, "\n  PID TTY TIME CMD\n    1 ? 0:01 init "
				  "--x\n 22 pts/0\n"),
	    "[{\"PID\":\"1\",\"TTY\":\"?\",\"TIME\":\"0:01\",\"CMD\":\"init "
	    "--x\"},{\"PID\":\"22\",\"TTY\":\"pts/0\"}]",
	    "the first line names, short lines lack");
	is_str(read_text(&header, "A A\n1 2\n"), "[{\"A\":\"1\"}]",
	    "two of one name");
	is_str(read_text(&header, ""), "[]", "nothing");
}

static void
test_wide(void)
{
	static const char *const names[] = { "a", "b" };
	const struct process_form header = { .read = PROCESS_TABLE,
		.separator = PROCESS_WIDE };
	const struct process_form named = { .read = PROCESS_TABLE,
		.separator = PROCESS_WIDE,
		.names = { .items = names, .count = 2 } };

	is_str(read_text(&header,
		   "CONTAINER ID   STATUS          PORTS      NAMES\n"
		   "0123456789ab   Up 2 hours                 shop-api-1\n"
		   "ba9876543210   Exited (1)      80/tcp     shop-db-1\n"
		   "short\n"),
	    "[{\"CONTAINER ID\":\"0123456789ab\",\"STATUS\":\"Up 2 hours\","
	    "\"PORTS\":\"\",\"NAMES\":\"shop-api-1\"},"
	    "{\"CONTAINER ID\":\"ba9876543210\",\"STATUS\":\"Exited (1)\","
	    "\"PORTS\":\"80/tcp\",\"NAMES\":\"shop-db-1\"},"
	    "{\"CONTAINER ID\":\"short\",\"STATUS\":\"\",\"PORTS\":\"\","
	    "\"NAMES\":\"\"}]",
	    "empty cells under a header");
	is_str(read_text(&named, "one two  three four\n"),
	    "[{\"a\":\"one two\",\"b\":\"three four\"}]", "without one");
}

static void
test_separators(void)
{
	static const char *const names[] = { "user", "pw", "rest" };
	const struct process_form colon = { .read = PROCESS_TABLE,
		.separator = PROCESS_COLON,
		.names = { .items = names, .count = 3 } };
	const struct process_form comma = { .read = PROCESS_TABLE,
		.separator = PROCESS_COMMA };
	const struct process_form bar = { .read = PROCESS_TABLE,
		.separator = PROCESS_BAR };
	const struct process_form tab = { .read = PROCESS_TABLE,
		.separator = PROCESS_TAB };

	is_str(read_text(&colon, "root:x:0:0:/root\n"),
	    "[{\"user\":\"root\",\"pw\":\"x\",\"rest\":\"0:0:/root\"}]",
	    "colon");
	is_str(read_text(&comma, "a, b,c\n1,,3\n"),
	    "[{\"a\":\"1\",\"b\":\"\",\"c\":\"3\"}]", "comma");
	is_str(read_text(&bar, " a | b\n 1 | 2\n"),
	    "[{\"a\":\"1\",\"b\":\"2\"}]", "bar");
	is_str(read_text(&tab, "a\tb\n1 x\t2\n"),
	    "[{\"a\":\"1 x\",\"b\":\"2\"}]", "tab");
}

static void
test_pattern(void)
{
	const struct process_form version = { .read = PROCESS_TABLE,
		.pattern = "(?<name>\\w+) \\((?<what>\\w+)\\)"
			   "( (?<version>[0-9.]+))?" };
	const struct process_form costly = { .read = PROCESS_TABLE,
		.pattern = "^(?<a>(a+)+)$" };
	struct buf many = BUF_INIT(70000);

	is_str(read_text(&version,
		   "warning: x\npg_dump (PostgreSQL) 15.18 (Debian)\n"
		   "pg_dump (nothing)\n"),
	    "[{\"name\":\"pg_dump\",\"what\":\"PostgreSQL\",\"version\":"
	    "\"15.18\"},{\"name\":\"pg_dump\",\"what\":\"nothing\"}]",
	    "named groups; other lines are passed over");
	for (int i = 0; i < 60000; i++)
		buf_char(&many, 'a');
	buf_str(&many, "b\n");
	is_str(read_bytes(&costly, many.data, many.len),
	    "(TOOBIG: the pattern is too costly for what was printed)",
	    "a costly pattern");
	buf_release(&many);
}

static void
test_much(void)
{
	const struct process_form table = { .read = PROCESS_TABLE };
	const struct process_form lines = { .read = PROCESS_LINES };
	const struct process_form jsonl = { .read = PROCESS_JSONL };
	struct buf many = BUF_INIT((size_t)4 << 20);
	struct cJSON *root = NULL;

	for (int i = 0; i < 30000; i++)
		buf_str(&many, "1 2 3\n");
	is_int(process_read(&table, NULL, many.data, many.len, &root, NULL),
	    ERR_OK, "a long table");
	is_int((int64_t)json_count(root), PROCESS_ROWS_MAX, "is cut");
	root = json_free(root);
	is_int(process_read(&lines, NULL, many.data, many.len, &root, NULL),
	    ERR_OK, "many lines");
	is_int((int64_t)json_count(root), PROCESS_LINES_MAX, "are cut");
	root = json_free(root);
	buf_clear(&many);
	for (int i = 0; i < 30000; i++)
		buf_str(&many, "{}\n");
	is_int(process_read(&jsonl, NULL, many.data, many.len, &root, NULL),
	    ERR_TOOBIG, "many documents");
	buf_clear(&many);
	for (int i = 0; i < 30000; i++)
		buf_str(&many, "name ");
	is_int(process_read(&table, NULL, many.data, many.len, &root, NULL),
	    ERR_OK, "a wide header");
	json_free(root);
	buf_release(&many);
}

static void
test_no_memory(void)
{
	static const char text[] = "a b\n1 2\n3 4\n";
	const struct process_form form = { .read = PROCESS_TABLE };
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	enum err_code code = ERR_NOMEM;
	size_t n;

	for (n = 1; n < 200 && code == ERR_NOMEM; n++) {
		mem_fail_at(n, false);
		code =
		    process_read(&form, NULL, text, strlen(text), &root, &err);
		mem_fail_at(0, false);
		if (code != ERR_OK && root != NULL)
			break;
	}
	is_int(code, ERR_OK, "succeeds when nothing fails any more");
	ok(n > 8, "%zu allocations were failed", n - 2);
	json_free(root);
}

int
main(void)
{
	RUN(test_json);
	RUN(test_lines);
	RUN(test_blanks);
	RUN(test_wide);
	RUN(test_separators);
	RUN(test_pattern);
	RUN(test_much);
	RUN(test_no_memory);
	return tap_done();
}
