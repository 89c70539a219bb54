/*
 * Files of Google credentials: where they are and what is in them. Two kinds
 * are read: the key of a service account, and the login of a person that
 * `gcloud auth application-default login` leaves. Others are refused by
 * name, with what to do instead.
 *
 * Errors name the file and the field, never a value.
 * thread: any; a struct gcp_key belongs to its owner.
 */
#ifndef SEV_DATASRC_GCP_KEY_H
#define SEV_DATASRC_GCP_KEY_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct buf;
struct secret;

enum gcp_key_kind {
	GCP_KEY_SERVICE, /* private key of a service account */
	GCP_KEY_PERSON,	 /* refresh token of a login */
};

/* Texts are owned; NULL where the file does not say. */
struct gcp_key {
	enum gcp_key_kind kind;
	char *id;	 /* e-mail address, or id of the OAuth client */
	char *key_id;	 /* SERVICE */
	char *token_url; /* SERVICE */
	char *quota_project;
	struct secret *secret;	/* private key (PEM), or the client's secret */
	struct secret *refresh; /* PERSON */
};

/*
 * Puts the path of the file into path: the configured one (NULL: none), that
 * of GOOGLE_APPLICATION_CREDENTIALS, or that of gcloud when it is there. An
 * empty path: there is none.
 */
enum err_code gcp_key_find(
    const char *configured, struct buf *path, struct err *err) ATTR_MUST_USE;

/*
 * Reads a file. *ret_key: release with gcp_key_release(). *ret_mode: its
 * permissions, for whoever warns about open ones. A symbolic link is
 * followed: secrets are mounted that way.
 */
enum err_code gcp_key_read(const char *path, struct gcp_key *ret_key,
    mode_t *ret_mode, struct err *err) ATTR_MUST_USE;

/* The same for bytes that are read already. */
enum err_code gcp_key_parse(const char *path, const void *bytes, size_t len,
    struct gcp_key *ret_key, struct err *err) ATTR_MUST_USE;

/* Fine on a struct that is all zero. */
void gcp_key_release(struct gcp_key *key);

#endif
