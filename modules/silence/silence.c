/*
 * SILENCE: a user names masks, and is not shown the messages of users whom they
 * match (InspIRCd and UnrealIRCd "silence"; ISUPPORT SILENCE; numerics 271,
 * 272, 511, 952). These are PRIVMSG, NOTICE, TAGMSG and INVITE to the user, not
 * those to channels.
 *
 * The home of the user has the list, in memory, and decides (core/types/hook.h,
 * struct message_row). The sender is told nothing, as otherwise a sender could
 * find out the masks.
 *
 * A mask is compared with what the user can see of a sender: nick, user name
 * and host as shown, and those before an operator changed them. The address
 * counts if it is shown as the host. So nobody finds out what hides behind a
 * cloak. A sender whom a split hides is compared as if shown. If a sender is
 * gone from the facts, nothing is asked (doc/decisions/0040).
 *
 * The masks of a user stand in one text. Its size is a second bound, so that
 * long masks take no more memory than short ones.
 */
#include "core/module.h"

#include <string.h>

#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/sessions/mask_who.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/mask.h"

#define MASKS_MOST 32
#define MASK_BYTES 128	/* of one mask */
#define TEXT_BYTES 2048 /* of all masks of a user */

enum { MAX };

static const struct option_row options[] = {
	[MAX] = { "max", OPTION_IS_NUM, 1, MASKS_MOST, 15,
	    "How many masks one user may silence.", NULL },
};

enum { LIST, END, FULL, REFUSED };

static const struct numeric_row numerics[] = {
	[LIST] = { 271, "RPL_SILELIST", "$" },
	[END] = { 272, "RPL_ENDOFSILELIST", ":End of SILENCE list" },
	[FULL] = { 511, "ERR_SILELISTFULL", "$ :Your SILENCE list is full" },
	[REFUSED] = { 952, "ERR_SILENCE", "$ :%" },
};

/* ---- the list ----------------------------------------------------------- */

/* The masks as words, each with a space behind it. */
struct silenced {
	uint16_t n;	/* masks */
	uint16_t bytes; /* of text */
	char text[TEXT_BYTES];
};

static const struct memory_row memory = { "silence/masks", MEMORY_USER,
	sizeof(struct silenced), 0 };

static struct silenced *
list_of(const struct facts *f, const struct user *u)
{
	return memory_find_user(f, &memory, u);
}

static struct span
text_of_list(const struct silenced *x)
{
	return x == NULL ? SPAN_NONE : span_make(x->text, x->bytes);
}

/* Return where the mask begins in the text, or x->bytes. Case does not count.
 */
static size_t
place_of(const struct silenced *x, struct span mask)
{
	struct span rest = text_of_list(x), one;

	while ((one = span_word(&rest)).n > 0)
		if (casemap_eq(one, mask))
			return (size_t)(one.p - x->text);
	return x == NULL ? 0 : x->bytes;
}

static bool
has_mask(const struct silenced *x, struct span mask)
{
	return x != NULL && place_of(x, mask) < x->bytes;
}

static bool
add(struct silenced *x, struct span mask, uint32_t max)
{
	if (x->n >= max || x->bytes + mask.n + 1 > sizeof(x->text))
		return false;
	memcpy(x->text + x->bytes, mask.p, mask.n);
	x->text[x->bytes + mask.n] = ' ';
	x->bytes = (uint16_t)(x->bytes + mask.n + 1);
	x->n++;
	return true;
}

static void
take_out(struct silenced *x, size_t at, size_t n)
{
	memmove(x->text + at, x->text + at + n + 1, x->bytes - at - n - 1);
	x->bytes = (uint16_t)(x->bytes - n - 1);
	x->n--;
}

/* ---- SILENCE ------------------------------------------------------------ */

static void
list_all(struct cmd *c)
{
	struct span rest = text_of_list(list_of(c->facts, c->user)), one;

	while ((one = span_word(&rest)).n > 0)
		reply_row(c->st, c->s, &numerics[LIST], one);
	reply_args(c->st, c->s, &numerics[END], NULL, 0);
}

/* Tell the client what has changed, as other servers do. */
static void
confirm(struct cmd *c, char sign, struct span mask)
{
	struct writer w;

	body_begin(c->st, &w, user_source(c->st, c->user));
	writer_str(&w, "SILENCE ");
	writer_char(&w, sign);
	writer_span(&w, mask);
	line_send(c->st, c->s,
	    &(struct line){
		.body = writer_done(&w), .tags = user_tags(c->st, c->user) });
}

static void
silence(struct cmd *c, struct span mask)
{
	struct silenced *x = list_of(c->facts, c->user);

	if (has_mask(x, mask)) {
		reply_row(c->st, c->s, &numerics[REFUSED], mask,
		    SPAN("That mask is on your SILENCE list already"));
		return;
	}
	if (x == NULL)
		x = memory_get_user(c->st->facts, &memory, c->user);
	if (add(x, mask, settings_option(c->settings, &options[MAX])))
		confirm(c, '+', mask);
	else
		reply_row(c->st, c->s, &numerics[FULL], mask);
}

static void
hear_again(struct cmd *c, struct span mask)
{
	struct silenced *x = list_of(c->facts, c->user);

	if (!has_mask(x, mask)) {
		reply_row(c->st, c->s, &numerics[REFUSED], mask,
		    SPAN("That mask is not on your SILENCE list"));
		return;
	}
	take_out(x, place_of(x, mask), mask.n);
	confirm(c, '-', mask);
}

static void
cmd_silence(struct cmd *c)
{
	struct span mask = cmd_arg(c, 0);
	char sign = '+', *buf;
	struct writer w;

	if (mask.n == 0) {
		list_all(c);
		return;
	}
	if (mask.p[0] == '+' || mask.p[0] == '-') {
		sign = mask.p[0];
		mask = span_tail(mask, 1);
	}
	buf = arena_alloc(c->st->arena, MASK_BYTES);
	writer_init(&w, buf, MASK_BYTES);
	if (!mask_normalise(&w, mask)) {
		reply_fail_or_notice(c->st, c->s, c->name, SPAN("INVALID_MASK"),
		    SPAN("That mask is not valid"));
		return;
	}
	if (sign == '+')
		silence(c, writer_done(&w));
	else
		hear_again(c, writer_done(&w));
}

static const struct command_row command = {
	.name = SPAN_INIT("SILENCE"),
	.run = cmd_silence,
	.min = 0,
	.when = COMMAND_USERS,
	.syntax = "[[+|-]mask]",
	.help =
	    "Keeps messages of users whom the mask matches from you; with -, "
	    "no longer. Without a mask, lists your masks.",
};

/* ---- messages ----------------------------------------------------------- */

/* Return what could be seen of a sender whom a split hides: nothing is shown of
 * such a user, so the facts say it. */
static struct mask_who
hidden_look(const struct facts *f, const struct user *u)
{
	struct span host = user_value_text(f, u, SPAN("host")),
		    username = user_value_text(f, u, SPAN("username"));
	struct mask_who who = ident_mask_who(u->ident, SPAN_NONE);

	if (u->claimed != NULL)
		who.nick = user_claim_nick(u);
	if (host.n > 0) {
		who.first_host = who.host;
		who.host = host;
	}
	if (username.n > 0) {
		who.first_user = who.user;
		who.user = username;
	}
	if (!ident_is_ip(u->ident, who.host)) {
		who.ip = SPAN_NONE;
		who.addr = ADDR_NONE;
	}
	return who;
}

static bool
receive(struct messaging *x)
{
	struct span rest = text_of_list(list_of(x->st->facts, x->to)), mask;
	struct mask_who who;
	size_t steps = 0;
	bool hit = false;

	if (x->by == x->to || rest.n == 0)
		return true;
	who = x->by->shown ? user_mask_seen(x->by)
			   : hidden_look(x->st->facts, x->by);
	while (!hit && (mask = span_word(&rest)).n > 0)
		hit = mask_match(mask, &who, &steps);
	step_spend(x->st, steps);
	return !hit;
}

static const struct message_row hook = { .receive = receive };

/* ---- the module --------------------------------------------------------- */

static void
write_silence(struct writer *w, const struct isupport_from *from)
{
	writer_u64(w, settings_option(from->settings, &options[MAX]));
}

static const struct isupport_row token = { .name = "SILENCE",
	.write = write_silence };

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct rows rows = {
	.of = "silence",
	.command = &command,
	.ncommand = 1,
	.numeric = numerics,
	.nnumeric = N(numerics),
	.isupport = &token,
	.nisupport = 1,
	.memory = &memory,
	.nmemory = 1,
	.option = options,
	.noption = N(options),
	.message = &hook,
	.nmessage = 1,
};

MODULE(silence) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "silence",
	.version = "1",
	.purpose = "SILENCE: users keep messages of others away, by mask",
	.rows = &rows,
};
