/*
 * The records of the platforms, each on its own: a queue of rows and the one
 * call that writes them, one after the other, so that the engine waits for
 * no disk and no platform for the store of another.
 *
 * A store that can't be reached is tried again, with growing pauses, for as
 * long as the process lives. A row that it refuses for itself is not: it is
 * noted as not on record, and those behind it go on.
 */
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "model/platform.h"

static const char origin[] = "audit";

/* Whether two platforms have the same record. */
static bool
is_one(const struct actions *actions, size_t a, size_t b)
{
	const char *one = actions->options.platforms[a]->audit;
	const char *other = actions->options.platforms[b]->audit;

	if (one == NULL || other == NULL)
		return one == other;
	return strcmp(one, other) == 0;
}

bool
ledgers_open(struct actions *actions)
{
	size_t count = actions->options.platform_count;

	actions->ledgers = mem_calloc(count, sizeof(*actions->ledgers));
	actions->ledger_of = mem_calloc(count, sizeof(*actions->ledger_of));
	if (actions->ledgers == NULL || actions->ledger_of == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		while (at < actions->ledger_count &&
		       !is_one(actions, actions->ledgers[at].platform, i))
			at++;
		actions->ledger_of[i] = at;
		if (at < actions->ledger_count)
			continue;
		actions->ledgers[at].platform = i;
		actions->ledgers[at].end = &actions->ledgers[at].first;
		actions->ledger_count++;
	}
	return true;
}

void
ledgers_free(struct actions *actions)
{
	for (size_t i = 0; i < actions->ledger_count; i++) {
		struct record *record = actions->ledgers[i].first, *next;

		for (; record != NULL; record = next) {
			next = record->next;
			record_free(record);
		}
	}
	mem_free(actions->ledgers);
	mem_free(actions->ledger_of);
}

struct ledger *
ledger_find(struct actions *actions, const struct platform *platform)
{
	for (size_t i = 0; i < actions->options.platform_count; i++) {
		if (actions->options.platforms[i] == platform)
			return &actions->ledgers[actions->ledger_of[i]];
	}
	return NULL;
}

void
ledger_conf(const struct actions *actions, const struct ledger *ledger,
    struct audit_conf *ret_conf)
{
	*ret_conf = (struct audit_conf) {
		.path = actions->options.audit_path,
		.store = actions->options.platforms[ledger->platform]->audit,
		.syslog = actions->options.syslog,
		.redactor = actions->options.redactor,
	};
}

void
ledger_head(struct actions *actions, const struct ledger *ledger,
    struct audit_head *ret_head)
{
	pthread_mutex_lock(&actions->lock);
	*ret_head = ledger->head;
	pthread_mutex_unlock(&actions->lock);
}

/* "outcome of fake.set: the disk is full" */
static void
missing_words(
    const struct record *record, const char *why, char out[ERR_MSG_MAX])
{
	const char *action = record->field[AUDIT_ACTION];
	const char *kind = record->field[AUDIT_KIND];

	snprintf(out, ERR_MSG_MAX, "%s%s%.60s: %.110s",
	    kind != NULL ? kind : "a row", action != NULL ? " of " : "",
	    action != NULL ? action : "", why);
	utf8_mend(out);
}

/* A row that will never be on record: it is said, and not forgotten. */
static void
record_missing(
    struct actions *actions, const struct record *record, const char *why)
{
	char words[ERR_MSG_MAX];

	missing_words(record, why, words);
	pthread_mutex_lock(&actions->lock);
	if (actions->missing_count < ACTIONS_MISSING_MAX)
		memcpy(actions->missing[actions->missing_count], words,
		    sizeof(words));
	actions->missing_count++;
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
}

enum err_code
record_queue(struct actions *actions, struct record *record, struct err *err)
{
	static const struct record none = { .next = NULL };
	enum err_code code = ERR_OK;
	struct err own = ERR_INIT;
	struct ledger *ledger;

	if (record == NULL || record->failed) {
		code = err_set(&own, ERR_NOMEM, origin, "no memory for a row");
	} else {
		ledger =
		    &actions->ledgers[actions->ledger_of[record->platform]];
		pthread_mutex_lock(&actions->lock);
		if (ledger->waiting == ACTIONS_ROWS_MAX) {
			code = ERR_LIMIT;
		} else {
			*ledger->end = record;
			ledger->end = &record->next;
			ledger->waiting++;
		}
		pthread_mutex_unlock(&actions->lock);
		if (code != ERR_OK)
			err_set(&own, code, origin, "%d rows wait already",
			    ACTIONS_ROWS_MAX);
	}
	if (code != ERR_OK) {
		record_missing(
		    actions, record != NULL ? record : &none, err_text(&own));
		record_free(record);
		if (err != NULL)
			*err = own;
		return code;
	}
	wake_signal(&actions->wake);
	return ERR_OK;
}

enum err_code
record_write(struct actions *actions, const struct record *record,
    const struct cancel *cancel, enum record_fate *ret_fate, struct err *err)
{
	struct ledger *ledger =
	    &actions->ledgers[actions->ledger_of[record->platform]];
	struct audit_row row = { .seq = 0 };
	struct audit *audit = NULL;
	struct audit_conf conf;
	struct audit_head head;
	enum err_code code;

	*ret_fate = RECORD_ABSENT;
	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++)
		row.field[i] = record->field[i];
	ledger_conf(actions, ledger, &conf);
	ledger_head(actions, ledger, &head);
	code = audit_open(&conf, cancel, &audit, err);
	if (code == ERR_OK)
		code = audit_append(audit, &row, &head, err);
	audit_close(audit);
	if (row.refused)
		*ret_fate = RECORD_REFUSED;
	else if (row.seq > 0)
		*ret_fate = RECORD_TRIED;
	if (code != ERR_OK)
		return code;
	pthread_mutex_lock(&actions->lock);
	if (head.seq > ledger->head.seq)
		ledger->head = head;
	pthread_mutex_unlock(&actions->lock);
	return ERR_OK;
}

/* The first of the queue; NULL: it is empty. */
static struct record *
ledger_pop(struct actions *actions, struct ledger *ledger)
{
	struct record *record;

	pthread_mutex_lock(&actions->lock);
	record = ledger->first;
	if (record != NULL) {
		ledger->first = record->next;
		if (ledger->first == NULL)
			ledger->end = &ledger->first;
		ledger->waiting--;
		record->next = NULL;
	}
	pthread_mutex_unlock(&actions->lock);
	return record;
}

/* Back to the front, to be tried again after a while. */
static void
ledger_push(struct actions *actions, struct ledger *ledger,
    struct record *record, int64_t now)
{
	int64_t pause = ACTIONS_RETRY_MS * NS_PER_MS;

	for (unsigned i = 0; i < ledger->failures; i++) {
		pause *= 2;
		if (pause > ACTIONS_RETRY_MAX_MS * NS_PER_MS)
			pause = ACTIONS_RETRY_MAX_MS * NS_PER_MS;
	}
	if (ledger->failures < ACTIONS_RETRY_DOUBLED)
		ledger->failures++;
	ledger->write_at = now + pause;
	pthread_mutex_lock(&actions->lock);
	record->next = ledger->first;
	if (ledger->first == NULL)
		ledger->end = &record->next;
	ledger->first = record;
	ledger->waiting++;
	ledger->over = actions->leave_by != 0;
	pthread_mutex_unlock(&actions->lock);
}

void
ledger_say(struct actions *actions, struct ledger *ledger, const char *why)
{
	snprintf(ledger->words, sizeof(ledger->words), "%s", why);
	pthread_mutex_lock(&actions->lock);
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
}

/* The writer came back. */
static void
ledger_wrote(struct actions *actions, struct ledger *ledger, int64_t now)
{
	struct call *call = ledger->writer;
	struct record *record = call->record;
	bool again = false;
	const char *why = "";

	thread_join(&call->thread);
	ledger->writer = NULL;
	/* An outcome that another process wrote first is as good. */
	if (call->code != ERR_OK && call->code != ERR_CLOSED) {
		why = err_text(&call->err);
		again = call->fate != RECORD_REFUSED;
	}
	if (!again)
		ledger->failures = 0;
	ledger_say(actions, ledger, again ? why : "");
	if (strcmp(record->field[AUDIT_KIND],
		audit_kind_word(AUDIT_KIND_OUTCOME)) == 0)
		job_recorded(actions, record->field[AUDIT_ID], why);
	if (again) {
		ledger_push(actions, ledger, record, now);
		call->record = NULL;
	} else if (why[0] != '\0') {
		record_missing(actions, record, why);
	}
	call_free(call);
}

/* Starts a writer for the first row. Returns when to look again. */
static int64_t
ledger_write(struct actions *actions, struct ledger *ledger, int64_t now)
{
	struct record *record = ledger_pop(actions, ledger);
	struct call *call;

	if (record == NULL)
		return INT64_MAX;
	call = call_new(actions, CALL_RECORD, NULL);
	if (call != NULL) {
		call->record = record;
		if (call_start(call, 0, NULL) == ERR_OK) {
			ledger->writer = call;
			return INT64_MAX;
		}
		call->record = NULL;
	}
	call_free(call);
	ledger_push(actions, ledger, record, now);
	return ledger->write_at;
}

bool
ledger_pending(struct actions *actions, const struct ledger *ledger)
{
	bool pending;

	pthread_mutex_lock(&actions->lock);
	pending = ledger->first != NULL;
	pthread_mutex_unlock(&actions->lock);
	return pending || ledger->writer != NULL;
}

bool
ledgers_settled(struct actions *actions)
{
	for (size_t i = 0; i < actions->ledger_count; i++) {
		const struct ledger *ledger = &actions->ledgers[i];

		if (!ledger->over && ledger_pending(actions, ledger))
			return false;
	}
	return true;
}

bool
ledgers_have_calls(const struct actions *actions)
{
	for (size_t i = 0; i < actions->ledger_count; i++) {
		if (actions->ledgers[i].writer != NULL ||
		    actions->ledgers[i].restorer != NULL)
			return true;
	}
	return false;
}

int64_t
ledgers_step(struct actions *actions, int64_t now)
{
	int64_t next = INT64_MAX;
	bool leaving;

	pthread_mutex_lock(&actions->lock);
	leaving = actions->leave_by != 0;
	pthread_mutex_unlock(&actions->lock);
	for (size_t i = 0; i < actions->ledger_count; i++) {
		struct ledger *ledger = &actions->ledgers[i];
		int64_t at = INT64_MAX;

		if (ledger->writer != NULL &&
		    atomic_load(&ledger->writer->ended)) {
			ledger_wrote(actions, ledger, now);
			at = now; /* for the next, and for who waited for it */
		} else if (ledger->writer == NULL) {
			bool due = now >= ledger->write_at ||
				   (leaving && !ledger->over);

			at = due ? ledger_write(actions, ledger, now)
				 : ledger->write_at;
		}
		if (at < next)
			next = at;
	}
	return next;
}

/* The row at index of those that wait; NULL: there are not as many. */
static const struct record *
ledger_waiting(const struct ledger *ledger, size_t *index)
{
	const struct record *record = ledger->first;

	if (ledger->writer != NULL && (*index)-- == 0)
		return ledger->writer->record;
	while (record != NULL && (*index)-- > 0)
		record = record->next;
	return record;
}

bool
actions_missing(
    struct actions *actions, size_t index, char ret_words[ERR_MSG_MAX])
{
	size_t count, listed;

	pthread_mutex_lock(&actions->lock);
	count = actions->missing_count;
	listed = count < ACTIONS_MISSING_MAX ? count : ACTIONS_MISSING_MAX;
	if (index < listed)
		memcpy(ret_words, actions->missing[index], ERR_MSG_MAX);
	pthread_mutex_unlock(&actions->lock);
	if (index < listed)
		return true;
	index -= listed;
	if (count > listed && index-- == 0) {
		snprintf(
		    ret_words, ERR_MSG_MAX, "and %zu more", count - listed);
		return true;
	}
	for (size_t i = 0; i < actions->ledger_count && !actions->started;
	     i++) {
		const struct ledger *ledger = &actions->ledgers[i];
		const struct record *record = ledger_waiting(ledger, &index);

		if (record == NULL)
			continue;
		missing_words(record,
		    ledger->words[0] != '\0'
			? ledger->words
			: "sevtop ended before it was written",
		    ret_words);
		return true;
	}
	return false;
}
