/*
 * A session is marked with the batch that is open for it, and kept in a list
 * for the end of the batch. Most steps have no batch, and most sessions get
 * none of its lines.
 */
#include "core/sessions/batch.h"

#include "core/sessions/line.h"
#include "core/sessions/source.h"

void
batch_line(struct step *st, struct writer *w, const char *verb)
{
	body_begin(st, w, st->core->settings->name);
	writer_str(w, verb);
}

struct span
batch_ref_text(struct step *st, uint64_t ref)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 32);
	writer_hex(&w, span_make(&ref, sizeof(ref)));
	return writer_done(&w);
}

static struct span
new_ref(struct step *st)
{
	return batch_ref_text(st, rng_u64(&st->core->rng));
}

void
batch_begin(struct step *st, struct span type)
{
	st->batch = (struct step_batch){
		.ref = new_ref(st), .type = type, .mark = ++st->core->mark
	};
}

void
batch_open(struct step *st, struct session *s)
{
	struct step_batch *b = &st->batch;
	struct writer w;

	if (s->batch_mark == b->mark)
		return;
	s->batch_mark = b->mark;
	if (b->n == b->cap)
		b->opened = arena_grow(st->arena, b->opened, &b->cap, 16,
		    sizeof(*b->opened));
	b->opened[b->n++] = s;
	batch_line(st, &w, "BATCH +");
	writer_span(&w, b->ref);
	writer_char(&w, ' ');
	writer_span(&w, b->type);
	writer_str(&w, "\r\n");
	effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id, 1);
}

void
batch_end(struct step *st)
{
	struct step_batch *b = &st->batch;
	struct writer w;

	batch_line(st, &w, "BATCH -");
	writer_span(&w, b->ref);
	writer_str(&w, "\r\n");
	for (size_t i = 0; i < b->n; i++)
		effects_send(st->fx, rcbuf_new(writer_done(&w)),
		    &b->opened[i]->conn->id, 1);
	*b = (struct step_batch){ 0 };
}
