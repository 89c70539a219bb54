/*
 * The database: what its sessions do, who waits behind whom, which
 * statements are slow, and how large things are. Everything comes from
 * sources of type "postgres"; several of them share the lists.
 */
#include "base/alloc.h"
#include "panels/database_impl.h"
#include "panels/table.h"

static const struct server_chart charts[] = {
	{ "pg_connections_used", "connections", NUM_COUNT,
	    "pg_connections_max" },
	{ "pg_lock_waiters", "waiting for locks", NUM_COUNT, NULL },
	{ "pg_commits", "commits", NUM_PER_SECOND, NULL },
	{ "pg_hit_ratio", "hit ratio", NUM_PERCENT, NULL },
	{ "pg_longest_transaction_seconds", "longest transaction", NUM_SECONDS,
	    NULL },
	{ "pg_idle_in_transaction", "idle in transaction", NUM_COUNT, NULL },
	{ "pg_rollbacks", "rollbacks", NUM_PER_SECOND, NULL },
	{ "pg_statement_seconds", "a statement takes", NUM_SECONDS, NULL },
};

static const struct server_panel database = {
	.servers = {
		.title = "database",
		.type = "postgres",
		.example = "db: {type: postgres, url: env:DATABASE_URL}",
		.page = database_page,
		/* The last one is told where the statements would be. */
		.told = (const char *const[]) { "connections", "locks",
		    "transactions", "statements", NULL },
	},
	.views = database_views,
	.view_count = DB_VIEWS,
	.charts = charts,
	.chart_count = ARRAY_LEN(charts),
	.list_h = 12,
	.copy = "query",
	.detail = database_detail,
	.title = database_title,
};

static void
database_draw(void *views, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	server_panel_draw(&database, views, ctx, canvas, area);
}

static enum panel_result
database_command(void *views, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	return server_panel_command(&database, views, ctx, command, out);
}

/* arg is what an alert is about: a part of the server's health. */
static void
database_show(void *views, const struct panel_ctx *ctx, struct text arg)
{
	(void)ctx;
	server_panel_show(&database, views, arg);
}

static bool
database_target(
    const void *views, const struct panel_ctx *ctx, struct panel_target *out)
{
	return server_panel_target(&database, views, ctx, out);
}

const struct panel_ops panel_database = {
	.name = "database",
	.brief = "db",
	.help = "sessions, who blocks whom, slow statements, sizes",
	.key = '5',
	.view_size = sizeof(struct views),
	.commands = (const enum command[]) { SERVER_PANEL_COMMANDS, COMMAND_TAG,
	    COMMAND_UNTAG, COMMAND_NONE },
	.release = list_panel_release,
	.draw = database_draw,
	.command = database_command,
	.typed = list_panel_typed,
	.show = database_show,
	.target = database_target,
};
