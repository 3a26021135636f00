/*
 * A reload first does what can fail and can be undone (files, certificates, new
 * ports), then what cannot fail. It reads small files, and the loop waits for
 * them: clients notice some milliseconds.
 */
#include "gate/reload.h"

#include <stdlib.h>
#include <unistd.h>

#include "gate/names.h"
#include "gate/port.h"
#include "gate/server.h"

/* Write every problem to the log, and to the report of who has asked. */
static void
tell(struct gate *g, const struct conf_report *r, struct conf_report *to)
{
	char buf[REPORT_TEXT + 4096];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&g->log,
		    r->v[i].warning ? LOG_CONFIG_WARNING : LOG_RELOAD_FAILED,
		    { "why", writer_done(&w) });
		if (to != NULL)
			conf_report_add(to, r->v[i].warning, r->v[i].at,
			    r->v[i].text);
	}
}

int
gate_take(struct gate *g, struct gate_loaded *l)
{
	int fd = l->log_fd;

	tls_ctx_free(g->tls_clients);
	tls_ctx_free(g->tls_trunks);
	g->conf = l->conf;
	g->tls_clients = l->clients;
	g->tls_trunks = l->trunks;
	l->conf = NULL;
	l->clients = l->trunks = NULL;
	l->log_fd = -1;
	return fd;
}

void
gate_apply_log(struct gate *g, int fd)
{
	logger_set_form(&g->log, g->conf->log_format == CONF_LOG_JSON,
	    g->conf->log_level);
	logger_set_bound(&g->log, g->conf->log_per_minute);
	if (fd >= 0)
		logger_switch(&g->log, fd);
	else if (g->conf->log_file.n == 0 && g->loop != NULL)
		logger_switch(&g->log, STDERR_FILENO);
}

/* Open the new ports. Return true if the whole configuration can take
 * effect. */
static bool
prepare(struct gate *g, struct gate_loaded *l)
{
	bool ok;

	if (l->conf == NULL)
		return false;
	conf_head_keep(&g->conf->head, &l->conf->head, &l->report);
	ok = ports_prepare(g, l->conf, &l->report);
	conf_report_sort(&l->report);
	return ok;
}

static void
commit(struct gate *g, struct gate_loaded *l)
{
	struct gate_conf *old = g->conf;
	int fd = gate_take(g, l);

	ports_commit(g, g->conf);
	streams_set_total(g->streams, g->conf->queues_bytes);
	gate_apply_log(g, fd);
	names_configure(g->names);
	servers_commit(g);
	gate_conf_free(old);
	logger_row(&g->log, LOG_RELOAD, NULL, 0);
}

bool
gate_reload(struct gate *g, struct conf_report *report)
{
	char *log_file = span_dup(g->conf->log_file);
	struct gate_loaded l;
	bool ok;

	if (g->stopping) {
		free(log_file);
		return false;
	}
	gate_load_again(&l, g->conf_path, log_file);
	ok = prepare(g, &l);
	tell(g, &l.report, report);
	if (ok)
		commit(g, &l);
	gate_loaded_fini(&l);
	free(log_file);
	return ok;
}
