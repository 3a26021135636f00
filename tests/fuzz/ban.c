/*
 * core/facts/bans: the index finds, of any masks, the bans that a
 * look at each of them finds, of the same ids; and names are reserved likewise.
 * A ban that is dropped hits nobody. The words of the real name are the other
 * hosts of the user, too; the nick is the first user name, and half of the host
 * the first host.
 *
 * The input is: nick LF user LF host LF address LF real name, then on each line
 * the words of a ban behind `+BAN`.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/facts/bans.h"
#include "core/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BANS_MAX 40

static const unsigned char seed[16] = "fuzz of bans";

/* Find hits by a look at each ban. */
static void
ask_plainly(const struct facts *f, const struct ban_query *q,
    const struct ban *hit[BAN_KINDS])
{
	uint32_t lifted = 0;
	size_t steps = 0;
	const struct ban *b, *copy;

	for (unsigned i = 0; i < BAN_KINDS; i++)
		hit[i] = NULL;
	for (b = bans_first(f); b != NULL; b = bans_next(f, b))
		for (copy = b; copy != NULL; copy = ban_copy(copy)) {
			if (copy->kind == BAN_KINDS ||
			    (q->kinds >> copy->kind & 1) == 0 ||
			    !ban_holds(copy, q->now) ||
			    !ban_mask_check(copy->kind, copy->mask) ||
			    !ban_matches(copy, q, &steps))
				continue;
			lifted |= copy->lifts;
			if (hit[copy->kind] == NULL)
				hit[copy->kind] = copy;
		}
	for (unsigned i = 0; i < BAN_KINDS; i++)
		if ((lifted >> i & 1) != 0)
			hit[i] = NULL;
}

static void
ask(const struct facts *f, const struct ban_query *q)
{
	const struct ban *plain[BAN_KINDS], *found[BAN_KINDS];
	size_t steps = 0;

	ask_plainly(f, q, plain);
	bans_ask(f, q, found, &steps);
	for (unsigned i = 0; i < BAN_KINDS; i++) {
		assert((plain[i] == NULL) == (found[i] == NULL));
		assert(plain[i] == NULL ||
		       cinc_cmp(plain[i]->id, found[i]->id) == 0);
	}
}

static void
reserve(const struct facts *f, enum ban_kind kind, struct span name,
    struct wall now)
{
	const struct ban *b, *copy, *plain = NULL, *found;
	size_t steps = 0;

	for (b = bans_first(f); b != NULL && plain == NULL; b = bans_next(f, b))
		for (copy = b; copy != NULL && plain == NULL;
		     copy = ban_copy(copy))
			if (copy->kind == kind && ban_holds(copy, now) &&
			    mask_glob(copy->mask, name, NULL))
				plain = copy;
	found = bans_reserve(f, kind, name, now, &steps);
	assert((plain == NULL) == (found == NULL));
	assert(plain == NULL || cinc_cmp(plain->id, found->id) == 0);
}

static void
add(struct facts *f, struct span words, struct arena *arena)
{
	struct ban_text text;
	struct writer w;

	writer_init_arena(&w, arena, words.n + 8);
	writer_str(&w, "+BAN ");
	writer_span(&w, words);
	if (ban_parse(writer_done(&w), &text))
		bans_add_own(f, writer_done(&w));
}

static void
ask_all(struct facts *f, const struct ban_query *q)
{
	ask(f, q);
	reserve(f, BAN_RESV_NICK, q->who.nick, q->now);
	reserve(f, BAN_RESV_CHANNEL, q->who.nick, q->now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct arena *arena = arena_new(4096);
	struct tables *tables = calloc(1, sizeof(*tables));
	struct facts f;
	struct ban_query q = { .now = { 100 },
		.kinds = BANB(KLINE) | BANB(DLINE) | BANB(XLINE) | BANB(SHUN) |
			 BANB(EXCEPT) };

	if (size > 4000)
		in.n = 4000;
	core_tables_trust(tables, NULL, 0);
	facts_init(&f, seed, tables);
	q.who.nick = span_cut(&in, '\n');
	q.who.user = span_cut(&in, '\n');
	q.who.host = span_cut(&in, '\n');
	q.who.ip = span_cut(&in, '\n');
	if (!addr_parse(q.who.ip, &q.who.addr))
		q.who.ip = q.who.host;
	q.realname = span_cut(&in, '\n');
	q.who.hosts = q.realname;
	q.who.first_user = q.who.nick;
	q.who.first_host = span_tail(q.who.host, q.who.host.n / 2);
	for (unsigned i = 0; i < BANS_MAX && in.n > 0; i++)
		add(&f, span_cut(&in, '\n'), arena);
	ask_all(&f, &q);
	if (bans_first(&f) != NULL) {
		bans_drop_own(&f, bans_first(&f));
		ask_all(&f, &q);
	}
	assert(facts_fini(&f));
	free(tables);
	arena_free(arena);
	return 0;
}
