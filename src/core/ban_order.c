#include "core/ban_order.h"

#include <string.h>

#include "core/part/clean.h"
#include "core/part/later.h"
#include "core/sessions/audit.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/duration.h"
#include "wire/msg.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define REASON_LEN 300	/* bytes of both reasons */
#define REMOVED_MAX 400 /* elements that one UNBAN removes */

static bool
refuse(struct ban_refusal *r, const char *code, const char *text)
{
	*r = (struct ban_refusal){ code, text };
	return false;
}

static struct span
word(const struct words *w, size_t i)
{
	return i < w->n ? w->v[i] : SPAN_NONE;
}

/* ---- masks --------------------------------------------------------------- */

/* Write an address, or one with `/bits` without the bits behind these. */
static bool
write_net(struct writer *w, struct span text)
{
	unsigned int prefix;
	struct addr net;
	bool v4;

	if (!addr_cidr_parse(text, &net, &prefix))
		return false;
	net = addr_head(&net, prefix);
	v4 = addr_is_v4(&net) && prefix >= 96;
	addr_build_word(w, &net);
	if (prefix == 128)
		return true;
	writer_char(w, '/');
	writer_u64(w, v4 ? prefix - 96 : prefix);
	return true;
}

/* Return the user whose nick stands in the place of a mask, or NULL. */
static const struct user *
named_user(const struct step *st, struct span target)
{
	return name_nick_valid(target, st->core->settings->nick_len)
		   ? facts_find_nick(st->facts, target)
		   : NULL;
}

static bool
looks_like_host(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(".:/*?", s.p[i]) != NULL)
			return true;
	return false;
}

static struct span
user_host_mask(struct step *st, struct span target)
{
	const struct user *u = named_user(st, target);
	size_t at = span_find(target, '@');
	struct writer w;
	struct span host = target;

	writer_init_arena(&w, st->arena, BAN_MASK_MAX);
	if (u != NULL)
		host = ident_host(u->ident);
	else if (at < target.n)
		host = span_tail(target, at + 1);
	else if (!looks_like_host(target))
		return SPAN_NONE; /* a nick that nobody has, for one */
	writer_span(&w, at < target.n ? span_head(target, at) : SPAN("*"));
	writer_char(&w, '@');
	if (!write_net(&w, host))
		writer_span(&w, host);
	return w.over ? SPAN_NONE : writer_done(&w);
}

static struct span
address_mask(struct step *st, struct span target)
{
	const struct user *u = named_user(st, target);
	struct writer w;

	writer_init_arena(&w, st->arena, BAN_MASK_MAX);
	if (!write_net(&w, u != NULL ? ident_ip(u->ident) : target))
		return SPAN_NONE;
	return writer_done(&w);
}

static bool
is_self(const struct step *st, struct span server)
{
	return casemap_eq(server, st->core->settings->name) ||
	       casemap_eq(server, sid_span(&st->core->self.sid));
}

/* Set the mask as it is kept. Return false and refuse one that cannot be kept.
 */
static bool
take_mask(struct step *st, struct ban_order *o, struct span target,
    struct ban_refusal *r)
{
	enum ban_form form = ban_kind_row[o->kind].form;

	if (form == BAN_USER_HOST || form == BAN_ADDRESS)
		o->named = named_user(st, target);

	if (form == BAN_SERVER && is_self(st, target))
		return refuse(r, "INVALID_MASK", "a server cannot jupe itself");
	o->mask = form == BAN_USER_HOST ? user_host_mask(st, target)
		  : form == BAN_ADDRESS ? address_mask(st, target)
					: target;
	if (o->mask.n > 0 && msg_is_word(o->mask) && utf8_valid(o->mask) &&
	    ban_mask_check(o->kind, o->mask))
		return true;
	return refuse(r, "INVALID_MASK",
	    form == BAN_ADDRESS
		? "that is neither an address, address/bits, nor a nick here"
	    : form == BAN_USER_HOST
		? "that is neither user@host nor the nick of a user"
	    : form == BAN_SERVER
		? "that is neither the name nor the sid of a server"
		: "that is no such mask");
}

/* ---- the words ----------------------------------------------------------- */

/* Read `ON server` at word *i. */
static bool
take_place(const struct step *st, const struct words *w, size_t *i, bool *own,
    struct ban_refusal *r)
{
	struct span server = word(w, *i + 1);

	if (!casemap_eq(word(w, *i), SPAN("ON")) || server.n == 0)
		return true;
	*i += 2;
	if (span_eq(server, SPAN("*")))
		return true;
	*own = casemap_eq(server, st->core->settings->name);
	return *own || refuse(r, "INVALID_SERVER",
			   "ON takes the name of this server, or * for the "
			   "network");
}

/* Return true if each name is that of a kind that can be lifted. */
static bool
are_kinds(struct span names)
{
	enum ban_kind kind;

	while (names.n > 0) {
		kind = ban_kind_find(span_cut(&names, ','));
		if (kind != BAN_KLINE && kind != BAN_DLINE &&
		    kind != BAN_XLINE && kind != BAN_SHUN)
			return false;
	}
	return true;
}

/* Read the kinds that an exception lifts, at word *i. */
static bool
take_lifts(const struct words *w, size_t *i, bool is_split, struct ban_order *o,
    struct ban_refusal *r)
{
	struct span kinds = word(w, *i);

	if (o->kind != BAN_EXCEPT || *i + 1 >= w->n ||
	    casemap_eq(kinds, SPAN("ON")) || (is_split && !are_kinds(kinds)))
		return true;
	++*i;
	o->lifts = kinds;
	return are_kinds(kinds) ||
	       refuse(r, "INVALID_KINDS",
		   "an exception lifts kline, dline, xline and shun, with "
		   "commas between them");
}

/* A mask of RESV is one of names of channels or of nicks. */
static enum ban_kind
kind_of(enum ban_kind kind, struct span mask)
{
	return kind == BAN_RESV_NICK && mask.n > 0 && mask.p[0] == '#'
		   ? BAN_RESV_CHANNEL
		   : kind;
}

/* Return true if the first word is the sid of a server that is juped, and no
 * duration: sids such as 002 are both. */
static bool
is_sid(const struct words *w, enum ban_kind kind)
{
	struct span next = word(w, 1);
	struct sid sid;

	if (next.n > 0 && next.p[0] == '!')
		next = span_tail(next, 1);
	return kind == BAN_JUPE && sid_parse(word(w, 0), &sid) &&
	       (next.n == 0 || !ban_mask_check(kind, next));
}

/* Read a duration at word *i, behind the mask, where InspIRCd and UnrealIRCd
 * have it. The last word is the reason. */
static void
take_duration(const struct words *w, size_t *i, struct ban_order *o)
{
	uint64_t seconds;

	if (*i + 1 >= w->n || !duration_parse(word(w, *i), &seconds))
		return;
	o->seconds = seconds;
	++*i;
}

bool
ban_order_read(struct step *st, const struct words *w, enum ban_kind kind,
    bool is_split, struct ban_order *o, struct ban_refusal *r)
{
	struct span target;
	size_t i = 0;
	bool timed;

	*o = (struct ban_order){ .kind = kind };
	if (duration_parse(word(w, 0), &o->seconds) && !is_sid(w, kind))
		i++;
	else
		o->seconds = 0;
	timed = i > 0;
	target = word(w, i++);
	o->sure = target.n > 0 && target.p[0] == '!';
	if (o->sure)
		target = span_tail(target, 1);
	o->kind = kind_of(kind, target);
	if (!timed)
		take_duration(w, &i, o);
	if (!take_lifts(w, &i, is_split, o, r) ||
	    !take_place(st, w, &i, &o->own, r))
		return false;
	if (o->own && o->kind == BAN_JUPE)
		return refuse(r, "INVALID_SERVER",
		    "a jupe is always one of the network; see SQUIT");
	o->reason = i;
	if (target.n == 0 || word(w, i).n == 0)
		return refuse(r, NULL, "a mask and a reason are needed");
	return take_mask(st, o, target, r);
}

bool
ban_order_read_removal(struct step *st, const struct words *w,
    enum ban_kind kind, struct ban_order *o, struct ban_refusal *r)
{
	struct span target = word(w, 0);
	size_t i = 1;

	*o = (struct ban_order){ .kind = kind_of(kind, target) };
	if (target.n == 0)
		return refuse(r, NULL, "a mask is needed");
	/* the answer would tell where the user is connected from */
	if (ban_kind_row[kind].form == BAN_ADDRESS &&
	    named_user(st, target) != NULL)
		return refuse(r, "INVALID_MASK",
		    "that is neither an address nor address/bits");
	return take_place(st, w, &i, &o->own, r) && take_mask(st, o, target, r);
}

/* ---- set and removed ----------------------------------------------------- */

bool
ban_order_exists(const struct step *st, const struct ban_order *o)
{
	const struct ban *b = bans_of_mask(st->facts, o->kind, o->mask);

	while (b != NULL &&
	       (ban_is_own(b) != o->own || !ban_holds(b, st->wall)))
		b = bans_next_of_mask(b);
	return b != NULL;
}

bool
ban_order_hides(const struct ban_order *o)
{
	return o->named != NULL && ban_kind_row[o->kind].form == BAN_ADDRESS &&
	       !user_shows_ip(o->named);
}

unsigned
ban_order_cuts(const struct step *st, const struct ban_order *o)
{
	const struct server *s = facts_find_server_name(st->facts, o->mask);
	struct sid sid;

	if (o->kind != BAN_JUPE || o->sure)
		return 0;
	if (s == NULL && sid_parse(o->mask, &sid))
		s = facts_find_server(st->facts, sid);
	return s == NULL ? 0 : s->behind;
}

bool
ban_order_is_full(const struct step *st)
{
	uint32_t max = st->core->settings->ban_max;

	return max != 0 && bans_count(st->facts) >= max;
}

bool
ban_order_set(struct step *st, const struct ban_order *o, struct span by,
    struct span reason, struct stamp stamp, struct part *p)
{
	struct span text = utf8_cut(reason, REASON_LEN);
	struct ban_text b = { .kind = ban_kind_row[o->kind].name,
		.id = { stamp, st->core->self.sid },
		.by = by,
		.mask = o->mask,
		.lifts = o->lifts,
		.cuts = o->kind == BAN_JUPE && o->sure };

	if (ban_order_hides(o))
		b.nick = user_nick(o->named);
	if (o->seconds > 0)
		b.expiry.ms = st->wall.ms + (int64_t)o->seconds * 1000;
	b.reason = span_cut(&text, '|');
	b.private = text;
	if (o->own) {
		/* there is no entry, and no other ban may have this id */
		core_observe(st->core, stamp);
		banned_add_own(st, &b);
	} else
		ban_part(p, &b, st->arena);
	return !o->own;
}

/* Return true if an element of the same ban and mask comes before this one. */
static bool
is_repeated(const struct facts *f, const struct ban *b)
{
	const struct ban *copy = bans_find(f, b->id);

	while (copy != b && !casemap_eq(copy->mask, b->mask))
		copy = ban_copy(copy);
	return copy != b;
}

/* Write the dots of all elements of the bans of the network with that mask. */
static size_t
write_dots(struct step *st, const struct ban_order *o, struct writer *w)
{
	const struct ban *b = bans_of_mask(st->facts, o->kind, o->mask), *copy;
	size_t n = 0;

	for (; b != NULL && n < REMOVED_MAX; b = bans_next_of_mask(b)) {
		step_spend(st, COST_VISIT);
		if (ban_is_own(b) || is_repeated(st->facts, b))
			continue;
		copy = bans_find(st->facts, b->id);
		for (; copy != NULL && n < REMOVED_MAX; copy = ban_copy(copy)) {
			if (ban_is_own(copy))
				continue;
			writer_char(w, ' ');
			write_dot(w, copy->fact->write.dot);
			n++;
		}
	}
	return n;
}

size_t
ban_order_remove(struct step *st, const struct ban_order *o, struct span by,
    struct part *p)
{
	size_t own = banned_drop_own(st, o->kind, o->mask), n;
	struct writer w;

	*p = (struct part){ .id = PART_USER };
	if (o->own)
		return own;
	writer_init_arena(&w, st->arena, PART_LINE_MAX);
	writer_span(&w, by);
	n = write_dots(st, o, &w);
	if (n > 0)
		later_part(p, &later_builtin[LATER_UNBAN], writer_done(&w),
		    text_off(), st->arena);
	return own + n;
}

/* ---- the control socket -------------------------------------------------- */

#define WORDS_MAX 6 /* before the reason, at most */

/* Cut the first words; the last of them may have words behind it. */
static struct words
split(struct step *st, struct span text)
{
	struct span *v = arena_alloc(st->arena, WORDS_MAX * sizeof(*v));
	size_t n = 0;

	while (n < WORDS_MAX && (v[n] = span_word(&text)).n > 0)
		n++;
	return (struct words){ v, n };
}

static enum ban_kind
kind_named(struct span name)
{
	return span_eq(name, SPAN("resv")) ? BAN_RESV_NICK
					   : ban_kind_find(name);
}

static void
make(struct step *st, const struct part *part, struct stamp stamp)
{
	core_make(st, stamp, part, 1, &(struct dest){ .all = true }, NULL);
}

static void
log_act(struct step *st, enum log_row row, struct span name,
    const struct ban_order *o, struct span why)
{
	audit_log(st, row,
	    &(struct audit){ .name = st->core->settings->name,
		.oper = SPAN("banyanctl"),
		.what = { name, o->mask },
		.why = why,
		.result = "ok" });
}

#define NO_KIND "the kinds are kline, dline, xline, resv, jupe, shun and except"

const char *
ban_order_do(struct step *st, struct span name, struct span text)
{
	struct words w = split(st, text);
	enum ban_kind kind = kind_named(name);
	struct stamp stamp = core_stamp(st->core, st->wall);
	struct ban_refusal r;
	struct ban_order o;
	struct span reason;
	struct part part;

	if (kind == BAN_KINDS)
		return NO_KIND;
	if (!ban_order_read(st, &w, kind, true, &o, &r))
		return r.text;
	if (ban_order_exists(st, &o))
		return "there is such a ban already";
	if (ban_order_is_full(st))
		return BANS_FULL;
	if (ban_order_cuts(st, &o) > 0)
		return "other servers have no way to this one without that "
		       "server; link them, or put ! before its name to cut "
		       "them off";
	reason = w.v[o.reason];
	reason.n = text.n - (size_t)(reason.p - text.p);
	if (ban_order_set(st, &o, st->core->settings->name, reason, stamp,
		&part))
		make(st, &part, stamp);
	log_act(st, LOG_BAN, name, &o, reason);
	return NULL;
}

const char *
ban_order_undo(struct step *st, struct span name, struct span text)
{
	struct words w = split(st, text);
	enum ban_kind kind = kind_named(name);
	struct ban_refusal r;
	struct ban_order o;
	struct part part;

	if (kind == BAN_KINDS)
		return NO_KIND;
	if (!ban_order_read_removal(st, &w, kind, &o, &r))
		return r.text;
	if (ban_order_remove(st, &o, st->core->settings->name, &part) == 0)
		return "there is no such ban";
	if (part.id == PART_UNKNOWN)
		make(st, &part, (struct stamp){ 0 });
	log_act(st, LOG_UNBAN, name, &o, SPAN_NONE);
	return NULL;
}
