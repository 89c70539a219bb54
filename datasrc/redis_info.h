/*
 * The two reports that Redis writes as plain text: INFO and CLIENT LIST.
 * Nothing is copied: results point into the text, which must outlive them.
 * Source: genRedisInfoString() in server.c and catClientInfoString() in
 * networking.c of Redis 7; forks leave fields out and add others, so every
 * field may be missing.
 * thread: any; the structs belong to their caller.
 */
#ifndef SEV_DATASRC_REDIS_INFO_H
#define SEV_DATASRC_REDIS_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "datasrc/limits.h"

/* Part of the report; not terminated. at is NULL when there is none. */
struct redis_word {
	const char *at;
	size_t len;
};

struct redis_info {
	struct {
		struct redis_word key;
		struct redis_word value;
	} lines[REDIS_INFO_LINES_MAX];
	size_t count;
	size_t cut; /* lines that did not fit */
};

/* Reads "key:value" lines; "# Section" and empty lines are skipped. */
void redis_info_parse(struct redis_info *info, const char *text, size_t len);

/* Value of the first line with this key. */
struct redis_word redis_info_word(
    const struct redis_info *info, const char *key);

/* The same as a number; NaN when missing or not one: missing is not zero. */
double redis_info_num(const struct redis_info *info, const char *key);

/* True when the value is exactly this. */
bool redis_info_is(
    const struct redis_info *info, const char *key, const char *value);

/* Number behind name in "keys=5,expires=0,avg_ttl=0"; NaN when missing. */
double redis_word_field(struct redis_word value, const char *name);

bool redis_word_is(struct redis_word word, const char *text);
bool redis_word_starts(struct redis_word word, const char *text);

/* One line of CLIENT LIST; words that are missing have at NULL. */
struct redis_client {
	struct redis_word name;
	struct redis_word addr;
	struct redis_word cmd;
};

/*
 * Takes the next client off *at (whose end is end); false behind the last.
 * Values hold no spaces: the server refuses such names.
 */
bool redis_client_next(
    const char **at, const char *end, struct redis_client *ret_client);

#endif
