/* A crowd splits in two halves, and heals. */
#include "run.h"

#include "lib/net.h"

/* Let the op of a channel try to fill its lists, and invite a user again and
 * again: more than all servers together may keep. */
static void
fill_lists(struct world *w, struct person *op)
{
	const struct person *guest = person_some(w);

	for (unsigned i = 0; i < 4 * NET_NODES; i++) {
		person_sayf(op, "MODE #h0 +b m%u!*@*", i);
		person_sayf(op, "INVITE %s #h0", guest->ref.nick);
	}
}

/* Let the people of a server found many channels. */
static void
found_many(struct world *w, unsigned node)
{
	struct person *p;
	unsigned k = 0;

	for (unsigned i = 0; i < 4 * w->npeople && k < MANY; i++) {
		p = &w->person[i % w->npeople];
		if (p->node != node || !person_can_act(w, p))
			continue;
		person_sayf(p, "JOIN #full");
		person_sayf(p, "MODE #full +l 2");
		person_sayf(p, "JOIN #h%u", k);
		if (k++ == 0)
			fill_lists(w, p);
	}
}

/* Let the others say more to a person than its sendq holds. */
static void
fill_sendq(struct world *w, const struct person *deaf)
{
	struct person *p;

	for (unsigned i = 0; i < 4 * w->npeople; i++) {
		p = &w->person[i % w->npeople];
		if (p->node == deaf->node && person_can_act(w, p))
			person_sayf(p, "NOTICE %s :a line of some length",
			    deaf->ref.nick);
	}
}

void
crowd_heal(void *ctx, int64_t unused)
{
	struct world *w = ctx;
	struct person *p, *first = NULL, *last = NULL;
	unsigned n = 0;

	(void)unused;
	world_note(w, "the crowd heals");
	server_heal_all(w);
	for (unsigned i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (person_can_act(w, p) && person_sendq(w, p) == SLOW_SENDQ) {
			world_note(w, "u%u reads nothing", i);
			net_client_deaf(p->c, true);
			first = first == NULL ? p : first;
			last = p;
			n++;
		}
	}
	/* slices wait for the others of them, who stay */
	if (n > 1)
		fill_sendq(w, first);
	if (n > 3 && last->node != first->node)
		fill_sendq(w, last);
}

void
crowd_split(void *ctx, int64_t unused)
{
	struct world *w = ctx;
	unsigned a, b;

	(void)unused;
	world_note(w, "the crowd splits");
	found_many(w, 0);
	found_many(w, w->n - 1);
	for (a = 0; a < w->n / 2; a++)
		for (b = w->n / 2; b < w->n; b++) {
			net_block(w->net, a, b, true);
			if (w->edge[a][b])
				server_cut(w, a, b);
		}
}
