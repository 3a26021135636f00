#include "link/peers/differ.h"

#include <string.h>

/* Return the buffer, owned by the caller. */
static struct rcbuf *
join(struct span ours, struct span theirs)
{
	struct rcbuf *b = rcbuf_alloc(ours.n + 1 + theirs.n);

	if (ours.n > 0)
		memcpy(b->p, ours.p, ours.n);
	b->p[ours.n] = '\n';
	if (theirs.n > 0)
		memcpy(b->p + ours.n + 1, theirs.p, theirs.n);
	return b;
}

static bool
may_tell(struct differ *d, struct mono now)
{
	if (d->told == 0 || mono_cmp(d->until, now) <= 0) {
		d->until = mono_add_ms(now, DIFFER_MS);
		d->told = 0;
	}
	return d->told++ < DIFFER_MANY;
}

bool
differ_note(struct differ *d, struct span ours, struct span theirs,
    struct mono now)
{
	struct rcbuf *next = NULL;
	bool same;

	if (ours.n > 0 || theirs.n > 0)
		next = join(ours, theirs);
	same = next != NULL && d->known != NULL &&
	       span_eq(rcbuf_span(next), rcbuf_span(d->known));
	rcbuf_unref(d->known);
	d->known = next;
	return next != NULL && !same && may_tell(d, now);
}

void
differ_fini(struct differ *d)
{
	rcbuf_unref(d->known);
	d->known = NULL;
}
