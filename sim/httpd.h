/*
 * The HTTP server of a practice platform: loopback, a free port, GET and
 * HEAD, and where it is asked for also methods with a body. It can be made
 * slow (every answer is held back for a while) or hung
 * (it accepts, reads and never answers), and become well again.
 *
 * The handler runs in the server's own thread; everything else is called by
 * the world's thread, httpd_tick() at every step.
 */
#ifndef SEV_SIM_HTTPD_H
#define SEV_SIM_HTTPD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct httpd_arg {
	const char *name;
	const char *value; /* decoded; "" without one */
};

struct httpd_request {
	const char *method;
	const char *path;	      /* decoded, without the query */
	const char *url;	      /* with the query, as it was sent */
	const char *authorization;    /* header, or NULL */
	const char *flavor;	      /* header Metadata-Flavor, or NULL */
	const struct httpd_arg *args; /* of the query, in its order */
	size_t arg_count;
	const char *body; /* NUL-terminated */
	size_t body_len;
	bool cut;      /* the body was larger than SIM_HTTP_UPLOAD_MAX */
	int64_t since; /* clock_now() when it came */
	bool again;    /* the handler has said "later" to it */
};

struct httpd_reply {
	unsigned status;
	const char *type; /* Content-Type; static text */
	bool flavored;	  /* with Metadata-Flavor: Google */
	struct buf body;  /* empty at first; SIM_HTTP_BODY_MAX at most */
	bool drop;	  /* close the connection instead of answering */
	bool later; /* nothing to say yet: ask again in SIM_HTTP_LATER_MS */
};

/* thread: the server's. Everything in request is borrowed for the call. */
typedef void httpd_handler(
    void *arg, const struct httpd_request *request, struct httpd_reply *reply);

struct httpd;

/*
 * arg is borrowed until httpd_stop(). writes: the handler gets every method;
 * else GET and HEAD only, and others are answered with 405.
 */
enum err_code httpd_start(httpd_handler *handler, void *arg, bool writes,
    struct httpd **ret_httpd, struct err *err) ATTR_MUST_USE;

/* The value of a query's argument; NULL when it has none of that name. */
const char *httpd_arg(const struct httpd_request *request, const char *name);

unsigned httpd_port(const struct httpd *httpd);

/*
 * hold_ms: answers leave that much later, more or less by a third; 0: at
 * once. hung: no answers at all until it is false again.
 */
void httpd_set_mood(struct httpd *httpd, unsigned hold_ms, bool hung);

/* Lets answers go whose time has come. now: clock_now(). */
void httpd_tick(struct httpd *httpd, int64_t now);

/* Requests that wait for an answer by the mood. */
unsigned httpd_held(struct httpd *httpd);

/* NULL is allowed. Open connections are closed. Returns NULL. */
struct httpd *httpd_stop(struct httpd *httpd);

#endif
