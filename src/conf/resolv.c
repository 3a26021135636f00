/*
 * The name servers of the system, in the form of resolv.conf(5). Lines that are
 * not about name servers, and addresses with a zone, are passed over.
 */
#include <string.h>

#include "conf/parts.h"

#define DNS_PORT 53

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Take the next word off the line. */
static struct span
take_word(struct span *line)
{
	size_t from = 0, to;

	while (from < line->n && is_blank(line->p[from]))
		from++;
	to = from;
	while (to < line->n && !is_blank(line->p[to]))
		to++;
	*line = span_tail(*line, from);
	return span_head(*line, to - from);
}

void
conf_set_resolv(struct conf_dns *dns, struct arena *arena, struct span text)
{
	struct peer_address v[CONF_DNS_SERVERS_MAX], *copy;
	struct span line, word;
	size_t n = 0;

	while (text.n > 0 && n < CONF_DNS_SERVERS_MAX) {
		line = span_cut(&text, '\n');
		word = take_word(&line);
		line = span_tail(line, word.n);
		if (span_eq(word, SPAN("nameserver")) &&
		    addr_parse(take_word(&line), &v[n].addr) &&
		    !addr_is_any(&v[n].addr)) {
			v[n].host = SPAN_NONE;
			v[n++].port = DNS_PORT;
		}
	}
	copy = arena_alloc(arena, (n + 1) * sizeof(*copy));
	if (n > 0)
		memcpy(copy, v, n * sizeof(*copy));
	/* resolv.conf(5): without a server, that of this machine */
	if (n == 0)
		copy[n++] = (struct peer_address){
			.addr =
			    addr_v4((const unsigned char[]){ 127, 0, 0, 1 }),
			.port = DNS_PORT
		};
	dns->system = (struct conf_addresses){ copy, n };
}
