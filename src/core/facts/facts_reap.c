/*
 * This file ends facts: void facts are noted, and dropped objects are freed at
 * the end of the step.
 */
#include "core/facts/facts_write.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "core/facts/claim.h"
#include "core/facts/founding.h"
#include "core/facts/membership.h"
#include "core/facts/memory.h"
#include "core/facts/walk.h"

void
facts_void(struct facts *f, struct sid sid, struct span why)
{
	struct voids *v = &f->voids;

	if (core_mutated(f, NO_VOID))
		return;
	if (v->any && sid_cmp(v->sid, sid) != 0)
		sid = (struct sid){ "" };
	*v = (struct voids){ .any = true, .sid = sid, .why = why };
}

static void
reap_member(struct facts *f, struct member *m)
{
	if (user_left(m->user) != NULL) {
		m->user->more->left = NULL; /* all of them are reaped now */
		facts_less_of(f, m->user);
	}
	m->chan->njoined -= !m->apart;
	if (m->more != NULL) {
		pool_give(&f->move_pool, m->more->move);
		blocks_give(&f->blocks, m->more,
		    member_more_bytes(m->more->nstat));
	}
	pool_give(user_home_reg(m->user) != NULL ? &f->homed_member_pool
						 : &f->member_pool,
	    m);
}

#define DIRTY_KEPT 1024 /* places that a step leaves behind */

/* Forget all marks, and free their array if it has become large. */
static void
marks_end(struct marks *d)
{
	d->n = 0;
	if (d->cap <= DIRTY_KEPT)
		return;
	free(d->v);
	*d = (struct marks){ 0 };
}

static void
reap_members(struct facts *f)
{
	struct member *m;

	for (size_t i = 0; (m = facts_dirty_member_next(f, &i)) != NULL;) {
		m->dirty = false;
		if (m->gone)
			reap_member(f, m);
	}
	marks_end(&f->dirty_members);
}

static void
reap_more(struct facts *f, struct user *u)
{
	struct user_more *x = u->more;

	if (x == NULL)
		return;
	if (x->home != NULL)
		rcbuf_unref(x->home->gate);
	free(x->home);
	rcbuf_unref(x->former_spelled);
	rcbuf_unref(x->away);
	rcbuf_unref(x->realname);
	rcbuf_unref(x->user_host);
	blocks_give(&f->blocks, x, sizeof(*x));
}

static void
reap_user(struct facts *f, struct user *u)
{
	invariant(LIST_EMPTY(&u->sessions));
	memory_owner_gone(f->memories, u);
	membership_fini(u);
	regs_fini(&f->blocks, &u->regs, &f->shed);
	ident_free(&f->blocks, u->ident);
	reap_more(f, u);
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
	char buf[FACTS_FOLD_MAX];

	chains_del(&f->nicks, facts_fold(span_make(n->text, n->n), buf));
	claim_fini(f, n);
	blocks_give(&f->blocks, n, nick_bytes(n->n));
}

static void
reap_chan(struct facts *f, struct chan *c)
{
	walk_chan_gone(f, c);
	memory_owner_gone(f->memories, c);
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
	blocks_give(&f->blocks, c->server, c->capserver * sizeof(*c->server));
	pool_give(&f->chan_pool, c);
}

static void
reap_foundings(struct facts *f)
{
	struct marks *d = &f->dead_foundings;
	struct founding *g;

	for (size_t i = 0; i < d->n; i++) {
		g = d->v[i];
		regs_fini(&f->blocks, &g->regs, &f->shed);
		rcbuf_unref(g->name);
		free(g->lists);
		pool_give(&f->founding_pool, g);
	}
	marks_end(d);
}

static void
reap_nicks(struct facts *f)
{
	struct nick *n;

	for (size_t i = 0; (n = facts_dirty_nick_next(f, &i)) != NULL;) {
		n->dirty = false;
		if (!n->claimed)
			reap_nick(f, n);
	}
	marks_end(&f->dirty_nicks);
}

static void
reap_chans(struct facts *f)
{
	struct chan *c;

	for (size_t i = 0; (c = facts_dirty_chan_next(f, &i)) != NULL;) {
		c->dirty = false;
		c->dirty_what = 0;
		reap_masks(f, c);
		if (c->nmembers == 0 && founding_first(c) == NULL)
			reap_chan(f, c);
	}
	marks_end(&f->dirty_chans);
}

static void
reap_users(struct facts *f)
{
	struct user *u;

	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;) {
		u->dirty = false;
		if (u->gone)
			reap_user(f, u);
	}
	marks_end(&f->dirty_users);
}

void
facts_reap(struct facts *f)
{
	reap_members(f);
	reap_foundings(f);
	reap_nicks(f);
	reap_chans(f);
	reap_users(f);
}
