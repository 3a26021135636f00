#include "core/part/merge.h"

#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/facts/unknown.h"

struct founding *
merge_founding(struct merge *m, const struct ch *ch)
{
	struct chan *c = facts_find_chan(m->facts, ch->name);

	return c == NULL ? NULL : founding_find(c, ch->cinc);
}

struct user *
merge_user_meant(const struct merge *m, struct uid uid)
{
	return facts_find_meant(m->facts, uid, m->dot.o, m->stamp,
	    m->meant.inc[0]);
}

static void
merge_known(struct merge *m, const struct part *p)
{
	switch (p->id) {
#define PART(ID, name, kind, fields, scenario) PART_##kind(ID, name)
#define PART_FACT(ID, name)                  \
	case PART_##ID:                      \
		merge_##name(m, &p->u.name); \
		break;
#define PART_MESSAGE(ID, name) \
	case PART_##ID:        \
		break;
#include "core/part/part.def"
#undef PART
#undef PART_FACT
#undef PART_MESSAGE
	case PART_UNKNOWN:
		break;
	}
}

bool
merge_thin(struct merge *m, const struct part *p)
{
	if (p->id == PART_JOIN)
		return merge_thin_join(m, &p->u.join) &&
		       !core_mutated(m->facts, JOIN_NO_THIN);
	return p->id == PART_HOME && merge_thin_home(m, &p->u.home) &&
	       !core_mutated(m->facts, HOME_NO_THIN);
}

void
merge_any(struct merge *m, const struct part *p)
{
	struct write w = { m->dot, m->tenure, m->stamp };
	size_t before = m->facts->foreign;

	if (p->id == PART_UNKNOWN) {
		unknown_merge(m->facts, p, &w, &m->meant);
		return;
	}
	merge_known(m, p);
	/* names that its maker was the first to use */
	if (m->facts->foreign > before)
		facts_server(m->facts, m->dot.o.sid)->foreign +=
		    m->facts->foreign - before;
}
