/*
 * TOPIC (modern-irc, "TOPIC message"). The register holds `setter SP text`, so
 * that the setter is known after that user has gone; a cleared topic is off.
 *
 * For users who are not on it, a secret channel does not exist (RFC 2811,
 * 4.2.6; InspIRCd, but not when the topic is set; Solanum answers 442).
 */
#include "core/cmd/cmd.h"
#include "core/sessions/access.h"
#include "core/sessions/source.h"
#include "wire/utf8.h"

static void
show(struct cmd *c, const struct chan *ch)
{
	if (ch->topic == NULL)
		reply(c->st, c->s, RPL_NOTOPIC, rcbuf_span(ch->name));
	else
		reply_topic(c->st, c->s, ch);
}

static struct text
value(struct cmd *c, struct span text)
{
	struct writer w;

	if (text.n == 0)
		return text_off();
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX * 2);
	writer_span(&w, user_source(c->st, c->user));
	writer_char(&w, ' ');
	writer_span(&w, text);
	return text_of(writer_done(&w));
}

void
cmd_topic(struct cmd *c)
{
	const struct chan *ch = cmd_find_seen(c, cmd_arg(c, 0));
	struct span text = utf8_cut(cmd_arg(c, 1), c->settings->topic_len);
	struct part *p;

	if (ch == NULL)
		return;
	if (c->m->nparam < 2) {
		show(c, ch);
		return;
	}
	/* "Protected Topic Mode": halfop or above. In a channel without an
	 * incarnation nobody has a rank. */
	if (!cmd_need_rank(c, ch,
		ch->current == NULL || ch->modes & CMB(TOPIC) ? RANK_HALFOP
							      : RANK_NONE))
		return;
	if ((text.n == 0 && ch->topic == NULL) || !cmd_has_incarnation(c, ch))
		return;
	cmd_reveal(c, cmd_member(c, ch));
	p = cmd_add_part(c, PART_CSET);
	p->u.cset = (struct part_cset){ cmd_ch(ch), SPAN("topic"), cmd_by(c),
		value(c, text) };
}
