/*
 * Function attributes. They are documentation that the compiler checks.
 */
#ifndef SEV_BASE_ATTR_H
#define SEV_BASE_ATTR_H

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_MUST_USE	       __attribute__((warn_unused_result))
#define ATTR_MALLOC	       __attribute__((malloc, warn_unused_result))
#define ATTR_NORETURN	       __attribute__((noreturn))
#define ATTR_PURE	       __attribute__((pure))
#define ATTR_UNUSED	       __attribute__((unused))
#define ATTR_FALLTHROUGH       __attribute__((fallthrough))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
