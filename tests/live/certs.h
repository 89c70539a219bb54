/*
 * Certificates for live tests, made by openssl in a temporary folder: an
 * authority (ca.pem) and what it signed, each with a key beside it:
 *
 *	tls.pem		for localhost
 *	old.pem		the same, expired
 *	other.pem	for another host
 *	self.pem	for localhost, signed by itself
 * thread: main.
 */
#ifndef SEV_TESTS_CERTS_H
#define SEV_TESTS_CERTS_H

#include <stdbool.h>

/* dir: a template for mkdtemp(). False without openssl. */
bool certs_make(char *dir);

void certs_remove(const char *dir);

#endif
