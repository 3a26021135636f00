/*
 * PACK bytes data
 *
 * Many lines of a snapshot as one: facts and carried entries, with their CR LF.
 * They are taken as if each had come by itself (link-protocol.md, 8.17).
 * link/snapshots/pack.c has the coding, and its bounds.
 */
#include "link/snapshots/pack.h"

#include "link/msg/msg.h"
#include "link/recv.h"
#include "link/snapshots/snap_in.h"
#include "link/state.h"

/* Take the next line off the text, without its CR LF. Return false if the text
 * does not end with CR LF. */
static bool
next_line(struct span *text, struct span *line)
{
	size_t n = span_find(*text, '\n');

	if (n == 0 || n == text->n || text->p[n - 1] != '\r')
		return false;
	*line = span_head(*text, n - 1);
	*text = span_tail(*text, n + 1);
	return true;
}

const char *
pack_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span text, line;
	const char *why;

	if (l->in == NULL)
		return "PACK outside of a snapshot";
	if ((why = pack_decode(snap_in_unpacker(l->in), rest, &text)) != NULL)
		return why;
	while (text.n > 0) {
		if (!next_line(&text, &line))
			return "expected CR LF behind each packed line";
		why = recv_packed(st, l, line);
		if (why != NULL || l->state == LINK_DEAD)
			return why;
	}
	return l->entry.parts == 0 ? NULL : "a packed entry is cut off";
}
