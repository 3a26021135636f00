/*
 * The acts of people: everything that they do, except for what only operators
 * may do (acts_oper.c).
 */
#include "run.h"

#include <inttypes.h>
#include <string.h>

#include "core/facts/chan_name.h"
#include "core/state.h"
#include "lib/net.h"

#define CYCLES 12 /* of one person at once */

static struct ref_chan *
chan_of(struct world *w, const struct person *p)
{
	return p->ref.nchans == 0
		   ? NULL
		   : p->ref.chan[world_below(w, (unsigned)p->ref.nchans)];
}

static const struct ref_member *
member_of(struct world *w, const struct ref_chan *c)
{
	return &c->member[world_below(w, (unsigned)c->n)];
}

/* Say something on a channel and quit at once. */
static void
act_farewell(struct world *w, struct person *p)
{
	const struct ref_chan *c = chan_of(w, p);

	if (c == NULL || c->n == 0)
		return;
	message_to_chan(w, p, c);
	person_say(p, "QUIT :farewell");
}

static void
try_door(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];

	if (person_can_act(w, p))
		tried_join(w, p, p->door);
}

/* Let somebody at the same server who is not on the channel join it a little
 * later. This costs no draw. */
static void
knock(struct world *w, const struct person *p, const char *chan)
{
	struct person *q;

	for (unsigned i = 0; i < w->npeople; i++) {
		q = &w->person[i];
		if (q->node != p->node || !person_can_act(w, q) ||
		    ref_chan(&q->ref, span_of(chan)) != NULL)
			continue;
		snprintf(q->door, sizeof(q->door), "%s", chan);
		net_call(w->net, w->net->now + NS_PER_MS, try_door, w, q->id);
		return;
	}
}

/* Change a mode of a module. */
static void
act_added(struct world *w, struct person *p, const struct ref_chan *c)
{
	/* of rows_modules() */
	static const char *const modes[] = { "+U", "+mU", "-U", "-m", "+c",
		"-c", "+S", "-S", "+C", "-C", "+T", "-T", "+N", "+N", "+R",
		"-R", "+M", "+MU", "-M", "+z", "-z", "+E 1:2", "+E 2:5", "-E",
		"+j 2:2", "-j", "+f #b", "+F", "-f", "+L #c", "-L-F", "-mRMz",
		"-cCTNE", "+j 1:4", "+j 1:3", "+F", "+F", "+if #b", "+Rf #c",
		"+jf 1:4 #a", "+Fl 2", "+lL 2 #b", "-iR" };

	person_sayf(p, "MODE %s %s", c->name,
	    modes[world_below(w, sizeof(modes) / sizeof(modes[0]))]);
	knock(w, p, c->name);
}

static void
act_mode(struct world *w, struct person *p, const struct ref_chan *c)
{
	static const char *const doors[] = { "+i", "+i", "+i", "+l 1", "+l 2",
		"+k k2", "-i", "-l", "-k k2", "-kl k2" };
	/* +D is of the module delayjoin */
	static const char *const modes[] = { "+m", "-m", "+n", "-n", "+t", "-t",
		"+s", "-s", "+p", "-p", "+i", "-i", "+D", "+k k1", "-k k1",
		"-D", "+l 3", "+l 9", "-l", "+mt-n", "-m+l 7", "+D-i", "+D",
		"+D-m", "+D-k k1", "-mntsp" };
	/* of rows_added(): a fleet, and the modules nocolour, skeleton and
	 * stripformat */
	static const char *const rows[] = { "+C", "-C", "+d 5", "+d 7", "-d",
		"+Cl-d 9", "-C+d 8", "+Cd 6", "+c", "-c+S", "+CX-S", "-X" };

	if (w->plan->modules && world_chance(w, 70))
		act_added(w, p, c);
	else if (w->plan->rows && world_chance(w, 20))
		person_sayf(p, "MODE %s %cB", p->ref.nick,
		    world_chance(w, 50) ? '+' : '-');
	else if (w->plan->rows && world_chance(w, 50))
		person_sayf(p, "MODE %s %s", c->name,
		    rows[world_below(w, sizeof(rows) / sizeof(rows[0]))]);
	else if (w->plan->doors)
		person_sayf(p, "MODE %s %s", c->name,
		    doors[world_below(w, sizeof(doors) / sizeof(doors[0]))]);
	else
		person_sayf(p, "MODE %s %s", c->name,
		    modes[world_below(w, sizeof(modes) / sizeof(modes[0]))]);
}

static void
act_list(struct world *w, struct person *p, const struct ref_chan *c)
{
	static const char *const masks[] = { "x!*@*", "y!*@*",
		"z*!u@10.0.0.0/8", "~mute:~r:*a*", "~time:1:y", "bob!*@*",
		"ann!*@*", "*!*@127.0.0.1", "~!c:#b" };
	static const char *const added[] = { "bob!*@*", "ann!*@*", "~umode:+D",
		"~young:1", "~mute:eve!*@*" };
	unsigned n = w->plan->doors ? 9 : world_chance(w, 10) ? 6 : 5;

	if (w->plan->modules && world_chance(w, 60)) {
		person_sayf(p, "MODE %s %c%c %s", c->name,
		    world_chance(w, 50) ? '+' : '-',
		    world_chance(w, 80) ? 'b' : 'e', added[world_below(w, 5)]);
		return;
	}

	person_sayf(p, "MODE %s %c%c %s", c->name,
	    world_chance(w, 60) ? '+' : '-',
	    w->plan->doors ? 'b'
			   : "bbeIgg"[world_below(w, w->plan->rows ? 6 : 4)],
	    masks[world_below(w, n)]);
}

/* Some people change their real name instead. */
static void
act_away(struct world *w, struct person *p)
{
	bool out = world_chance(w, 60);

	if (p->id % 4 == 3)
		person_say(p, out ? "SETNAME :Another" : "SETNAME :One");
	else
		person_say(p, out ? "AWAY :out" : "AWAY");
}

/* Return another name for a channel: mostly one under which nobody has founded
 * a channel yet, so that the rename is not refused. */
static const char *
new_name(struct world *w)
{
	static const char *const names[] = { "#x", "#y", "#Y", "#a", "#A" };

	return world_chance(w, 20) ? names_chan(w) : names[world_below(w, 5)];
}

static void
act_join(struct world *w, struct person *p)
{
	if (world_chance(w, 15))
		person_sayf(p, "JOIN #a,#b k1,k2");
	else if (world_chance(w, 20))
		person_sayf(p, "JOIN %s k1", names_chan(w));
	else if (world_chance(w, 8))
		person_sayf(p, "JOIN %s", new_name(w));
	else
		tried_join(w, p, names_chan(w));
}

static void
act_ask(struct world *w, struct person *p)
{
	const char *nick = names_nick(w);

	switch (world_below(w, 5)) {
	case 0:
		person_sayf(p, "WHOIS %s %s", nick, nick);
		break;
	case 1:
		person_sayf(p, "WHO %s", names_chan(w));
		break;
	case 2:
		person_sayf(p, "NAMES %s", names_chan(w));
		break;
	case 3:
		person_sayf(p, "LIST");
		break;
	default:
		person_sayf(p, "JOIN 0");
		break;
	}
}

/* Let a person who is on a channel leave and join, again and again. */
static void
act_cycle(struct world *w, struct person *p, const char *chan)
{
	char name[REF_NAME];
	unsigned i, n = 1 + world_below(w, CYCLES);

	snprintf(name, sizeof(name), "%s", chan);
	for (i = 0; i < n; i++) {
		person_sayf(p, "PART %s", name);
		person_sayf(p, "JOIN %s", name);
	}
}

/* Return the nick of the member whom the person acts on. A person who would act
 * on themselves acts on somebody whom nobody sees, if there is such a one: this
 * costs no draw, so other seeds stay as they are. */
static const char *
target(struct world *w, const struct person *p, const struct ref_chan *c,
    const struct ref_member *t)
{
	static char nick[REF_NAME];
	const struct chan *ch =
	    chan_name_find(&node_core(w->net->node[p->node].node)->facts,
		span_of(c->name));
	const struct member *m;
	struct span s;

	if (ch == NULL || strcmp(t->user, p->ref.user) != 0)
		return t->nick;
	TAILQ_FOREACH(m, &ch->members, chan_link) {
		s = user_nick(m->user);
		if (!m->veiled || s.n >= sizeof(nick))
			continue;
		w->result->reached[REACH_KICKS_UNSEEN]++;
		memcpy(nick, s.p, s.n);
		nick[s.n] = '\0';
		return nick;
	}
	return t->nick;
}

/* Let a person invite somebody, or take that back. */
static void
act_invite(struct world *w, struct person *p, const struct ref_chan *c)
{
	const char *nick = names_nick(w);

	if (w->plan->modules && world_chance(w, 30)) {
		person_sayf(p, "UNINVITE %s %s", nick, c->name);
		return;
	}
	filter_invites(w, p, nick);
	person_sayf(p, "INVITE %s %s", nick, c->name);
}

/* Let a person who is on a channel act there. */
static void
act_on_chan(struct world *w, enum act a, struct person *p)
{
	const struct ref_chan *c = chan_of(w, p);
	const struct ref_member *t;

	if (c == NULL || c->n == 0)
		return;
	t = member_of(w, c);
	switch ((int)a) {
	case ACT_PART:
		person_sayf(p, "PART %s%s", c->name,
		    world_chance(w, 50) ? " :bye" : "");
		break;
	case ACT_CYCLE:
		act_cycle(w, p, c->name);
		break;
	case ACT_KICK:
		person_sayf(p, "KICK %s %s :out", c->name, target(w, p, c, t));
		break;
	case ACT_STATUS:
		person_sayf(p, "MODE %s %c%c %s", c->name,
		    world_chance(w, 65) ? '+' : '-',
		    "ooovvhaquuuu"[world_below(w, w->plan->rows ? 12 : 8)],
		    target(w, p, c, t));
		break;
	case ACT_MODE:
		act_mode(w, p, c);
		break;
	case ACT_LIST:
		act_list(w, p, c);
		break;
	case ACT_TOPIC:
		if (world_chance(w, 20))
			person_sayf(p, "TOPIC %s :", c->name);
		else
			person_sayf(p, "TOPIC %s :topic %u", c->name,
			    world_below(w, 100));
		break;
	case ACT_RENAME:
		person_sayf(p, "RENAME %s %s :why", c->name, new_name(w));
		break;
	case ACT_INVITE:
		act_invite(w, p, c);
		break;
	case ACT_SAY:
		if (w->plan->modules && world_chance(w, 20))
			speech_again(w, p, c);
		else
			message_to_chan(w, p, c);
		break;
	default:
		break;
	}
}

/* Let the person read nothing for a while, mostly for less time than a heal
 * waits for a client. */
static void
act_deaf(struct world *w, struct person *p)
{
	int64_t ms = 50 + world_below(w, world_chance(w, 70) ? 3000 : 9000);

	if (person_sendq(w, p) < SLOW_SENDQ)
		return;
	world_note(w, "u%u reads nothing for %jd ms", p->id, (intmax_t)ms);
	net_client_deaf(p->c, true);
	net_call(w->net, w->net->now + ms * NS_PER_MS, person_read_on, w,
	    p->id);
}

static void
act_watch(struct world *w, struct person *p)
{
	unsigned k = world_below(w, 10);

	if (k == 0)
		person_say(p, "MONITOR C");
	else if (k == 1)
		person_say(p, "MONITOR S");
	else if (k == 2)
		person_sayf(p, "MONITOR - %s", names_nick(w));
	else
		person_sayf(p, "MONITOR + %s,%s", names_nick(w), names_nick(w));
}

void
acts_of_person(struct world *w, enum act a)
{
	struct person *p = person_some(w);

	if (p == NULL)
		return;
	w->result->reached[REACH_FLOOD] += p->c->in.n > 0 && p->c->granted == 0;
	switch ((int)a) {
	case ACT_QUIT:
		person_say(p, "QUIT :gone");
		break;
	case ACT_FAREWELL:
		act_farewell(w, p);
		break;
	case ACT_DROP:
		world_note(w, "u%u drops", p->id);
		p->open = false;
		net_client_drop(p->c, "Connection reset");
		break;
	case ACT_HOLD:
		person_hold(w, p);
		break;
	case ACT_NICK:
		tried_nick(w, p, names_nick(w));
		break;
	case ACT_JOIN:
		act_join(w, p);
		break;
	case ACT_AWAY:
		act_away(w, p);
		break;
	case ACT_TELL:
		message_to_nick(w, p, names_nick(w));
		break;
	case ACT_OPER:
		person_say(p, "OPER root secret");
		break;
	case ACT_PERMANENT:
		acts_permanent(w, p);
		break;
	case ACT_HOST:
		acts_host(w, p);
		break;
	case ACT_KILL:
		person_sayf(p, "KILL %s :enough", names_nick(w));
		break;
	case ACT_FORCE:
		acts_force(w, p);
		break;
	case ACT_WATCH:
		act_watch(w, p);
		break;
	case ACT_ASK:
		act_ask(w, p);
		break;
	case ACT_DEAF:
		act_deaf(w, p);
		break;
	case ACT_FILTER:
		filter_act(w, p);
		break;
	default:
		act_on_chan(w, a, p);
		break;
	}
}
