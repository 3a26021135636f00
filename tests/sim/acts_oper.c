/* The acts of operators, as people or at the control socket of a server. */
#include "run.h"

#include <string.h>

#include "lib/net.h"

void
acts_host(struct world *w, struct person *p)
{
	person_say(p, "OPER root secret");
	if (world_chance(w, 70))
		person_sayf(p, "CHGHOST %s h%u.test", names_nick(w),
		    world_below(w, 3));
	else
		person_sayf(p, "CHGHOST %s 127.0.0.1", names_nick(w));
}

#define GAPS 40 /* tries to meet the moment without an incarnation */
#define GAP_MS 4

/* Let the person with that number, below PEOPLE, make a channel permanent: #a,
 * or another one for each time that PEOPLE is added. */
static void
make_permanent(void *ctx, int64_t number)
{
	struct world *w = ctx;
	struct person *p = &w->person[number % PEOPLE];

	if (person_can_act(w, p))
		person_sayf(p, "MODE #%c +P", (char)('a' + number / PEOPLE));
}

/* Return a channel on which the person is alone, and whose name has one letter,
 * or NULL. */
static const struct ref_chan *
own_chan(const struct person *p)
{
	const struct ref_chan *c;

	for (size_t i = 0; i < p->ref.nchans; i++) {
		c = p->ref.chan[i];
		if (c->n == 1 && strlen(c->name) == 2)
			return c;
	}
	return NULL;
}

/* Return somebody at another server, or NULL. */
static struct person *
stranger(struct world *w, const struct person *p)
{
	struct person *q;

	for (unsigned i = 0; i < w->npeople; i++) {
		q = &w->person[i];
		if (q->node != p->node && person_can_act(w, q))
			return q;
	}
	return NULL;
}

/*
 * Let somebody at another server join a channel whose only member leaves and
 * founds it anew by another name. For a moment the joiner stands in an
 * incarnation that is gone. This costs no draw, so the acts of a seed stay.
 */
static void
lose_incarnation(struct world *w, struct person *p)
{
	const struct ref_chan *c = own_chan(p);
	struct person *q = stranger(w, p);
	char letter, other;

	if (c == NULL || q == NULL)
		return;
	letter = (char)(c->name[1] | 0x20);
	other = c->name[1] ^ 0x20;
	person_sayf(q, "JOIN #%c", letter);
	person_sayf(p, "PART #%c", letter);
	person_sayf(p, "JOIN #%c", other);
	person_sayf(p, "PART #%c", letter);
	for (int64_t i = 1; i <= GAPS; i++)
		net_call(w->net, w->net->now + i * GAP_MS * NS_PER_MS,
		    make_permanent, w, p->id + PEOPLE * (letter - 'a'));
}

void
acts_permanent(struct world *w, struct person *p)
{
	person_say(p, "OPER root secret");
	lose_incarnation(w, p);
	person_sayf(p, "MODE %s %cP", names_chan(w),
	    world_chance(w, 60) ? '+' : '-');
}

void
acts_force(struct world *w, struct person *p)
{
	static const char *const modes[] = { "+i", "-i", "+k k1", "-k k1", "+m",
		"-m", "+b bob!*@*", "-b bob!*@*", "-n" };

	const char *nick = person_some(w)->ref.nick;

	person_say(p, "OPER root secret");
	switch (world_below(w, 5)) {
	case 0:
		person_sayf(p, "SAJOIN %s %s", nick, names_chan(w));
		break;
	case 1:
		person_sayf(p, "SAPART %s %s :moved", nick, names_chan(w));
		break;
	case 2:
		person_sayf(p, "SAMODE %s %cov %s %s", names_chan(w),
		    world_chance(w, 60) ? '+' : '-', nick, names_nick(w));
		break;
	case 3:
		person_sayf(p, "SAMODE %s %s", names_chan(w),
		    modes[world_below(w, sizeof(modes) / sizeof(modes[0]))]);
		break;
	default:
		person_sayf(p, "OJOIN %s", names_chan(w));
		break;
	}
}

void
acts_forget(struct world *w, unsigned x)
{
	unsigned i, y = world_below(w, w->n);
	struct sid sid;
	char line[16];

	for (i = 0; i < w->n && net_is_up(w->net, y) && world_chance(w, 80);
	     i++)
		y = (y + 1) % w->n;
	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x) || x == y)
		return;
	sid = setup_sid(y);
	snprintf(line, sizeof(line), "forget %s", sid.s);
	world_note(w, "s%u: %s", x + 1, line);
	net_control(w->net, x, 1, span_of(line));
}

/* Return the duration of a ban of the kind with that letter. */
static const char *
until_of(struct world *w, bool set, char kind)
{
	static const char *const until[] = { "5s ", "20s ", "", "1h " };

	if (!set || kind == 'e')
		return "";
	return until[world_below(w, kind == 'j' ? 2 : 4)];
}

void
acts_ban(struct world *w, unsigned x, bool set)
{
	static const char *const masks[] = { "kline u*#@*", "kline u#?@127.*",
		"xline Person\\s*#", "except u*#@*", "except *#@127.0.0.0/8",
		"dline 127.0.#.0/24", "jupe s#.test" };
	unsigned k = world_below(w, sizeof(masks) / sizeof(masks[0]));
	const char *mask = strchr(masks[k], ' ') + 1;
	char kind[16], text[32], line[64], *digit;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	snprintf(kind, sizeof(kind), "%.*s", (int)(mask - masks[k] - 1),
	    masks[k]);
	snprintf(text, sizeof(text), "%s", mask);
	if ((digit = strchr(text, '#')) != NULL)
		*digit = (char)('0' + world_below(w, 10));
	/* the end of an exception is found some seconds later; a jupe ends, so
	 * that the network is whole at rest */
	snprintf(line, sizeof(line), "%s %s %s%s%s", set ? "ban" : "unban",
	    kind, until_of(w, set, kind[0]), text, set ? " chance" : "");
	world_note(w, "s%u: %s", x + 1, line);
	net_control(w->net, x, 1, span_of(line));
}
