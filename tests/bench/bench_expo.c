/*
 * How fast exposition text is read: MB a second of one core.
 *
 *	bench_expo FILE [ROUNDS]
 *
 * Every value is parsed and every label checked. CPU time, best round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "datasrc/expo.h"

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
		sum += sample.value;
	*ret_samples = expo.samples;
	*ret_sum = sum;
	expo_release(&expo);
	if (err.code != ERR_OK)
		fprintf(stderr, "%s\n", err_text(&err));
	return cpu_seconds() - from;
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
	mem_free(page);
	return 0;
}
