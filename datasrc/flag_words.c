#include "datasrc/flag_words.h"

#include <string.h>

#include "base/redact.h"
#include "datasrc/limits.h"
#include "model/platform_flag.h"

struct text
flag_words(const struct platform_flag *flag, const char *stored,
    const struct redactor *redactor, struct arena *arena)
{
	const char *word = platform_flag_word(flag, stored);

	if (flag->secret)
		return stored == NULL ? TEXT("not set")
				      : text_fmt(arena, "set, %zu characters",
					    strlen(stored));
	if (stored == NULL)
		return word != NULL ? text_fmt(arena, "%s (unset)", word)
				    : TEXT("(none)");
	if (word != NULL)
		return text_clean_str(arena, word);
	return text_ingest(
	    redactor, arena, stored, strlen(stored), FLAG_VALUE_MAX);
}
