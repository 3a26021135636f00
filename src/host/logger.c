#include "host/logger.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/invariant.h"
#include "base/writer.h"
#include "host/logwriter.h"
#include "wire/isotime.h"
#include "wire/utf8.h"

#define LOG_VALUE_MAX 1024 /* bytes of one value, before it is escaped */
/* bytes of a field beside its key and value, and those after the last one: the
 * text that a warning has in a line that is no JSON */
#define FIELD_REST 512

static const char *const level_name[] = {
	[LOGL_DEBUG] = "debug",
	[LOGL_INFO] = "info",
	[LOGL_NOTICE] = "notice",
	[LOGL_WARN] = "warning",
	[LOGL_ERROR] = "error",
};

/* Write s escaped as in a JSON string, which is unambiguous in a line of text,
 * too. */
static void
write_escaped(struct writer *w, struct span s)
{
	bool utf8 = utf8_valid(s);
	size_t i = 0, n;

	for (; i < s.n; i += n) {
		if (utf8)
			n = span_obeyed(s, i);
		else
			n = ascii_is_control(s.p[i]) ||
			    (unsigned char)s.p[i] >= 0x80;
		if (n > 0) {
			writer_escape(w, &s.p[i], n);
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\')
			writer_char(w, '\\');
		writer_char(w, s.p[i]);
		n = 1;
	}
}

/* Return true if the value needs no quotes in a line of text. */
static bool
is_plain(struct span s)
{
	if (s.n == 0 || !utf8_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '"' || s.p[i] == '\\' ||
		    s.p[i] == '=' || span_obeyed(s, i) > 0)
			return false;
	return true;
}

/* Return as much of a value as may stand in the line, and leave room for the
 * rest of its field and for the end of the line: one that is cut can still be
 * read by programs. Each byte takes at most six when it is escaped. */
static struct span
value_head(const struct writer *w, const struct log_field *f)
{
	size_t used = w->n + strlen(f->key) + FIELD_REST;
	size_t max = used < w->cap ? (w->cap - used) / 6 : 0;

	return utf8_cut(f->value, max < LOG_VALUE_MAX ? max : LOG_VALUE_MAX);
}

/* Return true if a field of that key has room for more than its key. */
static bool
has_room(const struct writer *w, const struct log_field *f)
{
	return w->n + strlen(f->key) + FIELD_REST < w->cap;
}

static void
write_text(struct writer *w, struct span s)
{
	if (is_plain(s)) {
		writer_span(w, s);
		return;
	}
	writer_char(w, '"');
	write_escaped(w, s);
	writer_char(w, '"');
}

static void
write_pair(struct writer *w, const char *key, struct span value)
{
	writer_char(w, '"');
	writer_str(w, key);
	writer_str(w, "\":\"");
	write_escaped(w, value);
	writer_char(w, '"');
}

static void
write_field(struct writer *w, const struct log_field *f)
{
	uint64_t number;

	if (log_field_kind(f->key) != LOGK_NUMBER ||
	    !span_u64(f->value, &number)) {
		write_pair(w, f->key, value_head(w, f));
		return;
	}
	writer_char(w, '"');
	writer_str(w, f->key);
	writer_str(w, "\":");
	writer_u64(w, number);
}

/* Return the current time, not the time of the loop's turn, so that the log
 * shows when a turn takes long. */
static struct wall
wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct wall){ (int64_t)ts.tv_sec * MS_PER_S +
			      ts.tv_nsec / NS_PER_MS };
}

static void
write_json(struct writer *w, const struct log_event *e)
{
	char time[ISOTIME_TEXT];
	struct writer t;

	writer_init(&t, time, sizeof(time));
	isotime_build(&t, e->at);
	writer_char(w, '{');
	write_pair(w, "time", writer_done(&t));
	writer_char(w, ',');
	write_pair(w, "level", span_of(level_name[log_row_level(e->row)]));
	writer_char(w, ',');
	write_pair(w, "event", span_of(log_row_name(e->row)));
	writer_char(w, ',');
	write_pair(w, "text", span_of(log_row_text(e->row)));
	for (size_t i = 0; i < e->n && has_room(w, &e->field[i]); i++) {
		writer_char(w, ',');
		write_field(w, &e->field[i]);
	}
	writer_char(w, '}');
}

/* An operator who reads a warning must know what to do, without a list of the
 * events at hand. */
static void
write_plain(struct writer *w, const struct log_event *e)
{
	isotime_build(w, e->at);
	writer_char(w, ' ');
	writer_str(w, level_name[log_row_level(e->row)]);
	writer_char(w, ' ');
	writer_str(w, log_row_name(e->row));
	for (size_t i = 0; i < e->n && has_room(w, &e->field[i]); i++) {
		writer_char(w, ' ');
		writer_str(w, e->field[i].key);
		writer_char(w, '=');
		write_text(w, value_head(w, &e->field[i]));
	}
	if (log_row_level(e->row) < LOGL_WARN)
		return;
	writer_str(w, " text=");
	write_text(w, span_of(log_row_text(e->row)));
}

/* The priorities of syslog(3), as sd-daemon(3) has them. */
static const char *const priority[] = {
	[LOGL_DEBUG] = "<7>",
	[LOGL_INFO] = "<6>",
	[LOGL_NOTICE] = "<5>",
	[LOGL_WARN] = "<4>",
	[LOGL_ERROR] = "<3>",
};

/* A line that does not fit is cut. */
static struct span
build(char buf[LOG_LINE_MAX], unsigned form, const struct log_event *e)
{
	bool json = (form & LOGWRITER_JSON) != 0;
	struct writer w;

	writer_init(&w, buf, LOG_LINE_MAX - 1);
	if ((form & LOGWRITER_JOURNAL) != 0)
		writer_str(&w, priority[log_row_level(e->row)]);
	(json ? write_json : write_plain)(&w, e);
	buf[w.n] = '\n';
	return span_make(buf, w.n + 1);
}

struct span
logger_line(char buf[LOG_LINE_MAX], bool json, const struct log_event *e)
{
	return build(buf, json ? LOGWRITER_JSON : 0, e);
}

static size_t
build_lost(char *buf, uint64_t n, unsigned form)
{
	char line[LOG_LINE_MAX], count[24];
	struct log_field field = { .key = "lines" };
	struct log_event e = { wall_now(), LOG_LOST, &field, 1 };
	struct writer w;
	struct span s;

	writer_init(&w, count, sizeof(count));
	writer_u64(&w, n);
	field.value = writer_done(&w);
	s = span_head(build(line, form, &e), LOGWRITER_LOST_MAX);
	memcpy(buf, s.p, s.n);
	return s.n;
}

static unsigned
form_of(const struct logger *l)
{
	return (l->json ? LOGWRITER_JSON : 0) |
	       (l->journal && !l->own_file ? LOGWRITER_JOURNAL : 0);
}

static void
tell(struct logger *l, const struct log_event *e, bool of_node)
{
	char buf[LOG_LINE_MAX];
	struct span line;

	if (l->heard != NULL)
		l->heard(l->ctx, e, of_node);
	if (log_row_level(e->row) < l->level)
		return;
	line = build(buf, form_of(l), e);
	if (l->writer != NULL)
		logwriter_put(l->writer, line);
	else
		(void)!write(STDERR_FILENO, line.p, line.n);
}

static void
tell_more(struct logger *l, enum log_row row, uint64_t more)
{
	char count[24];
	struct writer w;

	writer_init(&w, count, sizeof(count));
	writer_u64(&w, more);
	logger_with(l, LOG_MORE, { "of", span_of(log_row_name(row)) },
	    { "lines", writer_done(&w) });
}

/* Tell how many events were not told in the minutes that are over by then. */
static void
tell_counts(struct logger *l, struct mono then)
{
	enum log_row row;
	uint64_t more;

	while (logbound_take(&l->bound, then, &row, &more))
		tell_more(l, row, more);
}

static void
wait_for_counts(struct logger *l)
{
	struct mono due = logbound_due(&l->bound);

	if (!mono_is_never(due))
		loop_timer_set(l->loop, &l->bound_timer, due);
}

static void
minute_ends(struct timer *t)
{
	struct logger *l =
	    (struct logger *)(void *)((char *)t -
				      offsetof(struct logger, bound_timer));

	tell_counts(l, loop_now(l->loop));
	wait_for_counts(l);
}

static void
log_event(struct logger *l, const struct log_event *e, bool of_node)
{
	invariant(log_row_fits(e->row, e->field, e->n));
	l->events[e->row]++;
	if (l->loop == NULL ||
	    logbound_admit(&l->bound, e->row, loop_now(l->loop)))
		tell(l, e, of_node);
	else
		wait_for_counts(l);
}

void
logger_row(struct logger *l, enum log_row row, const struct log_field *f,
    size_t n)
{
	log_event(l, &(struct log_event){ wall_now(), row, f, n }, false);
}

void
logger_effect(struct logger *l, const struct effect *e)
{
	log_event(l,
	    &(struct log_event){
		wall_now(), e->u.log.row, e->u.log.field, e->u.log.nfield },
	    true);
}

bool
logger_level(struct span name, enum log_level *level)
{
	static const char *const names[] = { "debug", "info", "notice", "warn",
		"error" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_eq(name, span_of(names[i]))) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

/* Return true if standard error is what the variable names. */
static bool
is_journal(const char *stream)
{
	char name[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(name, stream) == 0;
}

void
logger_init(struct logger *l)
{
	*l = (struct logger){ .level = LOGL_INFO,
		.journal = is_journal(getenv("JOURNAL_STREAM")),
		.bound_timer.fire = minute_ends };
	logbound_init(&l->bound, 0);
}

/* Give the file to its owner. Root must not give away what somebody has linked
 * there: a file with another name may be any file. */
static bool
give(int fd, uid_t owner, gid_t group)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (S_ISREG(st.st_mode) && st.st_nlink != 1) {
		errno = EMLINK;
		return false;
	}
	return fchown(fd, owner, group) == 0;
}

int
logger_open(const char *path, uid_t owner, gid_t group)
{
	/* O_NONBLOCK refuses a pipe without a reader; it is cleared below,
	 * because the thread that writes may wait */
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0640);
	int err;

	if (fd < 0)
		return -1;
	if ((owner == (uid_t)-1 || give(fd, owner, group)) &&
	    fcntl(fd, F_SETFL, O_APPEND) == 0)
		return fd;
	err = errno;
	(void)close(fd);
	errno = err;
	return -1;
}

/* The thread writes the line about lost lines. */
static void
tell_form(struct logger *l)
{
	if (l->writer != NULL)
		logwriter_set_form(l->writer, form_of(l));
}

void
logger_set_hearer(struct logger *l, logger_heard *heard, void *ctx)
{
	l->heard = heard;
	l->ctx = ctx;
}

bool
logger_start(struct logger *l, int fd)
{
	l->own_file = fd != STDERR_FILENO;
	l->writer = logwriter_new(fd, build_lost);
	tell_form(l);
	return l->writer != NULL;
}

static void
turn_ends(struct hook *h)
{
	struct logger *l =
	    (struct logger *)(void *)((char *)h -
				      offsetof(struct logger, turn));

	logwriter_wake(l->writer);
}

void
logger_by_turn(struct logger *l, struct loop *loop)
{
	if (l->loop != NULL) {
		loop_hook_del(l->loop, &l->turn);
		loop_timer_clear(l->loop, &l->bound_timer);
		tell_counts(l, MONO_NEVER);
	}
	l->loop = loop;
	if (l->writer != NULL)
		logwriter_set_quiet(l->writer, loop != NULL);
	if (loop == NULL)
		return;
	l->turn.turn = turn_ends;
	loop_hook_add(loop, &l->turn);
}

void
logger_switch(struct logger *l, int fd)
{
	l->own_file = fd != STDERR_FILENO;
	tell_form(l);
	logwriter_switch(l->writer, fd);
}

void
logger_set_form(struct logger *l, bool json, enum log_level level)
{
	l->json = json;
	l->level = level;
	tell_form(l);
}

void
logger_set_bound(struct logger *l, uint32_t most)
{
	l->bound.most = most;
}

void
logger_fini(struct logger *l)
{
	logwriter_free(l->writer);
	l->writer = NULL;
}
