/*
 * Prints the reference: commands, modes, privileges, events and numerics,
 * from their rows. The build runs it, so the page cannot differ from the
 * program.
 */
#include <stdio.h>

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static void
cell(const char *text)
{
	(void)fputs(" ", stdout);
	for (; *text != '\0'; text++)
		(void)printf(*text == '|' ? "\\%c" : "%c", *text);
	(void)fputs(" |", stdout);
}

static void
code(const char *before, const char *text)
{
	(void)printf(" `%s", before);
	for (; *text != '\0'; text++)
		(void)printf(*text == '|' ? "\\%c" : "%c", *text);
	(void)fputs("` |", stdout);
}

static void
heading(const char *title, const char *columns, unsigned n)
{
	(void)printf("\n## %s\n\n| %s |\n|", title, columns);
	while (n-- > 0)
		(void)fputs(" --- |", stdout);
	(void)fputs("\n", stdout);
}

static void
commands(void)
{
	static const struct {
		const char *name, *parameters, *help;
	} row[] = {
#define COMMAND(id, fn, least, when, parameters, help, ...) \
	{ #id " ", parameters, help },
#include "core/cmd/cmd.def"
#undef COMMAND
	};

	heading("Commands", "command | what it does", 2);
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)fputs("|", stdout);
		code(row[i].name, row[i].parameters);
		cell(row[i].help);
		(void)fputs("\n", stdout);
	}
}

struct mode {
	char letter;
	const char *name, *what;
};

static void
modes(const char *title, const struct mode *row, size_t n)
{
	heading(title, "mode | name | what it does", 3);
	for (size_t i = 0; i < n; i++) {
		(void)printf("| `+%c` |", row[i].letter);
		cell(row[i].name);
		cell(row[i].what);
		(void)fputs("\n", stdout);
	}
}

static void
all_modes(void)
{
	static const struct mode channel[] = {
#define CHANMODE(id, letter, name, type, value, what, ...) \
	{ letter, name, what },
#include "core/types/mode.def"
#undef CHANMODE
	};
	static const struct mode status[] = {
#define STATUS(id, letter, prefix, name, rank, give, over, lacking, what, ...) \
	{ letter, name, what },
#include "core/types/mode.def"
#undef STATUS
	};
	static const struct mode user[] = {
#define USERMODE(id, letter, name, what, ...) { letter, name, what },
#include "core/types/mode.def"
#undef USERMODE
	};

	modes("Modes of channels", channel, COUNT(channel));
	modes("Statuses of members", status, COUNT(status));
	modes("Modes of users", user, COUNT(user));
}

static void
privileges(void)
{
	static const char *const row[][2] = {
#define PRIVILEGE(id, name, what, ...) { name, what },
#include "core/types/privilege.def"
#undef PRIVILEGE
	};

	heading("Privileges of operators",
	    "privilege | what an operator who has it may do", 2);
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)fputs("|", stdout);
		code("", row[i][0]);
		cell(row[i][1]);
		(void)fputs("\n", stdout);
	}
}

static void
masks(void)
{
	static const struct mode row[] = {
#define LOGMASK(id, letter, at_first, what) { letter, #id, what },
#include "core/types/log_mask.def"
#undef LOGMASK
	};

	heading("Masks of notices",
	    "letter of `MODE nick +s` | what it asks for", 2);
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)printf("| `%c` |", row[i].letter);
		cell(row[i].what);
		(void)fputs("\n", stdout);
	}
}

static void
events(void)
{
	enum { LOGL_DEBUG, LOGL_INFO, LOGL_NOTICE, LOGL_WARN, LOGL_ERROR };
	enum {
#define LOGMASK(id, letter, at_first, what) MASK_##id = letter,
#include "core/types/log_mask.def"
#undef LOGMASK
	};
	static const char *const level[] = { "debug", "info", "notice",
		"warning", "error" };
	static const struct {
		int level;
		char mask;
		const char *name, *fields, *text;
	} row[] = {
#define LOGROW(id, level, mask, name, fields, text) \
	{ level, MASK_##mask, name, fields, text },
#include "core/types/log.def"
#undef LOGROW
	};

	heading("Events", "event | level | letter | fields | what has happened",
	    5);
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)fputs("|", stdout);
		code("", row[i].name);
		cell(level[row[i].level]);
		(void)printf(row[i].level == LOGL_DEBUG ? "%.0d |" : " %c |",
		    row[i].level == LOGL_DEBUG ? 0 : row[i].mask);
		cell(row[i].fields);
		cell(row[i].text);
		(void)fputs("\n", stdout);
	}
}

static void
fields(void)
{
	static const char *const row[][2] = {
#define LOGFIELD(name, kind, what) { name, what },
#include "core/types/log_field.def"
#undef LOGFIELD
	};

	heading("Fields of events", "field | what it says", 2);
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)fputs("|", stdout);
		code("", row[i][0]);
		cell(row[i][1]);
		(void)fputs("\n", stdout);
	}
}

static void
numerics(void)
{
	static const struct {
		int number;
		const char *name, *form;
	} row[] = {
#define NUMERIC(number, name, form, ...) { number, #name, form },
#include "wire/numeric.def"
#undef NUMERIC
	};

	heading("Numerics",
	    "number | name | text: `$` is a word or the rest, `%` any words",
	    3);
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)printf("| %03d |", row[i].number);
		cell(row[i].name);
		code("", row[i].form);
		(void)fputs("\n", stdout);
	}
}

int
main(void)
{
	(void)
	    puts("# Reference\n\n"
		 "The build makes this page from the rows of the sources. The "
		 "options of the\nconfiguration are in banyand.conf(5), and "
		 "modules have pages of their own.");
	commands();
	all_modes();
	privileges();
	events();
	fields();
	masks();
	numerics();
	return fflush(stdout) == 0 ? 0 : 1;
}
