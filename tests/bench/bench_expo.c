/*
 * How fast exposition text is read: MB a second of one core.
 *
 *	bench_expo FILE [ROUNDS]
 *
 * "parse": every value is parsed and every label checked. "series": each
 * sample is also looked up in the table of series, as a source does it with
 * the page of a target that it has seen before; pages of the first 10 kB
 * and 1 MB of the file. CPU time, best round.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "datasrc/series.h"

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static char *
read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	char *page = NULL;
	long len;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0)
		goto out;
	len = ftell(file);
	rewind(file);
	if (len < 0)
		goto out;
	page = mem_alloc((size_t)len + 1);
	if (page != NULL) {
		*ret_len = fread(page, 1, (size_t)len, file);
		page[*ret_len] = '\0';
	}
out:
	if (file != NULL)
		fclose(file);
	return page;
}

/* One reading of the page; its seconds. */
static double
read_page(const char *page, size_t len, size_t *ret_samples, double *ret_sum)
{
	struct expo expo = EXPO_INIT;
	struct expo_sample sample;
	struct err err = ERR_INIT;
	double from = cpu_seconds(), sum = 0;

	expo_start(&expo, EXPO_TEXT, page, len);
	while (expo_next(&expo, &sample, &err) == ERR_OK && sample.line != 0)
		if (isfinite(sample.value))
			sum += sample.value;
	*ret_samples = expo.samples;
	*ret_sum = sum;
	expo_release(&expo);
	if (err.code != ERR_OK)
		fprintf(stderr, "%s\n", err_text(&err));
	return cpu_seconds() - from;
}

/* The page up to and with the last line feed before max. */
static size_t
cut_page(const char *page, size_t len, size_t max)
{
	const char *last = NULL;

	if (len > max)
		last = memrchr(page, '\n', max);
	return last != NULL ? (size_t)(last - page) + 1 : len;
}

/* Reads the same page many times through the table. */
static void
bench_series(char *page, size_t len, size_t max)
{
	static const char *const targets[] = { "target" };
	struct series_rules rules = {
		.targets = targets, .target_count = 1, .all = true
	};
	size_t size = cut_page(page, len, max), pages = 40000000 / size + 1, i;
	char behind = page[size];
	struct series *series = NULL;
	struct series_page seen = { .samples = 0 };
	struct err err = ERR_INIT;
	enum err_code code = series_new(&rules, &series, &err);
	double from = 0, seconds;

	page[size] = '\0';
	for (i = 0; code == ERR_OK && i <= pages; i++) {
		series_round(series);
		code =
		    series_read(series, 0, EXPO_TEXT, page, size, &seen, &err);
		if (i == 0)
			from = cpu_seconds();
	}
	seconds = (cpu_seconds() - from) / (double)pages;
	page[size] = behind;
	if (code != ERR_OK)
		fprintf(stderr, "%s\n", err_text(&err));
	else
		printf("series: %zu samples, %zu bytes a page: %.0f MB/s, "
		       "%.1f us a page\n",
		    seen.samples, size, (double)size / seconds / 1e6,
		    seconds * 1e6);
	series_free(series);
}

int
main(int argc, char **argv)
{
	int i, rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
	double best = 1e9, seconds, sum = 0;
	size_t len = 0, samples = 0;
	char *page;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_expo FILE [ROUNDS]\n");
		return 64;
	}
	page = read_file(argv[1], &len);
	if (page == NULL) {
		perror(argv[1]);
		return 1;
	}
	for (i = 0; i < rounds; i++) {
		seconds = read_page(page, len, &samples, &sum);
		if (seconds < best)
			best = seconds;
	}
	printf("parse: %zu samples, %.0f MB/s, %.0f ns a sample (sum %g)\n",
	    samples, (double)len / best / 1e6,
	    best * 1e9 / (double)(samples != 0 ? samples : 1), sum);
	bench_series(page, len, 10000);
	bench_series(page, len, 1000000);
	mem_free(page);
	return 0;
}
