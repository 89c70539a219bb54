#include "tui/roff.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

void
roff_text(FILE *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", out);
	for (size_t len; *s != '\0'; s += len) {
		uint32_t cp;

		len = utf8_decode(s, strlen(s), &cp);
		if (len > 1)
			fprintf(out, "\\[u%04" PRIX32 "]", cp);
		else if (*s == '-')
			fputs("\\-", out);
		else if (*s == '\\')
			fputs("\\e", out);
		else
			fputc(*s, out);
		if (len == 0)
			len = 1; /* none of UTF-8 */
	}
}
