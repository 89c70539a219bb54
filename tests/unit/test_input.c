#include "tui/input.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "tests/tap.h"
#include "tui/limits.h"

#define MS NS_PER_MS

/* What came out, as words: "k:a", "k:^d", "p:text", "m:press1@3,4". */
static char trail[4096];

static const char *const sym_names[] = { "Up", "Down", "Right", "Left", "Home",
	"End", "PgUp", "PgDn", "Ins", "Del", "BS", "Tab", "Enter", "Esc",
	"Begin", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10",
	"F11", "F12" };

ATTR_PRINTF(1, 2) static void trail_add(const char *fmt, ...)
{
	size_t len = strlen(trail);
	va_list ap;

	if (len > 0 && len + 1 < sizeof(trail)) {
		trail[len++] = ' ';
		trail[len] = '\0';
	}
	va_start(ap, fmt);
	vsnprintf(trail + len, sizeof(trail) - len, fmt, ap);
	va_end(ap);
}

static void
trail_key(const struct input_event *ev)
{
	char glyph[8] = "";
	const char *name = glyph;

	if (ev->code >= INPUT_UP)
		name = sym_names[ev->code - INPUT_UP];
	else
		glyph[utf8_encode(ev->code, glyph)] = '\0';
	trail_add("k:%s%s%s%s%s", ev->mods & INPUT_SHIFT ? "S-" : "",
	    ev->mods & INPUT_ALT ? "M-" : "", ev->mods & INPUT_CTRL ? "^" : "",
	    name, ev->burst ? "!" : "");
}

static void
trail_event(const struct input_event *ev)
{
	static const char *const mouse[] = { "press", "release", "move", "up",
		"down" };
	static const char *const reply[] = { "da", "cpr", "status", "osc",
		"dcs", "version", "string" };

	switch (ev->kind) {
	case INPUT_KEY:
		trail_key(ev);
		break;
	case INPUT_PASTE:
		trail_add(
		    "p:%.*s%s", (int)ev->len, ev->text, ev->cut ? "..." : "");
		break;
	case INPUT_MOUSE:
		trail_add(
		    "m:%s%d@%d,%d", mouse[ev->mouse], ev->button, ev->x, ev->y);
		break;
	case INPUT_FOCUS:
		trail_add("f:%u", ev->code);
		break;
	case INPUT_REPLY:
		trail_add("r:%s%s%.*s", reply[ev->reply],
		    ev->len > 0 ? "=" : "", (int)ev->len,
		    ev->text != NULL ? ev->text : "");
		break;
	}
}

static void
collect(struct input *in)
{
	struct input_event ev;

	while (input_next(in, &ev))
		trail_event(&ev);
}

static void
feed(struct input *in, const char *bytes, size_t len, int64_t now)
{
	input_feed(in, bytes, len, now);
	collect(in);
}

static void
expire(struct input *in, int64_t now)
{
	input_timeout(in, now);
	collect(in);
}

static const struct {
	const char *bytes; /* no NUL inside */
	const char *want;
} table[] = {
	/* characters and controls; bursts are tested apart */
	{ "a", "k:a" },
	{ "S", "k:S" },
	{ " ", "k: " },
	{ "\r", "k:Enter" },
	{ "\n", "k:Enter" },
	{ "\t", "k:Tab" },
	{ "\177", "k:BS" },
	{ "\b", "k:BS" },
	{ "\004", "k:^d" },
	{ "\003", "k:^c" },
	{ "\032", "k:^z" },
	{ "\034", "k:^\\" },
	{ "\037", "k:^_" },
	{ "\303\251", "k:\303\251" },
	{ "\344\275\240", "k:\344\275\240" },
	{ "\360\237\222\251", "k:\360\237\222\251" },
	/* what is no UTF-8 is no key */
	{ "\303", "" },
	{ "\303j", "k:j" },
	{ "\300\257j", "k:j" },
	{ "\340\200\257j", "k:j" },
	{ "\355\240\200j", "k:j" },
	{ "\364\220\200\200j", "k:j" },
	{ "\365\376\377\277j", "k:j" },
	/* cursor and function keys, normal, application, rxvt, linux */
	{ "\033[A", "k:Up" },
	{ "\033OA", "k:Up" },
	{ "\033[D", "k:Left" },
	{ "\033OH", "k:Home" },
	{ "\033[1~", "k:Home" },
	{ "\033[7~", "k:Home" },
	{ "\033[4~", "k:End" },
	{ "\033[5~", "k:PgUp" },
	{ "\033[6~", "k:PgDn" },
	{ "\033[2~", "k:Ins" },
	{ "\033[3~", "k:Del" },
	{ "\033[1;5A", "k:^Up" },
	{ "\033[1;2B", "k:S-Down" },
	{ "\033[3;5~", "k:^Del" },
	{ "\033[a", "k:S-Up" },
	{ "\033[c", "k:S-Right" },
	{ "\033Oa", "k:^Up" },
	{ "\033[3$", "k:S-Del" },
	{ "\033[3^", "k:^Del" },
	{ "\033[3@", "k:S-^Del" },
	{ "\033OP", "k:F1" },
	{ "\033OS", "k:F4" },
	{ "\033[11~", "k:F1" },
	{ "\033[15~", "k:F5" },
	{ "\033[17~", "k:F6" },
	{ "\033[24~", "k:F12" },
	{ "\033[[A", "k:F1" },
	{ "\033[[E", "k:F5" },
	{ "\033[Z", "k:S-Tab" },
	{ "\033OM", "k:Enter" },
	{ "\033[E", "k:Begin" },
	{ "\033[1;3C", "k:M-Right" },
	{ "\033[1;9C", "" },
	/* Alt */
	{ "\033a", "k:M-a" },
	{ "\033\r", "k:M-Enter" },
	{ "\033\004", "k:M-^d" },
	{ "\033\303\251", "k:M-\303\251" },
	{ "\033\033[A", "k:M-Up" },
	{ "\033\033a", "k:Esc k:M-a" },
	/* modifyOtherKeys and kitty */
	{ "\033[27;5;105~", "k:^i" },
	{ "\033[27;2;83~", "k:S" },
	{ "\033[27;5;68~", "k:^d" },
	{ "\033[27u", "k:Esc" },
	{ "\033[13;2u", "k:S-Enter" },
	{ "\033[115;2u", "k:S" },
	{ "\033[115:83;2u", "k:S" },
	{ "\033[97;5u", "k:^a" },
	{ "\033[97;1:3u", "" },
	{ "\033[97;1:1u", "k:a" },
	{ "\033[57441;2u", "" },
	{ "\033[1;1:3A", "" },
	{ "\033[?0u", "r:status" },
	/* mouse: SGR, X10, urxvt */
	{ "\033[<0;4;5M", "m:press1@3,4" },
	{ "\033[<0;4;5m", "m:release1@3,4" },
	{ "\033[<2;1;1M", "m:press3@0,0" },
	{ "\033[<64;10;2M", "m:up0@9,1" },
	{ "\033[<65;10;2M", "m:down0@9,1" },
	{ "\033[<35;10;2M", "m:move0@9,1" },
	{ "\033[<0;0;5M", "" },
	{ "\033[<0;99999999;5M", "" },
	{ "\033[M !!", "m:press1@0,0" },
	{ "\033[M#\"#", "m:release0@1,2" },
	{ "\033[M mP", "m:press1@76,47" },
	{ "\033[32;4;5M", "m:press1@3,4" },
	/* focus and replies */
	{ "\033[I", "f:1" },
	{ "\033[O", "f:0" },
	{ "\033[?62;22c", "r:da" },
	{ "\033[>1;95;0c", "r:da" },
	{ "\033[24;80R", "r:cpr" },
	{ "\033[1;2R", "r:cpr" },
	{ "\033[0n", "r:status" },
	{ "\033[?2026;2$y", "r:status" },
	{ "\033[8;24;80t", "r:status" },
	{ "\033]11;rgb:ffff/ffff/ffff\033\\", "r:osc=11;rgb:ffff/ffff/ffff" },
	{ "\033]11;rgb:0/0/0\a", "r:osc=11;rgb:0/0/0" },
	{ "\033]52;c;RA==\a", "r:osc=52;c;RA==" },
	{ "\033P>|xterm(999)\033\\", "r:version=>|xterm(999)" },
	{ "\033P1$r0m\033\\", "r:dcs=1$r0m" },
	{ "\033_Gi=1;OK\033\\", "r:string=Gi=1;OK" },
	/* 8-bit controls, raw and as UTF-8 */
	{ "\233"
	  "31m",
	    "" },
	{ "\302\233"
	  "31mj",
	    "k:j" },
	{ "\233A", "k:Up" },
	{ "\220>|x(P)\234", "r:version=>|x(P)" },
	/* unknown, broken and unfinished ones leave nothing behind */
	{ "\033[31m", "" },
	{ "\033[99~", "" },
	{ "\033[?1;2;3;4;5;6;7;8;9;10;11zj", "k:j" },
	{ "\033[38:2::1:2:3mj", "k:j" },
	{ "\033[99999999999999999999Aj", "k:j" },
	{ "\033[12\03034", "k:3! k:4!" },
	{ "\033[1;\033[B", "k:Down" },
	{ "\033]0;PWND\033[B", "k:Down" },
	{ "\033]0;PW\030j", "k:j" },
	{ "\033[", "" },
	{ "\033O", "" },
	{ "\033[200", "" },
	{ "\033]0;Dy", "" },
	{ "\033PDy", "" },
	/* pastes */
	{ "\033[200~Dy\n\033[201~", "p:Dy\n" },
	{ "\033[200~\033[201~", "p:" },
	{ "\033[200~a\033[20b\033[201~", "p:a\033[20b" },
	{ "\033[200~a\033\033[201~", "p:a\033" },
	{ "\033[200~a\033[201~Dy\n\033[201~", "p:a" },
	{ "\033[200~a\033[201~\033[A", "p:a" },
	{ "\033[200~Dy\n", "" },
	{ "\033[201~Dy\n", "" },
	{ "\033[200~\303\251\033[201~", "p:\303\251" },
};

static void
test_table(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct input *in = input_new(0);
		char name[128] = "bytes";
		size_t n = strlen(table[i].bytes);

		for (size_t j = 0; j < n && j < 20; j++)
			snprintf(name + strlen(name), 8, " %02x",
			    (unsigned char)table[i].bytes[j]);
		trail[0] = '\0';
		feed(in, table[i].bytes, n, 1000 * MS);
		is_str(trail, table[i].want, name);
		input_free(in);
	}
}

/* Every way of cutting in two and in three, and byte by byte. */
static void
test_splits(void)
{
	size_t cuts = 0, bad = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *s = table[i].bytes;
		size_t n = strlen(s);

		for (size_t a = 0; a <= n; a++) {
			for (size_t b = a; b <= n; b++) {
				struct input *in = input_new(0);
				char want[4096];

				/* bursts do depend on the reads */
				trail[0] = '\0';
				feed(in, s, n, 1000 * MS);
				snprintf(want, sizeof(want), "%s", trail);
				input_reset(in);
				input_free(in);
				in = input_new(0);
				trail[0] = '\0';
				feed(in, s, a, 1000 * MS);
				feed(in, s + a, b - a, 1000 * MS);
				feed(in, s + b, n - b, 1000 * MS);
				for (char *p = want; (p = strchr(p, '!'));)
					memmove(p, p + 1, strlen(p));
				for (char *p = trail; (p = strchr(p, '!'));)
					memmove(p, p + 1, strlen(p));
				cuts++;
				bad += strcmp(want, trail) != 0;
				input_free(in);
			}
		}
	}
	is_int((int64_t)bad, 0, "no cut changes the events");
	ok(cuts > 5000, "%zu cuts tried", cuts);
}

static void
test_lone_esc(void)
{
	struct input *in = input_new(0);

	trail[0] = '\0';
	feed(in, "\033", 1, 1000 * MS);
	is_str(trail, "", "Esc waits");
	is_int(input_deadline(in), (1000 + INPUT_ESC_MS) * MS, "for 50 ms");
	expire(in, 1049 * MS);
	is_str(trail, "", "not less");
	expire(in, 1050 * MS);
	is_str(trail, "k:Esc", "then it is a key");
	ok(input_deadline(in) == DEADLINE_NONE, "and nothing waits");
	trail[0] = '\0';
	feed(in, "\033\033", 2, 3000 * MS);
	expire(in, 3050 * MS);
	is_str(trail, "k:Esc k:Esc", "two of them");
	input_free(in);
}

/* The measured trap: 100 ms between the bytes of a start mark. */
static void
test_late_sequence(void)
{
	static const char paste[] = "\033[200~Dy\n\033[201~";
	size_t n = sizeof(paste) - 1;

	for (size_t at = 1; at < n; at++) {
		struct input *in = input_new(0);

		trail[0] = '\0';
		feed(in, paste, at, 1000 * MS);
		expire(in, 1100 * MS);
		feed(in, paste + at, n - at, 1100 * MS);
		expire(in, 5000 * MS);
		is_str(trail, at == 1 ? "k:Esc p:Dy\n" : "p:Dy\n",
		    "100 ms in a paste give no key");
		input_free(in);
	}
}

static void
test_late_bytes_apart(void)
{
	static const char paste[] = "\033[200~Dy\n\033[201~";
	struct input *in = input_new(0);
	int64_t now = 1000 * MS;

	trail[0] = '\0';
	for (size_t i = 0; i < sizeof(paste) - 1; i++) {
		feed(in, &paste[i], 1, now);
		now += 100 * MS;
		expire(in, now);
	}
	ok(strstr(trail, "p:Dy\n") != NULL, "each byte alone: still a paste");
	ok(strstr(trail, "k:D") == NULL && strstr(trail, "k:y") == NULL &&
		strstr(trail, "k:Enter") == NULL,
	    "and none of its text a key (%s)", trail);
	input_free(in);
}

static void
test_late_human(void)
{
	struct input *in = input_new(0);

	trail[0] = '\0';
	feed(in, "\033", 1, 1000 * MS);
	expire(in, 1050 * MS);
	feed(in, "[", 1, 1200 * MS);
	is_str(trail, "k:Esc", "[ soon after Esc is held");
	expire(in, 1250 * MS);
	is_str(trail, "k:Esc k:[!", "and then a key, not trusted to act");
	trail[0] = '\0';
	feed(in, "[", 1, 2500 * MS);
	is_str(trail, "k:[", "much later it is a plain key");
	trail[0] = '\0';
	feed(in, "\033", 1, 3000 * MS);
	expire(in, 3050 * MS);
	feed(in, "j", 1, 3100 * MS);
	is_str(trail, "k:Esc k:j", "other keys are not held");
	trail[0] = '\0';
	feed(in, "\033", 1, 4000 * MS);
	expire(in, 4050 * MS);
	feed(in, "P>|xterm(999)\033\\", 15, 4100 * MS);
	is_str(trail, "k:Esc r:version=>|xterm(999)", "late reply is a reply");
	input_free(in);
}

static void
test_unfinished_ends(void)
{
	struct input *in = input_new(0);

	trail[0] = '\0';
	feed(in, "\033[1;", 4, 1000 * MS);
	is_int(input_deadline(in), (1000 + INPUT_SEQ_MS) * MS,
	    "an open sequence has a deadline");
	expire(in, 2000 * MS);
	feed(in, "j", 1, 2100 * MS);
	is_str(trail, "k:j", "given up, the keyboard lives");
	trail[0] = '\0';
	feed(in, "\033]0;abc", 7, 3000 * MS);
	expire(in, 4100 * MS);
	feed(in, "j", 1, 4200 * MS);
	is_str(trail, "k:j", "strings too");
	input_free(in);
}

static void
test_paste_endless(void)
{
	struct input *in = input_new(0);
	char *big = calloc(1, INPUT_READ_MAX);
	struct input_event ev;
	size_t fed = 0;

	memset(big, 'x', INPUT_READ_MAX);
	trail[0] = '\0';
	feed(in, "\033[200~", 6, 1000 * MS);
	while (fed < INPUT_PASTE_MAX * 2) {
		fed += input_feed(in, big, INPUT_READ_MAX, 1000 * MS);
		ok(!input_next(in, &ev), "nothing before the end");
	}
	input_feed(in, "\033[201~", 6, 1000 * MS);
	ok(input_next(in, &ev) && ev.kind == INPUT_PASTE, "then one paste");
	is_int((int64_t)ev.len, INPUT_PASTE_MAX, "of the most that is kept");
	ok(ev.cut, "said to be cut");
	is_int((int64_t)input_feed(in, big, INPUT_READ_MAX, 1000 * MS),
	    INPUT_READ_MAX, "a read is taken whole");
	free(big);
	input_free(in);
}

static void
test_paste_without_end(void)
{
	struct input *in = input_new(0);

	trail[0] = '\0';
	feed(in, "\033[200~abc", 9, 1000 * MS);
	feed(in, "\003", 1, 1500 * MS);
	feed(in, "j", 1, 1600 * MS);
	is_str(trail, "", "^C within the flow belongs to the paste");
	feed(in, "\003", 1, 2700 * MS);
	feed(in, "j", 1, 2800 * MS);
	is_str(trail, "k:j", "typed alone after silence it ends the paste");
	trail[0] = '\0';
	feed(in, "\033[200~abc", 9, 10000 * MS);
	feed(in, "\033", 1, 12000 * MS);
	expire(in, 12050 * MS);
	feed(in, "j", 1, 13000 * MS);
	is_str(trail, "k:j", "so does Esc");
	trail[0] = '\0';
	feed(in, "\033[200~abc", 9, 20000 * MS);
	feed(in, "\033", 1, 22000 * MS);
	feed(in, "[201~", 5, 22010 * MS);
	is_str(trail, "p:abc", "unless it was the end mark after all");
	input_free(in);
}

static void
test_tail(void)
{
	struct input *in = input_new(0);

	trail[0] = '\0';
	feed(in, "\033[200~a\033[201~", 13, 1000 * MS);
	feed(in, "Dy\n", 3, 1020 * MS);
	feed(in, "Dy\n", 3, 1040 * MS);
	is_str(trail, "p:a", "close behind a paste nothing is a key");
	feed(in, "j", 1, 1100 * MS);
	is_str(trail, "p:a k:j", "later it is");
	input_free(in);
}

static void
test_burst(void)
{
	struct input *in = input_new(0);

	trail[0] = '\0';
	feed(in, "P", 1, 1000 * MS);
	is_str(trail, "k:P", "one key is typed");
	trail[0] = '\0';
	feed(in, "Dy", 2, 3000 * MS);
	is_str(trail, "k:D! k:y!", "two in a read are not, both");
	trail[0] = '\0';
	feed(in, "P", 1, 3400 * MS);
	is_str(trail, "k:P!", "nor what follows soon");
	trail[0] = '\0';
	feed(in, "P", 1, 3900 * MS);
	is_str(trail, "k:P", "half a second later all is well");
	trail[0] = '\0';
	feed(in, "D", 1, 5000 * MS);
	feed(in, "\r", 1, 5007 * MS);
	is_str(trail, "k:D k:Enter!", "7 ms apart: the second is not typed");
	trail[0] = '\0';
	feed(in, "j", 1, 7000 * MS);
	feed(in, "j", 1, 7008 * MS);
	is_str(trail, "k:j k:j", "8 ms apart is the fastest hand");
	trail[0] = '\0';
	feed(in, "\033[A\033[A\033[A", 9, 9000 * MS);
	is_str(trail, "k:Up k:Up k:Up", "arrows are no text");
	input_free(in);
}

static void
test_two_texts_in_a_read(void)
{
	struct input *in = input_new(0);
	static const char two[] = "\033]11;x\a\033P1$rq\033\\\033[200~abc";

	trail[0] = '\0';
	feed(in, two, sizeof(two) - 1, 1000 * MS);
	feed(in, "def\033[201~", 9, 1000 * MS);
	is_str(trail, "r:osc=11;x r:dcs=1$rq p:abcdef",
	    "texts keep apart, an open one goes on");
	input_free(in);
}

static void
test_no_memory(void)
{
	struct input *in;

	mem_fail_at(1, false);
	ok(input_new(0) == NULL, "no memory: no decoder");
	mem_fail_at(0, false);
	in = input_new(0);
	mem_fail_at(1, true);
	trail[0] = '\0';
	feed(in, "\033[200~Dy\033[201~", 14, 1000 * MS);
	mem_fail_at(0, false);
	is_str(trail, "p:...", "a paste without memory is an empty paste");
	input_free(in);
}

int
main(void)
{
	RUN(test_table);
	RUN(test_splits);
	RUN(test_lone_esc);
	RUN(test_late_sequence);
	RUN(test_late_bytes_apart);
	RUN(test_late_human);
	RUN(test_unfinished_ends);
	RUN(test_paste_endless);
	RUN(test_paste_without_end);
	RUN(test_tail);
	RUN(test_burst);
	RUN(test_two_texts_in_a_read);
	RUN(test_no_memory);
	return tap_done();
}
