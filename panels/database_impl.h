/*
 * Inside of the database panel: its views, what stands above them, and one
 * row large. Private to panels/panel_database.c and panels/database_*.c.
 * The tables are those of source type "postgres" (datasrc/src_postgres.c).
 * thread: UI.
 */
#ifndef SEV_PANELS_DATABASE_IMPL_H
#define SEV_PANELS_DATABASE_IMPL_H

#include "panels/server_panel.h"

enum database_view {
	DB_RUNNING,  /* at work, or with a transaction open */
	DB_WAITING,  /* for a lock */
	DB_BLOCKING, /* who waits behind whom, as a tree */
	DB_ALL,	     /* all sessions */
	DB_SLOW,     /* statements */
	DB_SIZES,
	DB_VACUUM,
	DB_REPLICAS,
	DB_DATABASES,
	DB_VIEWS,
};

extern const struct server_view database_views[DB_VIEWS];

/* Of how a session is doing: "waits for 4711", "blocks 5, idle in tx". */
void database_put_doing(struct text_buf *out, const struct table_ref *ref);

/* How long it has been doing that, seconds; NaN: not known. */
double database_doing_s(const struct table_ref *ref);

/* "jobs (api)": application and user; the one that tells more comes first. */
void database_put_who(struct text_buf *out, const struct table_ref *ref);

/* The numbers of a server: connections, locks, transactions, rates. */
void database_page(struct page *page, const struct server *server, bool brief);

/* One row with everything that is known of it, and what could be done. */
void database_detail(struct page *page, const struct panel_ctx *ctx,
    const struct table_ref *ref);
void database_title(struct text_buf *out, const struct panel_ctx *ctx,
    const struct table_ref *ref);

#endif
