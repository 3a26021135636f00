/*
 * SETNAME (ircv3 setname). The real name of the +USER never changes: a register
 * of the user holds the new one, and wins while it is set.
 *
 * A client without the capability may use the command, and is not answered:
 * "the server SHOULD handle it silently".
 */
#include "core/banned.h"
#include "core/cmd/cmd.h"
#include "core/sessions/source.h"

/* Confirm a name that the user has already: nothing changes, but the client
 * waits for the line. */
static void
confirm(struct cmd *c, struct span name)
{
	struct writer w;

	if ((c->s->caps & CAPB(SETNAME)) == 0)
		return;
	body_begin(c->st, &w, user_source(c->st, c->user));
	writer_str(&w, "SETNAME :");
	writer_span(&w, name);
	line_send(c->st, c->s,
	    &(struct line){
		.body = writer_done(&w), .tags = user_tags(c->st, c->user) });
}

void
cmd_setname(struct cmd *c)
{
	struct span name = cmd_arg(c, 0);
	struct part *p;

	if (c->m->nparam == 0) {
		(void)cmd_need(c, 1);
		return;
	}
	if (name.n == 0 || name.n > c->settings->real_len) {
		reply_fail(c->st, c->s, c->name, SPAN("INVALID_REALNAME"),
		    SPAN("Realname is not valid"));
		return;
	}
	if (span_eq(name, user_realname(c->user))) {
		confirm(c, name);
		return;
	}
	/* ircv3 setname, errors */
	if (banned_renames(c->st, c->user, name)) {
		reply_fail(c->st, c->s, c->name, SPAN("CANNOT_CHANGE_REALNAME"),
		    SPAN("That real name is banned"));
		return;
	}
	p = cmd_add_part(c, PART_SET);
	p->u.set = (struct part_set){ c->user->uid, SPAN("realname"), cmd_by(c),
		text_of(name) };
}
