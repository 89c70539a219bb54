/*
 * One row per command of the command line; each is implemented, with its row
 * at the end, in its own cmd_*.c.
 */
#ifndef SEV_TUI_COMMANDS_H
#define SEV_TUI_COMMANDS_H

#include "tui/cli.h"

extern const struct cli_command command_dashboard;
extern const struct cli_command command_act;
extern const struct cli_command command_audit;
extern const struct cli_command command_check;
extern const struct cli_command command_completion;
extern const struct cli_command command_drill;
extern const struct cli_command command_info;
extern const struct cli_command command_init;
extern const struct cli_command command_logs;
extern const struct cli_command command_man;
extern const struct cli_command command_once;
extern const struct cli_command command_schema;

#endif
