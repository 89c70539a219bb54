/*
 * What a prometheus.scrape source says about its targets: every one of a
 * few; of many how many are up, the slowest, and the bad ones by name, but
 * never a row for each of a thousand.
 * thread: owner.
 */
#ifndef SEV_DATASRC_PROM_REPORT_H
#define SEV_DATASRC_PROM_REPORT_H

#include "datasrc/prom_target.h"
#include "datasrc/series.h"
#include "model/build.h"

struct redactor;

/*
 * Health rows, gauges, the table of targets and the note. list_err: why a
 * changed targets_file was not taken (ERR_OK: nothing wrong).
 */
void prom_report(struct build *build, const struct prom_targets *targets,
    const struct series_usage *usage, const struct err *list_err,
    const struct redactor *redactor);

#endif
