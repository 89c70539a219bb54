/*
 * A payload as text, so that a test compares all of it at once:
 *
 *	note redis 7.0.15
 *	health database ok: connected
 *	metric memory_used{pool="main"} = 12 bytes gauge
 *	table services 2/2: name text, cpu number percent
 *	  [api] ok: api | 0.5
 *	event restart api: up 3s, was 2h
 *
 * thread: any.
 */
#ifndef SEV_TESTS_SHOW_H
#define SEV_TESTS_SHOW_H

struct buf;
struct payload;

void show_payload(struct buf *out, const struct payload *payload);

#endif
