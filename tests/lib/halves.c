/* Bytes of the link take time, as net.c takes a node for one that spins if it
 * steps too often at one moment. */
#include "lib/halves.h"

#include <stdio.h>

#include "core/core.h"
#include "link/info.h"
#include "link/net.h"

#define USER_CHANS 100 /* of one user */
#define LINE_CHANS 50  /* of one JOIN */
#define BANDWIDTH 20000000
#define LOG_BYTES (256 << 20) /* a heal takes entries, not a snapshot */

struct net *
halves_new(void)
{
	struct net *net = net_new(1, 2);

	net->bandwidth = BANDWIDTH;
	for (unsigned i = 0; i < 2; i++) {
		net_setup(net, i, setup_new(i, 2, 1u << !i));
		net->node[i].setup->settings.keep_s = 3600;
		net->node[i].setup->settings.keep_bytes = LOG_BYTES;
		net_start(net, i);
	}
	net_run(net, 5000);
	return net;
}

void
halves_split(struct net *net)
{
	net_block(net, 0, 1, true);
	net_cut(net, 0, 1, CUT_RESET);
	net_run(net, 1000);
}

void
halves_heal(struct net *net)
{
	net_block(net, 0, 1, false);
}

struct net_client *
halves_user(struct net *net, unsigned node, const char *nick)
{
	const unsigned char lo[4] = { 127, 0, 0, 1 };
	struct net_client *c =
	    net_connect(net, node, addr_v4(lo), 6667, false, NULL);
	char line[64];

	snprintf(line, sizeof(line), "NICK %s", nick);
	net_client_say(c, line);
	net_client_say(c, "USER u 0 * :u");
	net_run(net, 5);
	return c;
}

static void
join_range(struct net_client *c, unsigned from, unsigned to)
{
	char line[LINE_CHANS * 16];
	size_t n = (size_t)snprintf(line, sizeof(line), "JOIN ");

	for (; from < to; from++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "#c%u%s",
		    from, from + 1 < to ? "," : "");
	net_client_say(c, line);
	net_run(c->net, LINE_CHANS + 10);
}

void
halves_fill(struct net *net, unsigned node, unsigned chans, unsigned members)
{
	struct net_client *c;
	char nick[32];
	unsigned at, end, k, m;

	for (m = 0; m < members; m++)
		for (at = 0; at < chans; at = end) {
			end = at + USER_CHANS < chans ? at + USER_CHANS : chans;
			snprintf(nick, sizeof(nick), "u%u-%u-%u", node, m, at);
			c = halves_user(net, node, nick);
			for (k = at; k < end; k += LINE_CHANS)
				join_range(c, k,
				    k + LINE_CHANS < end ? k + LINE_CHANS
							 : end);
		}
}

int64_t
halves_ahead(const struct net *net, unsigned node)
{
	return core_clock(node_core(net->node[node].node)).ms -
	       (NET_EPOCH_MS + net->now / NS_PER_MS);
}

uint64_t
halves_made(const struct net *net, unsigned node)
{
	const struct node *n = net->node[node].node;

	return vector_get(&link_net_log(node_links(n))->have,
	    core_self(node_core(n)));
}
