/*
 * Flags in words for people.
 * thread: any.
 */
#ifndef SEV_DATASRC_FLAG_WORDS_H
#define SEV_DATASRC_FLAG_WORDS_H

#include "base/text.h"

struct arena;
struct platform_flag;
struct redactor;

/* What the key of a kill switch's row begins with. */
#define FLAG_KILL_PREFIX "kill/"

/*
 * A value as it is shown: its word, or what the backend has, or "(none)";
 * of a secret only that it is set. stored NULL: it has none.
 */
struct text flag_words(const struct platform_flag *flag, const char *stored,
    const struct redactor *redactor, struct arena *arena);

#endif
