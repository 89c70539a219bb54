#include "datasrc/gcp_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "datasrc/limits.h"

enum err_code
gcp_key_find(const char *configured, struct buf *path, struct err *err)
{
	const char *named = getenv("GOOGLE_APPLICATION_CREDENTIALS");
	const char *gcloud = getenv("CLOUDSDK_CONFIG");
	const char *home = getenv("HOME");
	bool good = true;

	buf_clear(path);
	if (configured != NULL) {
		good = buf_str(path, configured);
	} else if (named != NULL && named[0] != '\0') {
		good = buf_str(path, named);
	} else {
		if (gcloud != NULL && gcloud[0] != '\0')
			good = buf_str(path, gcloud);
		else if (home != NULL && home[0] != '\0')
			good = buf_fmt(path, "%s/.config/gcloud", home);
		good = good &&
		       buf_str(path, "/application_default_credentials.json");
		if (good && access(buf_cstr(path), F_OK) != 0)
			buf_clear(path);
	}
	return good ? ERR_OK
		    : err_set(err, ERR_TOOBIG, "google",
			  "the path of the credentials is too long");
}

/* *ret is left NULL when the field is absent and need not be there. */
static enum err_code
key_text(const struct cJSON *root, const char *path, const char *field,
    bool needed, char **ret, struct err *err)
{
	const char *s = json_string(json_member(root, field));

	if (s == NULL || s[0] == '\0')
		return needed ? err_set(err, ERR_CONFIG, "google",
				    "%s has no %s", path, field)
			      : ERR_OK;
	*ret = mem_strdup(s);
	return *ret != NULL ? ERR_OK
			    : err_set(err, ERR_NOMEM, "google", "no memory");
}

static enum err_code
key_secret(const struct cJSON *root, const char *path, const char *field,
    struct secret **ret, struct err *err)
{
	const char *s = json_string(json_member(root, field));

	if (s == NULL || s[0] == '\0')
		return err_set(
		    err, ERR_CONFIG, "google", "%s has no %s", path, field);
	return secret_new(s, strlen(s), ret, err);
}

static enum err_code
key_service(const struct cJSON *root, const char *path, struct gcp_key *key,
    struct err *err)
{
	enum err_code code;

	key->kind = GCP_KEY_SERVICE;
	code = key_text(root, path, "client_email", true, &key->id, err);
	if (code == ERR_OK)
		code = key_text(
		    root, path, "private_key_id", false, &key->key_id, err);
	if (code == ERR_OK)
		code = key_text(
		    root, path, "token_uri", false, &key->token_url, err);
	if (code == ERR_OK)
		code = key_secret(root, path, "private_key", &key->secret, err);
	return code;
}

static enum err_code
key_person(const struct cJSON *root, const char *path, struct gcp_key *key,
    struct err *err)
{
	enum err_code code;

	key->kind = GCP_KEY_PERSON;
	code = key_text(root, path, "client_id", true, &key->id, err);
	if (code == ERR_OK)
		code =
		    key_secret(root, path, "client_secret", &key->secret, err);
	if (code == ERR_OK)
		code =
		    key_secret(root, path, "refresh_token", &key->refresh, err);
	return code;
}

static enum err_code
key_kind(const struct cJSON *root, const char *path, struct gcp_key *key,
    struct err *err)
{
	const char *type = json_string(json_member(root, "type"));

	if (type == NULL)
		return err_set(err, ERR_CONFIG, "google",
		    "%s is no file of Google credentials: it has no type",
		    path);
	if (strcmp(type, "service_account") == 0)
		return key_service(root, path, key, err);
	if (strcmp(type, "authorized_user") == 0)
		return key_person(root, path, key, err);
	return err_set(err, ERR_UNSUPPORTED, "google",
	    "credentials of type \"%.40s\" are not supported; use auth: "
	    "{command: [gcloud, auth, print-access-token]}",
	    type);
}

enum err_code
gcp_key_parse(const char *path, const void *bytes, size_t len,
    struct gcp_key *ret_key, struct err *err)
{
	struct gcp_key key = { .id = NULL };
	struct cJSON *root = NULL;
	enum err_code code = json_parse(bytes, len, &root, NULL);

	if (code == ERR_NOMEM)
		return err_set(err, code, "google", "no memory");
	/* What the parser would quote may be a key. */
	if (code != ERR_OK)
		return err_set(err, ERR_CONFIG, "google",
		    "%s is not JSON; is it a file of Google credentials?",
		    path);
	code = key_kind(root, path, &key, err);
	if (code == ERR_OK)
		code = key_text(root, path, "quota_project_id", false,
		    &key.quota_project, err);
	json_wipe(root);
	if (code == ERR_OK)
		*ret_key = key;
	else
		gcp_key_release(&key);
	return code;
}

static enum err_code
key_load(const char *path, struct buf *to, mode_t *ret_mode, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum err_code code = ERR_OK;
	struct stat st;
	ssize_t n;
	char *at;

	if (fd < 0)
		return err_set_errno(err,
		    errno == ENOENT   ? ERR_NOTFOUND
		    : errno == EACCES ? ERR_FORBIDDEN
				      : ERR_IO,
		    "google", errno, "credentials %s", path);
	/* One read into memory that never moves, so that it can be wiped. */
	at = buf_reserve(to, GCP_KEY_FILE_MAX);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		code = err_set(err, ERR_CONFIG, "google",
		    "credentials %s: not a regular file", path);
	else if (st.st_size >= GCP_KEY_FILE_MAX)
		code = err_set(err, ERR_TOOBIG, "google",
		    "credentials %s: longer than %d bytes", path,
		    GCP_KEY_FILE_MAX);
	else if (at == NULL)
		code = err_set(err, ERR_NOMEM, "google", "no memory");
	while (code == ERR_OK && to->len < GCP_KEY_FILE_MAX) {
		n = read(fd, at + to->len, GCP_KEY_FILE_MAX - to->len);
		if (n < 0)
			code = err_set_errno(err, ERR_IO, "google", errno,
			    "credentials %s", path);
		if (n <= 0)
			break;
		to->len += (size_t)n;
	}
	close(fd);
	*ret_mode = st.st_mode & 07777;
	return code;
}

enum err_code
gcp_key_read(const char *path, struct gcp_key *ret_key, mode_t *ret_mode,
    struct err *err)
{
	struct buf bytes = BUF_INIT(GCP_KEY_FILE_MAX);
	mode_t mode = 0;
	enum err_code code = key_load(path, &bytes, &mode, err);

	if (code == ERR_OK)
		code = gcp_key_parse(path, bytes.data, bytes.len, ret_key, err);
	if (code == ERR_OK)
		*ret_mode = mode;
	if (bytes.data != NULL)
		OPENSSL_cleanse(bytes.data, bytes.cap);
	buf_release(&bytes);
	return code;
}

void
gcp_key_release(struct gcp_key *key)
{
	mem_free(key->id);
	mem_free(key->key_id);
	mem_free(key->token_url);
	mem_free(key->quota_project);
	secret_free(key->secret);
	secret_free(key->refresh);
	*key = (struct gcp_key) { .id = NULL };
}
