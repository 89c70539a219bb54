/*
 * Runs a fuzz target without a fuzzer, so that every check does: first the
 * files of its corpus as they are, then changed ones, the same in each run.
 *
 *	fuzz_NAME [FILE...]
 *
 * Without files it reads SEV_SRCDIR/tests/fuzz/corpus/NAME. TAP on standard
 * output. A target that finds a fault aborts.
 */
#include <dirent.h>
#include <stdint.h>

#include "tests/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INPUT_MAX = 1 << 20,
	CHANGES = 300 /* changed inputs for each file */
};

struct input {
	uint8_t *data;
	size_t size;
};

static bool
input_read(const char *path, struct input *input)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return false;
	input->data = malloc(INPUT_MAX);
	if (input->data != NULL)
		input->size = fread(input->data, 1, INPUT_MAX, file);
	fclose(file);
	return input->data != NULL;
}

/* A block of its own size each time, so that reading past it is seen. */
static void
run_one(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size != 0 ? size : 1);

	if (exact == NULL)
		return;
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Flips, removes, repeats or cuts a piece; returns the new size. */
static size_t
change(uint8_t *data, size_t size, uint32_t *random)
{
	size_t at, len;

	if (size == 0)
		return 0;
	at = next_random(random) % size;
	len = 1 + next_random(random) % 16;
	if (len > size - at)
		len = size - at;
	switch (next_random(random) % 5) {
	case 0:
		data[at] ^= (uint8_t)(1U << next_random(random) % 8);
		return size;
	case 1:
		data[at] = (uint8_t)next_random(random);
		return size;
	case 2:
		memmove(data + at, data + at + len, size - at - len);
		return size - len;
	case 3:
		if (size + len > INPUT_MAX)
			return size;
		memmove(data + at + len, data + at, size - at);
		return size + len;
	default:
		return at;
	}
}

static void
replay(const char *path)
{
	struct input input = { .size = 0 };
	uint8_t *changed = malloc(INPUT_MAX);
	uint32_t random = 2463534242;
	int i, changes;

	if (changed == NULL || !input_read(path, &input)) {
		ok(false, "%s can be read", path);
		free(changed);
		return;
	}
	run_one(input.data, input.size);
	for (i = 0; i < CHANGES && input.size < 65536; i++) {
		size_t size = input.size;

		memcpy(changed, input.data, size);
		for (changes = i % 4; changes >= 0; changes--)
			size = change(changed, size, &random);
		run_one(changed, size);
	}
	ok(true, "%s", path);
	free(changed);
	free(input.data);
}

static int
replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[1024];

	ok(dir != NULL, "%s is there", folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		replay(path);
	}
	if (dir != NULL)
		closedir(dir);
	return tap_done();
}

int
main(int argc, char **argv)
{
	const char *name = strstr(argv[0], "fuzz_");
	const char *srcdir = getenv("SEV_SRCDIR");
	const char *slash;
	char folder[512];
	int i;

	for (i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc > 1)
		return tap_done();
	while (name != NULL && (slash = strchr(name, '/')) != NULL)
		name = strstr(slash, "fuzz_");
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name != NULL ? name + 5 : "");
	return replay_folder(folder);
}
