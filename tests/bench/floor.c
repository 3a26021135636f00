/*
 * The floor: the least work that carries the same bytes. It does what a chat
 * server must do at its sockets, in the same pattern as banyand: one thread,
 * level-triggered epoll, one read for each ready connection, buffers shared by
 * reference, one writev for each touched connection at the end of the turn. It
 * does nothing else: it has no state of a network and no limits, and parses
 * only the first letters of a line. It trusts its client, which is the bench.
 * (Where many small lines wait, banyand copies them together and does not pass
 * their addresses to writev; with that it gains on the floor.)
 *
 *	NICK …				nothing
 *	USER …				a block as large as `welcome`
 *	PING …				a PONG
 *	JOIN #cN			joins group N; a 366; with `join`, a
 *					line of that length to all of group N
 *	PART …				leaves the group joined last, with such
 *					a line to all of it
 *	NAMES …				a block as large as `names`
 *	PRIVMSG #cN :…			the line, `prefix` bytes longer, to all
 *					others of group N
 *	end of file			a line as long as `quit` to all groups
 *	SET welcome|names|prefix|quit|join N
 *	LINK PORT N			another floor joins group N
 *	RAW N				I am a floor; lines as they are
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS 256
#define GROUPS 1024
#define MEMBERSHIPS 16
#define IOVS 256
#define READ_LEN (64 * 1024)
#define LINE_MAX_LEN 1024

struct buf {
	int refs;
	size_t n;
	char p[];
};

struct conn {
	int fd;
	bool raw, touched, blocked, gone;
	struct buf **queue;
	size_t head, n, cap; /* of queue: first, behind last */
	size_t skip;	     /* bytes of the first that are written */
	int group[MEMBERSHIPS], place[MEMBERSHIPS], ngroup;
	char part[LINE_MAX_LEN];
	size_t npart;
	struct conn *next_touched;
};

struct group {
	struct conn **v;
	int n, cap;
};

static int epfd, listener;
static struct group groups[GROUPS];
static struct conn *touched;
static struct {
	size_t welcome, names, prefix, quit, join;
} sizes = { 64, 64, 20, 64, 0 };

static struct buf *
buf_new(size_t n)
{
	struct buf *b = malloc(sizeof(*b) + n);

	if (b == NULL)
		err(1, "malloc");
	b->refs = 0;
	b->n = n;
	return b;
}

static void
buf_unref(struct buf *b)
{
	if (--b->refs <= 0)
		free(b);
}

static void
touch(struct conn *c)
{
	if (c->touched)
		return;
	c->touched = true;
	c->next_touched = touched;
	touched = c;
}

static void
queue(struct conn *c, struct buf *b)
{
	if (c->gone)
		return;
	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 8 : c->cap * 2;
		c->queue = realloc(c->queue, c->cap * sizeof(struct buf *));
		if (c->queue == NULL)
			err(1, "realloc");
	}
	c->queue[c->n++] = b;
	b->refs++;
	if (!c->blocked)
		touch(c);
}

static void
want(struct conn *c, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = c };

	epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &ev);
}

static void
flush(struct conn *c)
{
	struct iovec iov[IOVS];
	struct buf *b;
	ssize_t put;
	int n;

	while (c->head < c->n) {
		for (n = 0; n < IOVS && c->head + (size_t)n < c->n; n++) {
			b = c->queue[c->head + (size_t)n];
			iov[n].iov_base = b->p + (n == 0 ? c->skip : 0);
			iov[n].iov_len = b->n - (n == 0 ? c->skip : 0);
		}
		put = writev(c->fd, iov, n);
		if (put < 0) {
			if (errno == EAGAIN) {
				c->blocked = true;
				want(c, EPOLLIN | EPOLLOUT);
			}
			return;
		}
		while (put > 0) {
			b = c->queue[c->head];
			if ((size_t)put < b->n - c->skip) {
				c->skip += (size_t)put;
				break;
			}
			put -= (ssize_t)(b->n - c->skip);
			c->skip = 0;
			c->head++;
			buf_unref(b);
		}
	}
	c->head = c->n = 0;
}

/* Make a block of n bytes in lines; the last line is that numeric. */
static void
send_block(struct conn *c, size_t n, const char *numeric)
{
	char last[32];
	size_t tail =
	    (size_t)snprintf(last, sizeof(last), ":f %s x :end\r\n", numeric);
	struct buf *b;

	if (n < tail)
		n = tail;
	b = buf_new(n);
	memset(b->p, 'x', n);
	for (size_t i = 400; i + 2 < n - tail; i += 400)
		memcpy(b->p + i, "\r\n", 2);
	if (n > tail + 2)
		memcpy(b->p + n - tail - 2, "\r\n", 2);
	memcpy(b->p + n - tail, last, tail);
	queue(c, b);
}

static void
join(struct conn *c, int g)
{
	struct group *group = &groups[g % GROUPS];

	if (c->ngroup == MEMBERSHIPS)
		errx(1, "too many groups");
	if (group->n == group->cap) {
		group->cap = group->cap == 0 ? 16 : group->cap * 2;
		group->v = realloc(group->v,
		    (size_t)group->cap * sizeof(struct conn *));
		if (group->v == NULL)
			err(1, "realloc");
	}
	c->group[c->ngroup] = g % GROUPS;
	c->place[c->ngroup++] = group->n;
	group->v[group->n++] = c;
}

/* Leave the group that was joined last. */
static void
leave_one(struct conn *c)
{
	int i = --c->ngroup;
	struct group *group = &groups[c->group[i]];
	struct conn *last = group->v[--group->n];

	group->v[c->place[i]] = last;
	for (int k = 0; k < last->ngroup; k++)
		if (last->group[k] == c->group[i])
			last->place[k] = c->place[i];
}

static void
leave_all(struct conn *c)
{
	while (c->ngroup > 0)
		leave_one(c);
}

static void
fan_out(struct conn *from, int g, struct buf *b)
{
	struct group *group = &groups[g % GROUPS];

	b->refs++;
	for (int i = 0; i < group->n; i++)
		if (group->v[i] != from)
			queue(group->v[i], b);
	buf_unref(b);
}

static void
privmsg(struct conn *c, const char *line, size_t n)
{
	size_t prefix = c->raw ? 0 : sizes.prefix;
	struct buf *b = buf_new(prefix + n + 2);
	const char *target = memchr(line, '#', n);

	if (prefix > 0) {
		memset(b->p, 'x', prefix);
		b->p[0] = ':';
		b->p[prefix - 1] = ' ';
	}
	memcpy(b->p + prefix, line, n);
	memcpy(b->p + prefix + n, "\r\n", 2);
	if (target != NULL)
		fan_out(c, atoi(target + 2), b);
	else
		free(b);
}

static struct conn *
conn_new(int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	const int on = 1;

	if (c == NULL)
		err(1, "calloc");
	c->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) != 0)
		err(1, "epoll_ctl");
	return c;
}

static void
link_to(int port, int g)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char raw[32];
	struct conn *c;
	int n;

	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		err(1, "connect");
	n = snprintf(raw, sizeof(raw), "RAW %d\r\n", g);
	if (write(fd, raw, (size_t)n) != n)
		err(1, "write");
	c = conn_new(fd);
	join(c, g);
}

static void
set(const char *line)
{
	size_t n;

	if (sscanf(line, "SET welcome %zu", &n) == 1)
		sizes.welcome = n;
	else if (sscanf(line, "SET names %zu", &n) == 1)
		sizes.names = n;
	else if (sscanf(line, "SET prefix %zu", &n) == 1)
		sizes.prefix = n < 3 ? 3 : n;
	else if (sscanf(line, "SET quit %zu", &n) == 1)
		sizes.quit = n;
	else if (sscanf(line, "SET join %zu", &n) == 1)
		sizes.join = n;
}

static void
say(struct conn *c, const char *text)
{
	struct buf *b = buf_new(strlen(text));

	memcpy(b->p, text, b->n);
	queue(c, b);
}

/* Send a line of n bytes to all of a group, also to its sender. */
static void
tell_group(int g, const char *word, size_t n)
{
	struct buf *b;

	if (n < 16)
		return;
	b = buf_new(n);
	memset(b->p, 'x', n);
	memcpy(b->p, word, strlen(word));
	memcpy(b->p + n - 2, "\r\n", 2);
	fan_out(NULL, g, b);
}

/* Carry out commands of the set-up, whose cost is not measured. */
static void
rare(struct conn *c, const char *line, size_t n)
{
	char text[128];
	int port, g;

	snprintf(text, sizeof(text), "%.*s", (int)n, line);
	if (strncmp(text, "JOIN #", 6) == 0) {
		join(c, atoi(text + 7));
		tell_group(atoi(text + 7), ":f JOIN ", sizes.join);
		say(c, ":f 366 x :end\r\n");
	} else if (strncmp(text, "PART", 4) == 0 && c->ngroup > 0) {
		tell_group(c->group[c->ngroup - 1], ":f PART ", sizes.join);
		leave_one(c);
	} else if (sscanf(text, "LINK %d %d", &port, &g) == 2) {
		link_to(port, g);
	} else if (sscanf(text, "RAW %d", &g) == 1) {
		c->raw = true;
		join(c, g);
	} else {
		set(text);
	}
}

static void
serve_line(struct conn *c, const char *line, size_t n)
{
	if (n < 4)
		return;
	if (c->raw) {
		privmsg(c, line, n);
		return;
	}
	switch (line[0] << 8 | line[1]) {
	case 'P' << 8 | 'R':
		privmsg(c, line, n);
		break;
	case 'P' << 8 | 'I':
		say(c, ":f PONG f :x\r\n");
		break;
	case 'N' << 8 | 'I':
	case 'P' << 8 | 'O':
	case 'Q' << 8 | 'U':
		break;
	case 'N' << 8 | 'A':
		send_block(c, sizes.names, "366");
		break;
	case 'U' << 8 | 'S':
		send_block(c, sizes.welcome, "422");
		break;
	default:
		rare(c, line, n);
	}
}

/* Cut lines at CR LF; the client sends no other end. */
static void
cut(struct conn *c, const char *p, size_t n)
{
	const char *lf;
	size_t len;

	if (c->npart > 0) {
		lf = memchr(p, '\n', n);
		len = lf == NULL ? n : (size_t)(lf - p) + 1;
		if (c->npart + len > sizeof(c->part))
			errx(1, "a long line");
		memcpy(c->part + c->npart, p, len);
		c->npart += len;
		if (lf == NULL)
			return;
		serve_line(c, c->part, c->npart - 2);
		c->npart = 0;
		p += len;
		n -= len;
	}
	while ((lf = memchr(p, '\n', n)) != NULL) {
		len = (size_t)(lf - p) + 1;
		serve_line(c, p, len - 2);
		p += len;
		n -= len;
	}
	if (n > sizeof(c->part))
		errx(1, "a long line");
	memcpy(c->part, p, n);
	c->npart = n;
}

static void
depart(struct conn *c)
{
	struct buf *b;

	c->gone = true;
	touch(c); /* freed at the end of the turn */
	if (sizes.quit > 8) {
		b = buf_new(sizes.quit);
		memset(b->p, 'x', b->n);
		memcpy(b->p, ":f QUIT ", 8);
		memcpy(b->p + b->n - 2, "\r\n", 2);
		b->refs++;
		for (int i = 0; i < c->ngroup; i++)
			fan_out(c, c->group[i], b);
		buf_unref(b);
	}
	leave_all(c);
}

static void
ready(struct conn *c, uint32_t events)
{
	static char scratch[READ_LEN];
	ssize_t n;

	if (events & EPOLLOUT) {
		c->blocked = false;
		want(c, EPOLLIN);
		touch(c);
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || c->gone)
		return;
	n = recv(c->fd, scratch, sizeof(scratch), MSG_DONTWAIT);
	if (n > 0)
		cut(c, scratch, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		depart(c);
}

static void
work_touched(void)
{
	struct conn *c, *next = NULL;

	for (c = touched, touched = NULL; c != NULL; c = next) {
		next = c->next_touched;
		c->touched = false;
		if (!c->gone) {
			flush(c);
			continue;
		}
		close(c->fd);
		while (c->head < c->n)
			buf_unref(c->queue[c->head++]);
		free(c->queue);
		free(c);
	}
}

static void
accept_some(void)
{
	for (int i = 0; i < 64; i++) {
		int fd =
		    accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		conn_new(fd);
	}
}

int
main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event ev[EVENTS] = { { .events = EPOLLIN } };
	socklen_t len = sizeof(addr);
	int n;

	signal(SIGPIPE, SIG_IGN);
	epfd = epoll_create1(EPOLL_CLOEXEC);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&addr, len) != 0 ||
	    listen(listener, 1024) != 0 ||
	    getsockname(listener, (struct sockaddr *)&addr, &len) != 0 ||
	    epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev[0]) != 0)
		err(1, "listen");
	printf("%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	for (;;) {
		n = epoll_wait(epfd, ev, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (ev[i].data.ptr == NULL)
				accept_some();
			else
				ready(ev[i].data.ptr, ev[i].events);
		}
		work_touched();
	}
}
