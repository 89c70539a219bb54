#include "config.h"

#include <string.h>

#include "panels/command.h"
#include "tui/cli.h"
#include "tui/roff.h"

static void
manual_option(FILE *out, const struct cli_option_row *row)
{
	fputs(".TP\n\\fB", out);
	if (row->letter != 0)
		fprintf(out, "\\-%c\\fR, \\fB", row->letter);
	fputs("\\-\\-", out);
	roff_text(out, row->name);
	fputs("\\fR", out);
	if (row->arg != NULL)
		fprintf(out, " \\fI%s\\fR", row->arg);
	fputc('\n', out);
	roff_text(out, row->help);
	if (row->variable != NULL)
		fprintf(
		    out, "; also \\fB%s\\fR in the environment", row->variable);
	fputs(".\n", out);
}

static void
manual_command(FILE *out, const struct cli_command *command)
{
	fprintf(out, ".SS sevtop%s%s [OPTION]... %s\n",
	    command->name[0] ? " " : "", command->name, command->args);
	roff_text(out, command->help);
	fputs(".\n", out);
	if (command->text != NULL) {
		fputs(".PP\n", out);
		roff_text(out, command->text);
		fputc('\n', out);
	}
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++)
		manual_option(out, &cli_options[*o]);
}

void
cli_manual(FILE *out)
{
	static const struct {
		const char *keys, *name, *help;
	} commands[] = {
#define X(id, name, keys, help) { keys, name, help },
		COMMANDS(X)
#undef X
	};

	fputs(".TH SEVTOP 1 \"\" \"sevtop " PACKAGE_VERSION "\"\n"
	      ".SH NAME\nsevtop \\- incident cockpit for the terminal\n"
	      ".SH SYNOPSIS\n",
	    out);
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		fprintf(out, "%s\\fBsevtop %s\\fR [OPTION]... %s\n",
		    i > 0 ? ".br\n" : "", cli_commands[i]->name,
		    cli_commands[i]->args);
	}
	fputs(".SH DESCRIPTION\n"
	      "One screen that says what is broken, since when, and what\n"
	      "changed. Background threads poll health endpoints, metrics,\n"
	      "queues and log files; panels show them live, each with the\n"
	      "age of what it shows.\n.SH COMMANDS\n",
	    out);
	for (size_t i = 0; cli_commands[i] != NULL; i++)
		manual_command(out, cli_commands[i]);
	fputs(".SH KEYS\nEvery command has a name and can be bound to other\n"
	      "keys with \\fBkeys:\\fR in the configuration.\n",
	    out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		fputs(".TP\n\\fB", out);
		roff_text(out, commands[i].keys);
		fputs("\\fR (", out);
		roff_text(out, commands[i].name);
		fputs(")\n", out);
		roff_text(out, commands[i].help);
		fputs(".\n", out);
	}
	fputs(
	    ".SH FILES\n.TP\n\\&./sevtop.yaml, $XDG_CONFIG_HOME/sevtop/, "
	    "/etc/sevtop/\nConfiguration; \\fBsevtop info\\fR says which "
	    "file is used.\n"
	    ".TP\n$XDG_STATE_HOME/sevtop/\nState and the program's own "
	    "log.\n"
	    ".SH EXIT STATUS\n\\fBonce\\fR: 0 ok, 1 warning, 2 critical, "
	    "3 unknown. Anywhere: 64 wrong usage, 78 wrong "
	    "configuration.\n"
	    ".SH SEE ALSO\nsevtop.yaml(5), htop(1), curl(1), redis\\-cli(1)\n",
	    out);
}

static void
completion_words(FILE *out, const struct cli_command *command)
{
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++)
		fprintf(out, " --%s", cli_options[*o].name);
}

static void
completion_bash(FILE *out)
{
	fputs("_sevtop() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]}\n"
	      "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
	      "\tcase $prev in\n"
	      "\t-c|--config) COMPREPLY=($(compgen -f -- \"$cur\")); "
	      "return ;;\n"
	      "\t-p|--platform) COMPREPLY=($(compgen -W \"$(sevtop info "
	      "--list 2>/dev/null)\" -- \"$cur\")); return ;;\n"
	      "\t--theme) COMPREPLY=($(compgen -f -W \"$(sevtop info themes "
	      "--list 2>/dev/null)\" -- \"$cur\")); return ;;\n"
	      "\t-o|--output) COMPREPLY=($(compgen -W 'text json' -- "
	      "\"$cur\")); return ;;\n"
	      "\tesac\n\tcase $cmd in\n",
	    out);
	for (size_t i = 1; cli_commands[i] != NULL; i++) {
		fprintf(out, "\t%s) words='", cli_commands[i]->name);
		completion_words(out, cli_commands[i]);
		fputs("' ;;\n", out);
	}
	fputs("\t*) words='", out);
	completion_words(out, cli_commands[0]);
	for (size_t i = 1; cli_commands[i] != NULL; i++)
		fprintf(out, " %s", cli_commands[i]->name);
	fputs("' ;;\n\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "}\ncomplete -F _sevtop sevtop\n",
	    out);
}

/* Help texts stand in single quotes; in zsh specs a colon ends a field. */
static void
completion_quoted(FILE *out, const char *s, bool zsh)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			fputs("'\\''", out);
		else if (zsh && (*s == ':' || *s == '[' || *s == ']'))
			fprintf(out, "\\%c", *s);
		else
			fputc(*s, out);
	}
}

static void
completion_zsh_options(FILE *out, const struct cli_command *command)
{
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++) {
		const struct cli_option_row *row = &cli_options[*o];

		fprintf(out, " '%s--%s%s[", row->many ? "*" : "", row->name,
		    row->arg != NULL ? "=" : "");
		completion_quoted(out, row->help, true);
		fputs("]", out);
		if (row->arg != NULL)
			fprintf(out, ":%s:%s", row->name,
			    *o == CLI_CONFIG   ? "_files"
			    : *o == CLI_OUTPUT ? "(text json)"
					       : "");
		fputs("'", out);
	}
}

static void
completion_zsh(FILE *out)
{
	fputs("#compdef sevtop\n_sevtop() {\n\tcase $words[2] in\n", out);
	for (size_t i = 1; cli_commands[i] != NULL; i++) {
		fprintf(out, "\t%s) _arguments", cli_commands[i]->name);
		completion_zsh_options(out, cli_commands[i]);
		fputs(" ;;\n", out);
	}
	fputs("\t*) _arguments", out);
	completion_zsh_options(out, cli_commands[0]);
	fputs(" '1:command:((", out);
	for (size_t i = 1; cli_commands[i] != NULL; i++) {
		fprintf(out, "%s\\:\"", cli_commands[i]->name);
		completion_quoted(out, cli_commands[i]->help, true);
		fputs("\" ", out);
	}
	fputs("))' ;;\n\tesac\n}\ncompdef _sevtop sevtop\n", out);
}

static void
completion_fish(FILE *out)
{
	for (size_t i = 1; cli_commands[i] != NULL; i++) {
		fprintf(out,
		    "complete -c sevtop -n __fish_use_subcommand -f -a %s "
		    "-d '",
		    cli_commands[i]->name);
		completion_quoted(out, cli_commands[i]->help, false);
		fputs("'\n", out);
	}
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		const struct cli_command *command = cli_commands[i];

		for (const enum cli_option *o = command->options;
		     *o != CLI_OPTION_COUNT; o++) {
			const struct cli_option_row *row = &cli_options[*o];

			if (command->name[0] == '\0')
				fputs("complete -c sevtop -n "
				      "__fish_use_subcommand",
				    out);
			else
				fprintf(out,
				    "complete -c sevtop -n "
				    "'__fish_seen_subcommand_from %s'",
				    command->name);
			fprintf(out, " -l %s", row->name);
			if (row->letter != 0)
				fprintf(out, " -s %c", row->letter);
			fputs(row->arg != NULL ? " -r -d '" : " -f -d '", out);
			completion_quoted(out, row->help, false);
			fputs("'\n", out);
		}
	}
}

bool
cli_completion(FILE *out, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		completion_bash(out);
	else if (strcmp(shell, "zsh") == 0)
		completion_zsh(out);
	else if (strcmp(shell, "fish") == 0)
		completion_fish(out);
	else
		return false;
	return true;
}
