/*
 * The panels, one row each. Adding one is its file and a row here and in
 * table.c (docs/adding-a-panel.md).
 */
#ifndef SEV_PANELS_TABLE_H
#define SEV_PANELS_TABLE_H

#include "panels/panel.h"

extern const struct panel_ops panel_cache;
extern const struct panel_ops panel_database;
extern const struct panel_ops panel_dependencies;
extern const struct panel_ops panel_flags;
extern const struct panel_ops panel_jobs;
extern const struct panel_ops panel_logs;
extern const struct panel_ops panel_metrics;
extern const struct panel_ops panel_overview;
extern const struct panel_ops panel_queues;
extern const struct panel_ops panel_services;
extern const struct panel_ops panel_sources;

#endif
