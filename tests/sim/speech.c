/*
 * A model of who may speak on a channel, made of what the client of the sender
 * knows: its own statuses and modes, and those of the channel. The server of
 * the sender decides by the same, so both must come to the same end. The client
 * does not always know enough; then the model says so.
 */
#include "run.h"

#include <string.h>

#include "core/state.h"
#include "core/facts/chan_name.h"
#include "lib/net.h"

static bool
has_mode(const struct person *p, const struct ref_chan *c, char letter)
{
	return ref_has_mode(&p->ref, c, letter);
}

static uint32_t
own_status(const struct person *p, const struct ref_chan *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->member[i].user, p->ref.user) == 0)
			return c->member[i].status;
	return 0;
}

bool
speech_is_op(const struct person *p, uint32_t status)
{
	enum status s;

	for (const char *l = "oaq"; *l != '\0'; l++) {
		s = status_of_letter(p->ref.tables, *l);
		if (s != ST_NONE && (status >> s & 1) != 0)
			return true;
	}
	return false;
}

bool
speech_hears_ops(const struct person *p, struct span chan)
{
	const struct ref_chan *c = ref_chan(&p->ref, chan);

	return c != NULL && speech_is_op(p, own_status(p, c));
}

/* Return true if a mode forbids such a text, whatever the status. */
static bool
is_refused_text(const struct person *p, const struct ref_chan *c, bool notice,
    enum speech_kind kind)
{
	return (notice && has_mode(p, c, 'T')) ||
	       (kind == SPEECH_COLOUR && has_mode(p, c, 'c')) ||
	       (kind == SPEECH_CTCP && has_mode(p, c, 'C'));
}

enum speech_fate
speech_fate(const struct person *p, const struct ref_chan *c, bool notice,
    enum speech_kind kind)
{
	enum lists_hit ban = lists_ban(p, c, true);
	bool diverts = has_mode(p, c, 'U');

	if (!c->modes_known || !c->named)
		return SPEECH_OPEN;
	if (is_refused_text(p, c, notice, kind))
		return SPEECH_REFUSED;
	if (own_status(p, c) != 0)
		return SPEECH_ALL;
	/* nobody has an account */
	if (has_mode(p, c, 'm') || has_mode(p, c, 'M') || ban == HIT_YES)
		return diverts ? SPEECH_OPS : SPEECH_REFUSED;
	if (ban != HIT_NO)
		return SPEECH_OPEN;
	/* a ban of a heal counts before clients are told of it */
	return diverts && !p->world->probing ? SPEECH_OPEN : SPEECH_ALL;
}

/* ---- the same text again ------------------------------------------------- */

/* Read +E of the channel: so many lines in so many seconds. */
static bool
rate_of(const struct person *p, const struct ref_chan *c, unsigned *lines,
    unsigned *seconds)
{
	enum chan_mode m = chan_mode_of_letter(p->ref.tables, 'E');

	return m != CM_NONE && has_mode(p, c, 'E') &&
	       sscanf(c->value[m], "%u:%u", lines, seconds) == 2;
}

/* Return the window of that channel, which begins with a line and lasts for the
 * seconds of the mode. A channel keeps it under another name. */
static struct window *
window_of(struct person *p, const struct ref_chan *c)
{
	const struct core *core = node_core(p->world->net->node[p->node].node);
	const struct chan *ch = chan_name_find(&core->facts, span_of(c->name));
	struct window *x;

	if (ch == NULL)
		return NULL;
	for (x = p->window; x < p->window + WINDOWS; x++) {
		if (x->chan[0] == '\0')
			snprintf(x->chan, sizeof(x->chan), "%.*s",
			    SPAN_ARG(rcbuf_span(ch->fold)));
		if (span_eq(span_of(x->chan), rcbuf_span(ch->fold)))
			return x;
	}
	return NULL;
}

#define AGAIN_NS (20 * NS_PER_MS)
#define NEAR (2 * NS_PER_MS) /* so near to its end a window may be over */

#define TEXTS 8 /* as many are remembered of one user */

/* Return true if it is not known whether the window still counts: it ends about
 * now, or was given up for later texts. */
static bool
is_unsure(const struct person *p, const struct window *x, int64_t end)
{
	int64_t now = p->world->net->now;

	if (x->unsure)
		return now < end + NEAR;
	return x->lines > 0 && ((now > end - NEAR && now < end + NEAR) ||
				   p->texts - x->texts >= TEXTS);
}

/* Note what +E must do with the line that is said now. */
static void
count_again(struct person *p, const struct ref_chan *c, struct window *x)
{
	int64_t now = p->world->net->now, end;
	unsigned lines, seconds;

	p->again = AGAIN_UNKNOWN;
	if (!rate_of(p, c, &lines, &seconds) || own_status(p, c) != 0 ||
	    speech_fate(p, c, false, SPEECH_PLAIN) != SPEECH_ALL)
		return;
	end = x->since + seconds * SECOND;
	if (is_unsure(p, x, end)) {
		/* a window may begin with this line */
		x->since = now;
		x->unsure = true;
		return;
	}
	if (x->lines == 0 || now >= end) {
		x->since = now;
		x->texts = p->texts;
		x->lines = 0;
		x->unsure = false;
	}
	p->again = x->lines >= lines ? AGAIN_REFUSED : AGAIN_HEARD;
	x->lines += x->lines < lines;
}

static void
look_at_again(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	bool refused = p->ref.cannot_repeat != p->refused_before;

	if (p->again == AGAIN_UNKNOWN || !person_is_open(p) ||
	    person_waits_for_masks(w, p))
		return;
	w->result->reached[REACH_REPEATED] += p->again == AGAIN_REFUSED;
	if (refused != (p->again == AGAIN_REFUSED))
		net_fail(w->net, "u%u: +E %s a text that it %s", p->id,
		    refused ? "refuses" : "lets pass",
		    refused ? "must let pass" : "must refuse");
}

static void
say_again(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	const struct ref_chan *c = ref_chan(&p->ref, span_of(p->again_on));
	struct window *x;

	if (c == NULL || !person_can_act(w, p) || !person_acts_at_once(p) ||
	    (x = window_of(p, c)) == NULL)
		return;
	p->texts++;
	count_again(p, c, x);
	p->refused_before = p->ref.cannot_repeat;
	person_sayf(p, "PRIVMSG %s :again", c->name);
	net_call(w->net, w->net->now, look_at_again, w, id);
}

void
speech_again(struct world *w, struct person *p, const struct ref_chan *c)
{
	unsigned n = 1 + world_below(w, 4);

	snprintf(p->again_on, sizeof(p->again_on), "%s", c->name);
	for (unsigned i = 0; i < n; i++)
		net_call(w->net, w->net->now + i * AGAIN_NS, say_again, w,
		    p->id);
}
