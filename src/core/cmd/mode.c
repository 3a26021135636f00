/*
 * MODE (modern-irc, "MODE message") of a channel; umode.c has that of a user.
 *
 * A line is read into one wanted state for each thing that it changes (a flag,
 * a key, a mask, a status of somebody), so the last word on a thing counts and
 * `+m-m` changes nothing. Then one part is built for each thing that differs
 * from the wanted state; clients see the difference when the entry is applied.
 *
 * Changes that the caller may not make are left out; the numeric for them is
 * sent once. Differs from modern-irc, "Channel mode", 482 ("MUST not process
 * the message"): a caller who may make some of the changes of a line makes
 * those, as a halfop does with +v among others. A line makes at most MODES
 * changes with a parameter; the rest of the line is ignored.
 *
 *	to change	needs		to give, take	needs
 *	flags, k, l	op		owner		owner
 *	b e I		op		admin		admin; owner to take
 *	P		a privilege
 *					op, halfop	op
 *					voice		halfop
 *
 * Nobody takes a status from a user of a higher rank; users may drop their own.
 *
 * SAMODE is MODE without these checks: an operator changes any channel, without
 * being on it. The change is shown as one of the operator's server, as on
 * UnrealIRCd, since the operator has no rank there.
 */
#include "core/answers/mask_list.h"
#include "core/cmd/cmd.h"
#include "core/cmd/umode.h"
#include "core/facts/chan_name.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/shown_list.h"
#include "core/sessions/access.h"
#include "core/sessions/audit.h"
#include "core/sessions/extbans.h"
#include "core/sessions/given_key.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"
#include "wire/casemap.h"
#include "wire/name.h"

#include <limits.h>
#include <string.h>

/* A mask must fit into 367 beside the longest names. */
#define MASK_MAX 200

/* the characters of an address, and of a mask of one */
#define ADDRESS_MASK "0123456789abcdefABCDEF:.*?/"

/* A line has room for this many changes with a letter and a word each. */
#define CHANGES_MAX 256

struct wish {
	const struct member *member; /* whose status it changes, or NULL */
	enum status status;
	enum chan_mode mode;
	struct span arg; /* mask or value */
	bool on;
};

struct reading {
	struct cmd *c;
	const struct chan *ch;
	struct span args; /* words that are not taken yet */
	unsigned nargs;	  /* words taken */
	bool full;	  /* MODES words are taken: stop */
	unsigned rank;	  /* of the caller */
	bool forced;	  /* SAMODE */
	struct by by;	  /* the author of the changes */
	bool on;	  /* the sign */
	bool refused;	  /* 482 was said */
	bool denied;	  /* a privilege is missing, which was said */
	uint64_t listed;  /* lists answered, CMB() */
	uint64_t lacking; /* letters told to lack a parameter, from 'A' */
	struct wish change[CHANGES_MAX];
	size_t nchange;
};

/* ---- what it is now ---------------------------------------------------- */

/* Append the letters of the modes of that type that are set. */
static void
put_letters(const struct cmd *c, struct writer *w, const struct chan *ch,
    enum mode_type type)
{
	const struct chan_mode_row *row;

	for (unsigned m = 0; m < c->tables->nchan_mode; m++) {
		row = chan_mode_row(c->tables, m);
		if (row->type == type && (ch->modes >> m & 1))
			writer_char(w, row->letter);
	}
}

/* Return `+flags…`, the letters of modes with a value, and their values; some
 * values are for members only ("Servers MAY choose to hide sensitive
 * information such as channel keys"). */
static struct span
modes_text(struct cmd *c, const struct chan *ch)
{
	const struct member *m = cmd_member(c, ch);
	bool knows = m != NULL && !m->keyless;
	const struct rcbuf *value;
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_char(&w, '+');
	put_letters(c, &w, ch, MODE_FLAG);
	put_letters(c, &w, ch, MODE_VALUE);
	for (unsigned cm = 0; cm < c->tables->nchan_mode; cm++) {
		if ((value = chan_value(ch, cm)) == NULL)
			continue;
		writer_char(&w, ' ');
		writer_span(&w,
		    !knows && chan_mode_row(c->tables, cm)->value->for_members
			? SPAN("*")
			: rcbuf_span(value));
	}
	return writer_done(&w);
}

static void
query_modes(struct cmd *c, const struct chan *ch)
{
	struct span name = rcbuf_span(ch->name);

	reply(c->st, c->s, RPL_CHANNELMODEIS, name, modes_text(c, ch));
	if (ch->current != NULL)
		reply(c->st, c->s, RPL_CREATIONTIME, name,
		    num(c->st, (uint64_t)ch->current->cinc.stamp.ms / 1000));
}

static void
query_list(struct cmd *c, const struct chan *ch, enum chan_mode list)
{
	if (may_see_list(c->s, ch, chan_mode_row(c->tables, list)))
		reply_mask_list(c->st, c->s, ch, list);
	else
		reply(c->st, c->s, ERR_NOTONCHANNEL, rcbuf_span(ch->name));
}

/* ---- reading what is wanted -------------------------------------------- */

/* Take the next parameter. Return false if there is none, or no more may be
 * taken. */
static bool
take_arg(struct reading *r, struct span *arg)
{
	if (!msg_word(&r->args, arg, NULL) || arg->n == 0)
		return false;
	r->full = r->nargs++ == r->c->settings->modes;
	return !r->full;
}

static void
refuse(struct reading *r, unsigned missing)
{
	if (!r->refused)
		cmd_refuse(r->c, r->ch, missing);
	r->refused = true;
}

static bool
need(struct reading *r, unsigned rank)
{
	if (r->rank >= rank)
		return true;
	refuse(r, rank);
	return false;
}

static void
bad_param(struct reading *r, char letter, struct span arg, const char *why)
{
	reply(r->c->st, r->c->s, ERR_INVALIDMODEPARAM, rcbuf_span(r->ch->name),
	    span_make(&letter, 1), arg, span_of(why));
}

/* modern-irc, "Channel mode", wants such a mode ignored. This server
 * ignores it and tells the client so, as other servers do, once for each
 * letter of a line. */
static void
no_param(struct reading *r, char letter)
{
	uint64_t bit = (uint64_t)1 << (letter - 'A');

	if ((r->lacking & bit) == 0)
		bad_param(r, letter, SPAN("*"), "A parameter is missing");
	r->lacking |= bit;
}

/* Return the parameter as 696 repeats it: `*` for one that is too long, as
 * other servers do. */
static struct span
repeated(struct span arg, size_t max)
{
	return arg.n > max ? SPAN("*") : arg;
}

static bool
is_list(const struct reading *r, enum chan_mode m)
{
	return m != CM_NONE &&
	       chan_mode_row(r->c->tables, m)->type == MODE_LIST;
}

static bool
is_same(const struct reading *r, const struct wish *a, const struct wish *b)
{
	if (a->member != b->member || a->status != b->status ||
	    a->mode != b->mode)
		return false;
	return !is_list(r, a->mode) || casemap_eq(a->arg, b->arg);
}

static void
want(struct reading *r, struct wish change)
{
	size_t i = 0;

	change.on = r->on;
	while (i < r->nchange && !is_same(r, &r->change[i], &change))
		i++;
	if (i == CHANGES_MAX)
		return;
	r->change[i] = change;
	if (i == r->nchange)
		r->nchange++;
}

static void
want_mode(struct reading *r, enum chan_mode m, struct span arg)
{
	want(r, (struct wish){ .status = ST_NONE, .mode = m, .arg = arg });
}

/* Operators with the privilege change +P, as on solanum. They need no status on
 * the channel: a permanent channel may have no member who could give them one.
 * (Solanum wants them to be op, too.) The others are refused once. */
static bool
may_make_permanent(struct reading *r)
{
	bool may = !r->denied && cmd_may(r->c, PRIV_CHANNEL_MODES);

	r->denied = !may;
	return may;
}

static void
read_flag(struct reading *r, enum chan_mode m)
{
	const struct chan_mode_row *row = chan_mode_row(r->c->tables, m);
	bool may = m == CM_PERMANENT ? may_make_permanent(r) : need(r, RANK_OP);

	if (may &&
	    (row->may_set == NULL || r->forced || row->may_set(r->c, r->on)))
		want_mode(r, m, SPAN_NONE);
}

/* Return true for an extended ban of InspIRCd, `account:x`, which as a plain
 * mask would match nobody. No nick has a colon; an address has colons, but no
 * other letters than those of hex. */
static bool
is_bare_extban(struct span mask)
{
	size_t end = 0;
	bool colon = false, other = false;

	for (; end < mask.n && mask.p[end] != '!' && mask.p[end] != '@';
	     end++) {
		colon |= mask.p[end] == ':';
		other |= memchr(ADDRESS_MASK, mask.p[end],
			     sizeof(ADDRESS_MASK) - 1) == NULL;
	}
	if (mask.p[0] == '~' || mask.p[0] == '$')
		return false;
	return colon && (end < mask.n || (other && mask.p[0] != ':'));
}

/* Write a mask in the form that lists hold. Return NULL, or why it cannot be
 * set. */
static const char *
write_mask(const struct reading *r, struct writer *w, enum chan_mode m,
    struct span mask)
{
	const struct cmd *c = r->c;
	struct mask_rules rules = { .tables = c->tables,
		.settings = c->settings,
		.facts = c->facts,
		.uses = mask_uses(m),
		.by = r->on && !r->forced ? c->user : NULL };

	if (is_bare_extban(mask))
		return "Extended bans begin with ~ or $ here";
	return mask_write(w, &rules, mask);
}

/* Return true if a mask with that very text is on the list, as another server
 * may have set it. */
static bool
is_held(const struct reading *r, enum chan_mode m, struct span mask)
{
	return r->ch->current != NULL &&
	       mask_first_like(r->ch->current, list_name(r->c->facts, m),
		   mask) != NULL;
}

/* Return true if a mask that cannot be set may be on the list nevertheless, or
 * is not worth an answer. */
static bool
may_take_away(const struct reading *r, struct span mask)
{
	struct extban x;

	return !r->on && mask.n <= MASK_MAX && msg_is_word(mask) &&
	       (is_bare_extban(mask) || extban_read(r->c->tables, mask, &x));
}

static void
read_list(struct reading *r, enum chan_mode m)
{
	struct span arg;
	struct writer w;
	const char *why;

	if (!take_arg(r, &arg)) {
		if (!r->full && r->c->s != NULL &&
		    (r->listed & (UINT64_C(1) << m)) == 0)
			query_list(r->c, r->ch, m);
		r->listed |= UINT64_C(1) << m;
		return;
	}
	if (!need(r, RANK_OP))
		return;
	if (!r->on && is_held(r, m, arg)) {
		want_mode(r, m, arg);
		return;
	}
	writer_init_arena(&w, r->c->st->arena, MASK_MAX);
	if ((why = write_mask(r, &w, m, arg)) == NULL)
		want_mode(r, m, writer_done(&w));
	else if (!may_take_away(r, arg))
		bad_param(r, chan_mode_row(r->c->tables, m)->letter,
		    repeated(arg, MASK_MAX), why);
}

/* "If a type B or C mode does not have a parameter when being set, the server
 * MUST ignore that mode." To unset a mode of type B, any parameter will do, or
 * none. */
static void
read_value(struct reading *r, enum chan_mode m)
{
	const struct chan_mode_row *row = chan_mode_row(r->c->tables, m);
	struct span arg = SPAN_NONE;
	const char *why = NULL;
	bool has;
	struct writer w;

	has = (r->on || row->value->arg_to_unset) && take_arg(r, &arg);
	if (r->full || !need(r, RANK_OP))
		return;
	if (r->on && !has) {
		no_param(r, row->letter);
		return;
	}
	if (r->on)
		why = mode_value_check(row->value, arg, r->c->settings);
	if (r->on && why == NULL && row->value->may_set != NULL && !r->forced)
		why = row->value->may_set(r->c, arg);
	if (why != NULL) {
		bad_param(r, row->letter,
		    repeated(arg, r->c->settings->key_len), why);
		return;
	}
	writer_init_arena(&w, r->c->st->arena, LINE_BODY_MAX);
	if (r->on)
		mode_value_normalise(row->value, &w, arg);
	want_mode(r, m, writer_done(&w));
}

/* Return the rank that a user needs to give or take the status: "cannot have
 * this mode removed by other protected users" */
static unsigned
rank_for(const struct reading *r, enum status s)
{
	const struct status_row *row = status_row(r->c->tables, s);

	return r->on ? row->give : row->over;
}

/*
 * Return true if the caller may give the member that status, or take it; else
 * send 482. The rule users know: a user gives up what they have, takes nothing
 * from a higher rank, and otherwise needs the rank of the table above. The
 * first step that applies decides.
 */
static bool
may_set_status(struct reading *r, const struct member *m, enum status s)
{
	/* 1. Users may drop a status of their own. */
	if (!r->on && m->user == r->c->user)
		return true;

	/* 2. No status is taken from a higher rank. */
	if (!r->on && status_rank(r->c->tables, member_rights(m)) > r->rank) {
		refuse(r, status_rank(r->c->tables, member_rights(m)));
		return false;
	}

	/* 3. The caller has the rank that the change needs, or more. */
	return need(r, rank_for(r, s));
}

static void
read_status(struct reading *r, enum status s)
{
	const struct user *u;
	const struct member *m;
	struct span arg;
	bool has = take_arg(r, &arg);

	if (r->full)
		return;
	if (r->rank == RANK_NONE) {
		refuse(r, rank_for(r, s));
		return;
	}
	if (!has) {
		no_param(r, status_row(r->c->tables, s)->letter);
		return;
	}
	if ((u = cmd_find_user(r->c, arg)) == NULL ||
	    (m = cmd_find_member(r->c, r->ch, u)) == NULL ||
	    !may_set_status(r, m, s))
		return;
	want(r, (struct wish){ .member = m, .status = s, .mode = CM_NONE });
}

static void (*const read_mode[])(struct reading *, enum chan_mode) = {
	[MODE_LIST] = read_list,
	[MODE_VALUE] = read_value,
	[MODE_FLAG] = read_flag,
};

static void
read_letters(struct reading *r, struct span letters)
{
	struct span rest = letters, one;
	enum status s;
	enum chan_mode m;

	while (rest.n > 0 && !r->full) {
		one = mode_letter_take(&rest);
		s = status_of_letter(r->c->tables, one.p[0]);
		m = chan_mode_of_letter(r->c->tables, one.p[0]);
		if (one.p[0] == '+' || one.p[0] == '-')
			r->on = one.p[0] == '+';
		else if (s != ST_NONE)
			read_status(r, s);
		else if (m != CM_NONE)
			read_mode[chan_mode_row(r->c->tables, m)->type](r, m);
		else if (!mode_letter_is_repeated(letters, one))
			reply(r->c->st, r->c->s, ERR_UNKNOWNMODE, one);
	}
}

/* ---- building ---------------------------------------------------------- */

static void
build_status(struct reading *r, const struct wish *x)
{
	struct part *p;

	if (((member_rights(x->member) >> x->status) & 1) == x->on)
		return;
	if (x->on)
		cmd_reveal(r->c, x->member);
	p = cmd_add_part(r->c, PART_STAT);
	p->u.stat = (struct part_stat){ .ch = cmd_ch(r->ch),
		.dot = x->member->dot,
		.name = span_of(status_row(r->c->tables, x->status)->name),
		.on = x->on,
		.by = r->by };
}

/* Return true if the channel is as wanted already. */
static bool
is_set(const struct reading *r, const struct wish *x)
{
	if (((r->ch->modes >> x->mode) & 1) != x->on)
		return false;
	if (x->on && chan_mode_row(r->c->tables, x->mode)->type == MODE_VALUE)
		return span_eq(rcbuf_span(chan_value(r->ch, x->mode)), x->arg);
	return true;
}

static void
audit_permanent(const struct reading *r, const struct wish *x)
{
	struct writer w;

	writer_init_arena(&w, r->c->st->arena, LINE_BODY_MAX);
	writer_span(&w, rcbuf_span(r->ch->name));
	writer_str(&w, x->on ? " +P" : " -P");
	audit_log(r->c->st, LOG_CHANNEL_MODE,
	    &(struct audit){ .by = r->c->user,
		.what = { r->c->name, writer_done(&w) },
		.result = "ok" });
}

#define PERMANENT_OFF 32 /* incarnations in one line */

/* Take the mode off all other incarnations, too: else the next one would be
 * shown, which is that of a server that has made the channel again after a
 * restart (core/restore.c). */
static void
build_permanent_off(struct reading *r)
{
	const struct chan *ch = r->ch;
	const struct founding *g = founding_first(ch);

	for (unsigned i = 0; g != NULL && i < PERMANENT_OFF; i++) {
		if (g->permanent && g != ch->current && cmd_has_room(r->c, 1))
			cmd_add_part(r->c, PART_CSET)
			    ->u.cset = (struct part_cset){ { chan_name_fact(ch),
							       g->cinc },
				span_of(chan_modes_builtin[CM_PERMANENT].field),
				cmd_by(r->c), text_off() };
		g = founding_next(g);
	}
}

static void
build_mode(struct reading *r, const struct wish *x)
{
	struct part *p;

	if (is_set(r, x))
		return;
	if (x->mode == CM_PERMANENT)
		audit_permanent(r, x);
	if (x->mode == CM_PERMANENT && !x->on)
		build_permanent_off(r);
	p = cmd_add_part(r->c, PART_CSET);
	p->u.cset = (struct part_cset){ cmd_ch(r->ch),
		span_of(chan_mode_row(r->c->tables, x->mode)->field), r->by,
		!x->on ? text_off()
		       : text_of(x->arg.n > 0 ? x->arg : SPAN("1")) };
	if (x->on && x->mode == CM_KEY && !r->forced)
		given_key_note(r->c->core, r->c->s, rcbuf_span(r->ch->fold),
		    x->arg);
}

/* Return the first element that looks like the mask; the others follow it. */
static const struct mask *
first_like(const struct reading *r, const struct wish *x)
{
	return mask_first_like(r->ch->current, list_name(r->c->facts, x->mode),
	    x->arg);
}

static const struct mask *
next_like(const struct mask *m, const struct wish *x)
{
	m = mask_next(m);
	return m != NULL && m->list->chan_list == x->mode &&
		       casemap_eq(mask_of(m->text), x->arg)
		   ? m
		   : NULL;
}

/* Find the elements that look like the mask: concurrent adds make several. */
static size_t
find_masks(const struct reading *r, const struct wish *x, struct dot *dot,
    size_t max)
{
	const struct mask *m = first_like(r, x);
	size_t n = 0;

	for (; m != NULL && n < max; m = next_like(m, x))
		dot[n++] = m->dot;
	return n;
}

/* Return true if an element that looks like the mask has not expired. */
static bool
is_listed(const struct reading *r, const struct wish *x)
{
	const struct mask *m = first_like(r, x);

	while (m != NULL && !expiry_holds(m->expiry, r->c->st->wall)) {
		step_spend(r->c->st, COST_VISIT);
		m = next_like(m, x);
	}
	return m != NULL;
}

/* Remove all elements that look like the mask. Return false if there is none.
 * */
static bool
drop_masks(struct reading *r, const struct wish *x)
{
	struct dot *dot =
	    arena_alloc(r->c->st->arena, CMD_DOTS_MAX * sizeof(*dot));
	size_t ndot = find_masks(r, x, dot, CMD_DOTS_MAX);
	struct part *p;

	if (ndot == 0)
		return false;
	p = cmd_add_part(r->c, PART_LDEL);
	p->u.ldel = (struct part_ldel){ cmd_ch(r->ch), r->by, { dot, ndot } };
	return true;
}

/* Return when a mask expires that is set now; 0: never. */
static struct stamp
expiry_of(const struct reading *r, struct span mask)
{
	int64_t lasts_s = mask_lasts_s(r->c->tables, mask);

	if (lasts_s == 0)
		return (struct stamp){ 0 };
	return (struct stamp){ cmd_stamp(r->c).ms + INT64_C(1000) * lasts_s };
}

/* *n counts the masks in all lists of the channel, including those that this
 * line adds: MAXLIST bounds all lists together. Masks that have expired are not
 * counted, and a new mask replaces those that look like it. */
static void
build_add(struct reading *r, const struct wish *x, uint32_t *n)
{
	struct writer w;
	struct part *p;

	if (is_listed(r, x))
		return;
	if (*n >= r->c->settings->list_max &&
	    !core_mutated(r->c->facts, MASKS_ENDLESS)) {
		reply(r->c->st, r->c->s, ERR_BANLISTFULL,
		    rcbuf_span(r->ch->name), x->arg);
		return;
	}
	++*n;
	(void)drop_masks(r, x);
	writer_init_arena(&w, r->c->st->arena, LINE_BODY_MAX);
	writer_span(&w, x->arg);
	writer_char(&w, ' ');
	writer_span(&w, by_source(r->c->st, &r->by));
	p = cmd_add_part(r->c, PART_LADD);
	p->u.ladd = (struct part_ladd){ .ch = cmd_ch(r->ch),
		.list = span_of(chan_mode_row(r->c->tables, x->mode)->name),
		.by = r->by,
		.expiry = expiry_of(r, x->arg),
		.mask = text_of(writer_done(&w)) };
}

static void
build_del(struct reading *r, const struct wish *x, uint32_t *n)
{
	if (drop_masks(r, x) && is_listed(r, x))
		--*n;
}

/* Return how many masks of the list have expired. */
static uint32_t
count_expired(const struct reading *r, unsigned list)
{
	const struct shown_mask *m = shown_first(r->ch, list);
	uint32_t n = 0;

	if (shown_count_ending(r->ch, list) == 0)
		return 0;
	step_spend(r->c->st, COST_VISIT * (size_t)shown_count(r->ch, list));
	for (; m != NULL; m = shown_next(m))
		n += !expiry_holds(m->expiry, r->c->st->wall);
	return n;
}

/* Return how many masks the lists will have when all of them are shown. */
static uint32_t
count_postponed(const struct reading *r)
{
	const struct mask *m = mask_first(r->ch->current), *last = NULL;
	uint32_t n = 0;

	for (; m != NULL; m = mask_next(m)) {
		step_spend(r->c->st, COST_VISIT);
		if (m->list->chan_list == CM_NONE ||
		    !expiry_holds(m->expiry, r->c->st->wall) ||
		    (last != NULL && m->list == last->list &&
			span_eq(mask_of(m->text), mask_of(last->text))))
			continue;
		n++;
		last = m;
	}
	return n;
}

static uint32_t
count_listed(const struct reading *r)
{
	uint32_t n = 0;

	if (r->ch->lists_postponed && r->ch->current != NULL)
		return count_postponed(r);

	for (unsigned l = 0; l < r->c->tables->nchan_mode; l++)
		n += shown_count(r->ch, l) - count_expired(r, l);
	return n;
}

static bool
adds_masks(const struct reading *r)
{
	for (size_t i = 0; i < r->nchange; i++)
		if (r->change[i].on && is_list(r, r->change[i].mode))
			return true;
	return false;
}

/* Return false if the channel cannot be changed now, which was answered. */
static bool
build(struct reading *r)
{
	const struct wish *x;
	uint32_t n;

	if (r->nchange == 0)
		return true;
	if (!cmd_has_incarnation(r->c, r->ch))
		return false;
	n = adds_masks(r) ? count_listed(r) : 0;
	for (size_t i = 0; i < r->nchange; i++) {
		x = &r->change[i];
		if (x->member != NULL)
			build_status(r, x);
		else if (!is_list(r, x->mode))
			build_mode(r, x);
		else if (x->on)
			build_add(r, x, &n);
		else
			build_del(r, x, &n);
	}
	return true;
}

static void
chan_mode(struct cmd *c, const struct chan *ch, struct span letters,
    struct span args)
{
	const struct member *me = cmd_member(c, ch);
	struct reading r = { .c = c,
		.ch = ch,
		.args = args,
		.on = true,
		.by = cmd_by(c),
		.rank = me == NULL || ch->current == NULL
			    ? RANK_NONE
			    : status_rank(c->tables, member_rights(me)) };

	read_letters(&r, letters);
	(void)build(&r);
}

/* Return the parameters of a line without the spaces before them. */
static struct span
args_of(const struct msg *m)
{
	struct span rest = m->rest;

	while (rest.n > 0 && rest.p[0] == ' ')
		rest = span_tail(rest, 1);
	return rest;
}

static void
force_mode(struct cmd *c, const struct chan *ch, struct span letters,
    struct span args)
{
	struct reading r = { .c = c,
		.ch = ch,
		.args = args,
		.on = true,
		.forced = true,
		.by = by_server(c->core->self.sid),
		.rank = UINT_MAX };

	read_letters(&r, letters);
	if (!build(&r))
		return;
	if (c->nparts > 0)
		audit_log(c->st, LOG_OVERRIDE,
		    &(struct audit){ .by = c->user,
			.what = { c->name, args_of(c->m) },
			.result = "ok" });
	/* what cannot be done was answered already */
	if (c->nparts > 0)
		cmd_told(c, args_of(c->m), "done");
	else if (r.nchange > 0)
		cmd_told(c, args_of(c->m), "nothing changes");
}

void
cmd_samode(struct cmd *c)
{
	struct span args = c->m->rest, name, letters = SPAN_NONE;
	const struct chan *ch;

	if (!cmd_may(c, PRIV_SAMODE))
		return;
	(void)msg_word(&args, &name, NULL);
	(void)msg_word(&args, &letters, NULL);
	if ((ch = cmd_find_chan(c, name)) != NULL)
		force_mode(c, ch, letters, args);
}

/* Find the channel. For users who are not on it, a secret channel does not
 * exist (InspIRCd); but operators change +P of any. */
static const struct chan *
find_chan(struct cmd *c, struct span name, struct span letters)
{
	return letters.n > 0 && cmd_is_oper(c) ? cmd_find_chan(c, name)
					       : cmd_find_seen(c, name);
}

void
cmd_mode(struct cmd *c)
{
	struct span args = c->m->rest, target, letters = SPAN_NONE;
	const struct chan *ch;
	const struct user *u;

	(void)msg_word(&args, &target, NULL);
	(void)msg_word(&args, &letters, NULL);
	if (name_is_channel(target)) {
		if ((ch = find_chan(c, target, letters)) == NULL)
			return;
		if (letters.n == 0)
			query_modes(c, ch);
		else
			chan_mode(c, ch, letters, args);
		return;
	}
	if ((u = cmd_find_user(c, target)) == NULL)
		return;
	if (u != c->user)
		reply0(c->st, c->s, ERR_USERSDONTMATCH);
	else
		umode(c, letters);
}
