#include "tui/plan_view.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "panels/box.h"
#include "panels/page.h"
#include "panels/pick.h"

enum {
	LABEL_W = 11,	  /* "will send" and a gap */
	LABEL_W_MAX = 34, /* a flag's name */
	OLD_W_MAX = 30,
};

/* Widths of the columns of the lines. */
struct line_widths {
	int label;
	int old;
};

static struct line_widths
line_widths(const struct plan *plan)
{
	struct line_widths w = { LABEL_W, 0 };

	for (size_t i = 0; i < plan->line_count; i++) {
		const struct plan_line *line = &plan->lines[i];
		int label = (int)line->label.width + 2;
		int old = (int)line->old.width;

		if (label > w.label)
			w.label = label < LABEL_W_MAX ? label : LABEL_W_MAX;
		if (old > w.old)
			w.old = old < OLD_W_MAX ? old : OLD_W_MAX;
	}
	return w;
}

/* A text at x of the page's next row; the row stays the same. */
static int
put_at(
    struct page *page, int x, struct text text, enum role role, unsigned flags)
{
	int y = page->area.y + page->y - page->skip;

	if (page->canvas == NULL)
		return x + (int)text.width;
	return canvas_text(page->canvas, page->area, y, page->area.x + x, text,
		   role, flags) -
	       page->area.x;
}

/* "state   running → paused    1,204 waiting" */
static void
put_line(struct page *page, const struct plan_line *line,
    const struct line_widths *w)
{
	bool both = line->old.len > 0 && line->new.len > 0;
	int x, end;

	x = put_at(page, 0, line->label, ROLE_DIM, 0);
	x = x + 1 > w->label ? x + 1 : w->label;
	end = put_at(page, x, line->old, ROLE_TEXT, 0);
	if (both) {
		x = end > x + w->old ? end : x + w->old;
		x = put_at(page, x, TEXT(" → "), ROLE_DIM, 0);
		end = x;
	}
	end = put_at(page, end, line->new, ROLE_TEXT, CELL_BOLD);
	if (line->note.len > 0 &&
	    end + 3 + (int)line->note.width <= page->area.w) {
		put_at(page, end + 3, line->note, ROLE_DIM, 0);
		page->y++;
	} else {
		page->y++;
		if (line->note.len > 0)
			page_words(page, 2, line->note, ROLE_DIM);
	}
}

static void
put_lines(struct page *page, const struct plan *plan, size_t from, size_t to)
{
	struct line_widths w = line_widths(plan);

	if (w.label + w.old + 12 > page->area.w)
		w.old = 0; /* aligned nothing fits */
	for (size_t i = from; i < to && i < plan->line_count; i++)
		put_line(page, &plan->lines[i], &w);
}

/* A label, and a text in as many rows as it needs. */
static void
put_text(struct page *page, const char *label, struct text text, enum role role)
{
	put_at(page, 0, text_lit(label), ROLE_DIM, 0);
	page_words(page, LABEL_W, text, role);
}

static void
put_reach(struct page *page, const struct plan *plan)
{
	for (size_t i = 0; i < plan->reach_count; i++) {
		struct text_buf tb;

		tb_init(&tb);
		tb_num(&tb, plan->reach[i].value, plan->reach[i].unit);
		tb_lit(&tb, " ");
		tb_text(&tb, plan->reach[i].label);
		put_text(page, i == 0 ? "reach" : "", tb_end(&tb), ROLE_TEXT);
	}
}

static void
put_texts(struct page *page, const char *label, const struct text *texts,
    size_t count, enum role role)
{
	for (size_t i = 0; i < count; i++)
		put_text(page, i == 0 ? label : "", texts[i], role);
}

static void
put_samples(struct page *page, const struct plan *plan)
{
	struct text_buf tb;

	put_texts(
	    page, "such as", plan->samples, plan->sample_count, ROLE_TEXT);
	if (plan->sample_total <= plan->sample_count)
		return;
	tb_init(&tb);
	tb_lit(&tb, "and ");
	tb_int(&tb, (int64_t)(plan->sample_total - plan->sample_count));
	tb_lit(&tb, " more");
	put_text(page, "", tb_end(&tb), ROLE_DIM);
}

/* From what, and how old that is. */
static void
put_read(struct page *page, const struct plan_view *view)
{
	const struct plan *plan = view->job->plan;
	struct text_buf tb;

	tb_init(&tb);
	put_age(&tb, view->ctx->now - plan->read_at);
	tb_lit(&tb, " ago");
	if (plan->basis.len > 0) {
		tb_lit(&tb, ", ");
		tb_text(&tb, plan->basis);
	}
	put_text(page, "read", tb_end(&tb), ROLE_DIM);
}

static void
put_undo(struct page *page, const struct plan *plan)
{
	struct buf words = BUF_INIT(PLAN_TEXT_MAX);
	struct text_buf tb;

	tb_init(&tb);
	if (plan->undo == NULL) {
		if (plan->nothing || plan->class == ACTION_LOOK)
			return;
		put_text(page, "undo", TEXT("there is none"), ROLE_WARN);
		return;
	}
	request_words(plan->undo, &words);
	tb_fmt(&tb, "%s", buf_cstr(&words));
	put_text(page, "undo", tb_end(&tb), ROLE_DIM);
	buf_release(&words);
}

/* What stays in sight above what scrolls. */
struct pinned {
	size_t lines;
	bool brief; /* one row of the effect; all of it is in the rest */
};

static struct pinned
pinned_of(const struct job_view *job, int h)
{
	size_t most = h >= 16 ? (size_t)h / 2 : h >= 8 ? 2 : 1;
	size_t count = job->plan->line_count;

	if (job->has_output) /* which is what was asked for */
		most = 1;
	return (struct pinned) {
		.lines = count < most ? count : most,
		.brief = h < 10 || job->has_output,
	};
}

/* Target and effect. */
static void
put_head(struct page *page, const struct plan *plan, struct pinned pinned)
{
	put_lines(page, plan, 0, pinned.lines);
	if (plan->effect.len == 0)
		return;
	if (pinned.brief)
		page_row(page, 0, plan->effect, ROLE_TEXT);
	else
		put_text(page, "effect", plan->effect, ROLE_TEXT);
}

static void
put_output(struct page *page, const struct plan_view *view)
{
	const struct table *output = view->output;

	for (size_t i = 0; output != NULL && i < output->row_count; i++) {
		if (output->rows[i].cells[0].num == (double)view->job->job)
			page_words(
			    page, 0, output->rows[i].cells[1].text, ROLE_TEXT);
	}
}

static void
put_rest(struct page *page, const struct plan_view *view, struct pinned pinned)
{
	const struct plan *plan = view->job->plan;

	if (view->job->has_output) {
		page_title(page, TEXT("output"));
		put_output(page, view);
		page_gap(page);
	}
	put_texts(page, "mind", plan->traps, plan->trap_count, ROLE_WARN);
	if (pinned.brief && (int)plan->effect.width > page->area.w)
		put_text(page, "effect", plan->effect, ROLE_TEXT);
	put_lines(page, plan, pinned.lines, plan->line_count);
	put_reach(page, plan);
	put_samples(page, plan);
	put_texts(page, "will send", plan->sends, plan->send_count, ROLE_TEXT);
	put_undo(page, plan);
	put_read(page, view);
	if (plan->dropped > 0) {
		struct text_buf tb;

		tb_init(&tb);
		tb_fmt(&tb, "%zu more lines than fit here", plan->dropped);
		page_row(page, 0, tb_end(&tb), ROLE_WARN);
	}
}

/* What came of it in one word, as loud as it deserves. */
static enum role
outcome_role(const struct job_view *job)
{
	switch (job->outcome) {
	case OUTCOME_DONE:
		return ROLE_OK;
	case OUTCOME_FAILED:
	case OUTCOME_PARTLY:
	case OUTCOME_UNRESOLVED:
		return ROLE_CRIT;
	case OUTCOME_REFUSED:
	case OUTCOME_DROPPED:
	case OUTCOME_CLOSED:
		return ROLE_WARN;
	default:
		return job->state == JOB_DOUBT ? ROLE_CRIT : ROLE_TEXT;
	}
}

/* "DONE, verified 14:03:02" */
static void
put_outcome(struct page *page, const struct plan_view *view)
{
	const struct job_view *job = view->job;
	int64_t ago = view->ctx->now - job->since;
	struct text_buf tb;

	tb_init(&tb);
	switch (job->outcome) {
	case OUTCOME_DONE:
		tb_lit(&tb, "DONE");
		if (job->plan != NULL && job->plan->class != ACTION_LOOK)
			tb_lit(&tb, ", verified");
		break;
	case OUTCOME_FAILED:
		tb_lit(&tb, "FAILED, nothing changed");
		break;
	case OUTCOME_REFUSED:
		tb_lit(&tb, "REFUSED, nothing was sent");
		break;
	case OUTCOME_DROPPED:
		tb_lit(&tb, "DROPPED, nothing was sent");
		break;
	case OUTCOME_PARTLY:
		tb_lit(&tb, "ONLY PARTLY DONE");
		break;
	case OUTCOME_UNRESOLVED:
		tb_lit(&tb, "UNRESOLVED: it can't be told. Do not repeat it");
		break;
	default:
		tb_fmt(&tb, "%s", job_outcome_word(job->outcome));
		break;
	}
	tb_lit(&tb, "  ");
	when_clock(&tb, view->ctx, view->ctx->wall_ms - ago / NS_PER_MS);
	page_words(page, 0, tb_end(&tb), outcome_role(job));
}

/* "intent recorded → sent → accepted → reading back 3s" */
static void
put_steps(struct page *page, const struct plan_view *view)
{
	const struct job_view *job = view->job;
	struct text_buf tb;

	tb_init(&tb);
	switch (job->state) {
	case JOB_WAITING:
		tb_lit(&tb, "waiting for its turn ");
		break;
	case JOB_RECORDING:
		tb_lit(&tb, "recording the intent ");
		break;
	case JOB_SENDING:
		tb_lit(&tb, "intent recorded → sending ");
		break;
	case JOB_VERIFYING:
		tb_lit(
		    &tb, "intent recorded → sent → accepted → reading back ");
		break;
	case JOB_DOUBT:
		tb_lit(&tb, "IN DOUBT: sent, no answer. Read back at 1, 3, 10, "
			    "30, 60, 120 s. Do not repeat it.  ");
		break;
	case JOB_ENDING:
		tb_lit(&tb, "settled → recording the outcome ");
		break;
	default:
		tb_fmt(&tb, "%s ", job_state_word(job->state));
		break;
	}
	put_age(&tb, view->ctx->now - job->since);
	page_words(page, 0, tb_end(&tb), outcome_role(job));
}

static enum role
target_role(struct text state)
{
	if (text_eq(state, text_lit(target_state_words(TARGET_DONE))))
		return ROLE_OK;
	if (text_eq(state, text_lit(target_state_words(TARGET_UNCHANGED))))
		return ROLE_WARN;
	return ROLE_TEXT;
}

/* One row for each of several targets, unless all that is said is "done". */
static void
put_targets(struct page *page, const struct plan_view *view)
{
	const struct table *table = view->targets;

	if (view->job->outcome == OUTCOME_DONE ||
	    view->job->plan->request->is.target_count < 2)
		return;
	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		const struct table_cell *cells = table->rows[i].cells;
		struct text_buf tb;

		if (cells[0].num != (double)view->job->job)
			continue;
		tb_init(&tb);
		tb_text(&tb, cells[1].text);
		tb_pad(&tb, 20);
		tb_lit(&tb, " ");
		tb_text(&tb, cells[2].text);
		if (cells[3].text.len > 0) {
			tb_lit(&tb, "  ");
			tb_text(&tb, cells[3].text);
		}
		page_row(page, 1, tb_end(&tb), target_role(cells[2].text));
	}
}

/* What it asks for, or how far it is: in sight at any size. */
static void
put_foot(struct page *page, const struct plan_view *view)
{
	const struct job_view *job = view->job;
	struct text_buf tb;

	tb_init(&tb);
	if (job->outcome != OUTCOME_NONE || job->state >= JOB_WAITING) {
		if (job->outcome != OUTCOME_NONE)
			put_outcome(page, view);
		else
			put_steps(page, view);
		tb_fmt(&tb, "%s", job->words);
		if (tb.width > 0)
			page_words(page, 0, tb_end(&tb),
			    outcome_role(job) == ROLE_OK ? ROLE_TEXT
							 : outcome_role(job));
		put_targets(page, view);
		if (view->check.len > 0)
			page_words(page, 0, view->check, ROLE_TEXT);
	} else if (job->plan->nothing) {
		page_words(
		    page, 0, TEXT("nothing to do: it is so already"), ROLE_OK);
	} else {
		tb_fmt(&tb, "%s, wants %s", action_class_word(job->plan->class),
		    action_class_asks(job->plan->class));
		put_text(page, "class", tb_end(&tb),
		    job->plan->class >= ACTION_DESTRUCTIVE  ? ROLE_CRIT
		    : job->plan->class == ACTION_DISRUPTIVE ? ROLE_WARN
							    : ROLE_TEXT);
	}
	tb_init(&tb);
	tb_fmt(&tb, "%s", view->words[0] != '\0' ? view->words : view->blocked);
	if (tb.width > 0)
		page_words(page, 0, tb_end(&tb), ROLE_WARN);
}

/* There is no plan: it is being read, or could not be. */
static int
draw_planless(
    const struct plan_view *view, struct canvas *canvas, struct rect area)
{
	const struct job_view *job = view->job;
	struct page page = { .canvas = canvas, .area = area };
	struct text_buf tb;

	tb_init(&tb);
	if (job->outcome == OUTCOME_NONE) {
		tb_fmt(&tb, "reading %s… ", view->about);
		tb_duration(&tb, view->ctx->now - job->since);
		page_words(&page, 0, tb_end(&tb), ROLE_TEXT);
		return page.y;
	}
	tb_fmt(&tb, "NO PLAN, nothing was sent: %s", job->words);
	page_words(&page, 0, tb_end(&tb), outcome_role(job));
	return page.y;
}

/* All of it, with a gap before the foot. */
static int
rows_of_all(const struct plan_view *view, int width)
{
	struct pinned all = { view->job->plan->line_count, false };
	struct page page = { .area = { 0, 0, 1000, width } };

	put_head(&page, view->job->plan, all);
	put_rest(&page, view, all);
	page_gap(&page);
	put_foot(&page, view);
	return page.y;
}

int
plan_view_rows(const struct plan_view *view, int width)
{
	if (view->job->plan == NULL)
		return draw_planless(
		    view, NULL, (struct rect) { 0, 0, 1000, width });
	return rows_of_all(view, width);
}

/* How much there is above and below what is seen. */
static void
draw_more(struct canvas *canvas, struct rect area, int above, int below)
{
	struct text_buf tb;

	if (area.h < 1)
		return;
	tb_init(&tb);
	tb_fmt(&tb, " ↑%d", above);
	if (above > 0)
		canvas_text_right(canvas, area, area.y, area.x, area.w,
		    tb_end(&tb), ROLE_KEY, 0);
	tb_init(&tb);
	tb_fmt(&tb, " ↓%d", below);
	if (below > 0)
		canvas_text_right(canvas, area, area.y + area.h - 1, area.x,
		    area.w, tb_end(&tb), ROLE_KEY, 0);
}

int
plan_view_draw(const struct plan_view *view, struct canvas *canvas,
    struct rect area, int *ret_page)
{
	struct page head = { .canvas = canvas, .area = area };
	struct page foot = { .area = area }, rest = { .area = area };
	struct pinned pinned;
	int rows;

	*ret_page = area.h;
	if (view->job->plan == NULL)
		return draw_planless(view, canvas, area);
	pinned = pinned_of(view->job, area.h);
	if (rows_of_all(view, area.w) <= area.h)
		pinned = (struct pinned) { view->job->plan->line_count, false };
	put_foot(&foot, view);
	if (foot.y > area.h - 2)
		foot.y = area.h > 3 ? area.h - 2 : 1;
	head.area.h = area.h - foot.y;
	put_head(&head, view->job->plan, pinned);
	if (head.y > head.area.h)
		head.y = head.area.h;
	rest.area.y += head.y;
	rest.area.h -= head.y + foot.y;
	put_rest(&rest, view, pinned);
	rows = rest.y;
	*ret_page = rest.area.h;
	rest.y = 0;
	rest.canvas = canvas;
	rest.skip = view->scroll < rows - rest.area.h ? view->scroll
						      : rows - rest.area.h;
	if (rest.skip < 0)
		rest.skip = 0;
	put_rest(&rest, view, pinned);
	draw_more(canvas, rest.area, rest.skip, rows - rest.skip - rest.area.h);
	foot.canvas = canvas;
	foot.area.y = area.y + area.h - foot.y;
	foot.area.h = foot.y;
	foot.y = 0;
	put_foot(&foot, view);
	return rows;
}
