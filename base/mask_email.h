/*
 * Hides who an e-mail address belongs to: "ada@example.com" becomes
 * "a…@example.com", also where the @ is written %40. Addresses of service
 * accounts (gserviceaccount.com) are nobody's and stay. What only looks like
 * one is masked as well.
 * thread: any.
 */
#ifndef SEV_BASE_MASK_EMAIL_H
#define SEV_BASE_MASK_EMAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;

/* Appends s masked. Linear in len. False: out is full. */
bool mask_emails(struct buf *out, const char *s, size_t len) ATTR_MUST_USE;

#endif
