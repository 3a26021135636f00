/*
 * The daemon answers `stop`, `restart`, `reload`, `backup`, `brokers` and
 * `tail` itself. Every other request is a question to the node (EV_CONTROL).
 */
#include "daemon/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/brokers.h"
#include "daemon/keeper.h"
#include "daemon/pump.h"
#include "daemon/reload.h"
#include "daemon/restart.h"
#include "host/asker.h"

/* The answers that a connection may wait for (host/asker.h). A reading has a
 * number. */
enum { WAITS_RELOAD = 1, WAITS_RESTART };

struct control {
	struct banyand *banyand;
	struct askers *askers;
};

void
control_event(struct control *control, const struct log_event *e)
{
	if (control != NULL)
		askers_event(control->askers, e);
}

static void
ask_restart(struct banyand *bd, struct asker *asker)
{
	asker->waits = WAITS_RESTART;
	restart_ask(bd, SPAN("Server is starting again, please come back"));
	if (bd->stopping)
		asker_finish(asker, SPAN("error the server is stopping"));
}

static void
ask_reload(struct banyand *bd, struct asker *asker)
{
	asker->waits_n = reload_ask(bd);
	asker->waits = WAITS_RELOAD;
	if (asker->waits_n == 0)
		asker_finish(asker, SPAN("error the server is stopping"));
}

static void
ask_brokers(struct banyand *bd, struct asker *asker, struct span rest)
{
	struct span word = span_word(&rest);
	bool json = span_eq(word, SPAN("json"));

	if (word.n > 0 && !json) {
		asker_finish(asker, SPAN("error expected: brokers [json]"));
		return;
	}
	brokers_tell(bd->brokers, asker, json);
	asker_finish(asker, SPAN_NONE);
}

static void
asked(void *ctx, struct asker *asker, struct span line)
{
	struct control *control = ctx;
	struct banyand *bd = control->banyand;
	struct event ev = { .kind = EV_CONTROL };
	struct span rest = line, verb = span_word(&rest);

	if (span_eq(verb, SPAN("stop"))) {
		asker_finish(asker, SPAN("ok stopping"));
		banyand_stop(bd, SPAN("Server stopped by its operator"));
	} else if (span_eq(verb, SPAN("restart"))) {
		ask_restart(bd, asker);
	} else if (span_eq(verb, SPAN("reload"))) {
		ask_reload(bd, asker);
	} else if (span_eq(verb, SPAN("backup"))) {
		/* a path may have spaces */
		keeper_backup(bd->keeper, asker->token, span_tail(rest, 1));
	} else if (span_eq(verb, SPAN("brokers"))) {
		ask_brokers(bd, asker, rest);
	} else if (span_eq(verb, SPAN("tail"))) {
		asker_tail(asker, rest);
	} else {
		ev.u.control.token = asker->token;
		ev.u.control.line = line;
		pump_event(bd, &ev);
	}
}

static void
starved(void *ctx, int err)
{
	struct control *control = ctx;

	logger_with(&control->banyand->log, LOG_OUT_OF_FDS,
	    { "why", span_of(strerror(err)) }, { "for", SPAN("control") });
}

static const struct asker_ops asker_ops = { asked, starved };

struct control *
control_new(struct banyand *bd, char why[LISTEN_WHY_LEN])
{
	struct control *control = mem_zalloc(sizeof(*control));
	const struct askers_conf conf = { .loop = bd->loop,
		.streams = bd->streams,
		.path = bd->conf->control,
		.ops = &asker_ops,
		.ctx = control };

	control->banyand = bd;
	control->askers = askers_new(&conf, why);
	if (control->askers == NULL) {
		free(control);
		return NULL;
	}
	return control;
}

void
control_free(struct control *control)
{
	if (control == NULL)
		return;
	askers_free(control->askers);
	free(control);
}

void
control_reloaded(struct control *control, uint64_t reload, bool ok,
    const struct conf_report *r)
{
	struct asker *asker, *next;

	for (asker = askers_next(control->askers, NULL, WAITS_RELOAD);
	     asker != NULL; asker = next) {
		next = askers_next(control->askers, asker, WAITS_RELOAD);
		if (asker->waits_n > reload)
			continue;
		if (r != NULL)
			asker_problems(asker, r);
		asker_finish(asker,
		    r == NULL ? SPAN("error the server is stopping")
		    : ok      ? SPAN("ok configuration read again")
			 : SPAN("error the old configuration stays in use"));
	}
}

static void
answer_restart(struct asker *asker, const char *why, struct span done)
{
	char text[256];
	struct writer w;

	if (why != NULL) {
		asker_problem(asker, span_of(why));
		asker_finish(asker,
		    SPAN("error the server does not start again"));
		return;
	}
	writer_init(&w, text, sizeof(text));
	writer_str(&w, "ok starting again; ");
	writer_span(&w,
	    done.n > 0 ? done : SPAN("all clients are told to come back"));
	asker_finish(asker, writer_done(&w));
}

void
control_restarted(struct control *control, const char *why, struct span done)
{
	struct asker *asker, *next;

	for (asker = askers_next(control->askers, NULL, WAITS_RESTART);
	     asker != NULL; asker = next) {
		next = askers_next(control->askers, asker, WAITS_RESTART);
		answer_restart(asker, why, done);
	}
}

void
control_line(struct control *control, uint64_t token, struct span line,
    bool last)
{
	struct asker *asker;

	if (control == NULL)
		return;
	asker = askers_find(control->askers, token);
	if (asker == NULL)
		return;
	if (last)
		asker_finish(asker, line);
	else
		asker_line(asker, line);
}
