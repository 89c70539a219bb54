#include "tui/load.h"

#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "datasrc/source.h"
#include "model/platform.h"
#include "model/platform_find.h"
#include "model/platform_guess.h"
#include "model/platform_vars.h"
#include "model/watch.h"
#include "tui/keys.h"

enum {
	LOAD_TEXT_MAX = 64 * 1024
};

/* Messages may quote the file: cleaned, since a terminal may show them. */
static void
print_clean(FILE *out, const char *bytes, size_t len)
{
	struct arena *arena = arena_new(LOAD_TEXT_MAX * 8);
	struct buf plain = BUF_INIT(LOAD_TEXT_MAX * 8);

	while (arena != NULL && len > 0) {
		const char *nl = memchr(bytes, '\n', len);
		size_t line = nl != NULL ? (size_t)(nl - bytes) : len;

		text_plain(&plain, text_clean(arena, bytes, line, line));
		buf_char(&plain, '\n');
		bytes += line + (nl != NULL);
		len -= line + (nl != NULL);
	}
	fputs(buf_cstr(&plain), out);
	buf_release(&plain);
	arena_free(arena);
}

void
load_print_errors(const struct conf_errors *errors)
{
	struct buf out = BUF_INIT(LOAD_TEXT_MAX);

	if (errors->errors + errors->warnings > 0 &&
	    conf_errors_print(errors, &out))
		print_clean(stderr, buf_cstr(&out), out.len);
	buf_release(&out);
}

static void
print_error(const struct err *err)
{
	struct buf out = BUF_INIT(LOAD_TEXT_MAX);

	buf_fmt(&out, "sevtop: %s", err_text(err));
	print_clean(stderr, buf_cstr(&out), out.len);
	buf_release(&out);
}

/* What needs more than the model: selectors, and keys of the keyboard. */
static void
load_check_rest(const struct platform *platform, struct conf_errors *errors)
{
	struct keys keys;

	watch_check(platform, errors);
	keys_init(&keys);
	keys_bind(&keys, platform->keys, platform->key_count, errors);
}

/* The folder of a file, whose .env is the file's own. */
static void
load_folder(const char *path, char out[PLATFORM_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (slash == NULL)
		snprintf(out, PLATFORM_PATH_MAX, ".");
	else
		snprintf(out, PLATFORM_PATH_MAX, "%.*s", (int)len + (len == 0),
		    path);
}

/* Loads a file, signals included; problems are printed. NULL: refused. */
static struct platform *
load_file(const char *path, const char *env)
{
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct platform *platform = NULL;
	struct platform_types types;
	char folder[PLATFORM_PATH_MAX];
	struct platform_vars vars;
	enum err_code code;

	if (errors == NULL) {
		fputs("sevtop: out of memory\n", stderr);
		return NULL;
	}
	action_config_types(&types);
	load_folder(path, folder);
	code = platform_vars_init(&vars, folder, NULL, errors);
	if (code == ERR_OK)
		code = platform_load(
		    path, env, &types, &vars.env, errors, &platform);
	if (code == ERR_OK)
		load_check_rest(platform, errors);
	platform_vars_release(&vars);
	conf_errors_sort(errors);
	load_print_errors(errors);
	if (errors->errors > 0 || code == ERR_NOMEM)
		platform = platform_free(platform);
	mem_free(errors);
	return platform;
}

bool
load_seconds(const char *text, int64_t *ret_ns)
{
	double seconds;

	if (!num_parse_double(text, strlen(text), &seconds) ||
	    !(seconds >= 0.1 && seconds <= 86400))
		return false;
	*ret_ns = (int64_t)(seconds * (double)NS_PER_SEC);
	return true;
}

static int
load_add(struct loaded *loaded, const char *path, const char *env)
{
	struct platform *platform = load_file(path, env);

	if (platform == NULL)
		return CLI_EXIT_CONFIG;
	loaded->platforms[loaded->count++] = platform;
	return 0;
}

void
load_print_ways(void)
{
	fputs("Try `sevtop drill` for a practice world, or `sevtop -p "
	      "ai-visibility`;\n`sevtop info` lists the platforms there are. "
	      "As a start serve, too, in the\nenvironment or in .env here: "
	      "API_URL or PORT, REDIS_URL, DATABASE_URL; or logs/*.log.\n",
	    stderr);
}

/* Without a configuration: what the shell's variables name, if they do. */
static int
load_guess(struct loaded *loaded, const char *env, const struct err *why)
{
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct platform *platform = NULL;
	enum err_code code = ERR_NOMEM;

	if (errors != NULL) {
		code = platform_guess(
		    ".", env, &source_types, NULL, errors, &platform);
		load_print_errors(errors);
	}
	if (code == ERR_OK) {
		loaded->platforms[loaded->count++] = platform;
		fprintf(stderr,
		    "sevtop: no configuration; found %s; `sevtop init` "
		    "writes one\n",
		    platform->found);
	} else if (code == ERR_NOTFOUND) {
		print_error(why);
		load_print_ways();
	}
	mem_free(errors);
	return code == ERR_OK ? 0 : CLI_EXIT_CONFIG;
}

static int
load_named(struct loaded *loaded, const char *name, const char *env)
{
	struct platform_dirs dirs;
	struct platform_file file;
	struct err err = ERR_INIT;

	platform_dirs_default(&dirs);
	if (platform_find(&dirs, name, &file, &err) == ERR_OK)
		return load_add(loaded, file.path, env);
	if (name == NULL)
		return load_guess(loaded, env, &err);
	print_error(&err);
	return CLI_EXIT_CONFIG;
}

/* All that is shown goes by a platform's name. */
static int
load_check_names(const struct loaded *loaded)
{
	for (size_t i = 1; i < loaded->count; i++)
		for (size_t k = 0; k < i; k++) {
			const char *name = loaded->platforms[i]->name;

			if (strcmp(name, loaded->platforms[k]->name) != 0)
				continue;
			fprintf(stderr,
			    "sevtop: two platforms are called %s; give one "
			    "another name, it stands behind \"platform:\"\n",
			    name);
			return CLI_EXIT_CONFIG;
		}
	return 0;
}

int
load_platforms(const struct cli *cli, struct loaded *ret)
{
	const char *env = cli->value[CLI_ENV];
	size_t wanted = cli->count[CLI_CONFIG] + cli->count[CLI_PLATFORM];
	int status = 0;

	memset(ret, 0, sizeof(*ret));
	if (wanted > CLI_LIST_MAX) {
		fprintf(stderr, "sevtop: at most %d platforms at once\n",
		    CLI_LIST_MAX);
		return CLI_EXIT_USAGE;
	}
	if (cli->value[CLI_REFRESH] != NULL &&
	    !load_seconds(cli->value[CLI_REFRESH], &ret->every_ns)) {
		fputs("sevtop: --refresh wants seconds from 0.1 to 86400\n",
		    stderr);
		return CLI_EXIT_USAGE;
	}
	for (size_t i = 0; i < cli->count[CLI_CONFIG]; i++) {
		int one = load_add(ret, cli->list[CLI_CONFIG][i], env);

		status = one != 0 ? one : status;
	}
	for (size_t i = 0; i < cli->count[CLI_PLATFORM]; i++) {
		int one = load_named(ret, cli->list[CLI_PLATFORM][i], env);

		status = one != 0 ? one : status;
	}
	if (wanted == 0)
		status = load_named(ret, NULL, env);
	if (status == 0)
		status = load_check_names(ret);
	if (status != 0)
		load_release(ret);
	return status;
}

void
load_release(struct loaded *loaded)
{
	for (size_t i = 0; i < loaded->count; i++)
		platform_free(loaded->platforms[i]);
	loaded->count = 0;
}

/* Why the thing at index is left out, and its name; NULL: behind the last. */
static const char *
left_out(const struct platform *platform, size_t index, const char **ret_name)
{
	const struct platform_action *action = platform->actions_off;
	const struct platform_flag *flag = platform->flags_off;

	if (index < platform->action_off_count) {
		*ret_name = action[index].name;
		return action[index].off;
	}
	index -= platform->action_off_count;
	if (index >= platform->flag_off_count)
		return NULL;
	*ret_name = flag[index].name;
	return flag[index].off;
}

/* A line for each reason why actions and flags are left out here. */
static void
print_left_out(const struct platform *platform)
{
	const char *why, *other, *name;

	for (size_t i = 0; (why = left_out(platform, i, &name)) != NULL; i++) {
		size_t first = 0;

		while (strcmp(left_out(platform, first, &name), why) != 0)
			first++;
		if (first < i)
			continue; /* it had its line */
		printf("  left out, %s:", why);
		for (size_t k = i;
		     (other = left_out(platform, k, &name)) != NULL; k++)
			if (strcmp(other, why) == 0)
				printf(" %s", name);
		putchar('\n');
	}
}

int
load_check(const char *path, const char *env)
{
	struct platform *platform = load_file(path, env);

	if (platform == NULL)
		return CLI_EXIT_CONFIG;
	printf("%s: %s (%s): %zu sources, %zu signals, %zu actions, %zu flags, "
	       "nothing wrong\n",
	    path, platform->name, platform->env, platform->source_count,
	    platform->signal_count, platform->action_count,
	    platform->flag_count);
	print_left_out(platform);
	platform_free(platform);
	return 0;
}
