/*
 * A leaky bucket kept as one time, `flood_tat`: when all lines so far are paid
 * for. A line costs 1/rate seconds; a client may be `burst` lines ahead of the
 * clock, then waits. `nick_tat` is the same for changes of nick, and `join_tat`
 * for joins. A client that registers joins all its channels at once, so it may
 * be as many joins ahead as it may be on channels.
 *
 * `parts_tat` is the same for the parts of entries. Every server keeps an entry
 * for five minutes, and the facts in it for longer, and one line such as
 * `JOIN #a,#b` or `MODE #c +bb x y` makes many parts. So a client that sends
 * one kind of line for ten minutes makes each server keep less than a megabyte
 * (`make growth`). A part costs as much time as a line. A mask costs twice
 * that, as it stays in its list until somebody removes it, and more if it is
 * long. An entry costs at least one for each ENTRY_BYTES: an ordinary line
 * makes one or two of these, but message tags make up to ten.
 *
 * A line makes no part, or one, or as many as 170. A client that joins its
 * channels when it connects sends few lines with many parts; founding a channel
 * takes five of them. So a client may be PARTS_AHEAD times as many parts ahead
 * of the clock as lines. With the default of 20 lines that is 120 parts: irssi,
 * WeeChat or ZNC may register and join 20 channels that are all new, or 100
 * that exist, without waiting. The MODE and WHO that they send for each channel
 * make no parts.
 *
 * Rejected: counting parts as lines. An autojoin of 20 channels would spend the
 * whole allowance, and the answers about each channel would come 4 s later than
 * without.
 */
#include "core/sessions/flood.h"

#include "core/sessions/access.h"
#include "core/types/privilege.h"

#define NICK_WINDOW_MS 60000
#define JOIN_WINDOW_MS 60000
#define EMPTIES 64	/* empty lines that cost as much as one other */
#define PARTS_AHEAD 6	/* parts for each line of the burst */
#define ENTRY_BYTES 512 /* of an entry, that cost as much as a part */
#define MASK_COST 2
#define MASK_BYTES 192 /* of a mask and its setter, that cost as a part */

static int64_t
flood_ms(const struct conn *x)
{
	return x->class->flood_rate == 0 ? 0 : 1000 / x->class->flood_rate;
}

/* Advance the time of a bucket by what is charged now. */
static void
charge_ms(const struct step *st, struct mono *tat, int64_t ms)
{
	if (mono_cmp(*tat, st->now) < 0)
		*tat = st->now;
	*tat = mono_add_ms(*tat, ms);
}

/* Return when the next line may come, if the client may be ahead of the clock
 * by one less than `ahead`. */
static struct mono
flood_from(const struct conn *x, struct mono tat, int64_t ahead)
{
	if (x->class->flood_burst == 0)
		return x->opened;
	return mono_add_ms(tat, -(ahead - 1) * flood_ms(x));
}

/* As many changes as the class allows in a minute are free. One more is still
 * made, and the next line is read when that change would have been free. */
static struct mono
nick_from(const struct conn *x)
{
	if (x->class->nick_changes == 0)
		return x->opened;
	return mono_add_ms(x->nick_tat, -NICK_WINDOW_MS);
}

/* Joins are bounded where the number of channels is. */
static bool
has_join_limit(const struct class_settings *c)
{
	return c->joins != 0 && c->channels != 0;
}

/* One more than are free is still made, and the next line waits, likewise. */
static struct mono
join_from(const struct conn *x)
{
	const struct class_settings *c = x->class;
	int64_t most = c->channels > c->joins ? c->channels : c->joins;

	if (!has_join_limit(c))
		return x->opened;
	return mono_add_ms(x->join_tat, -most * (JOIN_WINDOW_MS / c->joins));
}

static struct mono
later(struct mono a, struct mono b)
{
	return mono_cmp(a, b) > 0 ? a : b;
}

struct mono
flood_until(const struct conn *x)
{
	int64_t burst = x->class->flood_burst;
	struct mono lines = flood_from(x, x->flood_tat, burst),
		    parts = flood_from(x, x->parts_tat, burst * PARTS_AHEAD);

	return later(later(lines, parts), later(nick_from(x), join_from(x)));
}

void
flood_charge(struct step *st, struct session *s, unsigned lines)
{
	struct conn *x = s->conn;

	if (x->class->flood_burst != 0)
		charge_ms(st, &x->flood_tat, lines * flood_ms(x));
}

void
flood_charge_empty(struct step *st, struct session *s)
{
	if (++s->conn->empties < EMPTIES)
		return;
	s->conn->empties = 0;
	flood_charge(st, s, 1);
}

static size_t
part_cost(const struct part *p)
{
	return p->id == PART_LADD ? MASK_COST + p->u.ladd.mask.s.n / MASK_BYTES
				  : 1;
}

static size_t
entry_cost(const struct entry *e, const struct part *part)
{
	size_t bytes = e->text->n / ENTRY_BYTES + 1, parts = 0;

	for (size_t i = 0; i < e->nparts; i++)
		parts += part_cost(&part[i]);
	return parts > bytes ? parts : bytes;
}

void
flood_charge_parts(struct step *st, struct session *s, size_t parts)
{
	struct conn *x = s->conn;

	if (x->class->flood_burst != 0)
		charge_ms(st, &x->parts_tat, (int64_t)parts * flood_ms(x));
}

void
flood_charge_entry(struct step *st, struct session *s, const struct entry *e,
    const struct part *part)
{
	flood_charge_parts(st, s, entry_cost(e, part));
}

void
flood_charge_nick(struct step *st, struct session *s)
{
	struct conn *x = s->conn;

	if (x->class->nick_changes != 0 && !flood_is_exempt(st, s))
		charge_ms(st, &x->nick_tat,
		    NICK_WINDOW_MS / x->class->nick_changes);
}

void
flood_charge_join(struct step *st, struct session *s)
{
	struct conn *x = s->conn;

	if (has_join_limit(x->class) && !flood_is_exempt(st, s))
		charge_ms(st, &x->join_tat, JOIN_WINDOW_MS / x->class->joins);
}

bool
flood_is_exempt(const struct step *st, const struct session *s)
{
	return s->user != NULL && (s->user->modes & UMB(OPER)) != 0 &&
	       (privileges_of(st->facts, s->user) & PRIVB(NO_LIMITS)) != 0;
}
