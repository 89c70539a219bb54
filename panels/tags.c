#include "panels/tags.h"

#include <string.h>

#include "base/alloc.h"
#include "model/limits.h"

void
tags_release(struct tags *tags)
{
	mem_free(tags->list);
	*tags = (struct tags) { .list = NULL };
}

void
tags_clear(struct tags *tags)
{
	tags->count = 0;
}

/* Its place; SIZE_MAX: it has no tag. */
static size_t
tags_find(const struct tags *tags, struct text key)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (tags->list[i].len == key.len &&
		    memcmp(tags->list[i].key, key.s, key.len) == 0)
			return i;
	}
	return SIZE_MAX;
}

bool
tags_have(const struct tags *tags, struct text key)
{
	return tags_find(tags, key) != SIZE_MAX;
}

static void
tags_drop(struct tags *tags, size_t at)
{
	tags->count--;
	memmove(&tags->list[at], &tags->list[at + 1],
	    (tags->count - at) * sizeof(tags->list[0]));
}

bool
tags_turn(struct tags *tags, struct text key)
{
	size_t at = tags_find(tags, key);
	struct tag *tag;

	if (at != SIZE_MAX) {
		tags_drop(tags, at);
		return true;
	}
	if (tags->list == NULL)
		tags->list =
		    mem_calloc(ACTION_TARGETS_MAX, sizeof(*tags->list));
	if (tags->list == NULL || tags->count == ACTION_TARGETS_MAX ||
	    key.len > TAG_KEY_MAX)
		return false;
	tag = &tags->list[tags->count++];
	memcpy(tag->key, key.s, key.len);
	tag->len = key.len;
	return true;
}

void
tags_look(struct tags *tags)
{
	for (size_t i = 0; i < tags->count; i++)
		tags->list[i].seen = false;
}

void
tags_see(struct tags *tags, struct text key)
{
	size_t at = tags_find(tags, key);

	if (at != SIZE_MAX)
		tags->list[at].seen = true;
}

void
tags_looked(struct tags *tags)
{
	for (size_t i = tags->count; i > 0; i--) {
		if (!tags->list[i - 1].seen)
			tags_drop(tags, i - 1);
	}
}
