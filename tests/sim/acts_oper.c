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

void
acts_permanent(struct world *w, struct person *p)
{
	person_say(p, "OPER root secret");
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
