#include "actions/pg_order.h"

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "tests/tap.h"

static void
test_target(void)
{
	static const struct {
		const char *text;
		bool good;
		int32_t pid;
		int64_t start;
	} rows[] = {
		{ "4711", true, 4711, 0 },
		{ "4711:1795698475267991", true, 4711, 1795698475267991 },
		{ "4711:1795698475267991<12", true, 4711, 1795698475267991 },
		{ "4711:0", true, 4711, 0 },
		{ "0:0<7", true, 0, 0 },
		{ "2147483647", true, 2147483647, 0 },
		{ "2147483648", false, 0, 0 },
		{ "-1", false, 0, 0 },
		{ "47 11", false, 0, 0 },
		{ "4711:", false, 0, 0 },
		{ "4711:-5", false, 0, 0 },
		{ ":5", false, 0, 0 },
		{ "api", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int32_t pid = -1;
		int64_t start = -1;
		bool good = pg_target_read(rows[i].text, &pid, &start);

		ok(good == rows[i].good, "\"%s\" is%s a session", rows[i].text,
		    rows[i].good ? "" : " not");
		if (!good)
			continue;
		is_int(pid, rows[i].pid, "its pid");
		is_int(start, rows[i].start, "when it began");
	}
}

/* How many wait behind the pids of the list, which ends with 0. */
static size_t
behind(const struct pg_lock_edge *edges, size_t count, const int32_t *pids)
{
	struct pg_backends backends = { .tree = PG_LOCKTREE_INIT };
	struct pg_backend list[8] = { { .pid = 0 } };
	const struct pg_backend *at[8];
	size_t n = 0, waits;

	for (; pids[n] != 0; n++) {
		list[n].pid = pids[n];
		at[n] = &list[n];
	}
	ok(pg_locktree_build(edges, count, &backends.tree, NULL) == ERR_OK,
	    "a tree");
	waits = pg_backends_behind(&backends, at, n);
	pg_backends_release(&backends);
	return waits;
}

static void
test_behind(void)
{
	static const struct pg_lock_edge five[] = { { 2, 1, 40 }, { 3, 2, 30 },
		{ 4, 3, 20 }, { 5, 4, 10 } };
	static const struct pg_lock_edge shared[] = { { 9, 1, 5 }, { 9, 2, 5 },
		{ 8, 9, 4 } };

	is_int(behind(five, 4, (int32_t[]) { 1, 0 }), 4, "behind the root");
	is_int(behind(five, 4, (int32_t[]) { 3, 0 }), 2, "behind one of them");
	is_int(behind(five, 4, (int32_t[]) { 5, 0 }), 0, "behind the last");
	is_int(behind(five, 4, (int32_t[]) { 2, 3, 4, 5, 0 }), 0,
	    "those on the list are not counted");
	is_int(behind(five, 4, (int32_t[]) { 2, 4, 0 }), 2,
	    "nobody is counted twice");
	is_int(behind(five, 4, (int32_t[]) { 77, 0 }), 0, "behind a stranger");
	is_int(behind(shared, 3, (int32_t[]) { 1, 2, 0 }), 2,
	    "who stands below two is counted once");
}

static struct plan *
plan_make(void)
{
	const struct request_target target = { "4711", NULL };
	const struct request_spec spec = {
		.action = "pg.terminate",
		.platform = "shop",
		.targets = &target,
		.target_count = 1,
	};
	struct request *request = NULL;
	struct plan *plan;

	if (request_new(&spec, &request, NULL) != ERR_OK)
		return NULL;
	plan = plan_new(request);
	request_unref(request);
	return plan;
}

static void
test_memo(void)
{
	struct arena *arena = arena_new(ACTION_SCRATCH_MAX);
	const struct action_ctx ctx = { .arena = arena };
	const struct pg_act act = {
		.ctx = &ctx,
		.server = { "7712466984940811229", true, 1795698653256122 },
	};
	const struct pg_backend backend = { .pid = 4711,
		.start_us = 1795698475267991,
		.query_us = 1795698475274271,
		.change_us = 5 };
	struct plan *plan = plan_make();
	struct pg_order order, again = { .count = 0 };
	struct err err = ERR_INIT;

	if (!ok(plan != NULL, "a plan"))
		return;
	is_int(pg_order_read(&ctx, plan, &again, &err), ERR_BADDATA,
	    "no memo, no order");
	is_int(pg_order_init(&order, &act, PG_SIGNAL_CANCEL, PG_BIND_STATEMENT,
		   PG_BULK_MAX, &err),
	    ERR_OK, "an order");
	for (int i = 0; i < PG_BULK_MAX; i++)
		pg_order_add(&order, &backend);
	pg_order_keep(&order, plan);
	is_int(plan_finish(plan, &err), ERR_OK, "the largest fits the memo");
	is_int(pg_order_read(&ctx, plan, &again, &err), ERR_OK, "read back");
	is_int(again.count, PG_BULK_MAX, "whole");
	is_int(again.signal, PG_SIGNAL_CANCEL, "the signal");
	is_int(again.bind, PG_BIND_STATEMENT, "the condition");
	is_str(again.server.identity, "7712466984940811229", "the server");
	ok(again.server.standby, "its role");
	is_int(again.server.started_us, 1795698653256122, "its start");
	is_int(again.list[PG_BULK_MAX - 1].pid, 4711, "a pid");
	is_int(again.list[0].start_us, 1795698475267991, "when it began");
	is_int(again.list[0].stamp_us, 1795698475274271, "its statement");
	plan_unref(plan);
	arena_free(arena);
}

int
main(void)
{
	test_target();
	test_behind();
	test_memo();
	return tap_done();
}
