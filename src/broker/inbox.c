#include "broker/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
slots_add(struct slots *s, unsigned slot)
{
	s->bits[slot / 64] |= UINT64_C(1) << slot % 64;
}

bool
slots_has(const struct slots *s, unsigned slot)
{
	return (s->bits[slot / 64] >> slot % 64 & 1) != 0;
}

/* Leave those that are in both. */
static void
slots_cut(struct slots *s, const struct slots *other)
{
	for (size_t i = 0; i < sizeof(s->bits) / sizeof(s->bits[0]); i++)
		s->bits[i] &= other->bits[i];
}

bool
slots_eq(const struct slots *a, const struct slots *b)
{
	return memcmp(a->bits, b->bits, sizeof(a->bits)) == 0;
}

void
inbox_init(struct inbox *in)
{
	*in = (struct inbox){ 0 };
	frame_init_link(&in->frame);
}

void
inbox_fini(struct inbox *in)
{
	for (size_t i = 0; i < in->npiece; i++)
		free(in->piece[i].p);
	free(in->piece);
	free(in->run);
	free(in->p);
	inbox_init(in);
}

uint64_t
inbox_missing(const struct inbox *in)
{
	return in->npiece == 0 ? 0 : in->piece[0].at - in->next;
}

uint64_t
inbox_room(const struct inbox *in)
{
	return in->taken + INBOX_MAX - in->next;
}

/* Note who else was sent the bytes up to `next`. If there are too many runs,
 * two of them become one, for the members of both. */
static void
add_run(struct inbox *in, const struct slots *also)
{
	struct inbox_run *last;

	last = in->nrun > 0 ? &in->run[in->nrun - 1] : NULL;
	if (last != NULL &&
	    (slots_eq(&last->also, also) || in->nrun == INBOX_RUNS)) {
		slots_cut(&last->also, also);
		last->end = in->next;
		return;
	}
	if (in->nrun == in->caprun)
		in->run = mem_grow(in->run, &in->caprun, 4, sizeof(*in->run));
	in->run[in->nrun++] = (struct inbox_run){ in->next, *also };
}

/* Append bytes that are next. */
static void
append(struct inbox *in, struct span s, const struct slots *also)
{
	if (s.n == 0)
		return;
	if (in->begin > 0 && in->begin + in->n + s.n > in->cap) {
		memmove(in->p, in->p + in->begin, in->n);
		in->begin = 0;
	}
	if (in->n + s.n > in->cap) {
		in->cap = (in->n + s.n) * 2;
		in->p = mem_realloc(in->p, in->cap);
	}
	memcpy(in->p + in->begin + in->n, s.p, s.n);
	in->n += s.n;
	in->next += s.n;
	add_run(in, also);
}

/* Append the part of a piece that is next. Return false if its first byte comes
 * later. */
static bool
join(struct inbox *in, uint64_t at, struct span s, const struct slots *also)
{
	if (at > in->next)
		return false;
	append(in, span_tail(s, (size_t)(in->next - at)), also);
	return true;
}

/* Append the pieces that were waiting for what has come. */
static void
join_pieces(struct inbox *in)
{
	size_t n = 0;

	while (n < in->npiece && join(in, in->piece[n].at,
				     span_make(in->piece[n].p, in->piece[n].n),
				     &in->piece[n].also))
		free(in->piece[n++].p);
	if (n == 0)
		return;
	in->npiece -= n;
	memmove(in->piece, in->piece + n, in->npiece * sizeof(*in->piece));
}

/* Keep a piece that came too early. */
static void
keep(struct inbox *in, uint64_t at, struct span s, const struct slots *also)
{
	size_t i = in->npiece;

	if (in->npiece == INBOX_PIECES)
		return;
	while (i > 0 && in->piece[i - 1].at > at)
		i--;
	if (i > 0 && in->piece[i - 1].at + in->piece[i - 1].n >= at + s.n)
		return; /* it is here */
	if (in->npiece == in->cappiece)
		in->piece =
		    mem_grow(in->piece, &in->cappiece, 4, sizeof(*in->piece));
	memmove(in->piece + i + 1, in->piece + i,
	    (in->npiece - i) * sizeof(*in->piece));
	in->piece[i] = (struct inbox_piece){
		.at = at, .n = s.n, .p = mem_alloc(s.n), .also = *also
	};
	memcpy(in->piece[i].p, s.p, s.n);
	in->npiece++;
}

void
inbox_add(struct inbox *in, uint64_t at, struct span s,
    const struct slots *also)
{
	uint64_t limit = in->taken + INBOX_MAX;

	if (s.n == 0 || at > limit || s.n > limit - at)
		return;
	if (at + s.n <= in->next)
		return;
	if (join(in, at, s, also))
		join_pieces(in);
	else
		keep(in, at, s, also);
}

/* Return the members that all bytes up to a place were sent to, and drop the
 * runs that are over. */
static void
take_runs(struct inbox *in, uint64_t to, struct slots *also)
{
	size_t n = 0;

	memset(also->bits, 0xff, sizeof(also->bits));
	for (size_t i = 0; i < in->nrun; i++) {
		slots_cut(also, &in->run[i].also);
		if (in->run[i].end <= to)
			n = i + 1;
		if (in->run[i].end >= to)
			break;
	}
	in->nrun -= n;
	memmove(in->run, in->run + n, in->nrun * sizeof(*in->run));
}

enum frame_result
inbox_line(struct inbox *in, struct span *line, struct slots *also)
{
	enum frame_result r;
	struct span win;
	size_t used;

	if (in->n == 0)
		return FRAME_MORE;
	win = span_make(in->p + in->begin, in->n);
	r = frame_next(&in->frame, &win, line);
	used = in->n - win.n;
	if (used == 0)
		return r;
	in->begin += used;
	in->n -= used;
	in->taken += used;
	take_runs(in, in->taken, also);
	return r;
}
