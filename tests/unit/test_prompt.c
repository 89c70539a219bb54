#include "tui/prompt.h"

#include "base/alloc.h"
#include "tests/tap.h"
#include "tui/palette.h"

static struct prompt prompt;
static struct prompt_history history;

static enum prompt_result
key(uint32_t code, uint8_t mods)
{
	struct input_event ev = {
		.kind = INPUT_KEY, .code = code, .mods = mods
	};

	return prompt_event(&prompt, &ev);
}

static void
type(const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		key((unsigned char)*ascii, 0);
}

static enum prompt_result
paste(const char *bytes, size_t len)
{
	struct input_event ev = {
		.kind = INPUT_PASTE, .text = bytes, .len = len
	};

	return prompt_event(&prompt, &ev);
}

static void
test_edit(void)
{
	prompt_start(&prompt, "", NULL);
	type("hello world");
	is_str(prompt.text, "hello world", "typed");
	key(INPUT_HOME, 0);
	type(">");
	is_str(prompt.text, ">hello world", "at the start");
	key(INPUT_DEL, 0);
	is_str(prompt.text, ">ello world", "Del");
	key(INPUT_END, 0);
	key(INPUT_LEFT, 0);
	key(INPUT_BACKSPACE, 0);
	is_str(prompt.text, ">ello word", "Backspace in the middle");
	key('e', INPUT_CTRL);
	key('w', INPUT_CTRL);
	is_str(prompt.text, ">ello ", "^W");
	key(INPUT_LEFT, 0);
	key(INPUT_LEFT, 0);
	key('k', INPUT_CTRL);
	is_str(prompt.text, ">ell", "^K");
	key('u', INPUT_CTRL);
	is_str(prompt.text, "", "^U");
	is_int(key(INPUT_BACKSPACE, 0), PROMPT_CANCELLED,
	    "Backspace in an empty line leaves it");
	is_int(key(INPUT_ESC, 0), PROMPT_CANCELLED, "Esc leaves");
	is_int(key('c', INPUT_CTRL), PROMPT_CANCELLED, "^C too");
	is_int(key('a', INPUT_CTRL), PROMPT_IGNORED, "^A stays free");
	is_int(key('x', INPUT_ALT), PROMPT_IGNORED, "Alt is no text");
	is_int(key(INPUT_F1, 0), PROMPT_IGNORED, "nor are function keys");
}

static void
test_characters(void)
{
	prompt_start(&prompt, "", NULL);
	key(0x4f60, 0); /* wide */
	key(0xe9, 0);
	key('x', 0);
	key(0x301, 0); /* combining */
	is_str(prompt.text, "\344\275\240\303\251x\314\201", "UTF-8");
	key(INPUT_LEFT, 0);
	is_int((int64_t)prompt.cursor, 5, "a mark moves with its base");
	key(INPUT_DEL, 0);
	is_str(prompt.text, "\344\275\240\303\251", "and goes with it");
	key(INPUT_BACKSPACE, 0);
	key(INPUT_BACKSPACE, 0);
	is_str(prompt.text, "", "whole characters go");
	is_int(key(0x202e, 0), PROMPT_IGNORED, "no control gets in");
	is_int(key(0x9b, 0), PROMPT_IGNORED, "of either kind");
	is_int((int64_t)prompt.len, 0, "at all");
}

static void
test_paste(void)
{
	static char big[PROMPT_BYTES_MAX * 2];

	prompt_start(&prompt, "a", NULL);
	is_int(paste("b\nc\td\033[31m\377e\303", 13), PROMPT_CHANGED, "pasted");
	is_str(prompt.text, "ab c d[31me", "as one clean line");
	memset(big, 'x', sizeof(big));
	paste(big, sizeof(big));
	is_int((int64_t)prompt.len, PROMPT_BYTES_MAX, "has a limit");
	is_int(key('y', 0), PROMPT_IGNORED, "for typing too");
}

static void
test_history(void)
{
	prompt_start(&prompt, "", &history);
	type("one");
	is_int(key(INPUT_ENTER, 0), PROMPT_ACCEPTED, "accepted");
	prompt_start(&prompt, "", &history);
	type("two");
	key(INPUT_ENTER, 0);
	prompt_start(&prompt, "", &history);
	type("dra");
	key(INPUT_UP, 0);
	is_str(prompt.text, "two", "Up: the last one");
	key(INPUT_UP, 0);
	key(INPUT_UP, 0);
	is_str(prompt.text, "one", "the oldest is the end");
	key(INPUT_DOWN, 0);
	key(INPUT_DOWN, 0);
	is_str(prompt.text, "dra", "down to what was being typed");
	for (int i = 0; i < 100; i++) {
		char line[16];

		snprintf(line, sizeof(line), "line %d", i);
		prompt_history_add(&history, line);
	}
	is_int((int64_t)history.count, PROMPT_HISTORY_MAX, "has a limit");
	prompt_history_add(&history, "line 80");
	is_int((int64_t)history.count, PROMPT_HISTORY_MAX, "equal lines");
	is_str(history.lines[history.count - 1], "line 80", "are one");
	mem_fail_at(1, true);
	prompt_history_add(&history, "x");
	mem_fail_at(0, false);
	is_str(
	    history.lines[history.count - 1], "line 80", "no memory: no line");
	prompt_history_release(&history);
}

static const char *
row(const struct canvas *canvas, int y)
{
	static char out[512];
	size_t n = 0;

	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		memcpy(out + n, cell->glyph, cell->len);
		n += cell->len;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

static void
test_draw(void)
{
	struct canvas *canvas = canvas_new(1, 20);

	prompt_start(&prompt, "abc", NULL);
	prompt_draw(
	    &prompt, canvas, canvas_rect(canvas), TEXT("/"), TEXT("bad"));
	is_str(row(canvas, 0), "/abc  bad", "label, text, note");
	is_int(canvas->cursor_x, 4, "cursor behind the text");
	prompt_set(&prompt, "0123456789012345678901234567890");
	prompt_draw(
	    &prompt, canvas, canvas_rect(canvas), TEXT("/"), TEXT_EMPTY);
	is_int(canvas->cursor_x, 19, "a long text scrolls");
	is_str(row(canvas, 0), "/345678901234567890", "its end is seen");
	prompt_set(&prompt, "\344\275\240\345\245\275");
	prompt_draw(
	    &prompt, canvas, canvas_rect(canvas), TEXT("/"), TEXT_EMPTY);
	is_int(canvas->cursor_x, 5, "wide characters count two");
	if (!canvas_resize(canvas, 1, 1))
		exit(99);
	prompt_draw(
	    &prompt, canvas, canvas_rect(canvas), TEXT("/"), TEXT_EMPTY);
	ok(true, "one cell is enough to do no harm");
	canvas_free(canvas);
}

static const struct panel_ops panel_logs = {
	.name = "logs", .help = "log lines", .key = '3'
};
static const struct panel_ops panel_queues = {
	.name = "queues", .help = "queues", .key = '4'
};
static const struct panel_ops *const panels[] = { &panel_logs, &panel_queues,
	NULL };

static enum prompt_result
palette_key(struct palette *palette, uint32_t code, struct palette_choice *ret)
{
	struct input_event ev = { .kind = INPUT_KEY, .code = code };

	return palette_event(palette, &ev, panels, ret);
}

static struct palette_choice
choose(const char *typed, int downs)
{
	struct palette palette;
	struct palette_choice choice = { COMMAND_NONE, NULL };

	palette_start(&palette, NULL);
	for (; *typed != '\0'; typed++)
		palette_key(&palette, (unsigned char)*typed, &choice);
	for (; downs > 0; downs--)
		palette_key(&palette, INPUT_DOWN, &choice);
	palette_key(&palette, INPUT_ENTER, &choice);
	return choice;
}

static void
test_palette(void)
{
	struct palette palette;
	struct palette_choice choice;
	struct canvas *canvas = canvas_new(24, 80);
	struct keys keys;

	keys_init(&keys);
	ok(choose("lo", 0).panel == &panel_logs,
	    "a panel by its first letters");
	is_int(choose("refresh", 0).command, COMMAND_REFRESH, "a command");
	is_int(choose("rfsh", 0).command, COMMAND_REFRESH, "letters in order");
	is_int(choose("REFR", 0).command, COMMAND_REFRESH, "in any case");
	is_int(choose("zzz", 0).command, COMMAND_NONE, "nothing matches");
	ok(choose("", 1).panel == &panel_queues, "Down chooses the next");
	ok(choose("", 500).command != COMMAND_NONE, "and ends at the last");
	palette_start(&palette, NULL);
	palette_key(&palette, 'q', &choice);
	palette_key(&palette, 'u', &choice);
	palette_key(&palette, 'e', &choice);
	is_int(
	    palette_key(&palette, INPUT_TAB, &choice), PROMPT_CHANGED, "Tab");
	is_str(palette.prompt.text, "queues", "completes");
	palette_draw(&palette, &keys, panels, canvas, canvas_rect(canvas));
	is_str(row(canvas, 23), ":queues", "the line");
	is_str(row(canvas, 22), "  queues             4      queues",
	    "the match above it");
	palette_key(&palette, 'x', &choice);
	palette_draw(&palette, &keys, panels, canvas, canvas_rect(canvas));
	is_str(row(canvas, 23), ":queuesx  no such command", "says so");
	is_int(palette_key(&palette, INPUT_ESC, &choice), PROMPT_CANCELLED,
	    "Esc leaves");
	canvas_free(canvas);
}

int
main(void)
{
	RUN(test_edit);
	RUN(test_characters);
	RUN(test_paste);
	RUN(test_history);
	RUN(test_draw);
	RUN(test_palette);
	return tap_done();
}
