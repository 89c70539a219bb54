#include "model/section.h"

#include <string.h>

struct section *
section_new(void)
{
	struct section *section = mem_calloc(1, sizeof(*section));

	if (section == NULL)
		return NULL;
	atomic_init(&section->refs, 1);
	section->latency_ns = -1;
	return section;
}

struct section *
section_ref(struct section *section)
{
	atomic_fetch_add_explicit(&section->refs, 1, memory_order_relaxed);
	return section;
}

struct section *
section_unref(struct section *section)
{
	if (section == NULL || atomic_fetch_sub(&section->refs, 1) != 1)
		return NULL;
	payload_unref(section->payload);
	arena_free(section->arena);
	mem_free(section);
	return NULL;
}

struct payload *
payload_ref(struct payload *payload)
{
	atomic_fetch_add_explicit(&payload->refs, 1, memory_order_relaxed);
	return payload;
}

struct payload *
payload_unref(struct payload *payload)
{
	if (payload == NULL || atomic_fetch_sub(&payload->refs, 1) != 1)
		return NULL;
	pool_unref(payload->pool);
	arena_free(payload->arena); /* the payload itself lies in there */
	return NULL;
}

struct pool *
pool_new(size_t max)
{
	struct pool *pool = mem_calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	atomic_init(&pool->refs, 1);
	pool->arena = arena_new(max);
	if (pool->arena == NULL) {
		mem_free(pool);
		return NULL;
	}
	return pool;
}

struct pool *
pool_ref(struct pool *pool)
{
	atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
	return pool;
}

struct pool *
pool_unref(struct pool *pool)
{
	if (pool == NULL || atomic_fetch_sub(&pool->refs, 1) != 1)
		return NULL;
	arena_free(pool->arena);
	mem_free(pool);
	return NULL;
}

enum freshness
section_freshness(const struct section *section, int64_t now)
{
	int64_t age;

	if (section->good_at == 0 && section->failures == 0)
		return FRESH_FIRST;
	if (section->good_at == 0)
		return section->optional ? FRESH_ABSENT : FRESH_DOWN;
	age = now - section->good_at;
	if (section->failures > 0 && age > 5 * section->every_ns)
		return FRESH_DOWN;
	if (section->failures > 0)
		return FRESH_STALE;
	/*
	 * An answer may take its time: only what is older than two intervals
	 * and a second has missed its turn.
	 */
	if (age > 2 * section->every_ns + INT64_C(1000000000))
		return FRESH_STALE;
	return FRESH_OK;
}

const char *
section_word(const struct section *section)
{
	switch (section->code) {
	case ERR_OK:
		return "";
	case ERR_AUTH:
		return "AUTH";
	case ERR_FORBIDDEN:
		return "FORBIDDEN";
	case ERR_LIMITED:
		return "LIMITED";
	case ERR_BADDATA:
	case ERR_PROTOCOL:
	case ERR_TOOBIG:
		return "BAD DATA";
	case ERR_HUNG:
		return "HUNG";
	case ERR_WAITING:
		return "WAITING";
	default:
		return "DOWN";
	}
}

static bool
text_is(struct text text, const char *name)
{
	return strlen(name) == text.len && memcmp(text.s, name, text.len) == 0;
}

const struct table *
payload_table(const struct payload *payload, const char *name)
{
	if (payload == NULL)
		return NULL;
	for (size_t i = 0; i < payload->table_count; i++) {
		if (text_is(payload->tables[i].name, name))
			return &payload->tables[i];
	}
	return NULL;
}

const struct metric *
payload_metric(const struct payload *payload, const char *name)
{
	if (payload == NULL)
		return NULL;
	for (size_t i = 0; i < payload->metric_count; i++) {
		if (text_is(payload->metrics[i].name, name))
			return &payload->metrics[i];
	}
	return NULL;
}

int
table_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++) {
		if (text_is(table->columns[i].name, name))
			return (int)i;
	}
	return -1;
}

struct text
metric_label(const struct metric *metric, const char *key)
{
	for (uint32_t i = 0; i < metric->label_count; i++) {
		if (text_is(metric->labels[i].key, key))
			return metric->labels[i].value;
	}
	return TEXT("");
}

/* FNV-1a with the length mixed in, so that "ab","c" is not "a","bc". */
static uint64_t
hash_text(uint64_t hash, struct text text)
{
	for (uint32_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.s[i]) * 0x100000001b3u;
	return (hash ^ text.len ^ 0xff00u) * 0x100000001b3u;
}

uint64_t
metric_id(struct text name, const struct label *labels, uint32_t label_count)
{
	uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), name);

	for (uint32_t i = 0; i < label_count; i++) {
		hash = hash_text(hash, labels[i].key);
		hash = hash_text(hash, labels[i].value);
	}
	return hash;
}
