/*
 * +E lines:seconds: a user may say the same text so many times on the channel
 * in so many seconds (InspIRCd "repeat", which has the letter).
 *
 * The time is cut into windows, one for each text of a user on a channel. A
 * window begins with a line, and lasts for the seconds of the mode. The text is
 * refused when the window has its lines. A refused line is not counted, so it
 * does not prolong the window. A message of several lines that is refused, also
 * for another mode, counts none of them.
 *
 * The home of a user remembers a hash of the last texts, not the texts. Members
 * with a status are not asked, as with +m.
 */
#include "core/module.h"

#include <string.h>

#include "base/siphash.h"
#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/types/mode_value.h"
#include "wire/casemap.h"

#define TEXTS 8 /* of one user that are remembered, on all channels */

/* ---- the value ---------------------------------------------------------- */

static const struct mode_rate most = { 99, 3600 };

static const struct mode_value value = {
	.most = &most,
	.wrong = "Not lines:seconds, from 1 to 99 and from 1 to 3600",
};

static const struct chan_mode_row mode = {
	.letter = 'E',
	.name = "repeat",
	.field = "mode/repeat",
	.type = MODE_VALUE,
	.value = &value,
	.what = "the same text at most lines:seconds",
};

/* ---- the texts ---------------------------------------------------------- */

struct said {
	uint64_t hash; /* of the channel and the text */
	struct mono since;
	uint64_t lines; /* 0: unused */
};

/* The texts of a user with the lines of the message that is asked about, and
 * without these lines. Between two messages both are equal. */
struct texts {
	struct said v[TEXTS];
	struct said before[TEXTS];
};

static const struct memory_row memory = { "repeat/texts", MEMORY_USER,
	sizeof(struct texts), 0 };

static uint64_t
hash_of(const struct speech *x)
{
	struct span name = rcbuf_span(x->chan->fold);
	struct writer w;
	char *text = arena_alloc(x->st->arena, x->text.n + 1);

	writer_init_arena(&w, x->st->arena, name.n + 1 + x->text.n);
	writer_span(&w, name);
	writer_char(&w, ' ');
	writer_span(&w, casemap_fold(x->text, text));
	return siphash(x->st->core->key, span_make(w.p, w.n));
}

/* Return the place of a text: the one that has it, an unused one, or that of
 * the text whose window began first. */
static struct said *
find(struct texts *t, uint64_t hash)
{
	struct said *best = &t->v[0];

	for (size_t i = 0; i < TEXTS; i++) {
		if (t->v[i].lines > 0 && t->v[i].hash == hash)
			return &t->v[i];
		if (t->v[i].lines == 0 ||
		    (best->lines > 0 &&
			mono_cmp(t->v[i].since, best->since) < 0))
			best = &t->v[i];
	}
	return best;
}

static const char *
speak(struct speech *x)
{
	const struct rcbuf *v = chan_value(x->chan,
	    chan_mode_of_letter(x->st->tables, mode.letter));
	struct mode_rate rate;
	struct said *said;
	uint64_t hash;

	if (x->text.n == 0 || x->silenced != NULL || v == NULL ||
	    !mode_rate_read(&value, rcbuf_span(v), &rate) ||
	    (x->member != NULL && member_rights(x->member) != 0))
		return NULL;
	hash = hash_of(x);
	said = find(memory_get_user(x->st->facts, &memory, x->by), hash);
	if (said->lines == 0 || said->hash != hash ||
	    mono_sub_ms(x->st->now, said->since) >=
		(int64_t)rate.seconds * MS_PER_S)
		*said = (struct said){ .hash = hash, .since = x->st->now };
	if (said->lines >= rate.times)
		return "+E";
	said->lines++;
	return NULL;
}

static void
ended(const struct speech *x, bool said)
{
	struct texts *t = memory_find_user(x->st->facts, &memory, x->by);

	if (t == NULL)
		return;
	if (said)
		memcpy(t->before, t->v, sizeof(t->v));
	else
		memcpy(t->v, t->before, sizeof(t->v));
}

/* ---- the module --------------------------------------------------------- */

static const struct speak_row hook = {
	.mode = &mode, .speak = speak, .ended = ended
};

static const struct rows rows = {
	.of = "repeat",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.memory = &memory,
	.nmemory = 1,
	.speak = &hook,
	.nspeak = 1,
};

MODULE(repeat) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "repeat",
	.version = "1",
	.purpose = "channel mode +E: the same text so many times in a time",
	.rows = &rows,
};
