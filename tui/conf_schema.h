/*
 * A JSON schema (draft-07, which editors' YAML servers know best) of what a
 * configuration may say, made from the rows that check it. It takes what
 * `sevtop check` takes and refuses what it can: unknown keys, wrong kinds,
 * numbers out of bounds, words that are no choice. What only the program
 * sees stays with `sevtop check`: bounds of durations, what a variable
 * holds, names of sources, selectors.
 * thread: main.
 */
#ifndef SEV_TUI_CONF_SCHEMA_H
#define SEV_TUI_CONF_SCHEMA_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"

/* False: no memory, or out can't be written. */
bool conf_schema_print(FILE *out) ATTR_MUST_USE;

#endif
