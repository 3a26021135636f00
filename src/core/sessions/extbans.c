/*
 * An extended ban must not tell the operator of a channel more than they may
 * know (doc/decisions/0049). So
 *
 * - ~channel is set by a member of that channel, who sees the other members,
 *   invisible ones too. This is looked at once, by the server of the user who
 *   sets the mask, as modules/forward does. A channel that is secret or private
 *   answers nothing, as on Solanum (extb_channel), and who is not seen there
 *   yet is no member.
 * - ~fingerprint takes a whole fingerprint. Patterns would find out one that
 *   WHOIS tells only to its user and to operators.
 */
#include "core/sessions/extbans.h"

#include <string.h>

#include "core/facts/chan_name.h"
#include "core/part/clean.h"
#include "core/sessions/mask_who.h"
#include "core/types/cost.h"
#include "wire/name.h"

static enum extban_answer
yes(bool is)
{
	return is ? EXTBAN_YES : EXTBAN_NO;
}

static enum extban_answer
match_text(struct mask_test *t, struct span pattern, struct span text)
{
	return yes(mask_glob(pattern, text, &t->steps));
}

/* Ask for the value of a register of the user, or, without a pattern, whether
 * it has one. */
static enum extban_answer
match_field(struct mask_test *t, struct span pattern, struct span field)
{
	const struct rcbuf *value = user_value(t->facts, t->user, field);

	t->steps += COST_VISIT;
	if (value == NULL || pattern.n == 0)
		return yes(value != NULL);
	return match_text(t, pattern, rcbuf_span(value));
}

static enum extban_answer
match_account(struct mask_test *t, struct span value)
{
	return match_field(t, value, SPAN("account"));
}

#define FINGERPRINT_HEX 64 /* digits of a SHA-256 (link-protocol.md, 11.35) */

static bool
is_fingerprint(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("0123456789abcdefABCDEF", s.p[i]) == NULL)
			return false;
	return s.n == FINGERPRINT_HEX;
}

static const char *
check_fingerprint(struct span value, const struct mask_rules *r)
{
	(void)r;
	return is_fingerprint(value) ? NULL
				     : "Not the 64 hex digits of a certificate";
}

static enum extban_answer
match_fingerprint(struct mask_test *t, struct span value)
{
	if (value.n > 0 && !is_fingerprint(value))
		return EXTBAN_VOID;
	return match_field(t, value,
	    value.n == 0 ? SPAN("secure") : SPAN("certfp"));
}

static enum extban_answer
match_oper(struct mask_test *t, struct span value)
{
	(void)value;
	return yes(t->user->modes & UMB(OPER));
}

static enum extban_answer
match_realname(struct mask_test *t, struct span value)
{
	return match_text(t, value, user_realname(t->user));
}

static enum extban_answer
match_server(struct mask_test *t, struct span value)
{
	return match_text(t, value,
	    rcbuf_span(user_server_name(t->facts, t->user)->text));
}

/* ---- channels ------------------------------------------------------------ */

/* Take the prefixes of statuses off the name, and return the statuses of which
 * a member must have one; 0: none is asked for. */
static uint32_t
take_statuses(const struct tables *t, struct span *name)
{
	uint32_t set = 0;
	enum status s;

	while (name->n > 0 &&
	       (s = status_of_prefix(t, name->p[0])) != ST_NONE) {
		set |= statuses_from(t, status_row(t, s)->rank);
		*name = span_tail(*name, 1);
	}
	return set;
}

static const char *
check_channel(struct span value, const struct mask_rules *r)
{
	const struct member *m = NULL;
	const struct chan *ch;

	(void)take_statuses(r->tables, &value);
	if (!name_is_channel(value) ||
	    !name_channel_valid(value, r->settings->channel_len))
		return "Not the name of a channel";
	if (r->by == NULL)
		return NULL;
	ch = chan_name_find(r->facts, value);
	if (ch != NULL)
		m = facts_find_member(ch, r->by);
	return m != NULL && m->shown ? NULL : "You're not on that channel";
}

static enum extban_answer
match_channel(struct mask_test *t, struct span value)
{
	uint32_t need = take_statuses(t->tables, &value);
	const struct chan *ch = NULL;
	const struct member *m;

	t->steps += COST_VISIT;
	if (name_is_channel(value) && value.n <= CLEAN_CHAN_MAX)
		ch = chan_name_lead(t->facts, value);
	if (ch == NULL || ch->nshown == 0 ||
	    (ch->modes & (CMB(SECRET) | CMB(PRIVATE))))
		return EXTBAN_VOID;
	m = facts_find_member(ch, t->user);
	return yes(m != NULL && m->shown && !m->veiled &&
		   (need == 0 || (member_status(m) & need)));
}

/* ---- wrappers ------------------------------------------------------------ */

static struct span
inner_all(struct span value)
{
	return value;
}

/* Read minutes, a colon and a mask. Return false if the value has another
 * form. */
static bool
read_time(struct span value, uint64_t *minutes, struct span *mask)
{
	size_t colon = span_find(value, ':');

	if (colon == value.n)
		return false;
	*mask = span_tail(value, colon + 1);
	return extban_minutes(span_head(value, colon), minutes);
}

static const char *
check_time(struct span value, const struct mask_rules *r)
{
	uint64_t minutes;
	struct span mask;

	(void)r;
	return read_time(value, &minutes, &mask)
		   ? NULL
		   : "Not minutes from 1 to 525600, a colon and a mask";
}

static struct span
inner_time(struct span value)
{
	uint64_t minutes;
	struct span mask;

	return read_time(value, &minutes, &mask) ? mask : SPAN_NONE;
}

static uint32_t
lasts_time(struct span value)
{
	uint64_t minutes;
	struct span mask;

	return read_time(value, &minutes, &mask) ? (uint32_t)minutes * 60 : 0;
}

const struct extban_row extbans_builtin[EXTBAN_BUILTIN] = {
#define EXTBAN(ID, name, also, letters, value, check, match, what, scenario) \
	{ name, also, letters, EXTBAN_##value, check, match, NULL,           \
		MASK_FOR_ANY, NULL, what },
#define WRAPPER(ID, name, also, letters, check, inner, use, lasts, what,    \
    scenario)                                                               \
	{ name, also, letters, EXTBAN_MUST, check, NULL, inner, use, lasts, \
		what },
#include "core/sessions/extbans.def"
#undef EXTBAN
#undef WRAPPER
};

struct mask_test
mask_test_of(const struct step *st, const struct user *u, enum mask_use use)
{
	return (struct mask_test){
		.facts = st->facts,
		.tables = st->tables,
		.user = u,
		.who = user_mask_who(u),
		.use = use,
		.wall = st->wall,
	};
}

unsigned
mask_uses(enum chan_mode list)
{
	return list == CM_INVEX ? MASK_FOR_JOIN : MASK_FOR_ANY;
}
