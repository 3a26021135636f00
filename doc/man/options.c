/*
 * Prints the list of options of banyand.conf(5) in mdoc(7), from the rows of
 * conf/option.def; with the argument "gate" that of banyan-gate.conf(5), from
 * those of conf/gate.def; with "privileges" the list of privileges, from those
 * of core/types/privilege.def. The build runs it and puts its output in the
 * place of @OPTIONS@ and @PRIVILEGES@ in the pages.
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/gate.h"
#include "conf/schema.h"
#include "core/types/privilege.h"

#define COLUMNS 78

static size_t column;

static void
end_line(void)
{
	if (column > 0)
		putchar('\n');
	column = 0;
}

static void
put_word(struct span s)
{
	if (column > 0 && column + 1 + s.n > COLUMNS)
		end_line();
	if (column > 0)
		putchar(' ');
	else if (s.p[0] == '.' || s.p[0] == '\'')
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
	column += 1 + s.n;
	if (s.p[s.n - 1] == '.')
		end_line();
}

/* Print the words of a text. A full stop ends the line. */
static void
put_text(struct span s)
{
	struct span word;

	while ((word = span_word(&s)).n > 0)
		put_word(word);
}

static void
put_expected(const struct option *o)
{
	char buf[512];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	writer_str(&w, "Value: ");
	value_expect(&w, o->type, &o->value);
	if (o->flags & OPTION_REQUIRED)
		writer_str(&w, "; required");
	else if (o->value.dflt == NULL ||
		 (o->value.dflt[0] == '"' && o->value.dflt[1] == '"'))
		writer_str(&w, "; optional");
	else {
		writer_str(&w, "; default ");
		writer_str(&w, o->value.dflt);
	}
	if (o->flags & OPTION_RUN)
		writer_str(&w, "; a change needs a stop and a start");
	else if (o->flags & OPTION_RESTART)
		writer_str(&w, "; a change needs a restart");
	writer_char(&w, '.');
	put_text(writer_done(&w));
}

static void
put_section(const struct schema *schema, unsigned int id)
{
	const struct section *s = &schema->section[id];
	const struct option *o;

	printf(".Ss %s\n", id == SCHEMA_TOP ? "The top of the file" : s->name);
	put_text(span_of(s->help));
	if (s->size > 0)
		put_text(SPAN("This is a list of groups."));
	fputs(".Bl -tag -width 4n\n", stdout);
	for (size_t i = 0; (o = option_next(schema, id, &i)) != NULL;) {
		printf(".It Ic %s\n", o->key);
		put_text(span_of(o->help));
		fputs(".br\n", stdout);
		put_expected(o);
	}
	fputs(".El\n", stdout);
}

/* Print the list of privileges, in the place of @PRIVILEGES@. */
static void
put_privileges(void)
{
	fputs(".Bl -tag -width 4n\n", stdout);
	for (unsigned i = 0; i < PRIV_COUNT; i++) {
		printf(".It Ic %.*s\n", SPAN_ARG(privilege_row[i].name));
		put_text(span_of(privilege_row[i].what));
		end_line();
	}
	fputs(".El\n", stdout);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const struct schema *schema =
	    strcmp(what, "gate") == 0 ? &gate_schema : &banyand_schema;

	if (strcmp(what, "privileges") == 0) {
		put_privileges();
		return fflush(stdout) == 0 ? 0 : 1;
	}
	for (unsigned int i = 0; i < schema->nsection; i++)
		put_section(schema, i);
	return fflush(stdout) == 0 ? 0 : 1;
}
