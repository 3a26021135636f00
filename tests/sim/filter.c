/*
 * A model of the user modes, and of SILENCE and ACCEPT, that keep messages away
 * from a person. It knows what the client said and what its server has
 * confirmed.
 *
 * A thing may be on from the moment when the client asks for it until the
 * server confirms that it is off: the person may miss messages then. It is on
 * between the two lines by which the server confirms it: the person must hear
 * nothing then that it keeps away. The lines of one server come in the order in
 * which it acts.
 */
#include "run.h"

#include <ctype.h>
#include <string.h>

#include "core/state.h"
#include "lib/net.h"
#include "wire/casemap.h"

static const char letters[FILTER_MODES + 1] = "DgRZ";

static const char *const masks[FILTER_MASKS] = { "ann!*@*", "bob!*@*", "*!u?@*",
	"*!u*3@*", "*!u1*@*", "*!*@h1.test", "*!*@127.*" };

/* Return true if the pattern with its `*` and `?` fits the whole text. */
static bool
fits(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return fits(pattern + 1, text) ||
		       (*text != '\0' && fits(pattern, text + 1));
	if (*text == '\0' || *pattern == '\0')
		return *text == *pattern;
	return (*pattern == '?' || tolower((unsigned char)*pattern) ==
				       tolower((unsigned char)*text)) &&
	       fits(pattern + 1, text + 1);
}

/* ---- acts ---------------------------------------------------------------- */

static void
change_mode(struct world *w, struct person *p)
{
	unsigned k = world_below(w, FILTER_MODES);
	bool on = world_chance(w, 50);

	if (on)
		p->filter.mode[k].asked = true;
	person_sayf(p, "MODE %s %c%c", p->ref.nick, on ? '+' : '-', letters[k]);
}

static void
change_mask(struct world *w, struct person *p)
{
	unsigned k = world_below(w, FILTER_MASKS);
	bool on = world_chance(w, 50);

	if (on)
		p->filter.mask[k].asked = true;
	person_sayf(p, "SILENCE %c%s", on ? '+' : '-', masks[k]);
}

/* Return the person who has the nick at the server of p, or NULL. */
static struct person *
holder(struct world *w, const struct person *p, const char *nick)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const struct user *u = facts_find_nick(&core->facts, span_of(nick));
	uint64_t id;

	if (u == NULL ||
	    !span_u64(span_tail(ident_username(u->ident), 1), &id) ||
	    id >= w->npeople)
		return NULL;
	return &w->person[id];
}

/* The line was handled at once: the person has accepted the other one, unless
 * there was an error. */
static void
look_at_accept(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	struct filter *f = &p->filter;

	if (f->accepting == NULL || !person_is_open(p) ||
	    p->ref.errors != f->errors)
		return;
	if (f->accepted_at[f->accepting->id] == 0)
		f->accepted_at[f->accepting->id] = w->net->now;
}

static void
change_accepted(struct world *w, struct person *p)
{
	const char *nick = names_nick(w);
	struct filter *f = &p->filter;
	struct person *other = holder(w, p, nick);

	if (!person_acts_at_once(p) || other == NULL || other == p)
		return;
	if (world_chance(w, 25)) {
		f->accepted_at[other->id] = 0;
		person_sayf(p, "ACCEPT -%s", nick);
		return;
	}
	filter_wrote(p, other);
	f->accepting = other;
	f->errors = p->ref.errors;
	person_sayf(p, "ACCEPT %s", nick);
	net_call(w->net, w->net->now, look_at_accept, w, p->id);
}

void
filter_act(struct world *w, struct person *p)
{
	unsigned k = world_below(w, 10);

	if (k < 4)
		change_mode(w, p);
	else if (k < 6)
		change_mask(w, p);
	else
		change_accepted(w, p);
}

void
filter_invites(struct world *w, struct person *p, const char *nick)
{
	const struct person *other = holder(w, p, nick);

	if (!person_acts_at_once(p))
		memset(p->filter.maybe_accepted, true,
		    sizeof(p->filter.maybe_accepted));
	else if (other != NULL)
		filter_wrote(p, other);
}

void
filter_wrote(struct person *p, const struct person *other)
{
	p->filter.maybe_accepted[other->id] = true;
}

/* ---- what the server confirms -------------------------------------------- */

static bool
has_mask(const struct person *p, const char *mask)
{
	for (size_t i = 0; i < p->ref.silenced.n; i++)
		if (strcasecmp(p->ref.silenced.mask[i], mask) == 0)
			return true;
	return false;
}

/* Take note of whether a thing is on. */
static void
see(const struct world *w, struct filter_item *x, bool on)
{
	if (on)
		x->asked = true;
	else if (x->on) {
		x->asked = false;
		x->off_at = w->net->now;
	}
	x->on = on;
}

void
filter_heard(struct person *p)
{
	for (size_t i = 0; i < FILTER_MODES; i++)
		see(p->world, &p->filter.mode[i],
		    ref_has_own(&p->ref, letters[i]));
	for (size_t i = 0; i < FILTER_MASKS; i++)
		see(p->world, &p->filter.mask[i], has_mask(p, masks[i]));
}

/* ---- messages ------------------------------------------------------------ */

static void
fail(const struct person *p, const struct person *from, const char *why)
{
	/* a quick run does not find out who has come back as another user */
	if (!p->world->opt->quick)
		net_fail(p->world->net, "u%u hears u%u in spite of %s", p->id,
		    from->id, why);
}

void
filter_check_private(struct person *p, const struct person *from,
    struct span source)
{
	char text[256];

	if (from == NULL || from == p)
		return;
	/* nobody has an account */
	if (ref_has_own(&p->ref, 'R'))
		fail(p, from, "+R");
	if (ref_has_own(&p->ref, 'Z') && !from->tls)
		fail(p, from, "+Z");
	if (ref_has_own(&p->ref, 'g') && !p->filter.maybe_accepted[from->id])
		fail(p, from, "+g");
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(source));
	for (size_t i = 0; i < p->ref.silenced.n; i++)
		if (fits(p->ref.silenced.mask[i], text))
			fail(p, from, "SILENCE");
}

void
filter_check_chan(const struct person *p, const struct person *from)
{
	if (from != NULL && from != p && ref_has_own(&p->ref, 'D'))
		fail(p, from, "+D");
}

/* Return true if the thing may have been on at any time from then on. */
static bool
may_have(const struct filter_item *x, int64_t since)
{
	return x->asked || x->off_at >= since;
}

static bool
may_have_mode(const struct person *p, char letter, int64_t since)
{
	return may_have(&p->filter.mode[strchr(letters, letter) - letters],
	    since);
}

/* Return true if a mask of SILENCE may be about the other one. Nicks and hosts
 * change, and user names do not. */
static bool
may_silence(const struct person *p, const struct person *from, int64_t since)
{
	char text[REF_NAME + 8];

	snprintf(text, sizeof(text), "!%s@", from->ref.user);
	for (size_t i = 0; i < FILTER_MASKS; i++) {
		const char *user = strstr(masks[i], "!u");

		if (!may_have(&p->filter.mask[i], since))
			continue;
		if (user == NULL || fits(user, text))
			return true;
	}
	return false;
}

/* Return true if the other one was accepted all the time from then on. */
static bool
is_accepted(const struct person *p, const struct person *from, int64_t since)
{
	int64_t at = p->filter.accepted_at[from->id];

	return at != 0 && at < since;
}

/* Return true if the user of a person who said something then may be gone. */
static bool
may_be_gone(const struct person *from, int64_t since)
{
	return !person_is_open(from) || from->since > since;
}

enum filter_by
filter_excuse(const struct person *p, const struct person *from,
    const struct message *m)
{
	bool gone = may_be_gone(from, m->at);

	if (m->chan[0] != '\0')
		return may_have_mode(p, 'D', m->at) ? FILTER_DEAF : FILTER_NONE;
	if (may_have_mode(p, 'R', m->at))
		return FILTER_ACCOUNT;
	/* nothing is known of a user who is gone */
	if (may_have_mode(p, 'Z', m->at) && (gone || !from->tls))
		return FILTER_TLS;
	if (may_have_mode(p, 'g', m->at) &&
	    (gone || !is_accepted(p, from, m->at)))
		return FILTER_CALLERID;
	return may_silence(p, from, m->at) ? FILTER_SILENCE : FILTER_NONE;
}
