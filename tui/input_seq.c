#include "tui/input_seq.h"

#include <string.h>

enum {
	SEQ_PARAMS_MAX = 6,
	SEQ_VALUE_MAX = 0x7fffff, /* above every code point and size */
	SEQ_MOK = 27,		  /* CSI 27 ; modifiers ; code ~ */
	SEQ_MODS_LOCK =
	    0xc0, /* caps and num lock; super and the like aren't ours */
};

/* The parameters of a CSI: value and first sub-parameter of each. */
struct seq_params {
	int n;
	int value[SEQ_PARAMS_MAX]; /* -1: left out */
	int sub[SEQ_PARAMS_MAX];
	char prefix; /* one of <=>? or 0 */
	bool intermediate;
};

static void
seq_params_parse(const char *seq, size_t len, struct seq_params *ret)
{
	int part = 0; /* 0: value, 1: first sub-parameter, 2: later ones */

	memset(ret, 0, sizeof(*ret));
	memset(ret->value, 0xff, sizeof(ret->value));
	memset(ret->sub, 0xff, sizeof(ret->sub));
	for (size_t i = 0; i < len; i++) {
		char c = seq[i];
		int *to;

		if (i == 0 && c >= '<' && c <= '?') {
			ret->prefix = c;
		} else if (c == ';') {
			ret->n++;
			part = 0;
		} else if (c == ':') {
			part++;
		} else if (c >= '0' && c <= '9') {
			if (ret->n >= SEQ_PARAMS_MAX || part > 1)
				continue;
			to =
			    part == 0 ? &ret->value[ret->n] : &ret->sub[ret->n];
			if (*to < 0)
				*to = 0;
			if (*to < SEQ_VALUE_MAX / 10)
				*to = *to * 10 + (c - '0');
			else
				*to = SEQ_VALUE_MAX;
		} else {
			ret->intermediate = true;
		}
	}
	if (len > (ret->prefix != 0 ? 1u : 0u))
		ret->n++;
	if (ret->n > SEQ_PARAMS_MAX)
		ret->n = SEQ_PARAMS_MAX;
}

/* Fills a key event from a code and xterm's modifier parameter. */
static bool
seq_key(struct input_event *ev, uint32_t code, int mods)
{
	int bits = mods > 0 ? mods - 1 : 0;

	if (bits & ~(INPUT_SHIFT | INPUT_ALT | INPUT_CTRL | SEQ_MODS_LOCK))
		return false;
	ev->kind = INPUT_KEY;
	ev->code = code;
	ev->mods = (uint8_t)(bits & (INPUT_SHIFT | INPUT_ALT | INPUT_CTRL));
	return true;
}

/* A key given as code point (CSI u, modifyOtherKeys) in our normal form. */
static bool
seq_key_char(struct input_event *ev, int code, int shifted, int mods)
{
	static const struct {
		int code;
		uint32_t sym;
	} named[] = {
		{ 8, INPUT_BACKSPACE },
		{ 9, INPUT_TAB },
		{ 10, INPUT_ENTER },
		{ 13, INPUT_ENTER },
		{ 27, INPUT_ESC },
		{ 127, INPUT_BACKSPACE },
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (named[i].code == code)
			return seq_key(ev, named[i].sym, mods);
	}
	/* 57344 to 63743: kitty's names for lock, media and modifier keys */
	if (code < 0x20 || (code >= 0x80 && code < 0xa0) || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xf8ff))
		return false;
	if (!seq_key(ev, (uint32_t)code, mods))
		return false;
	if (ev->mods & INPUT_SHIFT) {
		if (shifted > 0x20 && shifted < 0xd800)
			ev->code = (uint32_t)shifted;
		else if (code >= 'a' && code <= 'z')
			ev->code = (uint32_t)(code - 'a' + 'A');
		ev->mods &= (uint8_t)~INPUT_SHIFT;
	}
	if ((ev->mods & INPUT_CTRL) && ev->code >= 'A' && ev->code <= 'Z')
		ev->code += 'a' - 'A';
	return true;
}

/* Cursor keys and F1 to F4, by their last byte; 0 when it is none. */
static uint32_t
seq_letter(char final)
{
	switch (final) {
	case 'A':
		return INPUT_UP;
	case 'B':
		return INPUT_DOWN;
	case 'C':
		return INPUT_RIGHT;
	case 'D':
		return INPUT_LEFT;
	case 'E':
		return INPUT_BEGIN;
	case 'F':
		return INPUT_END;
	case 'H':
		return INPUT_HOME;
	case 'P':
	case 'Q':
	case 'R':
	case 'S':
		return INPUT_F1 + (uint32_t)(final - 'P');
	default:
		return 0;
	}
}

/* Keys of the form CSI number ~; 0 when it is none. */
static uint32_t
seq_number(int number)
{
	static const uint32_t low[] = { 0, INPUT_HOME, INPUT_INS, INPUT_DEL,
		INPUT_END, INPUT_PGUP, INPUT_PGDN, INPUT_HOME, INPUT_END };

	if (number >= 1 && number <= 8)
		return low[number];
	if (number >= 11 && number <= 15)
		return INPUT_F1 + (uint32_t)(number - 11);
	if (number >= 17 && number <= 21)
		return INPUT_F1 + 5 + (uint32_t)(number - 17);
	if (number == 23 || number == 24)
		return INPUT_F1 + 10 + (uint32_t)(number - 23);
	return 0;
}

static bool
seq_reply(struct input_event *ev, enum input_reply reply)
{
	ev->kind = INPUT_REPLY;
	ev->reply = (uint8_t)reply;
	return true;
}

/* Button byte of all mouse protocols (without the offset of 32). */
static bool
seq_mouse(struct input_event *ev, int b, int x, int y, bool release)
{
	static const uint8_t mods[] = { 0, INPUT_SHIFT, INPUT_ALT,
		INPUT_SHIFT | INPUT_ALT, INPUT_CTRL, INPUT_CTRL | INPUT_SHIFT,
		INPUT_CTRL | INPUT_ALT, INPUT_CTRL | INPUT_SHIFT | INPUT_ALT };
	int low = b & 3;

	if (b < 0 || x < 1 || y < 1 || x > UINT16_MAX || y > UINT16_MAX)
		return false;
	ev->kind = INPUT_MOUSE;
	ev->x = (uint16_t)(x - 1);
	ev->y = (uint16_t)(y - 1);
	ev->mods = mods[(b >> 2) & 7];
	if (b & 64) {
		if ((b & 128) || low > 1)
			return false;
		ev->mouse =
		    low == 0 ? INPUT_MOUSE_WHEEL_UP : INPUT_MOUSE_WHEEL_DOWN;
		return !release;
	}
	ev->button = (b & 128) || low == 3 ? 0 : (uint8_t)(low + 1);
	if (b & 32)
		ev->mouse = INPUT_MOUSE_MOVE;
	else if (release || low == 3)
		ev->mouse = INPUT_MOUSE_RELEASE;
	else
		ev->mouse = INPUT_MOUSE_PRESS;
	return true;
}

bool
input_seq_x10(const unsigned char b[3], struct input_event *ret_event)
{
	memset(ret_event, 0, sizeof(*ret_event));
	return seq_mouse(ret_event, b[0] - 32, b[1] - 32, b[2] - 32, false);
}

/* CSI u: kitty's protocol; code:shifted ; modifiers:type ; text */
static bool
seq_kitty(const struct seq_params *p, struct input_event *ev)
{
	if (p->prefix != 0)
		return p->prefix == '?' && seq_reply(ev, INPUT_REPLY_STATUS);
	if (p->sub[1] == 3) /* the key was released */
		return false;
	return seq_key_char(ev, p->value[0], p->sub[0], p->value[1]);
}

static bool
seq_tilde(const struct seq_params *p, struct input_event *ev)
{
	uint32_t sym;

	if (p->prefix != 0)
		return false;
	if (p->value[0] == SEQ_MOK && p->n == 3)
		return seq_key_char(ev, p->value[2], -1, p->value[1]);
	sym = seq_number(p->value[0]);
	if (sym == 0 || p->sub[1] == 3)
		return false;
	return seq_key(ev, sym, p->value[1]);
}

static bool
seq_cursor(const struct seq_params *p, char final, struct input_event *ev)
{
	uint32_t sym = seq_letter(final);

	/* "CSI 1 ; 2 R" is both shift F3 and a cursor position: a report */
	if (final == 'R' && p->n >= 2)
		return seq_reply(ev, INPUT_REPLY_CPR);
	if (p->prefix != 0 || sym == 0 || p->sub[1] == 3 || p->value[0] > 1)
		return false;
	return seq_key(ev, sym, p->value[1]);
}

/* rxvt: arrows with shift are CSI a to d, keys with $ ^ @ instead of ~. */
static bool
seq_rxvt(const struct seq_params *p, char final, struct input_event *ev)
{
	uint32_t sym;

	if (final >= 'a' && final <= 'd')
		return p->n == 0 &&
		       seq_key(ev, seq_letter((char)(final - 'a' + 'A')),
			   1 + INPUT_SHIFT);
	sym = seq_number(p->value[0]);
	if (p->prefix != 0 || sym == 0 || p->n != 1)
		return false;
	if (final == '$')
		return seq_key(ev, sym, 1 + INPUT_SHIFT);
	return seq_key(
	    ev, sym, 1 + INPUT_CTRL + (final == '@' ? INPUT_SHIFT : 0));
}

bool
input_seq_csi(
    const char *seq, size_t len, char final, struct input_event *ret_event)
{
	struct seq_params p;

	memset(ret_event, 0, sizeof(*ret_event));
	seq_params_parse(seq, len, &p);
	if (p.intermediate)
		return final == 'y' && seq_reply(ret_event, INPUT_REPLY_STATUS);
	switch (final) {
	case '~':
		return seq_tilde(&p, ret_event);
	case 'u':
		return seq_kitty(&p, ret_event);
	case 'Z':
		return p.n == 0 &&
		       seq_key(ret_event, INPUT_TAB, 1 + INPUT_SHIFT);
	case 'M':
	case 'm':
		if (p.n != 3 || (p.prefix != '<' && p.prefix != 0))
			return false;
		if (p.prefix == 0) /* urxvt keeps the offset of X10 */
			p.value[0] -= 32;
		return seq_mouse(ret_event, p.value[0], p.value[1], p.value[2],
		    p.prefix == '<' && final == 'm');
	case 'I':
	case 'O':
		if (p.n != 0)
			return false;
		ret_event->kind = INPUT_FOCUS;
		ret_event->code = final == 'I';
		return true;
	case 'c':
		if (p.n == 0) /* rxvt: shift and right */
			return seq_rxvt(&p, final, ret_event);
		return seq_reply(ret_event, INPUT_REPLY_DA);
	case 'n':
	case 't':
	case 'x':
	case 'y':
		return seq_reply(ret_event, INPUT_REPLY_STATUS);
	case 'a':
	case 'b':
	case 'd':
	case '$':
	case '^':
	case '@':
		return seq_rxvt(&p, final, ret_event);
	default:
		return seq_cursor(&p, final, ret_event);
	}
}

bool
input_seq_ss3(
    const char *seq, size_t len, char final, struct input_event *ret_event)
{
	struct seq_params p;
	uint32_t sym = seq_letter(final);

	memset(ret_event, 0, sizeof(*ret_event));
	seq_params_parse(seq, len, &p);
	if (final == 'M')
		sym = INPUT_ENTER;
	if (final >= 'a' && final <= 'd') /* rxvt: arrows with control */
		return seq_key(ret_event, seq_letter((char)(final - 'a' + 'A')),
		    1 + INPUT_CTRL);
	if (sym == 0)
		return false;
	return seq_key(ret_event, sym, p.n > 1 ? p.value[1] : p.value[0]);
}

bool
input_seq_linux(char final, struct input_event *ret_event)
{
	memset(ret_event, 0, sizeof(*ret_event));
	if (final < 'A' || final > 'E')
		return false;
	return seq_key(ret_event, INPUT_F1 + (uint32_t)(final - 'A'), 0);
}
