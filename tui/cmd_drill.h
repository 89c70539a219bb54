/*
 * sevtop drill: a practice world, and the dashboard on it.
 * thread: main, before any other thread exists.
 */
#ifndef SEV_TUI_CMD_DRILL_H
#define SEV_TUI_CMD_DRILL_H

/*
 * Opens the dashboard with arguments as sevtop itself takes them; argv ends
 * with NULL and argv[0] is "sevtop". Returns the exit status.
 */
typedef int cmd_drill_open(int argc, char **argv);

/*
 * argv[0] is "drill". Starts the worlds, sets the environment that they
 * announce, calls dashboard with "-p PLATFORM ... --env drill" and whatever
 * came behind "--", and ends the worlds when it returns. With --headless, or
 * with dashboard NULL, it prints the environment and READY instead and stays
 * until INT, TERM, HUP or the end of a world. Returns the exit status: 0, what
 * dashboard returned, 1 when a world could not be started, 64 for wrong usage.
 */
int cmd_drill(int argc, char **argv, cmd_drill_open *dashboard);

#endif
