/*
 * The newest revisions of a service, from the tables "revisions" of the
 * sources that tell of it: which gets how much of the traffic, how old it
 * is, and what runs in it. What to roll back to is seen here.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_SERVICES_REVISIONS_H
#define SEV_PANELS_SERVICES_REVISIONS_H

#include "panels/page.h"
#include "panels/services_rows.h"

/* Nothing is drawn for a service without revisions. */
void services_revisions_brief(struct page *page,
    const struct services_rows *rows, const struct service *service);
void services_revisions_all(struct page *page, const struct services_rows *rows,
    const struct service *service);

#endif
