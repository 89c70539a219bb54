/*
 * The chain over a store of rows: hashing, the checks before a row is
 * added, the head that is kept elsewhere, and verification.
 */
#include "actions/audit.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "actions/audit_impl.h"
#include "base/alloc.h"

#define CHAIN_VERSION 1

static const char origin[] = "audit";

struct audit {
	const struct audit_store_ops *ops;
	void *store;
	struct audit_anchor anchor;
};

const char *
audit_kind_word(enum audit_kind kind)
{
	static const char *const words[] = {
#define X(kind, word, help) word,
		AUDIT_KINDS(X)
#undef X
	};

	return (unsigned)kind < AUDIT_KIND_COUNT ? words[kind] : "";
}

const char *
audit_field_name(enum audit_field field)
{
	static const char *const names[] = {
#define X(field, name) name,
		AUDIT_FIELDS(X)
#undef X
	};

	return (unsigned)field < AUDIT_FIELD_COUNT ? names[field] : "";
}

static const struct audit_store_ops *
audit_ops(const struct audit_conf *conf)
{
	return conf->store != NULL ? &audit_pg : &audit_sqlite;
}

static void
hex(const unsigned char *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

bool
audit_new_id(char out[AUDIT_ID_LEN])
{
	unsigned char bytes[(AUDIT_ID_LEN - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	hex(bytes, sizeof(bytes), out);
	return true;
}

/* A field with its length before it, so that no two rows hash the same. */
static bool
hash_field(EVP_MD_CTX *ctx, const void *bytes, size_t len)
{
	unsigned char size[8];

	for (size_t i = 0; i < sizeof(size); i++)
		size[i] = (unsigned char)(len >> (8 * (7 - i)));
	return EVP_DigestUpdate(ctx, size, sizeof(size)) == 1 &&
	       EVP_DigestUpdate(ctx, bytes, len) == 1;
}

static bool
row_hash(const struct audit_row *row, char out[AUDIT_HASH_LEN])
{
	unsigned char version = CHAIN_VERSION, digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned len = 0;
	char seq[24];
	bool good;

	snprintf(seq, sizeof(seq), "%" PRId64, row->seq);
	good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	       EVP_DigestUpdate(ctx, &version, 1) == 1 &&
	       hash_field(ctx, seq, strlen(seq)) &&
	       hash_field(ctx, row->prev, strlen(row->prev));
	for (size_t i = 0; good && i < AUDIT_FIELD_COUNT; i++)
		good = hash_field(ctx, row->field[i], strlen(row->field[i]));
	good = good && EVP_DigestFinal_ex(ctx, digest, &len) == 1 &&
	       len * 2 + 1 == AUDIT_HASH_LEN;
	EVP_MD_CTX_free(ctx);
	if (good)
		hex(digest, len, out);
	return good;
}

enum err_code
audit_open(const struct audit_conf *conf, const struct cancel *cancel,
    struct audit **ret_audit, struct err *err)
{
	struct audit *audit = mem_calloc(1, sizeof(*audit));
	enum err_code code;

	if (audit == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	audit->ops = audit_ops(conf);
	audit_anchor_init(&audit->anchor, conf);
	code = audit->ops->open(conf, cancel, &audit->store, err);
	if (code != ERR_OK) {
		mem_free(audit);
		return code;
	}
	*ret_audit = audit;
	return ERR_OK;
}

struct audit *
audit_close(struct audit *audit)
{
	if (audit == NULL)
		return NULL;
	audit->ops->close(audit->store);
	mem_free(audit);
	return NULL;
}

/* Whether two lists of names, one a line, share one; "" is all there is. */
static bool
names_overlap(const char *a, const char *b)
{
	if (a[0] == '\0' || b[0] == '\0')
		return true;
	while (*a != '\0') {
		size_t len = strcspn(a, "\n");

		for (const char *at = b; *at != '\0';) {
			size_t other = strcspn(at, "\n");

			if (other == len && strncmp(a, at, len) == 0)
				return true;
			at += other + (at[other] == '\n');
		}
		a += len + (a[len] == '\n');
	}
	return false;
}

/* An intent, and who holds its target. */
struct blocked {
	const struct audit_row *row;
	struct err why;
};

static bool
note_blocker(void *ctx, const struct audit_row *open)
{
	struct blocked *blocked = ctx;

	if (!names_overlap(
		blocked->row->field[AUDIT_TARGET], open->field[AUDIT_TARGET]))
		return true;
	err_set(&blocked->why, ERR_WAITING, origin,
	    "%.60s of %.60s by %.30s on %.40s at %.20s has no outcome yet: "
	    "wait for it, or settle it first",
	    open->field[AUDIT_ACTION], open->field[AUDIT_TARGET],
	    open->field[AUDIT_USER], open->field[AUDIT_HOST],
	    open->field[AUDIT_AT]);
	return false;
}

bool
audit_note_head(void *ctx, const struct audit_row *row)
{
	struct audit_head *head = ctx;

	head->seq = row->seq;
	snprintf(head->hash, sizeof(head->hash), "%s", row->hash);
	return false;
}

bool
audit_note_found(void *ctx, const struct audit_row *row)
{
	bool *found = ctx;

	(void)row;
	*found = true;
	return false;
}

/* Whether the record still holds the row that head names. */
static enum err_code
check_continues(struct audit *audit, const struct audit_head *head,
    const struct audit_head *newest, struct err *err)
{
	struct audit_head found = { .seq = 0 };
	enum err_code code;

	if (head->seq == 0)
		return ERR_OK;
	if (newest->seq < head->seq)
		return err_set(err, ERR_BADDATA, origin,
		    "the record ends at row %" PRId64 ", but row %" PRId64
		    " was written: its tail was cut off",
		    newest->seq, head->seq);
	code = audit->ops->walk(
	    audit->store, head->seq, audit_note_head, &found, err);
	if (code != ERR_OK)
		return code;
	if (found.seq != head->seq || strcmp(found.hash, head->hash) != 0)
		return err_set(err, ERR_BADDATA, origin,
		    "row %" PRId64 " is not the one that was written: the "
		    "record was rewritten",
		    head->seq);
	return ERR_OK;
}

/* What the rows so far say against this one. */
static enum err_code
check_allowed(struct audit *audit, const struct audit_row *row, struct err *err)
{
	const char *kind = row->field[AUDIT_KIND];
	struct blocked blocked = { .row = row, .why = ERR_INIT };
	enum err_code code = ERR_OK;
	bool ended = false;

	if (strcmp(kind, audit_kind_word(AUDIT_KIND_INTENT)) == 0 &&
	    row->field[AUDIT_LOCK][0] != '\0') {
		code = audit->ops->blocker(audit->store, row->field[AUDIT_LOCK],
		    note_blocker, &blocked, err);
		if (code == ERR_OK && blocked.why.code != ERR_OK)
			code = err_set(err, blocked.why.code, origin, "%s",
			    err_text(&blocked.why));
	} else if (strcmp(kind, audit_kind_word(AUDIT_KIND_OUTCOME)) == 0) {
		code = audit->ops->ended(
		    audit->store, row->field[AUDIT_ID], &ended, err);
		if (code == ERR_OK && ended)
			code = err_set(err, ERR_CLOSED, origin,
			    "its outcome is on record already");
	}
	return code;
}

static enum err_code
append_chained(struct audit *audit, struct audit_row *row,
    const struct audit_head *head, struct err *err)
{
	struct audit_head newest = { .seq = 0 };
	enum err_code code = audit->ops->head(audit->store, &newest, err);

	row->seq = 0;
	if (code == ERR_OK)
		code = check_continues(audit, head, &newest, err);
	if (code == ERR_OK)
		code = check_allowed(audit, row, err);
	if (code != ERR_OK)
		return code;
	row->seq = newest.seq + 1;
	snprintf(row->prev, sizeof(row->prev), "%s", newest.hash);
	if (!row_hash(row, row->hash))
		return err_set(err, ERR_NOMEM, origin, "hashing failed");
	return audit->ops->insert(audit->store, row, err);
}

static enum err_code
append_once(struct audit *audit, struct audit_row *row,
    const struct audit_head *head, struct err *err)
{
	enum err_code code = audit->ops->begin(audit->store, err);

	if (code != ERR_OK)
		return code;
	code = append_chained(audit, row, head, err);
	if (code == ERR_OK)
		code = audit->ops->end(audit->store, true, err);
	if (code != ERR_OK)
		(void)!audit->ops->end(audit->store, false, NULL);
	return code;
}

enum err_code
audit_append(struct audit *audit, struct audit_row *row,
    struct audit_head *head, struct err *err)
{
	enum err_code code = AUDIT_AGAIN;

	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++) {
		if (row->field[i] == NULL)
			row->field[i] = "";
		row->refused = strlen(row->field[i]) > AUDIT_FIELD_MAX;
		if (row->refused)
			return err_set(err, ERR_TOOBIG, origin,
			    "\"%s\" is larger than %d MiB",
			    audit_field_name((enum audit_field)i),
			    AUDIT_FIELD_MAX / (1024 * 1024));
	}
	/* Whoever is overtaken looks again; somebody else got on, then. */
	for (int i = 0; code == AUDIT_AGAIN && i < AUDIT_TRIES; i++)
		code = append_once(audit, row, head, err);
	if (code == AUDIT_AGAIN)
		return err_set(err, ERR_TIMEOUT, origin,
		    "others write to the record all the time");
	if (code != ERR_OK)
		return code;
	head->seq = row->seq;
	snprintf(head->hash, sizeof(head->hash), "%s", row->hash);
	audit_anchor_keep(&audit->anchor, head);
	return ERR_OK;
}

enum err_code
audit_head(struct audit *audit, struct audit_head *ret_head, struct err *err)
{
	return audit->ops->head(audit->store, ret_head, err);
}

enum err_code
audit_walk(
    struct audit *audit, int64_t from, audit_fn *fn, void *ctx, struct err *err)
{
	return audit->ops->walk(audit->store, from, fn, ctx, err);
}

enum err_code
audit_open_intents(
    struct audit *audit, audit_fn *fn, void *ctx, struct err *err)
{
	return audit->ops->open_intents(audit->store, fn, ctx, err);
}

enum err_code
audit_in_force(struct audit *audit, audit_fn *fn, void *ctx, struct err *err)
{
	return audit->ops->in_force(audit->store, fn, ctx, err);
}

/* Verification: what is known so far, and what was found wrong. */
struct verify {
	struct audit_head last;
	const struct audit_head *anchor;
	struct err wrong;
};

static bool
verify_row(void *ctx, const struct audit_row *row)
{
	struct verify *verify = ctx;
	char hash[AUDIT_HASH_LEN];

	if (row->seq != verify->last.seq + 1)
		err_set(&verify->wrong, ERR_BADDATA, origin,
		    "row %" PRId64 " is missing: after row %" PRId64
		    " comes row %" PRId64,
		    verify->last.seq + 1, verify->last.seq, row->seq);
	else if (strcmp(row->prev, verify->last.hash) != 0)
		err_set(&verify->wrong, ERR_BADDATA, origin,
		    "row %" PRId64 " does not follow row %" PRId64
		    ": one of them was changed or put in",
		    row->seq, verify->last.seq);
	else if (!row_hash(row, hash))
		err_set(&verify->wrong, ERR_NOMEM, origin, "hashing failed");
	else if (strcmp(hash, row->hash) != 0)
		err_set(&verify->wrong, ERR_BADDATA, origin,
		    "row %" PRId64 " was changed: its content does not match "
		    "its hash",
		    row->seq);
	else if (verify->anchor != NULL && verify->anchor->seq == row->seq &&
		 strcmp(verify->anchor->hash, row->hash) != 0)
		err_set(&verify->wrong, ERR_BADDATA, origin,
		    "row %" PRId64 " is not the one that was kept elsewhere: "
		    "the record was rewritten",
		    row->seq);
	if (verify->wrong.code != ERR_OK)
		return false;
	verify->last.seq = row->seq;
	snprintf(verify->last.hash, sizeof(verify->last.hash), "%s", row->hash);
	return true;
}

enum err_code
audit_verify(struct audit *audit, const struct audit_head *anchor,
    struct audit_head *ret_head, struct err *err)
{
	struct verify verify = { .anchor = anchor };
	enum err_code code;

	code = audit->ops->check(audit->store, err);
	if (code == ERR_OK)
		code =
		    audit->ops->walk(audit->store, 0, verify_row, &verify, err);
	*ret_head = verify.last;
	if (code != ERR_OK)
		return code;
	if (verify.wrong.code == ERR_OK && anchor != NULL &&
	    anchor->seq > verify.last.seq)
		err_set(&verify.wrong, ERR_BADDATA, origin,
		    "the record ends at row %" PRId64 ", but row %" PRId64
		    " was kept elsewhere: its tail was cut off",
		    verify.last.seq, anchor->seq);
	if (verify.wrong.code != ERR_OK)
		return err_set(err, verify.wrong.code, origin, "%s",
		    err_text(&verify.wrong));
	return ERR_OK;
}
