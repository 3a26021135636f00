/*
 * Bytes behind the header belong to TLS or to the client's lines, so exactly
 * those of the header are taken from the socket. The bytes are looked at first
 * (MSG_PEEK). If the header goes on behind them, all of them are taken: the
 * socket would otherwise be ready again at once, for ever.
 *
 * A proxy that checks if this server is up connects, sends at most a header of
 * its own, and goes. That is no event. So such a connection arrives with its
 * first byte, and until then it ends without a word to its owner.
 */
#include "host/proxied.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "wire/proxy.h"

#define HEADER_MS 5000 /* for the header, and for the first byte of a proxy */

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

struct proxied {
	struct proxieds *set;
	void *owner;
	struct watch watch;
	struct timer timer;
	struct addr addr; /* of the proxy */
	bool local;	  /* the header is there, and the proxy's own */
	size_t n;
	char bytes[PROXY_MAX];
	LIST_ENTRY(proxied) link;
};

/* Forget the connection; return its descriptor, which is the caller's. */
static int
release(struct proxied *x)
{
	struct loop *loop = x->set->loop;
	int fd = x->watch.fd;

	loop_unwatch(loop, &x->watch);
	loop_timer_clear(loop, &x->timer);
	LIST_REMOVE(x, link);
	free(x);
	return fd;
}

/* Close a connection, and tell its owner if there is a reason. */
static void
refuse(struct proxied *x, const char *why)
{
	if (why != NULL)
		x->set->ops->refused(x->owner, &x->addr, span_of(why));
	(void)close(release(x));
}

static struct span
copy(char *room, struct span word)
{
	if (word.n == 0)
		return SPAN_NONE; /* it may have no p */
	memcpy(room, word.p, word.n);
	return span_make(room, word.n);
}

static void
hand_on(struct proxied *x, const struct proxy_header *h)
{
	const struct proxied_ops *ops = x->set->ops;
	void *owner = x->owner;
	struct accepted a = { .addr = h->local ? x->addr : h->from,
		.port = h->local ? 0 : h->from_port,
		.proxied = true,
		.tls = h->tls };
	char version[PROXY_WORD_MAX], cipher[PROXY_WORD_MAX];
	char asked[PROXY_NAME_MAX];

	/* the words lie in x */
	a.version = copy(version, h->version);
	a.cipher = copy(cipher, h->cipher);
	a.asked = copy(asked, h->asked);
	a.fd = release(x);
	ops->arrived(owner, &a);
}

/* Look at the n new bytes. */
static void
take(struct proxied *x, size_t n)
{
	struct proxy_header h;
	size_t used = 0, from = x->n;
	enum proxy_status status;

	status = proxy_parse(span_make(x->bytes, from + n), &h, &used);
	if (status == PROXY_WRONG) {
		refuse(x, "no PROXY header");
		return;
	}
	if (status == PROXY_LONG) {
		refuse(x, "the PROXY header is too long");
		return;
	}
	x->n = status == PROXY_DONE ? used : from + n;
	(void)recv(x->watch.fd, x->bytes + from, x->n - from, MSG_DONTWAIT);
	if (status != PROXY_DONE)
		return;
	x->local = h.local;
	if (!h.local)
		hand_on(x, &h);
}

static void
proxied_ready(struct watch *w, unsigned int events)
{
	struct proxied *x = OF_MEMBER(w, struct proxied, watch);
	size_t room = sizeof(x->bytes) - x->n;
	char byte;
	ssize_t n;

	(void)events;
	n = recv(w->fd, x->local ? &byte : x->bytes + x->n, x->local ? 1 : room,
	    MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		refuse(x,
		    x->local || x->n == 0 ? NULL : "the PROXY header was cut");
	else if (x->local)
		hand_on(x, &(struct proxy_header){ .local = true });
	else
		take(x, (size_t)n);
}

static void
proxied_late(struct timer *t)
{
	struct proxied *x = OF_MEMBER(t, struct proxied, timer);

	refuse(x, x->local ? NULL : "no PROXY header in time");
}

void
proxied_begin(struct proxieds *set, void *owner, int fd,
    const struct addr *addr)
{
	struct proxied *x = mem_zalloc(sizeof(*x));

	x->set = set;
	x->owner = owner;
	x->addr = *addr;
	x->watch.ready = proxied_ready;
	x->timer.fire = proxied_late;
	if (!loop_watch(set->loop, &x->watch, fd, LOOP_READ)) {
		(void)close(fd);
		free(x);
		return;
	}
	loop_timer_set(set->loop, &x->timer,
	    mono_add_ms(loop_now(set->loop), HEADER_MS));
	LIST_INSERT_HEAD(&set->all, x, link);
}

void
proxied_drop(struct proxieds *set, const void *owner)
{
	struct proxied *x, *next;

	LIST_FOREACH_SAFE(x, &set->all, link, next)
		if (x->owner == owner)
			(void)close(release(x));
}
