#include "model/store.h"

#include <pthread.h>
#include <stdatomic.h>

#include "model/limits.h"

struct store {
	pthread_mutex_t lock; /* guards sections, wakes and their counts */
	struct section **sections;
	size_t slot_count;
	struct section *actions;
	uint64_t seq;
	struct wake *wakes[STORE_WAKES_MAX];
	enum store_when when[STORE_WAKES_MAX];
};

struct store *
store_new(size_t slot_count, struct err *err)
{
	struct store *store = NULL;

	if (slot_count > STORE_SLOTS_MAX) {
		err_set(err, ERR_LIMIT, "store",
		    "%zu sources; at most %d fit into one dashboard",
		    slot_count, STORE_SLOTS_MAX);
		return NULL;
	}
	store = mem_calloc(1, sizeof(*store));
	if (store == NULL)
		goto nomem;
	store->sections = mem_calloc(slot_count, sizeof(*store->sections));
	if (store->sections == NULL)
		goto nomem;
	store->slot_count = slot_count;
	pthread_mutex_init(&store->lock, NULL);
	return store;
nomem:
	mem_free(store);
	err_set(err, ERR_NOMEM, "store", "no memory for the snapshot");
	return NULL;
}

struct store *
store_free(struct store *store)
{
	if (store == NULL)
		return NULL;
	for (size_t i = 0; i < store->slot_count; i++)
		section_unref(store->sections[i]);
	section_unref(store->actions);
	pthread_mutex_destroy(&store->lock);
	mem_free(store->sections);
	mem_free(store);
	return NULL;
}

/* Copies who wants to hear of place, to be signalled outside the lock. */
static void
store_wakes_copy(const struct store *store, struct section *const *place,
    struct wake *out[STORE_WAKES_MAX])
{
	bool actions = place == &store->actions;
	bool watch =
	    !actions && place + 1 == store->sections + store->slot_count;
	const bool wanted[] = {
		[STORE_SOURCES] = !watch,
		[STORE_WATCH] = watch,
		[STORE_SCREEN] = watch || actions,
		[STORE_ANY] = true,
	};

	for (size_t i = 0; i < STORE_WAKES_MAX; i++)
		out[i] = wanted[store->when[i]] ? store->wakes[i] : NULL;
}

static void
store_swap(struct store *store, struct section **place, struct section *section)
{
	struct section *old;

	pthread_mutex_lock(&store->lock);
	old = *place;
	section->seq = old != NULL ? old->seq + 1 : 1;
	*place = section;
	store->seq++;
	pthread_mutex_unlock(&store->lock);
	section_unref(old);
}

/* Wakes who wants to hear of place. */
static void
store_wake(struct store *store, struct section **place)
{
	struct wake *wakes[STORE_WAKES_MAX];

	pthread_mutex_lock(&store->lock);
	store_wakes_copy(store, place, wakes);
	pthread_mutex_unlock(&store->lock);
	for (size_t i = 0; i < STORE_WAKES_MAX; i++) {
		if (wakes[i] != NULL)
			wake_signal(wakes[i]);
	}
}

void
store_put(struct store *store, size_t slot, struct section *section)
{
	store_swap(store, &store->sections[slot], section);
}

void
store_tell(struct store *store, size_t slot)
{
	store_wake(store, &store->sections[slot]);
}

void
store_publish(struct store *store, size_t slot, struct section *section)
{
	store_put(store, slot, section);
	store_tell(store, slot);
}

void
store_publish_actions(struct store *store, struct section *section)
{
	store_swap(store, &store->actions, section);
	store_wake(store, &store->actions);
}

enum err_code
store_subscribe(struct store *store, enum store_when when, struct wake *wake,
    struct err *err)
{
	enum err_code code = ERR_LIMIT;

	pthread_mutex_lock(&store->lock);
	for (size_t i = 0; i < STORE_WAKES_MAX && code != ERR_OK; i++) {
		if (store->wakes[i] == NULL) {
			store->wakes[i] = wake;
			store->when[i] = when;
			code = ERR_OK;
		}
	}
	pthread_mutex_unlock(&store->lock);
	if (code != ERR_OK)
		err_set(err, code, "store", "too many subscribers");
	return code;
}

void
store_unsubscribe(struct store *store, struct wake *wake)
{
	pthread_mutex_lock(&store->lock);
	for (size_t i = 0; i < STORE_WAKES_MAX; i++) {
		if (store->wakes[i] == wake)
			store->wakes[i] = NULL;
	}
	pthread_mutex_unlock(&store->lock);
}

enum err_code
frame_init(struct frame *frame, const struct store *store, struct err *err)
{
	frame->sections =
	    mem_calloc(store->slot_count, sizeof(*frame->sections));
	if (frame->sections == NULL)
		return err_set(err, ERR_NOMEM, "store", "no memory");
	frame->slot_count = store->slot_count;
	frame->actions = NULL;
	frame->seq = 0;
	return ERR_OK;
}

/*
 * The old references are dropped before the lock is taken: dropping one may
 * free a large section, which must not happen while publishers wait.
 */
void
frame_acquire(struct frame *frame, struct store *store)
{
	for (size_t i = 0; i < frame->slot_count; i++)
		frame->sections[i] = section_unref(frame->sections[i]);
	frame->actions = section_unref(frame->actions);
	pthread_mutex_lock(&store->lock);
	for (size_t i = 0; i < frame->slot_count; i++) {
		if (store->sections[i] != NULL)
			frame->sections[i] = section_ref(store->sections[i]);
	}
	if (store->actions != NULL)
		frame->actions = section_ref(store->actions);
	frame->seq = store->seq;
	pthread_mutex_unlock(&store->lock);
}

void
frame_release(struct frame *frame)
{
	for (size_t i = 0; i < frame->slot_count; i++)
		section_unref(frame->sections[i]);
	frame->actions = section_unref(frame->actions);
	mem_free(frame->sections);
	frame->sections = NULL;
	frame->slot_count = 0;
}
