/*
 * What changed in the rows of tables called "services", from any source: a
 * new version is a deploy, more restarts or a later start is a restart,
 * another number of instances is a scaling. The first sight of a row is no
 * change, and neither is what the source tells as an event itself.
 *
 * Columns, all of them optional: name, version (text), since (wall clock
 * time of the start), restarts, instances.
 *
 * At most WATCH_SERVICES_MAX rows are remembered. Those that were in no
 * answer for WATCH_SERVICES_KEPT_MS make room; of what is too many then, no
 * changes are told.
 * thread: owner (the watch thread).
 */
#ifndef SEV_MODEL_SERVICES_H
#define SEV_MODEL_SERVICES_H

#include <stddef.h>
#include <stdint.h>

#include "model/section.h"

struct services;

struct services *services_new(void) ATTR_MUST_USE; /* NULL: no memory */
struct services *services_free(struct services *services);

/* Takes one change; the texts are valid for the call only. */
typedef void services_change(void *ctx, int64_t wall_ms, enum event_kind kind,
    struct text subject, struct text text);

/* Looks at a new good answer of slot. */
void services_feed(struct services *services, size_t slot,
    const struct section *section, services_change *change, void *ctx);

#endif
