#include "datasrc/gcp_tokens.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/thread.h"
#include "datasrc/limits.h"

struct gcp_token {
	atomic_uint refs;
	struct secret *secret;
	int64_t renew_at;
	int64_t expires_at;
};

/* One credential. Guarded by the lock, as all of it. */
struct token_slot {
	bool used;
	unsigned char id[GCP_ID_LEN];
	struct gcp_token *token; /* a reference; NULL: none */
	int64_t renew_at;	 /* of the token, or later after a failure */
	int64_t turn_until;	 /* somebody asks for it; 0: nobody */
	unsigned rounds;	 /* turns that ended */
	struct err why;		 /* of the last one, if it failed */
	int64_t seen_at;
};

struct gcp_tokens {
	pthread_mutex_t lock;
	pthread_cond_t ended; /* a turn */
	struct token_slot slots[GCP_TOKENS_MAX];
};

struct gcp_token *
gcp_token_new(struct secret *secret, int64_t now, int64_t life_ns)
{
	struct gcp_token *token = mem_calloc(1, sizeof(*token));
	int64_t early = GCP_RENEW_S * NS_PER_SEC;

	if (token == NULL) {
		secret_free(secret);
		return NULL;
	}
	if (early > life_ns / 5)
		early = life_ns / 5;
	atomic_init(&token->refs, 1);
	token->secret = secret;
	token->expires_at = now + life_ns;
	token->renew_at = token->expires_at - early;
	return token;
}

static struct gcp_token *
token_ref(struct gcp_token *token)
{
	if (token != NULL)
		atomic_fetch_add(&token->refs, 1);
	return token;
}

struct gcp_token *
gcp_token_unref(struct gcp_token *token)
{
	if (token != NULL && atomic_fetch_sub(&token->refs, 1) == 1) {
		secret_free(token->secret);
		mem_free(token);
	}
	return NULL;
}

const char *
gcp_token_reveal(const struct gcp_token *token)
{
	return secret_reveal(token->secret);
}

struct gcp_tokens *
gcp_tokens_new(void)
{
	struct gcp_tokens *tokens = mem_calloc(1, sizeof(*tokens));

	if (tokens == NULL)
		return NULL;
	pthread_mutex_init(&tokens->lock, NULL);
	cond_init(&tokens->ended);
	return tokens;
}

struct gcp_tokens *
gcp_tokens_free(struct gcp_tokens *tokens)
{
	if (tokens == NULL)
		return NULL;
	for (size_t i = 0; i < GCP_TOKENS_MAX; i++)
		gcp_token_unref(tokens->slots[i].token);
	pthread_cond_destroy(&tokens->ended);
	pthread_mutex_destroy(&tokens->lock);
	mem_free(tokens);
	return NULL;
}

static struct token_slot *
slot_find(struct gcp_tokens *tokens, const unsigned char id[GCP_ID_LEN])
{
	for (size_t i = 0; i < GCP_TOKENS_MAX; i++) {
		struct token_slot *slot = &tokens->slots[i];

		if (slot->used && memcmp(slot->id, id, GCP_ID_LEN) == 0)
			return slot;
	}
	return NULL;
}

/*
 * A slot for a new credential, that of the one which was not used for the
 * longest time if all are taken. NULL: all have somebody's turn. The token
 * that was in it goes to *ret_gone, to be let go of without the lock.
 */
static struct token_slot *
slot_make(struct gcp_tokens *tokens, const unsigned char id[GCP_ID_LEN],
    int64_t now, struct gcp_token **ret_gone)
{
	struct token_slot *best = NULL;

	for (size_t i = 0; i < GCP_TOKENS_MAX; i++) {
		struct token_slot *slot = &tokens->slots[i];

		if (slot->turn_until > now)
			continue;
		if (best == NULL || slot->seen_at < best->seen_at)
			best = slot;
	}
	if (best == NULL)
		return NULL;
	*ret_gone = best->token;
	*best = (struct token_slot) { .used = true };
	memcpy(best->id, id, GCP_ID_LEN);
	return best;
}

/* What a look at a slot came to. */
enum look {
	LOOK_TOKEN,
	LOOK_TURN,
	LOOK_FAILED, /* the turn that was waited for */
	LOOK_WAIT,
};

static enum look
slot_look(struct token_slot *slot, int64_t now, int64_t deadline, bool waited,
    unsigned rounds)
{
	bool good = slot->token != NULL && now < slot->token->expires_at;

	slot->seen_at = now;
	if (good && (now < slot->renew_at || slot->turn_until > now))
		return LOOK_TOKEN;
	if (slot->turn_until > now)
		return LOOK_WAIT;
	if (waited && slot->rounds != rounds && slot->why.code != ERR_OK)
		return LOOK_FAILED;
	slot->turn_until = deadline;
	return LOOK_TURN;
}

enum err_code
gcp_tokens_get(struct gcp_tokens *tokens, const unsigned char id[GCP_ID_LEN],
    int64_t deadline, const struct cancel *cancel, struct gcp_token **ret_token,
    struct err *err)
{
	struct gcp_token *token = NULL, *gone = NULL;
	struct err why = ERR_INIT;
	enum err_code code = ERR_OK;
	enum look look = LOOK_WAIT;
	unsigned rounds = 0;
	bool waited = false;

	pthread_mutex_lock(&tokens->lock);
	while (look == LOOK_WAIT && code == ERR_OK) {
		struct token_slot *slot = slot_find(tokens, id);
		int64_t now = clock_now();
		int64_t until = now + GCP_TURN_MS * NS_PER_MS;

		if (slot == NULL)
			slot = slot_make(tokens, id, now, &gone);
		if (slot == NULL) {
			code = ERR_LIMIT;
			break;
		}
		look = slot_look(slot, now, deadline, waited, rounds);
		if (look == LOOK_TOKEN)
			token = token_ref(slot->token);
		if (look == LOOK_FAILED)
			why = slot->why;
		if (look != LOOK_WAIT)
			break;
		if (!waited)
			rounds = slot->rounds;
		waited = true;
		if (cancel != NULL && cancel_is_fired(cancel))
			code = ERR_CANCELLED;
		else if (now >= deadline)
			code = ERR_TIMEOUT;
		else
			cond_wait_until(&tokens->ended, &tokens->lock,
			    until < deadline ? until : deadline);
	}
	pthread_mutex_unlock(&tokens->lock);
	gcp_token_unref(gone);
	if (code != ERR_OK)
		return err_set(err, code, "google", "%s",
		    code == ERR_LIMIT	  ? "too many kinds of credentials"
		    : code == ERR_TIMEOUT ? "another source asks for a token "
					    "and got no answer yet"
					  : "cancelled");
	if (look == LOOK_FAILED)
		return err_set(err, why.code, why.origin, "%s", why.msg);
	*ret_token = token;
	return ERR_OK;
}

struct gcp_token *
gcp_tokens_put(struct gcp_tokens *tokens, const unsigned char id[GCP_ID_LEN],
    struct gcp_token *token, const struct err *why)
{
	struct gcp_token *gone = NULL, *use = token_ref(token);
	int64_t now = clock_now();
	struct token_slot *slot;

	pthread_mutex_lock(&tokens->lock);
	slot = slot_find(tokens, id);
	if (slot != NULL) {
		slot->turn_until = 0;
		slot->rounds++;
		slot->why = why != NULL ? *why : (struct err)ERR_INIT;
	}
	if (slot != NULL && token != NULL) {
		gone = slot->token;
		slot->token = token;
		slot->renew_at = token->renew_at;
	} else if (slot != NULL && slot->token != NULL &&
		   now < slot->token->expires_at) {
		use = token_ref(slot->token);
		slot->renew_at = now + GCP_RENEW_RETRY_S * NS_PER_SEC;
	} else {
		gone = token; /* whose slot was given away meanwhile */
	}
	pthread_cond_broadcast(&tokens->ended);
	pthread_mutex_unlock(&tokens->lock);
	gcp_token_unref(gone);
	return use;
}

void
gcp_tokens_drop(struct gcp_tokens *tokens, const unsigned char id[GCP_ID_LEN],
    const struct gcp_token *refused)
{
	struct gcp_token *gone = NULL;
	struct token_slot *slot;

	pthread_mutex_lock(&tokens->lock);
	slot = slot_find(tokens, id);
	if (slot != NULL && slot->token == refused) {
		gone = slot->token;
		slot->token = NULL;
	}
	pthread_mutex_unlock(&tokens->lock);
	gcp_token_unref(gone);
}
