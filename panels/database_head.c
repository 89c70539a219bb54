/* What stands above the lists: the servers, what is wrong, the numbers. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "panels/database_impl.h"
#include "panels/pick.h"
#include "panels/servers.h"

enum {
	APPS_MAX = 64, /* applications that are told apart */
	APPS_SHOWN = 3,
};

/* "6, longest 4m12s", "none"; a dash when it is not known. */
static void
fact_longest(struct page *page, const char *label, double count, double longest,
    enum role role)
{
	struct text_buf tb;

	tb_init(&tb);
	if (count == 0)
		tb_lit(&tb, "none");
	else
		tb_num(&tb, count, NUM_COUNT);
	if (count > 0 && !isnan(longest)) {
		tb_lit(&tb, ", longest ");
		put_seconds(&tb, longest);
	}
	page_fact(page, text_lit(label), tb_end(&tb), role);
}

/* Sessions by application, as many as they have. */
struct apps {
	struct app {
		struct text name;
		size_t count;
	} list[APPS_MAX];
	size_t count;
	size_t rest; /* sessions of further ones */
};

static void
apps_add(struct apps *apps, struct text name)
{
	for (size_t i = 0; i < apps->count; i++) {
		if (text_eq(apps->list[i].name, name)) {
			apps->list[i].count++;
			return;
		}
	}
	if (apps->count == APPS_MAX)
		apps->rest++;
	else
		apps->list[apps->count++] = (struct app) { name, 1 };
}

/* The application with most sessions that was not taken yet. */
static struct app *
apps_take(struct apps *apps)
{
	struct app *most = NULL;

	for (size_t i = 0; i < apps->count; i++) {
		struct app *app = &apps->list[i];

		if (app->count > 0 &&
		    (most == NULL || app->count > most->count))
			most = app;
	}
	return most;
}

/* Who holds the connections: what to look at when they run out. */
static void
fact_holders(struct page *page, const struct server *server)
{
	const struct table *table =
	    payload_table(server->section->payload, "sessions");
	struct apps apps = { .count = 0 };
	struct text_buf tb;

	for (size_t r = 0; table != NULL && r < table->row_count; r++) {
		struct text app = pick_text(table, r, "app");

		apps_add(
		    &apps, app.len > 0 ? app : pick_text(table, r, "user"));
	}
	tb_init(&tb);
	for (int i = 0; i < APPS_SHOWN; i++) {
		struct app *most = apps_take(&apps);

		if (most == NULL)
			break;
		tb_text(&tb, tb.width > 0 ? TEXT(", ") : TEXT_EMPTY);
		tb_text(&tb, text_cut(most->name, 24));
		tb_lit(&tb, " ");
		tb_int(&tb, (int64_t)most->count);
		most->count = 0;
	}
	if (tb.width > 0)
		page_fact(page, TEXT("held by"), tb_end(&tb), ROLE_TEXT);
}

static void
fact_age(struct page *page, const char *label, double seconds, enum role role)
{
	struct text_buf tb;

	tb_init(&tb);
	put_seconds(&tb, seconds);
	page_fact(page, text_lit(label), tb_end(&tb), role);
}

void
database_page(struct page *page, const struct server *server, bool brief)
{
	double behind = server_metric(server, "pg_replication_lag_seconds");
	enum role connections = server_role(server, "connections");

	page_dated(page, server);
	page_share(page, brief ? "" : "connections",
	    server_metric(server, "pg_connections_used"),
	    server_metric(server, "pg_connections_max"), NUM_COUNT,
	    connections);
	/* Refused for the same reason, it can't tell of them any more. */
	if (!brief &&
	    (connections != ROLE_TEXT || server->section->code == ERR_LIMITED))
		fact_holders(page, server);
	fact_longest(page, brief ? "waiting" : "waiting for locks",
	    server_metric(server, "pg_lock_waiters"),
	    server_metric(server, "pg_lock_wait_seconds"),
	    server_role(server, "locks"));
	fact_age(page, brief ? "transaction" : "longest transaction",
	    server_metric(server, "pg_longest_transaction_seconds"),
	    server_role(server, "transactions"));
	fact_longest(page, brief ? "idle in it" : "idle in transaction",
	    server_metric(server, "pg_idle_in_transaction"),
	    server_metric(server, "pg_idle_in_transaction_seconds"),
	    server_role(server, "transactions"));
	fact_age(page, brief ? "query" : "longest query",
	    server_metric(server, "pg_longest_query_seconds"),
	    server_role(server, "transactions"));
	page_metric(page, server, "hit", "pg_hit_ratio", NUM_PERCENT);
	page_metric(page, server, "commits", "pg_commits", NUM_PER_SECOND);
	page_metric(page, server, "rollbacks", "pg_rollbacks", NUM_PER_SECOND);
	if (!isnan(behind))
		fact_age(page, "replica behind", behind,
		    server_role(server, "replication"));
	page_metric(
	    page, server, "statement", "pg_statement_seconds", NUM_SECONDS);
	page_metric(page, server, "ping", "pg_ping_seconds", NUM_SECONDS);
	fact_age(
	    page, "up", server_metric(server, "pg_uptime_seconds"), ROLE_TEXT);
}
