/*
 * Each send has MSG_DONTWAIT, so the kernel does it while io_uring_submit()
 * runs, or fails it with EAGAIN; it hands none to a thread of its own. The code
 * below does not rely on that: it waits for the end of all that the kernel has
 * taken.
 *
 * Rejected: receiving and waiting by io_uring, too. A turn of the loop reads
 * few sockets and writes to many, and level-triggered readiness (see loop.c)
 * keeps the code of streams simple.
 */
#include "net/sends.h"

#include <sys/socket.h>

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

#include "base/mem.h"

struct one {
	struct span bytes;
	void *owner;
	int result;
};

struct sends {
	struct io_uring ring;
	unsigned n;	    /* added */
	unsigned submitted; /* of them, taken by the kernel */
	unsigned ended;	    /* of them, with a result */
	struct one one[SENDS_MAX];
};

struct sends *
sends_new(void)
{
	struct sends *ss = mem_zalloc(sizeof(*ss));

	/* SUBMIT_ALL: a send that fails does not stop the others. */
	if (io_uring_queue_init(SENDS_MAX, &ss->ring, IORING_SETUP_SUBMIT_ALL) <
	    0) {
		free(ss);
		return NULL;
	}
	return ss;
}

void
sends_free(struct sends *ss)
{
	if (ss == NULL)
		return;
	io_uring_queue_exit(&ss->ring);
	free(ss);
}

bool
sends_is_full(const struct sends *ss)
{
	return ss->n == SENDS_MAX;
}

void
sends_add(struct sends *ss, int fd, struct span bytes, void *owner)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ss->ring);
	struct one *one = &ss->one[ss->n++];

	*one = (struct one){ bytes, owner, -EAGAIN };
	io_uring_prep_send(sqe, fd, bytes.p, bytes.n,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	io_uring_sqe_set_data(sqe, one);
}

/* Note the results that are there. */
static void
collect(struct sends *ss)
{
	struct io_uring_cqe *cqe;
	struct one *one;
	unsigned head, n = 0;

	io_uring_for_each_cqe(&ss->ring, head, cqe)
	{
		one = io_uring_cqe_get_data(cqe);
		one->result = cqe->res;
		n++;
	}
	io_uring_cq_advance(&ss->ring, n);
	ss->ended += n;
}

/*
 * Hand all sends to the kernel and wait for those that it took. Return false if
 * it does not take all of them.
 */
static bool
submit(struct sends *ss)
{
	int got, want;

	while (ss->ended < ss->n) {
		want = (int)(ss->n - ss->ended);
		got = io_uring_submit_and_wait(&ss->ring, (unsigned)want);
		if (got > 0)
			ss->submitted += (unsigned)got;
		collect(ss);
		if (got <= 0 && got != -EINTR && ss->ended == ss->submitted)
			return false;
	}
	return true;
}

bool
sends_run(struct sends *ss,
    void (*done)(void *owner, struct span bytes, int result))
{
	bool ok = submit(ss);

	for (unsigned i = 0; i < ss->n; i++)
		done(ss->one[i].owner, ss->one[i].bytes, ss->one[i].result);
	ss->n = ss->submitted = ss->ended = 0;
	return ok;
}
