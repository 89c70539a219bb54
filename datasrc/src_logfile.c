/*
 * Source type logfile: follows one or several log files. While somebody
 * looks at log lines it waits inside poll for what inotify tells, so that a
 * line is in the store a moment after it was written, without looking at the
 * file again and again. After a read it lets a busy file settle for
 * LOGFILE_SETTLE_MS, which makes many lines cost one wake-up. An answer is
 * then given when the state of a file changed, every second while lines
 * come and every two when none do.
 *
 * While nobody looks, a poll reads what has come since the last and answers.
 * A file that is not there is no reason to stop looking: ERR_WAITING is
 * answered, and the next poll waits for the file as it would for a line.
 */
#include <errno.h>
#include <glob.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/redact.h"
#include "datasrc/limits.h"
#include "datasrc/logcount.h"
#include "datasrc/logingest.h"
#include "datasrc/lograte.h"
#include "datasrc/logtail.h"
#include "datasrc/logwatch.h"
#include "datasrc/source.h"

enum from {
	FROM_TAIL,
	FROM_END,
	FROM_START,
};

struct logfile_conf {
	struct opt_list paths;
	int from; /* enum from */
	int64_t tail;
	int64_t max_line;
	int format; /* enum logparse_format */
	int zone;   /* enum logtime_zone */
};

/* One file that is followed. */
struct file {
	struct logtail *tail;
	struct logingest *ingest;
	uint64_t change; /* of the tail when it was last watched */
	int watches[2];	 /* of the open file and the one before; -1 */
	enum err_code code;
	struct err err;
	uint64_t dropped;
};

struct logfile {
	struct source_env env;
	const struct logfile_conf *conf;
	struct logcount *count;
	struct logwatch watch;
	bool watched; /* every folder is, so news are told */
	bool begun;   /* the first look is over: what comes later is new */
	struct file files[LOGFILE_FILES_MAX];
	size_t file_count;
	size_t left_out; /* files that match beyond the maximum */
	int64_t recheck_at;
	int64_t read_at; /* of the last read that brought bytes */
	/* What the last answer said. */
	int64_t answered_at; /* 0: none yet */
	bool news;	     /* a state changed since */
	struct logingest_counts told;
};

static enum err_code
logfile_open(const struct source_env *env, const void *config, void **ret_state,
    struct err *err)
{
	struct logfile *lf = mem_calloc(1, sizeof(*lf));

	if (lf == NULL)
		return err_set(err, ERR_NOMEM, "logfile", "no memory");
	lf->env = *env;
	lf->conf = config;
	lf->watch.fd = -1;
	*ret_state = lf;
	return logcount_new(env->platform,
	    logstore_source_name(env->logs, env->log_source), &lf->count, err);
}

static void
logfile_close(void *state)
{
	struct logfile *lf = state;
	size_t i;

	if (lf == NULL)
		return;
	for (i = 0; i < lf->file_count; i++) {
		logtail_free(lf->files[i].tail);
		logingest_free(lf->files[i].ingest);
	}
	logcount_free(lf->count);
	logwatch_release(&lf->watch);
	mem_free(lf);
}

static void
on_line(void *ctx, const char *bytes, size_t len, uint64_t cut, unsigned flags)
{
	struct file *file = ctx;
	unsigned log_flags = 0;

	if ((flags & LOGTAIL_OPEN) != 0)
		log_flags |= LOG_OPEN;
	if ((flags & LOGTAIL_REST) != 0)
		log_flags |= LOG_CONT;
	logingest_line(file->ingest, bytes, len, cut, log_flags);
}

static void
on_truncated(void *ctx)
{
	struct file *file = ctx;

	logingest_notice(file->ingest,
	    TEXT("— the file was truncated; it is read from its start —"));
}

static void
on_dropped(void *ctx, uint64_t lines)
{
	struct file *file = ctx;

	file->dropped += lines;
}

/* Starts to follow path. A file without memory comes with the next look. */
static void
add_file(struct logfile *lf, const char *path)
{
	struct file *file = &lf->files[lf->file_count];
	const struct logfile_conf *conf = lf->conf;
	struct logtail_options options = {
		.max_line = (size_t)conf->max_line,
		.tail = conf->from == FROM_START ? -1
			: conf->from == FROM_END ? 0
						 : conf->tail,
	};
	struct logtail_sink sink = { .ctx = file,
		.line = on_line,
		.truncated = on_truncated,
		.dropped = on_dropped };
	size_t i;

	for (i = 0; i < lf->file_count; i++)
		if (strcmp(logtail_path(lf->files[i].tail), path) == 0)
			return;
	if (lf->file_count == LOGFILE_FILES_MAX) {
		lf->left_out++;
		return;
	}
	*file = (struct file) { .watches = { -1, -1 }, .code = ERR_WAITING };
	if (logingest_new(lf->env.logs, lf->env.log_source, lf->env.redactor,
		(enum logparse_format)conf->format,
		(enum logtime_zone)conf->zone, &file->ingest, NULL) != ERR_OK)
		return;
	if (logtail_new(path, &options, &sink, &file->tail, NULL) != ERR_OK) {
		file->ingest = logingest_free(file->ingest);
		return;
	}
	logingest_count(file->ingest, lf->count);
	lf->file_count++;
	lf->news = true;
}

static bool
is_pattern(const char *path)
{
	return strpbrk(path, "*?[") != NULL;
}

/* Finds what the configured paths and patterns lead to now. */
static void
find_files(struct logfile *lf)
{
	size_t i, k;

	lf->left_out = 0;
	lf->watched = lf->watch.fd >= 0;
	for (i = 0; i < lf->conf->paths.count; i++) {
		const char *path = lf->conf->paths.items[i];
		glob_t found = { .gl_pathc = 0 };

		if (!logwatch_folder(&lf->watch, path))
			lf->watched = false;
		if (!is_pattern(path)) {
			add_file(lf, path);
			continue;
		}
		if (glob(path, GLOB_ERR, NULL, &found) == 0) {
			for (k = 0; k < found.gl_pathc; k++)
				add_file(lf, found.gl_pathv[k]);
		}
		globfree(&found);
	}
}

static void
watch_file(struct logfile *lf, struct file *file)
{
	uint64_t change;
	int fd = logtail_fd(file->tail, &change);

	if (change == file->change)
		return;
	file->change = change;
	if (file->watches[1] != file->watches[0])
		logwatch_forget(&lf->watch, file->watches[1]);
	file->watches[1] = file->watches[0];
	file->watches[0] = logwatch_file(&lf->watch, fd);
}

static void
check_file(struct logfile *lf, struct file *file, int64_t now)
{
	struct err err = ERR_INIT;
	enum err_code code = logtail_check(file->tail, now, !lf->begun, &err);

	if (code != file->code)
		lf->news = true;
	file->code = code;
	file->err = err;
	watch_file(lf, file);
}

/* One look at all files. True when some have more to read at once. */
static bool
logfile_pass(struct logfile *lf, int64_t now, int64_t wall_ms)
{
	bool more = false;
	size_t i;

	if (now >= lf->recheck_at) {
		find_files(lf);
		lf->recheck_at = now + LOGFILE_RECHECK_MS * NS_PER_MS;
	}
	for (i = 0; i < lf->file_count; i++) {
		struct file *file = &lf->files[i];
		uint64_t bytes = logingest_counts(file->ingest)->bytes;
		uint64_t dropped = file->dropped;

		check_file(lf, file, now);
		logingest_at(file->ingest, now, wall_ms);
		if (logtail_read(file->tail, now, LOGFILE_PASS_BYTES))
			more = true;
		if (logingest_counts(file->ingest)->bytes != bytes)
			lf->read_at = now;
		logingest_flush(file->ingest);
		if (file->dropped != dropped)
			logstore_count_dropped(
			    lf->env.logs, file->dropped - dropped);
	}
	lf->begun = true;
	return more;
}

/* Shows lines that were held long enough; when to look again. */
static int64_t
logfile_flush(struct logfile *lf, int64_t now)
{
	int64_t next = DEADLINE_NONE, at;
	size_t i;

	for (i = 0; i < lf->file_count; i++) {
		at = logtail_flush(
		    lf->files[i].tail, now, LOGFILE_HOLD_MS * NS_PER_MS);
		logingest_flush(lf->files[i].ingest);
		if (at < next)
			next = at;
	}
	return next;
}

static struct logingest_counts
logfile_counts(const struct logfile *lf)
{
	struct logingest_counts sum = { .lines = 0 };
	size_t i, k;

	for (i = 0; i < lf->file_count; i++) {
		const struct logingest_counts *one =
		    logingest_counts(lf->files[i].ingest);

		sum.lines += one->lines;
		sum.timeless += one->timeless;
		sum.bytes += one->bytes;
		sum.lost += one->lost + lf->files[i].dropped;
		for (k = 0; k < LOG_LEVEL_COUNT; k++)
			sum.by_level[k] += one->by_level[k];
	}
	return sum;
}

/* When the next answer of a poll that stays is due. */
static int64_t
answer_due(const struct logfile *lf, int64_t deadline)
{
	struct logingest_counts counts = logfile_counts(lf);
	int64_t wait = LOGFILE_QUIET_MS, due;

	if (lf->answered_at == 0 || lf->news)
		return 0;
	if (counts.lines != lf->told.lines || counts.lost != lf->told.lost)
		wait = LOGFILE_BUSY_MS;
	due = lf->answered_at + wait * NS_PER_MS;
	return due < deadline ? due : deadline;
}

/*
 * Waits for news: until the settling time of a busy file is over, and then
 * until something is told, or at most until `until`.
 */
static enum err_code
logfile_wait(struct logfile *lf, const struct poll *poll, int64_t until)
{
	int64_t settled = lf->read_at + LOGFILE_SETTLE_MS * NS_PER_MS;
	int64_t look = clock_now() + LOGFILE_POLL_MS * NS_PER_MS;
	enum err_code code = ERR_OK;

	if (settled > until)
		settled = until;
	if (lf->read_at != 0 && settled > clock_now())
		code = io_wait(-1, 0, settled, poll->cancel, NULL);
	if (code == ERR_CANCELLED)
		return code;
	if (!lf->watched && look < until)
		until = look;
	code = io_wait(lf->watch.fd, IO_READ, until, poll->cancel, NULL);
	if (code == ERR_OK && logwatch_drain(&lf->watch))
		lf->recheck_at = 0;
	return code == ERR_TIMEOUT ? ERR_OK : code;
}

static struct text
file_detail(struct logfile *lf, const struct file *file, struct arena *arena)
{
	const struct logingest_counts *counts = logingest_counts(file->ingest);
	int64_t behind = logtail_behind(file->tail);

	if (file->code != ERR_OK)
		return text_ingest(lf->env.redactor, arena, file->err.msg,
		    strlen(file->err.msg), ERR_MSG_MAX);
	if (behind > LOGFILE_PASS_BYTES)
		return text_fmt(arena, "%lld bytes behind", (long long)behind);
	if (counts->lines > 0 && counts->timeless * 10 > counts->lines)
		return text_fmt(arena, "%d %% of the lines have no time",
		    (int)(counts->timeless * 100 / counts->lines));
	return TEXT("following");
}

static void
answer_metrics(struct logfile *lf, struct build *build, int64_t now)
{
	struct logingest_counts counts = logfile_counts(lf);
	int64_t behind = 0;
	size_t i;

	for (i = 0; i < lf->file_count; i++)
		behind += logtail_behind(lf->files[i].tail);
	build_gauge(build, TEXT("bytes_behind"), NUM_BYTES, (double)behind);
	lograte_report(&lf->told, &counts, lf->answered_at, now, build);
	logcount_report(lf->count, build);
	lf->told = counts;
}

/*
 * Health of every file. The poll is good when one file is followed, and
 * waits when all it lacks may yet appear.
 */
static enum err_code
logfile_answer(
    struct logfile *lf, struct poll *poll, int64_t now, struct err *err)
{
	struct arena *arena = build_arena(poll->build);
	const struct file *worst = NULL;
	size_t i, followed = 0;

	for (i = 0; i < lf->file_count; i++) {
		const struct file *file = &lf->files[i];
		const char *path = logtail_path(file->tail);
		enum state state = STATE_OK;

		if (file->code == ERR_OK)
			followed++;
		else if (worst == NULL || worst->code == ERR_WAITING)
			worst = file;
		if (file->code != ERR_OK)
			state = file->code == ERR_WAITING ? STATE_UNKNOWN
							  : STATE_CRIT;
		else if (logtail_behind(file->tail) > LOGFILE_PASS_BYTES)
			state = STATE_WARN;
		build_health(poll->build,
		    text_ingest(lf->env.redactor, arena, path, strlen(path),
			ERR_MSG_MAX),
		    state, file_detail(lf, file, arena), -1);
	}
	if (lf->left_out > 0)
		build_health(poll->build, TEXT("more files"), STATE_WARN,
		    text_fmt(arena,
			"%zu match and are not followed, more "
			"than %d at once",
			lf->left_out, LOGFILE_FILES_MAX),
		    -1);
	answer_metrics(lf, poll->build, now);
	build_note(poll->build,
	    text_fmt(arena, "%zu of %zu files%s", followed, lf->file_count,
		lf->watched ? "" : ", looked at ten times a second"));
	lf->answered_at = now;
	lf->news = false;
	if (followed > 0)
		return ERR_OK;
	if (worst == NULL)
		return err_set(err, ERR_WAITING, "logfile",
		    "waiting for a file to match %s",
		    lf->conf->paths.count > 0 ? lf->conf->paths.items[0] : "");
	*err = worst->err;
	return worst->code;
}

/*
 * Is reading on better than an answer now? The first one tells that what
 * was there is read.
 */
static bool
reads_on(const struct logfile *lf, const struct poll *poll, int64_t begun,
    int64_t now)
{
	if (lf->answered_at == 0)
		return now < poll->deadline;
	return !poll->stay && now < begun + LOGFILE_BUSY_MS * NS_PER_MS;
}

static enum err_code
logfile_poll(void *state, struct poll *poll, struct err *err)
{
	struct logfile *lf = state;
	int64_t begun = clock_now(), now, until, due;
	enum err_code code;
	bool more;

	if (lf->watch.fd < 0)
		logwatch_init(&lf->watch);
	/* Without waiting nothing is told: the poll looks for itself. */
	if (!poll->stay) {
		logwatch_drain(&lf->watch);
		lf->recheck_at = 0;
	}
	for (;;) {
		now = clock_now();
		more = logfile_pass(lf, now, clock_wall_ms());
		until = logfile_flush(lf, now);
		due = poll->stay ? answer_due(lf, poll->deadline) : now;
		if (now >= due && !(more && reads_on(lf, poll, begun, now)))
			return logfile_answer(lf, poll, now, err);
		if (cancel_is_fired(poll->cancel))
			return err_set(
			    err, ERR_CANCELLED, "logfile", "cancelled");
		if (more)
			continue;
		if (due < until)
			until = due;
		if (lf->recheck_at < until)
			until = lf->recheck_at;
		code = logfile_wait(lf, poll, until);
		if (code == ERR_CANCELLED)
			return err_set(err, code, "logfile", "cancelled");
	}
}

static const char *const from_words[] = { "tail", "end", "start", NULL };
static const char *const format_words[] = { "auto", "json", "plain", NULL };
static const char *const zone_words[] = { "utc", "local", NULL };

static const struct opt logfile_rows[] = {
	{
	    OPT_FIELD(struct logfile_conf, paths, "path", OPT_LIST),
	    .required = true,
	    .min = 1,
	    .max = LOGFILE_PATHS_MAX,
	    .help = "file or FIFO to follow, a pattern such as logs/*.log, "
		    "or a list of these",
	},
	{
	    OPT_FIELD(struct logfile_conf, from, "from", OPT_CHOICE),
	    .choices = from_words,
	    .preset = "tail",
	    .help = "where to begin in a file that is already there",
	},
	{
	    OPT_FIELD(struct logfile_conf, tail, "tail", OPT_SIZE),
	    .min = 1,
	    .max = LOGFILE_TAIL_MAX,
	    .preset = "64KiB",
	    .help = "bytes before the end to begin with, for from: tail",
	},
	{
	    OPT_FIELD(struct logfile_conf, max_line, "max_line", OPT_SIZE),
	    .min = 256,
	    .max = LOGTAIL_LINE_MAX,
	    .preset = "64KiB",
	    .help = "longest line that is kept whole",
	},
	{
	    OPT_FIELD(struct logfile_conf, format, "format", OPT_CHOICE),
	    .choices = format_words,
	    .preset = "auto",
	    .help = "what lines are taken for",
	},
	{
	    OPT_FIELD(struct logfile_conf, zone, "zone", OPT_CHOICE),
	    .choices = zone_words,
	    .preset = "utc",
	    .help = "time zone of times that name none",
	},
};

static const struct opt_table logfile_opts = OPT_TABLE(logfile_rows);

const struct source_ops src_logfile = {
	.name = "logfile",
	.help = "follows log files as they grow",
	.options = &logfile_opts,
	.config_size = sizeof(struct logfile_conf),
	.every_ns = 5 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.stream = true,
	.open = logfile_open,
	.poll = logfile_poll,
	.close = logfile_close,
};
