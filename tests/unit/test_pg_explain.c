#include "datasrc/pg_explain.h"

#include "base/attr.h"
#include "tests/tap.h"

/* What real servers, poolers and libpq said, and what is made of it. */
static const struct {
	const char *message;
	enum err_code code;
	const char *words; /* part of ours */
} heard[] = {
	{ "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  "
	  "53300: sorry, too many clients already\nLOCATION:  InitProcess\n",
	    ERR_LIMITED,
	    "db:1: connections exhausted: sorry, too many clients already" },
	{ "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL: "
	  " 53300: remaining connection slots are reserved for roles with the "
	  "SUPERUSER attribute\n",
	    ERR_LIMITED, "connections exhausted: remaining" },
	{ "connection to server at \"db\", port 6432 failed: FATAL:  08P01: no "
	  "more connections allowed (max_client_conn)\n",
	    ERR_LIMITED, "exhausted at the pooler" },
	{ "connection to server at \"db\", port 5432 failed: FATAL:  57P03: "
	  "the database system is starting up\n",
	    ERR_SERVER, "no connections yet: the database system is starting" },
	{ "FATAL:  57P03: the database system is shutting down\n", ERR_SERVER,
	    "is shutting down" },
	{ "SCHWERWIEGEND:  28P01: Passwort-Authentifizierung fehlgeschlagen\n",
	    ERR_AUTH, "refused (was it changed?)" },
	{ "FATAL:  28000: no pg_hba.conf entry for host \"10.0.0.1\"\n",
	    ERR_AUTH, "login refused: no pg_hba.conf entry" },
	{ "FATAL:  3D000: database \"shop\" does not exist\n", ERR_NOTFOUND,
	    "no such database" },
	{ "FATAL:  42501: permission denied for database \"shop\"\n",
	    ERR_FORBIDDEN, "lacks a right" },
	{ "FATAL:  57P01: terminating connection due to administrator "
	  "command\n",
	    ERR_CLOSED, "ended by an administrator" },
	{ "FATAL:  server login has been failing, try again later "
	  "(server_login_retry)\n",
	    ERR_IO, "server login has been failing" },
	{ "connection to server at \"127.0.0.1\", port 1 failed: Connection "
	  "refused\n\tIs the server running on that host?\n",
	    ERR_REFUSED, "db:1 refused the connection; is the server" },
	{ "connection to server on socket \"/x/.s.PGSQL.5432\" failed: No such "
	  "file or directory\n",
	    ERR_REFUSED, "no such socket" },
	{ "connection to server at \"db\", port 1 failed: server does not "
	  "support SSL, but SSL was required\n",
	    ERR_TLS, "does not speak TLS" },
	{ "connection to server at \"db\", port 1 failed: received invalid "
	  "response to SSL negotiation: H\n",
	    ERR_PROTOCOL, "db:1 is no PostgreSQL server" },
	{ "connection to server at \"db\", port 1 failed: expected "
	  "authentication request from server, but received x\n",
	    ERR_PROTOCOL, "no PostgreSQL server" },
	{ "connection to server at \"db\", port 1 failed: SSL error: "
	  "certificate verify failed\n",
	    ERR_TLS, "certificate verify failed" },
	{ "connection to server at \"db\", port 1 failed: fe_sendauth: no "
	  "password supplied\n",
	    ERR_AUTH, "gives none" },
	{ "connection to server at \"db\", port 1 failed: root certificate "
	  "file \"/x/ca.pem\" does not exist\nEither provide the file\n",
	    ERR_CONFIG, "root certificate file \"/x/ca.pem\" does not exist" },
	{ "server closed the connection unexpectedly\n\tThis probably means\n",
	    ERR_CLOSED, "without a word" },
	{ "invalid sslmode value: \"maybe\"\n", ERR_CONFIG, "invalid sslmode" },
	{ "", ERR_IO, "libpq says nothing" },
};

static void
test_heard(void)
{
	for (size_t i = 0; i < ARRAY_LEN(heard); i++) {
		struct err err = ERR_INIT;
		enum err_code code =
		    pg_explain_connect(heard[i].message, "db:1", &err);

		ok(code == heard[i].code && err.code == code &&
			strstr(err.msg, heard[i].words) != NULL,
		    "%s: %s", err_code_name(code), err.msg);
		ok(strchr(err.msg, '\n') == NULL, "on one line");
	}
}

static void
test_states(void)
{
	static const struct {
		const char *state, *text;
		enum err_code code;
	} said[] = {
		{ "57014", "canceling statement due to statement timeout",
		    ERR_TIMEOUT },
		{ "55P03", "canceling statement due to lock timeout",
		    ERR_TIMEOUT },
		{ "25006", "cannot execute UPDATE in a read-only transaction",
		    ERR_FORBIDDEN },
		{ "42P01", "relation \"x\" does not exist", ERR_NOTFOUND },
		{ "42703", "column \"x\" does not exist", ERR_BADDATA },
		{ "42601", "syntax error at or near \"x\"", ERR_CONFIG },
		{ "22012", "division by zero", ERR_BADDATA },
		{ "08P01", "query_wait_timeout", ERR_TIMEOUT },
		{ "55000",
		    "pg_stat_statements must be loaded via "
		    "shared_preload_libraries",
		    ERR_SERVER },
		{ "", "", ERR_SERVER },
	};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		err_clear(&err);
		ok(pg_explain_server(said[i].state, said[i].text, &err) ==
			    said[i].code &&
			err.msg[0] != '\0',
		    "%s: %s", said[i].state, err.msg);
	}
	is_int(pg_explain_server(NULL, NULL, NULL), ERR_SERVER,
	    "nothing at all is an error all the same");
}

static void
test_marks(void)
{
	ok(pg_explain_no_options(
	       "FATAL:  08P01: unsupported startup parameter: options\n"),
	    "a pooler takes no options");
	ok(!pg_explain_no_options("FATAL:  53300: too many\n"), "others do");
	ok(pg_explain_is_certificate("SSL error: certificate verify failed"),
	    "a certificate");
	ok(pg_explain_is_certificate("server certificate for \"a\" does not "
				     "match host name \"b\""),
	    "a wrong name");
}

int
main(void)
{
	test_heard();
	test_states();
	test_marks();
	return tap_done();
}
