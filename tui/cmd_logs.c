/*
 * `sevtop logs`: the merged log lines of all sources without the screen,
 * for pipes and bots. Sources that bring no lines are asked once at most.
 */
#include "tui/commands.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/thread.h"
#include "datasrc/engine.h"
#include "model/limits.h"
#include "model/logfield.h"
#include "model/logfilter.h"
#include "model/logsearch.h"
#include "model/logstore.h"
#include "model/logtime.h"
#include "tui/limits.h"
#include "tui/load.h"

enum {
	PRINT_LINES = 256,
	PRINT_BYTES = 2 * 1024 * 1024,
	SETTLE_MS = 5000, /* for files to be opened and read to their end */
};

struct printer {
	struct logstore *logs;
	struct logfilter *filter;
	int64_t since_ms; /* INT64_MIN: all */
	bool json;
	uint64_t next_seq;
	uint64_t told_lost;	     /* lines that standard error told of */
	bool shown[LOG_SOURCES_MAX]; /* the last head of each source */
	struct buf scratch;
	struct buf out;
};

/* Lines that go on with one that is shown, or not, go with it. */
static bool
is_wanted(struct printer *p, const struct log_line *line)
{
	bool *shown = &p->shown[line->source % LOG_SOURCES_MAX];

	if ((line->flags & LOG_CONT) == 0)
		*shown = line->wall_ms >= p->since_ms &&
			 logfilter_match(p->filter, line,
			     logstore_source_name(p->logs, line->source),
			     &p->scratch) != LOGFILTER_NO;
	return *shown;
}

static void
print_text(struct printer *p, const struct log_line *line)
{
	char stamp[CLOCK_RFC3339_LEN];
	const char *level = log_level_name((enum log_level)line->level);

	buf_fmt(&p->out, "%s%s %-5s ", clock_rfc3339(line->wall_ms, stamp),
	    (line->flags & LOG_NO_ZONE) != 0 ? "?" : "",
	    level[0] != '\0' ? level : "-");
	text_plain(&p->out, logstore_source_name(p->logs, line->source));
	buf_char(&p->out, ' ');
	text_plain(&p->out, line->text);
	if (line->fields.len > 0) {
		buf_str(&p->out, "  ");
		text_plain(&p->out, line->fields);
	}
	buf_char(&p->out, '\n');
}

static void
add_text(struct printer *p, cJSON *to, const char *key, struct text text)
{
	buf_clear(&p->scratch);
	if (text_plain(&p->scratch, text))
		cJSON_AddStringToObject(to, key, buf_cstr(&p->scratch));
}

static void
add_fields(struct printer *p, cJSON *line, struct text fields)
{
	cJSON *to = cJSON_AddObjectToObject(line, "fields");
	struct logfield field;
	struct buf key = BUF_INIT(LOG_TEXT_MAX), value = BUF_INIT(LOG_TEXT_MAX);
	size_t pos = 0;

	while (logfield_next(fields.s, fields.len, pos, &field)) {
		pos = field.end;
		buf_clear(&key);
		buf_clear(&value);
		buf_add(&key, field.key, field.key_len);
		/* The first of two equal keys, as a reader would take it. */
		if (!logfield_value(&value, &field) ||
		    cJSON_GetObjectItemCaseSensitive(to, buf_cstr(&key)) !=
			NULL)
			continue;
		buf_clear(&p->scratch);
		if (text_plain(
			&p->scratch, (struct text) { .s = buf_cstr(&value),
					 .len = (uint32_t)value.len }))
			cJSON_AddStringToObject(
			    to, buf_cstr(&key), buf_cstr(&p->scratch));
	}
	buf_release(&key);
	buf_release(&value);
}

static void
print_json(struct printer *p, const struct log_line *line)
{
	char stamp[CLOCK_RFC3339_LEN];
	cJSON *root = cJSON_CreateObject();
	char *words;

	cJSON_AddStringToObject(
	    root, "time", clock_rfc3339(line->wall_ms, stamp));
	cJSON_AddBoolToObject(root, "time_known",
	    line->has_time && (line->flags & LOG_NO_ZONE) == 0);
	if (line->level == LOG_LEVEL_NONE)
		cJSON_AddNullToObject(root, "level");
	else
		cJSON_AddStringToObject(
		    root, "level", log_level_name((enum log_level)line->level));
	add_text(
	    p, root, "source", logstore_source_name(p->logs, line->source));
	add_text(p, root, "text", line->text);
	if ((line->flags & LOG_CONT) != 0)
		cJSON_AddTrueToObject(root, "goes_on");
	add_fields(p, root, line->fields);
	words = cJSON_PrintUnformatted(root);
	if (words != NULL) {
		buf_str(&p->out, words);
		buf_char(&p->out, '\n');
	}
	cJSON_free(words);
	cJSON_Delete(root);
}

/* Lines that never got here are told on standard error. */
static void
tell_lost(struct printer *p, uint64_t evicted_unseen)
{
	struct logstore_stats stats;
	char number[NUM_TEXT_MAX];
	uint64_t lost;

	logstore_stats(p->logs, &stats);
	lost = stats.dropped + evicted_unseen;
	if (lost <= p->told_lost)
		return;
	fprintf(stderr, "sevtop: %s lines came too fast and were left out\n",
	    num_int(number, (int64_t)(lost - p->told_lost)));
	p->told_lost = lost;
}

/* Prints what is there. False: nobody reads any more. */
static bool
print_new(struct printer *p, uint64_t *unseen)
{
	struct log_line *lines = mem_calloc(PRINT_LINES, sizeof(*lines));
	size_t n, i;
	bool good = lines != NULL;

	do {
		struct arena *arena = arena_new(PRINT_BYTES);

		n = good && arena != NULL ? logstore_copy(p->logs, p->next_seq,
						lines, PRINT_LINES, arena)
					  : 0;
		buf_clear(&p->out);
		for (i = 0; i < n; i++) {
			if (!is_wanted(p, &lines[i]))
				continue;
			if (p->json)
				print_json(p, &lines[i]);
			else
				print_text(p, &lines[i]);
		}
		if (n > 0) {
			*unseen += lines[0].seq - p->next_seq;
			p->next_seq = lines[n - 1].seq + 1;
		}
		if (p->out.len > 0)
			good = fwrite(p->out.data, 1, p->out.len, stdout) ==
			       p->out.len;
		arena_free(arena);
	} while (n > 0 && good);
	good = fflush(stdout) == 0 && good;
	mem_free(lines);
	tell_lost(p, *unseen);
	return good;
}

/* Has every log source had its first look? */
static bool
is_settled(const struct frame *frame)
{
	size_t i;

	for (i = 0; i + 1 < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];

		if (section == NULL || (section->logs && section->polls == 0))
			return false;
	}
	return true;
}

static void
wait_settled(struct engine *engine, struct wake *wake, struct frame *frame)
{
	int64_t deadline = clock_now() + SETTLE_MS * NS_PER_MS;

	do {
		wake_drain(wake);
		frame_acquire(frame, engine_store(engine));
	} while (!is_settled(frame) && io_wait(wake_fd(wake), IO_READ, deadline,
					   NULL, NULL) == ERR_OK);
}

/* What is not followed, in words; how many log sources there are. */
static size_t
tell_sources(const struct frame *frame)
{
	size_t i, count = 0;

	for (i = 0; i + 1 < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];
		struct buf why = BUF_INIT(ERR_MSG_MAX * 8);

		if (section == NULL || !section->logs)
			continue;
		count++;
		if (section->code != ERR_OK && text_plain(&why, section->why))
			fprintf(stderr, "sevtop: %s: %s\n", section->name,
			    buf_cstr(&why));
		buf_release(&why);
	}
	if (count == 0)
		fputs("sevtop: no source of log lines is configured, such as "
		      "one of type logfile\n",
		    stderr);
	return count;
}

/* Until somebody writes a line; false when nobody reads ours. */
static bool
wait_lines(struct wake *wake)
{
	struct pollfd fds[2] = {
		{ .fd = wake_fd(wake), .events = POLLIN },
		{ .fd = STDOUT_FILENO, .events = 0 },
	};

	while (poll(fds, 2, -1) < 0) {
		if (errno != EINTR)
			return false;
	}
	if ((fds[1].revents & (POLLERR | POLLHUP)) != 0)
		return false;
	wake_drain(wake);
	return true;
}

static int
logs_run(struct engine *engine, struct printer *p, bool follow)
{
	struct err err = ERR_INIT;
	struct wake wake = { .fd = { -1, -1 } };
	struct frame frame = { 0 };
	uint64_t unseen = 0;
	int status = CLI_EXIT_CONFIG;

	p->logs = engine_logs(engine);
	if (wake_init(&wake, &err) != ERR_OK ||
	    frame_init(&frame, engine_store(engine), &err) != ERR_OK ||
	    store_subscribe(engine_store(engine), STORE_ANY, &wake, &err) !=
		ERR_OK ||
	    engine_start(engine, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		goto out;
	}
	wait_settled(engine, &wake, &frame);
	store_unsubscribe(engine_store(engine), &wake);
	status = tell_sources(&frame) > 0 ? 0 : CLI_EXIT_CONFIG;
	logstore_subscribe(p->logs, &wake);
	while (
	    status == 0 && print_new(p, &unseen) && follow && wait_lines(&wake))
		;
	logstore_subscribe(p->logs, NULL);
out:
	/* Threads stuck in a library would still use what is freed below. */
	if (!engine_stop(engine, clock_now() + STOP_MS * NS_PER_MS))
		_exit(status);
	frame_release(&frame);
	engine_free(engine);
	wake_release(&wake);
	return status;
}

/* "10m" ago, or a time. */
static bool
parse_since(const char *words, int64_t *ret_ms)
{
	int64_t now_ms = clock_wall_ms(), ago;
	size_t len = strlen(words);
	struct logtime t;

	if (num_parse_duration(words, len, &ago)) {
		*ret_ms = now_ms - ago / NS_PER_MS;
		return true;
	}
	if (!logtime_parse(words, len, now_ms, LOGTIME_UTC, &t) || t.len != len)
		return false;
	*ret_ms = t.wall_ms;
	return true;
}

static int
parse_options(const struct cli *cli, struct printer *p)
{
	const char *filter =
	    cli->value[CLI_FILTER] != NULL ? cli->value[CLI_FILTER] : "";
	const char *since = cli->value[CLI_SINCE];
	struct err err = ERR_INIT;

	if (!cli_output(cli, &p->json))
		return CLI_EXIT_USAGE;
	if (since != NULL && !parse_since(since, &p->since_ms)) {
		fputs("sevtop: --since wants a span such as 10m, or a time "
		      "such as 2026-11-22T14:00:00Z\n",
		    stderr);
		return CLI_EXIT_USAGE;
	}
	/* Checked before anything is loaded; @names are put in afterwards. */
	if (strchr(filter, '@') == NULL &&
	    logfilter_new(filter, &p->filter, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: --filter: %s\n", err_text(&err));
		return CLI_EXIT_USAGE;
	}
	return 0;
}

/* The filter with the configuration's named searches put in. */
static int
expand_filter(
    const struct cli *cli, const struct loaded *loaded, struct printer *p)
{
	const struct platform *platforms[CLI_LIST_MAX];
	struct buf expr = BUF_INIT(LOGFILTER_EXPR_MAX);
	struct err err = ERR_INIT;
	int status = 0;
	size_t i;

	if (p->filter != NULL)
		return 0;
	for (i = 0; i < loaded->count; i++)
		platforms[i] = loaded->platforms[i];
	if (logsearch_expand(platforms, loaded->count, cli->value[CLI_FILTER],
		&expr, &err) != ERR_OK ||
	    logfilter_new(buf_cstr(&expr), &p->filter, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: --filter: %s\n", err_text(&err));
		status = CLI_EXIT_USAGE;
	}
	buf_release(&expr);
	return status;
}

static int
cmd_logs(const struct cli *cli)
{
	/* What brings no lines is of no use here: asked once, then left. */
	const struct engine_options options = { .every_ns = 3600 * NS_PER_SEC,
		.spare_logs = true };
	struct printer p = { .since_ms = INT64_MIN };
	struct err err = ERR_INIT;
	struct engine *engine;
	struct loaded loaded;
	int status;

	buf_init(&p.scratch, 4 * LOG_TEXT_MAX);
	buf_init(&p.out, 64 * 1024 * 1024);
	status = parse_options(cli, &p);
	if (status == 0)
		status = load_platforms(cli, &loaded);
	if (status != 0)
		goto out;
	status = expand_filter(cli, &loaded, &p);
	if (status != 0) {
		load_release(&loaded);
		goto out;
	}
	if (engine_open(loaded.platforms, loaded.count, &options, &engine,
		&err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		load_release(&loaded);
		status = CLI_EXIT_CONFIG;
		goto out;
	}
	status = logs_run(engine, &p, cli->value[CLI_FOLLOW] != NULL);
out:
	logfilter_free(p.filter);
	buf_release(&p.scratch);
	buf_release(&p.out);
	return status;
}

const struct cli_command command_logs = {
	.name = "logs",
	.args = "",
	.help = "print the log lines of all sources, merged",
	.text = "Prints time, level, source and text of every line, in the "
		"order in which they were read; with --output json one "
		"object per line. Bytes that could harm a terminal read "
		"\\xHH. Files are read from where their sources begin, "
		"usually the last 64 KiB; --since narrows that. Without "
		"--follow it ends when all is printed. Exit status: 0; 64 "
		"for a wrong option or filter; 78 when the configuration is "
		"wrong or has no log source.",
	.options =
	    (const enum cli_option[]) {
		CLI_CONFIG,
		CLI_PLATFORM,
		CLI_ENV,
		CLI_FILTER,
		CLI_SINCE,
		CLI_FOLLOW,
		CLI_OUTPUT,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run = cmd_logs,
};
