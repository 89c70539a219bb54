/*
 * What a configuration has wrong, collected in one list and read as one
 * text, for the tests that hold messages to their exact words. Included once
 * by a test program: the list and the text are its own.
 */
#ifndef SEV_TESTS_PROBLEMS_H
#define SEV_TESTS_PROBLEMS_H

#include <stdio.h>

#include "base/buf.h"
#include "base/conf_errors.h"

static struct conf_errors errors;
static char printed[16384]; /* what problems() returned last */

/* Sorted as the file is read, one below the other; "" when all is well. */
static const char *
problems(void)
{
	struct buf out = BUF_INIT(sizeof(printed) - 1);

	conf_errors_sort(&errors);
	conf_errors_print(&errors, &out);
	snprintf(printed, sizeof(printed), "%s", buf_cstr(&out));
	buf_release(&out);
	return printed;
}

#endif
