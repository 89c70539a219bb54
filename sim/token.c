#include "sim/token.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

enum err_code
token_make(char out[TOKEN_CAP], struct err *err)
{
	unsigned char raw[(TOKEN_CAP - 1) / 2];

	if (getentropy(raw, sizeof(raw)) != 0)
		return err_set_errno(
		    err, ERR_IO, "token", errno, "random numbers");
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
	return ERR_OK;
}
