/*
 * A look goes over the trunks, not over users: the core counts these. Between
 * two looks a step only compares the figures with those of the last look.
 */
#include "trunk/load.h"

#include "core/types/cost.h"
#include "trunk/state.h"

#define LOOK_MS 200    /* between two LOADs of one trunk, at least */
#define AGAIN_MS 10000 /* at most */

void
trunk_load_init(struct trunk_load *x)
{
	*x = (struct trunk_load){ .again = MONO_NEVER };
}

static struct trunk_figures
figures(const struct trunk_net *net)
{
	return (struct trunk_figures){ .users = core_load_users(net->core),
		.rate = trunk_placing_rate(net),
		.weight = net->set->weight,
		.draining = core_is_draining(net->core) };
}

static bool
is_same(const struct trunk_figures *a, const struct trunk_figures *b)
{
	return a->users == b->users && a->rate == b->rate &&
	       a->weight == b->weight && a->draining == b->draining &&
	       a->full == b->full;
}

/* Return true if the number is a hundredth more or less than it was. */
static bool
is_apart(uint64_t was, uint64_t is)
{
	uint64_t d = was < is ? is - was : was - is;

	return d > 0 && d >= (was + 99) / 100;
}

static bool
is_news(const struct trunk_figures *was, const struct trunk_figures *is)
{
	return is_apart(was->users, is->users) ||
	       is_apart(was->rate, is->rate) || was->weight != is->weight ||
	       was->draining != is->draining || was->full != is->full;
}

static void
send(const struct trunk_step *st, struct trunk *t,
    const struct trunk_figures *f)
{
	struct writer *w = trunk_line(st, t, "LOAD ");

	core_spend(st->net->core, COST_LINE);
	writer_u64(w, f->users);
	writer_char(w, ' ');
	writer_u64(w, f->rate);
	writer_char(w, ' ');
	writer_u64(w, f->weight);
	writer_char(w, ' ');
	writer_str(w, f->draining ? "draining" : "");
	writer_str(w, f->draining && f->full ? "," : "");
	writer_str(w, f->full ? "full" : f->draining ? "" : "-");
	writer_char(w, ' ');
	writer_u64(w, t->last);
	trunk_line_end(w);
	t->told_load = *f;
	t->load_at = st->ev->now;
}

static bool
is_full(const struct trunk_net *net, const struct trunk *t)
{
	return trunk_streams_of(net, t->gate) >= t->gate->streams;
}

void
trunk_load_begin(const struct trunk_step *st, struct trunk *t)
{
	struct trunk_load *x = &st->net->load;
	struct trunk_figures f = figures(st->net);

	if (!t->load)
		return;
	f.full = is_full(st->net, t);
	send(st, t, &f);
	x->again = mono_min(x->again, mono_add_ms(t->load_at, AGAIN_MS));
}

/* Look at all gates. A gate that was told a moment ago is looked at again. */
static void
look(const struct trunk_step *st, const struct trunk_figures *now)
{
	struct trunk_net *net = st->net;
	struct trunk_load *x = &net->load;
	struct mono at = st->ev->now;

	x->seen = *now;
	x->look = mono_add_ms(at, LOOK_MS);
	x->again = MONO_NEVER;
	for (size_t i = 0; i < net->ntrunk; i++) {
		struct trunk *t = net->trunk[i];
		struct trunk_figures f = *now;

		if (t->state != TRUNK_UP || !t->load)
			continue;
		f.full = is_full(net, t);
		if (mono_sub_ms(at, t->load_at) < LOOK_MS) {
			if (is_news(&t->told_load, &f))
				x->again = mono_min(x->again,
				    mono_add_ms(t->load_at, LOOK_MS));
		} else if (is_news(&t->told_load, &f) ||
			   mono_sub_ms(at, t->load_at) >= AGAIN_MS)
			send(st, t, &f);
		x->again =
		    mono_min(x->again, mono_add_ms(t->load_at, AGAIN_MS));
	}
}

struct mono
trunk_load_send(const struct trunk_step *st)
{
	struct trunk_load *x = &st->net->load;
	struct trunk_figures now;

	if (mono_is_never(x->again) || st->net->set == NULL ||
	    core_mutated(st->net, LOAD_ONCE))
		return MONO_NEVER; /* no gate reads LOAD */
	now = figures(st->net);
	if (mono_cmp(x->again, st->ev->now) > 0) {
		if (is_same(&x->seen, &now))
			return x->again;
		if (mono_cmp(x->look, st->ev->now) > 0)
			return mono_min(x->look, x->again);
	}
	look(st, &now);
	return x->again;
}
