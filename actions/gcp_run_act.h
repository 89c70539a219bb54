/*
 * Changing one service of Cloud Run: what run.scale, run.resize, run.flags,
 * run.rollback, run.traffic and flags of type run have in common.
 *
 * A plan reads the service and keeps its etag and generation, and what is
 * wanted, as names and texts. Sending reads it once more, puts what is
 * wanted into it, and sends that with the etag, so that Google refuses it
 * when somebody was faster. What the answer named, an operation, is asked
 * for when reading back, but the service itself is what counts: an operation
 * may be forgotten, or go on when all is done.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_GCP_RUN_ACT_H
#define SEV_ACTIONS_GCP_RUN_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "actions/action.h"
#include "actions/limits.h"
#include "datasrc/gcp_run.h"
#include "datasrc/gcp_run_one.h"
#include "datasrc/source.h"

struct cJSON;

/* How far a change is to be seen in a service. */
enum run_shown {
	RUN_ABSENT, /* not at all */
	RUN_ASKED,  /* it is what is wanted of it */
	RUN_REAL,   /* and it is so */
};

/* A kind of change. wants: an object of texts or numbers by name, null for
 * what is to be there no more. */
struct run_edit {
	const char *mask;
	bool revision; /* it makes a new one, which has to become ready */
	bool proof;    /* RUN_REAL is seen in what serves, so that it holds also
			* when Google's operation failed */
	/* Adds to body, which has an etag, doc's part with wants in it. */
	enum err_code (*put)(const struct cJSON *doc, const struct cJSON *wants,
	    struct cJSON *body, struct err *err);
	enum run_shown (*shown)(
	    const struct cJSON *doc, const struct cJSON *wants);
};

/* One service for the length of one call. */
struct run_act {
	const struct action_ctx *ctx;
	struct run_one one;
	struct poll poll;	/* deadline and token of the call */
	struct cJSON *doc;	/* as Google sent it; NULL: not read yet */
	struct run_service now; /* the same for people; in ctx->arena */
};

/*
 * Finds out which service of the source conf is meant. Close it also after a
 * failure. Errors of run_ref_read() and run_one_open().
 */
enum err_code run_act_open(struct run_act *act, const struct action_ctx *ctx,
    const struct gcp_run_conf *conf, const char *name, bool rest,
    struct err *err) ATTR_MUST_USE;
void run_act_close(struct run_act *act);

/* The same for the first target of an action, and reads it. */
enum err_code run_act_first(struct run_act *act, const struct action_ctx *ctx,
    bool rest, struct err *err) ATTR_MUST_USE;

/* Reads it, anew in each call. Errors of gcp_api_get(). */
enum err_code run_act_look(struct run_act *act, struct err *err) ATTR_MUST_USE;

/* "": it has none. */
const char *run_act_etag(const struct run_act *act);

/* How the reader of gcp_run.h sees it. */
struct run_reader run_act_reader(const struct run_act *act);

/*
 * A figure of the service from what the screen has, classes and states
 * summed up; NaN: not known, as always for `sevtop act`.
 */
double run_act_figure(const struct run_act *act, const char *metric);

/*
 * Puts into the plan what all have: what will be sent, what it was read
 * from, and the memo. words: what is different in what is sent, empty: all
 * of it is shown. ERR_UNSUPPORTED: there is no etag to hold on to.
 */
enum err_code run_act_plan(struct run_act *act, struct plan *plan,
    const struct run_edit *edit, const struct cJSON *wants, struct text words,
    struct err *err) ATTR_MUST_USE;

/* Its part that says what will be sent. */
enum err_code run_act_plan_send(struct run_act *act, struct plan *plan,
    const struct run_edit *edit, const struct cJSON *wants, struct text words,
    struct err *err) ATTR_MUST_USE;

/* The trap of a pin, or of half a pin, for a change that only the newest
 * revision has. */
void run_act_trap_pin(const struct run_act *act, struct plan *plan);

/*
 * Sends it once, if the etag is still that one. op gets the id of the
 * operation with GCP_TAKEN, "" for none.
 */
enum gcp_sent run_act_send(struct run_act *act, const struct run_edit *edit,
    const struct cJSON *wants, const char *etag, char op[ACTION_KEPT_MAX],
    struct err *err);

/* What reading back starts from. */
struct run_sent {
	const char *op;	    /* "": not known */
	int64_t generation; /* before it was sent */
	bool accepted;	    /* Google said yes */
};

/*
 * Reads back. *ret_state: TARGET_OPEN while it can't be told yet; words, of
 * ERR_MSG_MAX bytes, say what there is to say. Errors of gcp_api_get().
 */
enum err_code run_act_check(struct run_act *act, const struct run_edit *edit,
    const struct cJSON *wants, const struct run_sent *sent,
    enum target_state *ret_state, char words[ERR_MSG_MAX],
    struct err *err) ATTR_MUST_USE;

/* apply and verify of an action that changes one service. */
enum err_code run_act_apply(struct action_ctx *ctx, const struct plan *plan,
    const struct run_edit *edit, struct err *err) ATTR_MUST_USE;
enum err_code run_act_verify(struct action_ctx *ctx, const struct plan *plan,
    const struct run_edit *edit, struct err *err) ATTR_MUST_USE;

/* Whether Google is done with the newest generation of the service. */
bool run_doc_settled(const struct cJSON *doc);

/* Rows of services. */
extern const struct action_row run_service_rows[];

#endif
