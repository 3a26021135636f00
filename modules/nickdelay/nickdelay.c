/*
 * A nick that was left is held for a time, so that a stranger does not take it
 * before its user is back (RFC 2812, 5.2, "nick delay mechanism"; Solanum
 * "nick_delay"). The client who asks for it is told 437.
 *
 * The user who left the nick may have it at once: by the uid after a change of
 * nick, and by the address after a QUIT or a split, since a client that comes
 * again has no other name yet.
 *
 * A nick that another user has won is not left: NICK shows its loser by the
 * uid then.
 */
#include "core/module.h"

#include "base/ascii.h"
#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "wire/casemap.h"

#define DAY_S 86400
#define NICKS_MAX 4096

/* ---- options ------------------------------------------------------------- */

enum { QUIT_S, CHANGE_S, SPLIT_S, OPTIONS };

static const struct option_row options[OPTIONS] = {
	[QUIT_S] = { "quit_s", OPTION_IS_NUM, 0, DAY_S, 0,
	    "How long the nick of a user who quit is held, in seconds; 0: not "
	    "at all.",
	    NULL },
	[CHANGE_S] = { "change_s", OPTION_IS_NUM, 0, DAY_S, 0,
	    "The same for a user who took another nick.", NULL },
	[SPLIT_S] = { "split_s", OPTION_IS_NUM, 0, DAY_S, 0,
	    "The same for a user who was lost in a split.", NULL },
};

/* ---- nicks that are held ------------------------------------------------- */

struct held {
	struct mono until;
	struct uid by;	  /* the user who left it */
	struct addr addr; /* of that user, who is gone; or ADDR_NONE */
};

static const struct memory_row memory = { "nickdelay/nick", MEMORY_NICK,
	sizeof(struct held), NICKS_MAX };

/* Return for how many seconds the nick is held that the user leaves. */
static uint32_t
seconds_of(const struct step *st, const struct change *ch)
{
	unsigned option = ch->kind == CHANGE_NICK ? CHANGE_S
			  : ch->batch.n > 0	  ? SPLIT_S
						  : QUIT_S;

	return settings_option(st->core->settings, &options[option]);
}

/* Return true for a uid, by which a user without a nick is shown. */
static bool
is_uid(struct span name)
{
	return name.n > 0 && ascii_is_digit(name.p[0]);
}

static void
left(struct step *st, const struct change *ch)
{
	struct span nick = user_nick(ch->user);
	uint32_t seconds = seconds_of(st, ch);
	struct held *x;

	if (is_uid(nick) ||
	    (ch->kind == CHANGE_NICK &&
		(is_uid(ch->text) || casemap_eq(nick, ch->text))))
		return;
	if (seconds == 0) {
		/* it may be held from when another user left it */
		if ((x = memory_find_nick(st->facts, &memory, nick)) != NULL)
			x->until = st->now;
		return;
	}
	x = memory_get_nick(st->facts, &memory, nick);
	*x = (struct held){ .until = mono_add_ms(st->now,
				(int64_t)seconds * MS_PER_S),
		.by = ch->user->uid,
		.addr = ADDR_NONE };
	if (ch->kind == CHANGE_QUIT)
		(void)addr_parse(ident_ip(ch->user->ident), &x->addr);
}

static const struct numeric_row *
claim(const struct claiming *x)
{
	const struct held *h = memory_find_nick(x->st->facts, &memory, x->nick);

	if (h == NULL || mono_cmp(h->until, x->st->now) <= 0 ||
	    (x->by != NULL && uid_cmp(x->by->uid, h->by) == 0) ||
	    (!addr_is_none(&h->addr) && addr_eq(&x->addr, &h->addr)))
		return NULL;
	return numeric_row(ERR_UNAVAILRESOURCE);
}

/* ---- the module ---------------------------------------------------------- */

static const struct changed_row note = { CHANGEB(QUIT) | CHANGEB(NICK), left };
static const struct claim_row hook = { claim };

static const struct rows rows = {
	.of = "nickdelay",
	.memory = &memory,
	.nmemory = 1,
	.option = options,
	.noption = OPTIONS,
	.claim = &hook,
	.nclaim = 1,
	.changed = &note,
	.nchanged = 1,
};

MODULE(nickdelay) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "nickdelay",
	.version = "1",
	.purpose = "nicks that were left are held for a time",
	.rows = &rows,
};
