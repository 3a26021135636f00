/*
 * The cost of banyand, compared with that of the floor.
 *
 *	bench [--rounds N] [--base NETWORK.JSON] FLOOR NETWORK.JSON TEST...
 *
 * In each test the same clients do the same things at banyand and at the floor,
 * in turns, so that a machine that gets slower does so for both. The bench
 * measures the CPU time of the servers by the unit of work. The figures are
 * medians over the rounds; the ratio is that of the medians. The length of some
 * lines depends on banyand (its welcome, its prefixes): it is measured first,
 * and the floor sends as much.
 *
 * With --base a second banyand, of another build, takes part in the turns. Its
 * time stands at the end of the row, and the median, the least and the greatest
 * of the ratios of each round: the first banyand to the base.
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
#define SIDES_MAX 3
#define TOTAL_S 270 /* no test begins later than that */
#define LINES_A_BURST 20
#define CROWD 1000	     /* clients in channels */
#define LARGE_CROWD 5000     /* in many channels */
#define LINES_A_ROUND 300000 /* delivered, under full load */
#define ALONE_A_ROUND 20000  /* delivered, one at a time */
#define REGISTRATIONS 1000
#define IDLE 5000
#define IDLE_TLS 1000
#define NAMES_A_ROUND 1000
#define LEAVERS 5000
#define LEAVE_CHANNELS 10
#define WATCHERS 1000
#define ACROSS 100

/* One side of a test: a target, and the clients on it. */
struct side {
	struct target *target;
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

static void
down(struct side *s)
{
	struct crowd control = { 0 };

	if (s->target->is_floor && s->crowd.n > 0)
		tell(s, "quit", 0);
	crowd_down(&s->crowd);
	crowd_down(&s->beyond);
	/* Wait until the server has done all of that. */
	if (crowd_up(&control, s->target->port[0], 1, 'z', 1, false))
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
	return crowd_up(&s->crowd, s->target->port[0], CROWD, 'a', 50, false) &&
	       join_all(&s->crowd, 0, t->size);
}

static bool
many_channels_up(struct side *s, const struct test *t)
{
	return crowd_up(&s->crowd, s->target->port[0], LARGE_CROWD, 'a', 50,
		   false) &&
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
	if (!crowd_up(&s->beyond, s->target->port[1], t->size, 'b', 50,
		false) ||
	    !join_all(&s->beyond, 0, t->size) ||
	    !crowd_up(&s->crowd, s->target->port[0], 1, 'a', 1, false) ||
	    !join_all(&s->crowd, 0, 1))
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
	return crowd_up(&s->crowd, s->target->port[0], 1, 'c', 1, false);
}

static bool
register_round(struct side *s, const struct test *t)
{
	struct crowd cr = { 0 };
	bool ok;

	(void)t;
	ok = crowd_up(&cr, s->target->port[0], REGISTRATIONS, 'r', 50, false);
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
	if (!crowd_up(cr, s->target->port[0], WATCHERS, 'w', 50, false))
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
	ok = crowd_up(&leavers, s->target->port[0], LEAVERS, 'q', 50, false);
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

/* Print how the banyand of v[0] compares with that of v[1], round by round. */
static void
print_base(const double v[SIDES_MAX][ROUNDS_MAX], int rounds)
{
	double base[ROUNDS_MAX], ratio[ROUNDS_MAX], m;

	for (int r = 0; r < rounds; r++) {
		base[r] = v[1][r];
		ratio[r] = v[0][r] / v[1][r];
	}
	m = median(ratio, rounds);
	printf("  base");
	print_time(median(base, rounds));
	printf("  %5.2f  %5.2f..%-5.2f", m, ratio[0], ratio[rounds - 1]);
}

static void
print_row(const struct test *t, double v[SIDES_MAX][ROUNDS_MAX], int n,
    int rounds)
{
	double first = v[0][0], last = v[0][rounds - 1];
	double floor = median(v[n - 1], rounds), m;
	double copy[ROUNDS_MAX];

	memcpy(copy, v[0], sizeof(copy));
	m = median(copy, rounds);
	printf("%-38s", t->what);
	print_time(m);
	print_time(floor);
	printf("  %5.2f  %5.2f..%-5.2f", m / floor, first / floor,
	    last / floor);
	if (t->target > 0)
		printf("  %4.1f", t->target);
	if (n == SIDES_MAX)
		print_base(v, rounds);
	printf("\n");
	fflush(stdout);
}

/* The floor is the last side. */
static bool
compare(struct side *side, int n, const struct test *t, int rounds)
{
	double v[SIDES_MAX][ROUNDS_MAX];

	/*
	 * The first round of each side does not count: it warms up, and
	 * measures lengths.
	 */
	for (int k = 0; k < n; k++) {
		if (k == n - 1)
			t->tell_floor(&side[k], side[0].extra);
		if (measure(&side[k], t) < 0)
			return false;
	}
	for (int r = 0; r < rounds; r++) {
		for (int k = 0; k < n; k++) {
			v[k][r] = measure(&side[k], t);
			if (v[k][r] < 0)
				return false;
		}
	}
	print_row(t, v, n, rounds);
	return true;
}

static bool
run(const struct test *t, struct target *target, int n, int rounds)
{
	struct side side[SIDES_MAX] = { 0 };
	bool ok = true;

	if (t->max_rounds > 0 && rounds > t->max_rounds)
		rounds = t->max_rounds;
	for (int k = 0; k < n; k++) {
		side[k].target = &target[k];
		ok = ok && t->up(&side[k], t);
	}
	ok = ok && compare(side, n, t, rounds);
	if (!ok)
		printf("%-38s did not finish\n", t->what);
	for (int k = 0; k < n; k++)
		t->down(&side[k]);
	return ok;
}

/* ---- memory: no floor, and a server on which nothing was done yet ---- */

static bool
idle(struct target *t, bool tls)
{
	int n = tls ? IDLE_TLS : IDLE;
	struct crowd first = { 0 }, cr = { 0 };
	int port = tls ? t->tls[0] : t->port[0];
	double before, after;
	bool ok;

	/*
	 * Memory that the server allocates once, for the first hundred clients,
	 * does not count.
	 */
	ok = crowd_up(&first, port, 100, 'f', 50, tls);
	before = target_memory(t);
	ok = ok && crowd_up(&cr, port, n, 'i', 50, tls) && crowd_sync(&cr, 0);
	after = target_memory(t);
	printf("%-38s",
	    tls ? "memory of an idle client, TLS" : "memory of an idle client");
	if (ok)
		printf(" %9.0f bytes%s\n", (after - before) / n,
		    tls ? "" : "                            1500");
	else
		printf(" did not finish\n");
	fflush(stdout);
	crowd_down(&cr);
	crowd_down(&first);
	return ok;
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
	{ "register", "registration", 2.5, 0, 0, register_up, register_round,
	    tell_welcome, down },
	{ "names", "NAMES of 1000", 2.0, 1000, 0, channels_up, names_round,
	    tell_names, down },
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

static bool
run_idle(struct target *target, int n, bool tls)
{
	bool ok = true;

	for (int k = 0; k < n - 1; k++)
		ok &= idle(&target[k], tls);
	return ok;
}

static int
usage(void)
{
	errx(2, "usage: bench [--rounds N] [--base NETWORK.JSON] FLOOR "
		"NETWORK.JSON TEST...");
}

int
main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "base", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	struct target target[SIDES_MAX];
	const char *base = NULL;
	int rounds = 5, c, n = 0;
	bool ok = true;
	time_t start = time(NULL);

	while ((c = getopt_long(argc, argv, "+r:b:", longopts, NULL)) != -1) {
		if (c == 'r')
			rounds = atoi(optarg);
		else if (c == 'b')
			base = optarg;
		else
			usage();
	}
	if (argc - optind < 3 || rounds < 1 || rounds > ROUNDS_MAX)
		usage();
	more_descriptors();
	signal(SIGPIPE, SIG_IGN);
	target_read(&target[n++], argv[optind + 1]);
	if (base != NULL)
		target_read(&target[n++], base);
	target_floor(&target[n++], argv[optind], target[0].n);
	for (int i = optind + 2; i < argc; i++) {
		if (time(NULL) - start > TOTAL_S)
			printf("%s left out: no time\n", argv[i]);
		else if (strcmp(argv[i], "idle") == 0)
			ok &= run_idle(target, n, false);
		else if (strcmp(argv[i], "idle-tls") == 0)
			ok &= run_idle(target, n, true);
		else
			ok &= run(find(argv[i]), target, n, rounds);
	}
	target_stop(&target[n - 1]);
	return ok ? 0 : 1;
}
