/*
 * Bans of the network: at rest no server has a user of its own whom a ban in
 * force hits, and the index of bans finds what a look at each ban finds.
 */
#include "core/banned.h"
#include "core/state.h"
#include "kept.h"

/* Set hit[kind] to any ban of that kind that hits, and lifts what exceptions
 * lift, by a look at each element. */
static void
ask_plainly(const struct facts *f, const struct ban_query *q,
    const struct ban *hit[BAN_KINDS])
{
	const struct ban *b, *copy;
	uint32_t lifted = 0;
	size_t steps = 0;

	for (unsigned i = 0; i < BAN_KINDS; i++)
		hit[i] = NULL;
	for (b = bans_first(f); b != NULL; b = bans_next(f, b))
		for (copy = b; copy != NULL; copy = ban_copy(copy)) {
			if (copy->kind == BAN_KINDS ||
			    !ban_holds(copy, q->now) ||
			    !ban_mask_check(copy->kind, copy->mask) ||
			    !ban_matches(copy, q, &steps))
				continue;
			lifted |= copy->lifts;
			hit[copy->kind] = copy;
		}
	for (unsigned i = 0; i < BAN_KINDS; i++)
		if ((lifted >> i & 1) != 0)
			hit[i] = NULL;
}

static void
check_user(struct oracle *o, unsigned node, const struct core *core,
    const struct user *u)
{
	const struct ban *plain[BAN_KINDS], *found[BAN_KINDS];
	struct ban_query q = { .who = ident_mask_who(u->ident, user_nick(u)),
		.realname = user_realname(u),
		.kinds = BANB(KLINE) | BANB(DLINE) | BANB(XLINE),
		.now = { NET_EPOCH_MS + o->net->now / NS_PER_MS +
			 o->net->node[node].skew_ms } };
	size_t steps = 0;

	ask_plainly(&core->facts, &q, plain);
	bans_ask(&core->facts, &q, found, &steps);
	for (unsigned i = 0; i <= BAN_XLINE; i++) {
		if ((plain[i] == NULL) != (found[i] == NULL))
			net_fail(o->net, "s%u: the index of bans lies of %.*s",
			    node + 1, SPAN_ARG(user_nick(u)));
		if (plain[i] != NULL)
			net_fail(o->net,
			    "at rest: s%u has %.*s, whom the ban %.*s hits",
			    node + 1, SPAN_ARG(user_nick(u)),
			    SPAN_ARG(plain[i]->mask));
	}
	o->reached[REACH_EXCEPTED] += found[BAN_EXCEPT] != NULL;
}

void
bans_rest(struct oracle *o, unsigned node)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct user *u;

	o->reached[REACH_BANS] += bans_first(&core->facts) != NULL;
	if (work_is_queued(&core->sweep.item))
		return;
	for (size_t i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		if (!LIST_EMPTY(&u->sessions) && core_is_home(core, u))
			check_user(o, node, core, u);
}
