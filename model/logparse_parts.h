/*
 * The three readers behind logparse_line(): private to model/logparse*.c.
 * Each fills *out, which holds the line as plain text when it is called, and
 * uses the buffers of p. thread: owner.
 */
#ifndef SEV_MODEL_LOGPARSE_PARTS_H
#define SEV_MODEL_LOGPARSE_PARTS_H

#include "model/logparse.h"

/* A JSON object from { to }. False: it is none, or one in doubt. */
bool logparse_json(struct logparse *p, const char *s, size_t len,
    int64_t near_ms, struct logparse_line *out);

/* False: not all of it is key=value. */
bool logparse_logfmt(struct logparse *p, const char *s, size_t len,
    int64_t near_ms, struct logparse_line *out);

/* Takes time and level off the start of any line. */
void logparse_prefix(struct logparse *p, const char *s, size_t len,
    int64_t near_ms, struct logparse_line *out);

#endif
