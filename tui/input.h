/*
 * What the terminal sends, decoded: bytes in, split anywhere, events out.
 *
 * This is not curses' keypad(): a reply of the terminal, a mouse report, a
 * focus report or a paste is recognised whole and never becomes keys, and a
 * sequence that is unknown, broken or cut off is swallowed whole. The cuts
 * between reads never change what comes out (only time does, see below).
 *
 * Time. The caller says when bytes came, and calls input_timeout() at
 * input_deadline():
 * - A lone Esc is a key after esc_ms without a further byte.
 * - Its sequence may still follow on a slow line. So for INPUT_LATE_MS after
 *   a timed-out Esc a byte that opens sequences ("[", "O", "P", ...) is held
 *   for esc_ms: when more bytes come right behind it, it was the sequence,
 *   which is then decoded as if nothing had happened; when none comes it was
 *   a person who typed Esc and then "[". The key Esc is out by then; it only
 *   ever leads back, so that costs nothing. Waiting longer before the Esc is
 *   given would make every Esc slow instead.
 * - Whatever the gaps between its bytes (up to INPUT_LATE_MS each), ESC[200~
 *   opens a paste: the one sequence whose loss would run a text as commands.
 *   At worst "[", "2", "0", "0" came out as keys before; none of them acts.
 * - An unfinished sequence is given up after INPUT_SEQ_MS of silence.
 * - A paste has no end but its end mark: a stalled line must not turn its
 *   rest into keys. If the mark was lost, Esc or ^C typed alone after
 *   INPUT_PASTE_QUIET_MS of silence end it.
 * - What comes within INPUT_TAIL_MS behind the end mark of a paste is not
 *   typed: the pasted text had an end mark in it. Keys there are dropped.
 *
 * Burst guard. Terminals without bracketed paste send a paste as keys.
 * A key event has burst set when another text key is in the same read or
 * less than INPUT_BURST_MS before it, and for INPUT_BURST_HOLD_MS behind
 * such a pair. Keys that change something must not fire on it. The first key
 * of a burst that comes one byte at a time can't be known as such: who fires
 * on a single key must hold it for INPUT_BURST_MS and look at the next.
 *
 * Sources: ECMA-48 5.4, xterm's ctlseqs, kitty's keyboard protocol.
 * thread: UI.
 */
#ifndef SEV_TUI_INPUT_H
#define SEV_TUI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Keys that are no character; above every code point. */
enum input_sym {
	INPUT_UP = 0x110000,
	INPUT_DOWN,
	INPUT_RIGHT,
	INPUT_LEFT,
	INPUT_HOME,
	INPUT_END,
	INPUT_PGUP,
	INPUT_PGDN,
	INPUT_INS,
	INPUT_DEL,
	INPUT_BACKSPACE,
	INPUT_TAB, /* back tab is Tab with shift */
	INPUT_ENTER,
	INPUT_ESC,
	INPUT_BEGIN, /* the middle of the number pad */
	INPUT_F1,    /* F1 to F12 follow one another */
	INPUT_F12 = INPUT_F1 + 11,
	INPUT_SYM_END,
};

enum {
	INPUT_SHIFT = 1, /* never set on a character: "S" is 'S' */
	INPUT_ALT = 2,
	INPUT_CTRL = 4 /* with a letter: the small one, ^D is 'd' */
};

enum input_kind {
	INPUT_KEY,
	INPUT_PASTE, /* text, len, cut */
	INPUT_MOUSE,
	INPUT_FOCUS, /* code 1: gained, 0: lost */
	INPUT_REPLY, /* reply, and text for the strings (OSC, DCS) */
};

enum input_reply {
	INPUT_REPLY_DA,	     /* CSI ? ... c, CSI > ... c */
	INPUT_REPLY_CPR,     /* CSI row ; column R */
	INPUT_REPLY_STATUS,  /* CSI ... n, y, t, x, u: other reports */
	INPUT_REPLY_OSC,     /* colours, clipboard, title */
	INPUT_REPLY_DCS,     /* DECRQSS, XTGETTCAP */
	INPUT_REPLY_VERSION, /* XTVERSION: DCS > | text ST */
	INPUT_REPLY_STRING,  /* APC, PM, SOS */
};

enum input_mouse {
	INPUT_MOUSE_PRESS,
	INPUT_MOUSE_RELEASE,
	INPUT_MOUSE_MOVE,
	INPUT_MOUSE_WHEEL_UP,
	INPUT_MOUSE_WHEEL_DOWN,
};

struct input_event {
	enum input_kind kind;
	uint32_t code;	  /* key: code point or enum input_sym */
	uint8_t mods;	  /* key, mouse: INPUT_SHIFT and so on */
	bool burst;	  /* key: not typed by hand, see above */
	bool crowded;	  /* key: it was not the only byte of its read */
	bool cut;	  /* paste, reply: more came than is kept */
	uint8_t reply;	  /* enum input_reply */
	uint8_t mouse;	  /* enum input_mouse */
	uint8_t button;	  /* 1 left, 2 middle, 3 right; 0 none or other */
	uint16_t x, y;	  /* mouse: cell, from 0 */
	const char *text; /* raw bytes from outside, borrowed until next feed */
	size_t len;
};

struct input;

/* esc_ms 0: the default of INPUT_ESC_MS. NULL: no memory. */
struct input *input_new(int esc_ms) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct input *input_free(struct input *in);

/*
 * Takes the bytes of one read that came at now (clock_now()); at most
 * INPUT_READ_MAX, the rest is refused: returns how many were taken. The
 * events of the last feed must have been fetched, those left are dropped.
 */
size_t input_feed(struct input *in, const void *bytes, size_t len, int64_t now);

/* True and the next event; false when there is none until more bytes come. */
bool input_next(struct input *in, struct input_event *ret_event);

/* When input_timeout() is due; DEADLINE_NONE when nothing waits. */
int64_t input_deadline(const struct input *in);

/* Time has come to now: may make events ready for input_next(). */
void input_timeout(struct input *in, int64_t now);

/* When the newest bytes came, whatever they were; 0: none did. */
int64_t input_fed_at(const struct input *in);

/* Whether a sequence or a paste is open. */
bool input_is_idle(const struct input *in);

/* Forgets everything unfinished and all events, as after a resume. */
void input_reset(struct input *in);

#endif
