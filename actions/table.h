/*
 * The actions that sevtop knows, one row each. Adding one is its row at the
 * end of the file of its family, and a line here and in table.c
 * (docs/adding-an-action.md).
 */
#ifndef SEV_ACTIONS_TABLE_H
#define SEV_ACTIONS_TABLE_H

#include "actions/action.h"

extern const struct action_ops action_flag_set;
extern const struct action_ops action_pg_cancel;
extern const struct action_ops action_pg_terminate;
extern const struct action_ops action_pg_terminate_active;
extern const struct action_ops action_pg_terminate_idle;
extern const struct action_ops action_pg_unblock;
extern const struct action_ops action_queue_clean;
extern const struct action_ops action_queue_pause;
extern const struct action_ops action_queue_promote;
extern const struct action_ops action_queue_remove;
extern const struct action_ops action_queue_resume;
extern const struct action_ops action_queue_retry;
extern const struct action_ops action_queue_retry_all;
extern const struct action_ops action_redis_bgsave;
extern const struct action_ops action_redis_delete_pattern;
extern const struct action_ops action_redis_flushdb;
extern const struct action_ops action_redis_memory_purge;
extern const struct action_ops action_run_flags;
extern const struct action_ops action_run_resize;
extern const struct action_ops action_run_rollback;
extern const struct action_ops action_run_scale;
extern const struct action_ops action_run_traffic;
extern const struct action_ops action_type_command;
extern const struct action_ops action_type_http;

#endif
