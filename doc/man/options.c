/*
 * Prints the list of options of banyand.conf(5) in mdoc(7), from the rows of
 * conf/option.def. Run by the build; the result stands in the page where
 * banyand.conf.5.in says @OPTIONS@.
 */
#include <stdio.h>

#include "conf/schema.h"

/* Text of a page; at_start: of a line. */
static void
put_text(struct span s, bool at_start)
{
	if (at_start && s.n > 0 && (s.p[0] == '.' || s.p[0] == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '\\':
			fputs("\\e", stdout);
			break;
		case '`':
			fputs("\\(ga", stdout);
			break;
		default:
			putchar(s.p[i]);
			break;
		}
}

static void
put_expected(const struct option *o)
{
	char buf[256];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	value_expect(&w, o->type, &o->value);
	put_text(writer_done(&w), true);
	if (o->flags & OPTION_REQUIRED)
		fputs("; required", stdout);
	else if (o->value.dflt != NULL && o->value.dflt[0] == '"' &&
		 o->value.dflt[1] == '"')
		fputs("; not given", stdout);
	else if (o->value.dflt != NULL) {
		fputs("; default ", stdout);
		put_text(span_of(o->value.dflt), false);
	}
	if (o->flags & OPTION_RESTART)
		fputs("; a change needs a restart", stdout);
	fputs(".\n", stdout);
}

static void
put_section(enum section_id id)
{
	const struct section *s = section_get(id);
	const struct option *o;

	printf(".Ss %s\n", id == SECTION_TOP ? "The top of the file" : s->name);
	put_text(span_of(s->help), true);
	if (s->size > 0)
		fputs("\nA list of groups.", stdout);
	fputs("\n.Bl -tag -width 4n\n", stdout);
	for (size_t i = 0; (o = option_next(id, &i)) != NULL;) {
		printf(".It Ic %s\n", o->key);
		put_text(span_of(o->help), true);
		fputs(".\n.br\n", stdout);
		put_expected(o);
	}
	fputs(".El\n", stdout);
}

int
main(void)
{
	for (int i = 0; i < SECTION_COUNT; i++)
		put_section((enum section_id)i);
	return fflush(stdout) == 0 ? 0 : 1;
}
