#include "core/answers/stats.h"

#include "base/mem.h"
#include "core/answers/ban_lines.h"
#include "core/answers/reply.h"
#include "core/facts/bans.h"

#define PRIV_NONE PRIV_COUNT

static stats_fn stats_bans;

static const struct stats_row stats_row[] = {
#define STATS(letter, piece, privilege, what, scenario) \
	{ letter, piece, PRIV_##privilege, what },
#include "core/answers/stats.def"
#undef STATS
};

const struct stats_row *
stats_find(char letter)
{
	for (size_t i = 0; i < sizeof(stats_row) / sizeof(stats_row[0]); i++)
		if (stats_row[i].letter == letter)
			return &stats_row[i];
	return NULL;
}

static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	const struct stats_asked *a = l->asked;

	if (!a->row->piece(st, s, l))
		return false;
	reply(st, s, RPL_ENDOFSTATS, span_make(&a->row->letter, 1));
	return true;
}

void
reply_stats(struct step *st, struct session *s, const struct stats_row *row)
{
	struct stats_asked *a = mem_zalloc(sizeof(*a));

	a->row = row;
	listing_start(st, s, &(struct listing){ .piece = piece, .asked = a });
}

/* Return true if the ban is listed under that letter. Where there are two
 * letters, the small one is for bans with an end. */
static bool
is_listed(char letter, const struct ban *b)
{
	char is = ban_letter(b);

	return letter == is || (letter == 'e' && b->kind == BAN_EXCEPT) ||
	       (letter == 's' && b->kind == BAN_SHUN);
}

static bool
stats_bans(struct step *st, struct session *s, struct listing *l)
{
	struct stats_asked *a = l->asked;
	const struct ban *b;
	bool first = true;

	while ((b = bans_from(st->facts, a->at)) != NULL) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		a->at = b->id;
		/* no sid is between this one and the next letter */
		a->at.sid.s[SID_LEN - 1]++;
		if (is_listed(a->row->letter, b) && ban_holds(b, st->wall))
			reply_ban(st, s, b);
	}
	return true;
}
