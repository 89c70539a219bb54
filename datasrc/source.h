/*
 * What a source type is. Adding one is one file with a struct source_ops at
 * its end and one row in datasrc/table.c; its options, help, checking and
 * completions come from the row (docs/adding-a-source.md).
 *
 * A source runs beside the screen: open, then poll again and again, then
 * close, each in whatever thread the scheduler has for it, but never in two
 * at once; so nothing of it may hang on the thread, or on the cancel token
 * of an earlier poll. It may block only in waits that end by poll->deadline
 * and poll->cancel. A poll that stays silent past twice its deadline is
 * declared hung: the thread is abandoned with its state, its late answer is
 * dropped and a successor is opened. So a source must not touch anything
 * shared but what struct source_env names.
 */
#ifndef SEV_DATASRC_SOURCE_H
#define SEV_DATASRC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/thread.h"
#include "model/build.h"

struct gcp_tokens;
struct logstore;
struct platform;
struct redactor;

/* Borrowed for as long as the source lives; everything here is shared. */
struct source_env {
	const char *name; /* of this source in the configuration */
	const struct platform *platform; /* to find a source it refers to */
	struct redactor *redactor;	 /* for text_ingest(), and to add to */
	struct logstore *logs;
	uint16_t log_source; /* this source's number in the log store */
	bool optional; /* finding nothing is no fault: ERR_NOTFOUND then */
	struct gcp_tokens *tokens; /* of Google Cloud; NULL: one's own */
};

/* One poll. Above the line: given; below: the source's to set. */
struct poll {
	int64_t deadline;
	const struct cancel *cancel;
	int64_t wall_ms;     /* when the poll began */
	bool stay;	     /* a stream is to wait for news; see below */
	struct build *build; /* filled by the source, finished by the caller */
	/* ------------------------------------------------------------ */
	int64_t retry_after_ns; /* 0, or how long to wait before the next */
};

struct source_ops {
	const char *name; /* "redis": the type in the configuration */
	const char *help; /* one line */
	const struct opt_table *options; /* beside the common ones */
	size_t config_size; /* of the struct that the options fill */
	int64_t every_ns;   /* default interval */
	int64_t timeout_ns; /* default deadline of one poll */

	/*
	 * True: the source can wait for news itself inside poll (a followed
	 * file). While somebody looks at log lines poll->stay asks for that,
	 * and the source is called again as soon as it returns, ERR_WAITING
	 * included: what is missing is waited for there as well. Else it is
	 * polled like any other, every SCHED_STREAM_MS, and answers at once.
	 */
	bool stream;

	/*
	 * Optional. Whether a source with this configuration puts lines into
	 * the log store. NULL: those that are a stream do.
	 */
	bool (*logs)(const void *config);

	/*
	 * Optional. Key of the named filters of its lines: a map of names.
	 * Each line has a field "filter" for each that finds it.
	 */
	const char *filters;

	/*
	 * Makes the state from the bound configuration (borrowed, lives as
	 * long as the source). No I/O: that belongs in poll, where there is
	 * a deadline.
	 */
	enum err_code (*open)(const struct source_env *env, const void *config,
	    void **ret_state, struct err *err);

	/* Asks once and fills poll->build. Called by one thread at a time. */
	enum err_code (*poll)(void *state, struct poll *poll, struct err *err);

	/* Takes state; NULL is allowed. */
	void (*close)(void *state);

	/*
	 * Optional. Checks what the option rows can't say (a target list that
	 * is empty, a reference of the wrong type); adds to errors.
	 */
	void (*check)(const struct source_env *env, const void *config,
	    const struct conf_node *node, struct conf_errors *errors);
};

/* The types, each at the end of the file that is named after it. */
extern const struct source_ops src_bullmq;
extern const struct source_ops src_flags;
extern const struct source_ops src_gcp_build;
extern const struct source_ops src_gcp_logging;
extern const struct source_ops src_gcp_monitoring;
extern const struct source_ops src_gcp_redis;
extern const struct source_ops src_gcp_run;
extern const struct source_ops src_gcp_vpc;
extern const struct source_ops src_http;
extern const struct source_ops src_json;
extern const struct source_ops src_logfile;
extern const struct source_ops src_postgres;
extern const struct source_ops src_process;
extern const struct source_ops src_prom;
extern const struct source_ops src_redis;
extern const struct source_ops src_sql;

/* All types, ended by NULL. datasrc/table.c. */
extern const struct source_ops *const source_table[];

/* Whether a source of this type, so configured, puts lines into the log. */
bool source_logs(const struct source_ops *ops, const void *config);

/* NULL when there is no such type. */
const struct source_ops *source_find(const char *type);

/* The table as the configuration wants to see it. */
struct platform_types;
extern const struct platform_types source_types;

#endif
