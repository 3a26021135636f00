/*
 * READY, FORGET: which runs of a server count: void, in part 11 of
 * doc/link-protocol.md.
 *
 * Both are registers by sid: the greater incarnation wins. They void users,
 * claims, memberships and invitations of older runs, also when those come
 * later. Channels and lists stay: they are not the server's.
 */
#include "core/facts_write.h"
#include "core/part/merge.h"

void
merge_ready(struct merge *m, const struct part_ready *p)
{
	struct server *s = facts_server(m->facts, p->sid);

	if (p->inc <= s->ready || p->inc > UINT32_MAX)
		return;
	s->ready = (uint32_t)p->inc;
	s->ready_dot = m->dot;
	s->ready_stamp = m->stamp;
	rcbuf_unref(s->name);
	rcbuf_unref(s->description);
	s->name = rcbuf_new(p->name);
	s->description = rcbuf_new(p->description.s);
	m->hint->text = SPAN("Server has restarted");
	facts_void(m->facts, p->sid);
}

void
merge_forget(struct merge *m, const struct part_forget *p)
{
	struct server *s = facts_server(m->facts, p->sid);

	if (p->inc <= s->forget || p->inc > UINT32_MAX)
		return;
	s->forget = (uint32_t)p->inc;
	s->forget_dot = m->dot;
	s->forget_stamp = m->stamp;
	facts_void(m->facts, p->sid);
}
