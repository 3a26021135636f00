/*
 * READY, FORGET: which runs of a server count (doc/link-protocol.md, part 11,
 * "void").
 *
 * Both are registers by sid: the greater incarnation wins. They make users,
 * claims, memberships and invitations of older runs void, also those that come
 * later. Channels and lists stay, as they do not belong to a server.
 *
 * FORGET also says that nothing of these runs will come any more, so they leave
 * the vectors (link/forgetting/forget.h). The links use what it says about how
 * much there was of each run.
 */
#include "core/facts/facts_write.h"
#include "core/types/mutate.h"
#include "core/part/merge.h"

void
merge_ready(struct merge *m, const struct part_ready *p)
{
	struct server *s;

	/* A server says of itself alone that it is READY (link-protocol.md,
	 * 11.22): otherwise any server could end the users of another. */
	if (sid_cmp(m->dot.o.sid, p->sid) != 0 || m->dot.o.inc != p->inc)
		return;
	s = facts_server(m->facts, p->sid);
	if (p->inc <= s->ready)
		return;
	s->ready = (uint32_t)p->inc;
	s->ready_dot = m->dot;
	s->ready_stamp = m->stamp;
	rcbuf_unref(s->name);
	rcbuf_unref(s->description);
	/* a name that is none: as before any READY */
	s->name = rcbuf_new(p->name.n > 0 ? p->name : sid_span(&p->sid));
	s->description = rcbuf_new(p->description.s);
	m->hint->text = SPAN("Server has restarted");
	facts_void(m->facts, p->sid, m->hint->text);
}

/* Two servers may forget the same run at the same time: the earlier part
 * counts.
 */
static bool
is_better(const struct server *s, const struct merge *m, uint64_t inc)
{
	if (core_mutated(m->facts, FORGET_LAST))
		return inc >= s->forget;
	if (inc != s->forget || inc == 0)
		return inc > s->forget && inc <= UINT32_MAX;
	if (m->stamp.ms != s->forget_stamp.ms)
		return m->stamp.ms < s->forget_stamp.ms;
	return dot_cmp(m->dot, s->forget_dot) < 0;
}

void
merge_forget(struct merge *m, const struct part_forget *p)
{
	struct server *s = facts_server(m->facts, p->sid);

	if (!is_better(s, m, p->inc))
		return;
	s->forget = (uint32_t)p->inc;
	s->forget_dot = m->dot;
	s->forget_stamp = m->stamp;
	rcbuf_unref(s->forget_had);
	s->forget_had = p->had.present ? rcbuf_new(p->had.s) : NULL;
	m->facts->forget_count++;
	facts_void(m->facts, p->sid, SPAN_NONE);
}
