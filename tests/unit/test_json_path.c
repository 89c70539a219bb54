#include "base/json_path.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "tests/tap.h"

static struct cJSON *
parse(const char *text)
{
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;

	if (json_parse(text, strlen(text), &root, &err) != ERR_OK)
		ok(false, "the test's own JSON: %s", err.msg);
	return root;
}

static void
check(const struct cJSON *root, const char *path, enum err_code want,
    const char *says)
{
	const struct cJSON *v = NULL;
	struct buf out = BUF_INIT(200);
	struct err err = ERR_INIT;

	is_int(json_lookup(root, path, &v, &err), want, path);
	if (want == ERR_OK) {
		json_show(&out, v);
		is_str(buf_cstr(&out), says, path);
	} else {
		is_str(err.msg, says, path);
		ok(v == NULL, "the output is untouched");
	}
	buf_release(&out);
}

static void
test_lookup(void)
{
	struct cJSON *root =
	    parse("{\"system\":{\"database\":{\"connections\":12}},"
		  "\"a\":[{\"b\":\"x\"},[true]],\"c.d\":null,"
		  "\"e\":1,\"e\":2,\"*\":3,\"\":{}}");

	check(root, ".system.database.connections", ERR_OK, "12");
	check(root, "system.database.connections", ERR_OK, "12");
	check(root, ".a[0].b", ERR_OK, "x");
	check(root, ".a[1][0]", ERR_OK, "true");
	check(root, "[\"c.d\"]", ERR_OK, "null");
	check(root, "[\"*\"]", ERR_OK, "3");
	check(root, "[\"\"]", ERR_OK, "(an object)");
	check(root, ".", ERR_OK, "(an object)");
	check(root, ".system.databse", ERR_BADDATA,
	    "system.databse: no such key; there are: database");
	check(root, "system.database.x", ERR_BADDATA,
	    "system.database.x: no such key; there are: connections");
	check(root, ".nothing.here", ERR_BADDATA,
	    "nothing: no such key; there are: system, a, c.d, e, e, *, ");
	check(root, "[\"\"].x", ERR_BADDATA,
	    "[\"\"].x: no such key; there is none at all");
	check(root, ".a[2]", ERR_BADDATA, "a[2]: the list has 2 elements");
	check(root, ".a.b", ERR_BADDATA, "a: a list, an object was wanted");
	check(root, ".system[0]", ERR_BADDATA,
	    "system: an object, a list was wanted");
	check(root, ".e", ERR_BADDATA, "e: the key is there more than once");
	check(root, ".a[0].b.c", ERR_BADDATA,
	    "a[0].b: text \"x\", an object was wanted");
	check(root, "[\"c.d\"].x", ERR_BADDATA,
	    "[\"c.d\"]: null, an object was wanted");
	check(root, "[0]", ERR_BADDATA,
	    "the document: an object, a list was wanted");
	json_free(root);
}

static void
test_wrong_paths(void)
{
	static const char *const paths[] = { "", "a..b", "a.", "a[", "a[x]",
		"a[-1]", "a[1", "a[99999999999999999999]", "a[\"b]", "a[\"b\"",
		"a[0]b", "..", "a]", "a\"b\"", "[*", "*b[*]x" };
	struct cJSON *root = parse("{}");
	struct json_path path;
	struct err err = ERR_INIT;
	char many[4 * JSON_PATH_STEPS_MAX] = "a";

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		is_int(json_path_parse(paths[i], &path, &err), ERR_CONFIG,
		    paths[i]);
		ok(strstr(err.msg, "is wrong at") != NULL, "%s", err.msg);
	}
	for (int i = 1; i < JSON_PATH_STEPS_MAX; i++)
		strcat(many, ".a");
	is_int(json_path_parse(many, &path, &err), ERR_OK, "many steps");
	is_int(json_path_children(&path, &err), ERR_CONFIG, "not one more");
	strcat(many, ".a");
	is_int(json_path_parse(many, &path, &err), ERR_CONFIG, "too many");
	check(root, "a.*", ERR_CONFIG,
	    "path \"a.*\" leads to many places; one is wanted here");
	json_free(root);
}

/* All places as "path=value path=value"; what is wrong in brackets. */
static const char *
walked(const struct cJSON *root, const char *text, bool children, size_t work)
{
	static char shown[2048];
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	struct json_path path;
	struct json_walk walk;
	const struct cJSON *v;
	struct err err = ERR_INIT;

	is_int(json_path_parse(text, &path, &err), ERR_OK, text);
	if (children)
		is_int(json_path_children(&path, &err), ERR_OK, "children");
	json_walk_begin(&walk, &path, root, &work);
	while (json_walk_next(&walk, &v)) {
		buf_str(&out, out.len > 0 ? " " : "");
		if (v != NULL) {
			struct buf name = BUF_INIT(200);

			json_walk_show(&walk, SIZE_MAX, &name);
			buf_fmt(&out, "%s=", buf_cstr(&name));
			json_show(&out, v);
			buf_release(&name);
		} else {
			json_walk_why(&walk, &err);
			buf_fmt(&out, "[%s%s]", err.msg,
			    json_walk_is_absent(&walk) ? "; absent" : "");
		}
	}
	if (work == 0)
		buf_str(&out, " too much");
	snprintf(shown, sizeof(shown), "%s", buf_cstr(&out));
	buf_release(&out);
	return shown;
}

static void
test_walk(void)
{
	struct cJSON *root =
	    parse("{\"q\":{\"run\":{\"n\":1},\"b.c\":{\"n\":2},\"x\":{}},"
		  "\"l\":[{\"w\":[1,2]},{\"w\":[]},{\"w\":[3]}],"
		  "\"m\":{\"a\":{\"k\":1},\"b\":5,\"c\":null},\"none\":{}}");

	is_str(walked(root, "q.run.n", false, 1000), "q.run.n=1", "one place");
	is_str(walked(root, ".", false, 1000), "=(an object)", "the root");
	is_str(walked(root, "q.*.n", false, 1000),
	    "q.run.n=1 q[\"b.c\"].n=2 [q.x.n: no such key; there is none at "
	    "all; absent]",
	    "members");
	is_str(walked(root, "l[*].w[*]", false, 1000),
	    "l[0].w[0]=1 l[0].w[1]=2 l[2].w[0]=3", "lists in a list");
	is_str(walked(root, "l[2].w", true, 1000), "l[2].w[0]=3", "children");
	is_str(walked(root, "m", true, 1000), "m.a=(an object) m.b=5 m.c=null",
	    "children of an object");
	is_str(walked(root, "m.*.k", false, 1000),
	    "m.a.k=1 [m.b: number 5, an object was wanted] [m.c: null, an "
	    "object was wanted; absent]",
	    "not all have it");
	is_str(walked(root, "none.*", false, 1000), "", "no members");
	is_str(walked(root, "none.*.x[*]", false, 1000), "", "nor theirs");
	is_str(walked(root, "l.*", false, 1000),
	    "[l: a list, an object was wanted; write [*] for a list]",
	    "a hint");
	is_str(walked(root, "q[*]", false, 1000),
	    "[q: an object, a list was wanted; write .* for an object]",
	    "and back");
	is_str(walked(root, "q.run.n", true, 1000),
	    "[q.run.n: number 1, a list or an object was wanted]",
	    "no children");
	is_str(walked(root, "nope.*", false, 1000),
	    "[nope: no such key; there are: q, l, m, none; absent]",
	    "absent before a wildcard");
	json_free(root);
}

static void
test_places(void)
{
	struct cJSON *root = parse("{\"a\":[{\"b\":{\"c\":7}}]}");
	struct json_path path;
	struct json_walk walk;
	const struct cJSON *v = NULL, *at;
	size_t work = 1000, index = 9;
	double number = 0;

	is_int(json_path_parse("a[*].b.*", &path, NULL), ERR_OK, "parses");
	is_int((int64_t)path.wildcards, 2, "two wildcards");
	json_walk_begin(&walk, &path, root, &work);
	ok(json_walk_next(&walk, &v), "one place");
	ok(json_double(v, &number) && number == 7, "its value");
	ok(json_walk_key(&walk, 0, &index) == NULL && index == 0, "a list's");
	is_str(json_walk_key(&walk, 1, &index), "c", "an object's");
	at = json_walk_at(&walk, 0);
	ok(json_member(at, "b") != NULL, "what the first stands at");
	ok(json_walk_at(&walk, 1) == v, "and the second");
	ok(json_walk_at(&walk, 2) == NULL, "there is no third");
	ok(!json_walk_next(&walk, &v), "that was all");
	json_free(root);
}

static void
test_work(void)
{
	struct cJSON *root = parse("[[1,2,3],[4,5,6],[7,8,9]]");
	size_t work = 7;

	is_str(walked(root, "[*][*]", false, work),
	    "[0][0]=1 [0][1]=2 too much", "work is bounded");
	json_free(root);
}

int
main(void)
{
	RUN(test_lookup);
	RUN(test_wrong_paths);
	RUN(test_walk);
	RUN(test_places);
	RUN(test_work);
	return tap_done();
}
