/*
 * This file ends facts: void facts are dropped at once, and dropped objects are
 * freed at the end of the step.
 */
#include "core/facts/facts_write.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "core/facts/founding.h"
#include "core/facts/walk.h"

/* A mutation drops void masks, which do not belong to their maker
 * (link-protocol.md, 11). */
static void
drop_void_masks(struct facts *f)
{
	struct mask *x;

	for (size_t k = 0; (x = map_next(&f->masks, &k)) != NULL;)
		if (facts_is_void(f, x->dot.o))
			facts_drop_mask(f, x);
}

static bool
is_of(struct origin o, struct sid sid)
{
	return sid_is_none(sid) || sid_cmp(o.sid, sid) == 0;
}

void
facts_void(struct facts *f, struct sid sid)
{
	struct user *u;
	struct member *m;
	struct chan *c;
	struct founding *g;
	struct invite *i, *next;

	if (core_mutated(f, NO_VOID))
		return;
	for (size_t k = 0; (u = map_next(&f->users, &k)) != NULL;)
		if (is_of(u->dot.o, sid) && facts_is_void_of(f, u, u->dot.o))
			facts_drop_user(f, u);
	for (size_t k = 0; (m = map_next(&f->members, &k)) != NULL;)
		if (is_of(m->dot.o, sid) &&
		    facts_is_void_of(f, m->user, m->dot.o))
			facts_drop_member(f, m);
	for (size_t k = 0; (c = map_next(&f->chans, &k)) != NULL;)
		for (g = founding_first(c); g != NULL; g = founding_next(g))
			TAILQ_FOREACH_SAFE(i, &g->invites, link, next)
				if (facts_is_void_of(f, i->user, i->dot.o) &&
				    !core_mutated(f, VOID_KEEPS_INVITES))
					facts_drop_invite(f, i);
	if (core_mutated(f, VOID_MASKS))
		drop_void_masks(f);
}

static void
reap_member(struct facts *f, struct member *m)
{
	TAILQ_REMOVE(&m->user->left, m, user_link);
	free(m->stat);
	pool_give(m->user->home != NULL ? &f->homed_member_pool
					: &f->member_pool,
	    m);
}

static void
reap_user(struct facts *f, struct user *u)
{
	invariant(LIST_EMPTY(&u->sessions) && u->by_chan == NULL);
	regs_fini(&u->regs);
	free(u->ident);
	if (u->home != NULL)
		rcbuf_unref(u->home->gate);
	free(u->home);
	rcbuf_unref(u->nick);
	rcbuf_unref(u->away);
	pool_give(&f->user_pool, u);
}

static void
reap_masks(struct facts *f, struct chan *c)
{
	struct mask *m;

	while ((m = c->changed) != NULL) {
		c->changed = m->changed;
		m->marked = false;
		if (!m->gone)
			continue;
		rcbuf_unref(m->text);
		pool_give(&f->mask_pool, m);
	}
}

static void
reap_nick(struct facts *f, struct nick *n)
{
	map_del(&f->nicks, rcbuf_span(n->fold));
	rcbuf_unref(n->fold);
	pool_give(&f->nick_pool, n);
}

static void
reap_chan(struct facts *f, struct chan *c)
{
	walk_forget(f, c);
	map_del(&f->chans, rcbuf_span(c->fold));
	rcbuf_unref(c->fold);
	rcbuf_unref(c->name);
	for (unsigned i = 0; i < c->nvalue; i++)
		rcbuf_unref(c->value[i].text);
	free(c->value);
	rcbuf_unref(c->topic);
	free(c->local);
	for (uint32_t i = 0; i < c->nserver; i++)
		free(c->server[i].with);
	free(c->server);
	pool_give(&f->chan_pool, c);
}

void
facts_reap(struct facts *f)
{
	struct member *m;
	struct founding *g;
	struct user *u;
	struct nick *n;
	struct chan *c;

	while ((m = STAILQ_FIRST(&f->dirty_members)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_members, dirty_link);
		m->dirty = false;
		if (m->gone)
			reap_member(f, m);
	}
	while ((g = STAILQ_FIRST(&f->dead_foundings)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dead_foundings, reaped);
		regs_fini(&g->regs);
		rcbuf_unref(g->name);
		pool_give(&f->founding_pool, g);
	}
	while ((n = STAILQ_FIRST(&f->dirty_nicks)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_nicks, dirty_link);
		n->dirty = false;
		if (n->nclaims == 0)
			reap_nick(f, n);
	}
	while ((c = STAILQ_FIRST(&f->dirty_chans)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_chans, dirty_link);
		c->dirty = false;
		c->dirty_what = 0;
		reap_masks(f, c);
		if (c->nmembers == 0 && RB_EMPTY(&c->foundings))
			reap_chan(f, c);
	}
	while ((u = STAILQ_FIRST(&f->dirty_users)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_users, dirty_link);
		u->dirty = false;
		if (u->gone)
			reap_user(f, u);
	}
}
