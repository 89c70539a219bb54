/*
 * The platforms that come with sevtop, and the tables of all source types:
 * what a user meets first has no mistake in it.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/action.h"
#include "base/buf.h"
#include "base/opt.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/source.h"
#include "model/platform.h"
#include "model/watch.h"
#include "tests/tap.h"

static struct conf_errors errors;

/* A user who has set no variable at all. */
static const char *
no_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

static const struct conf_env nobody = { .get = no_variable };

static void
test_types(void)
{
	struct err err = ERR_INIT;
	size_t i, j;

	for (i = 0; source_table[i] != NULL; i++) {
		const struct source_ops *ops = source_table[i];

		ok(ops->help != NULL && ops->help[0] != '\0', "%s: has help",
		    ops->name);
		ok(source_find(ops->name) == ops, "%s: only one", ops->name);
		if (i > 0)
			ok(strcmp(source_table[i - 1]->name, ops->name) < 0,
			    "%s: sorted", ops->name);
		if (ops->options == NULL)
			continue;
		err_clear(&err);
		ok(opt_table_check(ops->options, &err), "%s: sound: %s",
		    ops->name, err.msg);
		for (j = 0; j < ops->options->count; j++) {
			const char *name = ops->options->rows[j].name;

			ok(opt_find(&platform_source_opts, name) == NULL,
			    "%s: \"%s\" is no key of every source", ops->name,
			    name);
		}
	}
	ok(i >= 5, "%zu types", i);
}

/* The kinds of one sort: sound rows, and none that all of the sort have. */
static void
check_kinds(const char *what, const struct opt_table *common,
    bool (*at)(const void *ctx, size_t index, struct platform_type *ret),
    const void *ctx)
{
	struct platform_type type;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; at(ctx, i, &type); i++) {
		ok(type.help != NULL && opt_table_check(&type.opts, &err),
		    "%s %s: sound: %s", what, type.name, err.msg);
		for (size_t k = 0; k < type.opts.count; k++)
			ok(opt_find(common, type.opts.rows[k].name) == NULL,
			    "%s %s: \"%s\" is no key of every %s", what,
			    type.name, type.opts.rows[k].name, what);
	}
	ok(i > 1, "%zu kinds of %s", i, what);
}

static void
test_kinds(void)
{
	struct platform_types types;

	action_config_types(&types);
	check_kinds("action", &platform_action_opts, types.actions->at,
	    types.actions->ctx);
	check_kinds(
	    "flag", &platform_flag_opts, types.flags->at, types.flags->ctx);
}

static void
check_profile(const char *folder, const char *file)
{
	struct buf out = BUF_INIT(65536);
	struct platform *platform = NULL;
	char path[1024];
	size_t stem = strlen(file) - strlen(".yaml");
	struct platform_types types;
	enum err_code code;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	conf_errors_clear(&errors);
	action_config_types(&types);
	code = platform_load(path, NULL, &types, &nobody, &errors, &platform);
	if (platform != NULL)
		watch_check(platform, &errors);
	conf_errors_print(&errors, &out);
	is_int(code, ERR_OK, file);
	is_str(buf_cstr(&out), "", "no errors and no warnings");
	buf_release(&out);
	if (platform == NULL)
		return;
	ok(strlen(platform->name) == stem &&
		strncmp(platform->name, file, stem) == 0,
	    "%s: the file has the platform's name", file);
	ok(platform->prod, "%s: prod unless told otherwise", file);
	ok(platform->source_count > 0 && platform->signal_count > 0,
	    "%s: %zu sources, %zu signals", file, platform->source_count,
	    platform->signal_count);
	platform_free(platform);
}

static void
test_profiles(void)
{
	const char *top = getenv("SEV_SRCDIR");
	char folder[512];
	struct dirent *entry;
	DIR *dir;
	int count = 0;

	snprintf(
	    folder, sizeof(folder), "%s/profiles", top != NULL ? top : ".");
	dir = opendir(folder);
	if (dir == NULL) {
		ok(false, "%s can be read; set SEV_SRCDIR", folder);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len < 6 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
			continue;
		check_profile(folder, entry->d_name);
		count++;
	}
	closedir(dir);
	ok(count > 0, "%d profiles", count);
}

/* What belongs to an environment follows the one that was asked for. */
static void
test_environment(void)
{
	static const char text[] = "platform: p\n"
				   "env: ${SEVTOP_ENV:-prod}\n"
				   "sources:\n"
				   "  run:\n"
				   "    type: gcp.run\n"
				   "    project: p-${SEVTOP_ENV:-prod}\n"
				   "    regions: [europe-west4]\n";
	static const char *const names[][2] = { { NULL, "p-prod" },
		{ "staging", "p-staging" } };

	for (size_t i = 0; i < 2; i++) {
		struct platform *platform = NULL;
		const struct gcp_conf *conf;

		conf_errors_clear(&errors);
		is_int(platform_parse("p.yaml", text, strlen(text), names[i][0],
			   &source_types, &nobody, &errors, &platform),
		    ERR_OK, names[i][1]);
		conf = platform->sources[0].config;
		is_str(conf->project, names[i][1], "its project");
		is_str(platform->env, names[i][1] + 2, "the environment");
		platform_free(platform);
	}
}

static const char *
any_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return "http://localhost:1";
}

static const struct conf_env somebody = { .get = any_variable };

/* One example of a page: a platform's sources, with or without their key. */
static void
check_example(const char *page, unsigned line, const char *yaml, size_t len)
{
	struct buf text = BUF_INIT(65536), out = BUF_INIT(65536);
	struct platform *platform = NULL;
	struct platform_types types;
	enum err_code code;

	buf_fmt(&text, "platform: example\n%s",
	    strncmp(yaml, "sources:", 8) == 0 ? "" : "sources:\n");
	buf_add(&text, yaml, len);
	conf_errors_clear(&errors);
	action_config_types(&types);
	code = platform_parse(page, text.data, text.len, NULL, &types,
	    &somebody, &errors, &platform);
	conf_errors_print(&errors, &out);
	is_int(code, ERR_OK, page);
	ok(out.len == 0, "the example at line %u: %s", line, buf_cstr(&out));
	platform_free(platform);
	buf_release(&text);
	buf_release(&out);
}

/* What a page tells people to write has no mistake in it. */
static void
test_examples(void)
{
	static const char page[] = "docs/json-and-process.md";
	const char *top = getenv("SEV_SRCDIR"), *at, *begin, *stop;
	static char text[65536];
	char path[512];
	unsigned line = 1;
	int count = 0;
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", top != NULL ? top : ".", page);
	file = fopen(path, "re");
	if (file != NULL) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	for (at = text; (begin = strstr(at, "```yaml\n")) != NULL; at = stop) {
		begin += strlen("```yaml\n");
		stop = strstr(begin, "```\n");
		if (stop == NULL)
			break;
		for (; at < begin; at++)
			line += *at == '\n';
		check_example(page, line, begin, (size_t)(stop - begin));
		count++;
		for (; at < stop; at++)
			line += *at == '\n';
	}
	ok(count >= 5, "%d examples", count);
}

int
main(void)
{
	RUN(test_examples);
	RUN(test_types);
	RUN(test_kinds);
	RUN(test_profiles);
	RUN(test_environment);
	return tap_done();
}
