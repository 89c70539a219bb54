/*
 * Where programs are, and that names outlive a power cut.
 * thread: any, as long as nobody changes the environment.
 */
#ifndef SEV_BASE_PATH_H
#define SEV_BASE_PATH_H

#include <limits.h>
#include <stdbool.h>

/* The first program of that name on PATH, into out. False: there is none. */
bool path_find(const char *name, char out[PATH_MAX]);

/* Syncs the folder that path stands in. False: errno says why not. */
bool path_sync_folder(const char *path);

#endif
