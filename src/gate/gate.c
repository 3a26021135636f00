/*
 * Start and stop, and what is done in pieces at the end of each turn of the
 * loop: clients of trunks that have ended, and clients that wait for a trunk.
 */
#include "gate/gate.h"

#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate/client.h"
#include "gate/control.h"
#include "gate/metrics.h"
#include "gate/names.h"
#include "gate/port.h"
#include "gate/reload.h"
#include "gate/server.h"
#include "gate/trunk.h"
#include "host/pidfile.h"
#include "host/process.h"

#define FDS_RESERVED 192 /* of trunks and the operator, not of clients */
#define STOP_MS 2000	 /* to flush what is queued */
#define CLIENTS_PER_TURN 256
/* With fewer clients than this, a system call for each costs no more. */
#define SENDS_FEW 4

static bool
refuse(struct gate *g, enum log_row row, const char *why)
{
	logger_with(&g->log, row, { "why", span_of(why) });
	/* an operator who starts it by hand does not look into the log file */
	if (g->conf->log_file.n > 0)
		(void)fprintf(stderr, "banyan-gate: %s\n", why);
	return false;
}

/* ---- rights, pid file ------------------------------------------------ */

static bool
drop_rights(struct gate *g, uid_t uid, gid_t gid)
{
	if (geteuid() != 0)
		return true;
	if (uid == (uid_t)-1) {
		logger_row(&g->log, LOG_RUNS_AS_ROOT, NULL, 0);
		return true;
	}
	return process_become(g->conf->user, uid, gid)
		   ? true
		   : refuse(g, LOG_START_FAILED, "cannot become `user`");
}

static bool
write_pid(struct gate *g)
{
	char *path = span_dup(g->conf->pidfile);
	bool ok = path[0] == '\0' || pidfile_put(path);

	free(path);
	g->has_pid = ok;
	return ok ? true
		  : refuse(g, LOG_START_FAILED, "cannot write the pid file");
}

static void
remove_pid(struct gate *g)
{
	char *path = span_dup(g->conf->pidfile);

	if (path[0] != '\0')
		(void)unlink(path);
	free(path);
}

/* ---- start ----------------------------------------------------------- */

/* Trunks, files and the operator have some descriptors of their own. */
static void
raise_fds(struct gate *g)
{
	int max = process_raise_fds();

	g->client_fds = max - (max / 8 < FDS_RESERVED ? max / 8 : FDS_RESERVED);
}

static void
signalled(void *ctx, int signo)
{
	struct gate *g = ctx;

	if (signo == SIGHUP)
		(void)gate_reload(g, NULL);
	else
		gate_stop(g, SPAN("The gate is going down"));
}

static bool
watch_signals(struct gate *g)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	return loop_signals(g->loop, &set, signalled, g)
		   ? true
		   : refuse(g, LOG_START_FAILED, "cannot make a signalfd");
}

static bool
open_ports(struct gate *g)
{
	char why[REPORT_TEXT + PATH_MAX];
	struct conf_report report;
	struct writer w;
	bool ok;

	conf_report_init(&report);
	ok = ports_prepare(g, g->conf, &report);
	if (ok) {
		ports_commit(g, g->conf);
		if (inherit_close(&g->inherited) > 0)
			logger_row(&g->log, LOG_SOCKET_UNUSED, NULL, 0);
	} else {
		writer_init(&w, why, sizeof(why) - 1);
		conf_problem_build(&w, &report.v[0]);
		why[w.n] = '\0';
		(void)refuse(g, LOG_LISTEN_FAILED, why);
	}
	conf_report_fini(&report);
	return ok;
}

static bool
open_world(struct gate *g, uid_t uid, gid_t gid)
{
	char why[LISTEN_WHY_LEN];

	raise_fds(g);
	ports_init(g);
	if (!watch_signals(g) || !open_ports(g) || !write_pid(g) ||
	    !drop_rights(g, uid, gid))
		return false;
	g->control = gate_control_new(g, why);
	return g->control != NULL ? true : refuse(g, LOG_LISTEN_FAILED, why);
}

/* Repeat the warnings about the configuration in the log, if that is a file: so
 * far they were printed only. */
static void
log_warnings(struct gate *g, const struct conf_report *r)
{
	char text[REPORT_TEXT + PATH_MAX];
	struct writer w;

	for (size_t i = 0; g->conf->log_file.n > 0 && i < r->n; i++) {
		writer_init(&w, text, sizeof(text));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&g->log, LOG_CONFIG_WARNING,
		    { "why", writer_done(&w) });
	}
}

/* Lines to many clients go out together if the system has the means. */
static void
join_sends(struct gate *g)
{
	bool joined = streams_join_sends(g->streams, SENDS_FEW);

	logger_with(&g->log, LOG_SENDS,
	    { "by", joined ? SPAN("io_uring") : SPAN("one by one") });
}

static void
heard(void *ctx, const struct log_event *e, bool of_node)
{
	struct gate *g = ctx;

	(void)of_node;
	gate_control_event(g->control, e);
}

static void
work(struct hook *h)
{
	struct gate *g =
	    (struct gate *)(void *)((char *)h - offsetof(struct gate, turn));

	h->busy = false; /* until something below needs another turn */
	if (trunks_work(g, CLIENTS_PER_TURN))
		gate_has_work(g);
	if (clients_seat(g, CLIENTS_PER_TURN))
		gate_has_work(g);
}

void
gate_set_network(struct gate *g, struct span name)
{
	name = span_head(name, sizeof(g->network) - 1);
	if (name.n > 0)
		memcpy(g->network, name.p, name.n);
	g->network[name.n] = '\0';
}

void
gate_has_work(struct gate *g)
{
	g->turn.busy = true;
}

/* Set what is neither zero nor taken from the configuration: gate_fini() then
 * frees what was made, wherever the start fails. */
static void
init(struct gate *g)
{
	unsigned char seed[RNG_SEED];

	randombytes_buf(seed, sizeof(seed));
	rng_seed_bytes(&g->rng, seed);
	LIST_INIT(&g->ports);
	LIST_INIT(&g->new_ports);
	LIST_INIT(&g->servers);
	LIST_INIT(&g->trunks);
	place_net_init(&g->net);
	clients_init(g);
	logger_init(&g->log);
	logger_set_hearer(&g->log, heard, g);
	g->turn.turn = work;
}

bool
gate_start(struct gate *g, struct gate_loaded *l, const char *conf_path)
{
	int fd;

	g->conf_path = conf_path;
	init(g);
	fd = gate_take(g, l);
	gate_set_network(g, g->conf->network);
	inherit_read(&g->inherited);
	gate_apply_log(g, -1);
	if (!logger_start(&g->log, fd >= 0 ? fd : STDERR_FILENO))
		return refuse(g, LOG_START_FAILED,
		    "cannot start the thread of the log");
	if ((g->loop = loop_new()) == NULL)
		return refuse(g, LOG_START_FAILED, "cannot make an event loop");
	g->began = loop_wall(g->loop);
	logger_with(&g->log, LOG_GATE_START, { "name", g->conf->name });
	log_warnings(g, &l->report);
	loop_hook_add(g->loop, &g->turn);
	g->streams = streams_new(g->loop, g->conf->queues_bytes);
	metrics_init(g);
	join_sends(g);
	if (!open_world(g, l->uid, l->gid))
		return false;
	g->names = names_new(g);
	servers_commit(g);
	logger_by_turn(&g->log, g->loop);
	notify("READY=1");
	watchdog_start(&g->watchdog, g->loop);
	meter_start(&g->meter, g->loop);
	return true;
}

/* ---- stop ------------------------------------------------------------ */

static void
stop_now(struct timer *t)
{
	struct gate *g =
	    (struct gate *)(void *)((char *)t -
				    offsetof(struct gate, stop_timer));

	if (streams_count(g->streams) > 0 &&
	    mono_cmp(loop_now(g->loop), g->stop_at) < 0) {
		loop_timer_set(g->loop, t, mono_add_ms(loop_now(g->loop), 20));
		return;
	}
	loop_stop(g->loop);
}

void
gate_stop(struct gate *g, struct span reason)
{
	if (g->stopping)
		return;
	g->stopping = true;
	logger_with(&g->log, LOG_STOP, { "why", reason });
	notify("STOPPING=1");
	ports_close(g);
	servers_stop(g);
	clients_stop(g, reason);
	trunks_stop(g);
	g->stop_at = mono_add_ms(loop_now(g->loop), STOP_MS);
	g->stop_timer.fire = stop_now;
	loop_timer_set(g->loop, &g->stop_timer, loop_now(g->loop));
}

void
gate_fini(struct gate *g)
{
	gate_control_free(g->control);
	g->control = NULL;
	ports_close(g);
	pages_fini(&g->pages);
	clients_fini(g);
	trunks_fini(g);
	servers_fini(g);
	place_net_fini(&g->net);
	names_free(g->names);
	if (g->streams != NULL)
		streams_free(g->streams);
	tls_ctx_free(g->tls_clients);
	tls_ctx_free(g->tls_trunks);
	if (g->loop != NULL) {
		watchdog_stop(&g->watchdog);
		meter_stop(&g->meter);
		logger_by_turn(&g->log, NULL);
		loop_timer_clear(g->loop, &g->stop_timer);
		loop_hook_del(g->loop, &g->turn);
		loop_free(g->loop);
	}
	if (g->has_pid)
		remove_pid(g);
	(void)inherit_close(&g->inherited);
	logger_fini(&g->log);
	gate_conf_free(g->conf);
}
