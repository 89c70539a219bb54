/*
 * A small TAP producer for the unit tests. Threads may report: the counters
 * are atomic and nothing here jumps out of a function.
 *
 *	int main(void) { RUN(test_add); RUN(test_grow); return tap_done(); }
 */
#ifndef SEV_TESTS_TAP_H
#define SEV_TESTS_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Weak: the files of one program count together. */
__attribute__((weak)) atomic_int tap_count;
__attribute__((weak)) atomic_int tap_failures;

__attribute__((format(printf, 4, 5), unused)) static bool
tap_check(bool good, const char *file, int line, const char *fmt, ...)
{
	char name[256];
	va_list ap;
	int n = atomic_fetch_add(&tap_count, 1) + 1;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (!good) {
		atomic_fetch_add(&tap_failures, 1);
		printf("not ok %d - %s\n#   at %s:%d\n", n, name, file, line);
	} else {
		printf("ok %d - %s\n", n, name);
	}
	fflush(stdout);
	return good;
}

__attribute__((unused)) static bool
tap_int(int64_t got, int64_t want, const char *file, int line, const char *name)
{
	bool good = tap_check(got == want, file, line, "%s", name);

	if (!good)
		printf("#   got %lld, want %lld\n", (long long)got,
		    (long long)want);
	return good;
}

__attribute__((unused)) static bool
tap_str(const char *got, const char *want, const char *file, int line,
    const char *name)
{
	bool same =
	    got != NULL && want != NULL ? strcmp(got, want) == 0 : got == want;
	bool good = tap_check(same, file, line, "%s", name);

	if (!good)
		printf("#   got  \"%s\"\n#   want \"%s\"\n",
		    got != NULL ? got : "(null)",
		    want != NULL ? want : "(null)");
	return good;
}

__attribute__((unused)) static bool
tap_near(double got, double want, double within, const char *file, int line,
    const char *name)
{
	bool same =
	    fabs(got - want) <= within || (isnan(got) && isnan(want)) ||
	    (isinf(got) && isinf(want) && signbit(got) == signbit(want));
	bool good = tap_check(same, file, line, "%s", name);

	if (!good)
		printf("#   got %.17g, want %.17g\n", got, want);
	return good;
}

#define ok(cond, ...)	     tap_check((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, n) tap_int((got), (want), __FILE__, __LINE__, (n))
#define is_str(got, want, n) tap_str((got), (want), __FILE__, __LINE__, (n))
#define is_near(got, want, within, n)                                          \
	tap_near((got), (want), (within), __FILE__, __LINE__, (n))

/* A part that can't run here: counted and shown, never passed in silence. */
#define skip(why)                                                              \
	printf("ok %d # SKIP %s\n", atomic_fetch_add(&tap_count, 1) + 1, (why))

#define RUN(fn)                                                                \
	do {                                                                   \
		printf("# %s\n", #fn);                                         \
		fn();                                                          \
	} while (0)

__attribute__((unused)) static int
tap_done(void)
{
	int n = atomic_load(&tap_count), bad = atomic_load(&tap_failures);

	printf("1..%d\n", n);
	return bad == 0 && n > 0 ? 0 : 1;
}

#endif
