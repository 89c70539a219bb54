#include "tui/script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/regex.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "model/store.h"
#include "panels/limits.h"
#include "tui/keys.h"

struct script {
	struct script_ops ops;
	void *ctx;
	struct buf text;
	char *at;	  /* the next line */
	unsigned line;	  /* number of the current one */
	char *arg;	  /* of the current step; NULL: none is open */
	int step;	  /* index in script_steps */
	int64_t waits_to; /* deadline of the step; 0: not waiting */
	struct regex *regex;
};

/* What a step may look at. */
struct script_now {
	const struct canvas *canvas;
	const struct frame *frame;
};

enum script_result {
	SCRIPT_DONE,
	SCRIPT_WAIT,
	SCRIPT_FAILED
};

static enum script_result
script_key(struct script *script, const struct script_now *now, struct err *err)
{
	char *at = script->arg;

	(void)now;
	for (;;) {
		char *word = at + strspn(at, " ");
		size_t len = strcspn(word, " ");
		struct input_event ev = { .kind = INPUT_KEY };

		if (len == 0)
			return SCRIPT_DONE;
		at = word + len;
		if (*at != '\0')
			*at++ = '\0';
		if (!keys_parse(word, &ev.code, &ev.mods)) {
			err_set(err, ERR_CONFIG, "script",
			    "\"%s\" is not a key", word);
			return SCRIPT_FAILED;
		}
		script->ops.event(script->ctx, &ev);
	}
}

static enum script_result
script_type(
    struct script *script, const struct script_now *now, struct err *err)
{
	size_t len = strlen(script->arg), n;

	(void)now;
	(void)err;
	for (size_t i = 0; i < len; i += n) {
		struct input_event ev = { .kind = INPUT_KEY };

		n = utf8_decode(script->arg + i, len - i, &ev.code);
		if (n == 0)
			n = 1;
		else
			script->ops.event(script->ctx, &ev);
	}
	return SCRIPT_DONE;
}

static enum script_result
script_paste(
    struct script *script, const struct script_now *now, struct err *err)
{
	struct input_event ev = { .kind = INPUT_PASTE,
		.text = script->arg,
		.len = strlen(script->arg) };

	(void)now;
	(void)err;
	script->ops.event(script->ctx, &ev);
	return SCRIPT_DONE;
}

static enum script_result
script_resize(
    struct script *script, const struct script_now *now, struct err *err)
{
	char *x = strchr(script->arg, 'x');
	int64_t w, h;

	(void)now;
	if (x == NULL ||
	    !num_parse_i64(script->arg, (size_t)(x - script->arg), &w) ||
	    !num_parse_i64(x + 1, strlen(x + 1), &h) || w < 1 || h < 1 ||
	    w > CANVAS_W_MAX || h > CANVAS_H_MAX) {
		err_set(err, ERR_CONFIG, "script", "write resize like 80x24");
		return SCRIPT_FAILED;
	}
	script->ops.resize(script->ctx, (int)h, (int)w);
	return SCRIPT_DONE;
}

static enum script_result
script_wait_section(
    struct script *script, const struct script_now *now, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < now->frame->slot_count; i++) {
		const struct section *section = now->frame->sections[i];

		if (section != NULL && strcmp(section->name, script->arg) == 0)
			return section->good_at > 0 ? SCRIPT_DONE : SCRIPT_WAIT;
	}
	return SCRIPT_WAIT;
}

/* One row of the canvas, blanks at its end left out. */
static void
script_row(const struct canvas *canvas, int y, struct buf *out)
{
	size_t end = out->len;

	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		buf_add(out, cell->glyph, cell->len);
		if (cell->len != 1 || cell->glyph[0] != ' ')
			end = out->len;
	}
	out->len = end;
}

/* Whether a row matches the argument as a regular expression. */
static enum script_result
script_search(struct script *script, const struct canvas *canvas, bool wanted,
    struct err *err)
{
	struct buf row = BUF_INIT(CANVAS_W_MAX * CELL_BYTES);
	bool found = false;

	if (script->regex == NULL && regex_new(script->arg, strlen(script->arg),
					 0, &script->regex, err) != ERR_OK)
		return SCRIPT_FAILED;
	if (canvas == NULL)
		return SCRIPT_WAIT;
	for (int y = 0; y < canvas->h && !found; y++) {
		buf_clear(&row);
		script_row(canvas, y, &row);
		found =
		    row.len > 0 && regex_match(script->regex, row.data, row.len,
				       0, NULL, NULL) == REGEX_MATCH;
	}
	buf_release(&row);
	return found == wanted ? SCRIPT_DONE : SCRIPT_WAIT;
}

static enum script_result
script_wait_text(
    struct script *script, const struct script_now *now, struct err *err)
{
	return script_search(script, now->canvas, true, err);
}

static enum script_result
script_wait_no_text(
    struct script *script, const struct script_now *now, struct err *err)
{
	return script_search(script, now->canvas, false, err);
}

static enum script_result
script_write(const char *path, const struct buf *bytes, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t done = 0;

	while (fd >= 0 && done < bytes->len) {
		ssize_t n = write(fd, bytes->data + done, bytes->len - done);

		if (n <= 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || done < bytes->len)
		err_set_errno(err, ERR_IO, "script", errno, "%s", path);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && done == bytes->len ? SCRIPT_DONE : SCRIPT_FAILED;
}

static enum script_result
script_save(
    struct script *script, const struct script_now *now, struct err *err)
{
	struct buf out =
	    BUF_INIT((size_t)CANVAS_W_MAX * CANVAS_H_MAX * CELL_BYTES);
	enum script_result result;

	if (now->canvas == NULL)
		return SCRIPT_WAIT;
	for (int y = 0; y < now->canvas->h; y++) {
		script_row(now->canvas, y, &out);
		buf_char(&out, '\n');
	}
	result = script_write(script->arg, &out, err);
	buf_release(&out);
	return result;
}

static enum script_result
script_save_roles(
    struct script *script, const struct script_now *now, struct err *err)
{
	struct buf out = BUF_INIT((size_t)(CANVAS_W_MAX + 1) * CANVAS_H_MAX);
	enum script_result result;

	if (now->canvas == NULL)
		return SCRIPT_WAIT;
	for (int y = 0; y < now->canvas->h; y++) {
		for (int x = 0; x < now->canvas->w; x++) {
			const struct cell *cell =
			    canvas_cell(now->canvas, y, x);

			buf_char(&out, (char)('a' + cell->role));
		}
		buf_char(&out, '\n');
	}
	result = script_write(script->arg, &out, err);
	buf_release(&out);
	return result;
}

static enum script_result
script_quit(
    struct script *script, const struct script_now *now, struct err *err)
{
	(void)now;
	(void)err;
	script->ops.quit(script->ctx);
	script->at += strlen(script->at);
	return SCRIPT_DONE;
}

static const struct {
	const char *name;
	bool needs_arg;
	enum script_result (*run)(struct script *script,
	    const struct script_now *now, struct err *err);
} script_steps[] = {
	{ "key", true, script_key },
	{ "type", true, script_type },
	{ "paste", true, script_paste },
	{ "resize", true, script_resize },
	{ "wait-section", true, script_wait_section },
	{ "wait-text", true, script_wait_text },
	{ "wait-no-text", true, script_wait_no_text },
	{ "save-display", true, script_save },
	{ "save-roles", true, script_save_roles },
	{ "quit", false, script_quit },
};

enum err_code
script_load(const char *path, const struct script_ops *ops, void *ctx,
    struct script **ret, struct err *err)
{
	struct script *script = mem_calloc(1, sizeof(*script));
	enum err_code rc = ERR_OK;
	int fd = -1;
	ssize_t n;

	if (script == NULL)
		return err_set(err, ERR_NOMEM, "script", "reading %s", path);
	script->ops = *ops;
	script->ctx = ctx;
	buf_init(&script->text, SCRIPT_BYTES_MAX);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || buf_reserve(&script->text, SCRIPT_BYTES_MAX) == NULL) {
		rc = err_set_errno(err, ERR_IO, "script", errno, "%s", path);
		goto out;
	}
	n = read(fd, script->text.data, SCRIPT_BYTES_MAX);
	if (n < 0 || n == SCRIPT_BYTES_MAX) {
		rc = err_set(err, ERR_IO, "script",
		    "%s can't be read or is too long", path);
		goto out;
	}
	script->text.data[n] = '\0';
	script->at = script->text.data;
	*ret = script;
	script = NULL;
out:
	if (fd >= 0)
		close(fd);
	script_free(script);
	return rc;
}

struct script *
script_free(struct script *script)
{
	if (script == NULL)
		return NULL;
	regex_free(script->regex);
	buf_release(&script->text);
	mem_free(script);
	return NULL;
}

/* Takes the next line that is a step. False at the end, or with err set. */
static bool
script_next(struct script *script, struct err *err)
{
	while (*script->at != '\0') {
		char *line = script->at;
		size_t len = strcspn(line, "\n"), word;

		script->at += len + (line[len] != '\0');
		line[len] = '\0';
		script->line++;
		line += strspn(line, " \t");
		if (*line == '\0' || *line == '#')
			continue;
		word = strcspn(line, " ");
		script->arg = line + word + strspn(line + word, " ");
		line[word] = '\0';
		for (size_t i = 0;
		     i < sizeof(script_steps) / sizeof(script_steps[0]); i++) {
			if (strcmp(script_steps[i].name, line) == 0) {
				script->step = (int)i;
				if (script_steps[i].needs_arg &&
				    *script->arg == '\0')
					break;
				return true;
			}
		}
		err_set(err, ERR_CONFIG, "script",
		    "script line %u: \"%s\" is no step, or lacks its words",
		    script->line, line);
		script->arg = NULL;
		return false;
	}
	script->arg = NULL;
	return false;
}

enum err_code
script_step(struct script *script, const struct canvas *canvas,
    const struct frame *frame, int64_t now, int64_t *ret_next, struct err *err)
{
	struct script_now state = { canvas, frame };
	enum script_result result;

	*ret_next = now + SCRIPT_POLL_MS * NS_PER_MS;
	err_clear(err);
	if (script->arg == NULL && !script_next(script, err)) {
		if (err->code != ERR_OK)
			return err->code;
		script->ops.quit(script->ctx);
		*ret_next = DEADLINE_NONE;
		return ERR_OK;
	}
	if (script->waits_to == 0)
		script->waits_to = now + SCRIPT_WAIT_MS * NS_PER_MS;
	result = script_steps[script->step].run(script, &state, err);
	if (result == SCRIPT_FAILED) {
		err_prefix(err, "script line %u", script->line);
		return err->code;
	}
	if (result == SCRIPT_WAIT) {
		if (now < script->waits_to)
			return ERR_OK;
		return err_set(err, ERR_TIMEOUT, "script",
		    "script line %u: %s %s: nothing within %d s", script->line,
		    script_steps[script->step].name, script->arg,
		    SCRIPT_WAIT_MS / 1000);
	}
	script->arg = NULL;
	script->waits_to = 0;
	script->regex = regex_free(script->regex);
	*ret_next = now;
	return ERR_OK;
}
