/*
 * Random words for passwords and tokens of a world's servers.
 * thread: any.
 */
#ifndef SEV_SIM_TOKEN_H
#define SEV_SIM_TOKEN_H

#include "base/attr.h"
#include "base/err.h"

#define TOKEN_CAP 33 /* 128 random bits in hexadecimal, and the NUL */

enum err_code token_make(char out[TOKEN_CAP], struct err *err) ATTR_MUST_USE;

#endif
