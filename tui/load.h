/*
 * From the command line to loaded platforms, with every problem told on
 * standard error.
 * thread: main, before any other starts.
 */
#ifndef SEV_TUI_LOAD_H
#define SEV_TUI_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/cli.h"

struct conf_errors;
struct platform;

struct loaded {
	struct platform *platforms[CLI_LIST_MAX]; /* owned */
	size_t count;
	int64_t every_ns; /* from --refresh; 0: as configured */
};

/*
 * 0, or the exit status (64, 78) after the reason was printed. Warnings are
 * printed and stop nothing. On 0 the platforms are the caller's.
 */
int load_platforms(const struct cli *cli, struct loaded *ret);
void load_release(struct loaded *loaded);

/*
 * Loads one file only, with signals and selectors checked, and prints what
 * is wrong. 0 or 78.
 */
int load_check(const char *path, const char *env);

/* Errors and warnings on standard error, cleaned for a terminal. */
void load_print_errors(const struct conf_errors *errors);

/* What to do when there is nothing to watch, on standard error. */
void load_print_ways(void);

/* "2", "0.5" seconds to ns; false for what is no time above 0. */
bool load_seconds(const char *text, int64_t *ret_ns);

#endif
