#include "tui/prompt.h"

#include <string.h>

#include "base/alloc.h"
#include "base/textbuf.h"
#include "base/utf8.h"

void
prompt_history_release(struct prompt_history *history)
{
	for (size_t i = 0; i < history->count; i++)
		mem_free(history->lines[i]);
	history->count = 0;
}

static void
prompt_history_remove(struct prompt_history *history, size_t at)
{
	mem_free(history->lines[at]);
	history->count--;
	memmove(&history->lines[at], &history->lines[at + 1],
	    (history->count - at) * sizeof(history->lines[0]));
}

void
prompt_history_add(struct prompt_history *history, const char *line)
{
	char *copy = line[0] != '\0' ? mem_strdup(line) : NULL;

	if (copy == NULL)
		return;
	for (size_t i = 0; i < history->count; i++) {
		if (strcmp(history->lines[i], line) == 0) {
			prompt_history_remove(history, i);
			break;
		}
	}
	if (history->count == PROMPT_HISTORY_MAX)
		prompt_history_remove(history, 0);
	history->lines[history->count++] = copy;
}

static bool
prompt_insert(struct prompt *prompt, uint32_t cp)
{
	char bytes[UTF8_MAX];
	size_t n = utf8_encode(cp, bytes);

	if (n == 0 || text_cp_width(cp) < 0 ||
	    prompt->len + n > PROMPT_BYTES_MAX)
		return false;
	memmove(prompt->text + prompt->cursor + n,
	    prompt->text + prompt->cursor, prompt->len - prompt->cursor + 1);
	memcpy(prompt->text + prompt->cursor, bytes, n);
	prompt->len += n;
	prompt->cursor += n;
	return true;
}

static void
prompt_insert_all(struct prompt *prompt, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = utf8_decode(bytes + i, len - i, &cp);

		i += n > 0 ? n : 1;
		if (n == 0)
			continue;
		if (cp == '\n' || cp == '\r' || cp == '\t')
			cp = ' ';
		prompt_insert(prompt, cp);
	}
}

void
prompt_set(struct prompt *prompt, const char *text)
{
	prompt->len = prompt->cursor = 0;
	prompt->text[0] = '\0';
	prompt_insert_all(prompt, text, strlen(text));
}

void
prompt_start(
    struct prompt *prompt, const char *text, struct prompt_history *history)
{
	prompt->history = history;
	prompt->recall = 0;
	prompt->typed[0] = '\0';
	prompt_set(prompt, text);
}

/* Start of the character before or behind offset at, marks included. */
static size_t
prompt_step(const struct prompt *prompt, size_t at, int direction)
{
	uint32_t cp;

	do {
		if (direction < 0 ? at == 0 : at >= prompt->len)
			return at;
		do
			at += (size_t)direction;
		while (at > 0 && at < prompt->len &&
		       ((unsigned char)prompt->text[at] & 0xc0) == 0x80);
	} while (at > 0 && at < prompt->len &&
		 utf8_decode(prompt->text + at, prompt->len - at, &cp) > 0 &&
		 text_cp_width(cp) == 0);
	return at;
}

static enum prompt_result
prompt_cut(struct prompt *prompt, size_t from, size_t to)
{
	if (from == to)
		return PROMPT_MOVED;
	memmove(prompt->text + from, prompt->text + to, prompt->len - to + 1);
	prompt->len -= to - from;
	prompt->cursor = from;
	return PROMPT_CHANGED;
}

static size_t
prompt_word_start(const struct prompt *prompt)
{
	size_t at = prompt->cursor;

	while (at > 0 && prompt->text[at - 1] == ' ')
		at--;
	while (at > 0 && prompt->text[at - 1] != ' ')
		at--;
	return at;
}

/* Shows the line that is back lines ago. */
static enum prompt_result
prompt_recall(struct prompt *prompt, size_t back)
{
	const struct prompt_history *history = prompt->history;

	if (history == NULL || back > history->count)
		return PROMPT_MOVED;
	if (prompt->recall == 0)
		memcpy(prompt->typed, prompt->text, prompt->len + 1);
	prompt->recall = back;
	prompt_set(prompt,
	    back == 0 ? prompt->typed : history->lines[history->count - back]);
	return PROMPT_CHANGED;
}

static enum prompt_result
prompt_ctrl(struct prompt *prompt, uint32_t code)
{
	switch (code) {
	case 'c':
		return PROMPT_CANCELLED;
	case 'e':
		prompt->cursor = prompt->len;
		return PROMPT_MOVED;
	case 'k':
		return prompt_cut(prompt, prompt->cursor, prompt->len);
	case 'u':
		return prompt_cut(prompt, 0, prompt->cursor);
	case 'w':
		return prompt_cut(
		    prompt, prompt_word_start(prompt), prompt->cursor);
	default:
		return PROMPT_IGNORED;
	}
}

static enum prompt_result
prompt_key(struct prompt *prompt, uint32_t code)
{
	size_t at = prompt->cursor;

	switch (code) {
	case INPUT_ENTER:
		if (prompt->history != NULL)
			prompt_history_add(prompt->history, prompt->text);
		return PROMPT_ACCEPTED;
	case INPUT_ESC:
		return PROMPT_CANCELLED;
	case INPUT_LEFT:
		prompt->cursor = prompt_step(prompt, at, -1);
		return PROMPT_MOVED;
	case INPUT_RIGHT:
		prompt->cursor = prompt_step(prompt, at, 1);
		return PROMPT_MOVED;
	case INPUT_HOME:
		prompt->cursor = 0;
		return PROMPT_MOVED;
	case INPUT_END:
		prompt->cursor = prompt->len;
		return PROMPT_MOVED;
	case INPUT_BACKSPACE:
		if (prompt->len == 0)
			return PROMPT_CANCELLED;
		return prompt_cut(prompt, prompt_step(prompt, at, -1), at);
	case INPUT_DEL:
		return prompt_cut(prompt, at, prompt_step(prompt, at, 1));
	case INPUT_UP:
		return prompt_recall(prompt, prompt->recall + 1);
	case INPUT_DOWN:
		return prompt->recall == 0
			   ? PROMPT_MOVED
			   : prompt_recall(prompt, prompt->recall - 1);
	default:
		return PROMPT_IGNORED;
	}
}

enum prompt_result
prompt_event(struct prompt *prompt, const struct input_event *event)
{
	if (event->kind == INPUT_PASTE) {
		prompt_insert_all(prompt, event->text, event->len);
		return PROMPT_CHANGED;
	}
	if (event->kind != INPUT_KEY || (event->mods & INPUT_ALT))
		return PROMPT_IGNORED;
	if (event->mods & INPUT_CTRL)
		return prompt_ctrl(prompt, event->code);
	if (event->code >= INPUT_UP)
		return prompt_key(prompt, event->code);
	return prompt_insert(prompt, event->code) ? PROMPT_CHANGED
						  : PROMPT_IGNORED;
}

static int
prompt_width(const char *bytes, size_t len)
{
	int width = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = utf8_decode(bytes + i, len - i, &cp);

		if (n == 0)
			break;
		i += n;
		width += text_cp_width(cp);
	}
	return width;
}

void
prompt_draw(const struct prompt *prompt, struct canvas *canvas,
    struct rect area, struct text label, struct text note)
{
	struct text_buf tb;
	size_t from = 0;
	int x = area.x, room;

	canvas_fill(canvas, area, TEXT(" "), ROLE_PROMPT, 0);
	x = canvas_text(canvas, area, area.y, x, label, ROLE_KEY, 0);
	room = area.x + area.w - x - 1;
	while (from < prompt->cursor &&
	       prompt_width(prompt->text + from, prompt->cursor - from) > room)
		from = prompt_step(prompt, from, 1);
	tb_init(&tb);
	tb_fmt(&tb, "%s", prompt->text + from);
	canvas->cursor_y = area.y;
	canvas->cursor_x =
	    x + prompt_width(prompt->text + from, prompt->cursor - from);
	x = canvas_text(canvas, area, area.y, x, tb_end(&tb), ROLE_PROMPT, 0);
	canvas_text(canvas, area, area.y, x + 2, note, ROLE_NOTICE, 0);
}
