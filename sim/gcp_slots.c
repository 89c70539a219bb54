#include "sim/gcp_slots.h"

#include <math.h>
#include <string.h>

struct gcp_slot *
gcp_slots_at(struct gcp_slots *slots, int64_t wall_ms)
{
	int64_t number = wall_ms / SIM_GCP_SLOT_MS;
	struct gcp_slot *slot = &slots->ring[number % SIM_GCP_SLOTS];

	if (slot->begin_ms != number * SIM_GCP_SLOT_MS) {
		memset(slot, 0, sizeof(*slot));
		slot->begin_ms = number * SIM_GCP_SLOT_MS;
	}
	return slot;
}

struct gcp_slot
gcp_slots_sum(const struct gcp_slots *slots, int64_t from_ms, int64_t to_ms)
{
	int64_t first = from_ms / SIM_GCP_SLOT_MS;
	int64_t last = to_ms / SIM_GCP_SLOT_MS;
	struct gcp_slot sum;

	memset(&sum, 0, sizeof(sum));
	if (slots == NULL || from_ms < 0)
		return sum;
	if (last - first > SIM_GCP_SLOTS)
		first = last - SIM_GCP_SLOTS;
	for (int64_t n = first; n < last; n++) {
		const struct gcp_slot *slot = &slots->ring[n % SIM_GCP_SLOTS];

		if (slot->begin_ms != n * SIM_GCP_SLOT_MS)
			continue;
		sum.begin_ms = slot->begin_ms;
		sum.seconds += slot->seconds;
		for (unsigned i = 0; i < GCP_CLASSES; i++)
			sum.requests[i] += slot->requests[i];
		for (unsigned i = 0; i < SIM_GCP_BUCKETS; i++)
			sum.latency[i] += slot->latency[i];
		sum.latency_ms += slot->latency_ms;
		sum.starts += slot->starts;
		sum.start_ms += slot->start_ms;
		sum.sent += slot->sent;
		sum.received += slot->received;
		sum.active += slot->active;
		sum.idle += slot->idle;
		sum.cpu += slot->cpu;
		sum.memory += slot->memory;
		sum.busy += slot->busy;
	}
	return sum;
}

unsigned
gcp_bucket_of(double ms)
{
	double bucket = ms <= 1 ? 0 : ceil(log(ms) / log(GCP_GROWTH));

	return bucket < SIM_GCP_BUCKETS - 1 ? (unsigned)bucket
					    : SIM_GCP_BUCKETS - 1;
}
