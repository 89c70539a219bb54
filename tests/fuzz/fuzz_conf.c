/*
 * Configuration files. Whatever the bytes are: a tree keeps the promises of
 * base/conf.h, every refusal has a reason on one line that points into the
 * file, and reading twice says the same twice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_expand.h"
#include "model/platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A fault: the fuzzer keeps the input of a process that aborts. */
static void
must(bool good)
{
	if (!good)
		abort();
}

/* Every kind of option, so that every reader meets hostile values. */
struct probe {
	const char *url;
	const char *secret;
	const char *ref;
	const char *path;
	int64_t duration;
	int64_t bytes;
	int64_t whole;
	double number;
	bool yes;
	int choice;
	struct opt_list list;
	struct opt_pairs pairs;
	const struct conf_node *node;
	int64_t inner;
};

static const char *const words[] = { "fast", "slow", NULL };

static const struct opt inner_rows[] = {
	{
	    OPT_FIELD(struct probe, inner, "inner", OPT_INT),
	    .max = 9,
	    .help = "h",
	},
};
static const struct opt_table inner_table = OPT_TABLE(inner_rows);

static const struct opt probe_rows[] = {
	{ OPT_FIELD(struct probe, url, "url", OPT_URL), .help = "h" },
	{ OPT_FIELD(struct probe, secret, "secret", OPT_SECRET), .help = "h" },
	{ OPT_FIELD(struct probe, ref, "ref", OPT_REF), .help = "h" },
	{ OPT_FIELD(struct probe, path, "path", OPT_PATH), .help = "h" },
	{ OPT_FIELD(struct probe, duration, "wait", OPT_DURATION),
	    .help = "h" },
	{ OPT_FIELD(struct probe, bytes, "size", OPT_SIZE), .help = "h" },
	{
	    OPT_FIELD(struct probe, whole, "count", OPT_INT),
	    .min = -5,
	    .max = 5,
	    .help = "h",
	},
	{ OPT_FIELD(struct probe, number, "number", OPT_NUMBER), .help = "h" },
	{ OPT_FIELD(struct probe, yes, "follow", OPT_BOOL), .help = "h" },
	{
	    OPT_FIELD(struct probe, choice, "mode", OPT_CHOICE),
	    .choices = words,
	    .help = "h",
	},
	{ OPT_FIELD(struct probe, list, "list", OPT_LIST), .help = "h" },
	{ OPT_FIELD(struct probe, pairs, "pairs", OPT_PAIRS), .help = "h" },
	{ OPT_FIELD(struct probe, node, "node", OPT_NODE), .help = "h" },
	{ OPT_GROUP_ROW("group", &inner_table), .help = "h" },
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	if (index > 0)
		return false;
	*ret = (struct platform_type) {
		.name = "probe",
		.opts = OPT_TABLE(probe_rows),
		.config_size = sizeof(struct probe),
	};
	return true;
}

static const struct platform_types types = { .at = types_at };

static const char *
variable(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "A") == 0)
		return "value";
	return strcmp(name, "B") == 0 ? "\033[2J" : NULL;
}

static const struct conf_env vars = { .get = variable };

static void
check_text(const struct conf_node *node)
{
	must(node->raw != NULL && node->text != NULL);
	must(!conf_has_control(node->raw) && !conf_has_control(node->text));
	must(node->first == NULL && node->count == 0);
}

/* The reader allows CONF_DEPTH_MAX levels, so this ends. */
static void
check_tree(const struct conf_node *node, int depth)
{
	const struct conf_node *child;
	size_t count = 0;

	must(depth <= CONF_DEPTH_MAX);
	must(node->pos.line > 0 && node->pos.column > 0);
	if (node->kind == CONF_SCALAR)
		check_text(node);
	for (child = node->first; child != NULL; child = child->next) {
		must(node->kind == CONF_MAP || node->kind == CONF_LIST);
		must((child->key != NULL) == (node->kind == CONF_MAP));
		if (child->key != NULL)
			must(conf_get(node, child->key) == child &&
			     !conf_has_control(child->key));
		check_tree(child, depth + 1);
		count++;
	}
	must(count == node->count);
}

static void
check_errors(const struct conf_errors *errors, const uint8_t *data, size_t size)
{
	unsigned lines = 2; /* the end counts as a line of its own */
	size_t i;

	/* libyaml takes all of these for the end of a line. */
	for (i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' ||
			 data[i] == 0x85 || data[i] == 0xa8 || data[i] == 0xa9;
	must(errors->count <= CONF_ERRORS_MAX);
	must(errors->count <= errors->errors + errors->warnings);
	for (i = 0; i < errors->count; i++) {
		const struct conf_error *e = &errors->items[i];

		must(e->msg[0] != '\0' && strchr(e->msg, '\n') == NULL);
		must(strchr(e->hint, '\n') == NULL);
		must(e->line <= lines);
		must((e->line == 0) == (e->column == 0));
	}
}

static void
check_platform(const struct platform *p)
{
	size_t i;

	must(p->name != NULL && p->env != NULL && p->title != NULL);
	must(p->source_count > 0);
	for (i = 0; i < p->source_count; i++) {
		const struct platform_source *source = &p->sources[i];
		const struct probe *probe = source->config;

		must(platform_source_find(p, source->name) == source);
		must(source->every_ns > 0 && source->timeout_ns > 0);
		must(probe->whole >= -5 && probe->whole <= 5);
		must(probe->inner >= 0 && probe->inner <= 9);
		must(probe->duration >= 0 && probe->bytes >= 0);
		must(probe->choice == 0 || probe->choice == 1);
		must(probe->url == NULL || strstr(probe->url, "://") != NULL);
		must(probe->ref == NULL ||
		     platform_source_find(p, probe->ref) != NULL);
	}
	for (i = 0; i < p->signal_count; i++) {
		must(p->signals[i].of.text != NULL);
		must(p->signals[i].q >= 0 && p->signals[i].q <= 1);
	}
}

/* Reads as a platform; what it said goes to out. */
static void
read_platform(const uint8_t *data, size_t size, struct conf_errors *errors,
    struct buf *out)
{
	struct platform *platform = NULL;
	enum err_code code;

	conf_errors_clear(errors);
	code = platform_parse(
	    "fuzz.yaml", data, size, NULL, &types, &vars, errors, &platform);
	must((code == ERR_OK) == (platform != NULL));
	must(code == ERR_OK || code == ERR_CONFIG || code == ERR_NOMEM);
	must((code == ERR_OK) == (errors->errors == 0));
	check_errors(errors, data, size);
	if (platform != NULL)
		check_platform(platform);
	platform_free(platform);
	conf_errors_sort(errors);
	conf_errors_print(errors, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf_errors errors;
	struct buf once = BUF_INIT(1024 * 1024), again = BUF_INIT(1024 * 1024);
	struct arena *arena = arena_new(CONF_ARENA_MAX);
	const struct conf_node *root = NULL;

	must(arena != NULL);
	conf_errors_clear(&errors);
	if (conf_parse("fuzz.yaml", data, size, &vars, arena, &errors, &root) ==
	    ERR_OK)
		check_tree(root, 0);
	else
		must(root == NULL);
	check_errors(&errors, data, size);
	arena_free(arena);
	read_platform(data, size, &errors, &once);
	read_platform(data, size, &errors, &again);
	must(strcmp(buf_cstr(&once), buf_cstr(&again)) == 0);
	buf_release(&once);
	buf_release(&again);
	return 0;
}
