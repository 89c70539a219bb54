/* `sevtop init`: a configuration to start from, made of what is found here. */
#include "config.h"

#include "tui/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/source.h"
#include "model/platform_guess.h"
#include "tui/load.h"

#define INIT_FILE "sevtop.yaml"

/* The first lines: how an editor and a reader get on from here. */
static const char init_head[] =
    "# yaml-language-server: $schema=" SEV_DATADIR "/sevtop.schema.json\n"
    "# Written by `sevtop init`; yours to change. `sevtop check` tells what "
    "is wrong\n"
    "# with it, `man sevtop.yaml` and `sevtop info TYPE` what else it may "
    "say.\n"
    "# ${NAME} is a variable of the environment or of .env in this folder.\n"
    "\n";

/* Writes all of it to a new file; what is there already stays. */
static int
init_write(const struct buf *text)
{
	int fd = open(INIT_FILE,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t done = 0;

	if (fd < 0 && errno == EEXIST) {
		fputs("sevtop: " INIT_FILE " is there already and stays as "
		      "it is; --stdout prints instead\n",
		    stderr);
		return 1;
	}
	while (fd >= 0 && done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || done < text->len || fsync(fd) != 0 || close(fd) != 0) {
		fprintf(stderr, "sevtop: " INIT_FILE ": %s\n", strerror(errno));
		if (fd >= 0)
			unlink(INIT_FILE);
		return 1;
	}
	return 0;
}

static int
init_put(const struct cli *cli, const struct buf *text, const char *found)
{
	int status;

	if (cli->value[CLI_STDOUT] != NULL)
		return fputs(buf_cstr(text), stdout) >= 0 && fflush(stdout) == 0
			   ? 0
			   : 1;
	status = init_write(text);
	if (status == 0)
		printf("wrote " INIT_FILE " from %s\n"
		       "next: `sevtop check`, then `sevtop`\n",
		    found);
	return status;
}

static int
cmd_init(const struct cli *cli)
{
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct buf text = BUF_INIT(CONF_FILE_MAX_SIZE);
	struct buf found = BUF_INIT(ERR_MSG_MAX);
	struct platform_vars vars;
	enum err_code code = ERR_NOMEM;
	int status = 1;

	buf_str(&text, init_head);
	if (errors != NULL)
		code = platform_vars_init(&vars, ".", NULL, errors);
	if (code == ERR_OK)
		code = platform_guess_write(
		    ".", &source_types, &vars, errors, &text, &found);
	if (errors != NULL) {
		load_print_errors(errors);
		platform_vars_release(&vars);
	}
	if (code == ERR_OK) {
		status = init_put(cli, &text, buf_cstr(&found));
	} else if (code == ERR_NOTFOUND) {
		fputs("sevtop: nothing was found to start from\n", stderr);
		load_print_ways();
	} else {
		fputs("sevtop: out of memory\n", stderr);
	}
	buf_release(&text);
	buf_release(&found);
	mem_free(errors);
	return status;
}

const struct cli_command command_init = {
	.name = "init",
	.args = "",
	.help = "write " INIT_FILE " from what is found here",
	.text = "It looks at API_URL, PORT, REDIS_URL and DATABASE_URL in the "
		"environment and in .env in the current folder, and at "
		"logs/*.log. The file names the variables and holds none of "
		"their values. One that is there is never overwritten.",
	.options =
	    (const enum cli_option[]) {
		CLI_STDOUT,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run = cmd_init,
};
