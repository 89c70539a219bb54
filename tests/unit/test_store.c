#include "model/store.h"

#include "model/build.h"
#include "model/limits.h"
#include "tests/tap.h"

static struct section *
make(int value)
{
	struct section *section = section_new();
	struct build *build = build_new();

	build_gauge(build, TEXT("value"), NUM_COUNT, value);
	section->payload = build_finish(build, NULL);
	build_free(build);
	return section;
}

static void
test_publish(void)
{
	struct store *store = store_new(3, NULL);
	struct frame frame;
	struct wake sources, watch, screen;

	is_int(wake_init(&sources, NULL), ERR_OK, "wake");
	is_int(wake_init(&screen, NULL), ERR_OK, "wake");
	is_int(wake_init(&watch, NULL), ERR_OK, "wake");
	is_int(frame_init(&frame, store, NULL), ERR_OK, "frame");
	is_int(store_subscribe(store, STORE_SOURCES, &sources, NULL), ERR_OK,
	    "subscribe to sources");
	is_int(store_subscribe(store, STORE_WATCH, &watch, NULL), ERR_OK,
	    "subscribe to the watch section");
	is_int(store_subscribe(store, STORE_SCREEN, &screen, NULL), ERR_OK,
	    "subscribe as the screen does");
	frame_acquire(&frame, store);
	ok(frame.sections[0] == NULL, "empty at first");
	store_publish(store, 0, make(1));
	ok(atomic_load(&sources.pending), "sources' subscriber woken");
	ok(!atomic_load(&watch.pending), "the other one not");
	ok(!atomic_load(&screen.pending), "nor the screen");
	wake_drain(&sources);
	store_put(store, 1, make(1));
	ok(!atomic_load(&sources.pending), "who has more to say wakes later");
	frame_acquire(&frame, store);
	ok(frame.sections[1] != NULL, "but it is there at once");
	store_tell(store, 1);
	ok(atomic_load(&sources.pending), "until it is told");
	store_publish(store, 2, make(2));
	ok(atomic_load(&watch.pending), "last slot wakes it");
	ok(atomic_load(&screen.pending), "and the screen");
	wake_drain(&sources);
	wake_drain(&watch);
	wake_drain(&screen);
	ok(frame.actions == NULL, "no actions at first");
	store_publish_actions(store, make(7));
	ok(atomic_load(&sources.pending) && atomic_load(&screen.pending) &&
		!atomic_load(&watch.pending),
	    "actions wake the screen and who follows the sources");
	frame_acquire(&frame, store);
	store_publish_actions(store, make(8));
	is_near(frame.actions->payload->metrics[0].value, 7, 0,
	    "they have a place of their own");
	is_int((int64_t)frame.actions->seq, 1, "with its own count");
	frame_acquire(&frame, store);
	store_publish(store, 0, make(3));
	is_near(frame.sections[0]->payload->metrics[0].value, 1, 0,
	    "a frame keeps what it holds");
	is_int((int64_t)frame.sections[0]->seq, 1, "first of its slot");
	frame_acquire(&frame, store);
	is_near(frame.sections[0]->payload->metrics[0].value, 3, 0, "newer");
	is_int((int64_t)frame.sections[0]->seq, 2, "second of its slot");
	frame_release(&frame);
	frame_release(&frame);
	store_free(store);
	wake_release(&sources);
	wake_release(&watch);
	wake_release(&screen);
}

enum {
	ROUNDS = 20000
};

static void *
publisher(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++)
		store_publish(arg, 0, make(i));
	return NULL;
}

static void
test_threads(void)
{
	struct store *store = store_new(2, NULL);
	struct thread thread;
	struct frame frame;
	double last = 0;
	bool monotonic = true;

	is_int(frame_init(&frame, store, NULL), ERR_OK, "frame");
	is_int(thread_start(&thread, "pub", publisher, store, NULL), ERR_OK,
	    "start");
	while (last < ROUNDS) {
		frame_acquire(&frame, store);
		if (frame.sections[0] == NULL)
			continue;
		double value = frame.sections[0]->payload->metrics[0].value;

		monotonic &= value >= last;
		last = value;
	}
	ok(monotonic, "a reader never sees time go back");
	thread_join(&thread);
	frame_release(&frame);
	store_free(store);
}

static void
test_build(void)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("wait"), COLUMN_NUMBER, NUM_COUNT },
	};
	struct build *build = build_new();
	struct payload *payload;
	const struct table *table;

	build_health(build, TEXT("api"), STATE_OK, TEXT("fine"), 3);
	build_table(build, TEXT("queues"), columns, 2);
	for (int i = 0; i < PAYLOAD_ROWS_MAX + 5; i++) {
		build_row(build, TEXT("runPrompt"), STATE_WARN);
		build_cell_num(build, 1, i);
		build_cell_num(build, 7, 1);
	}
	build_table(build, TEXT("other"), columns, 2);
	build_row(build, TEXT("x"), STATE_OK);
	build_cell_text(build, 0, TEXT("y"));
	payload = build_finish(build, NULL);
	build_free(build);
	table = payload_table(payload, "queues");
	is_int((int64_t)table->row_count, PAYLOAD_ROWS_MAX, "rows are capped");
	is_int((int64_t)table->row_total, PAYLOAD_ROWS_MAX + 5, "and counted");
	is_near(table->rows[7].cells[1].num, 7, 0, "cell");
	is_int(table_column(table, "wait"), 1, "column by name");
	is_int(table_column(table, "nope"), -1, "no such column");
	table = payload_table(payload, "other");
	is_str(table->rows[0].cells[0].text.s, "y", "second table's rows");
	ok(isnan(table->rows[0].cells[1].num), "an unset cell is missing");
	ok(payload_table(payload, "none") == NULL, "no such table");
	payload_unref(payload);
}

static void
test_build_torture(void)
{
	size_t n;
	bool done = false;

	for (n = 1; n < 100 && !done; n++) {
		struct build *build;
		struct payload *payload = NULL;
		struct err err = ERR_INIT;

		mem_fail_at(n, false);
		build = build_new();
		if (build != NULL) {
			for (int i = 0; i < 40; i++)
				build_gauge_of(build, TEXT("m"), NUM_COUNT, i,
				    TEXT("k"), TEXT("v"));
			payload = build_finish(build, &err);
			if (payload == NULL)
				is_int(err.code, ERR_NOMEM, "says why");
			else
				is_int((int64_t)payload->metric_count, 40,
				    "whole or nothing");
		}
		done = mem_fail_at(0, false) < n;
		payload_unref(payload);
		build_free(build);
	}
	ok(done && n > 4, "failed at each of %zu allocations", n);
}

static void
test_freshness(void)
{
	struct section *section = section_new();
	const int64_t second = 1000000000;

	section->every_ns = 2 * second;
	section->started_at = second;
	is_int(section_freshness(section, 2 * second), FRESH_FIRST, "first");
	section->failures = 1;
	is_int(section_freshness(section, 2 * second), FRESH_DOWN,
	    "failed and never good");
	section->failures = 0;
	section->good_at = 10 * second;
	is_int(section_freshness(section, 12 * second), FRESH_OK, "fresh");
	is_int(section_freshness(section, 16 * second), FRESH_STALE, "missed");
	section->failures = 1;
	is_int(section_freshness(section, 11 * second), FRESH_STALE, "failed");
	is_int(section_freshness(section, 21 * second), FRESH_DOWN, "long");
	section_unref(section);
}

static void
test_metric_id(void)
{
	const struct label a[] = { { TEXT("ab"), TEXT("c") } };
	const struct label b[] = { { TEXT("a"), TEXT("bc") } };

	ok(metric_id(TEXT("x"), a, 1) != metric_id(TEXT("x"), b, 1),
	    "lengths count");
	ok(metric_id(TEXT("x"), a, 1) == metric_id(TEXT("x"), a, 1), "stable");
	ok(metric_id(TEXT("x"), a, 0) != metric_id(TEXT("x"), a, 1), "labels");
}

int
main(void)
{
	RUN(test_publish);
	RUN(test_threads);
	RUN(test_build);
	RUN(test_build_torture);
	RUN(test_freshness);
	RUN(test_metric_id);
	return tap_done();
}
