/*
 * The message of the day is cut into lines where it is read, so that every
 * client gets the same lines, and a mistake in the file is reported with its
 * line. A line of the file that is too long for a message becomes several; it
 * is cut at a blank if there is one in its second half, else at a character.
 */
#include "conf/conf.h"
#include "wire/utf8.h"

#define MOTD_LINES 1000 /* what is sent to every client must have an end */
/*
 * Bytes of ":NAME 372 NICK :- " and CR LF without NAME, for a nick of 64 bytes,
 * in a message of 512 (modern-irc, "Message Format").
 */
#define MOTD_AROUND (1 + 5 + 64 + 4 + 2)
#define MESSAGE_LEN 512

struct motd {
	struct conf *conf;
	struct conf_report *report;
	size_t width;	      /* bytes of a line */
	struct conf_place at; /* the line of the file */
	struct span *line;
	size_t n;
};

static void
complain(struct motd *m, const char *text)
{
	conf_report_add(m->report, false, m->at, span_of(text));
}

/* Take the next piece off a line that is too long. */
static struct span
cut_piece(struct span *rest, size_t width)
{
	struct span piece = utf8_cut(*rest, width);
	size_t n = piece.n;

	if (piece.n == rest->n) {
		*rest = SPAN_NONE;
		return piece;
	}
	/* the blank may be the first byte behind the piece */
	while (n > width / 2 && rest->p[n] != ' ')
		n--;
	if (rest->p[n] == ' ') {
		*rest = span_tail(*rest, n + 1);
		return span_head(piece, n);
	}
	*rest = span_tail(*rest, piece.n);
	return piece;
}

static void
add(struct motd *m, struct span line)
{
	if (m->n == MOTD_LINES) {
		m->n++;
		complain(m, "the message of the day has more than 1000 lines");
	}
	if (m->n < MOTD_LINES)
		m->line[m->n++] = line;
}

/* Copy a line of the file without the bytes that no message can have. */
static struct span
clean(struct motd *m, struct span line)
{
	char *p = arena_alloc(m->conf->head.arena, line.n + 1);

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		p[i] = c == '\0' || c == '\r' ? ' ' : c;
	}
	return span_make(p, line.n);
}

static void
add_line(struct motd *m, struct span line)
{
	m->at.line++;
	line = clean(m, line);
	if (m->conf->settings.utf8only && !utf8_valid(line))
		complain(m,
		    "the line is not UTF-8, and server.utf8only is true");
	do
		add(m, cut_piece(&line, m->width));
	while (line.n > 0);
}

void
conf_set_motd(struct conf *conf, struct span text, struct conf_report *report)
{
	struct motd m = { .conf = conf,
		.report = report,
		.width = MESSAGE_LEN - MOTD_AROUND - conf->settings.name.n,
		.at.file = conf->motd };

	m.line = arena_alloc(conf->head.arena, MOTD_LINES * sizeof(*m.line));
	while (text.n > 0)
		add_line(&m, span_cut(&text, '\n'));
	conf->settings.motd = m.line;
	conf->settings.nmotd = m.n < MOTD_LINES ? m.n : MOTD_LINES;
}
