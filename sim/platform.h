/*
 * Practice platforms: one file each with one row in platform_table. The row
 * carries what --list, --help and the control socket show, so that a new
 * platform, fault or scenario is a row and nothing else.
 * Rows are constant. thread: the world's, for every function in a row.
 */
#ifndef SEV_SIM_PLATFORM_H
#define SEV_SIM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sim/dir.h"
#include "sim/model.h"

/* Something that can be wrong, switched on and off while the world runs. */
struct fault {
	const char *name;
	const char *help; /* one line */
	struct model_mood mood;
	unsigned hold_ms; /* real answers of the API come that much later */
	bool hung;	  /* the API accepts and never answers */
	bool once;	  /* happens once; there is nothing to switch off */
	/* What else happens at the moment of switching; NULL: nothing. */
	void (*set)(void *state, bool on, int64_t wall_ms);
};

struct scenario_step {
	unsigned at_s; /* since the world's start; ascending */
	const char *fault;
	bool on;
};

struct scenario {
	const char *name;
	const char *help;
	const struct scenario_step *steps; /* ends with a NULL fault */
};

/* What a platform gets to start with; borrowed for its whole life. */
struct platform_start {
	const struct dir *dir;
	uint64_t seed;
	int64_t wall_ms;
	struct buf *notes; /* lines for the user about what is missing */
};

struct platform {
	const char *name;
	const char *help;
	bool hidden; /* not shown in a list */
	const struct fault *faults;
	size_t fault_count; /* at most SIM_FAULTS_MAX */
	const struct scenario *scenarios;
	size_t scenario_count;
	/* *ret_state is returned, free with stop. */
	enum err_code (*start)(const struct platform_start *start,
	    void **ret_state, struct err *err);
	/* KEY=value lines: the environment that the profile reads. */
	void (*env)(void *state, struct buf *out);
	/* Faults were switched, after their set(); NULL: the next step does. */
	void (*told)(void *state, uint64_t faults);
	/* One step of SIM_TICK_MS; faults: bit i is row i of `faults`. */
	void (*step)(void *state, uint64_t faults, int64_t wall_ms);
	/*
	 * Starts one of its services anew, as a supervisor would. False: there
	 * is none of that name. NULL: nothing can be restarted.
	 */
	bool (*restart)(void *state, const char *service, int64_t wall_ms);
	/* Lines of figures for `ctl status`. */
	void (*status)(void *state, struct buf *out);
	void (*stop)(void *state); /* NULL is allowed */
};

extern const struct platform *const platform_table[];
extern const size_t platform_count;

extern const struct platform platform_ai_visibility;
extern const struct platform platform_fluxori;
extern const struct platform platform_gcp_demo;
extern const struct platform platform_vistralai;

/* NULL when there is none of that name. */
const struct platform *platform_find(const char *name);
const struct scenario *platform_scenario(
    const struct platform *platform, const char *name);

/* Index into faults; -1 when there is none of that name. */
int platform_fault(const struct platform *platform, const char *name);

/* The moods of all faults that are on, put together. */
struct fault platform_mood(const struct platform *platform, uint64_t faults);

/* All platforms with their faults and scenarios, for reading. */
void platform_list(struct buf *out);

/* The faults of one platform; bit i of on: row i is on. */
void platform_list_faults(
    const struct platform *platform, uint64_t on, struct buf *out);

#endif
