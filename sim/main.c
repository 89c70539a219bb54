#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "sim/ctl.h"
#include "sim/dir.h"
#include "sim/platform.h"
#include "sim/world.h"

enum {
	SIM_EXIT_FAILED = 1,
	SIM_EXIT_USAGE = 64,
};

static const char sim_usage[] =
    "usage: sevtop-sim run PLATFORM [--seed N] [--fault NAME]...\n"
    "                  [--scenario NAME] [--dir DIR] [--until-eof]\n"
    "       sevtop-sim ctl [--dir DIR] fault on|off NAME\n"
    "       sevtop-sim ctl [--dir DIR] restart SERVICE...\n"
    "       sevtop-sim ctl [--dir DIR] status|faults|stop\n"
    "       sevtop-sim --list | --help | --version\n"
    "\n"
    "A practice world on loopback: HTTP API, log files, a private Redis with\n"
    "moving queues and a private PostgreSQL under load. run prints KEY=value\n"
    "lines, then READY, and stays until it is told to end; it then leaves\n"
    "nothing behind.\n"
    "  --seed N        the same number tells the same story (default: new)\n"
    "  --fault NAME    on from the start; may be repeated\n"
    "  --scenario NAME faults by a time table\n"
    "  --dir DIR       the world's folder, new or empty (default: a new one)\n"
    "  --until-eof     end when standard input or the parent ends\n"
    "ctl speaks to the world that started last, or to the one in DIR.\n"
    "\n";

ATTR_PRINTF(1, 2)
static int
sim_misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("sevtop-sim: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("; sevtop-sim --help shows how\n", stderr);
	va_end(ap);
	return SIM_EXIT_USAGE;
}

static int
sim_failed(const struct err *err)
{
	fprintf(stderr, "sevtop-sim: %s\n", err_text(err));
	return SIM_EXIT_FAILED;
}

static int
sim_list(bool with_usage)
{
	struct buf out = BUF_INIT(SIM_CTL_REPLY_MAX);

	platform_list(&out);
	printf("%s%s", with_usage ? sim_usage : "", buf_cstr(&out));
	buf_release(&out);
	return 0;
}

static bool
sim_parse_seed(const char *text, uint64_t *ret_seed)
{
	char *end = NULL;

	errno = 0;
	*ret_seed = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

/* A seed that a person can read out over the phone. */
static uint64_t
sim_new_seed(void)
{
	return (uint64_t)clock_now() / 1000 % 1000000;
}

struct sim_run_args {
	const char *faults[SIM_FAULTS_MAX];
	size_t fault_count;
	const char *scenario;
	struct world_opt opt;
};

static int
sim_parse_run(int argc, char **argv, struct sim_run_args *args)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "fault", required_argument, NULL, 'f' },
		{ "scenario", required_argument, NULL, 'n' },
		{ "dir", required_argument, NULL, 'd' },
		{ "until-eof", no_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			if (!sim_parse_seed(optarg, &args->opt.seed))
				return sim_misuse(
				    "--seed %s is not a number", optarg);
			break;
		case 'f':
			if (args->fault_count >= SIM_FAULTS_MAX)
				return sim_misuse("too many --fault");
			args->faults[args->fault_count++] = optarg;
			break;
		case 'n':
			args->scenario = optarg;
			break;
		case 'd':
			args->opt.dir = optarg;
			break;
		case 'e':
			args->opt.until_eof = true;
			break;
		default:
			return SIM_EXIT_USAGE;
		}
	}
	if (argc - optind != 1)
		return sim_misuse("run takes one PLATFORM");
	args->opt.platform = platform_find(argv[optind]);
	if (args->opt.platform == NULL)
		return sim_misuse("no platform is called %s", argv[optind]);
	return 0;
}

static int
sim_run(int argc, char **argv)
{
	struct sim_run_args args = { .opt = { .seed = sim_new_seed() } };
	struct err err = ERR_INIT;
	int status = sim_parse_run(argc, argv, &args);

	if (status != 0)
		return status;
	for (size_t i = 0; i < args.fault_count; i++) {
		int row = platform_fault(args.opt.platform, args.faults[i]);

		if (row < 0)
			return sim_misuse(
			    "no fault is called %s", args.faults[i]);
		args.opt.faults |= UINT64_C(1) << row;
	}
	if (args.scenario != NULL) {
		args.opt.scenario =
		    platform_scenario(args.opt.platform, args.scenario);
		if (args.opt.scenario == NULL)
			return sim_misuse(
			    "no scenario is called %s", args.scenario);
	}
	if (world_run(&args.opt, &err) != ERR_OK)
		return sim_failed(&err);
	return 0;
}

/* Words joined by blanks, as the control socket takes them. */
static bool
sim_join(int count, char **words, char *out, size_t cap)
{
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		int n = snprintf(
		    out + len, cap - len, "%s%s", i > 0 ? " " : "", words[i]);

		if (n < 0 || (size_t)n >= cap - len)
			return false;
		len += (size_t)n;
	}
	return len > 0 && strchr(out, '\n') == NULL;
}

static int
sim_ctl(int argc, char **argv)
{
	char line[SIM_CTL_LINE_MAX - 1], found[PATH_MAX];
	struct buf answer = BUF_INIT(SIM_CTL_REPLY_MAX);
	struct err err = ERR_INIT;
	const char *dir = NULL, *text;
	int status = 0, first = 1;

	if (argc > 2 && strcmp(argv[1], "--dir") == 0) {
		dir = argv[2];
		first = 3;
	}
	if (argc <= first ||
	    !sim_join(argc - first, argv + first, line, sizeof(line)))
		return sim_misuse("ctl needs a command");
	if (dir == NULL) {
		if (dir_newest(found, &err) != ERR_OK)
			return sim_failed(&err);
		dir = found;
	}
	if (ctl_ask(dir, line, &answer, &err) != ERR_OK) {
		status = sim_failed(&err);
		goto out;
	}
	text = buf_cstr(&answer);
	if (strncmp(text, "ok\n", 3) == 0) {
		fputs(text + 3, stdout);
	} else {
		fprintf(stderr, "sevtop-sim: %s", text);
		status = SIM_EXIT_FAILED;
	}
out:
	buf_release(&answer);
	return status;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return sim_misuse("say what to do: run or ctl");
	if (strcmp(argv[1], "run") == 0)
		return sim_run(argc - 1, argv + 1);
	if (strcmp(argv[1], "ctl") == 0)
		return sim_ctl(argc - 1, argv + 1);
	if (strcmp(argv[1], "--list") == 0)
		return sim_list(false);
	if (strcmp(argv[1], "--help") == 0)
		return sim_list(true);
	if (strcmp(argv[1], "--version") == 0) {
		puts("sevtop-sim " PACKAGE_VERSION);
		return 0;
	}
	return sim_misuse("%s is not known", argv[1]);
}
