/*
 * One ring of bytes holds the records, one after the other; a record never
 * wraps: what is left at the end of the ring is skipped. A second, smaller
 * ring has the place of each line by sequence number, so that appending and
 * finding take the same time at any size. Whichever of the two is full
 * first makes the oldest line go.
 *
 * The lock is held for one batch of at most BATCH_BYTES of copying, so
 * that a reader never waits longer than that whatever a writer pours in.
 */
#include "model/logstore.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "model/limits.h"

enum {
	RECORD_ALIGN = 8,
	INDEX_SHARE = 64, /* one place per so many bytes of the maximum */
	BATCH_BYTES = 256 * 1024,
	RATE_SLOTS = LOG_RATE_SECONDS + 3,
	COPY_TRIES = 8,
};

struct record {
	int64_t wall_ms;
	int64_t read_at;
	uint32_t text_len;
	uint32_t text_width;
	uint32_t fields_len;
	uint32_t fields_width;
	uint16_t source;
	uint8_t level;
	uint8_t flags;
	bool has_time;
};

struct rate_slot {
	int64_t second;
	uint64_t lines;
};

struct logstore {
	pthread_mutex_t lock; /* guards all below but names that are set */
	char *ring;
	size_t ring_size;
	uint32_t *index; /* places in units of RECORD_ALIGN, by seq */
	size_t index_cap;
	uint64_t first_seq;
	uint64_t next_seq;
	size_t head; /* place of first_seq */
	size_t tail; /* where the next record goes */
	uint64_t dropped;
	size_t max_bytes;
	struct rate_slot rate[RATE_SLOTS];
	struct wake *wake;
	struct wake *reader;  /* told of who wants lines */
	pthread_cond_t grown; /* lines came, or a poke */
	uint64_t pokes;
	unsigned watchers;
	uint16_t source_count;
	char names[LOG_SOURCES_MAX][NAME_MAX_LEN * 4];
	struct text sources[LOG_SOURCES_MAX];
};

struct logstore *
logstore_new(size_t max_bytes, struct err *err)
{
	struct logstore *logs = mem_calloc(1, sizeof(*logs));

	if (logs == NULL)
		goto fail;
	pthread_mutex_init(&logs->lock, NULL);
	cond_init(&logs->grown);
	if (max_bytes < LOG_STORE_MIN)
		max_bytes = LOG_STORE_MIN;
	logs->max_bytes = max_bytes;
	logs->index_cap = max_bytes / INDEX_SHARE;
	logs->ring_size = (max_bytes - logs->index_cap * sizeof(uint32_t)) /
			  RECORD_ALIGN * RECORD_ALIGN;
	logs->index = mem_calloc(logs->index_cap, sizeof(uint32_t));
	logs->ring = mem_alloc(logs->ring_size);
	if (logs->index == NULL || logs->ring == NULL)
		goto fail;
	return logs;
fail:
	err_set(err, ERR_NOMEM, "logs",
	    "no memory for %zu bytes of log lines; lower the limit", max_bytes);
	return logstore_free(logs);
}

struct logstore *
logstore_free(struct logstore *logs)
{
	if (logs == NULL)
		return NULL;
	pthread_cond_destroy(&logs->grown);
	pthread_mutex_destroy(&logs->lock);
	mem_free(logs->index);
	mem_free(logs->ring);
	mem_free(logs);
	return NULL;
}

enum err_code
logstore_add_source(struct logstore *logs, const char *name,
    uint16_t *ret_source, struct err *err)
{
	enum err_code code = ERR_OK;
	struct arena *arena = arena_new(NAME_MAX_LEN * 64);
	struct text clean;

	if (arena == NULL)
		return err_set(err, ERR_NOMEM, "logs", "no memory for a name");
	clean = text_cut(text_clean_str(arena, name), NAME_MAX_LEN - 1);
	pthread_mutex_lock(&logs->lock);
	if (logs->source_count == LOG_SOURCES_MAX) {
		code = ERR_LIMIT;
	} else if (clean.len > sizeof(logs->names[0])) {
		code = ERR_TOOBIG;
	} else {
		memcpy(logs->names[logs->source_count], clean.s, clean.len);
		clean.s = logs->names[logs->source_count];
		logs->sources[logs->source_count] = clean;
		*ret_source = logs->source_count++;
	}
	pthread_mutex_unlock(&logs->lock);
	arena_free(arena);
	if (code == ERR_LIMIT)
		err_set(err, code, "logs",
		    "more than %d sources of log lines; watch fewer at once",
		    LOG_SOURCES_MAX);
	else if (code != ERR_OK)
		err_set(err, code, "logs", "the source's name is too long");
	return code;
}

struct text
logstore_source_name(const struct logstore *logs, uint16_t source)
{
	/* Whoever has the number has it from the call that wrote the name. */
	if (source >= LOG_SOURCES_MAX || logs->sources[source].s == NULL)
		return TEXT_EMPTY;
	return logs->sources[source];
}

static size_t
record_size(size_t text_len, size_t fields_len)
{
	size_t size = sizeof(struct record) + text_len + fields_len;

	return (size + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
}

static struct record *
record_at(const struct logstore *logs, uint64_t seq)
{
	size_t place = logs->index[seq % logs->index_cap];

	return (struct record *)(void *)(logs->ring + place * RECORD_ALIGN);
}

static void
store_evict(struct logstore *logs)
{
	logs->first_seq++;
	if (logs->first_seq == logs->next_seq) {
		logs->head = logs->tail = 0;
		return;
	}
	logs->head = (size_t)logs->index[logs->first_seq % logs->index_cap] *
		     RECORD_ALIGN;
}

/* Makes size bytes free at tail, which may go back to the start. */
static void
store_make_room(struct logstore *logs, size_t size)
{
	for (;;) {
		bool empty = logs->first_seq == logs->next_seq;

		if (logs->next_seq - logs->first_seq == logs->index_cap) {
			store_evict(logs);
		} else if (empty) {
			logs->head = logs->tail = 0;
			return;
		} else if (logs->tail > logs->head) {
			if (logs->ring_size - logs->tail >= size)
				return;
			logs->tail = 0;
		} else {
			/* tail == head: full, as the empty case is above. */
			if (logs->head - logs->tail >= size)
				return;
			store_evict(logs);
		}
	}
}

static void
rate_count(struct logstore *logs, int64_t read_at, uint64_t lines)
{
	int64_t second = read_at / NS_PER_SEC;
	struct rate_slot *slot = &logs->rate[second % RATE_SLOTS];

	if (slot->second != second) {
		slot->second = second;
		slot->lines = 0;
	}
	slot->lines += lines;
}

static size_t
store_add(struct logstore *logs, const struct log_line *line)
{
	struct text text = line->text, fields = line->fields;
	struct record *record;
	size_t size;

	/* A cell takes at most 24 bytes: a base, four marks, our own mark. */
	if (text.len > LOG_TEXT_MAX)
		text = text_cut(text, LOG_TEXT_MAX / 24);
	if (fields.len > LOG_TEXT_MAX)
		fields = text_cut(fields, LOG_TEXT_MAX / 24);
	size = record_size(text.len, fields.len);
	store_make_room(logs, size);
	logs->index[logs->next_seq % logs->index_cap] =
	    (uint32_t)(logs->tail / RECORD_ALIGN);
	record = record_at(logs, logs->next_seq);
	*record = (struct record) {
		.wall_ms = line->wall_ms,
		.read_at = line->read_at,
		.text_len = text.len,
		.text_width = text.width,
		.fields_len = fields.len,
		.fields_width = fields.width,
		.source = line->source,
		.level = line->level,
		.flags = line->flags,
		.has_time = line->has_time,
	};
	if (text.len > 0)
		memcpy(record + 1, text.s, text.len);
	if (fields.len > 0)
		memcpy((char *)(record + 1) + text.len, fields.s, fields.len);
	logs->tail += size;
	logs->next_seq++;
	rate_count(logs, line->read_at, 1);
	return size;
}

void
logstore_append(
    struct logstore *logs, const struct log_line *lines, size_t count)
{
	struct wake *wake = NULL;
	size_t i = 0, bytes;

	while (i < count) {
		bytes = 0;
		pthread_mutex_lock(&logs->lock);
		while (i < count && bytes < BATCH_BYTES)
			bytes += store_add(logs, &lines[i++]);
		wake = logs->watchers > 0 ? NULL : logs->wake;
		if (logs->watchers > 0)
			pthread_cond_broadcast(&logs->grown);
		pthread_mutex_unlock(&logs->lock);
	}
	if (wake != NULL)
		wake_signal(wake);
}

void
logstore_count_dropped(struct logstore *logs, uint64_t count)
{
	struct wake *wake;

	pthread_mutex_lock(&logs->lock);
	logs->dropped += count;
	wake = logs->wake;
	pthread_mutex_unlock(&logs->lock);
	if (wake != NULL)
		wake_signal(wake);
}

void
logstore_stats(struct logstore *logs, struct logstore_stats *ret_stats)
{
	struct logstore_stats stats = { .max_bytes = logs->max_bytes };

	pthread_mutex_lock(&logs->lock);
	stats.first_seq = logs->first_seq;
	stats.next_seq = logs->next_seq;
	stats.evicted = logs->first_seq;
	stats.dropped = logs->dropped;
	if (logs->first_seq == logs->next_seq)
		stats.bytes = 0;
	else if (logs->tail > logs->head)
		stats.bytes = logs->tail - logs->head;
	else
		stats.bytes = logs->ring_size - logs->head + logs->tail;
	pthread_mutex_unlock(&logs->lock);
	*ret_stats = stats;
}

/* Bytes that up to max lines from *seq on need, at most limit of them. */
static size_t
store_measure(const struct logstore *logs, uint64_t *seq, size_t max)
{
	size_t bytes = 0, need;
	uint64_t at;

	if (*seq < logs->first_seq)
		*seq = logs->first_seq;
	for (at = *seq; at < logs->next_seq && at - *seq < max; at++) {
		const struct record *record = record_at(logs, at);

		/* A NUL behind each, as texts in an arena have. */
		need = record->text_len + record->fields_len + 2;
		if (bytes > 0 && bytes + need > BATCH_BYTES)
			break;
		bytes += need;
	}
	return bytes;
}

static struct text
copy_text(char **to, const char *from, uint32_t len, uint32_t width)
{
	struct text text = { .s = *to, .len = len, .width = width };

	memcpy(*to, from, len);
	(*to)[len] = '\0';
	*to += len + 1;
	return text;
}

static size_t
store_copy_out(const struct logstore *logs, uint64_t seq, struct log_line *out,
    size_t max, char *to, size_t room)
{
	char *end = to + room;
	size_t n;

	for (n = 0; n < max && seq < logs->next_seq; n++, seq++) {
		const struct record *record = record_at(logs, seq);
		const char *bytes = (const char *)(record + 1);

		if ((size_t)(end - to) <
		    (size_t)record->text_len + record->fields_len + 2)
			break;
		out[n] = (struct log_line) {
			.seq = seq,
			.wall_ms = record->wall_ms,
			.read_at = record->read_at,
			.has_time = record->has_time,
			.level = record->level,
			.flags = record->flags,
			.source = record->source,
		};
		out[n].text =
		    copy_text(&to, bytes, record->text_len, record->text_width);
		out[n].fields = copy_text(&to, bytes + record->text_len,
		    record->fields_len, record->fields_width);
	}
	return n;
}

/*
 * One batch. Memory is taken between two locked steps, so lines may have
 * gone in the meantime; when those that came instead do not fit, once more
 * from there.
 */
static size_t
copy_batch(struct logstore *logs, uint64_t seq, struct log_line *out,
    size_t max, struct arena *arena)
{
	size_t n = 0, room;
	uint64_t from;
	char *to;
	int tries;

	for (tries = 0; tries < COPY_TRIES && n == 0; tries++) {
		pthread_mutex_lock(&logs->lock);
		from = seq;
		room = store_measure(logs, &from, max);
		pthread_mutex_unlock(&logs->lock);
		if (room == 0)
			break;
		to = arena_alloc(arena, room);
		if (to == NULL)
			break;
		pthread_mutex_lock(&logs->lock);
		if (from < logs->first_seq)
			from = logs->first_seq;
		n = store_copy_out(logs, from, out, max, to, room);
		pthread_mutex_unlock(&logs->lock);
	}
	return n;
}

size_t
logstore_copy(struct logstore *logs, uint64_t seq, struct log_line *out,
    size_t max, struct arena *arena)
{
	size_t count = 0, n;

	while (count < max) {
		n = copy_batch(logs, seq, out + count, max - count, arena);
		if (n == 0)
			break;
		count += n;
		seq = out[count - 1].seq + 1;
	}
	return count;
}

void
logstore_subscribe(struct logstore *logs, struct wake *wake)
{
	struct wake *reader;

	pthread_mutex_lock(&logs->lock);
	logs->wake = wake;
	reader = logs->reader;
	pthread_mutex_unlock(&logs->lock);
	if (reader != NULL)
		wake_signal(reader);
}

void
logstore_tell_reader(struct logstore *logs, struct wake *wake)
{
	pthread_mutex_lock(&logs->lock);
	logs->reader = wake;
	pthread_mutex_unlock(&logs->lock);
}

bool
logstore_has_subscriber(struct logstore *logs)
{
	bool has;

	pthread_mutex_lock(&logs->lock);
	has = logs->wake != NULL;
	pthread_mutex_unlock(&logs->lock);
	return has;
}

void
logstore_notify(struct logstore *logs)
{
	struct wake *wake;

	pthread_mutex_lock(&logs->lock);
	wake = logs->wake;
	pthread_mutex_unlock(&logs->lock);
	if (wake != NULL)
		wake_signal(wake);
}

void
logstore_watch(struct logstore *logs, bool on)
{
	pthread_mutex_lock(&logs->lock);
	logs->watchers += on ? 1U : 0U - 1U;
	pthread_mutex_unlock(&logs->lock);
}

void
logstore_wait(
    struct logstore *logs, uint64_t seq, uint64_t pokes, int64_t deadline)
{
	pthread_mutex_lock(&logs->lock);
	while (logs->next_seq <= seq && logs->pokes == pokes) {
		if (!cond_wait_until(&logs->grown, &logs->lock, deadline))
			break;
	}
	pthread_mutex_unlock(&logs->lock);
}

uint64_t
logstore_pokes(struct logstore *logs)
{
	uint64_t pokes;

	pthread_mutex_lock(&logs->lock);
	pokes = logs->pokes;
	pthread_mutex_unlock(&logs->lock);
	return pokes;
}

void
logstore_poke(struct logstore *logs)
{
	pthread_mutex_lock(&logs->lock);
	logs->pokes++;
	pthread_cond_broadcast(&logs->grown);
	pthread_mutex_unlock(&logs->lock);
}

double
logstore_rate(struct logstore *logs, int64_t now)
{
	int64_t second = now / NS_PER_SEC;
	uint64_t lines = 0;
	size_t i;

	pthread_mutex_lock(&logs->lock);
	for (i = 0; i < RATE_SLOTS; i++) {
		int64_t age = second - logs->rate[i].second;

		if (age >= 1 && age <= LOG_RATE_SECONDS)
			lines += logs->rate[i].lines;
	}
	pthread_mutex_unlock(&logs->lock);
	return (double)lines / LOG_RATE_SECONDS;
}
