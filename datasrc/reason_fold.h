/*
 * Makes messages that differ only in ids and numbers equal, so that 400
 * failures become three reasons. "timeout after 30012ms for job 7f3a..."
 * becomes "timeout after #ms for job #". An HTTP status (429, 503) is kept:
 * it is the reason. Only the first line counts.
 * thread: any.
 */
#ifndef SEV_DATASRC_REASON_FOLD_H
#define SEV_DATASRC_REASON_FOLD_H

#include <stddef.h>

/*
 * Writes the folded form of len bytes into out, at most cap - 1 bytes and a
 * NUL; cap is at least 1. Never longer than the input; folding twice
 * changes nothing more. Returns its length.
 */
size_t reason_fold(const char *text, size_t len, char *out, size_t cap);

#endif
