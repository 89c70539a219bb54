#include "tui/term_rgb.h"

#include "base/buf.h"
#include "tests/tap.h"

static struct term_rgb map;

static void
becomes(const char *bytes, const char *want)
{
	struct buf out = BUF_INIT(4096);

	ok(term_rgb_rewrite(&map, bytes, strlen(bytes), &out), "fits");
	is_str(buf_cstr(&out), want, want);
	buf_release(&out);
}

static void
test_slots(void)
{
	term_rgb_clear(&map);
	term_rgb_reserve(&map, 16);
	is_int(term_rgb_slot(&map, 0x102030), 17, "not one that is in use");
	is_int(term_rgb_slot(&map, 0x102030), 17, "the same again");
	is_int(term_rgb_slot(&map, 0xff5f00), 18, "the next");
	is_int(map.count, 2, "two");
	for (uint32_t i = 0; i < 237; i++)
		term_rgb_slot(&map, i);
	is_int(term_rgb_slot(&map, 0x777777), -1, "no more");
	is_int(term_rgb_slot(&map, 0xff5f00), 18, "those stay");
}

static void
test_rewrite(void)
{
	term_rgb_clear(&map);
	term_rgb_reserve(&map, 16);
	term_rgb_slot(&map, 0x102030);
	term_rgb_slot(&map, 0xff5f00);
	becomes("", "");
	becomes("no colour", "no colour");
	becomes("\033[38;5;17mx", "\033[38;2;16;32;48mx");
	becomes("\033[0;1;38;5;18;48;5;17;4mx\033(B",
	    "\033[0;1;38;2;255;95;0;48;2;16;32;48;4mx\033(B");
	becomes("\033[38;5;16m\033[48;5;200m", "\033[38;5;16m\033[48;5;200m");
	becomes("\033[38;5;38;5;17m", "\033[38;5;38;5;17m");
	becomes("\033[138;5;17m", "\033[138;5;17m");
	becomes("\033[38;5;1717m", "\033[38;5;1717m");
	becomes("\033[38;5;17", "\033[38;5;17");
	becomes("\033[38;5;m\033[m\033[;m\033", "\033[38;5;m\033[m\033[;m\033");
	becomes("\033[38;5;17H38;5;17m", "\033[38;5;17H38;5;17m");
	becomes("\033[?38;5;17m", "\033[?38;5;17m");
}

static void
test_full(void)
{
	struct buf out = BUF_INIT(10);

	ok(!term_rgb_rewrite(&map, "\033[38;5;17m", 10, &out),
	    "what does not fit is told");
	buf_release(&out);
}

int
main(void)
{
	RUN(test_slots);
	RUN(test_rewrite);
	RUN(test_full);
	return tap_done();
}
