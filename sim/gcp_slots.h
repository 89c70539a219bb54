/*
 * What a revision did, in slots of a few seconds, an hour back: the matter
 * of which the metrics are made. Any window of it can be summed.
 * thread: owner; plain data.
 */
#ifndef SEV_SIM_GCP_SLOTS_H
#define SEV_SIM_GCP_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/limits.h"

enum {
	GCP_CLASSES = 6, /* of an answer's status: 2 is 2xx */
};

/* Milliseconds; bucket i ends at GCP_GROWTH to the power of i. */
#define GCP_GROWTH 1.4

struct gcp_slot {
	int64_t begin_ms; /* wall; 0: never used */
	float seconds;	  /* that it covers so far */
	uint32_t requests[GCP_CLASSES];
	uint32_t latency[SIM_GCP_BUCKETS];
	float latency_ms;     /* sum */
	uint32_t starts;      /* of instances */
	float start_ms;	      /* sum of how long they took */
	float sent, received; /* bytes */
	/* Each times the seconds that it was so. */
	float active, idle; /* instances */
	float cpu, memory;  /* 0 to 1 of the limit */
	float busy;	    /* requests at a time, of one instance */
};

struct gcp_slots {
	struct gcp_slot ring[SIM_GCP_SLOTS];
};

/* The slot of that moment, cleared when it begins. */
struct gcp_slot *gcp_slots_at(struct gcp_slots *slots, int64_t wall_ms);

/* Sums the slots that begin in (from_ms, to_ms]; slots NULL: nothing. */
struct gcp_slot gcp_slots_sum(
    const struct gcp_slots *slots, int64_t from_ms, int64_t to_ms);

/* Which bucket a duration belongs to. */
unsigned gcp_bucket_of(double ms);

#endif
