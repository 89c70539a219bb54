/*
 * Rows for the record: who, where and what, redacted, and their queue.
 * Intents are written by the call that sends; all other rows wait here and
 * are written one after the other, so that the engine waits for no disk.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/utf8.h"
#include "model/platform.h"

void
record_set(const struct actions *actions, struct record *record,
    enum audit_field field, const char *value)
{
	struct buf clean = BUF_INIT(AUDIT_FIELD_MAX);

	if (record == NULL)
		return;
	mem_free(record->field[field]);
	record->field[field] = NULL;
	/* The plan's strings were redacted one by one: its JSON stays JSON. */
	if (field == AUDIT_PLAN)
		record->field[field] = mem_strdup(value);
	else if (redact_bytes(
		     actions->options.redactor, &clean, value, strlen(value)))
		record->field[field] = mem_strdup(buf_cstr(&clean));
	buf_release(&clean);
	if (record->field[field] == NULL)
		record->failed = true;
	else
		/* Words that were cut: a store that insists on UTF-8 would
		 * refuse the row for ever. */
		utf8_mend(record->field[field]);
}

static void
record_who(const struct actions *actions, struct record *record)
{
	const struct who *who = &actions->who;
	char at[CLOCK_RFC3339_LEN], boot[80];

	snprintf(boot, sizeof(boot), "%s:%" PRId64, who->boot, clock_now());
	record_set(
	    actions, record, AUDIT_AT, clock_rfc3339(clock_wall_ms(), at));
	record_set(actions, record, AUDIT_BOOT, boot);
	record_set(actions, record, AUDIT_UID, who->uid);
	record_set(actions, record, AUDIT_USER, who->user);
	record_set(actions, record, AUDIT_SUDO_USER, who->sudo_user);
	record_set(actions, record, AUDIT_SSH, who->ssh);
	record_set(actions, record, AUDIT_TTY, who->tty);
	record_set(actions, record, AUDIT_HOST, who->host);
	record_set(actions, record, AUDIT_PROCESS, who->process);
	record_set(actions, record, AUDIT_SEVTOP, PACKAGE_VERSION);
}

struct record *
record_new(const struct actions *actions, enum audit_kind kind,
    const struct platform *platform, const char *id)
{
	struct record *record = mem_calloc(1, sizeof(*record));

	if (record == NULL)
		return NULL;
	for (size_t i = 0; i < actions->options.platform_count; i++) {
		if (actions->options.platforms[i] == platform)
			record->platform = i;
	}
	record_set(actions, record, AUDIT_KIND, audit_kind_word(kind));
	record_set(actions, record, AUDIT_ID, id);
	record_who(actions, record);
	record_set(actions, record, AUDIT_PLATFORM, platform->name);
	record_set(actions, record, AUDIT_ENV, platform->env);
	return record->failed ? record_free(record) : record;
}

struct record *
record_free(struct record *record)
{
	if (record == NULL)
		return NULL;
	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++)
		mem_free(record->field[i]);
	mem_free(record);
	return NULL;
}

void
record_job(const struct actions *actions, struct record *record,
    const struct bound *bound, const struct request *request,
    enum action_class class)
{
	struct buf names = BUF_INIT(ACTION_TARGETS_MAX * ACTION_TARGET_MAX);
	char lock[BOUND_LOCK_LEN];

	if (record == NULL)
		return;
	for (size_t i = 0; i < request->is.target_count; i++) {
		if (i > 0)
			buf_char(&names, '\n');
		buf_str(&names, request->is.targets[i].name);
	}
	/* Looking holds nothing. */
	lock[0] = '\0';
	if (class != ACTION_LOOK)
		bound_lock(bound, request, lock);
	record_set(actions, record, AUDIT_ACTION, request->is.action);
	record_set(actions, record, AUDIT_CLASS, action_class_word(class));
	record_set(actions, record, AUDIT_TARGET, buf_cstr(&names));
	record_set(actions, record, AUDIT_LOCK, lock);
	record_set(actions, record, AUDIT_SIGNAL,
	    request->is.signal != NULL ? request->is.signal : "");
	buf_release(&names);
}

bool
record_queue(struct actions *actions, struct record *record)
{
	if (record == NULL || record->failed) {
		record_free(record);
		return false;
	}
	pthread_mutex_lock(&actions->lock);
	*actions->records_end = record;
	actions->records_end = &record->next;
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
	wake_signal(&actions->wake);
	return true;
}

void
record_conf(
    const struct actions *actions, size_t platform, struct audit_conf *ret_conf)
{
	*ret_conf = (struct audit_conf) {
		.path = actions->options.audit_path,
		.store = actions->options.platforms[platform]->audit,
		.syslog = actions->options.syslog,
		.redactor = actions->options.redactor,
	};
}

bool
records_are_one(const struct actions *actions, size_t a, size_t b)
{
	const char *one = actions->options.platforms[a]->audit;
	const char *other = actions->options.platforms[b]->audit;

	if (one == NULL || other == NULL)
		return one == other;
	return strcmp(one, other) == 0;
}

int64_t
records_sum(struct actions *actions)
{
	int64_t sum = 0;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->options.platform_count; i++)
		sum += actions->heads[i].seq;
	pthread_mutex_unlock(&actions->lock);
	return sum;
}

enum err_code
record_write(struct actions *actions, const struct record *record,
    const struct cancel *cancel, bool *ret_tried, struct err *err)
{
	struct audit_row row = { .seq = 0 };
	struct audit *audit = NULL;
	struct audit_conf conf;
	struct audit_head head;
	enum err_code code;

	*ret_tried = false;
	if (record->failed)
		return err_set(err, ERR_NOMEM, "audit", "no memory for a row");
	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++)
		row.field[i] = record->field[i];
	record_conf(actions, record->platform, &conf);
	pthread_mutex_lock(&actions->lock);
	head = actions->heads[record->platform];
	pthread_mutex_unlock(&actions->lock);
	code = audit_open(&conf, cancel, &audit, err);
	if (code == ERR_OK)
		code = audit_append(audit, &row, &head, err);
	audit_close(audit);
	/* It has a number from the moment on when it is added. */
	*ret_tried = row.seq > 0;
	if (code != ERR_OK)
		return code;
	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->options.platform_count; i++) {
		if (head.seq > actions->heads[i].seq &&
		    records_are_one(actions, record->platform, i))
			actions->heads[i] = head;
	}
	pthread_mutex_unlock(&actions->lock);
	return ERR_OK;
}

/* The first of the queue; NULL: it is empty. */
static struct record *
record_pop(struct actions *actions)
{
	struct record *record;

	pthread_mutex_lock(&actions->lock);
	record = actions->records;
	if (record != NULL) {
		actions->records = record->next;
		if (actions->records == NULL)
			actions->records_end = &actions->records;
		record->next = NULL;
	}
	pthread_mutex_unlock(&actions->lock);
	return record;
}

/* Back to the front, to be tried again. */
static void
record_push(struct actions *actions, struct record *record)
{
	pthread_mutex_lock(&actions->lock);
	record->next = actions->records;
	if (actions->records == NULL)
		actions->records_end = &record->next;
	actions->records = record;
	pthread_mutex_unlock(&actions->lock);
}

/* The writer came back: what it could not write is tried again. */
static void
records_ended(
    struct actions *actions, struct call *call, bool leaving, int64_t now)
{
	thread_join(&call->thread);
	actions->writer = NULL;
	actions->audit_words[0] = '\0';
	/* An outcome that another process wrote first is as good. */
	if (call->code != ERR_OK && call->code != ERR_CLOSED)
		snprintf(actions->audit_words, sizeof(actions->audit_words),
		    "%s", err_text(&call->err));
	if (strcmp(call->record->field[AUDIT_KIND],
		audit_kind_word(AUDIT_KIND_OUTCOME)) == 0)
		job_recorded(actions, call->record->field[AUDIT_ID],
		    actions->audit_words);
	if (actions->audit_words[0] != '\0') {
		actions->write_at = now + ACTIONS_RETRY_MS * NS_PER_MS;
		actions->write_over = leaving;
		record_push(actions, call->record);
		call->record = NULL;
	}
	call_free(call);
	pthread_mutex_lock(&actions->lock);
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
}

bool
records_pending(struct actions *actions)
{
	bool pending;

	pthread_mutex_lock(&actions->lock);
	pending = actions->records != NULL;
	pthread_mutex_unlock(&actions->lock);
	return pending || actions->writer != NULL;
}

int64_t
records_step(struct actions *actions, int64_t now)
{
	struct record *record;
	struct call *call = actions->writer;
	bool leaving;

	pthread_mutex_lock(&actions->lock);
	leaving = actions->leave_by != 0;
	pthread_mutex_unlock(&actions->lock);
	if (call != NULL && atomic_load(&call->ended)) {
		records_ended(actions, call, leaving, now);
		return now; /* for the next, and for who waited for it */
	}
	if (actions->writer != NULL)
		return INT64_MAX;
	if (now < actions->write_at && (!leaving || actions->write_over))
		return actions->write_at;
	record = record_pop(actions);
	if (record == NULL)
		return INT64_MAX;
	call = call_new(actions, CALL_RECORD, NULL);
	if (call != NULL) {
		call->record = record;
		if (call_start(call, 0, NULL) == ERR_OK) {
			actions->writer = call;
			return INT64_MAX;
		}
		call->record = NULL;
	}
	call_free(call);
	record_push(actions, record);
	actions->write_at = now + ACTIONS_RETRY_MS * NS_PER_MS;
	actions->write_over = leaving;
	return actions->write_at;
}
