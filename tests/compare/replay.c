/*
 * People of a trace as real clients, in one thread.
 *
 *	replay [OPTION VALUE]... SCHEDULE
 *
 *	--warm MS:S…	the part of the schedule up to MS takes S seconds; each
 *			MS begins with a comma but the first one, and is
 *			greater than the one before. None of that is measured
 *	--speed N	seconds of the schedule in one second of the rest
 *	--samples N	how often the state is printed
 *	--settle-s N	see below
 *	--regions N,N…	the regions of the servers
 *
 * A schedule has lines `MS VERB ARGS`, in the order of time, and comments:
 *
 *	MS connect USER REGION PORT ADDRESS
 *	MS join USER CHANNEL		MS part USER CHANNEL
 *	MS say USER CHANNEL BYTES	MS pm USER USER BYTES
 *	MS quit USER
 *
 * Users, channels and regions are numbers; ADDRESS is the one to connect from.
 * The actions of each user are done in their order, each when it is due and the
 * server has answered the earlier ones. A user who comes again waits RETURN_S,
 * so that no server still has the nick.
 *
 * Each message has a number. It must reach every other member of its channel
 * exactly once. A member counts if it had joined --settle-s before the message
 * was said, and left no sooner than that behind it: the others may get it or
 * not, as it depends on the order of events at their server.
 *
 * Each line of output is an object of JSON: `ready` when the first part is
 * done; a line of input then starts the rest. `sample` has the state, and `end`
 * the result. README.md explains its members.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READ_LEN (256 * 1024)
#define LINE_LEN 1024
#define TEXT_MAX 400
#define REGIONS_MAX 16
#define SERVERS_MAX 64	/* bits of a word */
#define RETURN_S 1.0	/* from the end of a connection to the next one */
#define RETRY_S 0.5	/* from a nick that is in use to the next try */
#define PATIENCE_S 60.0 /* without progress; then the run has failed */
#define KEEP_S 30.0	/* a message may come so late, and no later */
#define WARM_MAX 8	/* parts of the schedule that are not measured */
#define BUCKETS 2048	/* of a histogram */
#define PER_OCTAVE 64	/* so a figure is right to 1.1 % */

enum verb {
	ACT_CONNECT,
	ACT_JOIN,
	ACT_PART,
	ACT_SAY,
	ACT_PM,
	ACT_QUIT,
	ACT_COUNT,
};

static const char *const verb_name[ACT_COUNT] = { "connect", "join", "part",
	"say", "pm", "quit" };

struct act {
	double ms;
	enum verb verb;
	int user;
	int what; /* channel, region or user */
	int size; /* bytes or port */
	in_addr_t address;
	int next; /* action of this user; 0: none */
};

/* A user on a channel, or on the network if chan is -1. It is kept for ever, as
 * messages refer to it. */
struct stay {
	int user;
	int chan;
	int at;	       /* its place among the members */
	double joined; /* 0: not yet */
	double left;   /* 0: not yet */
};

struct stays {
	struct stay **v;
	int n, room;
};

enum state {
	AWAY,
	COMING,
	HERE,
	LEAVING,
};

struct user {
	enum state state;
	int fd;
	int region;
	int server;
	int joining;	 /* channels */
	int first, last; /* actions that are due; 0: none */
	double again;	 /* when it may connect, or try its nick again */
	struct stay *session;
	struct stays on;
	char part[LINE_LEN]; /* of a line */
	size_t npart;
};

struct copy {
	struct stay *to;
	unsigned short seen;
	bool owed;
};

struct message {
	double sent;
	int from;		    /* the server of the sender */
	uint64_t servers, regions;  /* of receivers, other than from's */
	uint64_t ways[REGIONS_MAX]; /* servers with receivers there */
	int n;
	struct copy *copy; /* in the order of users */
};

struct histogram {
	uint64_t n[BUCKETS];
	uint64_t all;
};

/* Lines and bytes to and from the clients of a region at a server. */
struct traffic {
	uint64_t lines_in, bytes_in, lines_out, bytes_out;
};

struct tally {
	struct traffic traffic[REGIONS_MAX][SERVERS_MAX];
	struct histogram delay, late; /* in microseconds */
	uint64_t said, whispered, connects, joins, abroad, overseas, ways;
	uint64_t owed, delivered, missing, doubled, overdue, strays;
	uint64_t absent, dropped, lost, renamed, refused;
};

static struct {
	struct act *act;
	int nact, at; /* the next one to become due; from 1 on */
	struct user *user;
	int nusers;
	struct stays *chan;
	int nchans;
	struct message *message;
	int nmessages, room, judged;
	int busy; /* users with actions that are due */
	int here[SERVERS_MAX];
	int region[SERVERS_MAX];
	int nservers;
	int epfd;
	double progress; /* when an action was done */
	double settle_s;
	struct tally tally;
} all;

static double
now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *
grown(void *v, int n, int *room, size_t size)
{
	if (n < *room)
		return v;
	*room = *room == 0 ? 8 : 2 * *room;
	v = realloc(v, (size_t)*room * size);
	if (v == NULL)
		err(1, "realloc");
	return v;
}

/* ---- histograms ---- */

static void
histogram_add(struct histogram *h, double seconds)
{
	double us = seconds * 1e6;
	int i = us < 1 ? 0 : (int)(log2(us) * PER_OCTAVE);

	h->n[i < BUCKETS ? i : BUCKETS - 1]++;
	h->all++;
}

/* Return the time in milliseconds below which that part of all times is. */
static double
histogram_ms(const struct histogram *h, double part)
{
	uint64_t below = 0;

	for (int i = 0; i < BUCKETS; i++) {
		below += h->n[i];
		if (h->all > 0 && (double)below >= part * (double)h->all)
			return exp2((i + 0.5) / PER_OCTAVE) / 1000;
	}
	return 0;
}

/* ---- stays ---- */

static void
stays_add(struct stays *s, struct stay *stay)
{
	s->v = grown(s->v, s->n, &s->room, sizeof(struct stay *));
	s->v[s->n++] = stay;
}

static struct stay *
stay_find(const struct user *u, int chan)
{
	for (int i = 0; i < u->on.n; i++)
		if (u->on.v[i]->chan == chan)
			return u->on.v[i];
	return NULL;
}

static struct stay *
stay_new(int user, int chan)
{
	struct stay *s = calloc(1, sizeof(*s));

	if (s == NULL)
		err(1, "calloc");
	s->user = user;
	s->chan = chan;
	return s;
}

static void
stay_begins(int user, int chan)
{
	struct stay *s = stay_new(user, chan);

	s->at = all.chan[chan].n;
	stays_add(&all.chan[chan], s);
	stays_add(&all.user[user].on, s);
	all.user[user].joining++;
}

/* A member that has not been told of its JOIN yet may leave, too. */
static void
stay_ends(struct stay *s, double now)
{
	struct stays *members = &all.chan[s->chan];
	struct user *u = &all.user[s->user];
	int i = 0;

	s->left = now;
	if (s->joined == 0)
		u->joining--;
	members->v[s->at] = members->v[--members->n];
	members->v[s->at]->at = s->at;
	while (u->on.v[i] != s)
		i++;
	u->on.v[i] = u->on.v[--u->on.n];
}

/* ---- messages ---- */

static int
by_user(const void *a, const void *b)
{
	const struct copy *x = a, *y = b;

	return x->to->user - y->to->user;
}

static struct message *
message_new(int members, int from, double now)
{
	struct message *m;

	all.message =
	    grown(all.message, all.nmessages, &all.room, sizeof(*all.message));
	m = &all.message[all.nmessages++];
	*m = (struct message){ .sent = now, .from = from };
	m->copy = calloc((size_t)members + 1, sizeof(*m->copy));
	if (m->copy == NULL)
		err(1, "calloc");
	return m;
}

static void
message_to(struct message *m, struct stay *s)
{
	m->copy[m->n++] = (struct copy){ .to = s,
		.owed = s->joined > 0 && s->joined + all.settle_s < m->sent };
}

/* Count what became of a message. */
static void
message_judge(struct message *m)
{
	struct tally *t = &all.tally;

	for (int i = 0; i < m->n; i++) {
		const struct copy *c = &m->copy[i];
		double left = c->to->left;

		if (c->owed && (left == 0 || left > m->sent + all.settle_s)) {
			t->owed++;
			t->missing += c->seen == 0;
		}
		t->doubled += c->seen > 1;
	}
	free(m->copy);
	m->copy = NULL;
	m->n = 0;
}

static void
messages_judge(double upto)
{
	while (all.judged < all.nmessages &&
	       all.message[all.judged].sent <= upto)
		message_judge(&all.message[all.judged++]);
}

/*
 * Count the other servers and the other regions that a message has to reach,
 * and the ways that it takes from a server to the clients of a region.
 */
static void
message_spread(struct message *m, const struct user *u)
{
	uint64_t server = UINT64_C(1) << u->server;
	uint64_t region = UINT64_C(1) << all.region[u->server];

	all.tally.ways += (m->ways[u->region] & server) == 0;
	m->ways[u->region] |= server;
	if (u->server == m->from || (m->servers & server) != 0)
		return;
	m->servers |= server;
	all.tally.abroad++;
	if (all.region[u->server] == all.region[m->from] ||
	    (m->regions & region) != 0)
		return;
	m->regions |= region;
	all.tally.overseas++;
}

static void
message_came(struct user *u, int id, double now)
{
	struct tally *t = &all.tally;
	struct stay key = { .user = (int)(u - all.user) };
	const struct copy wanted = { .to = &key };
	struct message *m;
	struct copy *c;

	if (id < 0 || id >= all.nmessages)
		errx(1, "a message that nobody has said: %d", id);
	m = &all.message[id];
	t->delivered++;
	message_spread(m, u);
	histogram_add(&t->delay, now - m->sent);
	if (id < all.judged) {
		t->overdue++;
		return;
	}
	c = m->n == 0
		? NULL
		: bsearch(&wanted, m->copy, (size_t)m->n, sizeof(*c), by_user);
	/* somebody who joined after the message was said, and before it came */
	if (c == NULL)
		t->strays++;
	else
		c->seen++;
}

/* ---- connections ---- */

static void
user_send(struct user *u, const char *text, int n)
{
	struct traffic *t = &all.tally.traffic[u->region][u->server];

	/* It is little, so there is always room. */
	if (send(u->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) != n)
		warn("a line could not be sent");
	t->lines_out++;
	t->bytes_out += (uint64_t)n;
}

static void
user_introduce(struct user *u)
{
	char text[96];
	int i = (int)(u - all.user);

	user_send(u, text,
	    snprintf(text, sizeof(text),
		"NICK u%d\r\nUSER u%d 0 * :a person of a trace\r\n", i, i));
}

static void
watch(struct user *u, int how, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = u };

	epoll_ctl(all.epfd, how, u->fd, &ev);
}

static void
user_connect(struct user *u, const struct act *a)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)a->size),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr.s_addr = a->address };
	const int on = 1;

	u->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (u->fd < 0)
		err(1, "socket");
	setsockopt(u->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(u->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(u->fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
	    (connect(u->fd, (struct sockaddr *)&to, sizeof(to)) != 0 &&
		errno != EINPROGRESS))
		err(1, "connect to port %d", a->size);
	watch(u, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
	u->state = COMING;
	u->region = a->what;
	u->server = SERVERS_MAX - 1; /* until it says its name */
	u->npart = 0;
	all.tally.connects++;
}

static void user_go(struct user *, double now);

/* From now on, messages need not reach the user. */
static void
user_leaves(struct user *u, double now)
{
	if (u->session != NULL) {
		all.here[u->server]--;
		u->session->left = now;
	}
	u->session = NULL;
	while (u->on.n > 0)
		stay_ends(u->on.v[0], now);
}

static void
user_gone(struct user *u, double now)
{
	if (u->state != LEAVING) {
		warnx("u%d has lost its connection", (int)(u - all.user));
		all.tally.lost++;
	}
	user_leaves(u, now);
	close(u->fd);
	u->state = AWAY;
	u->again = now + RETURN_S;
}

/* ---- lines that come ---- */

struct words {
	const char *v[4]; /* source, verb, and two parameters */
	size_t len[4];
	int n;
};

static struct words
words_of(const char *p, const char *end)
{
	struct words w = { .n = 0 };

	while (p < end && w.n < 4) {
		const char *sp = memchr(p, ' ', (size_t)(end - p));

		w.v[w.n] = p;
		w.len[w.n++] = (size_t)((sp == NULL ? end : sp) - p);
		p = sp == NULL ? end : sp + 1;
	}
	return w;
}

static bool
word_is(const struct words *w, int i, const char *text)
{
	return i < w->n && w->len[i] == strlen(text) &&
	       memcmp(w->v[i], text, w->len[i]) == 0;
}

/* The server's name is sN.…; its clients are counted from now on. */
static void
came_welcome(struct user *u, const struct words *w, double now)
{
	int server = atoi(w->v[0] + 2) - 1;

	if (u->state != COMING || server < 0 || server >= SERVERS_MAX - 1)
		errx(1, "a strange welcome: %.60s", w->v[0]);
	u->server = server;
	if (server >= all.nservers)
		all.nservers = server + 1;
	all.here[server]++;
	u->session = stay_new((int)(u - all.user), -1);
	u->session->joined = now;
}

static void
came_names(struct user *u, const char *p, const char *end, double now)
{
	const char *hash = memchr(p, '#', (size_t)(end - p));
	struct stay *s = hash == NULL ? NULL : stay_find(u, atoi(hash + 2));

	if (s == NULL || s->joined > 0)
		return;
	s->joined = now;
	u->joining--;
	user_go(u, now);
}

/* :source PRIVMSG target :mID text */
static void
came_message(struct user *u, const struct words *w, double now)
{
	if (w->n < 4 || w->v[3][0] != ':' || w->v[3][1] != 'm')
		errx(1, "a strange message: %.60s", w->v[0]);
	message_came(u, atoi(w->v[3] + 2), now);
}

static void
came_numeric(struct user *u, const struct words *w, const char *end, double now)
{
	if (word_is(w, 1, "001")) {
		came_welcome(u, w, now);
	} else if (word_is(w, 1, "376") || word_is(w, 1, "422")) {
		u->state = HERE;
		user_go(u, now);
	} else if (word_is(w, 1, "366")) {
		came_names(u, w->v[0], end, now);
	} else if (word_is(w, 1, "433")) {
		u->again = now + RETRY_S;
		all.tally.renamed++;
	} else if (w->v[1][0] == '4') {
		all.tally.refused++;
	}
}

static void
take_line(struct user *u, const char *p, const char *end, double now)
{
	struct words w = words_of(p, end);
	struct traffic *t = &all.tally.traffic[u->region][u->server];

	if (word_is(&w, 0, "PING")) {
		user_send(u, "PONG :x\r\n", 9);
		return;
	}
	t->lines_in++;
	t->bytes_in += (size_t)(end - p);
	if (w.n < 2)
		return;
	if (word_is(&w, 1, "PRIVMSG"))
		came_message(u, &w, now);
	else if (w.v[1][0] >= '0' && w.v[1][0] <= '9')
		came_numeric(u, &w, end, now);
}

static void
take(struct user *u, const char *p, size_t n, double now)
{
	while (n > 0) {
		const char *lf = memchr(p, '\n', n);
		size_t len = lf == NULL ? n : (size_t)(lf - p) + 1;

		if (lf != NULL && u->npart == 0) {
			take_line(u, p, p + len, now);
		} else {
			if (len >= sizeof(u->part) - u->npart)
				errx(1, "a line of more than %d bytes",
				    LINE_LEN);
			memcpy(u->part + u->npart, p, len);
			u->npart += len;
			u->part[u->npart] = '\0';
			if (lf != NULL) {
				take_line(u, u->part, u->part + u->npart, now);
				u->npart = 0;
			}
		}
		p += len;
		n -= len;
	}
}

static void
user_event(struct user *u, uint32_t events)
{
	static char scratch[READ_LEN + 1];
	double now = now_s();
	ssize_t n;

	if (events & EPOLLOUT) {
		watch(u, EPOLL_CTL_MOD, EPOLLIN);
		user_introduce(u);
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	n = recv(u->fd, scratch, READ_LEN, MSG_DONTWAIT);
	if (n > 0) {
		scratch[n] = '\0';
		take(u, scratch, (size_t)n, now);
	} else if (n == 0 || errno != EAGAIN) {
		user_gone(u, now);
		user_go(u, now);
	}
}

/* ---- actions ---- */

static void
act_say(struct user *u, const struct act *a, const char *target)
{
	char text[TEXT_MAX + 64];
	int id = all.nmessages - 1;
	int n = snprintf(text, sizeof(text), "PRIVMSG %s :", target);
	int begin = n;

	n += snprintf(text + n, sizeof(text) - (size_t)n, "m%d ", id);
	while (n - begin < a->size && n - begin < TEXT_MAX) {
		text[n] = (char)('a' + n % 26);
		n++;
	}
	n += snprintf(text + n, sizeof(text) - (size_t)n, "\r\n");
	user_send(u, text, n);
}

static void
act_channel(struct user *u, const struct act *a, double now)
{
	const struct stays *members = &all.chan[a->what];
	struct message *m = message_new(members->n, u->server, now);
	char target[16];

	for (int i = 0; i < members->n; i++)
		if (members->v[i]->user != a->user)
			message_to(m, members->v[i]);
	qsort(m->copy, (size_t)m->n, sizeof(*m->copy), by_user);
	snprintf(target, sizeof(target), "#c%d", a->what);
	act_say(u, a, target);
	all.tally.said++;
}

static void
act_private(struct user *u, const struct act *a, double now)
{
	struct user *to = &all.user[a->what];
	char target[16];

	if (to->session == NULL) {
		all.tally.absent++; /* it comes later than it should */
		return;
	}
	message_to(message_new(1, u->server, now), to->session);
	snprintf(target, sizeof(target), "u%d", a->what);
	act_say(u, a, target);
	all.tally.whispered++;
}

static void
act_member(struct user *u, const struct act *a, double now)
{
	struct stay *s = stay_find(u, a->what);
	char text[32];

	if ((s != NULL) == (a->verb == ACT_JOIN)) {
		all.tally.dropped++;
		return;
	}
	user_send(u, text,
	    snprintf(text, sizeof(text), "%s #c%d\r\n",
		a->verb == ACT_JOIN ? "JOIN" : "PART", a->what));
	if (s != NULL) {
		stay_ends(s, now);
		return;
	}
	stay_begins(a->user, a->what);
	all.tally.joins++;
}

static void
act_do(struct user *u, const struct act *a, double now)
{
	if ((u->state == HERE) == (a->verb == ACT_CONNECT)) {
		all.tally.dropped++; /* behind a connection that was lost */
		return;
	}
	switch (a->verb) {
	case ACT_CONNECT:
		user_connect(u, a);
		break;
	case ACT_JOIN:
	case ACT_PART:
		act_member(u, a, now);
		break;
	case ACT_SAY:
		if (stay_find(u, a->what) != NULL)
			act_channel(u, a, now);
		else
			all.tally.dropped++;
		break;
	case ACT_PM:
		act_private(u, a, now);
		break;
	case ACT_QUIT:
		user_send(u, "QUIT\r\n", 6);
		user_leaves(u, now);
		u->state = LEAVING;
		break;
	case ACT_COUNT:
		break;
	}
}

/* Return whether a user can do the action now: earlier ones are answered. */
static bool
act_may(const struct user *u, const struct act *a, double now)
{
	const struct stay *s;

	switch (u->state) {
	case COMING:
	case LEAVING:
		return false;
	case AWAY:
		return a->verb != ACT_CONNECT || now >= u->again;
	case HERE:
		break;
	}
	if (a->verb == ACT_QUIT)
		return u->joining == 0;
	if (a->verb != ACT_SAY && a->verb != ACT_PART)
		return true;
	s = stay_find(u, a->what);
	return s == NULL || s->joined > 0;
}

static void
user_go(struct user *u, double now)
{
	while (u->first != 0 && act_may(u, &all.act[u->first], now)) {
		const struct act *a = &all.act[u->first];

		u->first = a->next;
		if (u->first == 0)
			all.busy--;
		all.progress = now;
		act_do(u, a, now);
	}
}

/* ---- the schedule ---- */

static enum verb
verb_of(const char *word)
{
	for (int i = 0; i < ACT_COUNT; i++)
		if (strcmp(verb_name[i], word) == 0)
			return (enum verb)i;
	return ACT_COUNT;
}

static void
act_parse(struct act *a, const char *line)
{
	char verb[16] = "", address[32] = "0.0.0.0";

	if (sscanf(line, "%lf %15s %d %d %d %31s", &a->ms, verb, &a->user,
		&a->what, &a->size, address) < 3)
		errx(1, "not a line of a schedule: %s", line);
	a->verb = verb_of(verb);
	if (a->verb == ACT_COUNT)
		errx(1, "an unknown verb: %s", line);
	a->address = inet_addr(address);
}

static void
most(int *n, int value)
{
	if (value >= *n)
		*n = value + 1;
}

static void
schedule_read(const char *file)
{
	FILE *f = fopen(file, "r");
	char line[128];
	int room = 0;

	if (f == NULL)
		err(1, "%s", file);
	all.nact = 1; /* 0 stands for none */
	while (fgets(line, sizeof(line), f) != NULL) {
		struct act *a;

		if (line[0] == '#')
			continue;
		all.act = grown(all.act, all.nact, &room, sizeof(*all.act));
		a = &all.act[all.nact++];
		*a = (struct act){ .next = 0 };
		act_parse(a, line);
		most(&all.nusers, a->user);
		if (a->verb == ACT_PM)
			most(&all.nusers, a->what);
		else if (a->verb != ACT_CONNECT && a->verb != ACT_QUIT)
			most(&all.nchans, a->what);
		else if (a->verb == ACT_CONNECT && a->what >= REGIONS_MAX)
			errx(1, "too many regions: %s", line);
	}
	fclose(f);
	all.user = calloc((size_t)all.nusers + 1, sizeof(*all.user));
	all.chan = calloc((size_t)all.nchans + 1, sizeof(*all.chan));
	if (all.user == NULL || all.chan == NULL)
		err(1, "calloc");
	all.at = 1;
}

/* ---- time ---- */

/* At wall.start the schedule is at wall.ms, and goes on with that speed. */
static struct {
	double start, ms, speed;
} wall;

static double
wall_of(double ms)
{
	return wall.start + (ms - wall.ms) / 1000 / wall.speed;
}

static void
begin_due(double now)
{
	while (all.at < all.nact && wall_of(all.act[all.at].ms) <= now) {
		struct user *u = &all.user[all.act[all.at].user];

		if (u->first == 0) {
			u->first = all.at;
			all.busy++;
		} else {
			all.act[u->last].next = all.at;
		}
		u->last = all.at;
		histogram_add(&all.tally.late,
		    now - wall_of(all.act[all.at++].ms));
		user_go(u, now);
	}
}

/* Let users go on who waited for a time, not for an answer. */
static void
begin_again(double now)
{
	for (int i = 0; i < all.nusers; i++) {
		struct user *u = &all.user[i];

		if (u->again == 0 || now < u->again)
			continue;
		u->again = 0;
		if (u->state == COMING)
			user_introduce(u);
		else
			user_go(u, now);
	}
}

/* Read what has come. Wait no longer than the next action is due. */
static void
pump(double now, double until)
{
	struct epoll_event ev[512];
	double due = all.at < all.nact ? wall_of(all.act[all.at].ms) : until;
	double left = (due < until ? due : until) - now;
	struct timespec ts;
	int n;

	left = left < 0 ? 0 : left > 0.02 ? 0.02 : left;
	ts = (struct timespec){ .tv_nsec = (long)(left * 1e9) };
	n = epoll_pwait2(all.epfd, ev, 512, &ts, NULL);
	for (int i = 0; i < n; i++)
		user_event(ev[i].data.ptr, ev[i].events);
}

/* Play the actions up to schedule time ms, until all are done and answered. */
static void
play(double ms, void (*each)(double now))
{
	double again = 0, now = now_s();

	all.progress = now;
	while (all.busy > 0 || all.progress + all.settle_s > now ||
	       now < wall_of(ms)) {
		if (now < wall_of(ms))
			all.progress = now;
		else if (now > all.progress + PATIENCE_S)
			errx(1, "no progress in %.0f s; %d users wait",
			    PATIENCE_S, all.busy);
		begin_due(now < wall_of(ms) ? now : wall_of(ms));
		if (now > again) {
			begin_again(now);
			messages_judge(now - KEEP_S);
			again = now + 0.02;
		}
		if (each != NULL)
			each(now);
		pump(now, now + 0.02);
		now = now_s();
	}
}

/* ---- what is printed ---- */

static uint64_t
lines_of(int server)
{
	uint64_t n = 0;

	for (int r = 0; r < REGIONS_MAX; r++)
		n += all.tally.traffic[r][server].lines_in;
	return n;
}

static void
print_count(const char *name, uint64_t n)
{
	printf("\"%s\": %llu, ", name, (unsigned long long)n);
}

static double next_sample, last_sample, sample_s;

static void
sample(double now)
{
	const struct tally *t = &all.tally;

	if (now < next_sample || now > last_sample)
		return;
	next_sample += sample_s;
	printf("{\"sample\": %.3f, ",
	    (wall.ms + (now - wall.start) * 1000 * wall.speed) / 1000);
	print_count("said", t->said + t->whispered);
	print_count("delivered", t->delivered);
	print_count("abroad", t->abroad);
	print_count("ways", t->ways);
	printf("\"users\": [");
	for (int i = 0; i < all.nservers; i++)
		printf("%s%d", i == 0 ? "" : ", ", all.here[i]);
	printf("], \"lines\": [");
	for (int i = 0; i < all.nservers; i++)
		printf("%s%llu", i == 0 ? "" : ", ",
		    (unsigned long long)lines_of(i));
	printf("]}\n");
	fflush(stdout);
}

static void
print_traffic(void)
{
	const char *separator = "";

	printf("\"traffic\": [");
	for (int r = 0; r < REGIONS_MAX; r++) {
		for (int s = 0; s < SERVERS_MAX; s++) {
			const struct traffic *t = &all.tally.traffic[r][s];

			if (t->lines_in + t->lines_out == 0)
				continue;
			printf("%s[%d, %d, %llu, %llu, %llu, %llu]", separator,
			    r, s, (unsigned long long)t->lines_in,
			    (unsigned long long)t->bytes_in,
			    (unsigned long long)t->lines_out,
			    (unsigned long long)t->bytes_out);
			separator = ", ";
		}
	}
	printf("]");
}

static void
print_end(double seconds)
{
	const struct tally *t = &all.tally;

	printf("{\"end\": %.3f, ", seconds);
	print_count("said", t->said);
	print_count("whispered", t->whispered);
	print_count("connects", t->connects);
	print_count("joins", t->joins);
	print_count("abroad", t->abroad);
	print_count("overseas", t->overseas);
	print_count("ways", t->ways);
	print_count("delivered", t->delivered);
	print_count("owed", t->owed);
	print_count("missing", t->missing);
	print_count("doubled", t->doubled);
	print_count("overdue", t->overdue);
	print_count("strays", t->strays);
	print_count("absent", t->absent);
	print_count("dropped", t->dropped);
	print_count("lost", t->lost);
	print_count("renamed", t->renamed);
	print_count("refused", t->refused);
	printf("\"delay_ms\": [%.3f, %.3f], ", histogram_ms(&t->delay, 0.5),
	    histogram_ms(&t->delay, 0.99));
	printf("\"late_ms\": [%.3f, %.3f], ", histogram_ms(&t->late, 0.5),
	    histogram_ms(&t->late, 0.99));
	print_traffic();
	printf("}\n");
	fflush(stdout);
}

/* ---- the run ---- */

struct part {
	double ms, s; /* up to there, in so many seconds */
};

struct options {
	struct part warm[WARM_MAX];
	int nwarm;
	double speed;
	int samples;
};

static void
warm_read(struct options *o, const char *text)
{
	int n = 0;

	while (o->nwarm < WARM_MAX &&
	       sscanf(text, "%lf:%lf%n", &o->warm[o->nwarm].ms,
		   &o->warm[o->nwarm].s, &n) == 2) {
		if (o->warm[o->nwarm++].s <= 0)
			errx(2, "no time: %s", text);
		text += n;
		text += *text == ',';
	}
	if (*text != '\0')
		errx(2, "not MS:S: %s", text);
}

static void
regions_read(const char *text)
{
	for (int i = 0; i < SERVERS_MAX && *text != '\0'; i++) {
		all.region[i] = atoi(text);
		if (all.region[i] < 0 || all.region[i] >= REGIONS_MAX)
			errx(2, "not a region: %s", text);
		text += strcspn(text, ",");
		text += *text == ',';
	}
}

static struct options
options_read(int argc, char **argv)
{
	static const struct option names[] = {
		{ "warm", required_argument, NULL, 'w' },
		{ "speed", required_argument, NULL, 's' },
		{ "samples", required_argument, NULL, 'n' },
		{ "settle-s", required_argument, NULL, 't' },
		{ "regions", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .speed = 60, .samples = 60 };
	int c;

	all.settle_s = 3;
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 'w':
			warm_read(&o, optarg);
			break;
		case 's':
			o.speed = atof(optarg);
			break;
		case 'n':
			o.samples = atoi(optarg);
			break;
		case 't':
			all.settle_s = atof(optarg);
			break;
		case 'r':
			regions_read(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (optind + 1 != argc || o.nwarm == 0 || o.speed <= 0 ||
	    o.samples <= 0)
		errx(2, "usage: replay [OPTION VALUE]... SCHEDULE");
	return o;
}

static void
raise_limit(void)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* Say that the first part is done, and wait until somebody says go. */
static void
await_go(void)
{
	char line[16];

	printf("{\"ready\": %d}\n", all.nservers);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		exit(1);
	messages_judge(now_s());
	memset(&all.tally, 0, sizeof(all.tally));
}

int
main(int argc, char **argv)
{
	struct options o = options_read(argc, argv);
	double end_ms, start;

	raise_limit();
	schedule_read(argv[optind]);
	all.epfd = epoll_create1(EPOLL_CLOEXEC);
	end_ms = all.act[all.nact - 1].ms;
	wall.ms = all.act[1].ms;
	for (int i = 0; i < o.nwarm; i++) {
		if (o.warm[i].ms <= wall.ms)
			errx(2, "nothing to do before %.0f", o.warm[i].ms);
		wall.start = now_s();
		wall.speed = (o.warm[i].ms - wall.ms) / 1000 / o.warm[i].s;
		play(o.warm[i].ms, NULL);
		wall.ms = o.warm[i].ms;
	}
	await_go();
	start = now_s();
	wall.start = start;
	wall.speed = o.speed;
	last_sample = wall_of(end_ms);
	sample_s = (last_sample - start) / o.samples;
	next_sample = start;
	play(end_ms + 1, sample);
	messages_judge(now_s());
	print_end(now_s() - start);
	return 0;
}
