#include "base/shell_word.h"

#include <string.h>

#include "base/buf.h"

bool
shell_word(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.,:/=@%+";

	if (word[strspn(word, plain)] == '\0' && word[0] != '\0')
		return buf_str(out, word);
	buf_char(out, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *word);
	}
	return buf_char(out, '\'');
}

bool
shell_words(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (i > 0)
			buf_char(out, ' ');
		shell_word(out, words[i]);
	}
	return !out->failed;
}
