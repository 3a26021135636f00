#include "daemon/kept.h"

#include <limits.h>
#include <string.h>

#include "daemon/slot.h"

#define LINE_ROOM 320	 /* bytes of the longest line */
#define HEAD_ROOM 32	 /* bytes of the first line */
#define DIGITS "%020llu" /* of the length that is not known yet */

/* ---- written ------------------------------------------------------------- */

static void
put(FILE *f, struct span s)
{
	if (s.n > 0)
		(void)fwrite(s.p, 1, s.n, f);
}

static struct span
head_line(char line[HEAD_ROOM])
{
	(void)snprintf(line, HEAD_ROOM, "banyand-kept %d", KEPT_FORMAT);
	return span_of(line);
}

void
kept_put_run(FILE *f, const struct kept_run *run)
{
	char head[HEAD_ROOM];

	put(f, head_line(head));
	put(f, SPAN("\n"));
	(void)fprintf(f, "run inc=%lu uids=%llu lock=%d gen=%lu\n",
	    (unsigned long)run->state.inc,
	    (unsigned long long)run->state.uid_upto,
	    run->state.lock < 0 ? 0 : run->state.lock, (unsigned long)run->gen);
}

long
kept_begin_node(FILE *f)
{
	(void)fprintf(f, "node " DIGITS "\n", 0ULL);
	return ftell(f);
}

void
kept_end_node(FILE *f, long begun)
{
	long end = ftell(f);

	(void)fseek(f, begun - (long)strlen("00000000000000000000\n"),
	    SEEK_SET);
	(void)fprintf(f, DIGITS, (unsigned long long)(end - begun));
	(void)fseek(f, end, SEEK_SET);
}

static void
put_number(struct writer *w, const char *name, uint64_t n)
{
	writer_char(w, ' ');
	writer_str(w, name);
	writer_char(w, '=');
	writer_u64(w, n);
}

void
kept_put_conn(FILE *f, const struct kept_conn *k)
{
	char line[LINE_ROOM];
	struct writer w;

	writer_init(&w, line, sizeof(line));
	writer_str(&w, "conn");
	put_number(&w, "slot", k->id.slot);
	put_number(&w, "gen", k->id.gen);
	put_number(&w, "fd", (uint64_t)k->fd);
	writer_str(&w, " address=");
	addr_build(&w, &k->addr);
	put_number(&w, "proxied", k->proxied);
	put_number(&w, "skip", k->skip);
	put_number(&w, "sendq", k->limits.sendq);
	put_number(&w, "recvq", k->limits.recvq);
	put_number(&w, "unread", k->unread.n);
	put_number(&w, "queued", k->queued.n);
	writer_char(&w, '\n');
	put(f, writer_done(&w));
	put(f, k->unread);
	put(f, k->queued);
	put(f, SPAN("\n"));
}

void
kept_put_end(FILE *f)
{
	put(f, SPAN("end\n"));
}

size_t
kept_conn_max(size_t n)
{
	return LINE_ROOM + n + 1;
}

/* ---- read ---------------------------------------------------------------- */

/* Take a line off the text, without its end. */
static bool
line_cut(struct span *text, struct span *line)
{
	size_t lf = span_find(*text, '\n');

	if (lf == text->n)
		return false;
	*line = span_head(*text, lf);
	*text = span_tail(*text, lf + 1);
	return true;
}

/* Return the value of a word of the line, or an empty span. */
static struct span
value(struct span line, const char *name)
{
	struct span word, key = span_of(name);

	while ((word = span_word(&line)).n > 0)
		if (word.n > key.n && word.p[key.n] == '=' &&
		    span_starts(word, key))
			return span_tail(word, key.n + 1);
	return SPAN_NONE;
}

/* Read a number of at most max, which the line must have. */
static bool
number(struct span line, const char *name, uint64_t max, uint64_t *n)
{
	return span_u64(value(line, name), n) && *n <= max;
}

static bool
read_run(struct span line, struct kept_run *run)
{
	uint64_t inc, uids, lock, gen;

	if (!span_starts(line, SPAN("run ")) ||
	    !number(line, "inc", UINT32_MAX, &inc) ||
	    !number(line, "uids", UINT64_MAX, &uids) ||
	    !number(line, "lock", INT_MAX, &lock) ||
	    !number(line, "gen", UINT32_MAX, &gen))
		return false;
	run->state.inc = (uint32_t)inc;
	run->state.uid_upto = uids;
	run->state.lock = lock == 0 ? -1 : (int)lock;
	run->gen = (uint32_t)gen;
	return true;
}

bool
kept_begin(struct span *text, struct kept_run *run, struct span *node)
{
	char head[HEAD_ROOM];
	struct span line;
	uint64_t n;

	if (!line_cut(text, &line) || !span_eq(line, head_line(head)) ||
	    !line_cut(text, &line) || !read_run(line, run) ||
	    !line_cut(text, &line) || !span_starts(line, SPAN("node ")) ||
	    !span_u64(span_tail(line, strlen("node ")), &n) || n > text->n)
		return false;
	*node = span_head(*text, n);
	*text = span_tail(*text, n);
	return true;
}

static bool
read_id(struct span line, struct kept_conn *k)
{
	uint64_t slot, gen, fd;

	if (!number(line, "slot", SLOTS_MAX - 1, &slot) ||
	    !number(line, "gen", UINT32_MAX, &gen) ||
	    !number(line, "fd", INT_MAX, &fd))
		return false;
	k->id = (struct conn_id){ (uint32_t)slot, (uint32_t)gen };
	k->fd = (int)fd;
	return true;
}

static bool
read_queues(struct span line, struct span *text, struct kept_conn *k)
{
	uint64_t sendq, recvq, unread, queued;

	if (!number(line, "sendq", UINT32_MAX, &sendq) ||
	    !number(line, "recvq", UINT32_MAX, &recvq) ||
	    !number(line, "unread", UINT32_MAX, &unread) ||
	    !number(line, "queued", UINT32_MAX, &queued) ||
	    text->n <= unread + queued || text->p[unread + queued] != '\n')
		return false;
	k->limits = (struct stream_limits){ sendq, recvq, false };
	k->unread = span_head(*text, unread);
	k->queued = span_head(span_tail(*text, unread), queued);
	*text = span_tail(*text, unread + queued + 1);
	return true;
}

enum kept_part
kept_next(struct span *text, struct kept_conn *k)
{
	uint64_t proxied, skip;
	struct span line;

	if (!line_cut(text, &line))
		return KEPT_BAD;
	if (span_eq(line, SPAN("end")))
		return KEPT_END;
	if (!span_starts(line, SPAN("conn ")) || !read_id(line, k) ||
	    !addr_parse(value(line, "address"), &k->addr) ||
	    !number(line, "proxied", 1, &proxied) ||
	    !number(line, "skip", 1, &skip) || !read_queues(line, text, k))
		return KEPT_BAD;
	k->proxied = proxied == 1;
	k->skip = skip == 1;
	return KEPT_CONN;
}
