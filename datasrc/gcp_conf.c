#include "datasrc/gcp_conf.h"

#include <string.h>

#include "datasrc/url.h"

const char *const gcp_schemes[] = { "https", "http", NULL };

bool
gcp_url_is_safe(const char *text)
{
	struct url url = { .scheme = NULL };
	bool safe = false;

	if (url_parse(text, &url, NULL) != ERR_OK)
		return false;
	if (strcmp(url.scheme, "https") == 0)
		safe = true;
	else if (strcmp(url.scheme, "http") == 0)
		safe = strcmp(url.host, "localhost") == 0 ||
		       strcmp(url.host, "127.0.0.1") == 0 ||
		       strcmp(url.host, "::1") == 0;
	url_release(&url);
	return safe;
}

static void
gcp_check_url(const char *url, const char *key, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct conf_node *at = conf_get(node, key);

	if (url == NULL || gcp_url_is_safe(url))
		return;
	conf_errors_add(errors, at != NULL ? at->pos : node->pos, NULL,
	    "a token would be sent in clear text; %s wants https://, or "
	    "http:// to this machine",
	    key);
}

void
gcp_conf_check(const struct gcp_conf *conf, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct conf_node *auth = conf_get(node, "auth");

	gcp_check_url(conf->endpoint, "endpoint", node, errors);
	if (auth == NULL)
		return;
	gcp_check_url(conf->token_url, "token_url", auth, errors);
	if (conf->command.count != 0 && conf->credentials != NULL)
		conf_errors_add(errors, auth->key_pos, NULL,
		    "auth has a command or a file of credentials, not both");
}

static const struct opt gcp_auth_rows[] = {
	{
	    OPT_FIELD(struct gcp_conf, command, "command", OPT_LIST),
	    .max = SECRET_ARGV_MAX,
	    .help = "words of a command that prints an access token, such as "
		    "gcloud, auth, print-access-token",
	},
	{
	    OPT_FIELD(struct gcp_conf, credentials, "credentials", OPT_PATH),
	    .help = "file of credentials; without it that of "
		    "GOOGLE_APPLICATION_CREDENTIALS or of gcloud, else the "
		    "metadata server",
	},
	{
	    OPT_FIELD(
		struct gcp_conf, quota_project, "quota_project", OPT_STRING),
	    .max = GCP_PROJECT_MAX,
	    .help = "project whose quota pays for our questions",
	},
	{
	    OPT_FIELD(struct gcp_conf, token_url, "token_url", OPT_URL),
	    .choices = gcp_schemes,
	    .help = "another address to get tokens from",
	},
	{
	    OPT_FIELD(struct gcp_conf, metadata_url, "metadata_url", OPT_URL),
	    .choices = gcp_schemes,
	    .help = "another address of the metadata server",
	},
};

const struct opt_table gcp_auth_table = OPT_TABLE(gcp_auth_rows);
