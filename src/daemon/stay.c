/*
 * The text is in memory of the process, a memfd, so nothing of it is on a disk,
 * and it is gone with the process. It is written before anything that cannot be
 * taken back: if the system has no room for it, clients are told to come back.
 *
 * A step of the node, once it was given away, would be lost: the next program
 * goes on from the text. So there is no such step (pump_event).
 */
#include "daemon/stay.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/endpoint.h"
#include "daemon/kept.h"
#include "daemon/port.h"
#include "daemon/pump.h"
#include "daemon/restart.h"
#include "host/inherit.h"
#include "host/notify.h"
#include "node/handover.h"

#define CALM_MS 2000 /* for what clients have under way */
#define ENDS_MS 500  /* more, after those clients were ended */
#define LOOK_MS 2

struct counts {
	size_t kept, ended; /* clients that had registered */
};

/* Return the first descriptor that nothing is put in the place of
 * (inherit_give). */
static int
floor_of(const struct banyand *bd)
{
	return INHERIT_FIRST + (int)bd->again.nfd;
}

/* ---- no way to stay ------------------------------------------------------ */

static void
give_up(struct banyand *bd, const char *why)
{
	logger_with(&bd->log, LOG_NOT_KEPT, { "why", span_of(why) });
	control_restarted(bd->control, NULL, SPAN_NONE);
	banyand_end(bd, span_of(bd->stay.reason));
}

/* ---- the text ------------------------------------------------------------ */

static int
memory_file(void)
{
	unsigned int flags = MFD_CLOEXEC;
	int fd = -1;

#ifdef MFD_NOEXEC_SEAL /* some systems refuse files without it */
	fd = memfd_create("banyand-kept", flags | MFD_NOEXEC_SEAL);
#endif
	return fd >= 0 ? fd : memfd_create("banyand-kept", flags);
}

static void
put_line(void *ctx, struct span line)
{
	FILE *f = ctx;

	(void)fwrite(line.p, 1, line.n, f);
	(void)fputc('\n', f);
}

static void
put_node(struct banyand *bd, FILE *f)
{
	struct event ev = { .kind = EV_TICK };
	long from = kept_begin_node(f);

	pump_time(bd, &ev);
	bd->stay.given = true;
	handover_give(bd->node, &ev, put_line, f);
	kept_end_node(f, from);
}

/* Make sure that the file can have all connections, since there is no way back
 * when they are written. */
static bool
has_room(struct banyand *bd, FILE *f)
{
	const struct endpoint *ep;
	size_t room = 0, n;
	long at;

	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep == NULL || ep->stream == NULL || ep->link)
			continue;
		n = stream_unread(ep->stream) + stream_queued(ep->stream);
		room += kept_conn_max(n);
	}
	if (fflush(f) != 0 || ferror(f) || (at = ftell(f)) < 0)
		return false;
	errno = room > 0 ? posix_fallocate(fileno(f), at, (off_t)room) : 0;
	return errno == 0;
}

/* Let the descriptor stay open on exec, above the floor. Return -1 if that
 * cannot be. */
static int
keep_open(int fd, int floor)
{
	int other;

	if (fd >= floor)
		return fcntl(fd, F_SETFD, 0) == 0 ? fd : -1;
	other = fcntl(fd, F_DUPFD, floor);
	if (other >= 0)
		(void)close(fd);
	return other;
}

static bool
put_conn(struct banyand *bd, FILE *f, struct conn_id id)
{
	struct endpoint *ep = endpoint_find(bd, id);
	struct stream_rest rest;
	struct kept_conn k;
	int fd;

	if (ep == NULL || !endpoint_release(ep, &k, &rest))
		return false;
	fd = keep_open(rest.fd, floor_of(bd));
	if (fd >= 0) {
		k.fd = fd;
		kept_put_conn(f, &k);
	} else {
		endpoint_return(ep, &rest);
	}
	rcbuf_unref(rest.unread);
	rcbuf_unref(rest.queued);
	return fd >= 0;
}

static struct counts
put_conns(struct banyand *bd, FILE *f)
{
	struct counts n = { .ended = bd->stay.ended };
	struct conn_id id;
	uint32_t i = 0;

	while (handover_next_client(bd->node, &i, &id)) {
		if (put_conn(bd, f, id))
			n.kept++;
		else
			n.ended++;
	}
	kept_put_end(f);
	return n;
}

static struct kept_run
run_of(const struct banyand *bd)
{
	return (struct kept_run){
		.state = { bd->state.inc, bd->state.uid_upto,
		    state_dup_lock(&bd->state, floor_of(bd)) },
		.gen = slots_gen(&bd->slots),
	};
}

void
stay_log(struct banyand *bd, enum log_row row, size_t kept, size_t ended)
{
	char text[2][24];
	struct writer a, b;

	writer_init(&a, text[0], sizeof(text[0]));
	writer_u64(&a, kept);
	writer_init(&b, text[1], sizeof(text[1]));
	writer_u64(&b, ended);
	logger_with(&bd->log, row, { "kept", writer_done(&a) },
	    { "ended", writer_done(&b) });
}

static void
tell(struct banyand *bd, const struct counts *n)
{
	char text[128];
	struct writer w;

	stay_log(bd, LOG_RESTART, n->kept, n->ended);
	writer_init(&w, text, sizeof(text));
	writer_str(&w, "clients that stay connected: ");
	writer_u64(&w, n->kept);
	writer_str(&w, ", that are told to come back: ");
	writer_u64(&w, n->ended);
	control_restarted(bd->control, NULL, writer_done(&w));
}

/* Return false if the system has no room for the text. Then the connections are
 * there as before. */
static bool
write_text(struct banyand *bd, FILE *f)
{
	struct kept_run run = run_of(bd);

	kept_put_run(f, &run);
	put_node(bd, f);
	bd->again.text = fcntl(fileno(f), F_DUPFD, floor_of(bd));
	if (bd->again.text >= 0 && has_room(bd, f))
		return true;
	if (bd->again.text >= 0)
		(void)close(bd->again.text);
	bd->again.text = 0;
	if (run.state.lock >= 0)
		(void)close(run.state.lock);
	return false;
}

/* Give the run away. */
static void
go(struct banyand *bd)
{
	int fd = memory_file();
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct counts n;

	if (f == NULL || !write_text(bd, f)) {
		give_up(bd, strerror(errno));
	} else {
		n = put_conns(bd, f);
		tell(bd, &n);
		banyand_end(bd, span_of(bd->stay.reason));
	}
	if (f != NULL)
		(void)fclose(f);
	else if (fd >= 0)
		(void)close(fd);
}

/* ---- until all is calm --------------------------------------------------- */

/* End clients that cannot stay; see node/handover.h. */
static void
end_busy(struct banyand *bd, bool all)
{
	struct event ev = { .kind = EV_TICK };

	pump_time(bd, &ev);
	bd->stay.ended += handover_end_busy(bd->node, &ev, all,
	    span_of(bd->stay.reason), &bd->fx);
	pump_carry(bd);
}

static void
look(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t -
				       offsetof(struct banyand, stay.timer));
	struct mono now = loop_now(bd->loop);
	const char *why;

	/* at each look, since handshakes go on: a stranger that finishes one
	 * would keep the node busy */
	end_busy(bd, bd->stay.all);
	why = handover_awaits(bd->node);
	/* its user would be held, as if the restart had ended it */
	if (why == NULL && endpoint_fails(bd))
		why = "a connection has failed";
	if (why == NULL) {
		go(bd);
		return;
	}
	if (mono_cmp(now, bd->stay.until) >= 0) {
		if (bd->stay.all) {
			give_up(bd, why);
			return;
		}
		bd->stay.all = true;
		bd->stay.until = mono_add_ms(now, ENDS_MS);
	}
	loop_timer_set(bd->loop, t, mono_add_ms(now, LOOK_MS));
}

void
stay_begin(struct banyand *bd, struct span reason)
{
	struct stay *stay = &bd->stay;

	bd->stopping = true;
	stay->reason = span_dup(reason);
	notify("RELOADING=1");
	restart_keep_ports(bd);
	ports_close(bd);
	endpoint_hold_clients(bd);
	endpoint_close_trunks(bd, reason);
	stay->until = mono_add_ms(loop_now(bd->loop), CALM_MS);
	stay->timer.fire = look;
	loop_timer_set(bd->loop, &stay->timer, loop_now(bd->loop));
}

void
stay_fini(struct banyand *bd)
{
	if (bd->loop != NULL)
		loop_timer_clear(bd->loop, &bd->stay.timer);
	free(bd->stay.reason);
}
