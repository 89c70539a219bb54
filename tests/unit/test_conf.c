#include "base/conf.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "tests/problems.h"
#include "tests/tap.h"

/* A small world of variables for ${NAME}. */
static const char *
variable(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "HOST") == 0)
		return "db.example";
	if (strcmp(name, "EMPTY") == 0)
		return "";
	if (strcmp(name, "NESTED") == 0)
		return "${HOST}";
	if (strcmp(name, "EVIL") == 0)
		return "a\033]0;b\007";
	if (strcmp(name, "LIST") == 0)
		return "[a, b]";
	return NULL;
}

static const struct conf_env vars = { .get = variable };
static struct arena *arena;
static const struct conf_node *root;

static enum err_code
parse_bytes(const char *bytes, size_t len)
{
	arena_free(arena);
	arena = arena_new(CONF_ARENA_MAX);
	conf_errors_clear(&errors);
	root = NULL;
	return conf_parse("t.yaml", bytes, len, &vars, arena, &errors, &root);
}

static enum err_code
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* The errors of the last parse as a user reads them. */
static void
test_tree(void)
{
	const struct conf_node *node;

	is_int(parse("# x\nname: vistral\nlist: [a, 'b c', \"d\\te\"]\n"
		     "map:\n  deep: {k: ~}\nempty:\n"),
	    ERR_OK, "parses");
	is_str(problems(), "", "no problems");
	is_int(root->kind, CONF_MAP, "the root is a map");
	is_int((int64_t)root->count, 4, "of four");
	is_str(conf_get(root, "name")->text, "vistral", "scalar");
	is_int(conf_get(root, "name")->pos.line, 2, "its line");
	is_int(conf_get(root, "name")->pos.column, 7, "its column");
	is_int(conf_get(root, "name")->key_pos.column, 1, "its key's column");
	is_str(conf_get(root, "name")->pos.file, "t.yaml", "its file");
	node = conf_get(root, "list");
	is_int(node->kind, CONF_LIST, "list");
	is_int((int64_t)node->count, 3, "three in the list");
	is_str(node->first->text, "a", "first");
	is_str(node->first->next->text, "b c", "single quotes");
	is_str(node->first->next->next->text, "d\te", "double quotes");
	node = conf_get(conf_get(conf_get(root, "map"), "deep"), "k");
	is_int(node->kind, CONF_NULL, "a tilde is nothing");
	is_int(conf_get(root, "empty")->kind, CONF_NULL, "and so is nothing");
	ok(conf_get(root, "absent") == NULL, "no such key");
	ok(conf_get(conf_get(root, "list"), "a") == NULL, "a list has no keys");
	ok(conf_get(NULL, "a") == NULL, "NULL is no map");
	is_int(parse(""), ERR_OK, "an empty file");
	is_int(root->kind, CONF_NULL, "is nothing");
	is_int(parse("\xef\xbb\xbf"
		     "a: b\n"),
	    ERR_OK, "a byte order mark");
	is_str(conf_get(root, "a")->text, "b", "is passed over");
}

static void
test_expand(void)
{
	is_int(parse("a: http://${HOST}:${PORT:-80}/x\nb: ${EMPTY:-none}\n"
		     "c: '${EMPTY}'\nd: $${HOST} $HOME 5$\ne: ${NESTED}\n"
		     "f: ${LIST}\n${HOST}: g\n"),
	    ERR_OK, "parses");
	is_str(problems(), "", "no problems");
	is_str(conf_get(root, "a")->text, "http://db.example:80/x", "expands");
	is_str(conf_get(root, "a")->raw, "http://${HOST}:${PORT:-80}/x",
	    "what was written stays known");
	is_str(conf_get(root, "b")->text, "none", "default of an empty one");
	is_str(conf_get(root, "c")->text, "", "empty without default");
	is_str(conf_get(root, "d")->text, "${HOST} $HOME 5$", "plain dollars");
	is_str(conf_get(root, "e")->text, "${HOST}", "expanded once only");
	is_int(conf_get(root, "f")->kind, CONF_SCALAR,
	    "a variable can't become structure");
	ok(conf_get(root, "${HOST}") != NULL, "keys are not expanded");
	is_int(parse("a: ${NO:-x-${HOST}-y}\nb: ${NO:-${EMPTY:-z}}\n"
		     "c: ${HOST:-${NO}}\n"),
	    ERR_OK, "defaults with variables");
	is_str(problems(), "", "one that is not needed need not be set");
	is_str(conf_get(root, "a")->text, "x-db.example-y", "in a text");
	is_str(conf_get(root, "b")->text, "z", "with a default of its own");
	is_int(
	    parse("a: '${HOST} ${input.x} ${target.name}'\nb: $${input.x}\n"),
	    ERR_OK, "references of templates");
	is_str(conf_get(root, "a")->text,
	    "db.example ${input.x} ${target.name}", "stay as they are");
	ok(conf_get(root, "a")->open, "and are told");
	is_str(conf_get(root, "b")->text, "${input.x}", "plain text");
	ok(!conf_get(root, "b")->open, "is no template");
}

/* What a file says, and what the user is told; exactly. */
static const struct {
	const char *name;
	const char *yaml;
	enum err_code code;
	const char *told;
} wrong[] = {
	{ "unset variables, all of them", "a: ${NO}/${NEITHER}\nb: ${NO}\n",
	    ERR_OK,
	    "t.yaml:1:4: the variable NO is not set\n"
	    "\tset it, or give a default: ${NAME:-default}\n"
	    "t.yaml:1:4: the variable NEITHER is not set\n"
	    "\tset it, or give a default: ${NAME:-default}\n"
	    "t.yaml:2:4: the variable NO is not set\n"
	    "\tset it, or give a default: ${NAME:-default}\n" },
	{ "half a reference", "a: ${HOST\n", ERR_OK,
	    "t.yaml:1:4: \"${\" without a variable's name and \"}\"\n"
	    "\twrite ${NAME} or ${NAME:-default}, and $${ for a plain ${\n" },
	{ "a brace in a default", "a: ${NO:-{}}\n", ERR_OK,
	    "t.yaml:1:4: \"${\" without a variable's name and \"}\"\n"
	    "\twrite ${NAME} or ${NAME:-default}, and $${ for a plain ${\n" },
	{ "defaults without end", "a: ${A:-${A:-${A:-${A:-${A:-x}}}}}\n",
	    ERR_OK,
	    "t.yaml:1:4: \"${\" without a variable's name and \"}\"\n"
	    "\twrite ${NAME} or ${NAME:-default}, and $${ for a plain ${\n" },
	{ "a bad name", "a: ${1x}\n", ERR_OK,
	    "t.yaml:1:4: \"${\" without a variable's name and \"}\"\n"
	    "\twrite ${NAME} or ${NAME:-default}, and $${ for a plain ${\n" },
	{ "escapes in a variable", "a: ${EVIL}\n", ERR_OK,
	    "t.yaml:1:4: the variable EVIL holds control characters\n" },
	{ "escapes in a text", "a: \"\\e[31m\"\nb: \"x\\0y\"\n", ERR_OK,
	    "t.yaml:1:4: control characters are not allowed\n"
	    "t.yaml:2:4: control characters are not allowed\n" },
	{ "a C1 control", "a: \"\\x9b31m\"\n", ERR_OK,
	    "t.yaml:1:4: control characters are not allowed\n" },
	{ "escapes in a key", "\"a\\e\": b\n", ERR_CONFIG,
	    "t.yaml:1:1: control characters in a key\n" },
	{ "a key twice", "a: 1\nb: 2\na: 3\n", ERR_OK,
	    "t.yaml:3:1: \"a\" is here twice\n"
	    "\tthe first is in line 1\n" },
	{ "an anchor and its alias", "a: &x 1\nb: *x\n", ERR_OK,
	    "t.yaml:1:4: anchors (&x) are not allowed\n"
	    "\twrite the value out where it is used\n"
	    "t.yaml:2:4: aliases (*x) are not allowed\n"
	    "\twrite the value out; quote a text that starts with \"*\"\n" },
	{ "a tag", "a: !!str 1\nb: !ruby/object {}\n", ERR_OK,
	    "t.yaml:1:4: tags (tag:yaml.org,2002:str) are not allowed\n"
	    "\tdrop it: the wanted kind is known from the key\n"
	    "t.yaml:2:4: tags (!ruby/object) are not allowed\n"
	    "\tdrop it: the wanted kind is known from the key\n" },
	{ "two documents", "a: 1\n---\nb: 2\n", ERR_CONFIG,
	    "t.yaml:2:1: a second document starts here\n"
	    "\tone platform per file; give -c or -p several times\n" },
	{ "a list as a key", "? [a]\n: b\n", ERR_CONFIG,
	    "t.yaml:1:3: a key can't be a list or a map\n"
	    "\tquote it if it is meant as text\n" },
	{ "a template left over", "a: {{ host }}\n", ERR_CONFIG,
	    "t.yaml:1:5: a key can't be a list or a map\n"
	    "\tquote it if it is meant as text\n" },
	{ "an empty key", "\"\": b\n", ERR_CONFIG,
	    "t.yaml:1:1: an empty key\n" },
	{ "a tab", "a:\n\tb: 1\n", ERR_CONFIG,
	    "t.yaml:2:1: found character that cannot start any token\n"
	    "\tquote the text, or put blanks where a tab is\n" },
	{ "a colon in a text", "a: b: c\n", ERR_CONFIG,
	    "t.yaml:1:5: mapping values are not allowed in this context\n"
	    "\tcheck the indentation, and quote a text that holds \": \"\n" },
	{ "an open bracket", "a: [1, 2\nb: 3\n", ERR_CONFIG,
	    "t.yaml:2:2: did not find expected ',' or ']'\n"
	    "\tthe bracket that opens in line 1 is not closed before this; "
	    "inside brackets quote a text with ${...}\n" },
	{ "wrong indentation", "a:\n  b: 1\n c: 2\n", ERR_CONFIG,
	    "t.yaml:3:2: did not find expected key\n"
	    "\tcheck the indentation of this line\n" },
	{ "an open quote", "a: 'b\n", ERR_CONFIG,
	    "t.yaml:2:1: found unexpected end of stream\n"
	    "\ta quote is not closed\n" },
	{ "bytes that are no UTF-8", "a: b\nc: \xff\n", ERR_CONFIG,
	    "t.yaml:2:4: invalid leading UTF-8 octet\n"
	    "\tsave the file as UTF-8 text\n" },
	{ "a raw escape", "a: \033[2J\n", ERR_CONFIG,
	    "t.yaml:1:4: control characters are not allowed\n"
	    "\tsave the file as UTF-8 text\n" },
	{ "seventeen levels", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]\n",
	    ERR_CONFIG, "t.yaml:1:17: more than 16 levels deep\n" },
};

static void
test_wrong(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		is_int(parse(wrong[i].yaml), wrong[i].code, wrong[i].name);
		is_str(problems(), wrong[i].told, wrong[i].name);
		ok(errors.errors > 0, "%s: counted", wrong[i].name);
		ok((root != NULL) == (wrong[i].code == ERR_OK),
		    "%s: a tree only without structural errors", wrong[i].name);
	}
}

static void
test_broken(void)
{
	is_int(parse("a: ${NO}\nb: *x\nc: fine\na: {d: '${NEITHER}'}\n"),
	    ERR_OK, "goes on behind single problems");
	is_int((int64_t)errors.errors, 4, "and finds the others");
	is_int(conf_get(root, "a")->kind, CONF_BROKEN, "unset: broken");
	ok(conf_get(root, "a")->text == NULL, "without a text");
	is_int(conf_get(root, "b")->kind, CONF_BROKEN, "alias: broken");
	is_str(conf_get(root, "c")->text, "fine", "the rest is there");
	is_int((int64_t)root->count, 3, "the second of a pair is dropped");
}

/* n times piece, as a file. */
static enum err_code
parse_many(const char *head, const char *piece, size_t n)
{
	struct buf text = BUF_INIT(2 * CONF_FILE_MAX_SIZE);
	enum err_code code;
	size_t i;

	buf_str(&text, head);
	for (i = 0; i < n; i++)
		buf_str(&text, piece);
	code = parse_bytes(buf_cstr(&text), text.len);
	buf_release(&text);
	return code;
}

static void
test_hostile(void)
{
	char keys[2048 * 8];
	size_t i, len = 0;

	is_int(parse_many("", "[", 100000), ERR_CONFIG, "100,000 brackets");
	is_str(problems(), "t.yaml:1:17: more than 16 levels deep\n",
	    "end at the seventeenth");
	is_int(parse_many("[", "a,", 25000), ERR_CONFIG, "25,000 items");
	is_str(problems(),
	    "t.yaml:1:40000: more than 20000 values in one "
	    "file\n",
	    "end at the limit");
	for (i = 0; i < 2048; i++)
		len += (size_t)snprintf(
		    keys + len, sizeof(keys) - len, "%zx:\n", i);
	is_int(parse_bytes(keys, len), ERR_CONFIG, "2,048 keys");
	is_str(problems(), "t.yaml:1026:1: more than 1024 keys in one map\n",
	    "end at the limit");
	is_int(parse_many("# ", "x", CONF_FILE_MAX_SIZE), ERR_CONFIG,
	    "a file over the limit");
	is_str(problems(), "t.yaml: larger than 1048576 bytes\n", "is refused");
	is_int(parse_bytes("a: b\0c\n", 7), ERR_CONFIG, "a NUL byte");
	is_int(parse_many("a: &a [x]\nb: &b [*a,*a]\n", "c: [*b,*b]\n", 60),
	    ERR_OK, "a bomb of aliases");
	is_int((int64_t)errors.count, CONF_ERRORS_MAX, "the list is bounded");
	ok(strstr(problems(), "and 133 more\n") != NULL, "the rest counted");
	is_int(parse_many("a: ", "${LIST}", 20000), ERR_OK, "a long result");
	is_str(problems(),
	    "t.yaml:1:4: longer than 65536 bytes with its variables filled "
	    "in\n",
	    "is refused");
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
}

static enum err_code
load(const char *path)
{
	arena_free(arena);
	arena = arena_new(CONF_ARENA_MAX);
	conf_errors_clear(&errors);
	return conf_load(path, &vars, arena, &errors, &root);
}

/* In the folder that test_file() made. */
static void
test_group(void)
{
	if (geteuid() != 0) {
		skip("only root can give a file another group");
		return;
	}
	ok(chmod("a.yaml", 0664) == 0, "mode");
	is_int(load("a.yaml"), ERR_FORBIDDEN, "writable by the group");
	is_str(problems(),
	    "a.yaml: others may write to it (mode 664), and so run commands "
	    "as you\n\tchmod go-w makes it yours alone\n",
	    "told");
	if (chmod(".", 0755) != 0 || seteuid(12345) != 0) {
		skip("can't be another user here");
		return;
	}
	is_int(load("a.yaml"), ERR_FORBIDDEN, "whoever reads it");
	ok(seteuid(0) == 0, "root again");
	ok(chown("a.yaml", 12345, 12345) == 0 && chmod("a.yaml", 0664) == 0 &&
		seteuid(12345) == 0,
	    "a user with a group of the same number");
	is_int(load("a.yaml"), ERR_OK, "whose group may write");
	ok(seteuid(0) == 0 && chown("a.yaml", 12345, 12346) == 0 &&
		chmod("a.yaml", 0664) == 0 && seteuid(12345) == 0,
	    "and with another group");
	is_int(load("a.yaml"), ERR_FORBIDDEN, "which may not");
	ok(seteuid(0) == 0 && chown("a.yaml", 0, 0) == 0, "root again");
}

static void
test_file(void)
{
	char dir[] = "/tmp/sevtop-conf-XXXXXX";
	char old[1024];

	if (mkdtemp(dir) == NULL || getcwd(old, sizeof(old)) == NULL ||
	    chdir(dir) != 0) {
		skip("no folder to write to");
		return;
	}
	umask(022);
	write_file("a.yaml", "a: b\n");
	is_int(load("a.yaml"), ERR_OK, "loads");
	is_str(conf_get(root, "a")->text, "b", "what is in it");
	is_int(load("none.yaml"), ERR_NOTFOUND, "no file");
	is_str(problems(),
	    "none.yaml: can't be opened: No such file or directory\n", "told");
	ok(symlink("a.yaml", "link.yaml") == 0, "link");
	is_int(load("link.yaml"), ERR_FORBIDDEN, "a symbolic link");
	is_str(problems(),
	    "link.yaml: a symbolic link\n"
	    "\tgive the path that it points to with -c\n",
	    "told");
	test_group();
	ok(chmod("a.yaml", 0646) == 0, "mode");
	is_int(load("a.yaml"), ERR_FORBIDDEN, "writable by all");
	ok(mkfifo("pipe.yaml", 0600) == 0, "pipe");
	is_int(load("pipe.yaml"), ERR_FORBIDDEN, "a pipe, without waiting");
	is_str(problems(), "pipe.yaml: not a regular file\n", "told");
	is_int(load("."), ERR_FORBIDDEN, "a folder");
	ok(chmod("a.yaml", 0600) == 0, "mode");
	if (geteuid() == 0 && chown("a.yaml", 12345, 0) == 0) {
		is_int(load("a.yaml"), ERR_FORBIDDEN, "another's file");
		is_str(problems(),
		    "a.yaml: belongs to user 12345, who could run commands as "
		    "you\n\ttake it over with chown\n",
		    "told");
	} else {
		skip("only root can give a file away");
	}
	unlink("a.yaml");
	unlink("link.yaml");
	unlink("pipe.yaml");
	ok(chdir(old) == 0 && rmdir(dir) == 0, "cleaned up");
}

static void
test_errors(void)
{
	struct conf_pos pos = { .file = "f", .line = 3, .column = 1 };
	struct err err = ERR_INIT;
	char longest[400];

	conf_errors_clear(&errors);
	is_int(conf_errors_result(&errors, &err), ERR_OK, "nothing wrong");
	conf_errors_warn(&errors, pos, NULL, "a warning");
	is_int(conf_errors_result(&errors, &err), ERR_OK, "warnings pass");
	conf_errors_add_near(&errors, pos, "good", "no %s", "goot");
	pos.line = 2;
	conf_errors_add(&errors, pos, "x\ny", "line\nfeed\033[0m");
	is_int(conf_errors_result(&errors, &err), ERR_CONFIG, "errors don't");
	is_str(err.msg, "f:3:1: no goot (and 1 more)", "the first is told");
	is_str(problems(),
	    "f:2:1: line feed [0m\n\tx y\nf:3:1: warning: a warning\n"
	    "f:3:1: no goot\n\tdid you mean \"good\"?\n",
	    "sorted, on one line each");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest + sizeof(longest) - 8, "/p.yaml", 7);
	pos.file = longest;
	conf_errors_clear(&errors);
	conf_errors_add(&errors, pos, NULL, "m");
	ok(strncmp(errors.items[0].file, "...xxx", 6) == 0 &&
		strstr(errors.items[0].file, "/p.yaml") != NULL,
	    "a long path keeps its end");
	conf_errors_add(NULL, pos, NULL, "nothing happens");
}

static void
test_nearest(void)
{
	struct nearest near = NEAREST_INIT("timout");
	struct nearest far = NEAREST_INIT("frobnicate");

	is_int((int64_t)nearest_distance("ca", "abc"), 3, "alignment");
	is_int((int64_t)nearest_distance("redsi", "redis"), 1, "a swap");
	is_int((int64_t)nearest_distance("", "abc"), 3, "from nothing");
	is_int((int64_t)nearest_distance("ABC", "abc"), 0, "without case");
	nearest_offer(&near, "title");
	nearest_offer(&near, "type");
	nearest_offer(&near, "timeout");
	nearest_offer(&near, "timeouts");
	nearest_offer(&near, NULL);
	is_str(near.best, "timeout", "the nearest");
	nearest_offer(&far, "every");
	nearest_offer(&far, "url");
	ok(far.best == NULL, "none is near");
}

/* Every allocation fails once; nothing leaks, nothing half-done is kept. */
static void
test_torture(void)
{
	static const char text[] = "a: {b: [c, '${HOST}', d]}\na: x\n";
	size_t n, allocations;
	enum err_code code;

	mem_fail_at(0, false);
	parse(text);
	allocations = mem_fail_at(0, false);
	ok(allocations > 2, "%zu allocations", allocations);
	for (n = 1; n <= allocations; n++) {
		mem_fail_at(0, false);
		arena_free(arena);
		conf_errors_clear(&errors);
		root = NULL;
		mem_fail_at(n, true);
		arena = arena_new(CONF_ARENA_MAX);
		code = arena == NULL ? ERR_NOMEM
				     : conf_parse("t", text, strlen(text),
					   &vars, arena, &errors, &root);
		mem_fail_at(0, false);
		ok(code == ERR_NOMEM && root == NULL,
		    "allocation %zu fails, and so does parsing", n);
	}
	arena_free(arena);
	arena = arena_new(600);
	conf_errors_clear(&errors);
	is_int(
	    conf_parse("t", text, strlen(text), &vars, arena, &errors, &root),
	    ERR_NOMEM, "a full arena");
}

int
main(void)
{
	RUN(test_tree);
	RUN(test_expand);
	RUN(test_wrong);
	RUN(test_broken);
	RUN(test_hostile);
	RUN(test_file);
	RUN(test_errors);
	RUN(test_nearest);
	RUN(test_torture);
	arena = arena_free(arena);
	return tap_done();
}
