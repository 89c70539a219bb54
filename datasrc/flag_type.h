/*
 * The backends of feature flags: what each wants in the configuration, and
 * how a flag's value is read. The table of them is source_types.flags.
 *
 *	redis	a string, or a field of a hash
 *	postgres	one value of one row, by a statement for reading and one
 *		for writing
 *	http	a value in a JSON answer, and a request that sets it
 *	file	a line of a .env file, and the program that makes it count
 *	run	an environment variable of a Cloud Run service
 *	unleash	the admin API of an Unleash server
 *
 * thread: a struct flag_links belongs to one at a time; the rest is constant.
 */
#ifndef SEV_DATASRC_FLAG_TYPE_H
#define SEV_DATASRC_FLAG_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/env_file.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/template.h"
#include "datasrc/gcp_run_one.h"
#include "datasrc/http_session.h"
#include "datasrc/pg_session.h"
#include "datasrc/redis_session.h"

struct arena;
struct buf;
struct cJSON;
struct cancel;
struct conf_errors;
struct platform;
struct platform_flag;
struct platform_flag_types;
struct redactor;

enum flag_kind {
	FLAG_FILE,
	FLAG_HTTP,
	FLAG_POSTGRES,
	FLAG_REDIS,
	FLAG_RUN,
	FLAG_UNLEASH,
};

struct flag_file_conf {
	const char *path;
	const char *variable; /* NULL: the name of the flag */
	struct opt_list then; /* program that makes it count; none: nothing */
	const char *dir;
	struct opt_pairs env;
	struct opt_list exit;
	int64_t timeout_ns;
	const char *health; /* SOURCE/TARGET that is ok afterwards; NULL */
};

struct flag_http_conf {
	struct http_conf http; /* first; url: where it is read */
	const char *path;      /* of the value */
	const char *who;       /* path of who changed it last; NULL */
	const char *since;     /* path of when; NULL */
	const char *set_url;   /* template; NULL: url */
	int method;	       /* index in flag_http_methods */
	const char *body;      /* template; NULL: none */
	const char *type;      /* of the body */
	struct opt_list status;
	bool if_match;
};

struct flag_postgres_conf {
	const char *db; /* name of a postgres source; NULL: own url */
	struct pg_conf pg;
	const char *read;  /* one row: value, or value, since, who by name */
	const char *write; /* $1 the new value, $2 the old one */
};

struct flag_redis_conf {
	const char *source; /* name of a redis source; NULL: own url */
	struct redis_conf redis;
	const char *key;   /* of a string, or of the hash */
	const char *field; /* NULL: key is a string */
};

struct flag_run_conf {
	const char *source;   /* name of a gcp.run source */
	const char *service;  /* as its table calls it */
	const char *variable; /* NULL: the name of the flag */
};

struct flag_unleash_conf {
	struct http_conf http; /* first; url: of the server */
	const char *token;     /* secret reference */
	const char *project;
	const char *environment;
	const char *feature; /* NULL: the name of the flag */
};

extern const char *const flag_http_methods[];

/* What a flag is now. Texts are raw and live in the arena. */
struct flag_state {
	const char *stored; /* NULL: it has none */
	bool no_place;	    /* and nothing that could hold one: no row */
	const char *who;    /* who set it last; NULL: nobody says */
	int64_t since_ms;   /* wall clock; 0: nobody says */
	int64_t expires_ms; /* Redis: it goes away in this time; 0: it stays */
	const char *note;   /* what counts in its place, in words; NULL */
	char etag[HTTP_ETAG_LEN]; /* FLAG_HTTP, FLAG_RUN; "": none */
	int64_t generation;	  /* FLAG_RUN: of the service */
	struct env_stamp stamp;	  /* FLAG_FILE */
};

enum {
	FLAG_LINKS_MAX = 8
};

/* A Cloud Run service with flags, as it was read in this round. */
struct flag_run_link {
	struct run_one one;
	struct cJSON *service; /* NULL: not yet, or why tells why not */
	struct cJSON *serving; /* the revision that serves, when that is not
				* the newest; NULL */
	struct err why;
};

/* Connections that flags of one server share. */
struct flag_links {
	const struct platform *platform;
	struct redactor *redactor;
	bool write; /* of PostgreSQL: whether it may change anything */
	struct redis_session redis[FLAG_LINKS_MAX];
	struct pg_session pg[FLAG_LINKS_MAX];
	struct flag_run_link run[FLAG_LINKS_MAX];
	size_t redis_count;
	size_t pg_count;
	size_t run_count;
	struct gcp_tokens *tokens; /* to share; NULL: each its own */
};

void flag_links_init(struct flag_links *links, const struct platform *platform,
    struct redactor *redactor, bool write);
void flag_links_close(struct flag_links *links);

/* A new round: what is read once in each is read anew. */
void flag_links_round(struct flag_links *links);

/*
 * The session of a flag's server; borrowed from links. ERR_LIMIT: there are
 * FLAG_LINKS_MAX servers already; ERR_CONFIG: none is configured.
 */
enum err_code flag_link_redis(struct flag_links *links,
    const struct flag_redis_conf *conf, struct redis_session **ret_session,
    struct err *err) ATTR_MUST_USE;
enum err_code flag_link_pg(struct flag_links *links,
    const struct flag_postgres_conf *conf, struct pg_session **ret_session,
    struct err *err) ATTR_MUST_USE;

/* How a read is limited; borrowed for the call. */
struct flag_ask {
	struct flag_links *links;
	const struct platform_flag *flag;
	int64_t deadline;
	const struct cancel *cancel;
	struct arena *arena;
};

struct flag_type {
	const char *name;
	const char *help;
	enum flag_kind kind;
	const struct opt_table *options;
	size_t config_size;
	enum err_code (*read)(const struct flag_ask *ask,
	    struct flag_state *ret_state, struct err *err);
	/* Appends where it is kept: "hash flags, field X in redis". */
	void (*place)(const struct platform_flag *flag, struct buf *out);
	/* Adds to errors what the rows can't say. */
	void (*check)(const struct platform *platform,
	    const struct platform_flag *flag, struct conf_errors *errors);
};

extern const struct flag_type flag_file;
extern const struct flag_type flag_http;
extern const struct flag_type flag_postgres;
extern const struct flag_type flag_redis;
extern const struct flag_type flag_run;
extern const struct flag_type flag_unleash;

/* The table as the configuration wants to see it. */
extern const struct platform_flag_types flag_types;

/* The backend of a flag. */
const struct flag_type *flag_type_of(const struct platform_flag *flag);

/* Reads a flag. Errors of its backend; ERR_TOOBIG: no value of a flag. */
enum err_code flag_read(const struct flag_ask *ask,
    struct flag_state *ret_state, struct err *err) ATTR_MUST_USE;

/* Name of the variable. */
const char *flag_file_variable(const struct platform_flag *flag);
const char *flag_run_variable(const struct platform_flag *flag);

/* Configuration of the source; NULL: there is no such one. */
const struct gcp_run_conf *flag_run_source(
    const struct platform *platform, const struct flag_run_conf *conf);

/* Parts of flag_links_round() and flag_links_close(). */
void flag_run_forget(struct flag_links *links);
void flag_run_close(struct flag_links *links);

/*
 * Fills a template of the flag: ${flag.name}, ${flag.value}, ${flag.old}.
 * value and old may be NULL.
 */
enum err_code flag_fill(const struct platform_flag *flag, const char *value,
    const char *old, const char *text, enum template_form form,
    struct arena *arena, const char **ret_text, struct err *err) ATTR_MUST_USE;

/* The form of a body of this content type. */
enum template_form flag_body_form(const char *type);

/* From an answer to what the flag is; host stands for it in errors. */
enum err_code flag_http_take(const struct flag_ask *ask,
    const struct http_response *response, const char *host,
    struct flag_state *state, struct err *err) ATTR_MUST_USE;
enum err_code flag_unleash_take(const struct flag_ask *ask,
    const struct http_response *response, const char *host,
    struct flag_state *state, struct err *err) ATTR_MUST_USE;

/* The session's conf with the token, for the admin API. */
struct http_conf flag_unleash_http(
    const struct flag_unleash_conf *conf, struct opt_pair *header);

/* A path of the admin API; *ret_url lives in the arena. */
enum err_code flag_unleash_url(const struct platform_flag *flag,
    const char *tail, struct arena *arena, const char **ret_url,
    struct err *err) ATTR_MUST_USE;

#endif
