/*
 * Running requests: starts them as slots become free, waits in epoll for
 * what curl wants, and ends each exactly once, by curl's result, by the
 * deadline or by the token.
 */
#include "datasrc/http_impl.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/* One call of http_fetch_many(). */
struct http_run {
	struct http_client *client;
	struct http_target *const *targets;
	size_t count;
	size_t parallel;
	http_done_fn *done;
	void *ctx;
	int64_t deadline;
	const struct cancel *cancel;
	size_t next;   /* first that has not been started */
	size_t active; /* started and not ended */
};

static void
http_fill_times(CURL *easy, struct http_response *response)
{
	const struct {
		CURLINFO info;
		int64_t *to;
	} times[] = {
		{ CURLINFO_NAMELOOKUP_TIME_T, &response->dns_ns },
		{ CURLINFO_CONNECT_TIME_T, &response->connect_ns },
		{ CURLINFO_APPCONNECT_TIME_T, &response->tls_ns },
		{ CURLINFO_STARTTRANSFER_TIME_T, &response->first_byte_ns },
		{ CURLINFO_TOTAL_TIME_T, &response->total_ns },
	};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		curl_off_t us = 0;

		curl_easy_getinfo(easy, times[i].info, &us);
		*times[i].to = us * 1000;
	}
}

static void
http_fill_response(
    const struct http_target *target, struct http_response *response)
{
	const struct http_slot *slot = target->slot;
	long connects = 0;

	*response = (struct http_response) { .status = slot->head.status,
		.date_s = slot->head.date_s,
		.body = buf_cstr(&slot->body),
		.body_len = slot->body.len,
		.cert_until_s = slot->cert_until_s };
	memcpy(response->type, slot->head.type, sizeof(response->type));
	memcpy(response->location, slot->head.location,
	    sizeof(response->location));
	memcpy(response->etag, slot->head.etag, sizeof(response->etag));
	response->metadata = slot->head.metadata;
	response->retry_after_s =
	    http_head_retry_after(&slot->head, clock_wall_ms() / 1000);
	curl_easy_getinfo(target->easy, CURLINFO_NUM_CONNECTS, &connects);
	response->reused = connects == 0;
	http_fill_times(target->easy, response);
}

/* Remembers a look-up whose thread hangs, so that they do not pile up. */
static void
http_note_lookup(struct http_target *target)
{
	struct http_client *client = target->client;

	if (!target->named || target->slot->phase != HTTP_PHASE_LOOKUP) {
		target->stuck_at = 0;
		return;
	}
	target->stuck_at = clock_now();
	client->lookups_stuck[client->lookups_at] = target->stuck_at;
	client->lookups_at = (client->lookups_at + 1) % HTTP_LOOKUPS_MAX;
}

/* Whether asking the name server again must wait; true fills err. */
static bool
http_lookup_paused(
    const struct http_target *target, int64_t now, struct err *err)
{
	const struct http_client *client = target->client;
	const int64_t pause = HTTP_LOOKUP_PAUSE_S * NS_PER_SEC;
	int64_t oldest = client->lookups_stuck[client->lookups_at];
	int64_t until = 0;

	if (!target->named)
		return false;
	if (target->stuck_at != 0)
		until = target->stuck_at + pause;
	/*
	 * All of the ring is recent: that many threads hang already. Who
	 * got an answer last time has a connection and needs none.
	 */
	if (!target->answered && oldest != 0 && until < oldest + pause)
		until = oldest + pause;
	if (until <= now)
		return false;
	err_set(err, ERR_DNS, "http",
	    "%s: the name server does not answer; next look-up in %lld s",
	    target->host, (long long)((until - now) / NS_PER_SEC + 1));
	return true;
}

/* Ends the request in slot: by curl's result, or with err when given. */
static void
http_end(struct http_run *run, struct http_slot *slot, CURLcode rc,
    const struct err *cut)
{
	struct http_target *target = slot->target;
	struct http_response response;
	struct err err = ERR_INIT;
	bool good = cut == NULL && rc == CURLE_OK;

	if (good)
		http_fill_response(target, &response);
	else if (cut != NULL)
		err = *cut;
	else
		http_explain(target, rc, &err);
	target->answered = good;
	if (cut == NULL || cut->code != ERR_CANCELLED)
		http_note_lookup(target);
	curl_multi_remove_handle(run->client->multi, target->easy);
	target->slot = NULL;
	slot->target = NULL;
	run->active--;
	run->done(
	    run->ctx, slot->index, err.code, good ? &response : NULL, &err);
}

/* Ends the request at index before it was given to curl. */
static void
http_end_unstarted(struct http_run *run, size_t index, const struct err *err)
{
	run->done(run->ctx, index, err->code, NULL, err);
}

static struct http_slot *
http_slot_free(struct http_run *run)
{
	for (size_t i = 0; i < run->parallel; i++)
		if (run->client->slots[i].target == NULL)
			return &run->client->slots[i];
	return NULL;
}

/* After a long pause or suspend the kept connections are most likely dead. */
static void
http_want_fresh(struct http_target *target, int64_t now)
{
	int64_t ended_at = target->client->ended_at;
	bool fresh =
	    target->once || now - ended_at > HTTP_IDLE_MAX_S * NS_PER_SEC;

	if (fresh == target->fresh)
		return;
	curl_easy_setopt(target->easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	target->fresh = fresh;
}

static void
http_start(struct http_run *run, size_t index, int64_t now)
{
	struct http_target *target = run->targets[index];
	struct http_slot *slot = http_slot_free(run);
	struct err err = ERR_INIT;

	target->sent = false;
	if (http_lookup_paused(target, now, &err)) {
		http_end_unstarted(run, index, &err);
		return;
	}
	slot->target = target;
	slot->index = index;
	slot->started_at = now;
	slot->phase = HTTP_PHASE_LOOKUP;
	slot->refusal = HTTP_TAKEN;
	buf_clear(&slot->body);
	slot->body.max = target->body_max;
	http_head_clear(&slot->head);
	slot->head_bytes = slot->head_lines = 0;
	slot->cert_until_s = 0;
	target->slot = slot;
	target->verdict.seen = false;
	target->error[0] = '\0';
	http_want_fresh(target, now);
	run->active++;
	if (curl_multi_add_handle(run->client->multi, target->easy) != CURLM_OK)
		http_end(run, slot, CURLE_OUT_OF_MEMORY, NULL);
}

static void
http_collect(struct http_run *run)
{
	CURLMsg *msg;
	int left;

	while (
	    (msg = curl_multi_info_read(run->client->multi, &left)) != NULL) {
		struct http_target *target = NULL;
		CURLcode rc = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    msg->easy_handle, CURLINFO_PRIVATE, (char **)&target);
		http_end(run, target->slot, rc, NULL);
	}
}

/* Milliseconds for epoll_wait(): until curl's timer or the deadline. */
static int
http_wait_ms(const struct http_run *run, int64_t now)
{
	int64_t until = run->deadline, ms;

	if (run->client->wake_at < until)
		until = run->client->wake_at;
	if (until == DEADLINE_NONE)
		return -1;
	if (until <= now)
		return 0;
	ms = (until - now + NS_PER_MS - 1) / NS_PER_MS;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

/* Waits for one round of events and lets curl work. */
static enum err_code
http_turn(struct http_run *run)
{
	struct http_client *client = run->client;
	struct epoll_event events[HTTP_EVENTS_MAX];
	bool good = true;
	int running, n;

	n = epoll_wait(client->epoll, events, HTTP_EVENTS_MAX,
	    http_wait_ms(run, clock_now()));
	if (n < 0 && errno != EINTR)
		return ERR_IO;
	for (int i = 0; good && i < n; i++)
		good = http_fds_dispatch(client, &events[i]);
	if (good && clock_now() >= client->wake_at) {
		client->wake_at = DEADLINE_NONE;
		good = curl_multi_socket_action(client->multi,
			   CURL_SOCKET_TIMEOUT, 0, &running) == CURLM_OK;
	}
	if (!good || client->broken)
		return ERR_NOMEM;
	http_collect(run);
	return ERR_OK;
}

/* Ends all that is left, each with the words that fit it. */
static void
http_cut(struct http_run *run, enum err_code code)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < run->client->slot_cap; i++) {
		struct http_slot *slot = &run->client->slots[i];

		if (slot->target == NULL)
			continue;
		if (code == ERR_TIMEOUT)
			http_explain_timeout(slot->target, &err);
		else
			err_set(&err, code, "http", "%s: %s",
			    slot->target->host, err_code_text(code));
		http_end(run, slot, CURLE_OK, &err);
	}
	for (; run->next < run->count; run->next++) {
		const struct http_target *target = run->targets[run->next];

		if (code == ERR_TIMEOUT)
			err_set(&err, code, "http",
			    "%s was not asked: others used up the time",
			    target->host);
		else
			err_set(&err, code, "http", "%s: %s", target->host,
			    err_code_text(code));
		http_end_unstarted(run, run->next, &err);
	}
}

/* Gets the slots, and the token into epoll. */
static enum err_code
http_run_begin(struct http_run *run, struct err *err)
{
	struct http_client *client = run->client;
	struct epoll_event event = { .events = EPOLLIN, .data.fd = -1 };
	struct http_slot *slots;

	if (run->parallel > client->slot_cap) {
		slots =
		    mem_realloc(client->slots, run->parallel, sizeof(*slots));
		if (slots == NULL)
			return err_set(err, ERR_NOMEM, "http", "no memory");
		for (size_t i = client->slot_cap; i < run->parallel; i++) {
			memset(&slots[i], 0, sizeof(slots[i]));
			buf_init(&slots[i].body, HTTP_BODY_DEFAULT);
		}
		client->slots = slots;
		client->slot_cap = run->parallel;
	}
	for (size_t i = 0; i < client->slot_cap; i++)
		if (client->slots[i].body.cap > HTTP_BODY_KEEP)
			buf_release(&client->slots[i].body);
	client->broken = false;
	if (run->cancel != NULL && epoll_ctl(client->epoll, EPOLL_CTL_ADD,
				       cancel_fd(run->cancel), &event) != 0)
		return err_set_errno(err, ERR_IO, "http", errno, "epoll");
	return ERR_OK;
}

static void
http_run_end(struct http_run *run)
{
	if (run->cancel != NULL)
		epoll_ctl(run->client->epoll, EPOLL_CTL_DEL,
		    cancel_fd(run->cancel), NULL);
	run->client->ended_at = clock_now();
}

enum err_code
http_fetch_many(struct http_client *client, struct http_target *const *targets,
    size_t count, size_t parallel, http_done_fn *done, void *ctx,
    int64_t deadline, const struct cancel *cancel, struct err *err)
{
	struct http_run run = { .client = client,
		.targets = targets,
		.count = count,
		.parallel = parallel,
		.done = done,
		.ctx = ctx,
		.deadline = deadline,
		.cancel = cancel };
	enum err_code code;

	if (run.parallel == 0)
		run.parallel = 1;
	if (run.parallel > HTTP_PARALLEL_MAX)
		run.parallel = HTTP_PARALLEL_MAX;
	if (run.parallel > count)
		run.parallel = count;
	code = http_run_begin(&run, err);
	while (code == ERR_OK && (run.next < count || run.active > 0)) {
		int64_t now = clock_now();

		if (cancel_is_fired(cancel))
			code = ERR_CANCELLED;
		else if (now >= deadline)
			code = ERR_TIMEOUT;
		while (code == ERR_OK && run.next < count &&
		       run.active < run.parallel)
			http_start(&run, run.next++, now);
		if (code == ERR_OK && run.active > 0)
			code = http_turn(&run);
	}
	if (code != ERR_OK) {
		http_cut(&run, code);
		if (err != NULL && err->code != code)
			err_set(err, code, "http", "%s", err_code_text(code));
	}
	http_run_end(&run);
	return code;
}
