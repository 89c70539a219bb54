/* `sevtop info`: every path in use, the platforms there are, the versions. */
#include "config.h"

#include "tui/commands.h"

#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <ncurses.h>
#include <openssl/crypto.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "actions/action.h"
#include "base/alloc.h"
#include "base/conf_errors.h"
#include "base/err.h"
#include "base/state_dir.h"
#include "datasrc/flag_type.h"
#include "datasrc/source.h"
#include "model/platform.h"
#include "model/platform_find.h"
#include "themes/theme.h"
#include "tui/conf_doc.h"

static bool
print_name(void *ctx, const char *name, const struct platform_file *file)
{
	bool *names_only = ctx;

	if (*names_only)
		printf("%s\n", name);
	else
		printf("  %-20s %s (%s)\n", name, file->path,
		    platform_origin_text(file->origin));
	return true;
}

static void
print_versions(void)
{
	int major, minor, patch;
	char pcre2[64];

	pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
	yaml_get_version(&major, &minor, &patch);
	printf("libraries\n  %s\n  %s\n  %s\n  libpq %d\n"
	       "  hiredis %d.%d.%d\n  PCRE2 %s\n  libyaml %d.%d.%d\n",
	    curses_version(), curl_version(), OpenSSL_version(OPENSSL_VERSION),
	    PQlibVersion(), HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH, pcre2,
	    major, minor, patch);
}

static void
print_theme_name(void *ctx, const char *name)
{
	(void)ctx;
	printf("%s\n", name);
}

/* One of the user's own: what it is, or that it can't be used. */
static void
print_own_theme(void *ctx, const char *name)
{
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct theme theme;
	struct err err = ERR_INIT;

	(void)ctx;
	if (errors == NULL)
		return;
	if (theme_load(name, errors, &theme) == ERR_OK) {
		printf("  %-20s yours\n", name);
	} else {
		(void)conf_errors_result(errors, &err);
		printf("  %-20s yours, and not usable: %s\n", name,
		    err_text(&err));
	}
	mem_free(errors);
}

static void
print_themes(bool names_only)
{
	char dir[PLATFORM_PATH_MAX];

	if (!names_only)
		fputs("themes, for --theme, SEVTOP_THEME and ^T\n", stdout);
	for (size_t i = 0; theme_name(i) != NULL; i++) {
		if (names_only)
			print_theme_name(NULL, theme_name(i));
		else
			printf("  %-20s %s\n", theme_name(i), theme_help(i));
	}
	if (!names_only && theme_dir(dir, sizeof(dir)))
		printf("yours, and base16 schemes, from %s\n", dir);
	if (theme_list_own(names_only ? print_theme_name : print_own_theme,
		NULL) != ERR_OK)
		fputs("sevtop: no memory to list your own\n", stderr);
}

static int
print_topics(const struct cli *cli)
{
	for (size_t i = 0; i < cli->arg_count; i++) {
		if (strcmp(cli->args[i], "themes") == 0) {
			print_themes(cli->value[CLI_LIST] != NULL);
			continue;
		}
		if (conf_doc_print(stdout, cli->args[i]))
			continue;
		fprintf(stderr,
		    "sevtop: nothing is known of that; `sevtop info` lists the "
		    "types, and there are platform, source, signal, service, "
		    "action, flag (with all its types), themes\n");
		return CLI_EXIT_USAGE;
	}
	return 0;
}

static int
cmd_info(const struct cli *cli)
{
	char state[PATH_MAX];
	bool names_only = cli->value[CLI_LIST] != NULL;
	struct platform_dirs dirs;
	struct platform_file file;
	struct platform_type type;
	struct err err = ERR_INIT;

	if (cli->arg_count > 0)
		return print_topics(cli);
	platform_dirs_default(&dirs);
	if (names_only)
		return platform_list(&dirs, print_name, &names_only) == ERR_OK
			   ? 0
			   : 1;
	printf("sevtop %s\n", PACKAGE_VERSION);
	if (platform_find(&dirs, NULL, &file, &err) == ERR_OK)
		printf("configuration\n  %s (%s)\n", file.path,
		    platform_origin_text(file.origin));
	else
		printf("configuration\n  none: %s\n", err_text(&err));
	printf("folders\n  project  %s\n  user     %s\n  system   %s\n"
	       "  profiles %s\n  state    %s\n",
	    dirs.project, dirs.user, dirs.system, dirs.builtin,
	    state_dir(state) ? state : "nowhere: HOME is not set");
	fputs("platforms\n", stdout);
	if (platform_list(&dirs, print_name, &names_only) != ERR_OK)
		return 1;
	fputs("source types\n", stdout);
	for (size_t i = 0; source_table[i] != NULL; i++)
		printf("  %-20s %s\n", source_table[i]->name,
		    source_table[i]->help);
	fputs("action types\n", stdout);
	for (size_t i = 0; action_types[i] != NULL; i++)
		printf("  %-20s %s\n", action_types[i]->name,
		    action_types[i]->help);
	fputs("flag types\n", stdout);
	for (size_t i = 0; flag_types.at(flag_types.ctx, i, &type); i++)
		printf("  %-20s %s\n", type.name, type.help);
	print_versions();
	return 0;
}

const struct cli_command command_info = {
	.name = "info",
	.args = "[TOPIC]...",
	.help = "print every path in use, platforms and versions; or the keys "
		"of a source type, platform, source, signal, service, action "
		"or flag; or themes",
	.args_max = CLI_LIST_MAX,
	.options =
	    (const enum cli_option[]) {
		CLI_LIST,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run = cmd_info,
};
