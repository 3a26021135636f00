/*
 * logger.h - writes one line for each log effect, as text or as JSON; the rows
 * of core/types/log.def have the names of the events.
 *
 *	2026-01-02T03:04:05.678Z notice link-up server=irc2.example sid=2BB
 *	{"time":"…","level":"notice","event":"link-up","text":"a link is up",
 *	"server":"irc2.example","sid":"2BB","address":"192.0.2.7"}
 *
 * Values come from strangers. Every byte that is not plain text is escaped, so
 * that no value can end a line or look like another field.
 *
 * After logger_start a separate thread writes the lines (logwriter.h), and no
 * function but logger_open and logger_fini waits.
 */
#ifndef HOST_LOGGER_H
#define HOST_LOGGER_H

#include <sys/types.h>

#include <stddef.h>

#include "core/types/effect.h"
#include "host/logbound.h"
#include "net/loop.h"

#define LOG_LINE_MAX 8192 /* bytes; a longer line is cut */

struct logwriter;

struct log_event {
	struct wall at;
	enum log_row row;
	const struct log_field *field;
	size_t n;
};

/* Hears of each event that is told, whatever its level; of_node: the node made
 * it. */
typedef void logger_heard(void *ctx, const struct log_event *, bool of_node);

struct logger {
	logger_heard *heard; /* or NULL */
	void *ctx;
	struct hook turn;	  /* of loop */
	struct loop *loop;	  /* NULL: each line is written at once */
	struct logwriter *writer; /* NULL before logger_start */
	bool json;
	bool journal;	      /* standard error is the journal of systemd */
	bool own_file;	      /* lines go to a file, not to standard error */
	enum log_level level; /* the least level that is written */
	uint64_t events[LOG_COUNT]; /* also those that were not told */
	struct logbound bound;	    /* while there is a loop */
	struct timer bound_timer;   /* until logbound_due() */
};

/* Begin with text from INFO upwards, on standard error. If that is the journal
 * (JOURNAL_STREAM of systemd.exec(5)), lines begin with their priority (`<4>`,
 * sd-daemon(3)). */
void logger_init(struct logger *);
void logger_set_hearer(struct logger *, logger_heard *, void *ctx);

/*
 * Open a log file for logger_start or logger_switch, and give it to owner and
 * group unless owner is (uid_t)-1. A file with another name is not given away.
 * Return a descriptor, or -1 and set errno. Wait for the disk.
 */
int logger_open(const char *path, uid_t owner, gid_t group);

/* Start the thread, which writes to fd and owns it, unless it is STDERR_FILENO.
 * Return false if the thread cannot be started. */
bool logger_start(struct logger *, int fd);
/*
 * Let the thread write the lines of a turn of the loop together, at its end.
 * From now on, events of strangers are bounded (logbound.h). With NULL, write
 * each line at once again, without a bound; call this before the loop is freed.
 */
void logger_by_turn(struct logger *, struct loop *loop);
/* Write all later lines to fd, which is owned as above. */
void logger_switch(struct logger *, int fd);
/* Set the format and the least level of all later lines. */
void logger_set_form(struct logger *, bool json, enum log_level);
/* Tell at most so many events of strangers of each kind in a minute; 0: all. */
void logger_set_bound(struct logger *, uint32_t most);
/* Write the lines that wait, as long as the file takes them, and end the
 * thread. */
void logger_fini(struct logger *);

/* Write a row with its fields, unless its level is too low. A line that is too
 * long is cut. The fields are borrowed for the call. */
void logger_row(struct logger *, enum log_row, const struct log_field *,
    size_t n);

/* Write what an effect of the node says. */
void logger_effect(struct logger *, const struct effect *);

/* Build a line with its end, as text or JSON. */
struct span logger_line(char buf[LOG_LINE_MAX], bool json,
    const struct log_event *);

/* Find the level with that name in the configuration ("warn"). Return false if
 * there is none. */
bool logger_level(struct span name, enum log_level *);

#define logger_with(log, row, ...)                                          \
	logger_row((log), (row), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) /             \
		sizeof(struct log_field))

#endif
