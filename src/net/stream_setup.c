/*
 * A handshake costs more than anything else here, and every stranger may ask
 * for one. So only a bounded number of steps is done in one turn, and the first
 * byte is looked at before the first step.
 */
#include <sys/socket.h>

#include <errno.h>

#include "net/stream_state.h"

#define SETUPS_MAX 32 /* handshake steps in one turn, ~10 ms */
#define FIRST_MAX 64  /* bytes looked at before a handshake */

static void
set_open(struct stream *s)
{
	s->state = S_OPEN;
	s->blocked = false;
	stream_ends_free(s);
	stream_rewatch(s);
	if (s->out.n > 0)
		stream_touch(s);
}

/* Let the owner answer in plaintext that this port expects TLS. */
static void
refuse_plaintext(struct stream *s, struct span first)
{
	s->io->free(s->layer);
	s->io = &transport_tcp;
	s->layer = NULL;
	stream_drop_queue(s); /* it was meant for TLS only */
	s->state = S_OPEN;
	s->announced = true;
	if (s->ops->plaintext != NULL)
		s->ops->plaintext(s->ctx, first);
	stream_fail(s, STREAM_PLAINTEXT, "plaintext on a TLS port");
}

/*
 * Look at the first byte of an accepted connection: TLS always begins with a
 * handshake record (RFC 8446, section 5.1). Return false if no byte has come
 * yet, or if it is not TLS.
 */
static bool
sniff(struct stream *s)
{
	char first[FIRST_MAX];
	ssize_t n =
	    recv(s->watch.fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0) {
		fault_set_errno(&s->set->fault, STREAM_SILENT, errno);
		stream_fail(s, s->set->fault.end, s->set->fault.why);
	} else if (n == 0) {
		stream_fail(s, STREAM_SILENT, "end of file");
	} else if (first[0] != 0x16) {
		refuse_plaintext(s, span_make(first, (size_t)n));
	} else {
		s->sniffed = true;
	}
	return s->sniffed;
}

void
stream_setup(struct stream *s)
{
	struct streams *ss = s->set;
	int ret = IO_DONE;

	if (s->io->setup != NULL) {
		if (ss->setups++ >= SETUPS_MAX)
			return; /* the loop reports it again */
		if (!s->sniffed && !sniff(s))
			return;
		ret = s->io->setup(s->layer, s->watch.fd, &ss->fault);
	}
	if (ret == IO_FAILED) {
		stream_fail(s, ss->fault.end, ss->fault.why);
		return;
	}
	s->blocked = ret == IO_WAIT_WRITE;
	if (ret != IO_DONE) {
		stream_rewatch(s);
		return;
	}
	set_open(s);
	stream_announce(s);
	if (s->io->setup != NULL && stream_is_open(s)) {
		s->more = true; /* data may have come with the handshake */
		stream_pull_later(s);
	}
}

void
stream_connected(struct stream *s)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(s->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0)
		err = errno;
	if (err != 0) {
		fault_set_errno(&s->set->fault, STREAM_REFUSED, err);
		stream_fail(s, s->set->fault.end, s->set->fault.why);
		return;
	}
	s->state = S_SETUP;
	s->blocked = true; /* the side that dials speaks first */
	stream_rewatch(s);
	stream_setup(s);
}
