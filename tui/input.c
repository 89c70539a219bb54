#include "tui/input.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"
#include "tui/input_seq.h"
#include "tui/limits.h"

enum input_state {
	IN_GROUND,
	IN_ESC,
	IN_HELD, /* opener of a sequence behind a timed-out Esc */
	IN_CSI,
	IN_LINUX, /* CSI [ */
	IN_X10,	  /* CSI M, three bytes follow */
	IN_SS3,
	IN_STRING,
	IN_STRING_ESC,
	IN_PASTE,
};

/* A text is kept as an offset: the buffer may move until it is fetched. */
struct input_slot {
	struct input_event event;
	size_t offset;
};

struct input {
	enum input_state state;
	int64_t esc_ns;
	int64_t since;	    /* last byte of the unfinished sequence */
	int64_t late_until; /* a timed-out Esc may get its sequence */
	bool esc_again;	    /* ESC ESC: Alt before a sequence */
	uint8_t alt;	    /* INPUT_ALT for the character that is read */
	char held;

	char seq[INPUT_SEQ_MAX];
	size_t seq_len;
	bool seq_cut;

	char string; /* its opener as after ESC: ] P _ ^ X */
	bool string_c1;

	uint32_t utf8_code;
	uint32_t utf8_min;
	int utf8_need;

	int paste_match; /* bytes of the end mark seen */
	bool paste_lone; /* Esc typed alone after silence, while pasting */
	int64_t paste_at;
	int shadow; /* bytes of the start mark seen, its Esc timed out */
	int64_t shadow_at;
	bool tail;
	int64_t tail_at; /* of the newest bytes */

	struct buf text;   /* of pastes and replies */
	size_t text_start; /* of the open one */
	bool text_cut;

	int64_t text_key_at; /* last text key, for the burst guard */
	int64_t burst_until;

	size_t head;
	size_t count;
	struct input_slot slots[INPUT_READ_MAX + 8];
};

static const char paste_start[] = "\033[200~";
static const char paste_end[] = "\033[201~";

struct input *
input_new(int esc_ms)
{
	struct input *in = mem_calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	in->esc_ns = (esc_ms > 0 ? esc_ms : INPUT_ESC_MS) * NS_PER_MS;
	buf_init(&in->text, INPUT_PASTE_MAX + INPUT_REPLY_MAX + INPUT_READ_MAX);
	in->text_key_at = -NS_PER_SEC;
	return in;
}

struct input *
input_free(struct input *in)
{
	if (in != NULL)
		buf_release(&in->text);
	mem_free(in);
	return NULL;
}

void
input_reset(struct input *in)
{
	in->state = IN_GROUND;
	in->utf8_need = 0;
	in->alt = 0;
	in->shadow = 0;
	in->tail = false;
	in->late_until = 0;
	in->head = in->count = 0;
	in->text_start = 0;
	buf_clear(&in->text);
}

/* Text keys are what a paste could consist of. */
static bool
input_is_text(const struct input_event *ev)
{
	if (ev->kind != INPUT_KEY || (ev->mods & INPUT_CTRL))
		return false;
	return ev->code < INPUT_UP || ev->code == INPUT_ENTER ||
	       ev->code == INPUT_TAB;
}

static void
input_push(struct input *in, const struct input_event *ev, size_t offset)
{
	if (ev->kind == INPUT_KEY && in->tail)
		return;
	if (in->count == sizeof(in->slots) / sizeof(in->slots[0]))
		return;
	in->slots[in->count].event = *ev;
	in->slots[in->count++].offset = offset;
}

static void
input_push_key(struct input *in, uint32_t code, uint8_t mods)
{
	struct input_event ev = {
		.kind = INPUT_KEY, .code = code, .mods = mods
	};

	input_push(in, &ev, 0);
}

static void
input_text_open(struct input *in)
{
	in->text_start = in->text.len;
	in->text_cut = false;
}

static void
input_text_add(struct input *in, char c, size_t max)
{
	if (in->text.len - in->text_start >= max || !buf_char(&in->text, c))
		in->text_cut = true;
}

static void
input_text_drop(struct input *in)
{
	in->text.len = in->text_start;
	in->text.failed = false;
}

static void
input_text_push(struct input *in, struct input_event *ev)
{
	ev->len = in->text.len - in->text_start;
	ev->cut = in->text_cut;
	in->text.failed = false;
	input_push(in, ev, in->text_start);
}

static void
input_paste_begin(struct input *in)
{
	in->state = IN_PASTE;
	in->paste_match = 0;
	in->paste_lone = false;
	in->shadow = 0;
	in->utf8_need = 0;
	input_text_open(in);
}

/* The rest of a paste with an end mark inside would follow at once. */
static void
input_tail_begin(struct input *in, int64_t now)
{
	in->tail = true;
	in->tail_at = now;
}

static void
input_paste_byte(struct input *in, char c, int64_t now)
{
	struct input_event ev = { .kind = INPUT_PASTE };

	in->paste_at = now;
	if (c == paste_end[in->paste_match]) {
		if (paste_end[++in->paste_match] != '\0')
			return;
		in->state = IN_GROUND;
		input_text_push(in, &ev);
		input_tail_begin(in, now);
		return;
	}
	for (int i = 0; i < in->paste_match; i++)
		input_text_add(in, paste_end[i], INPUT_PASTE_MAX);
	in->paste_match = c == paste_end[0];
	if (!in->paste_match)
		input_text_add(in, c, INPUT_PASTE_MAX);
}

/* ^C or Esc, typed alone into a paste that has gone silent, ends it. */
static bool
input_paste_is_left(struct input *in, char c, int64_t now)
{
	if (now - in->paste_at < INPUT_PASTE_QUIET_MS * NS_PER_MS)
		return false;
	if (c == '\033') { /* may be the end mark's: time will tell */
		in->paste_lone = true;
		in->since = now;
		return false;
	}
	if (c != '\003')
		return false;
	input_text_drop(in);
	in->state = IN_GROUND;
	return true;
}

static void
input_string_end(struct input *in)
{
	struct input_event ev = { .kind = INPUT_REPLY,
		.reply = INPUT_REPLY_STRING };

	if (in->string == ']')
		ev.reply = INPUT_REPLY_OSC;
	else if (in->string == 'P')
		ev.reply = INPUT_REPLY_DCS;
	if (in->string == 'P' && in->text.len - in->text_start >= 2 &&
	    memcmp(in->text.data + in->text_start, ">|", 2) == 0)
		ev.reply = INPUT_REPLY_VERSION;
	in->state = IN_GROUND;
	input_text_push(in, &ev);
}

/* Enters the sequence that opener (the byte behind ESC) starts. */
static bool
input_sequence_begin(struct input *in, char opener, bool c1)
{
	in->seq_len = 0;
	in->seq_cut = false;
	if (opener == '[') {
		in->state = IN_CSI;
	} else if (opener == 'O') {
		in->state = IN_SS3;
	} else if (opener != '\0' && strchr("]P_^X", opener) != NULL) {
		in->state = IN_STRING;
		in->string = opener;
		in->string_c1 = c1;
		input_text_open(in);
	} else {
		return false;
	}
	return true;
}

/* Opener that an 8-bit control stands for; 0 for none (ECMA-48 5.3). */
static char
input_c1_opener(uint32_t code)
{
	switch (code) {
	case 0x9b:
		return '[';
	case 0x8f:
		return 'O';
	case 0x9d:
		return ']';
	case 0x90:
		return 'P';
	case 0x98:
	case 0x9e:
	case 0x9f:
		return (char)(code - 0x40);
	default:
		return '\0';
	}
}

static void
input_char(struct input *in, uint32_t code)
{
	uint8_t mods = in->alt;

	in->alt = 0;
	if (code >= 0x80 && code < 0xa0) {
		input_sequence_begin(in, input_c1_opener(code), true);
		return;
	}
	if (code == '\r' || code == '\n')
		code = INPUT_ENTER;
	else if (code == '\t')
		code = INPUT_TAB;
	else if (code == 0x7f || code == '\b')
		code = INPUT_BACKSPACE;
	else if (code == 0) {
		code = ' ';
		mods |= INPUT_CTRL;
	} else if (code < 0x20) {
		code += code <= 26 ? 'a' - 1 : '@';
		mods |= INPUT_CTRL;
	}
	input_push_key(in, code, mods);
}

/* Lead byte of UTF-8 (RFC 3629 section 4). False: not one. */
static bool
input_utf8_begin(struct input *in, unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf) {
		in->utf8_need = 1;
		in->utf8_min = 0x80;
	} else if (c >= 0xe0 && c <= 0xef) {
		in->utf8_need = 2;
		in->utf8_min = 0x800;
	} else if (c >= 0xf0 && c <= 0xf4) {
		in->utf8_need = 3;
		in->utf8_min = 0x10000;
	} else {
		return false;
	}
	in->utf8_code = c & (0x3fu >> in->utf8_need);
	return true;
}

static void
input_utf8_more(struct input *in, unsigned char c)
{
	uint32_t code = in->utf8_code << 6 | (c & 0x3f);

	in->utf8_code = code;
	if (--in->utf8_need > 0)
		return;
	if (code >= in->utf8_min && code <= 0x10ffff &&
	    (code < 0xd800 || code > 0xdfff))
		input_char(in, code);
	in->alt = 0;
}

static void
input_ground_byte(struct input *in, unsigned char c, int64_t now)
{
	if (in->utf8_need > 0 && (c & 0xc0) == 0x80) {
		input_utf8_more(in, c);
		return;
	}
	if (in->utf8_need > 0) /* cut character: gone with its Alt */
		in->alt = 0;
	in->utf8_need = 0;
	if (c == '\033') {
		in->state = IN_ESC;
		in->esc_again = false;
		in->late_until = 0;
	} else if (in->late_until > 0 && now <= in->late_until &&
		   strchr("[O]P_^X", c) != NULL && c != '\0') {
		in->state = IN_HELD;
		in->held = (char)c;
		in->late_until = 0;
	} else if (c < 0xa0 || !input_utf8_begin(in, c)) {
		in->late_until = 0;
		if (c < 0xa0)
			input_char(in, c);
		in->alt = 0;
	}
}

static void
input_esc_byte(struct input *in, unsigned char c, int64_t now)
{
	if (c == '\033') {
		if (in->esc_again)
			input_push_key(in, INPUT_ESC, 0);
		in->esc_again = true;
		return;
	}
	if (input_sequence_begin(in, (char)c, false))
		return;
	if (in->esc_again)
		input_push_key(in, INPUT_ESC, 0);
	in->state = IN_GROUND;
	in->esc_again = false;
	in->alt = INPUT_ALT;
	input_ground_byte(in, c, now);
}

/* A finished sequence: Alt for the ESC ESC of rxvt, then out with it. */
static void
input_sequence_end(struct input *in, bool known, struct input_event *ev)
{
	in->state = IN_GROUND;
	if (known && !in->seq_cut) {
		if (in->esc_again && ev->kind == INPUT_KEY)
			ev->mods |= INPUT_ALT;
		input_push(in, ev, 0);
	}
	in->esc_again = false;
}

static bool
input_seq_is(const struct input *in, const char *text)
{
	return in->seq_len == strlen(text) && !in->seq_cut &&
	       memcmp(in->seq, text, in->seq_len) == 0;
}

static void
input_csi_end(struct input *in, char final, int64_t now)
{
	struct input_event ev;

	if (final == '[' && in->seq_len == 0) {
		in->state = IN_LINUX;
	} else if (final == 'M' && in->seq_len == 0) {
		in->state = IN_X10;
	} else if (final == '~' && input_seq_is(in, "200")) {
		in->esc_again = false;
		input_paste_begin(in);
	} else if (final == '~' && input_seq_is(in, "201")) {
		in->state = IN_GROUND;
		in->esc_again = false;
		input_tail_begin(in, now);
	} else {
		input_sequence_end(
		    in, input_seq_csi(in->seq, in->seq_len, final, &ev), &ev);
	}
}

/* rxvt ends keys with "$", elsewhere an intermediate: CSI number $ */
static bool
input_seq_is_number(const struct input *in)
{
	for (size_t i = 0; i < in->seq_len; i++) {
		if (in->seq[i] < '0' || in->seq[i] > '9')
			return false;
	}
	return in->seq_len > 0;
}

static void
input_sequence_byte(struct input *in, unsigned char c, int64_t now)
{
	struct input_event ev;
	bool more = in->state == IN_CSI
			? c >= 0x20 && c <= 0x3f &&
			      !(c == '$' && input_seq_is_number(in))
			: (c >= '0' && c <= '9') || c == ';';

	if (c == 0x18 || c == 0x1a) { /* CAN, SUB: given up by the sender */
		in->state = IN_GROUND;
	} else if (c < 0x20 || c >= 0x7f) {
		return;
	} else if (more) {
		if (in->seq_len < sizeof(in->seq))
			in->seq[in->seq_len++] = (char)c;
		else
			in->seq_cut = true;
	} else if (in->state == IN_CSI) {
		input_csi_end(in, (char)c, now);
	} else {
		input_sequence_end(
		    in, input_seq_ss3(in->seq, in->seq_len, (char)c, &ev), &ev);
	}
}

/* The last bytes of CSI [ and CSI M, outside the usual grammar. */
static void
input_odd_byte(struct input *in, unsigned char c)
{
	struct input_event ev;

	if (in->state == IN_LINUX) {
		input_sequence_end(in, input_seq_linux((char)c, &ev), &ev);
	} else if (c < 0x20) {
		in->state = IN_GROUND;
	} else {
		in->seq[in->seq_len++] = (char)c;
		if (in->seq_len == 3)
			input_sequence_end(in,
			    input_seq_x10((unsigned char *)in->seq, &ev), &ev);
	}
}

static void
input_string_byte(struct input *in, unsigned char c)
{
	if (c == '\033') {
		in->state = IN_STRING_ESC;
	} else if ((c == '\a' && in->string == ']') ||
		   (c == 0x9c && in->string_c1)) {
		input_string_end(in);
	} else if (c == 0x18 || c == 0x1a) {
		input_text_drop(in);
		in->state = IN_GROUND;
	} else {
		input_text_add(in, (char)c, INPUT_REPLY_MAX);
	}
}

static void
input_byte(struct input *in, unsigned char c, int64_t now)
{
	switch (in->state) {
	case IN_PASTE:
		input_paste_byte(in, (char)c, now);
		return;
	case IN_STRING:
		input_string_byte(in, c);
		return;
	case IN_STRING_ESC:
		if (c == '\\') {
			input_string_end(in);
			return;
		}
		input_text_drop(in);
		in->state = IN_ESC;
		in->esc_again = false;
		break;
	case IN_HELD:
		input_sequence_begin(in, in->held, false);
		input_byte(in, c, now); /* once: no longer held */
		return;
	case IN_GROUND:
		input_ground_byte(in, c, now);
		return;
	case IN_ESC:
		break;
	default:
		if (c == '\033') {
			in->state = IN_ESC;
			in->esc_again = false;
		} else if (in->state == IN_LINUX || in->state == IN_X10) {
			input_odd_byte(in, c);
		} else {
			input_sequence_byte(in, c, now);
		}
		return;
	}
	input_esc_byte(in, c, now);
}

/* Follows [200~ behind a timed-out Esc, whatever else the bytes mean. */
static void
input_shadow_byte(struct input *in, char c, int64_t now)
{
	if (in->state == IN_PASTE || c != paste_start[in->shadow] ||
	    now - in->shadow_at > INPUT_LATE_MS * NS_PER_MS) {
		in->shadow = 0;
		return;
	}
	in->shadow_at = now;
	if (paste_start[++in->shadow] == '\0')
		input_paste_begin(in);
}

/* Marks the keys that came too fast for hands. */
static void
input_burst_mark(struct input *in, size_t len, int64_t now)
{
	size_t keys = 0;

	for (size_t i = 0; i < in->count; i++)
		keys += input_is_text(&in->slots[i].event);
	if (keys >= 2 ||
	    (keys == 1 && now - in->text_key_at < INPUT_BURST_MS * NS_PER_MS))
		in->burst_until = now + INPUT_BURST_HOLD_MS * NS_PER_MS;
	if (keys > 0)
		in->text_key_at = now;
	for (size_t i = 0; i < in->count; i++) {
		if (in->slots[i].event.kind != INPUT_KEY)
			continue;
		in->slots[i].event.burst = now < in->burst_until;
		in->slots[i].event.crowded = len > 1;
	}
}

/* Makes room: texts that were fetched go, an open one stays. */
static void
input_text_compact(struct input *in)
{
	bool open = in->state == IN_PASTE || in->state == IN_STRING ||
		    in->state == IN_STRING_ESC;

	if (open)
		buf_consume(&in->text, in->text_start);
	else
		buf_clear(&in->text);
	in->text_start = 0;
}

size_t
input_feed(struct input *in, const void *bytes, size_t len, int64_t now)
{
	const unsigned char *at = bytes;

	if (len > INPUT_READ_MAX)
		len = INPUT_READ_MAX;
	in->head = in->count = 0;
	input_text_compact(in);
	if (in->tail && in->state == IN_GROUND &&
	    now - in->tail_at >= INPUT_TAIL_MS * NS_PER_MS)
		in->tail = false;
	in->tail_at = now;
	in->paste_lone = false;
	if (in->state == IN_PASTE && len == 1 &&
	    input_paste_is_left(in, (char)at[0], now))
		return len;
	for (size_t i = 0; i < len; i++) {
		input_byte(in, at[i], now);
		if (in->shadow > 0)
			input_shadow_byte(in, (char)at[i], now);
		if (in->state != IN_PASTE)
			in->since = now;
	}
	input_burst_mark(in, len, now);
	return len;
}

bool
input_next(struct input *in, struct input_event *ret_event)
{
	const struct input_slot *slot = &in->slots[in->head];

	if (in->head == in->count)
		return false;
	in->head++;
	*ret_event = slot->event;
	if (ret_event->kind == INPUT_PASTE || ret_event->len > 0)
		ret_event->text = buf_cstr(&in->text) + slot->offset;
	return true;
}

int64_t
input_fed_at(const struct input *in)
{
	return in->tail_at;
}

int64_t
input_deadline(const struct input *in)
{
	switch (in->state) {
	case IN_GROUND:
		return DEADLINE_NONE;
	case IN_PASTE:
		return in->paste_lone ? in->since + in->esc_ns : DEADLINE_NONE;
	case IN_ESC:
	case IN_HELD:
		return in->since + in->esc_ns;
	default:
		return in->since + INPUT_SEQ_MS * NS_PER_MS;
	}
}

void
input_timeout(struct input *in, int64_t now)
{
	if (in->head == in->count)
		in->head = in->count = 0;
	if (now < input_deadline(in))
		return;
	if (in->state == IN_HELD) {
		input_push_key(in, (unsigned char)in->held, 0);
		if (in->count > 0) /* half a sequence, or a person */
			in->slots[in->count - 1].event.burst = true;
	} else if (in->state == IN_ESC) {
		if (in->esc_again)
			input_push_key(in, INPUT_ESC, 0);
		input_push_key(in, INPUT_ESC, 0);
	} else if (in->state == IN_PASTE || in->state >= IN_STRING) {
		input_text_drop(in);
	}
	if (in->state == IN_ESC || in->state == IN_PASTE) {
		in->late_until = now + INPUT_LATE_MS * NS_PER_MS;
		in->shadow = 1;
		in->shadow_at = now;
	}
	in->state = IN_GROUND;
	in->esc_again = false;
}

bool
input_is_idle(const struct input *in)
{
	return in->state == IN_GROUND && in->utf8_need == 0;
}
