/*
 * Rows for the record: who, where and what, redacted. Intents are written by
 * the call that sends; all other rows wait in a queue of their record.
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
#include "model/limits.h"
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
