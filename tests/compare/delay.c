/*
 * A distance between programs: TCP connections whose bytes arrive later.
 *
 *	delay LISTEN:TARGET:MS...
 *
 * Each rule listens on a port of 127.0.0.1, and hands on what it gets to
 * another one, MS milliseconds later, in both directions. A connection is made
 * at once, and its end takes as long as bytes do. `ready` is printed when all
 * rules listen. Each line of input is answered by one line of JSON: for each
 * rule, the bytes from the side that connected, the bytes back, and how many
 * connections are open. The end of the input ends the program.
 *
 * All chunks of a rule wait equally long, so they are due in the order in which
 * they came: one queue for each rule is enough. Bytes that the receiver does
 * not take at once wait for it in a queue of its own, and a connection for
 * which too much is under way is not read.
 */
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RULES_MAX 512
#define READ_LEN (64 * 1024)
#define UNDER_WAY_MAX (8 * 1024 * 1024) /* bytes, for each direction */
#define WAIT_S 1.0

enum kind {
	INPUT,
	RULE,
	END,
};

struct chunk {
	STAILQ_ENTRY(chunk) next;
	struct end *to;
	double due;
	size_t n, sent; /* n is 0 for the end of the stream */
	char data[];
};
STAILQ_HEAD(chunks, chunk);

struct rule {
	enum kind kind; /* first, as in struct end */
	int fd, target, ms;
	uint64_t bytes[2];
	int open;
	struct chunks waiting;
};

/* One end of a connection, and what is to be written to it. */
struct end {
	enum kind kind;
	int fd;
	unsigned way; /* of the bytes that come from here: 0 there, 1 back */
	struct rule *rule;
	struct end *other;
	struct chunks due;
	size_t under_way; /* bytes to this end */
	int chunks;	  /* that refer to it */
	uint32_t events;
	bool read_done, write_done, closed;
};

static struct rule rules[RULES_MAX];
static int nrules;
static int epfd;

static double
now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct sockaddr_in
loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* ---- ends ---- */

static void
end_watch(struct end *e)
{
	struct epoll_event ev = { .data.ptr = e };

	if (e->closed)
		return;
	if (!e->read_done && e->other->under_way < UNDER_WAY_MAX)
		ev.events |= EPOLLIN;
	if (!STAILQ_EMPTY(&e->due))
		ev.events |= EPOLLOUT;
	if (ev.events == e->events)
		return;
	e->events = ev.events;
	epoll_ctl(epfd, EPOLL_CTL_MOD, e->fd, &ev);
}

static void
end_close(struct end *e)
{
	if (e->closed)
		return;
	close(e->fd);
	e->closed = true;
	e->read_done = e->write_done = true;
}

/* Free both ends if nothing refers to them. */
static void
pair_release(struct end *e)
{
	struct end *o = e->other;

	if (e->read_done && e->write_done)
		end_close(e);
	if (o->read_done && o->write_done)
		end_close(o);
	if (!e->closed || !o->closed || e->chunks > 0 || o->chunks > 0)
		return;
	e->rule->open--;
	free(e);
	free(o);
}

static void
chunk_free(struct chunk *c)
{
	c->to->under_way -= c->n;
	c->to->chunks--;
	free(c);
}

/* Let n bytes, or the end of the stream, go from e to the other end. */
static void
chunk_wait(struct end *e, const char *data, size_t n)
{
	struct chunk *c = malloc(sizeof(*c) + n);

	if (c == NULL)
		err(1, "malloc");
	*c = (struct chunk){
		.to = e->other, .n = n, .due = now_s() + e->rule->ms / 1000.0
	};
	memcpy(c->data, data, n);
	e->other->under_way += n;
	e->other->chunks++;
	e->rule->bytes[e->way] += n;
	STAILQ_INSERT_TAIL(&e->rule->waiting, c, next);
}

/* Return false if the chunk has to wait for the receiver. */
static bool
chunk_write(struct end *e, struct chunk *c)
{
	ssize_t n;

	if (c->n == 0) {
		shutdown(e->fd, SHUT_WR);
		e->write_done = true;
		return true;
	}
	n = send(e->fd, c->data + c->sent, c->n - c->sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		c->sent += (size_t)n;
	else if (errno != EAGAIN)
		e->write_done = true; /* the rest is dropped */
	return e->write_done || c->sent == c->n;
}

static void
end_flush(struct end *e)
{
	struct chunk *c;

	while ((c = STAILQ_FIRST(&e->due)) != NULL &&
	       (e->write_done || chunk_write(e, c))) {
		STAILQ_REMOVE_HEAD(&e->due, next);
		chunk_free(c);
	}
	end_watch(e);
	end_watch(e->other);
}

static void
end_read(struct end *e)
{
	static char scratch[READ_LEN];
	ssize_t n = recv(e->fd, scratch, READ_LEN, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		chunk_wait(e, scratch, (size_t)n);
	} else {
		e->read_done = true;
		if (n < 0)
			e->write_done = true; /* it was reset */
		chunk_wait(e, "", 0);
	}
	end_watch(e);
}

/* ---- rules ---- */

static struct end *
end_new(struct rule *r, int fd, unsigned way)
{
	struct end *e = calloc(1, sizeof(*e));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = e };
	const int on = 1;

	if (e == NULL)
		err(1, "calloc");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*e = (struct end){
		.kind = END, .fd = fd, .way = way, .rule = r, .events = EPOLLIN
	};
	STAILQ_INIT(&e->due);
	epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev);
	return e;
}

static void
rule_accept(struct rule *r)
{
	struct sockaddr_in to = loopback(r->target);
	struct end *here, *there;
	int fd = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC), out;

	if (fd < 0)
		return;
	out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (out < 0)
		err(1, "socket");
	if (connect(out, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(out);
		close(fd);
		return;
	}
	here = end_new(r, fd, 0);
	there = end_new(r, out, 1);
	here->other = there;
	there->other = here;
	r->open++;
}

static void
rule_listen(struct rule *r, const char *text)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = r };
	const int on = 1;
	struct sockaddr_in at;
	int port;

	if (sscanf(text, "%d:%d:%d", &port, &r->target, &r->ms) != 3)
		errx(2, "not LISTEN:TARGET:MS: %s", text);
	r->kind = RULE;
	STAILQ_INIT(&r->waiting);
	at = loopback(port);
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(r->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(r->fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(r->fd, 4096) != 0)
		err(1, "port %d", port);
	epoll_ctl(epfd, EPOLL_CTL_ADD, r->fd, &ev);
}

/* Write what is due. Return how long nothing else is. */
static double
rules_run(double now)
{
	double next = now + WAIT_S;

	for (int i = 0; i < nrules; i++) {
		struct chunk *c;

		while ((c = STAILQ_FIRST(&rules[i].waiting)) != NULL &&
		       c->due <= now) {
			struct end *e = c->to;

			STAILQ_REMOVE_HEAD(&rules[i].waiting, next);
			STAILQ_INSERT_TAIL(&e->due, c, next);
			end_flush(e);
			pair_release(e);
		}
		if (c != NULL && c->due < next)
			next = c->due;
	}
	return next - now;
}

/* ---- the loop ---- */

static void
answer(void)
{
	char line[64];
	ssize_t n = read(0, line, sizeof(line));

	if (n <= 0)
		exit(0);
	printf("[");
	for (int i = 0; i < nrules; i++)
		printf("%s[%llu, %llu, %d]", i == 0 ? "" : ", ",
		    (unsigned long long)rules[i].bytes[0],
		    (unsigned long long)rules[i].bytes[1], rules[i].open);
	printf("]\n");
	fflush(stdout);
}

static void
end_event(struct end *e, uint32_t events)
{
	if (!e->closed && (events & EPOLLOUT))
		end_flush(e);
	if (!e->read_done && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
		end_read(e);
	} else if (!e->closed && (events & (EPOLLHUP | EPOLLERR))) {
		end_close(e);
		chunk_wait(e, "", 0); /* so that the pair is released */
	}
}

static void
dispatch(const struct epoll_event *ev)
{
	enum kind *kind = ev->data.ptr;

	switch (*kind) {
	case INPUT:
		answer();
		break;
	case RULE:
		rule_accept(ev->data.ptr);
		break;
	case END:
		end_event(ev->data.ptr, ev->events);
		break;
	}
}

int
main(int argc, char **argv)
{
	static enum kind input = INPUT;
	struct epoll_event ev[256] = { { .events = EPOLLIN,
	    .data.ptr = &input } };
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	epfd = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(epfd, EPOLL_CTL_ADD, 0, ev);
	for (; nrules + 1 < argc && nrules < RULES_MAX; nrules++)
		rule_listen(&rules[nrules], argv[nrules + 1]);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		double left = rules_run(now_s());
		struct timespec ts = { .tv_sec = (time_t)left,
			.tv_nsec =
			    (long)((left - (double)(time_t)left) * 1e9) };
		int n = epoll_pwait2(epfd, ev, 256, &ts, NULL);

		for (int i = 0; i < n; i++)
			dispatch(&ev[i]);
	}
}
