/*
 * The grammar is that of libconfig, read token by token:
 *
 *	file   = *option
 *	option = name ("=" / ":") value [";" / ","]
 *	value  = scalar / "{" *option "}" / "(" [value *("," value)] ")"
 *	         / "[" [scalar *("," scalar)] "]"
 *	scalar = true or false / number / text *text
 *
 * A state says which tokens may come next, and the open brackets form a stack.
 * A token that does not fit is the mistake; its message says what the state
 * wants, what stands there, and often a hint, from a table.
 */
#include "conf/syntax.h"

#include <string.h>

#include "base/ascii.h"
#include "base/writer.h"
#include "conf/scan.h"
#include "conf/schema.h"
#include "conf/value.h"
#include "wire/utf8.h"

#define WORD_MAX 60 /* bytes of the text that a message repeats */

enum want {
	WANT_OPTION,	   /* a name, or the end of the group or of the file */
	WANT_EQUALS,	   /* after a name */
	WANT_VALUE,	   /* after the equals sign */
	WANT_AFTER_OPTION, /* ";" or whatever WANT_OPTION accepts */
	WANT_ITEM,	   /* the first value of a list, or its end */
	WANT_AFTER_ITEM,   /* "," or the end of the list */
	WANT_NEXT_ITEM	   /* after "," */
};

struct bracket {
	char sign; /* { ( or [ */
	unsigned int line;
	size_t nname;	    /* names that were given before it */
	struct token first; /* the first value of an array */
};

struct given_name {
	struct span name;
	unsigned int line;
};

struct parser {
	const struct schema *schema;
	const struct source *source;
	struct arena *arena;
	struct syntax_mistake *mistake;
	struct writer w; /* into the text of mistake */
	struct scan scan;
	struct token last, token;
	enum want want;
	struct span option; /* the name of the option whose value comes */
	bool secret;	    /* what stands there is not repeated */
	struct bracket *open;
	size_t nopen, open_cap;
	struct given_name *name; /* of the groups that are open */
	size_t nname, name_cap;
};

static const struct bracket *
top(const struct parser *p)
{
	return p->nopen > 0 ? &p->open[p->nopen - 1] : NULL;
}

static bool
in_list(const struct parser *p)
{
	return p->nopen > 0 && top(p)->sign != '{';
}

static char
closing(char sign)
{
	return sign == '{' ? '}' : sign == '(' ? ')' : ']';
}

static bool
is_sign(const struct token *t, const char *signs)
{
	return t->kind == TOKEN_SIGN && strchr(signs, t->text.p[0]) != NULL;
}

static bool
is_scalar(const struct token *t)
{
	return t->kind == TOKEN_BOOL || t->kind == TOKEN_INTEGER ||
	       t->kind == TOKEN_FLOAT || t->kind == TOKEN_TEXT;
}

/* ---- words of a message ---------------------------------------------- */

static void
quote_sign(struct writer *w, char sign)
{
	writer_char(w, '"');
	writer_char(w, sign);
	writer_char(w, '"');
}

static void
write_cut(struct writer *w, struct span s)
{
	writer_span(w, utf8_cut(s, WORD_MAX));
	if (s.n > WORD_MAX)
		writer_str(w, "...");
}

/* Return everything from p to the next blank, bracket, comma, semicolon or
 * quote: what somebody has probably meant as one word. */
static struct span
word_from(const struct parser *parser, const char *p)
{
	const char *end = parser->source->text.p + parser->source->text.n;
	size_t n = 0;

	while (p + n < end && (unsigned char)p[n] > ' ' &&
	       strchr(";,{}()[]\"", p[n]) == NULL)
		n++;
	return span_make(p, n);
}

static void
describe_bad(struct writer *w, struct span s)
{
	if (span_eq(s, SPAN("\xef\xbb\xbf"))) {
		writer_str(w, "a byte order mark");
	} else if (utf8_valid(s) && !ascii_is_control(s.p[0])) {
		writer_str(w, "the character ");
		writer_span(w, s);
	} else {
		writer_str(w, "the byte 0x");
		writer_hex(w, span_head(s, 1));
	}
}

/* Say what stands there, but not what it says. */
static void
describe_secret(struct writer *w, const struct token *t)
{
	writer_str(w, t->kind == TOKEN_TEXT   ? "a text"
		      : t->kind == TOKEN_NAME ? "a word"
					      : "something else");
}

static void
describe(struct writer *w, const struct token *t)
{
	switch (t->kind) {
	case TOKEN_END:
		writer_str(w, "the end of the file");
		break;
	case TOKEN_NAME:
	case TOKEN_BOOL:
		writer_str(w, "the word ");
		write_cut(w, t->text);
		break;
	case TOKEN_INTEGER:
	case TOKEN_FLOAT:
		writer_str(w, "the number ");
		write_cut(w, t->text);
		break;
	case TOKEN_TEXT:
		writer_str(w, "the text ");
		write_cut(w, t->text);
		break;
	case TOKEN_SIGN:
		quote_sign(w, t->text.p[0]);
		break;
	case TOKEN_INCLUDE:
	case TOKEN_OPEN_TEXT:
	case TOKEN_OPEN_COMMENT:
	case TOKEN_BAD:
		describe_bad(w, t->text);
		break;
	}
}

/* ---- mistakes -------------------------------------------------------- */

/* Return true if the name of the option may be the rest of a secret value
 * without quotes: that looks like names. */
static bool
hides_option(const struct parser *p)
{
	return p->secret && !value_is_secret(p->option);
}

/* Write the name of the option whose value comes. */
static void
write_option(struct parser *p)
{
	if (hides_option(p))
		writer_str(&p->w, "an option");
	else
		write_cut(&p->w, p->option);
}

/* Write a word that stands where a value does. */
static void
write_word(struct parser *p, struct span word)
{
	if (p->secret)
		writer_str(&p->w, "a word");
	else
		write_cut(&p->w, word);
}

/* Begin the message about a token. Return where its text goes. */
static struct writer *
begin(struct parser *p, const struct token *t)
{
	struct syntax_mistake *m = p->mistake;

	m->at = source_place(p->source, t->line);
	m->at.column = t->column;
	writer_init(&p->w, m->text, sizeof(m->text));
	return &p->w;
}

static bool
end(struct parser *p)
{
	p->mistake->n = p->w.n;
	return false;
}

/* Say that a text or a comment has no end; libconfig accepts some of these. */
static bool
unclosed(struct parser *p)
{
	bool text = p->token.kind == TOKEN_OPEN_TEXT;

	writer_str(begin(p, &p->token),
	    text ? "the text that begins here has no closing \" on its line"
		 : "the comment that begins here has no end, */");
	p->mistake->silent = true;
	return end(p);
}

/* Write a line, with its file if that is not the file of the mistake. */
static void
write_line(struct parser *p, unsigned int line)
{
	struct conf_place at = source_place(p->source, line);

	if (span_eq(at.file, p->mistake->at.file)) {
		writer_str(&p->w, "line ");
	} else {
		writer_span(&p->w, at.file);
		writer_char(&p->w, ':');
	}
	writer_u64(&p->w, at.line);
}

struct hint {
	enum want want;
	enum token_kind kind;
	char first; /* of the token; NUL: any */
	const char *text;
};

#define INCLUDE_HINT \
	"an @include stands at the start of a line: @include \"FILE\""

static const struct hint hints[] = {
	{ WANT_OPTION, TOKEN_TEXT, '\0', "a name has no quotes" },
	{ WANT_OPTION, TOKEN_INTEGER, '\0', "a name begins with a letter" },
	{ WANT_OPTION, TOKEN_SIGN, ';', "one \";\" is enough" },
	{ WANT_OPTION, TOKEN_SIGN, ',', "one \";\" is enough" },
	{ WANT_OPTION, TOKEN_SIGN, '{', "a group has a name: NAME = { ... };" },
	{ WANT_OPTION, TOKEN_SIGN, '(', "a list has a name: NAME = ( ... );" },
	{ WANT_OPTION, TOKEN_SIGN, '[', "a group is written NAME = { ... };" },
	{ WANT_OPTION, TOKEN_BAD, '@', INCLUDE_HINT },
	{ WANT_OPTION, TOKEN_BAD, '\xef',
	    "save the file as UTF-8 without a byte order mark" },
	{ WANT_AFTER_OPTION, TOKEN_BAD, '@', INCLUDE_HINT },
	{ WANT_EQUALS, TOKEN_SIGN, '{', "a group is written NAME = { ... };" },
	{ WANT_EQUALS, TOKEN_SIGN, '(', "a list is written NAME = ( ... );" },
	{ WANT_EQUALS, TOKEN_TEXT, '\0',
	    "write NAME = \"...\", or @include \"FILE\" to include a file" },
	{ WANT_VALUE, TOKEN_SIGN, '=', "one \"=\" is enough" },
	{ WANT_AFTER_ITEM, TOKEN_SIGN, ';', "\",\" separates values" },
	{ WANT_AFTER_ITEM, TOKEN_SIGN, '{', "\",\" separates values" },
	{ WANT_AFTER_ITEM, TOKEN_SIGN, '(', "\",\" separates values" },
	{ WANT_AFTER_ITEM, TOKEN_SIGN, '[', "\",\" separates values" },
	{ WANT_AFTER_ITEM, TOKEN_INTEGER, '\0', "\",\" separates values" },
	{ WANT_NEXT_ITEM, TOKEN_SIGN, ')', "remove the \",\" before it" },
	{ WANT_NEXT_ITEM, TOKEN_SIGN, ']', "remove the \",\" before it" },
	{ WANT_NEXT_ITEM, TOKEN_SIGN, ',', "one \",\" is enough" },
};

static const char *
find_hint(const struct parser *p)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].want == p->want &&
		    hints[i].kind == p->token.kind &&
		    (hints[i].first == '\0' ||
			hints[i].first == p->token.text.p[0]))
			return hints[i].text;
	return NULL;
}

/* End a message that says what was expected: say what stands there, and the
 * hint. */
static bool
end_not(struct parser *p, const char *hint)
{
	writer_str(&p->w, ", not ");
	if (p->secret && p->token.kind != TOKEN_SIGN &&
	    p->token.kind != TOKEN_END)
		describe_secret(&p->w, &p->token);
	else
		describe(&p->w, &p->token);
	if (hint == NULL)
		hint = find_hint(p);
	if (hint != NULL) {
		writer_str(&p->w, ": ");
		writer_str(&p->w, hint);
	}
	/* libconfig takes a NUL for the end of the text */
	p->mistake->silent =
	    p->token.kind == TOKEN_BAD && p->token.text.p[0] == '\0';
	return end(p);
}

static bool
expected(struct parser *p, const char *what)
{
	writer_str(begin(p, &p->token), "expected ");
	writer_str(&p->w, what);
	return end_not(p, NULL);
}

/*
 * Say which bracket is open, at a token that should close it, or be what else
 * is expected.
 */
static bool
expected_close(struct parser *p, const char * or)
{
	const struct bracket *b = top(p);

	writer_str(begin(p, &p->token), "expected ");
	writer_str(&p->w, or);
	quote_sign(&p->w, closing(b->sign));
	writer_str(&p->w, " to close the ");
	quote_sign(&p->w, b->sign);
	writer_str(&p->w, " of ");
	write_line(p, b->line);
	return end_not(p, NULL);
}

/* ---- what is no value ------------------------------------------------ */

static bool
is_one_of(struct span s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (span_eq(s, span_of(*words)))
			return true;
	return false;
}

static const char *
word_hint(struct span word)
{
	static const char *const truth[] = { "yes", "no", "on", "off", "Yes",
		"No", "On", "Off", "YES", "NO", "ON", "OFF", NULL };
	static const char *const curly[] = { "\xe2\x80\x9c", "\xe2\x80\x9d",
		"\xe2\x80\x9e", "\xe2\x80\x98", "\xe2\x80\x99", NULL };

	if (is_one_of(word, truth))
		return "write true or false";
	if (is_one_of(span_head(word, 3), curly))
		return "use plain double quotes, \"";
	return "a text stands in double quotes";
}

/* A token that begins no value, where a value is wanted. */
static bool
no_value(struct parser *p)
{
	struct token after;
	struct scan ahead = p->scan;
	struct span word;

	writer_str(begin(p, &p->token), "expected ");
	if (p->want == WANT_ITEM) {
		writer_str(&p->w, "a value or ");
		quote_sign(&p->w, closing(top(p)->sign));
	} else if (p->want == WANT_NEXT_ITEM) {
		writer_str(&p->w, "a value after \",\"");
	} else {
		writer_str(&p->w, "a value for ");
		write_option(p);
	}
	if (p->token.kind == TOKEN_END || p->token.text.p[0] == '\0' ||
	    (p->token.kind == TOKEN_SIGN && p->token.text.p[0] != ':'))
		return end_not(p, NULL);
	after = scan_next(&ahead);
	if (p->want != WANT_VALUE && is_sign(&after, "=:"))
		return end_not(p,
		    "options in a list stand in a group, ( { ... } )");
	word = word_from(p, p->token.text.p);
	writer_str(&p->w, ", not ");
	write_word(p, word);
	writer_str(&p->w, ": ");
	writer_str(&p->w, word_hint(word));
	return end(p);
}

/* A number with more behind it, such as 10m or 192.0.2.1. */
static bool
is_torn(const struct parser *p)
{
	return p->token.glued &&
	       (p->last.kind == TOKEN_INTEGER || p->last.kind == TOKEN_FLOAT ||
		   p->last.kind == TOKEN_BOOL) &&
	       p->token.kind != TOKEN_SIGN && p->token.kind != TOKEN_TEXT &&
	       p->token.kind != TOKEN_END;
}

static bool
torn(struct parser *p)
{
	struct span word = word_from(p, p->last.text.p);

	writer_str(begin(p, &p->last),
	    "expected a number, true or false, or a text in double quotes, "
	    "not ");
	write_word(p, word);
	return end(p);
}

/* ---- the states ------------------------------------------------------ */

/* The state after a value, by what is open. */
static void
after_value(struct parser *p)
{
	p->want = in_list(p) ? WANT_AFTER_ITEM : WANT_AFTER_OPTION;
}

static void
open_bracket(struct parser *p)
{
	struct bracket b = { .sign = p->token.text.p[0],
		.line = p->token.line,
		.nname = p->nname };

	if (p->nopen == p->open_cap)
		p->open = arena_grow(p->arena, p->open, &p->open_cap, 16,
		    sizeof(*p->open));
	p->open[p->nopen++] = b;
	p->want = b.sign == '{' ? WANT_OPTION : WANT_ITEM;
}

/* A closing bracket, where one may stand. */
static bool
close_bracket(struct parser *p)
{
	if (p->nopen == 0) {
		writer_str(begin(p, &p->token), "nothing is open that ");
		quote_sign(&p->w, p->token.text.p[0]);
		writer_str(&p->w, " could close");
		return end(p);
	}
	if (p->token.text.p[0] != closing(top(p)->sign))
		return expected_close(p, "");
	p->nname = top(p)->nname;
	p->nopen--;
	after_value(p);
	return true;
}

static bool
twice(struct parser *p, const struct given_name *before)
{
	const struct schema *schema = p->schema;
	unsigned int id = section_find(schema, before->name);
	bool list = id < schema->nsection && schema->section[id].size > 0;

	writer_span(begin(p, &p->token), before->name);
	writer_str(&p->w, " is already set in ");
	write_line(p, before->line);
	if (p->nopen == 0 && id < schema->nsection) {
		writer_str(&p->w, ": put both into one ");
		writer_str(&p->w, list ? "list, " : "group, ");
		writer_span(&p->w, before->name);
		writer_str(&p->w,
		    list ? " = ( { ... }, { ... } );" : " = { ... };");
	}
	return end(p);
}

static bool
begin_option(struct parser *p)
{
	size_t from = p->nopen > 0 ? top(p)->nname : 0;

	for (size_t i = from; i < p->nname; i++)
		if (span_eq(p->name[i].name, p->token.text))
			return twice(p, &p->name[i]);
	if (p->nname == p->name_cap)
		p->name = arena_grow(p->arena, p->name, &p->name_cap, 64,
		    sizeof(*p->name));
	p->name[p->nname++] =
	    (struct given_name){ p->token.text, p->token.line };
	/* words after a secret value without quotes look like names */
	p->secret = value_is_secret(p->token.text) ||
		    (p->secret && p->want == WANT_AFTER_OPTION);
	p->option = p->token.text;
	p->want = WANT_EQUALS;
	return true;
}

static bool
want_option(struct parser *p)
{
	if (p->token.kind == TOKEN_NAME)
		return begin_option(p);
	if (is_sign(&p->token, "})]"))
		return close_bracket(p);
	if (p->token.kind == TOKEN_END)
		return p->nopen == 0 || expected_close(p, "");
	return expected(p, p->nopen == 0 ? "the name of an option"
					 : "the name of an option or \"}\"");
}

static bool
want_equals(struct parser *p)
{
	if (is_sign(&p->token, "=:")) {
		p->want = WANT_VALUE;
		return true;
	}
	if (p->token.glued &&
	    (p->token.kind == TOKEN_BAD || p->token.kind == TOKEN_FLOAT)) {
		writer_str(begin(p, &p->last),
		    "expected the name of an option, not ");
		write_word(p, word_from(p, p->last.text.p));
		writer_str(&p->w, ": a name has only letters, digits, - and _");
		return end(p);
	}
	writer_str(begin(p, &p->token), "expected \"=\" after the name ");
	if (hides_option(p))
		writer_str(&p->w, "of ");
	write_option(p);
	return end_not(p, NULL);
}

/* Every value of an array is of one type, and none is a group or a list. */
static bool
fits_array(struct parser *p)
{
	struct bracket *b = &p->open[p->nopen - 1];
	bool first_long = false, long_too = false;

	if (!is_scalar(&p->token)) {
		writer_str(begin(p, &p->token),
		    "expected a number, true or false, or a text in an "
		    "array, [ ]");
		return end_not(p, "use a list, ( )");
	}
	if (b->first.text.n == 0)
		b->first = p->token;
	if (b->first.kind == TOKEN_INTEGER && p->token.kind == TOKEN_INTEGER) {
		(void)token_integer(&b->first, &first_long);
		(void)token_integer(&p->token, &long_too);
	}
	if (b->first.kind == p->token.kind && first_long == long_too)
		return true;
	writer_str(begin(p, &p->token),
	    "expected a value of the same type as ");
	if (p->secret)
		writer_str(&p->w, "the first one");
	else
		write_cut(&p->w, b->first.text);
	return end_not(p, "use a list, ( )");
}

static bool
want_value(struct parser *p)
{
	bool opens = is_sign(&p->token, "{([");

	if (!opens && !is_scalar(&p->token))
		return no_value(p);
	if (in_list(p) && top(p)->sign == '[' && !fits_array(p))
		return false;
	if (opens)
		open_bracket(p);
	else
		after_value(p);
	return true;
}

/* A text may consist of several, one behind the other. */
static bool
continues_text(const struct parser *p)
{
	return p->token.kind == TOKEN_TEXT && p->last.kind == TOKEN_TEXT;
}

static bool
want_after_option(struct parser *p)
{
	if (continues_text(p))
		return true;
	if (is_sign(&p->token, ";,")) {
		p->want = WANT_OPTION;
		return true;
	}
	if (is_torn(p))
		return torn(p);
	if (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_END ||
	    is_sign(&p->token, "})]"))
		return want_option(p);
	writer_str(begin(p, &p->token), "expected \";\" after the value of ");
	write_option(p);
	return end_not(p, NULL);
}

static bool
want_after_item(struct parser *p)
{
	if (continues_text(p))
		return true;
	if (is_sign(&p->token, ",")) {
		p->want = WANT_NEXT_ITEM;
		return true;
	}
	if (is_torn(p))
		return torn(p);
	if (is_sign(&p->token, ")]}") &&
	    p->token.text.p[0] == closing(top(p)->sign))
		return close_bracket(p);
	return expected_close(p, p->token.kind == TOKEN_END ? "" : "\",\" or ");
}

/* Take the token. Return false if it is a mistake. */
static bool
step(struct parser *p)
{
	if (p->token.kind == TOKEN_OPEN_TEXT ||
	    p->token.kind == TOKEN_OPEN_COMMENT)
		return unclosed(p);
	switch (p->want) {
	case WANT_OPTION:
		return want_option(p);
	case WANT_EQUALS:
		return want_equals(p);
	case WANT_AFTER_OPTION:
		return want_after_option(p);
	case WANT_ITEM:
		if (is_sign(&p->token, "})]"))
			return close_bracket(p);
		return want_value(p);
	case WANT_VALUE:
	case WANT_NEXT_ITEM:
		return want_value(p);
	case WANT_AFTER_ITEM:
		return want_after_item(p);
	}
	return true;
}

bool
syntax_find(const struct schema *schema, const struct source *source,
    struct syntax_mistake *m)
{
	struct parser p = { .schema = schema,
		.source = source,
		.arena = arena_new(4096),
		.mistake = m };
	bool good;

	*m = (struct syntax_mistake){ .silent = false };
	scan_init(&p.scan, source->text);
	do {
		p.last = p.token;
		p.token = scan_next(&p.scan);
		good = step(&p);
	} while (good && p.token.kind != TOKEN_END);
	arena_free(p.arena);
	return !good;
}
