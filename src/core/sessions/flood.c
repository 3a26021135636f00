/*
 * A leaky bucket kept as one time, `flood_tat`: when all lines so far are paid
 * for. A line costs 1/rate seconds; a client may be `burst` lines ahead of the
 * clock, then waits. `nick_tat` is the same for changes of nick.
 */
#include "core/sessions/flood.h"

#define NICK_WINDOW_MS 60000
#define EMPTIES 64 /* empty lines that cost as much as one other */

static int64_t
flood_ms(const struct conn *x)
{
	return x->class->flood_rate == 0 ? 0 : 1000 / x->class->flood_rate;
}

static struct mono
flood_from(const struct conn *x)
{
	if (x->class->flood_burst == 0)
		return x->opened;
	return mono_add_ms(x->flood_tat,
	    -(int64_t)(x->class->flood_burst - 1) * flood_ms(x));
}

/* As many changes as the class has in a minute are free; one more is made
 * too, and what comes behind it is read when it would have been free. */
static struct mono
nick_from(const struct conn *x)
{
	if (x->class->nick_changes == 0)
		return x->opened;
	return mono_add_ms(x->nick_tat, -NICK_WINDOW_MS);
}

struct mono
flood_until(const struct conn *x)
{
	struct mono a = flood_from(x), b = nick_from(x);

	return mono_cmp(a, b) > 0 ? a : b;
}

void
flood_charge(struct step *st, struct session *s, unsigned lines)
{
	struct conn *x = s->conn;

	if (x->class->flood_burst == 0)
		return;
	if (mono_cmp(x->flood_tat, st->now) < 0)
		x->flood_tat = st->now;
	x->flood_tat = mono_add_ms(x->flood_tat, lines * flood_ms(x));
}

void
flood_charge_empty(struct step *st, struct session *s)
{
	if (++s->conn->empties < EMPTIES)
		return;
	s->conn->empties = 0;
	flood_charge(st, s, 1);
}

void
flood_charge_nick(struct step *st, struct session *s)
{
	struct conn *x = s->conn;

	if (x->class->nick_changes == 0)
		return;
	if (mono_cmp(x->nick_tat, st->now) < 0)
		x->nick_tat = st->now;
	x->nick_tat =
	    mono_add_ms(x->nick_tat, NICK_WINDOW_MS / x->class->nick_changes);
}
