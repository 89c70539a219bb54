/*
 * A table that a program printed for people, as a list of objects. Private
 * to datasrc/process_read.c.
 * thread: owner.
 */
#ifndef SEV_DATASRC_PROCESS_TABLE_H
#define SEV_DATASRC_PROCESS_TABLE_H

#include "datasrc/process_read.h"

/* As process_read(). */
enum err_code process_table(const struct process_form *form,
    const struct regex *pattern, const char *bytes, size_t len,
    struct cJSON **ret_root, struct err *err) ATTR_MUST_USE;

#endif
