#include "datasrc/pg_explain.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

/* Longest first line of a server that still leaves room for our words. */
#define SAID_MAX 120

/* Words of the server that tell more than the SQLSTATE does, or have none. */
static const struct {
	const char *part;
	enum err_code code;
	const char *what; /* comes before what the server said */
} said_words[] = {
	{ "no more connections allowed", ERR_LIMITED,
	    "connections exhausted at the pooler" },
	{ "query_wait_timeout", ERR_TIMEOUT,
	    "the pooler had no free connection to the server" },
	{ "server login has been failing", ERR_SERVER,
	    "the pooler can't get into the server" },
	{ "server_login_retry", ERR_SERVER,
	    "the pooler can't get into the server" },
	{ "cannot connect to server", ERR_SERVER,
	    "the pooler can't reach the server" },
	{ "server conn crashed", ERR_SERVER, "the pooler lost the server" },
	{ "no such user", ERR_AUTH, "the pooler does not know the user" },
	{ "no such database", ERR_NOTFOUND,
	    "the pooler does not know the database" },
	{ "password authentication failed", ERR_AUTH,
	    "password or user refused (was it changed?)" },
	{ "SASL authentication failed", ERR_AUTH,
	    "password or user refused (was it changed?)" },
	{ "Tenant or user not found", ERR_AUTH,
	    "the pooler does not know the user" },
};

/* By SQLSTATE, or by its class of two characters. */
static const struct {
	const char *state;
	enum err_code code;
	const char *what;
} said_states[] = {
	{ "53300", ERR_LIMITED, "connections exhausted" },
	{ "53100", ERR_SERVER, "the server's disk is full" },
	{ "53200", ERR_SERVER, "the server is out of memory" },
	{ "57P01", ERR_CLOSED,
	    "the session was ended by an administrator or a shutdown" },
	{ "57P02", ERR_CLOSED, "a server process crashed, all sessions ended" },
	{ "57P03", ERR_SERVER, "the server takes no connections yet" },
	{ "57P05", ERR_CLOSED, "the server ended the idle session" },
	{ "57014", ERR_TIMEOUT, "the statement was ended" },
	{ "55P03", ERR_TIMEOUT, "a lock was not free in time" },
	{ "28P01", ERR_AUTH, "password or user refused (was it changed?)" },
	{ "28000", ERR_AUTH, "login refused" },
	{ "3D000", ERR_NOTFOUND, "no such database" },
	{ "42501", ERR_FORBIDDEN, "the role lacks a right" },
	{ "25006", ERR_FORBIDDEN, "sevtop only reads" },
	{ "42P01", ERR_NOTFOUND, "no such table" },
	{ "42601", ERR_CONFIG, "the query is no SQL" },
	{ "42", ERR_BADDATA, "the query does not fit the database" },
	{ "22", ERR_BADDATA, "the query failed on the data" },
	{ "23", ERR_BADDATA, "a rule of the table forbids it" },
	{ "0A", ERR_UNSUPPORTED, "the server can't do that" },
	{ "25P03", ERR_CLOSED, "the session was idle in a transaction" },
	{ "40", ERR_SERVER, "the server gave the query up" },
	{ "XX001", ERR_SERVER, "data is corrupted" },
	{ "XX002", ERR_SERVER, "an index is corrupted" },
};

static enum err_code
said(struct err *err, enum err_code code, const char *what, const char *text)
{
	size_t len = strcspn(text, "\n");

	return err_set(err, code, "postgres", "%s%s%.*s%s",
	    what != NULL ? what : "", what != NULL && len > 0 ? ": " : "",
	    (int)(len < SAID_MAX ? len : SAID_MAX), text,
	    len > SAID_MAX ? "..." : "");
}

enum err_code
pg_explain_server(const char *sqlstate, const char *text, struct err *err)
{
	if (text == NULL)
		text = "";
	for (size_t i = 0; i < ARRAY_LEN(said_words); i++)
		if (strstr(text, said_words[i].part) != NULL)
			return said(
			    err, said_words[i].code, said_words[i].what, text);
	for (size_t i = 0; sqlstate != NULL && i < ARRAY_LEN(said_states); i++)
		if (strncmp(sqlstate, said_states[i].state,
			strlen(said_states[i].state)) == 0)
			return said(err, said_states[i].code,
			    said_states[i].what, text);
	if (text[0] == '\0')
		text = "an error without words";
	return said(err, ERR_SERVER, NULL, text);
}

/* What libpq says itself, in its words; it is never translated here. */
static const struct {
	const char *part;
	enum err_code code;
	const char *what; /* %s: where */
} own_words[] = {
	{ "Connection refused", ERR_REFUSED,
	    "%s refused the connection; is the server running there?" },
	{ "No such file or directory", ERR_REFUSED,
	    "%s: there is no such socket; is the server running?" },
	{ "Permission denied", ERR_FORBIDDEN,
	    "%s: the socket may not be opened" },
	{ "No route to host", ERR_REFUSED, "no route to %s" },
	{ "Network is unreachable", ERR_REFUSED, "no route to %s" },
	{ "Connection timed out", ERR_TIMEOUT, "connecting to %s timed out" },
	{ "does not support SSL", ERR_TLS,
	    "%s does not speak TLS, and the url wants it" },
	{ "invalid response to SSL negotiation", ERR_PROTOCOL,
	    "%s is no PostgreSQL server" },
	{ "expected authentication request", ERR_PROTOCOL,
	    "%s is no PostgreSQL server" },
	{ "lost synchronization", ERR_PROTOCOL,
	    "%s sends what is no PostgreSQL" },
	{ "no password supplied", ERR_AUTH,
	    "%s wants a password and the configuration gives none" },
	{ "is read-only", ERR_SERVER,
	    "%s is a standby, and the url wants a primary" },
	{ "is not read-only", ERR_SERVER,
	    "%s is a primary, and the url wants a standby" },
	{ "not in hot standby mode", ERR_SERVER,
	    "%s is a primary, and the url wants a standby" },
	{ "in hot standby mode", ERR_SERVER,
	    "%s is a standby, and the url wants a primary" },
	{ "server closed the connection unexpectedly", ERR_CLOSED,
	    "%s closed the connection without a word" },
	{ "SSL SYSCALL error: EOF", ERR_CLOSED,
	    "%s closed the connection without a word" },
	{ "Connection reset by peer", ERR_CLOSED, "%s dropped the connection" },
	{ "Broken pipe", ERR_CLOSED, "%s dropped the connection" },
};

/* Files of the configuration that libpq can't use: its words are good. */
static const char *const file_words[] = {
	"root certificate file",
	"certificate file",
	"private key file",
};

/*
 * "...: FATAL:  28P01: password ..." of the verbose form: the state and the
 * text behind it. The word FATAL may be in any language.
 */
static const char *
server_part(const char *message, char sqlstate[6])
{
	for (const char *at = strstr(message, ":  "); at != NULL;
	     at = strstr(at + 1, ":  ")) {
		const char *code = at + 3;
		size_t n = 0;

		while (n < 5 && (isdigit((unsigned char)code[n]) ||
				    (code[n] >= 'A' && code[n] <= 'Z')))
			n++;
		if (n < 5 || code[5] != ':')
			continue;
		memcpy(sqlstate, code, 5);
		sqlstate[5] = '\0';
		code += 6;
		return *code == ' ' ? code + 1 : code;
	}
	return NULL;
}

/* Behind 'connection to server at "x" (1.2.3.4), port 5432 failed: ' */
static const char *
own_part(const char *message)
{
	const char *failed = strstr(message, " failed: ");

	if (strncmp(message, "connection to server ", 21) == 0 &&
	    failed != NULL)
		return failed + 9;
	return message;
}

enum err_code
pg_explain_connect(const char *message, const char *where, struct err *err)
{
	char state[6];
	const char *text = server_part(message, state);
	enum err_code code;

	if (text != NULL) {
		code = pg_explain_server(state, text, err);
		err_prefix(err, "%s", where);
		return code;
	}
	text = own_part(message);
	for (size_t i = 0; i < ARRAY_LEN(file_words); i++)
		if (strncmp(text, file_words[i], strlen(file_words[i])) == 0)
			return said(err, ERR_CONFIG, NULL, text);
	for (size_t i = 0; i < ARRAY_LEN(own_words); i++) {
		const char *rest = strstr(own_words[i].what, "%s");
		int head = (int)(rest - own_words[i].what);

		if (strstr(text, own_words[i].part) != NULL)
			return err_set(err, own_words[i].code, "postgres",
			    "%.*s%s%s", head, own_words[i].what, where,
			    rest + 2);
	}
	code = ERR_IO;
	if (strncmp(text, "invalid ", 8) == 0)
		code = ERR_CONFIG;
	else if (strstr(text, "SSL") != NULL || strstr(text, "ertifi") != NULL)
		code = ERR_TLS;
	said(err, code, NULL, text[0] != '\0' ? text : "libpq says nothing");
	err_prefix(err, "%s", where);
	return code;
}

bool
pg_explain_no_options(const char *message)
{
	return strstr(message, "startup parameter") != NULL;
}

bool
pg_explain_is_certificate(const char *message)
{
	return strstr(message, "certificate verify failed") != NULL ||
	       strstr(message, "does not match host name") != NULL;
}
