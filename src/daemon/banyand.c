#include "daemon/banyand.h"

#include <sys/random.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/brokers.h"
#include "daemon/control.h"
#include "daemon/countries.h"
#include "daemon/dialling.h"
#include "daemon/names.h"
#include "daemon/port.h"
#include "daemon/pump.h"
#include "daemon/reload.h"
#include "daemon/endpoint.h"
#include "daemon/expiry.h"
#include "daemon/figures.h"
#include "daemon/happened.h"
#include "daemon/http.h"
#include "daemon/keeper.h"
#include "daemon/rehash.h"
#include "daemon/renew.h"
#include "daemon/restart.h"
#include "daemon/stay.h"
#include "daemon/takeover.h"
#include "daemon/worker.h"
#include "host/notify.h"
#include "host/pidfile.h"
#include "host/process.h"

#define FDS_RESERVED 64 /* clients get none of these, accepted links half */
#define STOP_MS 2000	/* to flush what is queued */
#define RESTART_MS 200	/* the same, before the server starts again */
#define STORE_RETRY_MS 5000

static bool
refuse(struct banyand *bd, enum log_row row, const char *why)
{
	logger_with(&bd->log, row, { "why", span_of(why) });
	/* an operator who starts it by hand does not look into the log file */
	if (bd->conf->log_file.n > 0)
		(void)fprintf(stderr, "banyand: %s\n", why);
	return false;
}

/* ---- rights, pid file ------------------------------------------------ */

static bool
drop_rights(struct banyand *bd, uid_t uid, gid_t gid)
{
	if (geteuid() != 0)
		return true;
	if (uid == (uid_t)-1) {
		logger_row(&bd->log, LOG_RUNS_AS_ROOT, NULL, 0);
		return true;
	}
	if (!state_give(&bd->state, uid, gid) ||
	    !process_become(bd->conf->user, uid, gid))
		return refuse(bd, LOG_START_FAILED, "cannot become `user`");
	return access(bd->state.dir, R_OK | W_OK | X_OK) == 0 ||
	       refuse(bd, LOG_START_FAILED,
		   "`user` cannot write the state directory");
}

/* A server that starts again may have no right to write the file any more. It
 * goes on without: clients have been told to come back. */
static bool
write_pid(struct banyand *bd)
{
	char *path = span_dup(bd->conf->pidfile);
	bool ok = path[0] == '\0' || pidfile_put(path);

	free(path);
	if (ok)
		return true;
	if (!bd->inherited.again)
		return refuse(bd, LOG_START_FAILED,
		    "cannot write the pid file");
	logger_with(&bd->log, LOG_CONFIG_WARNING,
	    { "why", SPAN("cannot write the pid file") });
	return true;
}

static void
remove_pid(struct banyand *bd)
{
	char *path = span_dup(bd->conf->pidfile);

	if (path[0] != '\0')
		(void)unlink(path);
	free(path);
}

/* ---- life ------------------------------------------------------------ */

static void
apply_form(struct banyand *bd)
{
	logger_set_form(&bd->log, bd->conf->log_format == CONF_LOG_JSON,
	    bd->conf->log_level);
	logger_set_bound(&bd->log, bd->conf->log_per_minute);
}

void
banyand_apply_log(struct banyand *bd, int fd)
{
	apply_form(bd);
	if (fd >= 0)
		logger_switch(&bd->log, fd);
	else if (bd->conf->log_file.n == 0)
		logger_switch(&bd->log, STDERR_FILENO);
}

static void
ticked(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t -
				       offsetof(struct banyand, tick));
	struct event ev = { .kind = EV_TICK };

	pump_event(bd, &ev);
}

void
banyand_answer(struct banyand *bd, uint64_t token, enum request_kind kind,
    enum answer_status status, struct span bytes)
{
	struct event ev = { .kind = EV_ANSWERED };

	if (token <= bd->token_base)
		return;
	ev.u.answered.token = token - bd->token_base;
	ev.u.answered.kind = kind;
	ev.u.answered.status = status;
	ev.u.answered.bytes = bytes;
	pump_event(bd, &ev);
}

static void
answered(void *ctx, uint64_t token, enum request_kind kind,
    enum answer_status status)
{
	banyand_answer(ctx, token, kind, status, SPAN_NONE);
}

static void
store_again(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t -
				       offsetof(struct banyand, store_timer));

	worker_store(bd->worker, &bd->state, 0, bd->uid_upto);
}

static void
stored(void *ctx, uint64_t token, uint64_t uid_upto, const char *why)
{
	struct banyand *bd = ctx;

	if (why != NULL)
		logger_with(&bd->log, LOG_STATE_FAILED,
		    { "why", span_of(why) });
	else
		bd->state.uid_upto = uid_upto;
	if (token != 0) {
		answered(bd, token, REQUEST_UIDS,
		    why == NULL ? ANSWER_OK : ANSWER_NO);
	} else if (why == NULL) {
		renew_stored(bd, uid_upto);
	} else {
		/* a full disk may have room later */
		bd->uid_upto = uid_upto;
		loop_timer_set(bd->loop, &bd->store_timer,
		    mono_add_ms(loop_now(bd->loop), STORE_RETRY_MS));
	}
}

static void
loaded(void *ctx, struct loaded *l)
{
	reload_loaded(ctx, l);
}

static void
checked(void *ctx, bool ok, const char *said)
{
	restart_checked(ctx, ok, said);
}

static const struct worker_ops worker_ops = { answered, stored, loaded,
	checked };

static void
signalled(void *ctx, int signo)
{
	struct banyand *bd = ctx;

	if (signo == SIGHUP)
		(void)reload_ask(bd);
	else if (signo == SIGUSR2)
		restart_ask(bd,
		    SPAN("Server is starting again, please come back"));
	else
		banyand_stop(bd, SPAN("Server is going down"));
}

void
banyand_seed(struct banyand *bd, uint64_t uid_from)
{
	struct event ev = { .kind = EV_SEED };

	if (getrandom(ev.u.seed.seed, sizeof(ev.u.seed.seed), 0) !=
	    (ssize_t)sizeof(ev.u.seed.seed))
		abort();
	ev.u.seed.inc = bd->state.inc;
	ev.u.seed.uid_from = uid_from;
	ev.u.seed.uid_upto = bd->state.uid_upto;
	ev.u.seed.again = bd->inherited.again;
	pump_event(bd, &ev);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = &bd->conf->settings;
	pump_event(bd, &ev);
	keeper_load(bd->keeper);
}

/* Raise the limit of descriptors as far as allowed: each client uses one. */
static void
raise_fds(struct banyand *bd)
{
	int most = process_raise_fds();
	int reserve = most / 8 < FDS_RESERVED ? most / 8 : FDS_RESERVED;

	bd->client_fds = most - reserve;
	bd->link_fds = most - reserve / 2;
}

/* Open the ports. Return false after logging the reason. */
static bool
open_ports(struct banyand *bd)
{
	char why[REPORT_TEXT + PATH_MAX];
	struct conf_report report;
	struct writer w;
	bool ok;

	conf_report_init(&report);
	ok = ports_prepare(bd, bd->conf, &report);
	if (ok) {
		ports_commit(bd, bd->conf);
		if (inherit_close(&bd->inherited) > 0)
			logger_row(&bd->log, LOG_SOCKET_UNUSED, NULL, 0);
	} else {
		writer_init(&w, why, sizeof(why) - 1);
		conf_problem_build(&w, &report.v[0]);
		why[w.n] = '\0';
		(void)refuse(bd, LOG_LISTEN_FAILED, why);
	}
	conf_report_fini(&report);
	return ok;
}

static bool
open_world(struct banyand *bd, uid_t uid, gid_t gid)
{
	char why[LISTEN_WHY_LEN];
	sigset_t set;

	raise_fds(bd);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGUSR2);
	if (!loop_signals(bd->loop, &set, signalled, bd))
		return refuse(bd, LOG_START_FAILED, "cannot make a signalfd");
	if (!open_ports(bd) || !write_pid(bd) || !drop_rights(bd, uid, gid))
		return false;
	bd->control = control_new(bd, why);
	return bd->control != NULL ? true : refuse(bd, LOG_LISTEN_FAILED, why);
}

/* Repeat the warnings about the configuration in the log, if that is a file: so
 * far they were printed only. */
static void
log_warnings(struct banyand *bd, const struct conf_report *r)
{
	char text[REPORT_TEXT + PATH_MAX];
	struct writer w;

	for (size_t i = 0; bd->conf->log_file.n > 0 && i < r->n; i++) {
		writer_init(&w, text, sizeof(text));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&bd->log, LOG_CONFIG_WARNING,
		    { "why", writer_done(&w) });
	}
}

/* With fewer clients than this, a system call for each costs no more. */
#define SENDS_FEW 4

/* Lines to many clients go out together if the system has the means. */
static void
join_sends(struct banyand *bd)
{
	bool joined =
	    bd->conf->io_uring && streams_join_sends(bd->streams, SENDS_FEW);

	logger_with(&bd->log, LOG_SENDS,
	    { "by", joined ? SPAN("io_uring") : SPAN("one by one") });
}

int
banyand_take(struct banyand *bd, struct loaded *l)
{
	int fd = l->log_fd;

	bd->conf = l->conf;
	bd->tls = l->tls;
	broker_set_free(&bd->broker_files);
	bd->broker_files = l->brokers;
	l->brokers = (struct broker_set){ 0 };
	bd->modules = l->modules;
	countries_free(bd->countries);
	bd->countries = l->countries;
	l->conf = NULL;
	l->tls = (struct tls_set){ 0 };
	l->modules = (struct module_set){ 0 };
	l->countries = NULL;
	l->log_fd = -1;
	return fd;
}

/* An event is in the log: those hear of it that asked for it. */
static void
heard(void *ctx, const struct log_event *e, bool of_node)
{
	struct banyand *bd = ctx;

	control_event(bd->control, e);
	if (!of_node)
		happened_add(bd, e->row, e->field, e->n);
}

/* Set what is neither zero nor taken from the configuration: banyand_fini()
 * then frees what was made, wherever the start fails. */
static void
init(struct banyand *bd)
{
	bd->deadline = MONO_NEVER;
	bd->tick.fire = ticked;
	bd->store_timer.fire = store_again;
	LIST_INIT(&bd->ports);
	LIST_INIT(&bd->new_ports);
	LIST_INIT(&bd->diallings);
	LIST_INIT(&bd->dialled_hosts);
	STAILQ_INIT(&bd->rehashes);
	endpoint_init(bd);
	happened_init(bd);
	STAILQ_INIT(&bd->figures.queue);
	logger_init(&bd->log);
	logger_set_hearer(&bd->log, heard, bd);
	bd->state.lock = -1;
	effects_init(&bd->fx);
}

/* Begin a new run. */
static bool
open_state(struct banyand *bd, uint64_t *uid_from)
{
	char why[STATE_WHY_LEN], *dir = span_dup(bd->conf->state);
	bool ok = state_open(&bd->state, dir, loop_wall(bd->loop).ms / 1000,
	    uid_from, why);

	free(dir);
	return ok ? true : refuse(bd, LOG_START_FAILED, why);
}

/* Let the node begin: as the run that another program has left, or anew. */
static bool
begin_run(struct banyand *bd, uint64_t uid_from)
{
	bool goes_on = bd->takeover != NULL;

	bd->node = node_new();
	bd->uids_asked = bd->state.uid_upto;
	if (goes_on && takeover_node(bd))
		return true;
	if (goes_on) {
		state_close(&bd->state);
		if (!open_state(bd, &uid_from))
			return false;
		bd->uids_asked = bd->state.uid_upto;
	}
	banyand_seed(bd, uid_from);
	return true;
}

/* Open the store as the user that the server runs as. */
static bool
open_store(struct banyand *bd)
{
	char why[STATE_WHY_LEN];

	bd->keeper = keeper_new(bd, why);
	return bd->keeper != NULL ? true : refuse(bd, LOG_START_FAILED, why);
}

bool
banyand_start(struct banyand *bd, struct loaded *l, const char *conf_path)
{
	uint64_t uid_from = 0;
	int fd = banyand_take(bd, l);

	bd->conf_path = conf_path;
	init(bd);
	restart_init(bd);
	inherit_read(&bd->inherited);
	apply_form(bd);
	if (!logger_start(&bd->log, fd >= 0 ? fd : STDERR_FILENO))
		return refuse(bd, LOG_START_FAILED,
		    "cannot start the thread of the log");
	if ((bd->loop = loop_new()) == NULL)
		return refuse(bd, LOG_START_FAILED,
		    "cannot make an event loop");
	ports_init(bd);
	logger_with(&bd->log, LOG_START, { "name", bd->conf->settings.name },
	    { "sid", sid_span(&bd->conf->settings.sid) });
	log_warnings(bd, &l->report);
	if (!takeover_state(bd) && !open_state(bd, &uid_from))
		return false;
	bd->streams = streams_new(bd->loop, bd->conf->queues_bytes);
	http_init(bd);
	join_sends(bd);
	if (!open_world(bd, l->uid, l->gid) || !open_store(bd))
		return false;
	bd->worker = worker_new(bd->loop, &worker_ops, bd);
	if (bd->worker == NULL)
		return refuse(bd, LOG_START_FAILED,
		    "cannot start the worker thread");
	bd->names = names_new(bd);
	bd->brokers = brokers_new(bd);
	if (!begin_run(bd, uid_from))
		return false;
	brokers_configure(bd->brokers, &bd->broker_files);
	logger_by_turn(&bd->log, bd->loop);
	meter_start(&bd->meter, bd->loop);
	expiry_look(bd);
	notify("READY=1");
	watchdog_start(&bd->watchdog, bd->loop);
	return true;
}

static void
stop_now(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t -
				       offsetof(struct banyand, stop_timer));

	if ((brokers_linger(bd->brokers) || streams_count(bd->streams) > 0) &&
	    mono_cmp(loop_now(bd->loop), bd->stop_at) < 0) {
		loop_timer_set(bd->loop, t,
		    mono_add_ms(loop_now(bd->loop), 20));
		return;
	}
	loop_stop(bd->loop);
}

void
banyand_end(struct banyand *bd, struct span reason)
{
	endpoint_end_clients(bd, reason);
	bd->stop_at = mono_add_ms(loop_now(bd->loop),
	    bd->again.go ? RESTART_MS : STOP_MS);
	bd->stop_timer.fire = stop_now;
	loop_timer_set(bd->loop, &bd->stop_timer, loop_now(bd->loop));
}

void
banyand_stop(struct banyand *bd, struct span reason)
{
	if (bd->stopping) {
		bd->again.then_stop = true;
		return;
	}
	bd->stopping = true;
	logger_with(&bd->log, LOG_STOP, { "why", reason });
	notify(bd->again.go ? "RELOADING=1" : "STOPPING=1");
	if (bd->again.go)
		restart_keep_ports(bd);
	ports_close(bd);
	banyand_end(bd, reason);
}

static void
stop_asked(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t - offsetof(struct banyand,
						       asked_to_stop.timer));
	char *reason = bd->asked_to_stop.reason;

	bd->asked_to_stop.reason = NULL;
	if (bd->asked_to_stop.restart)
		restart_ask(bd, span_of(reason));
	else
		banyand_stop(bd, span_of(reason));
	free(reason);
}

/* A timer: the answer to whoever asked is still on its way through the node. */
void
banyand_stop_soon(struct banyand *bd, bool restart, struct span reason)
{
	if (bd->asked_to_stop.reason != NULL)
		return;
	bd->asked_to_stop.reason = span_dup(reason);
	bd->asked_to_stop.restart = restart;
	bd->asked_to_stop.timer.fire = stop_asked;
	loop_timer_set(bd->loop, &bd->asked_to_stop.timer, loop_now(bd->loop));
}

void
banyand_fini(struct banyand *bd)
{
	stay_fini(bd);
	happened_fini(bd);
	figures_fini(bd);
	expiry_fini(bd);
	worker_free(bd->worker);
	dialling_fini(bd);
	dialling_forget(bd);
	brokers_free(bd->brokers);
	broker_set_free(&bd->broker_files);
	names_free(bd->names);
	countries_drop(bd);
	keeper_free(bd->keeper);
	control_free(bd->control);
	bd->control = NULL;
	rehash_fini(bd);
	ports_close(bd);
	pages_fini(&bd->http);
	endpoint_drop_all(bd);
	if (bd->node != NULL)
		node_free(bd->node);
	effects_fini(&bd->fx);
	if (bd->streams != NULL)
		streams_free(bd->streams);
	tls_set_free(&bd->tls);
	if (bd->loop != NULL) {
		watchdog_stop(&bd->watchdog);
		meter_stop(&bd->meter);
		logger_by_turn(&bd->log, NULL);
		loop_timer_clear(bd->loop, &bd->tick);
		loop_timer_clear(bd->loop, &bd->store_timer);
		loop_timer_clear(bd->loop, &bd->stop_timer);
		loop_timer_clear(bd->loop, &bd->asked_to_stop.timer);
		loop_free(bd->loop);
	}
	if (bd->state.lock >= 0)
		remove_pid(bd);
	free(bd->renewal.reason);
	free(bd->asked_to_stop.reason);
	free(bd->again.reason);
	takeover_free(bd->takeover);
	(void)inherit_close(&bd->inherited);
	state_close(&bd->state);
	logger_fini(&bd->log);
	conf_free(bd->conf);
	module_set_free(&bd->modules);
	module_set_free(&bd->modules_before);
}
