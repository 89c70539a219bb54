/*
 * The shared snapshot: one slot per source, each with its latest section.
 * Publishing swaps a pointer under a lock and releases the old section
 * outside it; acquiring copies all pointers with a reference each, so that
 * a frame is one consistent set and drawing waits for nobody.
 * thread: any. Lock: the store's own, a leaf (docs/threads.md).
 */
#ifndef SEV_MODEL_STORE_H
#define SEV_MODEL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/thread.h"
#include "model/section.h"

/* A consistent set of sections; slot i is the i-th source, NULL if none. */
struct frame {
	struct section **sections; /* slot_count of them; owned references */
	size_t slot_count;
	struct section *actions; /* what is being done; NULL: no engine */
	uint64_t seq;		 /* grows with every publish */
};

struct store;

struct store *store_new(size_t slot_count, struct err *err) ATTR_MUST_USE;
struct store *store_free(struct store *store); /* NULL is allowed */

/* Takes the caller's reference; wakes the subscribers. */
void store_publish(struct store *store, size_t slot, struct section *section);

/*
 * The two halves, for who has more to publish at once: the section is there
 * for every frame that is acquired, the subscribers are woken later.
 */
void store_put(struct store *store, size_t slot, struct section *section);
void store_tell(struct store *store, size_t slot);

/* A publish of the engine of the actions, which has a place of its own. */
void store_publish_actions(struct store *store, struct section *section);

/* Which publishes a subscriber wants to hear of. */
enum store_when {
	STORE_SOURCES, /* what the watch thread follows: every slot but the
			* last, which is its own, and the actions */
	STORE_WATCH,   /* of the last slot only: it follows the others */
	STORE_SCREEN,  /* of the last slot, and the actions */
	STORE_ANY,
};

/*
 * wake is borrowed and signalled after every wanted publish. Unsubscribing
 * stops that, but a signal may be on its way: the wake itself must stay
 * valid until the threads that publish have ended.
 */
enum err_code store_subscribe(struct store *store, enum store_when when,
    struct wake *wake, struct err *err) ATTR_MUST_USE;
void store_unsubscribe(struct store *store, struct wake *wake);

enum err_code frame_init(struct frame *frame, const struct store *store,
    struct err *err) ATTR_MUST_USE;

/* Replaces what the frame held by the present sections. */
void frame_acquire(struct frame *frame, struct store *store);

/* Drops references and array; the frame may be released again. */
void frame_release(struct frame *frame);

#endif
