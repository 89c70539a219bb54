/*
 * The 64 inputs that harm terminals and log viewers, one row each: head,
 * then unit so many times, then tail. What they have in common: every byte
 * must be seen or escaped, and none of it may reach the terminal.
 */
#ifndef SEV_TESTS_BAD_LINES_H
#define SEV_TESTS_BAD_LINES_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct bad_row {
	const char *head;
	size_t head_len;
	const char *unit;
	size_t unit_len;
	size_t times;
};

#define BAD(s)                                                                 \
	{                                                                      \
		s, sizeof(s) - 1, "", 0, 0                                     \
	}
#define BAD_MANY(s, u, times)                                                  \
	{                                                                      \
		s, sizeof(s) - 1, u, sizeof(u) - 1, times                      \
	}

static const struct bad_row bad_rows[] = {
	BAD("\033[31mA"),
	BAD("\033[2J\033[H"),
	BAD("\033[5A\033[2K"),
	BAD("\033[?1049l\033[?1049h"),
	BAD("\033c"),
	BAD("\033]0;PWNED\a"),
	BAD("\033]2;PWNED\033\\"),
	BAD("\033[21t"),
	BAD("\033[c\033[>0q\033P$q\"p\033\\"),
	BAD("\033[6n"),
	BAD("\033]8;;\033[0m\033[>0q"),
	BAD("\033]8;;http://evil/\033\\ok\033]8;;\033\\"),
	BAD("\033]52;c;Y3VybCBldmls\a"),
	BAD("\033]52;c;?\a"),
	BAD("\033]0;abc"),
	BAD("\033]11;#ff0000\a"),
	BAD("\033]50;?\a\033]1337;File=:AAAA\a"),
	BAD("\033]9;7;cmd\033\\"),
	BAD("\033Pq#0\033\\\033Ptmux;\033\033]0;x\a\033\\"),
	BAD("\033_Gx\033\\\033^x\033\\\033Xx\033\\"),
	BAD("\033(0\016\017"),
	BAD("\033[?1003h\033[?2004l"),
	BAD("\033[?6h\033[5;6r\033[?40h\033[?3h\033[?5h"),
	BAD("A\033[999999999b"),
	BAD_MANY("\033[", "1;", 10000),
	BAD("\033[38:2::1:2:3m\033[-1m\033[99999999999m"),
	BAD("\2331m"),
	BAD("\302\23331m"),
	BAD("\302\23552;c;?\302\234\302\220"),
	BAD("\302\205\302\204\302\215"),
	BAD_MANY("", "\177", 20),
	BAD("ERROR disk\rOK     "),
	BAD("a\r\n\"a\nb\""),
	BAD("bad\b\b\bok "),
	BAD("\013\014"),
	BAD("A\0B"),
	BAD_MANY("", "\a", 10000),
	BAD_MANY("", "\t", 1000),
	BAD("\1\2\3\4\5\6\a\b\t\013\f\016\017\020\021\022\023\024\025\026"
	    "\027\030\031\032\033\034\035\036\037"),
	BAD_MANY("\177\200\201\232\233\234\235\236\237\240\377", "\376", 3),
	BAD("\342\200\256gnp.exe"),
	BAD("\342\200\252\342\201\246"),
	BAD("\342\200\216\342\200\217\330\234"),
	BAD("p\342\200\213ro\342\200\215d\342\201\240\357\273\277"),
	BAD("\302\255\341\240\216\315\217"),
	BAD("\363\240\201\201\363\240\201\202"),
	BAD_MANY("\342\232\240", "\357\270\217", 100),
	BAD_MANY("A", "\314\201", 1000),
	BAD("\314\201\314\247Q"),
	BAD_MANY("", "\344\275\240", 300),
	BAD("\360\237\221\251\342\200\215\360\237\221\251\360\237\207\251\360"
	    "\237\207\252"),
	BAD("\343\205\244\357\276\240\342\240\200"),
	BAD("\342\200\250\342\200\251"),
	BAD("\356\200\200\363\260\200\200"),
	BAD("\357\277\276\357\267\220\364\217\277\277"),
	BAD("\300\257\340\200\257\300\200"),
	BAD("\355\240\200\355\240\275\355\270\200"),
	BAD("\364\220\200\200\365\200\200\200\376\377"),
	BAD("\344\275\n\240Z"),
	BAD("\200\277\200"),
	BAD("\351\377\376A\0B\0\203e"),
	BAD_MANY("", "0123456789", 1000000),
	BAD("%n%n%s '); DROP TABLE audit;-- [red]x[/red] [YELLOW] #[fg=red]"),
	BAD("sevtop  vistralai  PROD  CONFIRM? y  FRESH 0s  > y"),
};

enum {
	BAD_LINES = sizeof(bad_rows) / sizeof(bad_rows[0])
};

/* Input i, from 0, with a NUL behind it; the caller's to free(). */
__attribute__((unused)) static char *
bad_line(size_t i, size_t *ret_len)
{
	const struct bad_row *row = &bad_rows[i];
	size_t len = row->head_len + row->unit_len * row->times, k;
	char *bytes = malloc(len + 1), *p = bytes;

	if (bytes == NULL)
		abort();
	memcpy(p, row->head, row->head_len);
	p += row->head_len;
	for (k = 0; k < row->times; k++, p += row->unit_len)
		memcpy(p, row->unit, row->unit_len);
	*p = '\0';
	*ret_len = len;
	return bytes;
}

#endif
