#include "tui/commands.h"

const struct cli_command *const cli_commands[] = {
	&command_dashboard,
	&command_once,
	&command_act,
	&command_logs,
	&command_audit,
	&command_drill,
	&command_init,
	&command_check,
	&command_info,
	&command_completion,
	&command_man,
	&command_schema,
	NULL,
};
