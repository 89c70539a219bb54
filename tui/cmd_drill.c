#include "tui/cmd_drill.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/limits.h"
#include "tui/drill_world.h"
#include "tui/limits.h"

#define DRILL_DEFAULT "ai-visibility"

enum {
	DRILL_EXIT_FAILED = 1,
	DRILL_EXIT_USAGE = 64,
};

static const char drill_usage[] =
    "usage: sevtop drill [PLATFORM]... [--scenario NAME] [--seed N]\n"
    "                    [--fault NAME]... [--headless] [--list]\n"
    "                    [-- OPTIONS OF THE DASHBOARD]\n"
    "\n"
    "A practice world on this machine, and the dashboard on it. The world\n"
    "ends with the dashboard and leaves nothing behind; what is done to it is\n"
    "on a record of its own, in its folder.\n"
    "  --scenario NAME faults by a time table\n"
    "  --seed N        the same number tells the same story\n"
    "  --fault NAME    on from the start; may be repeated\n"
    "  --headless      print the world's environment and READY, and stay\n"
    "  --list          platforms, faults and scenarios\n"
    "While it runs, in another terminal: sevtop-sim ctl fault on|off NAME\n";

struct drill {
	const char *platforms[DRILL_WORLDS_MAX];
	size_t platform_count;
	const char *sim_args[DRILL_ARGS_MAX]; /* passed on to sevtop-sim */
	size_t sim_arg_count;
	bool headless, list, help;
	char **rest; /* for the dashboard; ends with NULL */
	struct drill_world *worlds[DRILL_WORLDS_MAX];
	size_t world_count;
};

/* The only thing a handler may do here: the loop looks at it. */
static volatile sig_atomic_t drill_told_to_end;

static void
drill_on_signal(int number)
{
	drill_told_to_end = number;
}

ATTR_PRINTF(1, 2)
static int
drill_misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("sevtop drill: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("; sevtop drill --help shows how\n", stderr);
	va_end(ap);
	return DRILL_EXIT_USAGE;
}

static int
drill_failed(const struct err *err)
{
	fprintf(stderr, "sevtop drill: %s\n", err_text(err));
	return err->code == ERR_USAGE ? DRILL_EXIT_USAGE : DRILL_EXIT_FAILED;
}

static bool
drill_pass_on(struct drill *drill, const char *option, const char *value)
{
	if (drill->sim_arg_count + 2 > DRILL_ARGS_MAX)
		return false;
	drill->sim_args[drill->sim_arg_count++] = option;
	drill->sim_args[drill->sim_arg_count++] = value;
	return true;
}

static int
drill_parse_platforms(struct drill *drill, int count, char **names)
{
	for (int i = 0; i < count; i++) {
		for (size_t k = 0; k < drill->platform_count; k++)
			if (strcmp(drill->platforms[k], names[i]) == 0)
				return drill_misuse(
				    "%s is named twice", names[i]);
		if (drill->platform_count >= DRILL_WORLDS_MAX)
			return drill_misuse(
			    "at most %d platforms at a time", DRILL_WORLDS_MAX);
		drill->platforms[drill->platform_count++] = names[i];
	}
	if (drill->platform_count == 0)
		drill->platforms[drill->platform_count++] = DRILL_DEFAULT;
	return 0;
}

static int
drill_parse(struct drill *drill, int argc, char **argv)
{
	static const struct option options[] = {
		{ "scenario", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "fault", required_argument, NULL, 'f' },
		{ "headless", no_argument, NULL, 'q' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c, own = argc;
	bool fits = true;

	/* what is behind "--" is not looked at here */
	drill->rest = argv + argc;
	for (int i = 1; i < argc && own == argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			drill->rest = argv + i + 1;
			own = i;
		}
	optind = 0; /* glibc: begin anew, main() has used it before */
	while ((c = getopt_long(own, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			fits &= drill_pass_on(drill, "--scenario", optarg);
			break;
		case 's':
			fits &= drill_pass_on(drill, "--seed", optarg);
			break;
		case 'f':
			fits &= drill_pass_on(drill, "--fault", optarg);
			break;
		case 'q':
			drill->headless = true;
			break;
		case 'l':
			drill->list = true;
			break;
		case 'h':
			drill->help = true;
			break;
		default:
			return DRILL_EXIT_USAGE;
		}
	}
	if (!fits)
		return drill_misuse("too many options");
	return drill_parse_platforms(drill, own - optind, argv + optind);
}

/* True when another world has announced the same name already: platforms
 * that read the same variable can't be watched from one environment. */
static bool
drill_clashes(const struct drill *drill, const char *line)
{
	size_t key = strcspn(line, "=") + 1;

	if (strncmp(line, "SEVTOP_SIM_", 11) == 0)
		return false;
	for (size_t w = 0; w + 1 < drill->world_count; w++)
		for (size_t i = 0;; i++) {
			const char *other =
			    drill_world_line(drill->worlds[w], i);

			if (other == NULL)
				break;
			if (strncmp(other, line, key) == 0)
				return true;
		}
	return false;
}

static enum err_code
drill_use_environment(
    const struct drill *drill, struct drill_world *world, struct err *err)
{
	for (size_t i = 0; drill_world_line(world, i) != NULL; i++) {
		const char *line = drill_world_line(world, i);
		const char *value = strchr(line, '=') + 1;
		char key[NAME_MAX_LEN + 1];
		size_t len = (size_t)(value - line) - 1;

		if (len > NAME_MAX_LEN)
			return err_set(err, ERR_LIMIT, "drill",
			    "a name in the world's environment is too long");
		memcpy(key, line, len);
		key[len] = '\0';
		if (drill_clashes(drill, line))
			return err_set(err, ERR_UNSUPPORTED, "drill",
			    "two of these platforms read %s; start one drill "
			    "for each",
			    key);
		if (setenv(key, value, 1) != 0)
			return err_set(err, ERR_NOMEM, "drill", "environment");
	}
	return ERR_OK;
}

static enum err_code
drill_start_worlds(struct drill *drill, const char *exe, struct err *err)
{
	for (size_t p = 0; p < drill->platform_count; p++) {
		char *argv[DRILL_ARGS_MAX + 5];
		struct drill_world *world = NULL;
		enum err_code rc;
		size_t n = 0;

		argv[n++] = (char *)(uintptr_t)exe;
		argv[n++] = (char *)(uintptr_t) "run";
		argv[n++] = (char *)(uintptr_t)drill->platforms[p];
		argv[n++] = (char *)(uintptr_t) "--until-eof";
		for (size_t i = 0; i < drill->sim_arg_count; i++)
			argv[n++] = (char *)(uintptr_t)drill->sim_args[i];
		argv[n] = NULL;
		rc = drill_world_start(exe, argv, &world, err);
		if (rc != ERR_OK)
			return rc;
		drill->worlds[drill->world_count++] = world;
		fputs(drill_world_notes(world), stderr);
		rc = drill_use_environment(drill, world, err);
		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

/* Until a signal or the end of a world. The signals are let in only while
 * it waits, so that none comes between the look and the wait. */
static void
drill_stay(const struct drill *drill, const sigset_t *open_mask)
{
	while (drill_told_to_end == 0) {
		fd_set set;
		int top = -1;

		FD_ZERO(&set);
		for (size_t w = 0; w < drill->world_count; w++) {
			int fd = drill_world_fd(drill->worlds[w]);

			if (fd >= FD_SETSIZE)
				return;
			FD_SET(fd, &set);
			top = fd > top ? fd : top;
		}
		if (pselect(top + 1, &set, NULL, NULL, NULL, open_mask) > 0)
			return;
	}
}

static int
drill_print(const struct drill *drill)
{
	for (size_t w = 0; w < drill->world_count; w++)
		for (size_t i = 0;; i++) {
			const char *line =
			    drill_world_line(drill->worlds[w], i);

			if (line == NULL)
				break;
			puts(line);
		}
	puts("READY");
	return fflush(stdout) == 0 ? 0 : DRILL_EXIT_FAILED;
}

/* Until then a signal ends this process in its own way, and the worlds
 * notice that it has gone. */
static int
drill_headless(struct drill *drill, const char *exe)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = drill_on_signal };
	struct err err = ERR_INIT;
	sigset_t blocked, open_mask;
	int status;

	if (drill_start_worlds(drill, exe, &err) != ERR_OK)
		return drill_failed(&err);
	sigemptyset(&blocked);
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		sigaddset(&blocked, ends[i]);
	sigprocmask(SIG_BLOCK, &blocked, &open_mask);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		sigaction(ends[i], &act, NULL);
		sigdelset(&open_mask, ends[i]);
	}
	status = drill_print(drill);
	if (status == 0)
		drill_stay(drill, &open_mask);
	return status;
}

/*
 * What is done in a drill is no part of anybody's record: it is kept in the
 * world's folder, and is gone with it.
 */
static enum err_code
drill_use_state(const struct drill *drill, struct err *err)
{
	static const char key[] = SIM_DIR_VARIABLE "=";
	char path[PATH_MAX];

	for (size_t i = 0; drill_world_line(drill->worlds[0], i) != NULL; i++) {
		const char *line = drill_world_line(drill->worlds[0], i);
		int len;

		if (strncmp(line, key, sizeof(key) - 1) != 0)
			continue;
		len = snprintf(
		    path, sizeof(path), "%s/state", line + sizeof(key) - 1);
		if (len < 0 || (size_t)len >= sizeof(path) ||
		    setenv("XDG_STATE_HOME", path, 1) != 0)
			break;
		return ERR_OK;
	}
	return err_set(
	    err, ERR_PROTOCOL, "drill", "the world did not say where it is");
}

static int
drill_dashboard(struct drill *drill, const char *exe, cmd_drill_open *dashboard)
{
	char *argv[2 * DRILL_WORLDS_MAX + 4 + DRILL_ARGS_MAX];
	struct err err = ERR_INIT;
	int argc = 0;

	argv[argc++] = (char *)(uintptr_t) "sevtop";
	for (size_t p = 0; p < drill->platform_count; p++) {
		argv[argc++] = (char *)(uintptr_t) "-p";
		argv[argc++] = (char *)(uintptr_t)drill->platforms[p];
	}
	argv[argc++] = (char *)(uintptr_t) "--env";
	argv[argc++] = (char *)(uintptr_t) "drill";
	for (char **rest = drill->rest; *rest != NULL; rest++) {
		if (rest - drill->rest >= DRILL_ARGS_MAX)
			return drill_misuse("too many options behind --");
		argv[argc++] = *rest;
	}
	argv[argc] = NULL;
	if (drill_start_worlds(drill, exe, &err) != ERR_OK ||
	    drill_use_state(drill, &err) != ERR_OK)
		return drill_failed(&err);
	return dashboard(argc, argv);
}

int
cmd_drill(int argc, char **argv, cmd_drill_open *dashboard)
{
	struct drill drill = { .platform_count = 0 };
	struct err err = ERR_INIT;
	char exe[PATH_MAX];
	int status = drill_parse(&drill, argc, argv);

	if (status != 0)
		return status;
	if (drill.help) {
		fputs(drill_usage, stdout);
		return 0;
	}
	if (drill_world_find(exe, &err) != ERR_OK)
		return drill_failed(&err);
	if (drill.list) {
		execl(exe, exe, "--list", (char *)NULL);
		err_set_errno(&err, ERR_IO, "drill", errno, "starting %s", exe);
		return drill_failed(&err);
	}
	if (drill.headless || dashboard == NULL)
		status = drill_headless(&drill, exe);
	else
		status = drill_dashboard(&drill, exe, dashboard);
	for (size_t w = 0; w < drill.world_count; w++)
		drill_world_end(drill.worlds[w]);
	return status;
}
