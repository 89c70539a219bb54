#include "datasrc/gcp_jwt.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/json_out.h"
#include "base/secret.h"
#include "datasrc/gcp_key.h"
#include "datasrc/limits.h"

/* base64url without padding (RFC 4648, section 5). */
static bool
jwt_base64(struct buf *out, const void *bytes, size_t len)
{
	unsigned char *to =
	    (unsigned char *)buf_reserve(out, (len + 2) / 3 * 4 + 1);
	int n;

	if (to == NULL)
		return false;
	n = EVP_EncodeBlock(to, bytes, (int)len);
	while (n > 0 && to[n - 1] == '=')
		n--;
	for (int i = 0; i < n; i++) {
		if (to[i] == '+')
			to[i] = '-';
		else if (to[i] == '/')
			to[i] = '_';
	}
	out->len += (size_t)n;
	out->data[out->len] = '\0';
	return true;
}

/* Appends a document in base64 and frees it. */
static enum err_code
jwt_part(struct json_out *from, struct cJSON *root, struct buf *out)
{
	struct buf json = BUF_INIT(GCP_JWT_MAX);
	enum err_code code = json_out_close(from, root, &json);

	if (code == ERR_OK && !jwt_base64(out, json.data, json.len))
		code = ERR_TOOBIG;
	buf_release(&json);
	return code;
}

/* Header and claims with a dot between. */
static enum err_code
jwt_text(const struct gcp_key *key, int64_t now_s, struct buf *out)
{
	int64_t issued_s = now_s - GCP_JWT_EARLY_S;
	struct buf scratch = BUF_INIT(GCP_JWT_MAX);
	struct json_out json = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&json);
	enum err_code code;

	json_out_str(&json, root, "alg", "RS256");
	json_out_str(&json, root, "typ", "JWT");
	if (key->key_id != NULL)
		json_out_str(&json, root, "kid", key->key_id);
	code = jwt_part(&json, root, out);
	if (code != ERR_OK)
		goto out;
	root = json_out_open(&json);
	json_out_str(&json, root, "iss", key->id);
	json_out_str(&json, root, "scope", GCP_SCOPE);
	/* The constant, also when the token comes from elsewhere. */
	json_out_str(&json, root, "aud", GCP_TOKEN_URL);
	json_out_num(&json, root, "iat", (double)issued_s);
	json_out_num(&json, root, "exp", (double)(issued_s + GCP_JWT_LIFE_S));
	if (!buf_char(out, '.'))
		code = ERR_TOOBIG;
	/* Also then, because it frees the document. */
	if (jwt_part(&json, root, out) != ERR_OK && code == ERR_OK)
		code = ERR_NOMEM;
out:
	buf_release(&scratch);
	return code;
}

/* Never asks for a passphrase on the terminal. */
static int
jwt_no_passphrase(char *to, int cap, int writing, void *ctx)
{
	(void)to;
	(void)cap;
	(void)writing;
	(void)ctx;
	return -1;
}

static EVP_PKEY *
jwt_private_key(const struct secret *pem)
{
	BIO *bio = BIO_new_mem_buf(secret_reveal(pem), (int)secret_len(pem));
	EVP_PKEY *pkey = NULL;

	if (bio != NULL)
		pkey =
		    PEM_read_bio_PrivateKey(bio, NULL, jwt_no_passphrase, NULL);
	BIO_free(bio);
	if (pkey != NULL && EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	ERR_clear_error();
	return pkey;
}

/* Appends a dot and the signature of all that out holds from start on. */
static bool
jwt_sign(EVP_PKEY *pkey, struct buf *out, size_t start)
{
	unsigned char signature[GCP_SIGNATURE_MAX];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof(signature);
	bool good;

	good = ctx != NULL &&
	       EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
	       EVP_DigestSign(ctx, signature, &len,
		   (const unsigned char *)out->data + start,
		   out->len - start) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good && buf_char(out, '.') && jwt_base64(out, signature, len);
}

enum err_code
gcp_jwt_make(
    const struct gcp_key *key, int64_t now_s, struct buf *out, struct err *err)
{
	size_t start = out->len;
	EVP_PKEY *pkey = jwt_private_key(key->secret);
	enum err_code code = ERR_OK;

	if (pkey == NULL)
		return err_set(err, ERR_CONFIG, "google",
		    "the private key of %s can't be read as an RSA key in "
		    "PEM form; download a new key file",
		    key->id);
	code = jwt_text(key, now_s, out);
	if (code != ERR_OK)
		err_set(err, code, "google",
		    "the credentials of %s are too long", key->id);
	else if (!jwt_sign(pkey, out, start))
		code = err_set(err, ERR_CONFIG, "google",
		    "nothing can be signed with the private key of %s",
		    key->id);
	EVP_PKEY_free(pkey);
	return code;
}
