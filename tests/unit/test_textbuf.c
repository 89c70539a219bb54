#include "base/textbuf.h"

#include "tests/tap.h"

static void
test_build(void)
{
	struct text_buf tb;

	tb_init(&tb);
	is_str(tb_end(&tb).s, "", "begins empty");
	tb_lit(&tb, "→ ");
	tb_int(&tb, -1204);
	tb_lit(&tb, " ");
	tb_num(&tb, 0.073, NUM_PERCENT);
	tb_lit(&tb, " ");
	tb_duration(&tb, INT64_C(252000000000));
	is_str(tb_end(&tb).s, "→ -1,204 7.3 % 4m12s", "parts");
	is_int(tb_end(&tb).width, 20, "width");
	tb_pad(&tb, 24);
	is_int(tb_end(&tb).width, 24, "padded");
	tb_pad(&tb, 3);
	is_int(tb_end(&tb).width, 24, "never cut by padding");
	tb_init(&tb);
	tb_fmt(&tb, "%s=%d", "a\x1b", 3);
	is_int(tb_end(&tb).width, 7, "tb_fmt() cleans");
	ok(text_is_valid(tb_end(&tb)), "and is valid");
}

/* Every length up to and past the limit ends valid and terminated. */
static void
test_full(void)
{
	int invalid = 0, silent = 0;
	struct text_buf tb;

	for (int first = 0; first < 2 * TEXT_BUF_MAX; first++) {
		tb_init(&tb);
		tb_pad(&tb, (uint32_t)first);
		for (int i = 0; i < 9; i++)
			tb_lit(&tb, "a\xcc\x81\xe4\xbd\xa0");
		tb_fmt(&tb, "%600s", "\xc3\xa9\x1b");
		invalid += !text_is_valid(tb_end(&tb)) ||
			   strlen(tb.data) != tb.len ||
			   tb.len >= sizeof(tb.data);
		silent += strcmp(tb.data + tb.len - 3, "…") != 0;
	}
	is_int(invalid, 0, "valid at every length");
	is_int(silent, 0, "and says that it is cut");
}

int
main(void)
{
	RUN(test_build);
	RUN(test_full);
	return tap_done();
}
