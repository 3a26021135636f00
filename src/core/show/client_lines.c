/*
 * Each kind of change is a row: who is told of it, and in which line. The
 * audience is collected first (core/sessions/audience.h), and no line is made
 * if it is empty.
 *
 * A user who joined in this step is sent no MODE and no TOPIC: names and topic
 * follow (core/show/show.c, 5), and the client asks for the modes.
 */
#include "core/show/client_lines.h"

#include "core/answers/reply.h"
#include "core/facts/membership.h"
#include "core/sessions/audience.h"
#include "core/sessions/monitor.h"
#include "core/sessions/source.h"
#include "core/show/change.h"
#include "core/show/show_user.h"
#include "wire/casemap.h"

/* ---- audiences --------------------------------------------------------- */

static void
to_chan(struct step *st, const struct change *ch)
{
	if (ch->veiled)
		audience_add_user(st, ch->user);
	else
		audience_add_chan(st, ch->chan, NULL);
}

static void
to_renamed(struct step *st, const struct change *ch)
{
	audience_add_chan(st, ch->chan, NULL);
}

static void
to_others(struct step *st, const struct change *ch)
{
	audience_add_chan(st, ch->chan, ch->user);
}

/* Return the user who kicks a veiled member, or NULL. A kicker who has left the
 * channel is shown nobody there. */
static const struct user *
kicker(struct step *st, const struct change *ch)
{
	const struct user *by = ch->veiled ? by_find(st, &ch->by) : NULL;
	const struct member *m =
	    by == NULL ? NULL : facts_find_member(ch->chan, by);

	return m != NULL && m->shown ? by : NULL;
}

static void
to_kicked(struct step *st, const struct change *ch)
{
	const struct user *by = kicker(st, ch);

	to_chan(st, ch);
	if (by != NULL)
		audience_add_user(st, by);
}

static void
to_old_members(struct step *st, const struct change *ch)
{
	audience_add_old(st, ch->chan);
}

/* Channels that the user left in this very step still count as shared. */
static void
to_peers_and_left(struct step *st, const struct change *ch)
{
	const struct member *m;

	audience_add_peers(st, ch->user);
	for (m = user_left(ch->user); m != NULL; m = m->user_next)
		if (m->shown && !m->veiled)
			audience_add_chan(st, m->chan, ch->user);
}

static void
to_user_and_peers(struct step *st, const struct change *ch)
{
	audience_add_user(st, ch->user);
	audience_add_peers(st, ch->user);
}

static void
to_watching_peers(struct step *st, const struct change *ch)
{
	audience_add_peers(st, ch->user);
	audience_keep_cap(st, CAPB(AWAY_NOTIFY));
	monitor_add_audience(st, ch->user, CAPB(AWAY_NOTIFY));
}

/* "To all clients in common channels, as well as to the client from which it
 * originated" (ircv3 setname). */
static void
to_naming(struct step *st, const struct change *ch)
{
	audience_add_user(st, ch->user);
	audience_add_peers(st, ch->user);
	audience_keep_cap(st, CAPB(SETNAME));
	monitor_add_audience(st, ch->user, CAPB(SETNAME));
}

/* Whether there is anybody to tell; send_host() collects who is told what. */
static void
to_host_watchers(struct step *st, const struct change *ch)
{
	audience_add_peers(st, ch->user);
	monitor_add_audience(st, ch->user, CAPB(CHGHOST));
}

/* The welcome tells it to new users. */
static void
to_welcome_user(struct step *st, const struct change *ch)
{
	const struct session *s = LIST_FIRST(&ch->user->sessions);

	if (s != NULL && s->registration == NULL)
		audience_add_user(st, ch->user);
}

/* ---- lines ------------------------------------------------------------- */

/* Send a line with the tags of its source. */
static void
send_body(struct step *st, const struct writer *w, struct span tags)
{
	audience_send(st,
	    &(struct line){ .body = writer_done(w), .tags = tags });
}

/*
 * The colon stands also before an empty reason: a parameter is the same with it
 * and without (modern-irc, "Parameters"), but some clients look for it to find
 * the end of the one before.
 */
static void
send_part_line(struct step *st, const struct change *ch, const struct user *u)
{
	struct writer w;

	body_begin(st, &w, user_source(st, u));
	writer_str(&w, "PART ");
	writer_span(&w, rcbuf_span(ch->chan->name));
	writer_str(&w, " :");
	writer_span(&w, ch->text);
	send_body(st, &w, user_tags(st, u));
}

static void
send_part(struct step *st, const struct change *ch)
{
	send_part_line(st, ch, ch->user);
}

static void
send_kick_line(struct step *st, const struct change *ch)
{
	struct writer w;

	body_begin(st, &w, by_source(st, &ch->by));
	writer_str(&w, "KICK ");
	writer_span(&w, rcbuf_span(ch->chan->name));
	writer_char(&w, ' ');
	writer_span(&w, user_nick(ch->user));
	writer_str(&w, " :");
	writer_span(&w, ch->text);
	send_body(st, &w, by_tags(st, &ch->by));
}

static void
send_quit(struct step *st, const struct change *ch)
{
	struct writer w;

	body_begin(st, &w, user_source(st, ch->user));
	writer_str(&w, "QUIT :");
	writer_span(&w, ch->text);
	send_body(st, &w, user_tags(st, ch->user));
}

/* The colon is what ii and others look for, as in send_part(). */
static void
send_nick(struct step *st, const struct change *ch)
{
	struct writer w;

	body_begin(st, &w, user_source(st, ch->user));
	writer_str(&w, "NICK :");
	writer_span(&w, ch->text);
	send_body(st, &w, user_tags(st, ch->user));
}

/* Return the tags of a line of a user who may come in this step: what is set of
 * their modes is shown after the JOINs (core/show/show.c). */
static struct span
coming_tags(struct step *st, const struct user *u)
{
	if (st->tables->marked == 0)
		return SPAN_NONE;
	return mark_tags(st, show_modes_of(st->facts, u));
}

/* Send AWAY to the audience, from that source, unless the audience is empty. */
static void
send_away_line(struct step *st, const struct user *u, struct span source)
{
	struct writer w;

	if (audience_is_empty(st))
		return;
	body_begin(st, &w, source);
	writer_str(&w, "AWAY");
	if (user_away(u) != NULL) {
		writer_str(&w, " :");
		writer_span(&w, rcbuf_span(user_away(u)));
	}
	send_body(st, &w, coming_tags(st, u));
}

/* Tell each session of the user that the user is away, or back; but not before
 * the welcome. */
static void
tell_own_away(struct step *st, const struct user *u)
{
	struct session *s;

	LIST_FOREACH(s, &u->sessions, user_link)
		if (s->registration == NULL)
			reply0(st, s,
			    user_away(u) != NULL ? RPL_NOWAWAY : RPL_UNAWAY);
}

static void
send_away(struct step *st, const struct change *ch)
{
	tell_own_away(st, ch->user);
	send_away_line(st, ch->user, user_source(st, ch->user));
}

static void
send_setname(struct step *st, const struct change *ch)
{
	struct writer w;

	body_begin(st, &w, user_source(st, ch->user));
	writer_str(&w, "SETNAME :");
	writer_span(&w, user_realname(ch->user));
	send_body(st, &w, user_tags(st, ch->user));
}

/* Send JOIN to the audience, from that source. */
static void
send_join_line(struct step *st, const struct user *u, struct span name,
    struct span source)
{
	struct line l = { .alt_cap = CAPB(EXTENDED_JOIN),
		.tags = coming_tags(st, u) };
	struct writer w;

	for (unsigned ext = 0; ext < 2; ext++) {
		body_begin(st, &w, source);
		writer_str(&w, "JOIN ");
		writer_span(&w, name);
		if (ext == 1) {
			writer_str(&w, " * :");
			writer_span(&w, user_realname(u));
			l.alt = writer_done(&w);
		} else
			l.body = writer_done(&w);
	}
	audience_send(st, &l);
}

void
client_lines_joined(struct step *st, struct session *s, const struct member *m)
{
	audience_begin(st);
	audience_add(st, s);
	send_join_line(st, m->user, rcbuf_span(m->chan->name),
	    user_source(st, m->user));
}

/* AWAY of a user who joins follows the JOIN (IRCv3 away-notify). */
static void
send_join(struct step *st, const struct change *ch)
{
	send_join_line(st, ch->user, rcbuf_span(ch->chan->name),
	    user_source(st, ch->user));
	if (user_away(ch->user) == NULL || ch->veiled)
		return;
	audience_begin(st);
	audience_add_chan(st, ch->chan, ch->user);
	audience_keep_cap(st, CAPB(AWAY_NOTIFY));
	send_away_line(st, ch->user, user_source(st, ch->user));
}

/* The user who kicks a veiled member is shown the member first (as on ircu). */
static void
send_kick(struct step *st, const struct change *ch)
{
	const struct user *by = kicker(st, ch);

	if (by != NULL && by != ch->user) {
		audience_begin(st);
		audience_add_user(st, by);
		if (!audience_is_empty(st))
			send_join_line(st, ch->user, rcbuf_span(ch->chan->name),
			    user_source(st, ch->user));
		audience_begin(st);
		to_kicked(st, ch);
	}
	send_kick_line(st, ch);
}

/* ---- a new host --------------------------------------------------------- */

static struct span
new_source(struct step *st, const struct change *ch)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w, user_nick(ch->user));
	writer_char(&w, '!');
	writer_span(&w, ch->text);
	writer_char(&w, '@');
	writer_span(&w, ch->host);
	return writer_done(&w);
}

/* "Servers SHOULD also send the CHGHOST message to the client whose own
 * username or host changed" (ircv3 chghost). */
static void
send_chghost(struct step *st, const struct change *ch)
{
	struct writer w;

	audience_begin(st);
	audience_add_user(st, ch->user);
	audience_add_peers(st, ch->user);
	audience_keep_cap(st, CAPB(CHGHOST));
	monitor_add_audience(st, ch->user, CAPB(CHGHOST));
	if (audience_is_empty(st))
		return;
	body_begin(st, &w, user_source(st, ch->user));
	writer_str(&w, "CHGHOST ");
	writer_span(&w, ch->text);
	writer_char(&w, ' ');
	writer_span(&w, ch->host);
	send_body(st, &w, user_tags(st, ch->user));
}

static void
send_fake_quit(struct step *st, const struct change *ch)
{
	struct writer w;

	audience_begin(st);
	audience_add_peers(st, ch->user);
	audience_drop_cap(st, CAPB(CHGHOST));
	if (audience_is_empty(st))
		return;
	body_begin(st, &w, user_source(st, ch->user));
	writer_str(&w, "QUIT :Changing host");
	send_body(st, &w, user_tags(st, ch->user));
}

/* Send MODE with all statuses of the member to the audience. */
static void
send_statuses(struct step *st, const struct member *m)
{
	uint32_t set = member_status(m);
	struct span nick = user_nick(m->user);
	struct writer w;

	if (set == 0)
		return;
	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "MODE ");
	writer_span(&w, rcbuf_span(m->chan->name));
	writer_str(&w, " +");
	for (enum status s = 0; s < st->tables->nstatus; s++)
		if (set >> s & 1)
			writer_char(&w, status_row(st->tables, s)->letter);
	for (; set != 0; set &= set - 1) {
		writer_char(&w, ' ');
		writer_span(&w, nick);
	}
	send_body(st, &w, SPAN_NONE);
}

/* Let a member who is not told of hosts see the user come back. */
static void
send_fake_join(struct step *st, const struct member *m, struct span source)
{
	audience_begin(st);
	audience_add_chan(st, m->chan, m->user);
	audience_drop_cap(st, CAPB(CHGHOST));
	if (audience_is_empty(st))
		return;
	send_join_line(st, m->user, rcbuf_span(m->chan->name), source);
	send_statuses(st, m);
	if (user_away(m->user) == NULL)
		return;
	audience_begin(st);
	audience_add_chan(st, m->chan, m->user);
	audience_drop_cap(st, CAPB(CHGHOST));
	audience_keep_cap(st, CAPB(AWAY_NOTIFY));
	send_away_line(st, m->user, source);
}

/*
 * "When the capability is not enabled [...] servers SHOULD send fallback
 * messages to simulate the client reconnecting" (ircv3 chghost): QUIT, then
 * JOIN and MODE for each channel. The user's own client is sent neither: it
 * would believe that it has left.
 *
 * A user on very many channels is not simulated, since the JOINs could be more
 * than a sendq may hold. Only a server that lies has such a user. The next line
 * of the user tells the host.
 */
static void
send_host(struct step *st, const struct change *ch)
{
	struct span source = new_source(st, ch);
	const struct member *m;
	struct session *s;

	send_chghost(st, ch);
	if (!span_eq(ch->host, user_host(ch->user)))
		LIST_FOREACH(s, &ch->user->sessions, user_link)
			reply(st, s, RPL_VISIBLEHOST, ch->host);
	if (ch->user->nshown > POSTPONE_ABOVE)
		return;
	send_fake_quit(st, ch);
	for (struct stays it = stays_of(ch->user);
	     (m = stays_next(&it)) != NULL;)
		if (m->shown && !m->veiled && m->chan->nlocal > 0)
			send_fake_join(st, m, source);
}

/* ---- modes and topics ---------------------------------------------------- */

static size_t
mode_cost(const struct mode_change *c)
{
	return 2 + (c->has_arg ? 1 + c->arg.n : 0);
}

/* "Software SHOULD AVOID sending more than 15 parameters" (modern-irc,
 * "Parameters"): the channel and the letters are two of them. Some clients read
 * no more. */
#define MODE_ARGS_MAX 13

/* Return how many of these fit the line, beside the bytes it has. */
static size_t
count_modes(const struct step *st, const struct mode_change *v, size_t n,
    size_t taken)
{
	size_t k = 0, args = 0, room = LINE_BODY_MAX - taken,
	       max = st->core->settings->modes;

	if (max > MODE_ARGS_MAX)
		max = MODE_ARGS_MAX;
	while (k < n && mode_cost(&v[k]) <= room &&
	       (!v[k].has_arg || args < max)) {
		room -= mode_cost(&v[k]);
		args += v[k++].has_arg;
	}
	return k;
}

/* Send one MODE line of as many changes as fit; return how many. */
static size_t
send_mode_line(struct step *st, const struct change *ch,
    const struct mode_change *v, size_t n)
{
	struct writer w;
	size_t k;
	int sign = -1;

	body_begin(st, &w, by_source(st, &ch->by));
	writer_str(&w, "MODE ");
	writer_span(&w, rcbuf_span(ch->chan->name));
	writer_char(&w, ' ');
	k = count_modes(st, v, n, writer_done(&w).n);
	if (k == 0)
		return 1; /* cannot be shown on a line: pass it over */
	for (size_t i = 0; i < k; i++) {
		if (sign != v[i].on)
			writer_char(&w, v[i].on ? '+' : '-');
		sign = v[i].on;
		writer_char(&w, v[i].letter);
	}
	for (size_t i = 0; i < k; i++)
		if (v[i].has_arg) {
			writer_char(&w, ' ');
			writer_span(&w, v[i].hidden ? SPAN("*") : v[i].arg);
		}
	send_body(st, &w, by_tags(st, &ch->by));
	return k;
}

static void
send_modes(struct step *st, const struct change *ch)
{
	for (size_t i = 0; i < ch->nmode;)
		i += send_mode_line(st, ch, ch->mode + i, ch->nmode - i);
}

static void
send_topic(struct step *st, const struct change *ch)
{
	struct writer w;

	body_begin(st, &w, by_source(st, &ch->by));
	writer_str(&w, "TOPIC ");
	writer_span(&w, rcbuf_span(ch->chan->name));
	writer_str(&w, " :");
	writer_span(&w, ch->text);
	send_body(st, &w, by_tags(st, &ch->by));
}

/* ---- another name of a channel ------------------------------------------- */

/* Return true if a RENAME line of that source has room for both names. */
static bool
names_fit(const struct change *ch, struct span source)
{
	return source.n + rcbuf_span(ch->chan->name).n + ch->name.n +
		   sizeof(": RENAME   :") - 1 <=
	       LINE_BODY_MAX;
}

/* If another server has other limits, the names may not fit behind the user who
 * gives the name. They fit behind the name of any server. */
static void
send_rename_line(struct step *st, const struct change *ch)
{
	struct span source = by_source(st, &ch->by);
	bool fits = names_fit(ch, source);
	struct writer w;

	audience_begin(st);
	to_renamed(st, ch);
	audience_keep_cap(st, CAPB(CHANNEL_RENAME));
	if (audience_is_empty(st))
		return;
	body_begin(st, &w, fits ? source : st->core->settings->name);
	writer_str(&w, "RENAME ");
	writer_span(&w, rcbuf_span(ch->chan->name));
	writer_char(&w, ' ');
	writer_span(&w, ch->name);
	writer_str(&w, " :");
	writer_span(&w, ch->text);
	send_body(st, &w, fits ? by_tags(st, &ch->by) : SPAN_NONE);
}

/* Each client sees its own user leave and come, so no two get the same line. */
static void
send_fallback(struct step *st, const struct change *ch, const struct user *u)
{
	audience_begin(st);
	audience_add_user(st, u);
	audience_drop_cap(st, CAPB(CHANNEL_RENAME));
	if (audience_is_empty(st))
		return;
	send_part_line(st, ch, u);
	send_join_line(st, u, ch->name, user_source(st, u));
}

/* "Send the client a PART message for the old channel name, [...] followed by
 * the usual messages"; and "this fallback SHOULD NOT be used if the rename only
 * changes the case" (ircv3 channel-rename). The topic and the names follow when
 * the new name is shown (core/show/show_chan_name.c). */
static void
send_rename(struct step *st, const struct change *ch)
{
	const struct chan *c = ch->chan;

	send_rename_line(st, ch);
	if (casemap_eq(rcbuf_span(c->name), ch->name))
		return;
	for (uint32_t i = 0; i < c->nlocal; i++)
		send_fallback(st, ch, c->local[i]->user);
}

static void
write_user_modes(struct writer *w, const struct tables *t, char sign,
    uint64_t set)
{
	if (set == 0)
		return;
	writer_char(w, sign);
	user_modes_write(w, t, set);
}

static void
send_user_modes(struct step *st, const struct change *ch)
{
	struct writer w;

	body_begin(st, &w, user_source(st, ch->user));
	writer_str(&w, "MODE ");
	writer_span(&w, user_nick(ch->user));
	writer_char(&w, ' ');
	write_user_modes(&w, st->tables, '-', ch->off);
	write_user_modes(&w, st->tables, '+', ch->on);
	send_body(st, &w, user_tags(st, ch->user));
}

/* ---- the rows ---------------------------------------------------------- */

static const struct told {
	void (*audience)(struct step *, const struct change *);
	void (*send)(struct step *, const struct change *);
	bool answers; /* sessions of the user themself are answered, too */
} told[CHANGE_COUNT] = {
	[CHANGE_PART] = { to_chan, send_part, false },
	[CHANGE_KICK] = { to_kicked, send_kick, false },
	[CHANGE_QUIT] = { to_peers_and_left, send_quit, false },
	[CHANGE_NICK] = { to_user_and_peers, send_nick, false },
	/* the JOINs of the user tell it */
	[CHANGE_COME] = { NULL, NULL, false },
	[CHANGE_JOIN] = { to_chan, send_join, false },
	[CHANGE_SEEN] = { to_others, send_join, false },
	[CHANGE_AWAY] = { to_watching_peers, send_away, true },
	[CHANGE_REALNAME] = { to_naming, send_setname, false },
	[CHANGE_HOST] = { to_host_watchers, send_host, true },
	[CHANGE_MODES] = { to_old_members, send_modes, false },
	[CHANGE_TOPIC] = { to_old_members, send_topic, false },
	[CHANGE_USER_MODES] = { to_welcome_user, send_user_modes, false },
	[CHANGE_RENAME] = { to_renamed, send_rename, false },
};

static bool
has_audience(struct sink *sink, struct step *st, const struct change *ch)
{
	const struct told *t = &told[ch->kind];

	(void)sink;
	if (t->send == NULL)
		return false;
	audience_begin(st);
	t->audience(st, ch);
	return !audience_is_empty(st) ||
	       (t->answers && !LIST_EMPTY(&ch->user->sessions));
}

static void
take(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	told[ch->kind].send(st, ch);
}

void
client_lines_init(struct core *c)
{
	c->client_lines =
	    (struct sink){ .has_audience = has_audience, .take = take };
	core_add_sink(c, &c->client_lines);
}
