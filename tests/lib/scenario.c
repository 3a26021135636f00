/*
 * A transcript is read and carried out line by line. Each client has a queue of
 * the lines that it was sent. An expectation takes the first line and compares.
 * Before each action the queues must be empty: a line that was not expected is
 * a failure. So every line of a server is noticed, unless the transcript says
 * otherwise.
 */
#include "lib/scenario.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/core.h"
#include "lib/net.h"
#include "link/net.h"
#include "node/handover.h"

#define SETTLE_MS 50   /* after each line sent */
#define HEAL_MS 200000 /* at most, for links to come up */
#define LINE 32768
#define PARAMS_MAX 15 /* of a line to a client */
#define CLIENTS 64
#define VARS 64
#define LOGS 4096

struct queue {
	char **v;
	size_t head, n, cap;
};

struct client {
	char name[32];
	struct net_client *c; /* NULL for the control socket */
	bool ignored;	      /* its lines are never looked at */
	bool swallow;	      /* while it registers */
	bool welcomed;	      /* saw the end of the MOTD */
	bool closed;	      /* by the server, not expected yet */
	bool gone;
	struct queue q;
};

struct var {
	char name[32];
	char value[512];
};

struct logged {
	unsigned node;
	enum log_row row;
	char text[512];
};

enum graph { GRAPH_LINE, GRAPH_RING, GRAPH_FULL, GRAPH_APART };

struct scenario {
	const char *path;
	unsigned lineno;
	bool recording, failed, started;
	FILE *out, *trace;
	struct net *net;
	unsigned n;
	enum graph graph;
	struct setup *setup[NET_NODES];
	struct client client[CLIENTS];
	size_t nclients;
	struct client *control;
	struct var var[VARS];
	size_t nvars;
	struct logged *log;
	size_t nlogs;
};

/* ---- failures ---- */

static void
show_pending(struct scenario *s)
{
	struct client *c;
	size_t i, k;

	for (i = 0; i < s->nclients; i++) {
		c = &s->client[i];
		if (c->ignored)
			continue;
		for (k = c->q.head; k < c->q.n && k < c->q.head + 20; k++)
			fprintf(s->out, "\tpending: %s< %s\n", c->name,
			    c->q.v[k]);
		if (c->closed)
			fprintf(s->out, "\tpending: %s CLOSED\n", c->name);
	}
}

__attribute__((format(printf, 2, 3))) static void
fail(struct scenario *s, const char *fmt, ...)
{
	va_list ap;

	if (s->failed)
		return;
	s->failed = true;
	fprintf(s->out, "%s:%u: ", s->path, s->lineno);
	va_start(ap, fmt);
	vfprintf(s->out, fmt, ap);
	va_end(ap);
	fputc('\n', s->out);
	if (s->net != NULL && s->net->failed)
		fprintf(s->out, "\t%s\n", s->net->why);
}

/* ---- queues ---- */

static void
queue_put(struct queue *q, const char *p, size_t n)
{
	if (q->n == q->cap) {
		q->cap = q->cap == 0 ? 16 : q->cap * 2;
		q->v = mem_array(q->v, q->cap, sizeof(*q->v));
	}
	q->v[q->n] = mem_alloc(n + 1);
	memcpy(q->v[q->n], p, n);
	q->v[q->n++][n] = '\0';
}

static const char *
queue_first(const struct queue *q)
{
	return q->head < q->n ? q->v[q->head] : NULL;
}

static void
queue_pop(struct queue *q)
{
	free(q->v[q->head++]);
}

static void
queue_clear(struct queue *q)
{
	while (q->head < q->n)
		queue_pop(q);
	q->head = q->n = 0;
}

/* ---- what the network says ---- */

/*
 * Write a line with NUL and CR as text: in a comparison of C strings they would
 * vanish.
 */
static size_t
visible(char *to, size_t max, struct span line)
{
	size_t i, n;
	unsigned char b;

	for (i = n = 0; i < line.n && n + 8 < max; i++) {
		b = (unsigned char)line.p[i];
		if (b == 0 || b == '\r')
			n += (size_t)snprintf(to + n, max - n, "${\\x%02x}", b);
		else
			to[n++] = (char)b;
	}
	return n;
}

static bool
is_numeric(struct span line, const char *numeric)
{
	if (line.n > 0 && line.p[0] == '@')
		span_word(&line);
	if (line.n > 0 && line.p[0] == ' ')
		line = span_tail(line, 1);
	if (line.n > 0 && line.p[0] == ':')
		span_word(&line);
	return span_eq(span_word(&line), span_of(numeric));
}

/* Return how many parameters the line has (modern-irc, "Parameters"). */
static size_t
count_params(struct span line)
{
	struct span word = span_word(&line);
	size_t n = 0;

	if (word.n > 0 && word.p[0] == '@')
		word = span_word(&line);
	if (word.n > 0 && word.p[0] == ':')
		span_word(&line); /* the verb */
	do {
		word = span_word(&line);
		n += word.n > 0;
	} while (word.n > 0 && word.p[0] != ':');
	return n;
}

static void
heard(void *ctx, struct net_client *nc, struct span line)
{
	struct client *c = nc->ctx;
	char text[LINE];

	(void)ctx;
	if (c->swallow) {
		if (is_numeric(line, "376") || is_numeric(line, "422"))
			c->welcomed = true;
		if (c->welcomed)
			return;
	}
	if (c->ignored)
		return;
	queue_put(&c->q, text, visible(text, sizeof(text), line));
	/* no transcript expects this line, so it fails */
	if (count_params(line) > PARAMS_MAX)
		queue_put(&c->q, SPAN("too many parameters").p,
		    SPAN("too many parameters").n);
}

static void
closed(void *ctx, struct net_client *nc, struct span reason)
{
	struct client *c = nc->ctx;

	(void)ctx;
	(void)reason;
	if (!c->ignored && !c->gone)
		c->closed = true;
}

static void
logged(void *ctx, unsigned node, enum log_row row, struct span text)
{
	struct scenario *s = ctx;
	struct logged *l;

	if (s->nlogs == LOGS)
		s->nlogs = 0;
	l = &s->log[s->nlogs++];
	l->node = node;
	l->row = row;
	snprintf(l->text, sizeof(l->text), "%.*s", SPAN_ARG(text));
}

static void
control(void *ctx, unsigned node, uint64_t token, struct span line, bool last)
{
	struct scenario *s = ctx;
	char text[LINE];

	(void)node;
	(void)token;
	if (line.n > 0)
		queue_put(&s->control->q, text,
		    visible(text, sizeof(text), line));
	s->control->closed = last;
}

static void
stepped(void *ctx, unsigned node, const struct event *ev)
{
	struct scenario *s = ctx;
	struct net *net = s->net;
	struct net_node *nn = &net->node[node];
	const char *why;

	if (ev->kind == EV_SEED)
		return;
	if ((why = core_check(node_core(nn->node), net->arena)) == NULL)
		why = link_check(node_links(nn->node), net->arena);
	if (why != NULL)
		net_fail(net, "s%u after %s: %s", node + 1,
		    event_name(ev->kind), why);
}

/* ---- patterns ---- */

static struct var *
var_find(struct scenario *s, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < s->nvars; i++)
		if (strlen(s->var[i].name) == n &&
		    memcmp(s->var[i].name, name, n) == 0)
			return &s->var[i];
	return NULL;
}

/*
 * Expand ${text*N}, ${\xNN...} and known ${variables}. Leave the wildcards of a
 * pattern and unknown variables as they are. The result may hold NUL.
 */
static size_t
expand(struct scenario *s, const char *from, bool pattern, char *to)
{
	const char *end, *star, *p;
	struct var *v;
	size_t n, k, len;
	unsigned b;

	for (n = 0; *from != '\0' && n < LINE - 1; from++) {
		if (from[0] != '$' || from[1] != '{' ||
		    (end = strchr(from, '}')) == NULL) {
			to[n++] = *from;
			continue;
		}
		from += 2;
		len = (size_t)(end - from);
		for (star = end; star > from && *star != '*'; star--)
			;
		if (!pattern && from[0] == '\\') {
			for (p = from;
			     p + 3 < end + 1 && sscanf(p, "\\x%2x", &b) == 1;
			     p += 4)
				to[n++] = (char)b;
		} else if (star > from) {
			for (k = strtoul(star + 1, NULL, 10); k > 0; k--)
				for (p = from; p < star && n < LINE - 1; p++)
					to[n++] = *p;
		} else if ((v = var_find(s, from, len)) != NULL) {
			for (p = v->value; *p != '\0' && n < LINE - 1; p++)
				to[n++] = *p;
		} else {
			if (!pattern)
				fail(s, "no such variable: %.*s", (int)len,
				    from);
			for (p = from - 2; p <= end && n < LINE - 1; p++)
				to[n++] = *p;
		}
		from = end;
	}
	to[n] = '\0';
	return n;
}

static size_t
time_shape(const char *t)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	size_t i;

	for (i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)t[i])
				    : t[i] != shape[i])
			return 0;
	return i;
}

/*
 * Compare a line with an expanded pattern, and bind the variables that this
 * needs.
 */
static bool
match(struct scenario *s, const char *p, const char *t)
{
	const char *end, *name;
	struct var *v;
	size_t n, len;

	for (; *p != '\0'; p++, t++) {
		if (p[0] == '$' && p[1] == '{')
			break;
		if (*p != *t)
			return false;
	}
	if (*p == '\0')
		return *t == '\0';
	name = p + 2;
	if ((end = strchr(p, '}')) == NULL)
		return false;
	n = (size_t)(end - name);
	if (n == 3 && memcmp(name, "...", 3) == 0) {
		for (;; t++) {
			if (match(s, end + 1, t))
				return true;
			if (*t == '\0')
				return false;
		}
	}
	if (n == 4 && memcmp(name, "time", 4) == 0)
		return (len = time_shape(t)) > 0 && match(s, end + 1, t + len);
	/* ${\x00}: visible() wrote it in the same way */
	if (n > 0 && name[0] == '\\')
		return strncmp(p, t, n + 3) == 0 &&
		       match(s, end + 1, t + n + 3);
	if ((v = var_find(s, name, n)) != NULL)
		return strncmp(t, v->value, strlen(v->value)) == 0 &&
		       match(s, end + 1, t + strlen(v->value));
	for (len = 1;
	     t[len - 1] != '\0' && t[len - 1] != ' ' && t[len - 1] != ';';
	     len++) {
		if (n == 1 && *name == '#' &&
		    !isdigit((unsigned char)t[len - 1]))
			return false;
		if (!match(s, end + 1, t + len))
			continue;
		if (islower((unsigned char)*name) && s->nvars < VARS &&
		    n < sizeof(v->name) && len < sizeof(v->value)) {
			v = &s->var[s->nvars++];
			memcpy(v->name, name, n);
			v->name[n] = '\0';
			memcpy(v->value, t, len);
			v->value[len] = '\0';
		}
		return true;
	}
	return false;
}

/*
 * Print a line that came, as a line of a transcript. Parts that differ each
 * time become patterns.
 */
static void
print_line(FILE *f, const char *name, const char *t)
{
	size_t n;

	fprintf(f, "%s< ", name);
	while (*t != '\0') {
		if (strncmp(t, "time=", 5) == 0 && time_shape(t + 5) > 0) {
			fputs("time=${time}", f);
			t += 5 + time_shape(t + 5);
		} else if (strncmp(t, "msgid=", 6) == 0) {
			n = strcspn(t, "; ");
			fputs("msgid=${*}", f);
			t += n;
		} else
			fputc(*t++, f);
	}
	fputc('\n', f);
}

/* ---- running ---- */

/* Let each line that was not expected be a failure, or a line of the record. */
static void
sync_point(struct scenario *s)
{
	struct client *c;
	const char *line;
	size_t i;

	if (s->net == NULL || s->failed)
		return;
	for (i = 0; i < s->nclients && !s->failed; i++) {
		c = &s->client[i];
		while (s->recording && (line = queue_first(&c->q)) != NULL) {
			print_line(s->out, c->name, line);
			queue_pop(&c->q);
		}
		if ((line = queue_first(&c->q)) != NULL) {
			fail(s, "before this line, not expected: %s< %s",
			    c->name, line);
			show_pending(s);
		} else if (c->closed && c != s->control) {
			if (s->recording)
				fprintf(s->out, "%s CLOSED\n", c->name);
			else
				fail(s,
				    "before this line, not expected: "
				    "%s CLOSED",
				    c->name);
			c->closed = false;
			c->gone = true;
		}
		if (queue_first(&c->q) == NULL)
			queue_clear(&c->q);
	}
}

static void
run(struct scenario *s, int64_t ms)
{
	net_run(s->net, ms);
	if (s->net->failed)
		fail(s, "%s", "the network failed:");
}

static bool
is_edge(const struct scenario *s, unsigned a, unsigned b)
{
	if (a > b)
		return is_edge(s, b, a);
	switch (s->graph) {
	case GRAPH_LINE:
		return b == a + 1;
	case GRAPH_RING:
		return b == a + 1 || (a == 0 && b == s->n - 1);
	case GRAPH_FULL:
	case GRAPH_APART:
		return a != b;
	}
	return false;
}

/*
 * Return true if all links that can be up are up. *all tells if that is every
 * link: no server is down and no link is blocked.
 */
static bool
is_whole(const struct scenario *s, bool *all)
{
	unsigned a, b;
	bool whole = true;

	*all = true;
	for (a = 0; a < s->n; a++) {
		if (!net_is_up(s->net, a)) {
			*all = false;
			continue;
		}
		if (!core_is_ready(node_core(s->net->node[a].node)))
			whole = false;
		for (b = a + 1; b < s->n; b++) {
			if (!is_edge(s, a, b))
				continue;
			if (net_is_blocked(s->net, a, b))
				*all = false;
			else if (net_is_up(s->net, b) &&
				 !net_linked(s->net, a, b))
				whole = false;
		}
	}
	return whole;
}

static void
wait_whole(struct scenario *s)
{
	int64_t ms;
	bool all;

	for (ms = 0; ms < HEAL_MS && !s->net->failed; ms += 10) {
		if (is_whole(s, &all))
			break;
		net_run(s->net, 10);
	}
	if (ms >= HEAL_MS)
		fail(s, "the servers are not linked after %d s",
		    HEAL_MS / 1000);
	run(s, 500);
}

static void
ensure_started(struct scenario *s)
{
	unsigned a, b;

	if (s->started || s->failed)
		return;
	s->started = true;
	s->net = net_new(1, s->n);
	s->net->trace = s->trace;
	s->net->hooks = (struct net_hooks){
		.ctx = s,
		.heard = heard,
		.closed = closed,
		.logged = logged,
		.control = control,
		.stepped = stepped,
	};
	for (a = 0; a < s->n; a++)
		for (b = a + 1; s->graph == GRAPH_APART && b < s->n; b++)
			net_block(s->net, a, b, true);
	for (a = 0; a < s->n; a++) {
		net_setup(s->net, a, s->setup[a]);
		s->setup[a] = NULL;
	}
	for (a = 0; a < s->n; a++)
		net_start(s->net, a);
	wait_whole(s);
}

static void
make_setups(struct scenario *s)
{
	uint32_t dials;
	unsigned a, b;

	for (a = 0; a < s->n; a++) {
		dials = 0;
		for (b = a + 1; b < s->n; b++)
			if (is_edge(s, a, b))
				dials |= 1u << b;
		if (s->setup[a] == NULL)
			s->setup[a] = setup_new(a, s->n, dials);
	}
}

/* ---- clients ---- */

static struct client *
client_find(struct scenario *s, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < s->nclients; i++)
		if (strlen(s->client[i].name) == n &&
		    memcmp(s->client[i].name, name, n) == 0)
			return &s->client[i];
	return NULL;
}

static struct client *
client_new(struct scenario *s, const char *name, size_t n)
{
	struct client *c;

	c = client_find(s, name, n);
	if (c == NULL) {
		if (s->nclients == CLIENTS || n >= sizeof(c->name)) {
			fail(s, "too many clients");
			return NULL;
		}
		c = &s->client[s->nclients++];
		memcpy(c->name, name, n);
	} else if (c->c != NULL && c->c->open) {
		fail(s, "%s is connected", c->name);
		return NULL;
	}
	c->c = NULL;
	c->ignored = c->swallow = c->welcomed = c->closed = c->gone = false;
	queue_clear(&c->q);
	return c;
}

struct connect_options {
	char nick[128], user[128], real[256], caps[512], ip[64], pass[128];
	char cert[2], asked[64], gate[64];
	unsigned port;
	bool tls, web, ignore;
};

/* Read words `key=value`; real= takes the rest of the line. */
static bool
connect_options(struct scenario *s, const char *args, struct connect_options *o)
{
	const struct {
		const char *key;
		char *to;
		size_t max;
	} text[] = {
		{ "nick=", o->nick, sizeof(o->nick) },
		{ "user=", o->user, sizeof(o->user) },
		{ "caps=", o->caps, sizeof(o->caps) },
		{ "ip=", o->ip, sizeof(o->ip) },
		{ "pass=", o->pass, sizeof(o->pass) },
		{ "cert=", o->cert, sizeof(o->cert) },
		{ "asked=", o->asked, sizeof(o->asked) },
		{ "gate=", o->gate, sizeof(o->gate) },
	};
	size_t i, n;

	while (*(args += strspn(args, " ")) != '\0') {
		n = strcspn(args, " ");
		for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
			if (strncmp(args, text[i].key, strlen(text[i].key)) ==
			    0) {
				snprintf(text[i].to, text[i].max, "%.*s",
				    (int)(n - strlen(text[i].key)),
				    args + strlen(text[i].key));
				break;
			}
		if (i < sizeof(text) / sizeof(text[0]))
			;
		else if (strncmp(args, "port=", 5) == 0)
			o->port = (unsigned)strtoul(args + 5, NULL, 10);
		else if (n == 3 && memcmp(args, "tls", 3) == 0)
			o->tls = true;
		else if (n == 3 && memcmp(args, "web", 3) == 0)
			o->web = true;
		else if (n == 6 && memcmp(args, "ignore", 6) == 0)
			o->ignore = true;
		else if (strncmp(args, "real=", 5) == 0) {
			snprintf(o->real, sizeof(o->real), "%s", args + 5);
			return true;
		} else {
			fail(s, "what is `%.*s'?", (int)n, args);
			return false;
		}
		args += n;
	}
	return true;
}

static void sayf(struct client *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
sayf(struct client *c, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	net_client_say(c->c, line);
}

static void
connect_register(struct scenario *s, struct client *c,
    struct connect_options *o)
{
	char *p;

	c->swallow = true;
	if (o->pass[0] != '\0')
		sayf(c, "PASS %s", o->pass);
	if (o->caps[0] != '\0') {
		for (p = o->caps; *p != '\0'; p++)
			if (*p == ',')
				*p = ' ';
		sayf(c, "CAP REQ :%s", o->caps);
	}
	sayf(c, "NICK %s", o->nick);
	sayf(c, "USER %s 0 * :%s", o->user, o->real);
	if (o->caps[0] != '\0')
		sayf(c, "CAP END");
	run(s, SETTLE_MS);
	c->swallow = false;
	if (c->welcomed) {
		queue_clear(&c->q);
		return;
	}
	if (s->recording)
		return;
	fail(s, "%s is not welcomed", c->name);
	show_pending(s);
}

static void
do_connect(struct scenario *s, const char *name, size_t n, unsigned node,
    const char *args, bool registers)
{
	struct connect_options o = { .port = 6667 };
	struct client *c;
	struct addr addr;

	if (node < 1 || node > s->n) {
		fail(s, "there is no server %u", node);
		return;
	}
	if ((c = client_new(s, name, n)) == NULL)
		return;
	snprintf(o.nick, sizeof(o.nick), "%s", c->name);
	snprintf(o.user, sizeof(o.user), "%s", c->name);
	snprintf(o.real, sizeof(o.real), "Real %s", c->name);
	snprintf(o.ip, sizeof(o.ip), "127.0.0.1");
	if (!connect_options(s, args, &o))
		return;
	if (!addr_parse(span_of(o.ip), &addr)) {
		fail(s, "not an address: %s", o.ip);
		return;
	}
	c->ignored = o.ignore;
	s->net->cert = o.cert[0];
	s->net->asked = o.asked;
	s->net->web = o.web;
	s->net->by = o.gate;
	c->c = net_connect(s->net, node - 1, addr, (uint16_t)o.port, o.tls, c);
	s->net->cert = '\0';
	s->net->asked = "";
	s->net->web = false;
	s->net->by = "";
	/*
	 * The lines that the server sent while it opened the connection are in
	 * the queue already: c->c was not set then, but ctx was.
	 */
	if (registers)
		connect_register(s, c, &o);
	else
		run(s, SETTLE_MS);
}

/* ---- directives ---- */

static unsigned
server_of(struct scenario *s, const char **args)
{
	unsigned n;
	char *end;

	n = (unsigned)strtoul(*args, &end, 10);
	if (end == *args || n < 1 || n > s->n) {
		fail(s, "expected the number of a server: %s", *args);
		return 0;
	}
	*args = end + strspn(end, " ");
	return n - 1;
}

static int64_t
duration(struct scenario *s, const char *args)
{
	char *end;
	double v;

	v = strtod(args, &end);
	if (strcmp(end, "ms") == 0)
		return (int64_t)v;
	if (strcmp(end, "s") == 0)
		return (int64_t)(v * 1000);
	if (strcmp(end, "m") == 0)
		return (int64_t)(v * 60000);
	if (strcmp(end, "h") == 0)
		return (int64_t)(v * 3600000);
	fail(s, "expected a time such as 500ms, 5s, 2m, 1h: %s", args);
	return 0;
}

static void
do_servers(struct scenario *s, const char *args)
{
	char graph[16] = "line";
	unsigned n;

	if (s->started || s->setup[0] != NULL) {
		fail(s, "`servers' comes first");
		return;
	}
	if (sscanf(args, "%u %15s", &n, graph) < 1 || n < 1 || n > NET_NODES) {
		fail(s, "servers: 1 to %d", NET_NODES);
		return;
	}
	s->n = n;
	if (strcmp(graph, "line") == 0)
		s->graph = GRAPH_LINE;
	else if (strcmp(graph, "ring") == 0)
		s->graph = GRAPH_RING;
	else if (strcmp(graph, "full") == 0)
		s->graph = GRAPH_FULL;
	else if (strcmp(graph, "apart") == 0)
		s->graph = GRAPH_APART;
	else
		fail(s, "servers: line, ring, full or apart");
}

/* Return the setup of server i with another value of an option: a copy, if the
 * server may read the one it has. */
static struct setup *
changed_setup(struct scenario *s, unsigned i, const char *args)
{
	struct setup *set =
	    s->started ? setup_copy(s->net->node[i].setup) : s->setup[i];
	char name[64];
	int used;

	if (sscanf(args, "%63s %n", name, &used) < 1)
		fail(s, "expected OPTION VALUE");
	else if (!setup_set(set, name, args + used))
		fail(s, "no option %s, or not this value", name);
	return set;
}

static void
do_set(struct scenario *s, const char *args)
{
	struct setup *set;
	unsigned i, only;

	only = NET_NODES;
	if (isdigit((unsigned char)*args))
		only = server_of(s, &args);
	make_setups(s);
	for (i = 0; i < s->n && !s->failed; i++) {
		if (only != NET_NODES && only != i)
			continue;
		set = changed_setup(s, i, args);
		if (s->started)
			net_reload(s->net, i, set);
	}
	if (s->started)
		run(s, SETTLE_MS);
}

static void
do_advance(struct scenario *s, const char *args)
{
	run(s, duration(s, args));
}

static void
pair(struct scenario *s, const char *args, unsigned *a, unsigned *b)
{
	*a = server_of(s, &args);
	*b = s->failed ? 0 : server_of(s, &args);
}

static void
do_cut(struct scenario *s, const char *args)
{
	unsigned a, b;

	pair(s, args, &a, &b);
	net_block(s->net, a, b, true);
	net_cut(s->net, a, b, CUT_RESET);
	run(s, SETTLE_MS);
}

static void
do_silence(struct scenario *s, const char *args)
{
	unsigned a, b;

	pair(s, args, &a, &b);
	net_block(s->net, a, b, true);
	net_cut(s->net, a, b, CUT_DARK);
	run(s, SETTLE_MS);
}

static void
do_blink(struct scenario *s, const char *args)
{
	unsigned a, b;

	pair(s, args, &a, &b);
	net_cut(s->net, a, b, CUT_RESET);
	run(s, SETTLE_MS);
	wait_whole(s);
}

static void
do_heal(struct scenario *s, const char *args)
{
	unsigned a, b;

	if (*args != '\0') {
		pair(s, args, &a, &b);
		net_block(s->net, a, b, false);
	} else
		for (a = 0; a < s->n; a++)
			for (b = a + 1; b < s->n; b++)
				net_block(s->net, a, b, false);
	wait_whole(s);
}

static void
do_unblock(struct scenario *s, const char *args)
{
	unsigned a, b;

	pair(s, args, &a, &b);
	net_block(s->net, a, b, false);
}

/*
 * `split 1 2 | 3 4` cuts every link between the left servers and the right
 * ones.
 */
static void
do_split(struct scenario *s, const char *args)
{
	uint32_t left;
	unsigned a, b;

	left = 0;
	while (*args != '|' && *args != '\0' && !s->failed)
		left |= 1u << server_of(s, &args);
	for (a = 0; a < s->n; a++)
		for (b = 0; b < s->n; b++)
			if ((left >> a & 1) != 0 && (left >> b & 1) == 0) {
				net_block(s->net, a, b, true);
				net_cut(s->net, a, b, CUT_RESET);
			}
	run(s, SETTLE_MS);
}

static void
end_server(struct scenario *s, const char *args,
    void (*end)(struct net *, unsigned))
{
	unsigned i;
	size_t k;

	i = server_of(s, &args);
	for (k = 0; k < s->nclients; k++)
		if (s->client[k].c != NULL && s->client[k].c->node == i)
			s->client[k].gone = true;
	end(s->net, i);
	run(s, SETTLE_MS);
}

static void
do_kill(struct scenario *s, const char *args)
{
	end_server(s, args, net_crash);
}

static void
do_stop(struct scenario *s, const char *args)
{
	end_server(s, args, net_stop);
}

static void
do_start(struct scenario *s, const char *args)
{
	unsigned i;

	i = server_of(s, &args);
	if (net_is_up(s->net, i)) {
		fail(s, "server %u is running", i + 1);
		return;
	}
	net_start(s->net, i);
	wait_whole(s);
}

/* Clients that have not registered are ended, and then those with something
 * under way. */
static void
do_go_on(struct scenario *s, const char *args)
{
	unsigned i = server_of(s, &args);

	if (*args != '\0')
		s->net->node[i].setup = changed_setup(s, i, args);
	for (unsigned tries = 0; tries < 3; tries++) {
		if (net_go_on(s->net, i)) {
			wait_whole(s);
			return;
		}
		net_end_busy(s->net, i, tries > 0);
		run(s, SETTLE_MS);
	}
	fail(s, "server %u cannot go on: %s", i + 1,
	    handover_awaits(s->net->node[i].node));
}

static void
do_clock(struct scenario *s, const char *args)
{
	unsigned i;
	int64_t sign;

	i = server_of(s, &args);
	sign = *args == '-' ? -1 : 1;
	s->net->node[i].skew_ms =
	    sign * duration(s, args + (*args == '-' || *args == '+'));
}

static void
do_host(struct scenario *s, const char *args)
{
	size_t n = strcspn(args, " ");
	struct addr addr;

	if (args[n] == ' ' && span_eq(span_make(args, n), SPAN("silent")))
		net_name(s->net, NET_SILENT, (struct addr){ 0 }, args + n + 1);
	else if (args[n] != ' ' || !addr_parse(span_make(args, n), &addr))
		fail(s, "host ADDRESS NAME");
	else
		net_name(s->net, NET_HOST, addr, args + n + 1);
}

static void
do_country(struct scenario *s, const char *args)
{
	size_t n = strcspn(args, " ");
	struct addr addr;

	if (args[n] != ' ' || !addr_parse(span_make(args, n), &addr))
		fail(s, "country ADDRESS CODE");
	else
		net_name(s->net, NET_COUNTRY, addr, args + n + 1);
}

/* Forget what DNS has been told. */
static void
do_forget_hosts(struct scenario *s, const char *args)
{
	if (*args != '\0')
		fail(s, "forget_hosts");
	s->net->nnames = 0;
}

static void
do_reading(struct scenario *s, const char *args)
{
	s->net->reading_ns = duration(s, args) * NS_PER_MS;
}

/* Forget what server i has logged so far. */
static void
drop_logs(struct scenario *s, unsigned i)
{
	size_t k, n;

	n = s->nlogs;
	s->nlogs = 0;
	for (k = 0; k < n; k++)
		if (s->log[k].node != i)
			s->log[s->nlogs++] = s->log[k];
}

/* Check that the server has logged nothing of that row since its last `log` or
 * `unlogged` line. */
static void
do_unlogged(struct scenario *s, const char *args)
{
	char row[64] = "";
	const struct logged *l;
	unsigned i;
	size_t k;
	int used;

	i = server_of(s, &args);
	used = 0;
	sscanf(args, "%63s %n", row, &used);
	for (k = 0; k < s->nlogs; k++) {
		l = &s->log[k];
		if (l->node == i && strcmp(log_row_name(l->row), row) == 0 &&
		    strstr(l->text, args + used) != NULL)
			fail(s, "server %u has logged: %s %s", i + 1, args,
			    l->text);
	}
	drop_logs(s, i);
}

/* Check that the server has logged the row since its last `log` line that found
 * one. */
static void
do_log(struct scenario *s, const char *args)
{
	char row[64] = "";
	const struct logged *l;
	unsigned i;
	size_t k;
	int used;

	i = server_of(s, &args);
	used = 0;
	sscanf(args, "%63s %n", row, &used);
	for (k = 0; k < s->nlogs; k++) {
		l = &s->log[k];
		if (l->node == i && strcmp(log_row_name(l->row), row) == 0 &&
		    strstr(l->text, args + used) != NULL) {
			drop_logs(s, i);
			return;
		}
	}
	fail(s, "server %u has not logged: %s", i + 1, args);
	for (k = 0; k < s->nlogs; k++)
		fprintf(s->out, "\tlogged: %u %s %s\n", s->log[k].node + 1,
		    log_row_name(s->log[k].row), s->log[k].text);
}

static void
do_control(struct scenario *s, const char *args)
{
	unsigned i;

	i = server_of(s, &args);
	net_control(s->net, i, 1, span_of(args));
	run(s, SETTLE_MS);
}

static void
compare(struct scenario *s, const char *what, unsigned a, unsigned b,
    struct span x, struct span y)
{
	struct span lx, ly;

	if (span_eq(x, y) || s->failed)
		return;
	fail(s, "%s of s%u and s%u differ:", what, a + 1, b + 1);
	while (x.n > 0 || y.n > 0) {
		lx = x;
		ly = y;
		lx = span_cut(&x, '\n');
		ly = span_cut(&y, '\n');
		if (!span_eq(lx, ly))
			fprintf(s->out, "\ts%u: %.*s\n\ts%u: %.*s\n", a + 1,
			    SPAN_ARG(lx), b + 1, SPAN_ARG(ly));
	}
}

static void
do_equal(struct scenario *s, const char *args)
{
	const struct core *first, *other;
	struct arena *a = s->net->arena;
	unsigned i, base;

	(void)args;
	base = NET_NODES;
	for (i = 0; i < s->n; i++) {
		if (!net_is_up(s->net, i))
			continue;
		if (base == NET_NODES) {
			base = i;
			continue;
		}
		first = node_core(s->net->node[base].node);
		other = node_core(s->net->node[i].node);
		compare(s, "the facts", base, i, core_canon(first, a),
		    core_canon(other, a));
		compare(s, "the shown states", base, i,
		    core_canon_shown(first, a), core_canon_shown(other, a));
	}
}

static const struct directive {
	const char *name;
	void (*fn)(struct scenario *, const char *args);
	bool starts;
} directives[] = {
	{ "servers", do_servers, false },
	{ "set", do_set, false },
	{ "advance", do_advance, true },
	{ "cut", do_cut, true },
	{ "silence", do_silence, true },
	{ "blink", do_blink, true },
	{ "split", do_split, true },
	{ "heal", do_heal, true },
	{ "unblock", do_unblock, true },
	{ "kill", do_kill, true },
	{ "stop", do_stop, true },
	{ "start", do_start, true },
	{ "go_on", do_go_on, true },
	{ "clock", do_clock, true },
	{ "host", do_host, true },
	{ "forget_hosts", do_forget_hosts, true },
	{ "country", do_country, true },
	{ "reading", do_reading, true },
	{ "log", do_log, true },
	{ "unlogged", do_unlogged, true },
	{ "control", do_control, true },
	{ "equal", do_equal, true },
};

/* ---- lines of the transcript ---- */

enum expect { EXPECT_NEXT, EXPECT_SKIPPING, EXPECT_SEVERAL };

/* Take the lines that an expectation fits; return how many. */
static unsigned
take_fitting(struct scenario *s, struct client *c, const char *pattern,
    enum expect how)
{
	char want[LINE];
	const char *line;
	unsigned n = 0;

	expand(s, pattern, true, want);
	while (how == EXPECT_SKIPPING && (line = queue_first(&c->q)) != NULL &&
	       !match(s, want, line))
		queue_pop(&c->q);
	while ((n == 0 || how == EXPECT_SEVERAL) &&
	       (line = queue_first(&c->q)) != NULL && match(s, want, line)) {
		queue_pop(&c->q);
		n++;
	}
	return n;
}

static void
do_expect(struct scenario *s, struct client *c, const char *source,
    const char *pattern, enum expect how)
{
	const char *line;

	if (take_fitting(s, c, pattern, how) > 0) {
		if (s->recording)
			fprintf(s->out, "%s\n", source);
		return;
	}
	if (s->recording)
		return;
	fail(s, "expected: %s", source);
	fprintf(s->out, "\tgot:      ");
	line = queue_first(&c->q);
	if (line == NULL)
		fprintf(s->out, "nothing\n");
	else
		print_line(s->out, c->name, line);
	if (line != NULL)
		queue_pop(&c->q);
	show_pending(s);
}

static void
do_say(struct scenario *s, struct client *c, const char *text, bool wait)
{
	char line[LINE];
	size_t n;

	if (c->c == NULL || !c->c->open) {
		fail(s, "%s is not connected", c->name);
		return;
	}
	n = expand(s, text, false, line);
	net_client_send(c->c, span_make(line, n));
	net_client_send(c->c, SPAN("\r\n"));
	if (wait)
		run(s, SETTLE_MS);
}

static void
expect_closed(struct scenario *s, struct client *c)
{
	const char *line;

	if ((line = queue_first(&c->q)) != NULL) {
		fail(s, "%s was sent more before it was closed: %s", c->name,
		    line);
		show_pending(s);
	} else if (!c->closed)
		fail(s, "%s is not closed", c->name);
	c->closed = false;
	c->gone = true;
}

/* Carry out NAME VERB [args]: an act of a client other than sending lines. */
static bool
do_client_verb(struct scenario *s, struct client *c, const char *verb)
{
	if (strncmp(verb, "DROP", 4) == 0) {
		sync_point(s);
		c->gone = true;
		net_client_drop(c->c,
		    verb[4] == ' ' ? verb + 5 : "Connection reset");
		run(s, SETTLE_MS);
	} else if (strcmp(verb, "HOLD") == 0) {
		sync_point(s);
		c->gone = true;
		net_client_hold(c->c);
		run(s, SETTLE_MS);
	} else if (strcmp(verb, "DEAF") == 0)
		net_client_deaf(c->c, true);
	else if (strcmp(verb, "READS") == 0) {
		net_client_deaf(c->c, false);
		run(s, SETTLE_MS);
	} else
		return false;
	return true;
}

static void
client_line(struct scenario *s, struct client *c, const char *source,
    const char *rest)
{
	bool more, action;

	action =
	    rest[0] == '>' || (rest[0] == ' ' && strcmp(rest, " CLOSED") != 0);
	if (action) {
		sync_point(s);
		if (s->recording)
			fprintf(s->out, "%s\n", source);
	}
	if (s->failed)
		return;
	more = rest[0] == '>' && rest[1] == '+';
	if (rest[0] == '>' && rest[1 + more] == ' ')
		do_say(s, c, rest + 2 + more, !more);
	else if (rest[0] == '>' && rest[1 + more] == '\0')
		do_say(s, c, "", !more);
	else if (rest[0] == '<' && rest[1] == '~' && rest[2] == ' ')
		do_expect(s, c, source, rest + 3, EXPECT_SKIPPING);
	else if (rest[0] == '<' && rest[1] == '*' && rest[2] == ' ')
		do_expect(s, c, source, rest + 3, EXPECT_SEVERAL);
	else if (rest[0] == '<' && rest[1] == ' ')
		do_expect(s, c, source, rest + 2, EXPECT_NEXT);
	else if (strcmp(rest, "-") == 0) {
		if (s->recording)
			sync_point(s);
		if (s->recording)
			fprintf(s->out, "%s\n", source);
		if (queue_first(&c->q) != NULL)
			fail(s, "%s was sent more: %s", c->name,
			    queue_first(&c->q));
	} else if (strcmp(rest, "~") == 0) {
		queue_clear(&c->q);
		if (s->recording)
			fprintf(s->out, "%s\n", source);
	} else if (strcmp(rest, " CLOSED") == 0) {
		if (!s->recording)
			expect_closed(s, c);
	} else if (rest[0] != ' ' || c->c == NULL ||
		   !do_client_verb(s, c, rest + 1))
		fail(s, "not understood: %s", source);
}

static void
connect_line(struct scenario *s, const char *source, size_t n)
{
	char verb[16];
	unsigned node;
	int used;

	used = 0;
	if (sscanf(source + n, "@%u %15s %n", &node, verb, &used) < 2 ||
	    (strcmp(verb, "CONNECT") != 0 && strcmp(verb, "OPEN") != 0)) {
		fail(s, "expected: NAME@SERVER CONNECT or OPEN");
		return;
	}
	ensure_started(s);
	sync_point(s);
	if (s->recording)
		fprintf(s->out, "%s\n", source);
	do_connect(s, source, n, node, source + n + used,
	    strcmp(verb, "CONNECT") == 0);
}

static void
do_line(struct scenario *s, const char *line)
{
	const struct directive *d;
	struct client *c;
	const char *args;
	size_t i, n;

	if (line[0] == '\0' || line[0] == '#') {
		if (s->recording) {
			sync_point(s);
			fprintf(s->out, "%s\n", line);
		}
		return;
	}
	n = strspn(line, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	if (line[n] == '@') {
		connect_line(s, line, n);
		return;
	}
	if ((c = client_find(s, line, n)) != NULL &&
	    (c != s->control || line[n] != ' ')) {
		client_line(s, c, line, line + n);
		return;
	}
	for (i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
		d = &directives[i];
		if (strlen(d->name) != n || memcmp(d->name, line, n) != 0)
			continue;
		if (d->starts)
			ensure_started(s);
		sync_point(s);
		if (s->recording)
			fprintf(s->out, "%s\n", line);
		args = line + n + strspn(line + n, " ");
		if (!s->failed)
			d->fn(s, args);
		if (!s->started && !s->failed && d->fn == do_servers)
			make_setups(s);
		return;
	}
	fail(s, "not understood: %s", line);
}

static void
finish(struct scenario *s)
{
	bool all;
	size_t i;

	s->lineno++;
	sync_point(s);
	if (s->net != NULL && !s->failed) {
		run(s, SETTLE_MS);
		sync_point(s);
	}
	if (s->net != NULL && !s->failed && is_whole(s, &all) && all)
		do_equal(s, "");
	if (!s->started && !s->failed)
		fail(s, "nothing happens in it");
	for (i = 0; i < s->nclients; i++) {
		queue_clear(&s->client[i].q);
		free(s->client[i].q.v);
	}
	net_free(s->net);
	for (i = 0; i < NET_NODES; i++)
		setup_free(s->setup[i]);
	free(s->log);
}

bool
scenario_run(const char *path, bool record, FILE *out, FILE *trace)
{
	struct scenario *s;
	char *line;
	size_t cap;
	ssize_t n;
	FILE *f;
	bool ok;

	s = mem_zalloc(sizeof(*s));
	s->path = path;
	s->recording = record;
	s->out = out;
	s->trace = trace;
	s->n = 1;
	s->log = mem_array(NULL, LOGS, sizeof(*s->log));
	s->control = client_new(s, "control", 7);
	line = NULL;
	cap = 0;
	if ((f = fopen(path, "r")) == NULL)
		fail(s, "cannot be read");
	while (!s->failed && (n = getline(&line, &cap, f)) >= 0) {
		s->lineno++;
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (s->lineno == 1 || s->setup[0] != NULL || s->started ||
		    strncmp(line, "servers", 7) == 0 || line[0] == '#' ||
		    line[0] == '\0')
			;
		else
			make_setups(s);
		do_line(s, line);
	}
	finish(s);
	ok = !s->failed;
	if (f != NULL)
		fclose(f);
	free(line);
	free(s);
	return ok;
}
