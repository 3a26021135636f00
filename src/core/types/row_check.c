/*
 * Rows come from different hands, and none of them knows the others. A row that
 * would make two things look alike is refused: to a client (a letter, a prefix,
 * a verb, a number), or between servers (a name). Channel modes and statuses
 * share their letters and names, as MODE of a channel takes both.
 */
#include "core/types/row_check.h"

#include <string.h>

#include "base/ascii.h"
#include "core/part/part.h"
#include "core/types/change.h"
#include "core/types/mode_value.h"
#include "wire/casemap.h"
#include "wire/msg.h"
#include "wire/name.h"

/* Modes and statuses have a letter each, so letters run out before numbers. */
#define LETTERS 52
_Static_assert(LETTERS <= CM_NONE && LETTERS <= UM_NONE, "too many modes");

/* Statuses have a prefix each, too: one of !"$%&'()+./;<=>@~ */
#define PREFIXES 17
_Static_assert(PREFIXES <= ST_NONE, "too many statuses");

#define NAME_MAX_BYTES 32  /* of a mode, a status or a command */
#define CAP_MAX_BYTES 120  /* of a capability with constant values */
#define TOKEN_MAX_BYTES 20 /* of the name: modern-irc, RPL_ISUPPORT */

/* The words for a row in a reason. */
struct called {
	const char *kind;
	struct span name;
	const char *of; /* whose row it is */
};

static bool
refuse(struct writer *w, struct called x, const char *reason)
{
	writer_str(w, x.kind);
	writer_char(w, ' ');
	writer_span(w, x.name);
	writer_str(w, " of ");
	writer_str(w, x.of);
	writer_str(w, ": ");
	writer_str(w, reason);
	return false;
}

static bool
refuse_double(struct writer *w, struct called x, const char *what,
    struct called other)
{
	(void)refuse(w, x, "its ");
	writer_str(w, what);
	writer_str(w, " is that of ");
	writer_str(w, other.kind);
	writer_char(w, ' ');
	writer_span(w, other.name);
	writer_str(w, " of ");
	writer_str(w, other.of);
	return false;
}

static bool
is_within(const void *row, const void *first, size_t bytes)
{
	return (uintptr_t)row - (uintptr_t)first < bytes;
}

/* Return whose row it is. */
static const char *
owner(const struct tables *t, const void *row)
{
	const struct rows *r;

	for (unsigned i = 0; i < t->nsource; i++) {
		r = t->source[i];
		if (is_within(row, r->command,
			r->ncommand * sizeof(*r->command)) ||
		    is_within(row, r->chan_mode,
			r->nchan_mode * sizeof(*r->chan_mode)) ||
		    is_within(row, r->status,
			r->nstatus * sizeof(*r->status)) ||
		    is_within(row, r->user_mode,
			r->nuser_mode * sizeof(*r->user_mode)) ||
		    is_within(row, r->cap, r->ncap * sizeof(*r->cap)) ||
		    is_within(row, r->numeric,
			r->nnumeric * sizeof(*r->numeric)) ||
		    is_within(row, r->isupport,
			r->nisupport * sizeof(*r->isupport)) ||
		    is_within(row, r->extban,
			r->nextban * sizeof(*r->extban)) ||
		    is_within(row, r->later, r->nlater * sizeof(*r->later)) ||
		    is_within(row, r->said, r->nsaid * sizeof(*r->said)) ||
		    is_within(row, r->query, r->nquery * sizeof(*r->query)) ||
		    is_within(row, r->memory, r->nmemory * sizeof(*r->memory)))
			return r->of;
	}
	return "?";
}

/* Return true for lower-case letters, digits and '-': a part of a field on
 * links. */
static bool
is_mode_name(const char *name)
{
	struct span s = span_of(name);

	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_lower(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-')
			return false;
	return s.n > 0 && s.n <= NAME_MAX_BYTES;
}

/* Return true if the field is that of a mode of that name. */
static bool
is_field_of(const char *field, const char *name)
{
	struct span s = span_of(field);

	return span_starts(s, SPAN(MODE_FIELD)) &&
	       span_eq(span_tail(s, sizeof(MODE_FIELD) - 1), span_of(name));
}

/* ---- commands ---------------------------------------------------------- */

static bool
is_verb(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.n > 0 && s.n <= NAME_MAX_BYTES;
}

bool
row_check_command(const struct tables *t, const struct rows *r,
    const struct command_row *row, struct writer *why)
{
	struct called me = { "command", row->name, r->of };
	const struct command_row *x = command_find(t, row->name);

	if (t->ncommand == COMMANDS_MAX)
		return refuse(why, me, "there are 256 commands already");
	if (!is_verb(row->name))
		return refuse(why, me, "its name is not a word in upper case");
	if (row->run == NULL)
		return refuse(why, me, "it has no function");
	if (x != NULL)
		return refuse_double(why, me, "name",
		    (struct called){ "command", x->name, owner(t, x) });
	return true;
}

/* ---- modes and statuses ------------------------------------------------ */

static struct called
call_chan_mode(const struct chan_mode_row *row, const char *of)
{
	return (struct called){ "channel mode", span_of(row->name), of };
}

static struct called
call_status(const struct status_row *row, const char *of)
{
	return (struct called){ "status", span_of(row->name), of };
}

/* Look for the letter and the name among channel modes and statuses. */
static bool
is_free_on_channels(const struct tables *t, struct called me, char letter,
    struct writer *why)
{
	enum chan_mode m = chan_mode_of_letter(t, letter);
	enum status s = status_of_letter(t, letter);
	const char *what = "letter";

	if (m == CM_NONE && s == ST_NONE) {
		m = chan_mode_of_name(t, me.name);
		s = status_of_name(t, me.name);
		what = "name";
	}
	if (m != CM_NONE)
		return refuse_double(why, me, what,
		    call_chan_mode(t->chan_mode[m], owner(t, t->chan_mode[m])));
	if (s != ST_NONE)
		return refuse_double(why, me, what,
		    call_status(t->status[s], owner(t, t->status[s])));
	return true;
}

static bool
is_type(const struct mode_value *v)
{
	if (v == NULL)
		return false;
	if (v->most != NULL)
		return v->wrong != NULL;
	return v->check != NULL && v->is_shown != NULL && v->normalise != NULL;
}

/* Return NULL if the row has what its type needs, else what is wrong. */
static const char *
type_is_wrong(const struct chan_mode_row *row)
{
	switch (row->type) {
	case MODE_LIST:
		return row->list == NULL || row->list->item == NULL ||
			       row->list->end == NULL
			   ? "a list needs numerics"
			   : NULL;
	case MODE_VALUE:
		return is_type(row->value) ? NULL : "a value needs a type";
	case MODE_FLAG:
		break;
	}
	return NULL;
}

bool
row_check_chan_mode(const struct tables *t, const struct rows *r,
    const struct chan_mode_row *row, struct writer *why)
{
	struct called me = call_chan_mode(row, r->of);
	const char *wrong = type_is_wrong(row);

	if (!ascii_is_letter(row->letter))
		return refuse(why, me, "its letter is not valid");
	if (!is_mode_name(row->name) || !is_field_of(row->field, row->name))
		return refuse(why, me, "its name or its field is not valid");
	if (wrong != NULL)
		return refuse(why, me, wrong);
	return is_free_on_channels(t, me, row->letter, why);
}

/* Return true for a character that can begin neither a nick, a channel nor a
 * parameter. */
static bool
is_prefix(char c)
{
	return c > ' ' && c < 0x7f && c != '#' && c != ':' && c != ',' &&
	       c != '*' && c != '?' && !ascii_is_digit(c) && c != '-' &&
	       !name_nick_valid(span_make(&c, 1), 1);
}

/* Return NULL if the ranks of a status can be had, else what is wrong. */
static const char *
ranks_are_wrong(const struct tables *t, const struct status_row *row)
{
	unsigned top = row->rank;

	if (t->nranked > 0 && t->status[t->by_rank[0]]->rank > top)
		top = t->status[t->by_rank[0]]->rank;
	if (row->rank == RANK_NONE)
		return "it has no rank";
	if (row->give == RANK_NONE || row->over == RANK_NONE)
		return "anybody could give or take it";
	if (row->give > top || row->over > top)
		return "nobody has the rank to give or take it";
	return row->lacking == NULL ? "it has no words for 482" : NULL;
}

bool
row_check_status(const struct tables *t, const struct rows *r,
    const struct status_row *row, struct writer *why)
{
	struct called me = call_status(row, r->of);
	const char *wrong = ranks_are_wrong(t, row);
	const struct status_row *x;

	if (!ascii_is_letter(row->letter) || !is_prefix(row->prefix))
		return refuse(why, me, "its letter or its prefix is not valid");
	if (!is_mode_name(row->name))
		return refuse(why, me, "its name is not valid");
	if (wrong != NULL)
		return refuse(why, me, wrong);
	for (unsigned i = 0; i < t->nstatus; i++) {
		x = t->status[i];
		if (x->prefix == row->prefix || x->rank == row->rank)
			return refuse_double(why, me,
			    x->prefix == row->prefix ? "prefix" : "rank",
			    call_status(x, owner(t, x)));
	}
	return is_free_on_channels(t, me, row->letter, why);
}

/* Return NULL if the mark is whole, else what is wrong. */
static const char *
mark_is_wrong(const struct user_mark *mark)
{
	if (mark == NULL)
		return NULL;
	if (!ascii_is_letter(mark->flag))
		return "the flag of its mark is not valid";
	if (mark->whois == NULL || numeric_args(mark->whois) != 1)
		return "the numeric of its mark has other arguments than a "
		       "nick";
	if (mark->tag == NULL || mark->tag[0] == '\0' ||
	    span_of(mark->tag).n > USER_MARK_TAG)
		return "the tag of its mark is not valid";
	return NULL;
}

bool
row_check_user_mode(const struct tables *t, const struct rows *r,
    const struct user_mode_row *row, struct writer *why)
{
	struct called me = { "user mode", span_of(row->name), r->of };
	enum user_mode m = user_mode_of_letter(t, row->letter);
	const char *wrong = mark_is_wrong(row->mark);
	bool letter = m != UM_NONE;

	if (!ascii_is_letter(row->letter))
		return refuse(why, me, "its letter is not valid");
	if (!is_mode_name(row->name) || !is_field_of(row->field, row->name))
		return refuse(why, me, "its name or its field is not valid");
	if (wrong != NULL)
		return refuse(why, me, wrong);
	if (!letter)
		m = user_mode_of_name(t, me.name);
	if (m == UM_NONE)
		return true;
	return refuse_double(why, me, letter ? "letter" : "name",
	    (struct called){ "user mode", span_of(t->user_mode[m]->name),
		owner(t, t->user_mode[m]) });
}

/* ---- capabilities and numerics ----------------------------------------- */

bool
row_check_cap(const struct tables *t, const struct rows *r,
    const struct cap_row *row, struct writer *why)
{
	struct called me = { "capability", span_of(row->name), r->of };
	struct span values = span_of(row->values);
	enum cap c = cap_find(t, me.name);

	if (t->ncap == CAP_NONE)
		return refuse(why, me, "there are 61 capabilities already");
	if (!msg_is_word(me.name) || me.name.p[0] == '-' ||
	    span_find(me.name, '=') < me.name.n ||
	    (values.n > 0 && !msg_is_word(values)) ||
	    me.name.n + values.n > CAP_MAX_BYTES)
		return refuse(why, me, "its name or its values are not valid");
	if (c != CAP_NONE)
		return refuse_double(why, me, "name",
		    (struct called){ "capability", span_of(t->cap[c]->name),
			owner(t, t->cap[c]) });
	return true;
}

bool
row_check_numeric(const struct tables *t, const struct rows *r,
    const struct numeric_row *row, struct writer *why)
{
	struct called me = { "numeric", span_of(row->name), r->of };
	const struct numeric_row *x;
	bool same;

	if (t->nnumeric == NUMERICS_MAX)
		return refuse(why, me, "there are 512 numerics already");
	if (me.name.n == 0 || row->form == NULL || row->number < 1 ||
	    row->number > 999)
		return refuse(why, me, "its name, number or form is not valid");
	for (unsigned i = 0; i < t->nnumeric; i++) {
		x = t->numeric[i];
		same = x->number == row->number;
		if (same || span_eq(span_of(x->name), me.name))
			return refuse_double(why, me, same ? "number" : "name",
			    (struct called){
				"numeric", span_of(x->name), owner(t, x) });
	}
	return true;
}

/* ---- tokens of ISUPPORT ------------------------------------------------ */

static bool
is_token_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_upper(s.p[i]) && !ascii_is_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n <= TOKEN_MAX_BYTES;
}

bool
row_check_isupport(const struct tables *t, const struct rows *r,
    const struct isupport_row *row, struct writer *why)
{
	struct called me = { "token", span_of(row->name), r->of };
	struct span text = span_of(row->text);
	int values = (text.n > 0) + (row->number > 0) + (row->write != NULL);

	if (t->nisupport == TOKENS_MAX)
		return refuse(why, me, "there are 64 tokens already");
	if (!is_token_name(me.name))
		return refuse(why, me, "its name is not valid");
	if (values > 1 || text.n > TOKEN_VALUE_MAX ||
	    (text.n > 0 && !msg_is_word(text)))
		return refuse(why, me, "its value is not valid");
	for (unsigned i = 0; i < t->nisupport; i++)
		if (span_eq(span_of(t->isupport[i]->name), me.name))
			return refuse_double(why, me, "name",
			    (struct called){
				"token", me.name, owner(t, t->isupport[i]) });
	return true;
}

/* ---- later verbs ------------------------------------------------------- */

bool
row_check_later(const struct tables *t, const struct rows *r,
    const struct later_row *row, struct writer *why)
{
	struct called me = { "verb", span_of(row->name), r->of };
	struct kind kind;

	if (t->nlater == LATER_MAX)
		return refuse(why, me, "there are 256 verbs already");
	if (!is_verb(me.name))
		return refuse(why, me, "its name is not a word in upper case");
	if (!kind_parse(span_of(row->kind), &kind))
		return refuse(why, me, "its kind is not valid");
	if (part_has_verb(me.name))
		return refuse(why, me, "every server knows a verb of its name");
	for (unsigned i = 0; i < t->nlater; i++)
		if (span_eq(span_of(t->later[i]->name), me.name))
			return refuse_double(why, me, "name",
			    (struct called){
				"verb", me.name, owner(t, t->later[i]) });
	return true;
}

/* ---- verbs that can be said --------------------------------------------- */

bool
row_check_said(const struct tables *t, const struct rows *r,
    const struct said_row *row, struct writer *why)
{
	struct called me = { "message", row->verb, r->of };
	const struct said_row *x = said_find(t, row->verb);

	if (t->nsaid == SAID_MAX)
		return refuse(why, me, "there are 64 messages already");
	if (!is_verb(me.name))
		return refuse(why, me, "its verb is not a word in upper case");
	if (row->to_chan == NULL && row->to_user == NULL && row->to_all == NULL)
		return refuse(why, me, "it has no function");
	if (x != NULL)
		return refuse_double(why, me, "verb",
		    (struct called){ "message", x->verb, owner(t, x) });
	return true;
}

/* ---- questions ----------------------------------------------------------- */

/* Return true for a question that the links of every server answer
 * (link-protocol.md, 10.7). */
static bool
is_of_links(struct span name)
{
	return span_eq(name, SPAN("HAVE")) || span_eq(name, SPAN("SEEN")) ||
	       span_eq(name, SPAN("COPY"));
}

bool
row_check_query(const struct tables *t, const struct rows *r,
    const struct query_row *row, struct writer *why)
{
	struct called me = { "question", row->name, r->of };
	const struct query_row *x = query_find(t, row->name);

	if (t->nquery == QUERIES_MAX)
		return refuse(why, me, "there are 64 questions already");
	if (!is_verb(me.name))
		return refuse(why, me, "its name is not a word in upper case");
	if (row->answer == NULL || row->end == NULL)
		return refuse(why, me, "it has no function");
	if (is_of_links(me.name))
		return refuse(why, me, "the links of servers answer it");
	if (x != NULL)
		return refuse_double(why, me, "name",
		    (struct called){ "question", x->name, owner(t, x) });
	return true;
}

/* ---- memory ------------------------------------------------------------- */

/* Return true for the name of the source, a slash, and more of the characters
 * that names of modes have. */
static bool
is_name_of(const char *name, const char *of)
{
	struct span s = span_of(name), source = span_of(of);

	return span_starts(s, source) && s.n > source.n &&
	       s.p[source.n] == '/' && is_mode_name(name + source.n + 1);
}

bool
row_check_memory(const struct tables *t, const struct rows *r,
    const struct memory_row *row, struct writer *why)
{
	struct called me = { "memory", span_of(row->name), r->of };

	if (t->nmemory == MEMORY_MAX)
		return refuse(why, me, "there are 64 memories already");
	if (!is_name_of(row->name, r->of))
		return refuse(why, me, "its name is not valid");
	if (row->of != MEMORY_USER && row->of != MEMORY_CHAN &&
	    row->of != MEMORY_SERVER && row->of != MEMORY_NICK)
		return refuse(why, me, "it is of no known kind of thing");
	if (row->size == 0 || row->size > MEMORY_SIZE_MAX)
		return refuse(why, me, "it has no byte, or more than 4096");
	if ((row->of == MEMORY_NICK) != (row->most > 0) ||
	    row->most > MEMORY_NICKS_MAX)
		return refuse(why, me, "it has a wrong number of nicks");
	for (unsigned i = 0; i < t->nmemory; i++)
		if (span_eq(span_of(t->memory[i]->name), me.name))
			return refuse_double(why, me, "name",
			    (struct called){
				"memory", me.name, owner(t, t->memory[i]) });
	return true;
}

/* ---- options ------------------------------------------------------------ */

static bool
is_option_key(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_lower(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= NAME_MAX_BYTES && ascii_is_lower(s.p[0]);
}

bool
row_check_option(const struct rows *r, const struct option_row *row,
    struct writer *why)
{
	struct called me = { "option", span_of(row->key), r->of };
	uint32_t max = row->type == OPTION_IS_BOOL ? 1 : row->max;
	bool text = row->type == OPTION_IS_WORD || row->type == OPTION_IS_LIST;

	if (!is_option_key(me.name))
		return refuse(why, me, "its key is not valid");
	if (row->type != OPTION_IS_NUM && row->type != OPTION_IS_BOOL && !text)
		return refuse(why, me, "it has no known type");
	if (text && row->dflt != 0)
		return refuse(why, me, "a word or a list has no default");
	if (row->type == OPTION_IS_WORD && row->min == 0)
		return refuse(why, me, "a word may not be empty");
	if (!text && (row->dflt > max || row->dflt < row->min))
		return refuse(why, me, "its default is out of its range");
	if (row->help == NULL)
		return refuse(why, me, "it has no help");
	for (const struct option_row *x = r->option; x < row; x++)
		if (span_eq(span_of(x->key), me.name))
			return refuse(why, me,
			    "there is another one of its key");
	return true;
}

/* ---- extended bans ----------------------------------------------------- */

static bool
are_letters(const char *s)
{
	const char *p = s;

	while (ascii_is_lower(*p) || (*p >= 'A' && *p <= 'Z'))
		p++;
	return p > s && *p == '\0';
}

/* Return true for two small letters or more: a name of one is a letter. */
static bool
is_extban_name(const char *name)
{
	struct span s = span_of(name);

	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_lower(s.p[i]))
			return false;
	return s.n > 1 && s.n <= NAME_MAX_BYTES;
}

static bool
is_extban_called(const struct extban_row *row, const char *name)
{
	return name != NULL &&
	       (strcmp(row->name, name) == 0 ||
		   (row->also != NULL && strcmp(row->also, name) == 0));
}

static bool
check_extban_names(const struct tables *t, const struct extban_row *row,
    struct called me, struct writer *why)
{
	const struct extban_row *x;
	struct called other;

	for (unsigned i = 0; i < t->nextban; i++) {
		x = t->extban[i];
		other = (struct called){ "extended ban", span_of(x->name),
			owner(t, x) };
		if (is_extban_called(x, row->name) ||
		    is_extban_called(x, row->also))
			return refuse_double(why, me, "name", other);
		if (strpbrk(x->letters, row->letters) != NULL)
			return refuse_double(why, me, "letter", other);
	}
	return true;
}

bool
row_check_extban(const struct tables *t, const struct rows *r,
    const struct extban_row *row, struct writer *why)
{
	struct called me = { "extended ban", span_of(row->name), r->of };
	bool wraps = row->inner != NULL;

	if (t->nextban == EXTBANS_MAX)
		return refuse(why, me, "there are 64 extended bans already");
	if (!is_extban_name(row->name) ||
	    (row->also != NULL && !is_extban_name(row->also)))
		return refuse(why, me, "its name is not valid");
	if (row->letters == NULL || !are_letters(row->letters))
		return refuse(why, me, "it has no letter");
	if ((row->match != NULL) == wraps)
		return refuse(why, me, "it must match or wrap a mask");
	if (wraps && (row->value != EXTBAN_MUST || row->use == 0))
		return refuse(why, me, "its mask can never count");
	if (row->what == NULL)
		return refuse(why, me, "it has no help");
	return check_extban_names(t, row, me, why);
}

/* ---- hooks ------------------------------------------------------------- */

/* The things that rows of all points have. */
struct hook {
	const char *point;
	unsigned n; /* rows that are there already */
	bool has_function;
	const struct chan_mode_row *mode;
};

static bool
check_hook(const struct rows *r, struct hook x, struct writer *why)
{
	struct called me = { "hook", span_of(x.point), r->of };

	if (x.n == HOOKS_MAX)
		return refuse(why, me, "there are 64 hooks already");
	if (!x.has_function)
		return refuse(why, me, "it has no function");
	if (x.mode == NULL)
		return true;
	if (!is_within(x.mode, r->chan_mode,
		r->nchan_mode * sizeof(*r->chan_mode)))
		return refuse(why, me, "its mode is not of the same source");
	if (x.mode->type == MODE_LIST)
		return refuse(why, me, "its mode is a list");
	return true;
}

bool
row_check_speak(const struct tables *t, const struct rows *r,
    const struct speak_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){ "speak", t->nspeak, row->speak != NULL, row->mode },
	    why);
}

bool
row_check_divert(const struct tables *t, const struct rows *r,
    const struct divert_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){
		"divert", t->ndivert, row->divert != NULL, row->mode },
	    why);
}

bool
row_check_join(const struct tables *t, const struct rows *r,
    const struct join_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){ "join", t->njoin, row->join != NULL, row->mode },
	    why);
}

bool
row_check_forward(const struct tables *t, const struct rows *r,
    const struct forward_row *row, struct writer *why)
{
	if (!check_hook(r,
		(struct hook){
		    "forward", t->nforward, row->forward != NULL, row->mode },
		why))
		return false;
	if (row->told == NULL || numeric_args(row->told) != 2)
		return refuse(why,
		    (struct called){ "hook", SPAN("forward"), r->of },
		    "its numeric has other arguments than two channels");
	return true;
}

bool
row_check_joined(const struct tables *t, const struct rows *r,
    const struct joined_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){
		"joined", t->njoined, row->joined != NULL, row->mode },
	    why);
}

bool
row_check_nick(const struct tables *t, const struct rows *r,
    const struct nick_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){ "nick", t->nnick, row->nick != NULL, row->mode },
	    why);
}

bool
row_check_claim(const struct tables *t, const struct rows *r,
    const struct claim_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){ "claim", t->nclaim, row->claim != NULL, NULL }, why);
}

bool
row_check_changed(const struct tables *t, const struct rows *r,
    const struct changed_row *row, struct writer *why)
{
	if (!check_hook(r,
		(struct hook){
		    "changed", t->nchanged, row->changed != NULL, NULL },
		why))
		return false;
	if (row->kinds == 0 || row->kinds >> CHANGE_COUNT != 0)
		return refuse(why,
		    (struct called){ "hook", SPAN("changed"), r->of },
		    "it is of no known kind of change");
	return true;
}

bool
row_check_registered(const struct tables *t, const struct rows *r,
    const struct registered_row *row, struct writer *why)
{
	return check_hook(r,
	    (struct hook){
		"registered", t->nregistered, row->registered != NULL, NULL },
	    why);
}

bool
row_check_rendered(const struct tables *t, const struct rows *r,
    const struct rendered_row *row, struct writer *why)
{
	struct called me = { "hook", SPAN("rendered"), r->of };

	if (t->nrendered == RENDERED_MAX)
		return refuse(why, me, "there are 3 ways to read already");
	if (row->mode == NULL || !is_within(row->mode, r->user_mode,
				     r->nuser_mode * sizeof(*r->user_mode)))
		return refuse(why, me, "its mode is not of the same source");
	return check_hook(r,
	    (struct hook){
		"rendered", t->nrendered, row->rendered != NULL, NULL },
	    why);
}

bool
row_check_message(const struct tables *t, const struct rows *r,
    const struct message_row *row, struct writer *why)
{
	if (row->mode != NULL && !is_within(row->mode, r->user_mode,
				     r->nuser_mode * sizeof(*r->user_mode)))
		return refuse(why,
		    (struct called){ "hook", SPAN("message"), r->of },
		    "its mode is not of the same source");
	return check_hook(r,
	    (struct hook){ "message", t->nmessage,
		row->send != NULL || row->receive != NULL, NULL },
	    why);
}

bool
row_check_host(const struct tables *t, const struct rows *r,
    const struct host_row *row, struct writer *why)
{
	if (row->mode != NULL && !is_within(row->mode, r->user_mode,
				     r->nuser_mode * sizeof(*r->user_mode)))
		return refuse(why,
		    (struct called){ "hook", SPAN("host"), r->of },
		    "its mode is not of the same source");
	return check_hook(r,
	    (struct hook){ "host", t->nhost, row->host != NULL, NULL }, why);
}

bool
row_check_lookup(const struct tables *t, const struct rows *r,
    const struct lookup_row *row, struct writer *why)
{
	struct called me = { "lookup", span_of(row->name), r->of };

	if (!check_hook(r,
		(struct hook){ "lookup", t->nlookup,
		    row->ask != NULL && row->found != NULL, NULL },
		why))
		return false;
	if (!is_name_of(row->name, r->of))
		return refuse(why, me, "its name is not valid");
	for (unsigned i = 0; i < t->nlookup; i++)
		if (span_eq(span_of(t->lookup[i]->name), me.name))
			return refuse(why, me,
			    "there is another one of its name");
	if (row->kind != REQUEST_LISTED && row->kind != REQUEST_COUNTRY)
		return refuse(why, me, "nobody answers questions of its kind");
	if (row->file != NULL && (!is_within(row->file, r->option,
				      r->noption * sizeof(*row->file)) ||
				     row->file->type != OPTION_IS_WORD))
		return refuse(why, me,
		    "its file is not a word among the options of its source");
	return true;
}

bool
row_check_whois(const struct tables *t, const struct rows *r,
    const struct whois_row *row, struct writer *why)
{
	struct called me = { "hook", SPAN("whois"), r->of };

	if (!check_hook(r,
		(struct hook){
		    "whois", t->nwhois, row->is_shown != NULL, NULL },
		why))
		return false;
	if (row->field == NULL || row->field[0] == '\0')
		return refuse(why, me, "it has no field");
	if (row->told == NULL || numeric_args(row->told) != 2)
		return refuse(why, me,
		    "its numeric has other arguments than a nick and a value");
	return true;
}
