/*
 * A view is five bits: time tag, message tags, the alternative body, batch tag,
 * several lines as a batch of their own; and a bit for each way to read.
 *
 * In such a batch only its first line has the time and the tags of the message
 * (ircv3 multiline, "Examples"). Without it the first line has them, and the
 * others have the time and the tags that mark the sender ("Fallback"). A blank
 * line that is joined adds nothing to the message, and may not be sent ("Batch
 * types"), so it is left out. So is a line that is blank as a reader reads it.
 */
#include "core/sessions/line.h"

#include "base/invariant.h"
#include "core/sessions/batch.h"
#include "core/sessions/listing.h"
#include "core/sessions/reading.h"
#include "core/sessions/response.h"
#include "core/types/cost.h"
#include "wire/isotime.h"
#include "wire/utf8.h"

#define BESIDE_BODY 40	/* bytes: CR LF, and the time, the most usual tag */
#define BESIDE_LINE 128 /* CR LF, references of batches, time, joined */

/* ---- rendering --------------------------------------------------------- */

static void
write_tag(struct writer *w, bool *any, struct span text)
{
	if (text.n == 0)
		return;
	writer_char(w, *any ? ';' : '@');
	writer_span(w, text);
	*any = true;
}

/* Return the body as it is read in the view. */
static struct span
body_read(const struct step *st, struct span body, const struct line *l,
    unsigned view)
{
	body = utf8_cut(body, LINE_BODY_MAX);
	if (l->text == 0 || view < VIEW_READING)
		return body;
	return reading_body(st, body, l->text, view / VIEW_READING);
}

static void
write_one(struct writer *to, const struct step *st, const struct line *l,
    unsigned view)
{
	struct writer w = *to;
	bool any = false;

	if (st->inner.n > 0) {
		write_tag(&w, &any, SPAN("batch="));
		writer_span(&w, st->inner);
	} else if (view & VIEW_BATCH) {
		write_tag(&w, &any, SPAN("batch="));
		writer_span(&w, st->batch.ref);
	}
	if (view & VIEW_TIME) {
		write_tag(&w, &any, SPAN("time="));
		isotime_build(&w, step_time(st));
	}
	if (view & VIEW_TAGS) {
		if (l->msgid.n > 0) {
			write_tag(&w, &any, SPAN("msgid="));
			writer_span(&w, l->msgid);
		}
		write_tag(&w, &any, l->tags);
	}
	if (any)
		writer_char(&w, ' ');
	writer_span(&w,
	    body_read(st, view & VIEW_ALT ? l->alt : l->body, l, view));
	writer_str(&w, "\r\n");
	*to = w;
}

static void
write_batch(struct writer *w, const struct step *st, const struct line *l,
    unsigned view)
{
	const struct line_batch *b = l->batch;
	struct line x = { .body = b->open, .tags = l->tags, .msgid = l->msgid };
	struct span body;

	write_one(w, st, &x, view);
	for (size_t i = 0; i < b->n; i++) {
		body = body_read(st, b->line[i].body, l, view);
		if (b->line[i].joined && body.n == l->text)
			continue;
		writer_str(w, "@batch=");
		writer_span(w, b->ref);
		if (b->line[i].joined)
			writer_str(w, ";draft/multiline-concat");
		writer_char(w, ' ');
		writer_span(w, body);
		writer_str(w, "\r\n");
	}
	x = (struct line){ .body = b->close };
	write_one(w, st, &x, view & VIEW_BATCH);
}

static void
write_each(struct writer *w, const struct step *st, const struct line *l,
    unsigned view)
{
	const struct line_batch *b = l->batch;
	struct line x = { .tags = l->tags, .msgid = l->msgid };
	size_t from = w->n;

	for (size_t i = 0; i < b->n; i++) {
		x.body = body_read(st, b->line[i].body, l, view);
		if (x.body.n == l->text && (w->n > from || i + 1 < b->n))
			continue;
		write_one(w, st, &x, view);
		x.tags = b->tags;
		x.msgid = SPAN_NONE;
	}
}

void
line_write(struct writer *w, const struct step *st, const struct line *l,
    unsigned view)
{
	if (l->batch == NULL)
		write_one(w, st, l, view);
	else if (view & VIEW_LINES)
		write_batch(w, st, l, view);
	else
		write_each(w, st, l, view);
}

void
line_writer(struct writer *w, const struct step *st, const struct line *l,
    char *buf)
{
	const struct line_batch *b = l->batch;

	if (b == NULL)
		writer_init(w, buf, LINE_RENDER_MAX);
	else
		writer_init_arena(w, st->arena,
		    LINE_RENDER_MAX +
			(b->n + 1) * (LINE_BODY_MAX + BESIDE_LINE + b->tags.n));
}

static struct rcbuf *
render(const struct step *st, const struct line *l, unsigned view)
{
	char buf[LINE_RENDER_MAX];
	struct writer w;

	line_writer(&w, st, l, buf);
	if (core_mutated(st->facts, LINES_LARGE))
		(void)arena_alloc(st->arena, 64 * 1024);
	line_write(&w, st, l, view);
	return rcbuf_new(writer_done(&w));
}

/* ---- sending ----------------------------------------------------------- */

/* Bytes of so many lines, to one session. */
static void
spend(struct step *st, size_t lines, size_t bytes)
{
	st->bytes += bytes;
	step_spend(st, lines * COST_LINE + bytes);
}

void
line_send(struct step *st, struct session *s, const struct line *l)
{
	struct rcbuf *buf;
	unsigned view;
	size_t before;

	if (s->conn == NULL)
		return;
	view = line_view(st, l, s);
	if (line_is_response(st, s) && !l->apart) {
		buf = render(st, l, view & ~(unsigned)VIEW_BATCH);
		spend(st, 1, buf->n);
		response_add(s->response, buf);
		return;
	}
	if (view & VIEW_BATCH)
		batch_open(st, s);
	if (st->gathers == s) {
		before = st->gathered.n;
		line_write(&st->gathered, st, l, view);
		spend(st, 1, st->gathered.n - before);
		return;
	}
	buf = render(st, l, view);
	spend(st, 1, buf->n);
	effects_send(st->fx, buf, &s->conn->id, 1);
}

void
lines_begin(struct step *st, struct session *s)
{
	invariant(st->gathers == NULL);
	st->gathers = s;
	writer_init_arena(&st->gathered, st->arena, UINT32_MAX);
}

void
lines_end(struct step *st)
{
	struct session *s = st->gathers;
	struct span lines = writer_done(&st->gathered);

	invariant(s != NULL && !st->gathered.over);
	st->gathers = NULL;
	if (lines.n > 0)
		effects_send(st->fx, rcbuf_new(lines), &s->conn->id, 1);
}

void
lines_send(struct step *st, struct session *s, const struct line *l, size_t n)
{
	struct writer w;
	size_t room = 0;

	if (s->conn == NULL || n == 0)
		return;
	if (line_is_response(st, s) || st->batch.ref.n > 0) {
		for (size_t i = 0; i < n; i++)
			line_send(st, s, &l[i]);
		return;
	}
	for (size_t i = 0; i < n; i++)
		room += span_head(l[i].body, LINE_BODY_MAX).n + BESIDE_BODY;
	writer_init_room(&w, st->arena, room, n * LINE_RENDER_MAX);
	for (size_t i = 0; i < n; i++)
		line_write(&w, st, &l[i], line_view(st, &l[i], s));
	spend(st, n, writer_done(&w).n);
	effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id, 1);
}
