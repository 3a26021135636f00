/*
 * The cost of banyand, compared with that of the floor.
 *
 *	bench [--rounds N] [--seconds N] [--tls]
 *	    [--beside NAME=NETWORK.JSON]... [--gate NAME=NETWORK.JSON]...
 *	    FLOOR NETWORK.JSON TEST...
 *
 * In each test the same clients do the same things at banyand and at the floor,
 * in turns, so that a machine that gets slower does so for both. The bench
 * measures the CPU time of the servers by the unit of work. The figures are
 * medians over the rounds; the ratio is that of the medians. The length of some
 * lines depends on banyand (its welcome, its prefixes): it is measured first,
 * and the floor sends as much.
 *
 * With --beside, other servers take part in the turns: a banyand of another
 * build or with other settings, or another program (peers.py). Each server has
 * a row of its own below. The row has the server's time, and the median, the
 * least and the greatest ratio of all rounds: the time of the first banyand
 * divided by that of this server. A server that fails in a test is left out of
 * that test.
 *
 * With --gate, the clients of such a server come by its gate, and the CPU time
 * of both counts.
 *
 * With --tls the clients use TLS. The floor has no TLS, and is left out.
 *
 * A test is a row of `tests`: set up, one round, tear down. No figure decides
 * anything; the exit status is 1 only if a server did not answer.
 */
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"
#include "target.h"

#define ROUNDS_MAX 31
#define SIDES_MAX 8
#define TOTAL_S 270 /* by default, no test begins later than that */
#define LINES_A_BURST 20
#define ABREAST 50	     /* clients that register at one time */
#define CROWD 1000	     /* clients in channels */
#define LARGE_CROWD 5000     /* in many channels */
#define LINES_A_ROUND 300000 /* delivered, under full load */
#define ALONE_A_ROUND 20000  /* delivered, one at a time */
#define REGISTRATIONS 1000
#define IDLE 5000
#define IDLE_TLS 1000
#define SETTLE_S 320 /* more than the log keeps entries */
#define NAMES_A_ROUND 1000
#define LEAVERS 5000
#define LEAVE_CHANNELS 10
#define WATCHERS 1000
#define ACROSS 100

/* One side of a test: a target, and the clients on it. */
struct side {
	struct target *target;
	bool tls;	     /* its clients use TLS */
	bool failed;	     /* it is left out from now on */
	struct crowd crowd;  /* on its first server */
	struct crowd beyond; /* on its second */
	size_t sent_len;     /* of a line as it is sent, with CR LF */
	double start;	     /* CPU time at the beginning of the round */
	double units;	     /* of the last round */
	double extra;	     /* bytes of one unit, for the floor */
	int turn;	     /* the client that speaks next */
};

struct test {
	const char *name;
	const char *what;
	double target;	/* the ratio to reach; 0: none */
	int size;	/* of a channel */
	int max_rounds; /* 0: as many as asked for */
	bool (*up)(struct side *, const struct test *);
	bool (*round)(struct side *, const struct test *);
	void (*tell_floor)(struct side *floor, double extra);
	void (*down)(struct side *);
};

static const char text_60[] =
    "sixty bytes are a usual length for what is said in channels.";

static void
tell(struct side *floor, const char *what, double n)
{
	char text[64];
	struct crowd *cr = &floor->crowd;

	snprintf(text, sizeof(text), "SET %s %.0f\r\n", what, n);
	client_send(cr, &cr->client[0], text);
}

/* Connect n clients to a server of a side, as crowd_up() does. */
static bool
side_up(struct side *s, int server, struct crowd *cr, int n, char letter)
{
	const struct target *t = s->target;

	return crowd_up(cr, s->tls ? t->tls[server] : t->port[server], n,
	    letter, n < ABREAST ? n : ABREAST, s->tls);
}

static void
down(struct side *s)
{
	struct crowd control = { 0 };

	if (s->target->is_floor && s->crowd.n > 0)
		tell(s, "quit", 0);
	crowd_down(&s->crowd);
	crowd_down(&s->beyond);
	/* Wait until the server has done all of that. */
	if (side_up(s, 0, &control, 1, 'z'))
		crowd_sync(&control, 0);
	crowd_down(&control);
}

/* ---- channels ---- */

struct joined {
	int first;
	unsigned want;
};

static bool
have_names(struct crowd *cr, void *arg)
{
	struct joined *j = arg;

	while (j->first < cr->n && cr->client[j->first].names >= j->want)
		j->first++;
	return j->first == cr->n;
}

static void
join(struct crowd *cr, int i, int channel)
{
	char text[32];

	snprintf(text, sizeof(text), "JOIN #c%d\r\n", channel);
	client_send(cr, &cr->client[i], text);
}

/* Let clients from..n join #cK, K = (i - from) / size, some at a time. */
static bool
join_all(struct crowd *cr, int from, int size)
{
	struct joined j = { from, 1 };

	for (int i = from; i < cr->n; i++) {
		cr->client[i].names = 0;
		join(cr, i, (i - from) / size);
		if (i % 50 == 49)
			crowd_pump(cr, 1);
	}
	return crowd_wait(cr, have_names, &j, "JOIN") && crowd_sync(cr, from);
}

static bool
channels_up(struct side *s, const struct test *t)
{
	return side_up(s, 0, &s->crowd, CROWD, 'a') &&
	       join_all(&s->crowd, 0, t->size);
}

/*
 * Do the same with clients of eight kinds: each kind has another choice of
 * three capabilities. So the server makes each line eight times.
 */
static bool
kinds_up(struct side *s, const struct test *t)
{
	static const char *const cap[] = { "server-time", "message-tags",
		"account-tag" };
	struct crowd *cr = &s->crowd;
	char text[64];

	if (!channels_up(s, t))
		return false;
	for (int i = 0; i < cr->n; i++) {
		for (int k = 0; k < 3; k++) {
			snprintf(text, sizeof(text), "CAP REQ %s\r\n", cap[k]);
			if (i >> k & 1)
				client_send(cr, &cr->client[i], text);
		}
	}
	return crowd_sync(cr, 0);
}

static bool
many_channels_up(struct side *s, const struct test *t)
{
	return side_up(s, 0, &s->crowd, LARGE_CROWD, 'a') &&
	       join_all(&s->crowd, 0, t->size);
}

struct delivered {
	size_t want;
	int first, last;
};

static bool
have_lines(struct crowd *cr, void *arg)
{
	struct delivered *d = arg;

	return crowd_lines(cr, d->first, d->last) >= d->want;
}

/* Let client i say n lines at once to a target. Return the length of one line.
 */
static size_t
speak_to(struct crowd *cr, int i, const char *target, int n)
{
	char text[LINES_A_BURST * 128];
	size_t len = 0, one;

	one = (size_t)snprintf(text, sizeof(text), "PRIVMSG %s :%s\r\n", target,
	    text_60);
	for (int k = 1; k < n; k++)
		memcpy(text + (size_t)k * one, text, one);
	len = one * (size_t)n;
	text[len] = '\0';
	client_send(cr, &cr->client[i], text);
	return one;
}

/* The same in #cK. */
static size_t
speak(struct crowd *cr, int i, int channel, int n)
{
	char target[16];

	snprintf(target, sizeof(target), "#c%d", channel);
	return speak_to(cr, i, target, n);
}

/* Return how much longer a line is when it is delivered. */
static double
prefix_len(const struct side *s, size_t bytes, size_t lines)
{
	return (double)bytes / (double)lines - (double)s->sent_len;
}

static bool
alone_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd;
	int channel, speaker, first;
	int says = ALONE_A_ROUND / (t->size - 1);
	struct delivered d;
	size_t bytes = crowd_bytes(cr, 0, cr->n), lines = 0;

	for (int k = 0; k < says; k++) {
		channel = s->turn++ % (cr->n / t->size);
		first = channel * t->size;
		speaker = first + s->turn * 7 % t->size;
		d = (struct delivered){ .first = first,
			.last = first + t->size };
		d.want = crowd_lines(cr, d.first, d.last) + (size_t)t->size - 1;
		s->sent_len = speak(cr, speaker, channel, 1);
		if (!crowd_wait(cr, have_lines, &d, "a message"))
			return false;
		lines += (size_t)t->size - 1;
	}
	s->units = (double)lines;
	s->extra = prefix_len(s, crowd_bytes(cr, 0, cr->n) - bytes, lines);
	return true;
}

/*
 * Private messages, one at a time, between the two members of #cK. The floor
 * knows no nicks, so it is told the channel.
 */
static bool
private_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd;
	size_t bytes = crowd_bytes(cr, 0, cr->n);
	char target[16];
	int from, to;

	(void)t;
	for (int k = 0; k < ALONE_A_ROUND; k++) {
		from = s->turn++ * 7 % cr->n;
		to = from ^ 1;
		if (s->target->is_floor)
			snprintf(target, sizeof(target), "#c%d", from / 2);
		else
			snprintf(target, sizeof(target), "a%05d", to);
		s->sent_len = speak_to(cr, from, target, 1);
		if (!crowd_wait(cr, have_lines,
			&(struct delivered){
			    crowd_lines(cr, to, to + 1) + 1, to, to + 1 },
			"a message"))
			return false;
	}
	s->units = ALONE_A_ROUND;
	s->extra =
	    prefix_len(s, crowd_bytes(cr, 0, cr->n) - bytes, ALONE_A_ROUND);
	return true;
}

/*
 * Bursts: in each channel one client in fifty speaks, at least one, twenty
 * lines each. The next burst is sent when half of this one has arrived.
 */
static bool
load_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd;
	int channels = cr->n / t->size, speakers = t->size / 50 + 1, who;
	size_t burst = (size_t)channels * (size_t)speakers * LINES_A_BURST *
		       (size_t)(t->size - 1);
	size_t before = crowd_lines(cr, 0, cr->n), sent = 0;
	size_t bytes = crowd_bytes(cr, 0, cr->n);
	struct delivered d = { before, 0, cr->n };

	while (sent < LINES_A_ROUND) {
		for (int c = 0; c < channels; c++) {
			for (int k = 0; k < speakers; k++) {
				who = (s->turn + k * 50) % t->size;
				s->sent_len = speak(cr, c * t->size + who, c,
				    LINES_A_BURST);
			}
		}
		s->turn++;
		sent += burst;
		d.want = before + sent - burst / 2;
		if (!crowd_wait(cr, have_lines, &d, "messages"))
			return false;
	}
	d.want = before + sent;
	if (!crowd_wait(cr, have_lines, &d, "messages"))
		return false;
	s->units = (double)sent;
	s->extra = prefix_len(s, crowd_bytes(cr, 0, cr->n) - bytes, sent);
	return true;
}

/* Let some clients say some lines each, and the next ones when `enough` of
 * 100 of these have arrived. */
static bool
said_round(struct side *s, const struct test *t, const int how[3])
{
	struct crowd *cr = &s->crowd;
	const int speakers = how[0], lines = how[1], enough = how[2];
	size_t burst = (size_t)speakers * (size_t)lines * (size_t)(t->size - 1);
	size_t before = crowd_lines(cr, 0, cr->n), sent = 0;
	size_t bytes = crowd_bytes(cr, 0, cr->n);
	struct delivered d = { before, 0, cr->n };

	while (sent < LINES_A_ROUND) {
		for (int k = 0; k < speakers; k++)
			s->sent_len =
			    speak(cr, (s->turn + k * 50) % t->size, 0, lines);
		s->turn++;
		sent += burst;
		d.want = before + sent - burst * (size_t)(100 - enough) / 100;
		if (!crowd_wait(cr, have_lines, &d, "messages"))
			return false;
	}
	d.want = before + sent;
	if (!crowd_wait(cr, have_lines, &d, "messages"))
		return false;
	s->units = (double)sent;
	s->extra = prefix_len(s, crowd_bytes(cr, 0, cr->n) - bytes, sent);
	return true;
}

static bool
overlap_round(struct side *s, const struct test *t)
{
	return said_round(s, t, (const int[]){ 1, 1, 50 });
}

static bool
burst_round(struct side *s, const struct test *t)
{
	return said_round(s, t, (const int[]){ 1, 10, 100 });
}

static bool
ten_round(struct side *s, const struct test *t)
{
	return said_round(s, t, (const int[]){ 10, 1, 50 });
}

static void
tell_prefix(struct side *floor, double extra)
{
	tell(floor, "prefix", extra);
}

/* ---- across a link ---- */

static bool
see_the_speaker(struct crowd *cr, void *arg)
{
	size_t before = crowd_lines(cr, 0, cr->n);
	struct crowd *speakers = arg;

	speak(speakers, 0, 0, 1);
	crowd_pump(cr, 100);
	return crowd_lines(cr, 0, cr->n) >= before + (size_t)cr->n;
}

static bool
across_up(struct side *s, const struct test *t)
{
	char text[64];

	if (s->target->n < 2) {
		warnx("%s has no second server", s->target->name);
		return false;
	}
	if (!side_up(s, 1, &s->beyond, t->size, 'b') ||
	    !join_all(&s->beyond, 0, t->size) ||
	    !side_up(s, 0, &s->crowd, 1, 'a') || !join_all(&s->crowd, 0, 1))
		return false;
	if (s->target->is_floor) {
		snprintf(text, sizeof(text), "LINK %d 0\r\n",
		    s->target->port[1]);
		client_send(&s->crowd, &s->crowd.client[0], text);
	}
	if (!crowd_wait(&s->beyond, see_the_speaker, &s->crowd, "the far end"))
		return false;
	for (int i = 0; i < 10; i++) /* until no line is on its way */
		crowd_pump(&s->beyond, 20);
	return crowd_sync(&s->beyond, 0);
}

static bool
across_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->beyond;
	size_t burst = LINES_A_BURST * (size_t)t->size, sent = 0;
	size_t before = crowd_lines(cr, 0, cr->n);
	size_t bytes = crowd_bytes(cr, 0, cr->n);
	struct delivered d = { before, 0, cr->n };

	while (sent < LINES_A_ROUND) {
		s->sent_len = speak(&s->crowd, 0, 0, LINES_A_BURST);
		sent += burst;
		d.want = before + sent - burst / 2;
		if (!crowd_wait(cr, have_lines, &d, "messages"))
			return false;
	}
	d.want = before + sent;
	if (!crowd_wait(cr, have_lines, &d, "messages"))
		return false;
	s->units = (double)sent;
	s->extra = prefix_len(s, crowd_bytes(cr, 0, cr->n) - bytes, sent);
	return true;
}

/* ---- registration, NAMES, quits ---- */

static bool
register_up(struct side *s, const struct test *t)
{
	(void)t;
	/* A client has to tell the floor. */
	return side_up(s, 0, &s->crowd, 1, 'c');
}

static bool
register_round(struct side *s, const struct test *t)
{
	struct crowd cr = { 0 };
	bool ok;

	(void)t;
	/* other nicks each time: the server may still hold those of the last */
	ok = side_up(s, 0, &cr, REGISTRATIONS, "rstuv"[s->turn++ % 5]);
	if (ok) {
		s->units = REGISTRATIONS;
		s->extra = (double)crowd_bytes(&cr, 0, cr.n) / REGISTRATIONS;
	}
	crowd_down(&cr);
	/* The clients that leave are a part of the cost. */
	return ok && crowd_sync(&s->crowd, 0);
}

static void
tell_welcome(struct side *floor, double extra)
{
	tell(floor, "welcome", extra);
}

static bool
has_names(struct crowd *cr, void *arg)
{
	struct joined *j = arg;

	return cr->client[j->first].names >= j->want;
}

static bool
names_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd;
	struct client *asker = &cr->client[1];
	size_t bytes = asker->bytes;
	struct joined j;

	(void)t;
	for (int k = 0; k < NAMES_A_ROUND; k++) {
		j = (struct joined){ 1, asker->names + 1 };
		client_send(cr, asker, "NAMES #c0\r\n");
		if (!crowd_wait(cr, has_names, &j, "NAMES"))
			return false;
	}
	s->units = NAMES_A_ROUND;
	s->extra = (double)(asker->bytes - bytes) / NAMES_A_ROUND;
	return true;
}

/* All clients join one channel, one after the other, and leave it again. */
static bool
join_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd;
	size_t bytes = crowd_bytes(cr, 0, cr->n);
	struct joined j = { 0, 1 };

	(void)t;
	for (int i = 0; i < cr->n; i++) {
		cr->client[i].names = 0;
		join(cr, i, 0);
		if (i % 50 == 49)
			crowd_pump(cr, 1);
	}
	if (!crowd_wait(cr, have_names, &j, "JOIN"))
		return false;
	for (int i = 0; i < cr->n; i++) {
		client_send(cr, &cr->client[i], "PART #c0\r\n");
		if (i % 50 == 49)
			crowd_pump(cr, 1);
	}
	if (!crowd_sync(cr, 0))
		return false;
	s->units = (double)cr->n;
	/* as if NAMES were a part of the JOINs and PARTs that members get */
	s->extra = (double)(crowd_bytes(cr, 0, cr->n) - bytes) /
		   ((double)cr->n * ((double)cr->n + 1));
	return true;
}

static bool
join_up(struct side *s, const struct test *t)
{
	(void)t;
	return side_up(s, 0, &s->crowd, CROWD, 'j');
}

static void
tell_join(struct side *floor, double extra)
{
	tell(floor, "join", extra);
}

static void
tell_names(struct side *floor, double extra)
{
	tell(floor, "names", extra);
}

/* Watchers are in all of the channels; each leaver is in one of them. */
static bool
quits_up(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd;
	struct joined j = { 0, LEAVE_CHANNELS };

	(void)t;
	if (!side_up(s, 0, cr, WATCHERS, 'w'))
		return false;
	for (int c = 0; c < LEAVE_CHANNELS; c++) {
		for (int i = 0; i < cr->n; i++) {
			join(cr, i, c);
			if (i % 50 == 49)
				crowd_pump(cr, 1);
		}
		j = (struct joined){ 0, (unsigned)c + 1 };
		if (!crowd_wait(cr, have_names, &j, "JOIN"))
			return false;
	}
	return crowd_sync(cr, 0);
}

/* The leavers connect in the same round, but that does not count. */
static bool
quits_round(struct side *s, const struct test *t)
{
	struct crowd *cr = &s->crowd, leavers = { 0 };
	size_t before, bytes;
	struct delivered d = { 0, 0, cr->n };
	bool ok;

	(void)t;
	ok = side_up(s, 0, &leavers, LEAVERS, 'q');
	for (int i = 0; ok && i < LEAVERS; i++) {
		join(&leavers, i, i % LEAVE_CHANNELS);
		if (i % 20 == 19) {
			crowd_pump(&leavers, 0);
			crowd_pump(cr, 0);
		}
	}
	ok = ok && crowd_sync(&leavers, 0) && crowd_sync(cr, 0);
	before = crowd_lines(cr, 0, cr->n);
	bytes = crowd_bytes(cr, 0, cr->n);
	s->start = target_cpu_ns(s->target);
	crowd_down(&leavers);
	d.want = before + (size_t)LEAVERS * WATCHERS;
	ok = ok && crowd_wait(cr, have_lines, &d, "QUITs");
	s->units = (double)LEAVERS;
	s->extra = (double)(crowd_bytes(cr, 0, cr->n) - bytes) /
		   ((double)LEAVERS * WATCHERS);
	return ok;
}

static void
tell_quit(struct side *floor, double extra)
{
	tell(floor, "quit", extra);
}

/* ---- rounds and figures ---- */

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/*
 * Return the CPU time of one unit in one round, in ns. It is negative on
 * failure.
 */
static double
measure(struct side *s, const struct test *t)
{
	s->start = target_cpu_ns(s->target);
	if (!t->round(s, t))
		return -1;
	return (target_cpu_ns(s->target) - s->start) / s->units;
}

static void
print_time(double ns)
{
	if (ns < 1e4)
		printf(" %9.0f ns", ns);
	else if (ns < 1e7)
		printf(" %9.1f us", ns / 1e3);
	else
		printf(" %9.2f ms", ns / 1e6);
}

/*
 * Print the time of a side, and how the banyand of v compares with it, round by
 * round.
 */
static void
print_beside(const struct side *s, const double *v, const double *beside,
    int rounds)
{
	double copy[ROUNDS_MAX], ratio[ROUNDS_MAX], m;

	printf("  %-36s", s->target->name);
	if (s->failed) {
		printf(" did not finish\n");
		return;
	}
	for (int r = 0; r < rounds; r++) {
		copy[r] = beside[r];
		ratio[r] = v[r] / beside[r];
	}
	m = median(ratio, rounds);
	print_time(median(copy, rounds));
	printf(" %12s  %5.2f  %5.2f..%-5.2f\n", "", m, ratio[0],
	    ratio[rounds - 1]);
}

/* Print the row of banyand; floor is NULL if there is no floor. */
static void
print_row(const struct test *t, const double *v, const double *floor,
    int rounds)
{
	double copy[ROUNDS_MAX], f;

	memcpy(copy, v, sizeof(copy));
	printf("%-38s", t->what);
	print_time(median(copy, rounds));
	if (floor != NULL) {
		double m = median(copy, rounds), of_floor[ROUNDS_MAX];

		memcpy(of_floor, floor, sizeof(of_floor));
		f = median(of_floor, rounds);
		print_time(f);
		printf("  %5.2f  %5.2f..%-5.2f", m / f, v[0] / f,
		    v[rounds - 1] / f);
		if (t->target > 0)
			printf("  %4.1f", t->target);
	}
	printf("\n");
}

static void
print_rows(const struct test *t, const struct side *side, int n, int rounds,
    double v[SIDES_MAX][ROUNDS_MAX])
{
	bool has_floor = side[n - 1].target->is_floor;
	int beside = has_floor ? n - 1 : n;

	print_row(t, v[0], has_floor ? v[n - 1] : NULL, rounds);
	for (int k = 1; k < beside; k++)
		print_beside(&side[k], v[0], v[k], rounds);
	fflush(stdout);
}

/* Return false if banyand or the floor has failed. Others are left out. */
static bool
go_on(const struct side *side, int n)
{
	for (int k = 0; k < n; k++)
		if (side[k].failed && (k == 0 || side[k].target->is_floor))
			return false;
	return true;
}

/* The floor, if there is one, is the last side. */
static bool
compare(struct side *side, int n, const struct test *t, int rounds)
{
	double v[SIDES_MAX][ROUNDS_MAX];

	/*
	 * The first round of each side does not count: it warms up, and
	 * measures lengths.
	 */
	for (int r = -1; r < rounds; r++) {
		for (int k = 0; k < n; k++) {
			double ns;

			if (side[k].failed)
				continue;
			if (r < 0 && side[k].target->is_floor)
				t->tell_floor(&side[k], side[0].extra);
			ns = measure(&side[k], t);
			if (r >= 0)
				v[k][r] = ns;
			side[k].failed = ns < 0;
		}
		if (!go_on(side, n))
			return false;
	}
	print_rows(t, side, n, rounds, v);
	return true;
}

static bool
run(const struct test *t, struct target *target, int n, int rounds, bool tls)
{
	struct side side[SIDES_MAX] = { 0 };
	bool ok;

	if (t->max_rounds > 0 && rounds > t->max_rounds)
		rounds = t->max_rounds;
	for (int k = 0; k < n; k++) {
		side[k].target = &target[k];
		side[k].tls = tls;
		side[k].failed = !t->up(&side[k], t);
	}
	ok = go_on(side, n) && compare(side, n, t, rounds);
	if (!ok)
		printf("%-38s did not finish\n", t->what);
	for (int k = 0; k < n; k++)
		t->down(&side[k]);
	return ok;
}

/* ---- memory: no floor, and a server on which nothing was done yet ---- */

/*
 * Clients of one server. The first hundred do not count: with them the server
 * allocates memory that it needs once.
 */
struct idlers {
	struct crowd first, cr, later;
	double before;
};

static bool
idlers_up(struct idlers *d, const struct target *t, bool tls)
{
	int n = tls ? IDLE_TLS : IDLE;
	int port = tls ? t->tls[0] : t->port[0];

	if (!crowd_up(&d->first, port, 100, 'f', ABREAST, tls))
		return false;
	d->before = target_memory(t);
	return crowd_up(&d->cr, port, n, 'i', ABREAST, tls) &&
	       crowd_sync(&d->cr, 0);
}

/* Let as many come as are there already. */
static bool
idlers_more(struct idlers *d, const struct target *t)
{
	d->before = target_memory(t);
	return crowd_up(&d->later, t->port[0], IDLE, 'l', ABREAST, false) &&
	       crowd_sync(&d->later, 0);
}

static void
idlers_down(struct idlers *d)
{
	crowd_down(&d->later);
	crowd_down(&d->cr);
	crowd_down(&d->first);
}

static void
print_idle(const struct target *t, const char *what, double bytes, int goal)
{
	printf(what != NULL ? "%-38s" : "  %-36s", what ? what : t->name);
	if (bytes < 0)
		printf(" did not finish\n");
	else if (what != NULL && goal > 0)
		printf(" %9.0f bytes%31d\n", bytes, goal);
	else
		printf(" %9.0f bytes\n", bytes);
	fflush(stdout);
}

static bool
idle(struct target *target, int n, bool tls)
{
	static const char what[] = "memory of an idle client";
	bool ok = true;

	for (int k = 0; k < n && !target[k].is_floor; k++) {
		struct idlers d = { 0 };
		double bytes = -1;

		if (idlers_up(&d, &target[k], tls))
			bytes = (target_memory(&target[k]) - d.before) /
				(tls ? IDLE_TLS : IDLE);
		idlers_down(&d);
		print_idle(&target[k], k == 0 ? what : NULL, bytes,
		    tls ? 0 : 1000);
		ok &= k > 0 || bytes >= 0;
	}
	return ok;
}

/*
 * Measure one more client when the log has let the entries of those who came
 * before go: half of all clients came SETTLE_S ago, half have just come, and
 * what the former ones have given back is used again.
 */
static bool
idle_later(struct target *target, int n)
{
	static const char what[] = "the same, of 5000 more, later";
	struct idlers d[SIDES_MAX] = { 0 };
	bool up[SIDES_MAX];
	time_t end;
	double bytes;

	for (int k = 0; k < n; k++)
		up[k] =
		    !target[k].is_floor && idlers_up(&d[k], &target[k], false);
	for (end = time(NULL) + SETTLE_S; time(NULL) < end;) {
		for (int k = 0; k < n; k++) {
			if (!up[k])
				continue;
			crowd_pump(&d[k].first, 10);
			crowd_pump(&d[k].cr, 10);
		}
	}
	for (int k = 0; k < n; k++) {
		bytes = -1;
		if (up[k] && idlers_more(&d[k], &target[k]))
			bytes =
			    (target_memory(&target[k]) - d[k].before) / IDLE;
		idlers_down(&d[k]);
		if (!target[k].is_floor)
			print_idle(&target[k], k == 0 ? what : NULL, bytes,
			    1000);
		up[k] &= bytes >= 0;
	}
	return up[0];
}

static const struct test tests[] = {
	{ "one10", "one message at a time, channels of 10", 1.1, 10, 0,
	    channels_up, alone_round, tell_prefix, down },
	{ "one100", "one message at a time, channels of 100", 1.1, 100, 0,
	    channels_up, alone_round, tell_prefix, down },
	{ "one1000", "one message at a time, channel of 1000", 1.1, 1000, 0,
	    channels_up, alone_round, tell_prefix, down },
	{ "many10", "one at a time, 500 channels of 10", 1.1, 10, 0,
	    many_channels_up, alone_round, tell_prefix, down },
	{ "private", "one private message at a time", 1.1, 2, 0, channels_up,
	    private_round, tell_prefix, down },
	{ "load10", "full load, channels of 10", 1.5, 10, 0, channels_up,
	    load_round, tell_prefix, down },
	{ "load100", "full load, channels of 100", 1.5, 100, 0, channels_up,
	    load_round, tell_prefix, down },
	{ "load1000", "full load, channel of 1000", 1.5, 1000, 0, channels_up,
	    load_round, tell_prefix, down },
	{ "overlap1000", "messages that overlap, channel of 1000", 0, 1000, 0,
	    channels_up, overlap_round, tell_prefix, down },
	{ "burst1000", "bursts of ten, channel of 1000", 0, 1000, 0,
	    channels_up, burst_round, tell_prefix, down },
	{ "ten1000", "ten speakers, channel of 1000", 0, 1000, 0, channels_up,
	    ten_round, tell_prefix, down },
	{ "kinds1000", "the same, 8 sets of capabilities", 0, 1000, 0, kinds_up,
	    load_round, tell_prefix, down },
	{ "register", "registration", 2.5, 0, 0, register_up, register_round,
	    tell_welcome, down },
	{ "names", "NAMES of 1000", 2.0, 1000, 0, channels_up, names_round,
	    tell_names, down },
	{ "joins", "1000 JOIN one channel and PART", 0, 0, 0, join_up,
	    join_round, tell_join, down },
	{ "quits", "5000 leave, 1000 watch", 6.0, 0, 3, quits_up, quits_round,
	    tell_quit, down },
	{ "link", "full load across a link, to 100", 1.8, ACROSS, 0, across_up,
	    across_round, tell_prefix, down },
};

static const struct test *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (strcmp(tests[i].name, name) == 0)
			return &tests[i];
	errx(2, "no test %s", name);
}

static void
more_descriptors(void)
{
	struct rlimit rl;

	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_cur < LEAVERS + 2 * WATCHERS + 100)
		warnx("only %ju descriptors: some tests will not finish",
		    (uintmax_t)rl.rlim_cur);
}

static int
usage(void)
{
	errx(2, "usage: bench [--rounds N] [--seconds N] [--tls] "
		"[--beside NAME=NETWORK.JSON]... "
		"[--gate NAME=NETWORK.JSON]... FLOOR NETWORK.JSON TEST...");
}

/* Read a target from NAME=FILE; NAME becomes a text of its own. */
static void
read_beside(struct target *t, char *arg, bool gate)
{
	char *file = strchr(arg, '=');

	if (file == NULL)
		usage();
	*file++ = '\0';
	if (gate)
		target_read_gate(t, file);
	else
		target_read(t, file);
	t->name = arg;
}

struct options {
	int rounds;
	int seconds; /* no test begins later */
	bool tls;
};

static struct options
read_options(int argc, char **argv, struct target *beside, int *n)
{
	static const struct option longopts[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "tls", no_argument, NULL, 't' },
		{ "beside", required_argument, NULL, 'b' },
		{ "gate", required_argument, NULL, 'g' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .rounds = 5, .seconds = TOTAL_S };
	int c;

	*n = 0;
	while ((c = getopt_long(argc, argv, "+r:s:tb:g:", longopts, NULL)) !=
	       -1) {
		if (c == 'r')
			o.rounds = atoi(optarg);
		else if (c == 's')
			o.seconds = atoi(optarg);
		else if (c == 't')
			o.tls = true;
		else if ((c == 'b' || c == 'g') && *n < SIDES_MAX - 2)
			read_beside(&beside[(*n)++], optarg, c == 'g');
		else
			usage();
	}
	if (argc - optind < 3 || o.rounds < 1 || o.rounds > ROUNDS_MAX)
		usage();
	return o;
}

int
main(int argc, char **argv)
{
	struct target target[SIDES_MAX];
	struct options o;
	int n, all;
	bool ok = true;
	time_t start = time(NULL);

	o = read_options(argc, argv, &target[1], &n);
	more_descriptors();
	signal(SIGPIPE, SIG_IGN);
	target_read(&target[0], argv[optind + 1]);
	all = ++n;
	target_floor(&target[n++], argv[optind], target[0].n);
	if (!o.tls)
		all = n;
	for (int i = optind + 2; i < argc; i++) {
		if (time(NULL) - start > o.seconds)
			printf("%s left out: no time\n", argv[i]);
		else if (strcmp(argv[i], "idle") == 0)
			ok &= idle(target, n, o.tls);
		else if (strcmp(argv[i], "idle-later") == 0)
			ok &= idle_later(target, n);
		else
			ok &= run(find(argv[i]), target, all, o.rounds, o.tls);
	}
	target_stop(&target[n - 1]);
	return ok ? 0 : 1;
}
