#include "core/facts/thin.h"

#include "core/facts/cname.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/facts/membership.h"
#include "core/facts/unknown.h"
#include "core/types/cost.h"

/* COST_THIN is for THIN_MAX things; this is how many clients are sent a line
 * for the same. */
#define TOLD_PER_THING (COST_THIN / THIN_MAX / COST_SEND)

/* the same for a client that sees a channel get another name, by two lines */
#define THINGS_RENAMED (2 * (COST_LINE + COST_SEND) / (COST_THIN / THIN_MAX))

/* Return how many clients see a channel get another name if the channel of the
 * membership ends with it. */
static size_t
count_renamed(const struct facts *f, const struct member *m)
{
	const struct chan *c = m->chan;

	if (!m->shown || !cname_any(f) ||
	    (c->current == NULL ? c->nshown : c->current->n.visible) > 1)
		return 0;
	return cname_waiting(f, c);
}

bool
facts_has_many_stays(const struct facts *f, const struct user *u)
{
	struct stays it = stays_of(u);
	const struct member *m;
	size_t n = u->nmembers;

	while (n <= THIN_MAX && !core_mutated(f, THIN_STAYS) &&
	       (m = stays_next(&it)) != NULL)
		n += unknown_count(f, m, THIN_MAX) + count_renamed(f, m);
	return n > THIN_MAX;
}

/* Return how many things it counts that clients are told of the end of the
 * membership. */
static size_t
count_told(const struct member *m)
{
	return m->shown ? m->chan->nlocal / TOLD_PER_THING : 0;
}

bool
facts_drop_stay(struct facts *f, struct member *m, size_t *left)
{
	size_t n;

	if (*left == 0 || unknown_thin(f, m, *left))
		return false;
	n = 1 + unknown_count(f, m, *left) + count_told(m) +
	    count_renamed(f, m) * THINGS_RENAMED;
	facts_drop_member(f, m);
	*left -= n < *left ? n : *left;
	return true;
}

static bool
thin_members(struct facts *f, struct user *u)
{
	struct stays it = stays_of(u);
	size_t left = THIN_MAX;
	struct member *m;

	if (!facts_has_many_stays(f, u))
		return false;
	while ((m = stays_next(&it)) != NULL && facts_drop_stay(f, m, &left))
		;
	return true;
}

static bool
thin_invites_of_user(struct facts *f, struct user *u)
{
	const struct invite *i = user_first_invite(u);
	size_t n = 0;

	for (; i != NULL && n < THIN_MAX; n++)
		i = invite_next(i);
	if (i == NULL || core_mutated(f, THIN_NO_INVITES))
		return false;
	while (n-- > 0)
		facts_drop_invite(f, user_first_invite(u));
	return true;
}

static bool
thin_invites(struct facts *f, struct founding *g)
{
	const struct invite *i = founding_first_invite(g);
	size_t n = 0;

	for (; i != NULL && n < THIN_MAX; n++)
		i = TAILQ_NEXT(i, link);
	if (i == NULL || core_mutated(f, THIN_KEEPS_INVITES))
		return false;
	while (n-- > 0)
		facts_drop_invite(f, founding_first_invite(g));
	return true;
}

static bool
thin_masks(struct facts *f, struct founding *g)
{
	const struct mask *m = mask_first(g);
	size_t n = 0;

	for (; m != NULL && n < THIN_MAX; n++)
		m = mask_next(m);
	if (m == NULL || core_mutated(f, THIN_NO_MASKS))
		return false;
	while (n-- > 0)
		facts_drop_mask(f, mask_first(g));
	return true;
}

bool
facts_thin_user(struct facts *f, struct user *u)
{
	return thin_members(f, u) || thin_invites_of_user(f, u) ||
	       unknown_thin(f, u, THIN_MAX);
}

bool
facts_thin_founding(struct facts *f, struct founding *g)
{
	return thin_masks(f, g) || thin_invites(f, g) ||
	       unknown_thin(f, g, THIN_MAX);
}

bool
facts_thin_member(struct facts *f, struct member *m)
{
	return unknown_thin(f, m, THIN_MAX);
}
