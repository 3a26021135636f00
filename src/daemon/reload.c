/*
 * The order: what can fail and be undone (files, certificates, new ports),
 * then what cannot fail, then the node is told. It holds the old settings
 * until the step that hands it the new ones is over.
 */
#include "daemon/reload.h"

#include <stdio.h>

#include "daemon/load.h"
#include "daemon/port.h"
#include "daemon/pump.h"

#define PROBLEM_LEN (REPORT_TEXT + 4200) /* text, and a path before it */

static void
problem(struct conf_report *r, const struct server *sv, const char *text)
{
	conf_report_add(r, false, span_of(sv->conf_path), 0, span_of(text));
}

/* Everything to the log, the first error to why. */
static void
tell(struct server *sv, const struct conf_report *r, char *why, size_t whylen)
{
	char buf[PROBLEM_LEN];
	bool first = true;
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&sv->log,
		    r->v[i].warning ? LOG_WARNING : LOG_RELOAD_FAILED,
		    { "why", writer_done(&w) });
		if (r->v[i].warning || !first)
			continue;
		first = false;
		snprintf(why, whylen, "%.*s", SPAN_ARG(writer_done(&w)));
	}
}

/* Whether all of next can be had; then tls and the new ports are there. */
static bool
prepare(struct server *sv, struct conf *next, struct tls_set *tls,
    struct conf_report *r)
{
	char why[TLS_WHY_LEN > LISTEN_WHY_LEN ? TLS_WHY_LEN : LISTEN_WHY_LEN];

	if (next == NULL)
		return false;
	conf_keep(sv->conf, next, span_of(sv->conf_path), r);
	if (!tls_set_make(tls, next, why)) {
		problem(r, sv, why);
		return false;
	}
	if (!ports_prepare(sv, next, why)) {
		problem(r, sv, why);
		tls_set_free(tls);
		return false;
	}
	return true;
}

static void
commit(struct server *sv, struct conf *next, const struct tls_set *tls)
{
	struct event ev = { .kind = EV_CONF };
	struct conf *old = sv->conf;

	tls_set_free(&sv->tls);
	sv->tls = *tls;
	sv->conf = next;
	ports_commit(sv, next);
	server_apply_conf(sv);
	ev.u.conf.settings = &next->settings;
	pump_event(sv, &ev);
	conf_free(old);
	logger_row(&sv->log, LOG_RELOAD, NULL, 0);
}

bool
reload(struct server *sv, char *why, size_t whylen)
{
	struct conf_report r;
	struct conf *next;
	struct tls_set tls;
	bool ok;

	if (sv->stopping) {
		snprintf(why, whylen, "the server is stopping");
		return false;
	}
	conf_report_init(&r);
	next = conf_load(sv->conf_path, &r);
	ok = prepare(sv, next, &tls, &r);
	tell(sv, &r, why, whylen);
	conf_report_fini(&r);
	if (ok)
		commit(sv, next, &tls);
	else
		conf_free(next);
	return ok;
}
