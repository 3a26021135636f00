#include "core/census.h"

#include "core/answers/chan_info.h"
#include "core/facts/bans.h"
#include "core/part/clean.h"
#include "core/sessions/access.h"
#include "core/sessions/source.h"

#define MODES_MAX (1 + UM_NONE + CM_NONE)

static struct span
user_letters(const struct core *c, struct arena *a, uint64_t modes)
{
	struct writer w;

	writer_init_arena(&w, a, MODES_MAX);
	writer_char(&w, '+');
	user_modes_write(&w, &c->tables, modes);
	return writer_done(&w);
}

static struct span
chan_letters(const struct core *c, struct arena *a, const struct chan *ch)
{
	struct writer w;

	writer_init_arena(&w, a, MODES_MAX);
	writer_char(&w, '+');
	for (unsigned m = 0; m < c->tables.nchan_mode; m++)
		if (ch->modes >> m & 1)
			mode_letter_write(&w,
			    chan_mode_row(&c->tables, m)->letter);
	return writer_done(&w);
}

bool
census_next_user(const struct core *c, struct arena *a, size_t *at,
    struct census_user *out)
{
	const struct user *u = map_next(&c->facts.users, at);

	*out = (struct census_user){ .nick = SPAN_NONE };
	if (u == NULL || !u->shown)
		return u != NULL;
	*out = (struct census_user){ .nick = user_nick(u),
		.uid = u->uid,
		.ident = user_username(u),
		.host = user_host(u),
		.address = ident_ip(u->ident),
		.server = server_name(c, user_home(u).sid),
		.oper = oper_block(&c->facts, u),
		.modes = user_letters(c, a, u->modes),
		.channels = u->nshown,
		.away = user_away(u) != NULL,
		.realname = user_realname(u) };
	return true;
}

bool
census_next_chan(const struct core *c, struct arena *a, size_t *at,
    struct census_chan *out)
{
	const struct chan *ch = map_next(&c->facts.chans, at);

	*out = (struct census_chan){ .name = SPAN_NONE };
	if (ch == NULL || !chan_is_shown(ch))
		return ch != NULL;
	*out = (struct census_chan){ .name = rcbuf_span(ch->name),
		.users = ch->nshown,
		.modes = chan_letters(c, a, ch),
		.founded_ms =
		    ch->current == NULL ? 0 : ch->current->cinc.stamp.ms,
		.topic = topic_text(ch->topic) };
	return true;
}

bool
census_next_ban(const struct core *c, struct arena *a, struct wall now,
    struct cinc *at, struct census_ban *out)
{
	const struct ban *b = bans_from(&c->facts, *at);
	struct ban_text text;

	if (b == NULL)
		return false;
	ban_read(b, &text);
	*at = b->id;
	/* no sid is between this one and the one with another last letter */
	at->sid.s[SID_LEN - 1]++;
	*out = (struct census_ban){ .kind = text.kind,
		.mask = text.mask,
		.by = text.by,
		.reason = clean_text(a, text.reason),
		.private = clean_text(a, text.private),
		.lifts = text.lifts,
		.id = text.id,
		.expiry_ms = text.expiry.ms,
		.hits = b->hits,
		.own = ban_is_own(b),
		.in_force = b->kind != BAN_KINDS &&
			    ban_mask_check(b->kind, b->mask) &&
			    ban_holds(b, now) };
	return true;
}
