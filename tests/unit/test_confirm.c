/*
 * The decision on a plan: a person's keys decide, and nothing else does, in
 * any chunks, at any speed that no hand has.
 */
#include "tui/confirm.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/tap.h"

enum {
	BYTES = 10000
};

/* A confirmation behind the decoder of the terminal's bytes, with a clock. */
struct desk {
	struct input *in;
	struct confirm confirm;
	int64_t now;
	bool given;
	bool left;
};

static void
desk_open(struct desk *desk, enum action_class class)
{
	memset(desk, 0, sizeof(*desk));
	desk->in = input_new(0);
	desk->now = 1000 * NS_PER_SEC;
	confirm_start(&desk->confirm, class, "runPrompt", desk->now);
}

static void
desk_close(struct desk *desk)
{
	input_free(desk->in);
}

static void
desk_result(struct desk *desk, enum confirm_result result)
{
	desk->given = desk->given || result == CONFIRM_GIVEN;
	desk->left = desk->left || result == CONFIRM_LEFT;
}

static void
desk_events(struct desk *desk)
{
	struct input_event event;

	while (input_next(desk->in, &event))
		desk_result(
		    desk, confirm_event(&desk->confirm, &event, desk->now));
}

/* Lets time go by, with every deadline kept on its way. */
static void
desk_wait(struct desk *desk, int64_t ns)
{
	int64_t end = desk->now + ns;

	for (;;) {
		int64_t in = input_deadline(desk->in);
		int64_t at = confirm_deadline(&desk->confirm);

		if (in < at)
			at = in;
		if (at > end)
			break;
		if (at > desk->now)
			desk->now = at;
		if (in <= desk->now) {
			input_timeout(desk->in, desk->now);
			desk_events(desk);
		}
		desk_result(desk, confirm_timeout(&desk->confirm,
				      input_fed_at(desk->in), desk->now));
	}
	desk->now = end;
}

static void
desk_bytes(struct desk *desk, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		size_t took = input_feed(desk->in, at, len, desk->now);

		desk_events(desk);
		at += took;
		len -= took;
	}
}

/* As a hand types: one key every fifth of a second. */
static void
desk_type(struct desk *desk, const char *keys)
{
	for (; *keys != '\0'; keys++) {
		desk_wait(desk, 200 * NS_PER_MS);
		desk_bytes(desk, keys, 1);
	}
	desk_wait(desk, 200 * NS_PER_MS);
}

static void
test_person(void)
{
	struct desk desk;

	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "y");
	ok(desk.given && !desk.left, "y does what can be undone");
	desk_close(&desk);
	desk_open(&desk, ACTION_DISRUPTIVE);
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "y\r");
	ok(!desk.given && desk.confirm.note != NULL, "without a reason: %s",
	    desk.confirm.note);
	desk_type(&desk, "stuck, yes\r");
	ok(desk.given, "y and a reason end sessions");
	is_str(desk.confirm.reason, "stuck, yes", "it is kept");
	desk_close(&desk);
	desk_open(&desk, ACTION_DESTRUCTIVE);
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "yold jobs\rrunPrompts\r");
	ok(!desk.given, "another name: %s", desk.confirm.note);
	desk_type(&desk, "\x7f\r");
	ok(desk.given, "the name destroys");
	desk_close(&desk);
	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "Y\rYES ");
	ok(!desk.given && !desk.left, "nothing else does");
	desk_type(&desk, "n");
	ok(desk.left, "n leaves");
	desk_close(&desk);
}

static void
test_too_early(void)
{
	struct desk desk;

	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, 100 * NS_PER_MS);
	desk_bytes(&desk, "y", 1);
	desk_wait(&desk, NS_PER_SEC);
	ok(!desk.given, "a y that was on its way counts for nothing");
	desk_type(&desk, "y");
	ok(desk.given, "the next one does");
	desk_close(&desk);
	/* The key that opened it is held down. */
	desk_open(&desk, ACTION_REVERSIBLE);
	for (int i = 0; i < 300; i++) {
		desk_bytes(&desk, "y", 1);
		desk_wait(&desk, 33 * NS_PER_MS);
	}
	ok(!desk.given, "a held key never decides");
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "y");
	ok(desk.given, "let go and pressed again it does");
	desk_close(&desk);
}

static void
test_paste(void)
{
	static const char paste[] = "\x1b[200~y\r\x1b[201~";
	static const char name[] = "\x1b[200~runPrompt\x1b[201~";
	struct desk desk;

	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, NS_PER_SEC);
	desk_bytes(&desk, paste, sizeof(paste) - 1);
	desk_wait(&desk, NS_PER_SEC);
	ok(!desk.given, "a paste does not decide");
	desk_close(&desk);
	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, NS_PER_SEC);
	desk_bytes(&desk, "y\r", 2);
	desk_wait(&desk, NS_PER_SEC);
	ok(!desk.given, "nor one of a terminal that marks none");
	desk_close(&desk);
	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, NS_PER_SEC);
	desk_bytes(&desk, "y", 1);
	desk_wait(&desk, 3 * NS_PER_MS);
	desk_bytes(&desk, "e", 1);
	desk_wait(&desk, NS_PER_SEC);
	ok(!desk.given, "nor one that comes byte by byte");
	desk_close(&desk);
	desk_open(&desk, ACTION_DESTRUCTIVE);
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "ywhy\r");
	desk_bytes(&desk, name, sizeof(name) - 1);
	desk_wait(&desk, NS_PER_SEC);
	desk_type(&desk, "\r");
	ok(!desk.given, "a name is typed: %s", desk.confirm.note);
	desk_close(&desk);
}

/* Random bytes in random chunks, as fast as lines and programs are. */
static int
storm(enum action_class class, int64_t gap_ns, size_t chunk_max, unsigned seed)
{
	struct desk desk;
	int decided = 0;

	desk_open(&desk, class);
	desk_wait(&desk, NS_PER_SEC);
	for (size_t done = 0; done < BYTES;) {
		char bytes[INPUT_READ_MAX];
		size_t len = 1 + (size_t)rand_r(&seed) % chunk_max;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)rand_r(&seed);
		/* Half of the time what would decide, if it could. */
		if (rand_r(&seed) % 2 == 0)
			bytes[len - 1] = rand_r(&seed) % 2 ? 'y' : '\r';
		desk_bytes(&desk, bytes, len);
		done += len;
		if (desk.given)
			decided++;
		if (desk.given || desk.left) {
			desk.given = desk.left = false;
			confirm_start(
			    &desk.confirm, class, "runPrompt", desk.now);
			/* The dialog was up long ago. */
			desk.confirm.dead_until = desk.now;
		}
		if (gap_ns > 0)
			desk_wait(&desk, rand_r(&seed) % gap_ns);
	}
	desk_close(&desk);
	return decided;
}

static void
test_noise(void)
{
	static const int64_t gaps[] = { 0, NS_PER_MS / 10, NS_PER_MS,
		INPUT_BURST_MS * NS_PER_MS };
	static const size_t chunks[] = { 1, 7, 64, 1024 };
	int decided = 0, storms = 0;

	for (int class = ACTION_REVERSIBLE; class <= ACTION_DESTRUCTIVE;
	     class ++) {
		for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
			for (size_t c = 0;
			     c < sizeof(chunks) / sizeof(chunks[0]); c++) {
				decided += storm((enum action_class) class,
				    gaps[g], chunks[c],
				    (unsigned)(class * 100 + storms));
				storms++;
			}
		}
	}
	ok(decided == 0, "%d storms of %d bytes decided %d times", storms,
	    BYTES, decided);
}

static void
test_mouse(void)
{
	static const char noise[] = "\x1b[<0;10;10M\x1b[<0;10;10m\x1b[I\x1b[O"
				    "\x1b[<64;1;1M\x1b]52;c;eQ==\a\x1b[?1;2c";
	struct desk desk;

	desk_open(&desk, ACTION_REVERSIBLE);
	desk_wait(&desk, NS_PER_SEC);
	for (int i = 0; i < 100; i++) {
		desk_bytes(&desk, noise, sizeof(noise) - 1);
		desk_wait(&desk, 20 * NS_PER_MS);
	}
	ok(!desk.given && !desk.left, "mouse, focus and replies do nothing");
	desk_type(&desk, "y");
	ok(desk.given, "and don't stand in the way");
	desk_close(&desk);
}

int
main(void)
{
	RUN(test_person);
	RUN(test_too_early);
	RUN(test_paste);
	RUN(test_noise);
	RUN(test_mouse);
	return tap_done();
}
