/*
 * Lines under a label are held back until their number is known: a single line
 * gets the label, and several lines become a batch with the label. An open
 * batch takes the lines that come later, until the last listing of the batch
 * ends.
 */
#include "core/sessions/response.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/sessions/batch.h"
#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/types/cost.h"
#include "wire/tags.h"
#include "wire/utf8.h"

#define LABEL_MAX 64 /* labeled-response.md */

static void
begin(struct session *s, struct span label)
{
	s->response = mem_zalloc(sizeof(*s->response));
	if (label.n > 0)
		s->response->label = rcbuf_new(label);
}

bool
response_begin(struct session *s, struct span tags)
{
	struct span label;
	uint64_t need = CAPB(LABELED_RESPONSE) | CAPB(BATCH);

	if ((s->caps & need) != need || tags.n == 0 ||
	    !tags_find(tags, SPAN("label"), &label) || label.n == 0 ||
	    label.n > LABEL_MAX || !utf8_valid(label))
		return false;
	begin(s, label);
	return true;
}

void
response_collect(struct step *st, struct session *s)
{
	if (s != NULL && st->answering == s && s->response == NULL)
		begin(s, SPAN_NONE);
}

static void
response_clear(struct response *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		rcbuf_unref(r->line[i]);
	r->n = 0;
	r->bytes = 0;
}

void
response_free(struct response *r)
{
	if (r == NULL)
		return;
	response_clear(r);
	free(r->line);
	rcbuf_unref(r->label);
	free(r);
}

void
response_add(struct response *r, struct rcbuf *line)
{
	if (r->n == r->cap)
		r->line = mem_grow32(r->line, &r->cap, 4, sizeof(*r->line));
	r->bytes += line->n;
	r->line[r->n++] = line;
}

/* Send the line with one more tag in front. */
static void
send_tagged(struct step *st, const struct session *s, struct span key,
    struct span value, struct span line)
{
	struct writer w;

	writer_init_arena(&w, st->arena, line.n + key.n + value.n + 2);
	writer_char(&w, '@');
	writer_span(&w, key);
	writer_span(&w, value);
	if (line.n > 0 && line.p[0] == '@') {
		writer_char(&w, ';');
		writer_span(&w, span_tail(line, 1));
	} else {
		writer_char(&w, ' ');
		writer_span(&w, line);
	}
	effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id, 1);
}

static void
response_open(struct step *st, const struct session *s, struct response *r)
{
	struct writer w;

	if (r->open || r->label == NULL)
		return;
	r->open = true;
	r->batch = rng_u64(&st->core->rng);
	batch_line(st, &w, "BATCH +");
	writer_span(&w, batch_ref_text(st, r->batch));
	writer_str(&w, " labeled-response\r\n");
	send_tagged(st, s, SPAN("label="), rcbuf_span(r->label),
	    writer_done(&w));
}

/* Return the last line of a text, whose lines have their end. */
static struct span
last_line(struct span text)
{
	size_t at = text.n - 1;

	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	return span_tail(text, at);
}

/* Send a line of the response in its batch. A message of several lines is a
 * batch in that batch: its first line and its last one have the reference of
 * the outer batch, and the others have that of their own (batch.md, "Nested
 * batch"). */
static void
send_inside(struct step *st, const struct session *s, struct span ref,
    struct span text)
{
	struct span last = last_line(text);

	if (last.n < text.n)
		send_tagged(st, s, SPAN("batch="), ref,
		    span_head(text, text.n - last.n));
	send_tagged(st, s, SPAN("batch="), ref, last);
}

/* Send a line of the response, and take over the reference to it. */
static void
response_send(struct step *st, struct session *s, struct response *r,
    struct rcbuf *line)
{
	response_open(st, s, r);
	st->bytes += line->n;
	step_spend(st, COST_LINE);
	/* a line that is in a batch already lies in this one with it */
	if (!r->open || span_starts(rcbuf_span(line), SPAN("@batch="))) {
		effects_send(st->fx, line, &s->conn->id, 1);
		return;
	}
	send_inside(st, s, batch_ref_text(st, r->batch), rcbuf_span(line));
	rcbuf_unref(line);
}

void
response_flush(struct step *st, struct session *s, struct response *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		response_send(st, s, r, r->line[i]);
	r->n = 0;
	r->bytes = r->spent = 0;
}

void
response_close(struct step *st, struct session *s, struct response *r)
{
	struct writer w;

	if (st != NULL && r->open) {
		batch_line(st, &w, "BATCH -");
		writer_span(&w, batch_ref_text(st, r->batch));
		writer_str(&w, "\r\n");
		effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id,
		    1);
	}
	response_free(r);
}

/* Send lines of a response that waits; listing->at is the first not sent. */
static bool
response_piece(struct step *st, struct session *s, struct listing *l)
{
	struct response *r = l->response;

	while (l->at < r->n && listing_has_room(st)) {
		response_send(st, s, r, r->line[l->at]);
		r->line[l->at++] = NULL;
	}
	if (l->at < r->n)
		return false;
	r->n = 0;
	return true;
}

/* Put the label on the only line of the response, or on an ACK if there is no
 * line. */
static void
response_short(struct step *st, struct session *s, struct response *r)
{
	struct span label = rcbuf_span(r->label);
	struct writer w;

	if (r->n == 0) {
		batch_line(st, &w, "ACK\r\n");
		send_tagged(st, s, SPAN("label="), label, writer_done(&w));
	} else
		send_tagged(st, s, SPAN("label="), label,
		    rcbuf_span(r->line[0]));
	response_free(r);
}

/* Lines that tell of changes cannot wait: other changes are shown between the
 * slices of the entry, and their lines would overtake these. */
void
response_wait(struct step *st, struct session *s)
{
	struct response *r = s->response;

	if (r->told && !core_mutated(st->facts, CHANGES_KEPT))
		response_flush(st, s, r);
	if (r->waits)
		return;
	r->waits = true;
	r->holds++;
}

/* The collected lines leave at once, or, if they are long, as the client reads
 * them. Lines that tell of changes always leave at once: later lines that
 * others cause would overtake them. */
void
response_end(struct step *st, struct session *s, struct response *r)
{
	if (r == NULL)
		return;
	if (r->waits)
		r->holds--;
	r->waits = false;
	if (r->holds > 0) {
		response_flush(st, s, r);
	} else if (r->open) {
		response_flush(st, s, r);
		response_close(st, s, r);
	} else if (r->label != NULL && r->n <= 1) {
		response_short(st, s, r);
	} else if (listing_spend(st, s,
		       r->bytes > r->spent ? r->bytes - r->spent : 0) ||
		   r->told) {
		response_flush(st, s, r);
		response_close(st, s, r);
	} else
		listing_start(st, s,
		    &(struct listing){ .piece = response_piece,
			.response = r,
			.collected = true });
}
