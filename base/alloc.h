/*
 * Memory. mem_* return NULL when there is none; callers in fetchers fail
 * that cycle, callers in start-up end with a message. The arena is a bump
 * allocator with a maximum, freed as a whole: one arena backs one published
 * section, so that nobody frees a piece of what others still read.
 * thread: mem_*: any. An arena belongs to one thread at a time.
 */
#ifndef SEV_BASE_ALLOC_H
#define SEV_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

void *mem_alloc(size_t size) ATTR_MALLOC;
void *mem_calloc(size_t count, size_t size) ATTR_MALLOC;

/* NULL on overflow or no memory; the old block then stays as it was. */
void *mem_realloc(void *old, size_t count, size_t size) ATTR_MUST_USE;

char *mem_strdup(const char *s) ATTR_MALLOC;

/* NULL is allowed. */
void mem_free(void *p);

/*
 * Tests only: the n-th allocation from now fails, and with for_ever all
 * after it. 0 switches off. Returns how many allocations were made since
 * the last call. Counts over all threads.
 */
size_t mem_fail_at(size_t n, bool for_ever);

struct arena;

/* At most max bytes will ever be handed out. NULL: no memory. */
struct arena *arena_new(size_t max) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct arena *arena_free(struct arena *arena);

/*
 * Zeroed, aligned for any type. NULL when the maximum or memory is reached;
 * arena_failed() then stays true, so a builder may check once at the end.
 */
void *arena_alloc(struct arena *arena, size_t size) ATTR_MUST_USE;
void *arena_array(struct arena *arena, size_t count, size_t size) ATTR_MUST_USE;

/* NUL-terminated copy of len bytes. */
char *arena_copy(struct arena *arena, const char *s, size_t len) ATTR_MUST_USE;

bool arena_failed(const struct arena *arena);

/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

#endif
