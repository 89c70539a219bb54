/*
 * What every source of log lines tells of them: lines a second, by level,
 * and the counters of lines read and left out.
 * thread: owner.
 */
#ifndef SEV_DATASRC_LOGRATE_H
#define SEV_DATASRC_LOGRATE_H

#include <stdint.h>

struct build;
struct logingest_counts;

/*
 * told: the counts of the last answer, which was given at told_at
 * (clock_now() clock; 0: there was none, and so there is no rate).
 */
void lograte_report(const struct logingest_counts *told,
    const struct logingest_counts *counts, int64_t told_at, int64_t now,
    struct build *build);

#endif
