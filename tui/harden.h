/*
 * What every command of sevtop does to itself first: memory holds the
 * credentials of production.
 * thread: main, before any other starts.
 */
#ifndef SEV_TUI_HARDEN_H
#define SEV_TUI_HARDEN_H

#include "base/attr.h"
#include "base/err.h"

/*
 * Refuses to run with more rights than the caller's (ERR_FORBIDDEN); makes
 * standard input, output and error exist, so that no file of ours takes
 * their number; new files are the user's alone; no program that is started
 * can gain rights; no core file, and no ptrace by others of the same user.
 * SEVTOP_CORE=1 in the environment keeps cores.
 */
enum err_code harden_process(struct err *err) ATTR_MUST_USE;

#endif
