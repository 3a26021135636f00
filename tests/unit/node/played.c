#include "unit/node/played.h"

#include <check.h>
#include <stdio.h>

struct world *
played_node(void)
{
	struct world *w = world_new(3);
	struct peer_settings *peer;

	peer = (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	for (size_t k = 0; k < world_settings(w, 1)->npeer; k++)
		peer[k].naddress = 0;
	world_settings(w, 1)->alone_ms = 0;
	world_start(w, 1, 100);
	ck_assert(core_is_ready(node_core(world_node(w, 1))));
	return w;
}

unsigned
played_sync(struct world *w)
{
	return played_sync_run(w, 2, 50, 77);
}

unsigned
played_sync_run(struct world *w, unsigned k, uint32_t run, unsigned instance)
{
	unsigned p = world_peer(w, 1);
	char line[160];

	snprintf(line, sizeof(line),
	    "HELLO 1 00%u.%u 1700000001000 00%u.example.org %u :network=Test",
	    k, run, k, instance);
	world_say(w, p, line);
	snprintf(line, sizeof(line),
	    "LSA 00%u.%u 1 1700000001000 001,%u,10 :", k, run, instance);
	world_say(w, p, line);
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	return p;
}

unsigned
played_open(struct world *w, unsigned k, const char *caps)
{
	unsigned p = world_peer(w, 1);
	char line[160];

	snprintf(line, sizeof(line),
	    "HELLO 1 00%u.50 1700000001000 00%u.example.org 77 :%s", k, k,
	    caps);
	world_say(w, p, line);
	snprintf(line, sizeof(line),
	    "LSA 00%u.50 1 1700000001000 001,77,10 :", k);
	world_say(w, p, line);
	return p;
}

struct world *
played_line(void)
{
	struct world *w = world_new(4);

	world_allow(w, 1, 2, true);
	world_allow(w, 2, 3, true);
	for (unsigned i = 1; i <= 3; i++)
		world_start(w, i, i * 10);
	world_run(w, 2500);
	return w;
}

unsigned
played_liar(struct world *w, int64_t ms)
{
	unsigned p = world_peer(w, 1);
	char line[128];

	snprintf(line, sizeof(line),
	    "HELLO 1 004.50 %lld 004.example.org 78 :network=Test",
	    (long long)(core_clock(node_core(world_node(w, 1))).ms + ms));
	world_say(w, p, line);
	world_say(w, p, "LSA 004.50 1 1700000004000 001,78,10 :");
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	return p;
}

void
played_kept_links(struct world *w, unsigned from)
{
	for (unsigned i = from; i <= 3; i++)
		for (enum log_row r = 0; r < LOG_COUNT; r++)
			if (r == LOG_LINK_DOWN || r == LOG_LINK_REFUSED)
				ck_assert_msg(world_logged(w, i, r) == 0, "%s",
				    world_log_text(w, i, r));
}

void
played_small_turns(struct world *w, int64_t units)
{
	world_settings(w, 1)->turn_work = units;
	world_ticks(w, false);
	world_tick(w, 1);
}

void
played_entry(struct world *w, unsigned p, const char *origin, unsigned n,
    const char *part)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY %s %u %u * - 1", origin, n,
	    1700000 + n);
	world_say(w, p, line);
	world_say(w, p, part);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

void
played_messages(struct world *w, unsigned p, unsigned from, unsigned to)
{
	char part[64];

	for (unsigned i = from; i <= to; i++) {
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG 002AAAAAA #c * :%04u", i);
		played_entry(w, p, "002.50", i, part);
	}
}

void
played_beats(struct world *w, unsigned p, int s)
{
	for (int i = 0; i < s; i++) {
		world_say(w, p, "BEAT 0 1700000001000");
		world_run(w, 1000);
	}
}

unsigned
played_asks(struct world *w, unsigned k, const char *caps)
{
	unsigned p = played_open(w, k, caps);

	world_say(w, p, "SYNC");
	return p;
}

unsigned
played_on_channels(struct world *w, unsigned n)
{
	unsigned ann;
	char line[64];

	world_settings(w, 1)->keep_s = 1;
	ann = world_user(w, 1, "ann");
	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "JOIN #channel%u", i);
		world_say(w, ann, line);
	}
	world_run(w, 2000);
	return ann;
}

void
played_hears(struct world *w, unsigned p, const char *piece)
{
	ck_assert_msg(world_hears(w, p, piece), "no \"%s\" in:\n%s", piece,
	    world_heard(w, p));
}

void
played_is_refused(struct world *w, unsigned p, const char *code)
{
	char line[64];

	snprintf(line, sizeof(line), "ERROR %s :", code);
	played_hears(w, p, line);
	ck_assert(world_is_closed(w, p));
	ck_assert_ptr_null(link_net_link(world_links(w, 1), 0));
}
