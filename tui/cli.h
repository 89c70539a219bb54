/*
 * The command line. Commands and their options are rows; parsing, --help,
 * the manual page and completions all come from them, so they can't drift.
 * Order of truth for an option: the flag, then its SEVTOP_* variable.
 * thread: main, before any other starts.
 */
#ifndef SEV_TUI_CLI_H
#define SEV_TUI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum {
	CLI_LIST_MAX = 16,    /* -c and -p together; more fit no screen */
	CLI_EXIT_USAGE = 64,  /* sysexits.h EX_USAGE */
	CLI_EXIT_CONFIG = 78, /* sysexits.h EX_CONFIG */
};

enum cli_option {
	CLI_CONFIG,
	CLI_PLATFORM,
	CLI_ENV,
	CLI_READONLY,
	CLI_WRITE,
	CLI_THEME,
	CLI_ASCII,
	CLI_NO_COLOR,
	CLI_MOUSE,
	CLI_PLAIN,
	CLI_REFRESH,
	CLI_OUTPUT,
	CLI_TIMEOUT,
	CLI_FILTER,
	CLI_SINCE,
	CLI_FOLLOW,
	CLI_SCENARIO,
	CLI_SEED,
	CLI_FAULT,
	CLI_HEADLESS,
	CLI_STDOUT,
	CLI_LIST,
	CLI_TARGET,
	CLI_SET,
	CLI_PLAN,
	CLI_YES,
	CLI_REASON,
	CLI_HELP,
	CLI_OPTION_COUNT,
};

struct cli_option_row {
	const char *name;     /* long, without dashes */
	char letter;	      /* 0: none */
	const char *arg;      /* NULL: a switch */
	const char *variable; /* SEVTOP_*; NULL: none */
	const char *help;     /* one line */
	bool many;	      /* may be given again */
};

/* What was said, in order; strings are borrowed from argv or environment. */
struct cli {
	const char *value[CLI_OPTION_COUNT]; /* the last one given; "" for a
					      * switch; NULL: not given */
	const char *list[CLI_OPTION_COUNT][CLI_LIST_MAX]; /* of options that
							   * may be given
							   * again */
	size_t count[CLI_OPTION_COUNT];
	const char *args[CLI_LIST_MAX]; /* what is no option */
	size_t arg_count;
};

struct cli_command {
	const char *name; /* "" is the dashboard */
	const char *args; /* behind the options in the usage line */
	const char *help; /* one line */
	const char *text; /* a paragraph for the manual; NULL: none */
	const enum cli_option *options; /* ended by CLI_OPTION_COUNT */
	size_t args_max;

	/* Returns the exit status. */
	int (*run)(const struct cli *cli);

	/* Instead of run: parses its words itself, argv[0] is the command. */
	int (*run_words)(int argc, char **argv);
};

extern const struct cli_option_row cli_options[CLI_OPTION_COUNT];

/* All commands, ended by NULL; the dashboard first. tui/commands.c. */
extern const struct cli_command *const cli_commands[];

/* argv[0] is the command or the program. ERR_USAGE says what was wrong. */
enum err_code cli_parse(const struct cli_command *command, int argc,
    char **argv, struct cli *ret_cli, struct err *err) ATTR_MUST_USE;

/* NULL when there is no such command. */
const struct cli_command *cli_find(const char *name);

/* Whether --output says json; text is the default. False: said why not. */
bool cli_output(const struct cli *cli, bool *ret_json) ATTR_MUST_USE;

void cli_help(FILE *out, const struct cli_command *command);

/* The manual page sevtop(1) in man(7) format. */
void cli_manual(FILE *out);

/* A completion script; false when the shell is not known. */
bool cli_completion(FILE *out, const char *shell);

#endif
