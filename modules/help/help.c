/*
 * HELP and HELPOP (modern-irc, "HELP message"), from the texts of the rows
 * themselves: so a command or a mode that another module adds is explained,
 * too.
 *
 *	HELP		the commands
 *	HELP name	a command
 *	HELP CMODES	the modes of channels, STATUSES those of members, UMODES
 *			those of users, EXTBANS the extended bans, SNOMASKS
 *			the letters behind MODE nick +s
 *
 * HELPOP is the same: some clients send it for /HELPOP, and there is nothing
 * here that only operators may read.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "core/types/log.h"
#include "wire/casemap.h"

enum { HELP_START, HELP_TEXT, HELP_END, HELP_NONE };

static const struct numeric_row numerics[] = {
	[HELP_START] = { 704, "RPL_HELPSTART", "$ :$" },
	[HELP_TEXT] = { 705, "RPL_HELPTXT", "$ :$" },
	[HELP_END] = { 706, "RPL_ENDOFHELP", "$ :$" },
	[HELP_NONE] = { 524, "ERR_HELPNOTFOUND",
	    "$ :No help available on this topic" },
};

#define LINE 200 /* bytes of a line of text */

/* The answer to one HELP. */
struct help {
	struct cmd *c;
	struct span subject;
	char text[LINE];
	struct writer w; /* the line under construction */
	bool begun;
};

static void
say(struct help *h, int numeric, struct span text)
{
	reply_row(h->c->st, h->c->s, &numerics[numeric], h->subject, text);
}

/* Send a line of text; the first one has a numeric of its own. */
static void
say_line(struct help *h, struct span text)
{
	say(h, h->begun ? HELP_TEXT : HELP_START, text);
	h->begun = true;
}

static void
flush(struct help *h)
{
	if (h->w.n > 0)
		say_line(h, writer_done(&h->w));
	writer_init(&h->w, h->text, sizeof(h->text));
}

/* Add words to the text, and send each line that is full. */
static void
say_text(struct help *h, struct span text)
{
	struct span word;

	while ((word = span_word(&text)).n > 0) {
		if (h->w.n + 1 + word.n > 72)
			flush(h);
		writer_str(&h->w, h->w.n > 0 ? " " : "");
		writer_span(&h->w, word);
	}
}

/* ---- commands ---------------------------------------------------------- */

static void
help_index(struct help *h)
{
	const struct tables *t = h->c->tables;

	h->subject = SPAN("index");
	say_line(h, SPAN("The commands of this server:"));
	for (unsigned i = 0; i < t->ncommand; i++)
		say_text(h, t->command[i]->name);
	flush(h);
	say(h, HELP_END,
	    SPAN("HELP and the name of a command tells more; there are CMODES, "
		 "STATUSES, EXTBANS, UMODES and SNOMASKS, too"));
}

static void
help_command(struct help *h, const struct command_row *row)
{
	h->subject = row->name;
	writer_span(&h->w, row->name);
	if (row->syntax != NULL && row->syntax[0] != '\0') {
		writer_char(&h->w, ' ');
		writer_str(&h->w, row->syntax);
	}
	flush(h);
	if (row->help != NULL)
		say_text(h, span_of(row->help));
	flush(h);
	say(h, HELP_END, SPAN("End of HELP"));
}

/* ---- modes ------------------------------------------------------------- */

static void
say_mode(struct help *h, char letter, const char *parameter, const char *what)
{
	if (letter == '\0')
		return; /* a gap where a row was */
	writer_char(&h->w, letter);
	writer_str(&h->w, parameter);
	writer_str(&h->w, "  ");
	writer_str(&h->w, what != NULL ? what : "");
	flush(h);
}

static const char *
parameter_of(const struct chan_mode_row *row)
{
	switch (row->type) {
	case MODE_LIST:
		return " mask";
	case MODE_VALUE:
		return " value";
	case MODE_FLAG:
		break;
	}
	return "";
}

static void
help_chan_modes(struct help *h)
{
	const struct tables *t = h->c->tables;

	say_line(h, SPAN("Modes of channels, for MODE #channel +letter:"));
	for (unsigned i = 0; i < t->nchan_mode; i++)
		say_mode(h, t->chan_mode[i]->letter,
		    parameter_of(t->chan_mode[i]), t->chan_mode[i]->what);
}

static void
help_statuses(struct help *h)
{
	const struct tables *t = h->c->tables;
	const struct status_row *row;

	say_line(h, SPAN("Statuses of members, for MODE #channel +letter nick; "
			 "the highest comes first:"));
	for (unsigned i = 0; i < t->nranked; i++) {
		row = t->status[t->by_rank[i]];
		say_mode(h, row->letter, " nick", row->what);
	}
}

static void
help_user_modes(struct help *h)
{
	const struct tables *t = h->c->tables;

	say_line(h, SPAN("Modes of users, for MODE nick +letter:"));
	for (unsigned i = 0; i < t->nuser_mode; i++)
		say_mode(h, t->user_mode[i]->letter, "", t->user_mode[i]->what);
}

static void
help_snomasks(struct help *h)
{
	say_line(h, SPAN("Notices to operators, for MODE nick +s letters:"));
	for (unsigned i = 0; i < LOGM_COUNT; i++)
		say_mode(h, log_mask_letter((enum log_mask)i), "",
		    log_mask_what((enum log_mask)i));
}

static void
help_extbans(struct help *h)
{
	const struct tables *t = h->c->tables;
	const struct extban_row *row;

	say_line(h,
	    SPAN("Extended bans, for MODE #channel +b mask; the letters "
		 "do in the place of the name, and a ! behind the ~ "
		 "inverts:"));
	for (unsigned i = 0; i < t->nextban; i++) {
		row = t->extban[i];
		writer_char(&h->w, '~');
		writer_str(&h->w, row->name);
		writer_str(&h->w, row->value == EXTBAN_MUST  ? ":value ("
				  : row->value == EXTBAN_MAY ? "[:value] ("
							     : " (");
		writer_str(&h->w, row->letters);
		writer_str(&h->w, ")  ");
		writer_str(&h->w, row->what);
		flush(h);
	}
}

/* ---- HELP -------------------------------------------------------------- */

/* Other servers have some of these topics under a name for one thing. */
static const struct topic {
	struct span name, also;
	void (*say)(struct help *);
} topics[] = {
	{ SPAN_INIT("CMODES"), SPAN_INIT("CMODE"), help_chan_modes },
	{ SPAN_INIT("STATUSES"), SPAN_INIT("STATUS"), help_statuses },
	{ SPAN_INIT("EXTBANS"), SPAN_INIT("EXTBAN"), help_extbans },
	{ SPAN_INIT("UMODES"), SPAN_INIT("UMODE"), help_user_modes },
	{ SPAN_INIT("SNOMASKS"), SPAN_INIT("SNOMASK"), help_snomasks },
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static bool
help_topic(struct help *h)
{
	for (size_t i = 0; i < N(topics); i++) {
		if (!casemap_eq(h->subject, topics[i].name) &&
		    !casemap_eq(h->subject, topics[i].also))
			continue;
		h->subject = topics[i].name;
		topics[i].say(h);
		say(h, HELP_END, SPAN("End of HELP"));
		return true;
	}
	return false;
}

static void
cmd_help(struct cmd *c)
{
	struct help h = { .c = c, .subject = cmd_arg(c, 0) };
	const struct command_row *row;

	writer_init(&h.w, h.text, sizeof(h.text));
	if (h.subject.n == 0) {
		help_index(&h);
		return;
	}
	if (help_topic(&h))
		return;
	row = command_find(c->tables, h.subject);
	if (row != NULL)
		help_command(&h, row);
	else
		reply_row(c->st, c->s, &numerics[HELP_NONE], h.subject);
}

static const struct command_row commands[] = {
	{ SPAN_INIT("HELP"), cmd_help, 0, COMMAND_USERS, "[subject]",
	    "Lists the commands, or explains one of them." },
	{ SPAN_INIT("HELPOP"), cmd_help, 0, COMMAND_USERS, "[subject]",
	    "Does the same as HELP." },
};

static const struct rows rows = {
	.of = "help",
	.command = commands,
	.ncommand = N(commands),
	.numeric = numerics,
	.nnumeric = N(numerics),
};

MODULE(help) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "help",
	.version = "1",
	.purpose = "HELP and HELPOP, from the texts of the rows",
	.rows = &rows,
};
