#include "daemon/server.h"

#include <sys/random.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/control.h"
#include "daemon/notify.h"
#include "daemon/port.h"
#include "daemon/pump.h"
#include "daemon/reload.h"
#include "daemon/session.h"
#include "daemon/worker.h"

#define SENDQ_TOTAL ((size_t)1024 * 1024 * 1024) /* bytes for all clients */
#define FDS_RESERVED 64 /* clients get none of these, accepted links half */
#define STOP_MS 2000	/* to flush what is queued */
#define STORE_RETRY_MS 5000

static bool
refuse(struct server *sv, enum log_row row, const char *why)
{
	logger_with(&sv->log, row, { "why", span_of(why) });
	/* an operator who starts it by hand does not look into the log file */
	if (sv->conf->log_file.n > 0)
		(void)fprintf(stderr, "banyand: %s\n", why);
	return false;
}

/* ---- rights, pid file ----------------------------------------------- */

static bool
drop_rights(struct server *sv, uid_t uid, gid_t gid)
{
	char *user;
	bool ok;

	if (geteuid() != 0)
		return true;
	if (uid == (uid_t)-1) {
		logger_with(&sv->log, LOG_WARNING,
		    { "why", SPAN("the server runs as root: set `user`") });
		return true;
	}
	user = span_dup(sv->conf->user);
	ok = fchown(sv->state.lock, uid, gid) == 0 &&
	     initgroups(user, gid) == 0 && setgid(gid) == 0 &&
	     setuid(uid) == 0 && (uid == 0 || setuid(0) != 0);
	free(user);
	return ok || refuse(sv, LOG_START_FAILED, "cannot become `user`");
}

static bool
write_pid(struct server *sv)
{
	char *path = span_dup(sv->conf->pidfile), text[32];
	int fd, n;
	bool ok = true;

	if (path[0] != '\0') {
		n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
		/* create a new file: an old one may be a symbolic link */
		(void)unlink(path);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		ok = fd >= 0 && write(fd, text, (size_t)n) == n;
		if (fd >= 0)
			(void)close(fd);
		if (!ok)
			(void)refuse(sv, LOG_START_FAILED,
			    "cannot write the pid file");
	}
	free(path);
	return ok;
}

static void
remove_pid(struct server *sv)
{
	char *path = span_dup(sv->conf->pidfile);

	if (path[0] != '\0')
		(void)unlink(path);
	free(path);
}

/* ---- life ----------------------------------------------------------- */

void
server_apply_log(struct server *sv, int fd)
{
	logger_set_form(&sv->log, sv->conf->log_format == CONF_LOG_JSON,
	    sv->conf->log_level);
	if (fd >= 0)
		logger_switch(&sv->log, fd);
	else if (sv->conf->log_file.n == 0)
		logger_switch(&sv->log, STDERR_FILENO);
}

static void
ticked(struct timer *t)
{
	struct server *sv =
	    (struct server *)(void *)((char *)t -
				      offsetof(struct server, tick));
	struct event ev = { .kind = EV_TICK };

	pump_event(sv, &ev);
}

static void
hashed(void *ctx, uint64_t token, bool match, bool busy)
{
	struct event ev = { .kind = EV_HASHED };

	ev.u.hashed.token = token;
	ev.u.hashed.match = match;
	ev.u.hashed.busy = busy;
	pump_event(ctx, &ev);
}

static void
store_again(struct timer *t)
{
	struct server *sv =
	    (struct server *)(void *)((char *)t -
				      offsetof(struct server, store_timer));

	worker_store(sv->worker, &sv->state, sv->uid_upto);
}

static void
stored(void *ctx, uint64_t uid_upto, const char *why)
{
	struct server *sv = ctx;
	struct event ev = { .kind = EV_STORED };

	if (why != NULL) {
		/* new users wait until the uids are stored; try again, since a
		 * full disk may have room later */
		logger_with(&sv->log, LOG_WARNING, { "why", span_of(why) });
		sv->uid_upto = uid_upto;
		loop_timer_set(sv->loop, &sv->store_timer,
		    mono_add_ms(loop_now(sv->loop), STORE_RETRY_MS));
		return;
	}
	sv->state.uid_upto = uid_upto;
	ev.u.stored.uid_upto = uid_upto;
	pump_event(sv, &ev);
}

static void
loaded(void *ctx, struct loaded *l)
{
	reload_loaded(ctx, l);
}

static const struct worker_ops worker_ops = { hashed, stored, loaded };

static void
signalled(void *ctx, int signo)
{
	struct server *sv = ctx;

	if (signo == SIGHUP)
		(void)reload_ask(sv);
	else
		server_stop(sv, SPAN("Server is going down"));
}

static void
seed(struct server *sv, uint64_t uid_from)
{
	struct event ev = { .kind = EV_SEED };

	if (getrandom(ev.u.seed.seed, sizeof(ev.u.seed.seed), 0) !=
	    (ssize_t)sizeof(ev.u.seed.seed))
		abort();
	ev.u.seed.inc = sv->state.inc;
	ev.u.seed.uid_from = uid_from;
	ev.u.seed.uid_upto = sv->state.uid_upto;
	pump_event(sv, &ev);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = &sv->conf->settings;
	pump_event(sv, &ev);
}

/* Raise the limit of descriptors as far as allowed: each client uses one. */
static void
raise_fds(struct server *sv)
{
	struct rlimit rl;
	rlim_t reserve;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		rl.rlim_max = 256;
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur > INT_MAX)
		rl.rlim_cur = INT_MAX;
	reserve =
	    rl.rlim_cur / 8 < FDS_RESERVED ? rl.rlim_cur / 8 : FDS_RESERVED;
	sv->client_fds = (int)(rl.rlim_cur - reserve);
	sv->link_fds = (int)(rl.rlim_cur - reserve / 2);
}

static bool
open_world(struct server *sv, uid_t uid, gid_t gid)
{
	char why[LISTEN_WHY_LEN];
	sigset_t set;

	raise_fds(sv);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (!loop_signals(sv->loop, &set, signalled, sv))
		return refuse(sv, LOG_START_FAILED, "cannot make a signalfd");
	if (!ports_prepare(sv, sv->conf, why))
		return refuse(sv, LOG_LISTEN_FAILED, why);
	ports_commit(sv, sv->conf);
	if (!write_pid(sv) || !drop_rights(sv, uid, gid))
		return false;
	sv->control = control_new(sv, why);
	return sv->control != NULL ? true : refuse(sv, LOG_LISTEN_FAILED, why);
}

bool
server_start(struct server *sv, struct loaded *l, const char *conf_path)
{
	char why[STATE_WHY_LEN], *dir;
	uint64_t uid_from = 0;
	int fd;
	bool ok;

	sv->conf = l->conf;
	sv->tls = l->tls;
	l->conf = NULL;
	l->tls = (struct tls_set){ 0 };
	fd = l->log_fd >= 0 ? l->log_fd : STDERR_FILENO;
	l->log_fd = -1;
	sv->conf_path = conf_path;
	sv->deadline = MONO_NEVER;
	sv->tick.fire = ticked;
	sv->store_timer.fire = store_again;
	LIST_INIT(&sv->ports);
	LIST_INIT(&sv->new_ports);
	session_init(sv);
	logger_init(&sv->log);
	logger_set_form(&sv->log, sv->conf->log_format == CONF_LOG_JSON,
	    sv->conf->log_level);
	sv->state.lock = -1;
	effects_init(&sv->fx);
	if (!logger_start(&sv->log, fd))
		return refuse(sv, LOG_START_FAILED,
		    "cannot start the thread of the log");
	if ((sv->loop = loop_new()) == NULL)
		return refuse(sv, LOG_START_FAILED,
		    "cannot make an event loop");
	logger_with(&sv->log, LOG_START, { "name", sv->conf->settings.name },
	    { "sid", sid_span(&sv->conf->settings.sid) });
	dir = span_dup(sv->conf->state);
	ok = state_open(&sv->state, dir, loop_wall(sv->loop).ms / 1000,
	    &uid_from, why);
	free(dir);
	if (!ok)
		return refuse(sv, LOG_START_FAILED, why);
	sv->streams = streams_new(sv->loop, SENDQ_TOTAL);
	if (!open_world(sv, l->uid, l->gid))
		return false;
	sv->worker = worker_new(sv->loop, &worker_ops, sv);
	if (sv->worker == NULL)
		return refuse(sv, LOG_START_FAILED,
		    "cannot start the worker thread");
	sv->node = node_new();
	seed(sv, uid_from);
	notify("READY=1");
	return true;
}

static void
stop_now(struct timer *t)
{
	struct server *sv =
	    (struct server *)(void *)((char *)t -
				      offsetof(struct server, stop_timer));

	if (streams_count(sv->streams) > 0 &&
	    mono_cmp(loop_now(sv->loop), sv->stop_at) < 0) {
		loop_timer_set(sv->loop, t,
		    mono_add_ms(loop_now(sv->loop), 20));
		return;
	}
	loop_stop(sv->loop);
}

void
server_stop(struct server *sv, struct span reason)
{
	if (sv->stopping)
		return;
	sv->stopping = true;
	logger_with(&sv->log, LOG_STOP, { "why", reason });
	notify("STOPPING=1");
	ports_close(sv);
	session_end_clients(sv, reason);
	sv->stop_at = mono_add_ms(loop_now(sv->loop), STOP_MS);
	sv->stop_timer.fire = stop_now;
	loop_timer_set(sv->loop, &sv->stop_timer, loop_now(sv->loop));
}

void
server_fini(struct server *sv)
{
	worker_free(sv->worker);
	control_free(sv->control);
	ports_close(sv);
	session_drop_all(sv);
	if (sv->node != NULL)
		node_free(sv->node);
	effects_fini(&sv->fx);
	if (sv->streams != NULL)
		streams_free(sv->streams);
	tls_set_free(&sv->tls);
	if (sv->loop != NULL) {
		loop_timer_clear(sv->loop, &sv->tick);
		loop_timer_clear(sv->loop, &sv->store_timer);
		loop_timer_clear(sv->loop, &sv->stop_timer);
		loop_free(sv->loop);
	}
	if (sv->state.lock >= 0)
		remove_pid(sv);
	state_close(&sv->state);
	logger_fini(&sv->log);
	conf_free(sv->conf);
}
