/*
 * Words of a command line as a person would type them. Only ever shown:
 * nothing in sevtop is run by a shell.
 * thread: any.
 */
#ifndef SEV_BASE_SHELL_WORD_H
#define SEV_BASE_SHELL_WORD_H

#include <stdbool.h>

struct buf;

/* Appends a word as a POSIX shell reads it back. False: out is full. */
bool shell_word(struct buf *out, const char *word);

/* Appends words, ended by NULL, with blanks between them. */
bool shell_words(struct buf *out, const char *const *words);

#endif
