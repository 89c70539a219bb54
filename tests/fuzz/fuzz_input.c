/*
 * The first byte chooses how the rest is cut into reads. Whatever the cuts,
 * the same events must come out, for as long as no time passes; and when
 * everything was given up and the line has been quiet, a key is a key: no
 * input can leave the keyboard dead.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "tui/input.h"
#include "tui/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	EVENTS_MAX = 8192,
	BYTES_MAX = 4096 /* two reads of the decoder are four in a paste */
};

/* What an event says, without what depends on reads (burst). */
struct seen {
	struct input_event event;
	uint64_t text;
};

struct run {
	struct seen items[EVENTS_MAX];
	size_t count;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static uint64_t
hash(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211u;
	return h;
}

static void
take(struct input *in, struct run *run)
{
	struct input_event ev;

	while (input_next(in, &ev)) {
		check(ev.kind <= INPUT_REPLY);
		check(ev.kind != INPUT_KEY || ev.code < INPUT_SYM_END);
		check(ev.kind != INPUT_KEY || ev.code < 0xd800 ||
		      ev.code > 0xdfff);
		check(ev.len <= INPUT_PASTE_MAX);
		check(run->count < EVENTS_MAX);
		run->items[run->count].text = hash(ev.text, ev.len);
		ev.text = NULL;
		ev.burst = false;
		run->items[run->count++].event = ev;
	}
}

static bool
same(const struct seen *a, const struct seen *b)
{
	const struct input_event *x = &a->event, *y = &b->event;

	return a->text == b->text && x->kind == y->kind && x->code == y->code &&
	       x->mods == y->mods && x->cut == y->cut && x->reply == y->reply &&
	       x->mouse == y->mouse && x->button == y->button && x->x == y->x &&
	       x->y == y->y && x->len == y->len;
}

/* Gives up all that is open, as time and a person would. */
static void
quiet(struct input *in, int64_t *now)
{
	struct input_event ev;

	for (int i = 0; i < 8; i++) {
		*now += 3 * NS_PER_SEC;
		input_timeout(in, *now);
		while (input_next(in, &ev))
			continue;
		if (input_is_idle(in))
			return;
		if (input_deadline(in) == DEADLINE_NONE) /* a paste */
			input_feed(in, "\003", 1, *now);
	}
	abort();
}

static void
run_all(const uint8_t *data, size_t size, unsigned cut, struct run *ret)
{
	struct input *in = input_new(0);
	struct input_event ev;
	int64_t now = NS_PER_SEC;

	check(in != NULL);
	ret->count = 0;
	for (size_t at = 0; at < size;) {
		size_t n = cut == 0 ? size - at : 1 + (at * cut + cut) % 7;

		if (n > size - at)
			n = size - at;
		n = input_feed(in, data + at, n, now);
		check(n > 0);
		at += n;
		take(in, ret);
	}
	quiet(in, &now);
	now += 3 * NS_PER_SEC;
	input_feed(in, "j", 1, now);
	check(input_next(in, &ev) && ev.kind == INPUT_KEY && ev.code == 'j');
	check(!input_next(in, &ev));
	input_free(in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run whole, cut;

	if (size < 2 || size > BYTES_MAX)
		return 0;
	run_all(data + 1, size - 1, 0, &whole);
	run_all(data + 1, size - 1, 1 + data[0] % 31, &cut);
	check(whole.count == cut.count);
	for (size_t i = 0; i < whole.count; i++)
		check(same(&whole.items[i], &cut.items[i]));
	return 0;
}
