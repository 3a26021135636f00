/*
 * A session is marked with the batch that is open for it, and its connection is
 * kept in a list for the end of the batch. Most steps have no batch, and most
 * sessions get none of its lines.
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

/* Send one line about the batch to all of these connections, which lie in the
 * step's arena. */
static void
send_line(struct step *st, const char *verb, const struct conn_id *to, size_t n)
{
	const struct step_batch *b = &st->batch;
	struct writer w;

	if (n == 0)
		return;
	batch_line(st, &w, verb);
	writer_span(&w, b->ref);
	if (verb[sizeof("BATCH ") - 1] == '+') {
		writer_char(&w, ' ');
		writer_span(&w, b->type);
	}
	writer_str(&w, "\r\n");
	effects_send_shared(st->fx, rcbuf_new(writer_done(&w)), to, n);
}

static bool
needs_open(const struct step *st, const struct session *s)
{
	return (s->caps & CAPB(BATCH)) && s->batch_mark != st->batch.mark;
}

void
batch_open_all(struct step *st, struct session *const *s, size_t n)
{
	struct step_batch *b = &st->batch;
	size_t opened = b->n;

	for (size_t i = 0; i < n; i++) {
		if (!needs_open(st, s[i]))
			continue;
		s[i]->batch_mark = b->mark;
		if (b->n == b->cap)
			b->opened = arena_grow(st->arena, b->opened, &b->cap,
			    16, sizeof(*b->opened));
		b->opened[b->n++] = s[i]->conn->id;
	}
	if (b->n > opened)
		send_line(st, "BATCH +", &b->opened[opened], b->n - opened);
}

void
batch_open(struct step *st, struct session *s)
{
	batch_open_all(st, &s, 1);
}

void
batch_end(struct step *st)
{
	send_line(st, "BATCH -", st->batch.opened, st->batch.n);
	st->batch = (struct step_batch){ 0 };
}

static void
send_inner(struct step *st, struct session *s, const char *verb,
    const char *type)
{
	struct span ref = st->inner;
	struct writer w;

	batch_line(st, &w, verb);
	writer_span(&w, ref);
	writer_str(&w, type);
	st->inner = SPAN_NONE;
	line_send(st, s, &(struct line){ .body = writer_done(&w) });
	st->inner = ref;
}

void
batch_inner_begin(struct step *st, struct session *s, const char *type)
{
	char text[64];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_char(&w, ' ');
	writer_str(&w, type);
	writer_char(&w, '\0');
	st->inner = new_ref(st);
	send_inner(st, s, "BATCH +", text);
}

void
batch_inner_end(struct step *st, struct session *s)
{
	send_inner(st, s, "BATCH -", "");
	st->inner = SPAN_NONE;
}
