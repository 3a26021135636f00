/*
 * An entry changes the facts by its merges, part after part; then clients are
 * shown the difference, and receive its messages.
 */
#include "core/apply.h"

#include "core/client.h"
#include "core/chan_cleanup.h"
#include "core/deliver.h"
#include "core/overlay.h"
#include "core/registration.h"
#include "core/sessions/wait.h"
#include "core/settle.h"
#include "core/state.h"
#include "core/types/cost.h"
#include "core/voiding.h"

/* Spend the cost of an entry. Lines to clients cost in addition. */
static void
spend_entry(struct step *st, const struct entry *e)
{
	step_spend(st,
	    COST_ENTRY + e->nparts * (size_t)COST_PART + entry_size(e) / 4);
}

/* Return true if an entry that adds a user gives the user a home that moves: a
 * HOME comes after the USER. */
static bool
gives_home(const struct part *part, size_t n, struct uid uid)
{
	for (size_t i = 0; i < n; i++)
		if (part[i].id == PART_HOME &&
		    uid_cmp(part[i].u.home.uid, uid) == 0)
			return true;
	return false;
}

/* Set what a merge needs to know besides the part. */
static void
merge_begin(struct merge *m, const struct step *st, const struct part *part,
    size_t n)
{
	m->tenure = part_tenure(part);
	m->made = (struct made){ 0 };
	m->has_home = false;
	if (part->id == PART_USER)
		m->has_home = gives_home(part + 1, n - 1, part->u.user.uid);
	else if (part->id == PART_JOIN && !part_made(part, &m->made) &&
		 uid_cmp(part->u.join.uid, st->cause.sess.uid) == 0)
		m->made = (struct made){ st->cause.tenure, st->cause.c };
}

/* Deliver the messages of an entry. */
static void
deliver_all(struct step *st, const struct entry *e, const struct part *part)
{
	bool here = origin_cmp(e->o, st->core->self) == 0 ||
		    entry_is_for(e, st->core->self.sid);

	for (size_t i = 0; i < e->nparts; i++) {
		if (part_is_fact(&part[i]))
			continue;
		if (here)
			deliver(st, &part[i], (uint32_t)i);
		else
			deliver_to_home(st, &part[i], (uint32_t)i);
	}
}

void
apply_entry(struct step *st, const struct entry *e, bool facts_known)
{
	struct core *c = st->core;
	struct merge m;
	struct part *part;
	bool own = origin_cmp(e->o, c->self) == 0;

	st->stamp = e->stamp;
	st->cause = entry_cause(e);
	st->o = e->o;
	st->n = e->n;
	st->hint.by = by_server(e->o.sid);
	core_observe(c, e->stamp);
	spend_entry(st, e);
	part = entry_parts(e, st->arena);
	m = (struct merge){
		.facts = &c->facts, .stamp = e->stamp, .hint = &st->hint
	};
	for (size_t i = 0; i < e->nparts && !facts_known; i++) {
		m.dot = dot_make(e->o, e->n, i);
		merge_begin(&m, st, &part[i], e->nparts - i);
		merge_any(&m, &part[i]);
		/* what is void must not meet the next part */
		if (c->facts.voids.any && i + 1 < e->nparts)
			voiding_finish(st);
	}
	if (c->facts.voids.any)
		voiding_begin(st);
	if (own)
		wait_answering(st, e->n);
	client_end_gone(st);
	if (own)
		registration_attach(st);
	overlay_show(st, facts_find_uid(&c->facts, st->cause.sess.uid));
	if (own)
		registration_welcome(st);
	/* D names the other receivers; an own entry is for receivers here, too,
	 * and for the echo to its sender */
	if (!facts_is_void(&c->facts, e->o))
		deliver_all(st, e, part);
	if (own) {
		c->applied_n = e->n;
		registration_orphans(st, part, e->nparts);
		wait_applied(st, e, part);
	}
	settle(st);
	chan_cleanup_surplus(st);
}
