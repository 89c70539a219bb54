#include "base/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Tests of out-of-memory paths count and fail allocations through these. */
static atomic_size_t mem_count;
static atomic_size_t mem_fail_from;
static atomic_bool mem_fail_ever;

static bool
mem_must_fail(void)
{
	size_t n = atomic_fetch_add(&mem_count, 1) + 1;
	size_t from = atomic_load(&mem_fail_from);

	if (from == 0)
		return false;
	return n == from || (n > from && atomic_load(&mem_fail_ever));
}

size_t
mem_fail_at(size_t n, bool for_ever)
{
	atomic_store(&mem_fail_from, 0);
	atomic_store(&mem_fail_ever, for_ever);
	size_t count = atomic_exchange(&mem_count, 0);
	atomic_store(&mem_fail_from, n);
	return count;
}

void *
mem_alloc(size_t size)
{
	if (mem_must_fail())
		return NULL;
	return malloc(size != 0 ? size : 1);
}

void *
mem_calloc(size_t count, size_t size)
{
	if (mem_must_fail())
		return NULL;
	return calloc(count != 0 ? count : 1, size != 0 ? size : 1);
}

void *
mem_realloc(void *old, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total) || mem_must_fail())
		return NULL;
	return realloc(old, total != 0 ? total : 1);
}

char *
mem_strdup(const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = mem_alloc(len);

	if (copy != NULL)
		memcpy(copy, s, len);
	return copy;
}

void
mem_free(void *p)
{
	free(p);
}

/* A first block that holds a small section; later blocks double up to this. */
enum {
	ARENA_BLOCK_MIN = 2048,
	ARENA_BLOCK_MAX = 256 * 1024
};

struct arena_block {
	struct arena_block *next;
	size_t cap;
	size_t used;
	max_align_t data[];
};

struct arena {
	struct arena_block *head;
	size_t max;
	size_t used;
	bool failed;
};

struct arena *
arena_new(size_t max)
{
	struct arena *arena = mem_calloc(1, sizeof(*arena));

	if (arena != NULL)
		arena->max = max;
	return arena;
}

struct arena *
arena_free(struct arena *arena)
{
	struct arena_block *block, *next;

	if (arena == NULL)
		return NULL;
	for (block = arena->head; block != NULL; block = next) {
		next = block->next;
		mem_free(block);
	}
	mem_free(arena);
	return NULL;
}

static struct arena_block *
arena_grow(struct arena *arena, size_t need)
{
	struct arena_block *block;
	size_t cap = ARENA_BLOCK_MIN;

	if (arena->head != NULL) {
		cap = arena->head->cap * 2;
		if (cap > ARENA_BLOCK_MAX)
			cap = ARENA_BLOCK_MAX;
	}
	if (cap < need)
		cap = need;
	block = mem_alloc(sizeof(*block) + cap);
	if (block == NULL)
		return NULL;
	block->next = arena->head;
	block->cap = cap;
	block->used = 0;
	arena->head = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *block = arena->head;
	size_t need = (size + align - 1) / align * align;
	void *p;

	if (need < size || need > arena->max - arena->used) {
		arena->failed = true;
		return NULL;
	}
	if (block == NULL || block->cap - block->used < need)
		block = arena_grow(arena, need);
	if (block == NULL) {
		arena->failed = true;
		return NULL;
	}
	p = (char *)block->data + block->used;
	block->used += need;
	arena->used += need;
	memset(p, 0, need);
	return p;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total)) {
		arena->failed = true;
		return NULL;
	}
	return arena_alloc(arena, total);
}

char *
arena_copy(struct arena *arena, const char *s, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy != NULL && len != 0)
		memcpy(copy, s, len);
	return copy;
}

bool
arena_failed(const struct arena *arena)
{
	return arena->failed;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}
