#include "config.h"

#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "tui/commands.h"
#include "tui/harden.h"

/* Words of the command line that later versions take: say so, not "unknown". */
static const char *const main_later[] = { "act", "audit", "incident", "replay",
	"init" };

static int
main_unknown(const char *word)
{
	struct nearest near = NEAREST_INIT(word);

	for (size_t i = 0; i < ARRAY_LEN(main_later); i++) {
		if (strcmp(word, main_later[i]) == 0) {
			fprintf(stderr,
			    "sevtop: %s is not part of version %s\n", word,
			    PACKAGE_VERSION);
			return CLI_EXIT_USAGE;
		}
	}
	for (size_t i = 1; cli_commands[i] != NULL; i++)
		nearest_offer(&near, cli_commands[i]->name);
	fprintf(stderr, "sevtop: no command \"%s\"%s%s%s; see sevtop --help\n",
	    word, near.best != NULL ? ", did you mean " : "",
	    near.best != NULL ? near.best : "", near.best != NULL ? "?" : "");
	return CLI_EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	const struct cli_command *command = cli_commands[0];
	struct err err = ERR_INIT;
	struct cli cli;

#ifdef __GLIBC__
	/* A heap per thread keeps what each has freed; few of them ask. */
	mallopt(M_ARENA_MAX, 2);
#endif
	/* Only how characters are encoded: numbers stay with their point. */
	setlocale(LC_CTYPE, "");
	/* Whoever started us may ignore it: then no status could be read. */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (harden_process(&err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("sevtop " PACKAGE_VERSION);
		return 0;
	}
	if (argc > 1 && argv[1][0] != '-' && argv[1][0] != '\0') {
		command = cli_find(argv[1]);
		if (command == NULL)
			return main_unknown(argv[1]);
		argc--;
		argv++;
	}
	if (command->run_words != NULL)
		return command->run_words(argc, argv);
	if (cli_parse(command, argc, argv, &cli, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		return CLI_EXIT_USAGE;
	}
	if (cli.value[CLI_HELP] != NULL) {
		cli_help(stdout, command);
		return 0;
	}
	return command->run(&cli);
}
