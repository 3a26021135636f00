/*
 * The environment names the text: "PROCESS DESCRIPTOR". A child of that process
 * has the same environment, but no such descriptor.
 */
#include "daemon/takeover.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/endpoint.h"
#include "daemon/keeper.h"
#include "daemon/kept.h"
#include "daemon/pump.h"
#include "daemon/stay.h"
#include "node/handover.h"

#define NAME "BANYAND_KEPT"
#define COME_BACK "ERROR :Server is starting again, please come back\r\n"

struct takeover {
	char *map; /* the text; NULL: it cannot be read */
	size_t len;
	const char *why; /* it cannot be taken; NULL: it can */
	struct kept_run run;
	struct span node;
	struct kept_conn *conn;
	size_t n, cap;
};

bool
takeover_give(int fd)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "%ld %d", (long)getpid(), fd);
	return setenv(NAME, text, 1) == 0;
}

/* ---- the text ------------------------------------------------------------ */

/* Return the descriptor of the text, or -1. */
static int
named(void)
{
	const char *text = getenv(NAME);
	long pid = 0;
	int fd = -1;

	if (text == NULL || sscanf(text, "%ld %d", &pid, &fd) != 2 ||
	    pid != (long)getpid())
		fd = -1;
	(void)unsetenv(NAME);
	return fd;
}

static struct span
map_text(struct takeover *t, int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size == 0)
		return SPAN_NONE;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return SPAN_NONE;
	t->map = p;
	t->len = (size_t)st.st_size;
	return span_make(p, t->len);
}

/* A program that is run by this one must not have the descriptor. */
static bool
is_socket(int fd)
{
	struct stat st;

	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fstat(fd, &st) == 0 &&
	       S_ISSOCK(st.st_mode);
}

static void
read_text(struct takeover *t, struct span text)
{
	struct kept_conn k;
	enum kept_part part;

	t->run.state.lock = -1;
	t->why = "the text is damaged, or of another format";
	if (!kept_begin(&text, &t->run, &t->node))
		return;
	if (t->run.state.lock >= 0)
		(void)fcntl(t->run.state.lock, F_SETFD, FD_CLOEXEC);
	while ((part = kept_next(&text, &k)) == KEPT_CONN) {
		if (!is_socket(k.fd))
			continue;
		if (t->n == t->cap)
			t->conn =
			    mem_grow(t->conn, &t->cap, 64, sizeof(*t->conn));
		t->conn[t->n++] = k;
	}
	if (part == KEPT_END)
		t->why = NULL;
}

/* ---- clients that are lost ----------------------------------------------- */

static void
drop_conns(struct takeover *t)
{
	for (size_t i = 0; i < t->n; i++) {
		(void)send(t->conn[i].fd, COME_BACK, strlen(COME_BACK),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		(void)close(t->conn[i].fd);
	}
	t->n = 0;
}

void
takeover_free(struct takeover *t)
{
	if (t == NULL)
		return;
	drop_conns(t);
	if (t->run.state.lock >= 0)
		(void)close(t->run.state.lock);
	if (t->map != NULL)
		(void)munmap(t->map, t->len);
	free(t->conn);
	free(t);
}

/* Return true for a connection, and for the lock of a state directory. */
static bool
is_left(int fd)
{
	socklen_t len = sizeof(int);
	struct stat st;
	int listens = 1;

	if (fd <= STDERR_FILENO || fstat(fd, &st) != 0)
		return false;
	if (S_ISSOCK(st.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens,
			   &len) == 0 &&
		       !listens;
	return S_ISDIR(st.st_mode);
}

/* Close what the text does not say: it cannot be read, and nothing else has
 * opened such a descriptor yet. */
static void
close_others(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *d;
	int fd;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		fd = atoi(d->d_name);
		if (fd != dirfd(dir) && is_left(fd))
			(void)close(fd);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

struct takeover *
takeover_new(void)
{
	struct takeover *t;
	int fd = named();

	if (fd < 0)
		return NULL;
	t = mem_zalloc(sizeof(*t));
	read_text(t, map_text(t, fd));
	(void)close(fd);
	if (t->why != NULL) {
		drop_conns(t);
		close_others();
		t->run.state.lock = -1;
	}
	return t;
}

static void
give_up(struct banyand *bd, const char *why)
{
	logger_with(&bd->log, LOG_NOT_KEPT, { "why", span_of(why) });
	takeover_free(bd->takeover);
	bd->takeover = NULL;
}

/* ---- the run goes on ----------------------------------------------------- */

bool
takeover_state(struct banyand *bd)
{
	struct takeover *t = bd->takeover;
	char *dir, why[STATE_WHY_LEN];
	bool ok;

	if (t == NULL)
		return false;
	if (t->why != NULL) {
		give_up(bd, t->why);
		return false;
	}
	dir = span_dup(bd->conf->state);
	ok = state_resume(&bd->state, dir, &t->run.state, why);
	t->run.state.lock = -1; /* it is the state's */
	free(dir);
	if (ok)
		return true;
	give_up(bd, why);
	state_close(&bd->state);
	return false;
}

/* Let the node take its text. Return false after logging why it does not. */
static bool
take(struct banyand *bd, const struct takeover *t)
{
	struct handover h = { .text = t->node,
		.settings = &bd->conf->settings,
		.now = loop_now(bd->loop),
		.wall = loop_wall(bd->loop) };
	struct handover_fault fault;
	char why[256];

	if (getrandom(h.seed, sizeof(h.seed), 0) != (ssize_t)sizeof(h.seed))
		abort();
	if (handover_take(bd->node, &h, &bd->fx, &fault))
		return true;
	effects_clear(&bd->fx);
	(void)snprintf(why, sizeof(why), "line %zu: %s", fault.line, fault.why);
	give_up(bd, why);
	return false;
}

static size_t
adopt_conns(struct banyand *bd, struct takeover *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += endpoint_adopt(bd, &t->conn[i]);
	t->n = 0;
	slots_begin(&bd->slots, t->run.gen);
	return n;
}

/* Tell the node of the connections that did not stay: their users are held. */
static size_t
tell_lost(struct banyand *bd)
{
	struct event ev = { .kind = EV_CONN_HELD };
	struct conn_id id, *lost = NULL;
	size_t n = 0, cap = 0;
	uint32_t i = 0;

	while (handover_next_client(bd->node, &i, &id)) {
		if (endpoint_find(bd, id) != NULL)
			continue;
		if (n == cap)
			lost = mem_grow(lost, &cap, 64, sizeof(*lost));
		lost[n++] = id;
	}
	ev.u.closed.reason = SPAN("Server is starting again");
	for (size_t k = 0; k < n; k++) {
		ev.conn = lost[k];
		pump_event(bd, &ev);
	}
	free(lost);
	return n;
}

bool
takeover_node(struct banyand *bd)
{
	struct takeover *t = bd->takeover;
	size_t kept, ended;

	if (!take(bd, t)) {
		node_free(bd->node);
		bd->node = node_new();
		return false;
	}
	kept = adopt_conns(bd, t);
	takeover_free(t);
	bd->takeover = NULL;
	pump_carry(bd);
	ended = tell_lost(bd);
	keeper_load(bd->keeper);
	stay_log(bd, LOG_TAKEN_OVER, kept, ended);
	return true;
}
