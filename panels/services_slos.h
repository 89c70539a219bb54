/*
 * The service level objectives of a service, from the tables "slos" of any
 * source: in a row each, and with all figures.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_SERVICES_SLOS_H
#define SEV_PANELS_SERVICES_SLOS_H

#include "panels/page.h"
#include "panels/services_rows.h"

/* Nothing is drawn for a service without objectives. */
void services_slos_brief(struct page *page, const struct services_rows *rows,
    const struct service *service);
void services_slos_all(struct page *page, const struct services_rows *rows,
    const struct service *service);

#endif
