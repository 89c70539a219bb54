#include "base/alloc.h"
#include "base/buf.h"

#include "tests/tap.h"

static void
test_arena(void)
{
	struct arena *arena = arena_new(10000);
	char *a = arena_alloc(arena, 3), *b = arena_copy(arena, "hello", 5);

	ok(a != NULL && a[0] == 0, "memory is zeroed");
	is_str(b, "hello", "copy");
	is_int((int64_t)((uintptr_t)b % _Alignof(max_align_t)), 0, "aligned");
	ok(arena_alloc(arena, 9000) != NULL, "larger than a block");
	ok(!arena_failed(arena), "not failed yet");
	ok(arena_alloc(arena, 2000) == NULL, "past the maximum");
	ok(arena_failed(arena), "failure is remembered");
	ok(arena_array(arena, SIZE_MAX / 2, 8) == NULL, "overflow");
	ok(arena_free(arena) == NULL, "free returns NULL");
}

static void
test_torture(void)
{
	mem_fail_at(1, false);
	ok(arena_new(100) == NULL, "no memory for the arena");
	struct arena *arena = arena_new(100);
	ok(arena != NULL, "the next one is served");
	mem_fail_at(1, false);
	ok(arena_alloc(arena, 8) == NULL, "no memory for a block");
	ok(arena_alloc(arena, 8) != NULL, "a later call may pass");
	ok(arena_failed(arena), "the failure stays known");
	arena_free(arena);
	mem_fail_at(0, false);
}

static void
test_buf(void)
{
	struct buf buf = BUF_INIT(10);

	is_str(buf_cstr(&buf), "", "empty");
	ok(buf_str(&buf, "12345"), "add");
	ok(buf_fmt(&buf, "%d", 678), "format");
	ok(!buf_str(&buf, "999"), "past the limit");
	ok(!buf_char(&buf, 'x'), "stays failed");
	is_str(buf_cstr(&buf), "12345678", "kept what fitted");
	buf_consume(&buf, 5);
	is_str(buf_cstr(&buf), "678", "consumed");
	buf_clear(&buf);
	ok(buf_str(&buf, "1234567890"), "exactly the limit");
	buf_release(&buf);
	mem_fail_at(1, false);
	ok(!buf_str(&buf, "x") && buf.failed, "no memory");
	mem_fail_at(0, false);
	buf_release(&buf);
}

int
main(void)
{
	RUN(test_arena);
	RUN(test_torture);
	RUN(test_buf);
	return tap_done();
}
