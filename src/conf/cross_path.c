/*
 * The paths of a server, and which of them it writes. rule.c compares them.
 */
#include "conf/cross.h"

#include "conf/conf.h"
#include "conf/option.h"
#include "conf/rule.h"

/* The server writes DIR/state and DIR/state.new. */
static bool
is_state_file(const struct conf *c, struct span path)
{
	struct span name = span_tail(path, c->state.n);

	return c->state.n > 0 && span_starts(path, c->state) &&
	       (span_eq(name, SPAN("/state")) ||
		   span_eq(name, SPAN("/state.new")));
}

static void
check_state_file(struct walk *k, const struct rule_path *p)
{
	if (is_state_file(conf_of(k->head), p->text))
		rule_complain_path(k, p->option, "",
		    "the server keeps its state in this file");
}

void
cross_check_paths(struct walk *k)
{
	const struct conf *c = conf_of(k->head);
	const struct rule_path v[] = {
		{ "state", c->state, true },
		{ "control", c->control, true },
		{ "tls.certificate", c->certificate, false },
		{ "tls.key", c->key, false },
		{ "tls.link_certificate", c->link_certificate, false },
		{ "tls.link_key", c->link_key, false },
		{ "server.motd", c->motd, false },
		{ "pidfile", c->pidfile, true },
		{ "log.file", c->log_file, true },
	};
	size_t n = sizeof(v) / sizeof(v[0]);

	for (size_t i = 0; i < n; i++) {
		check_state_file(k, &v[i]);
		rule_path(k, v, i);
	}
	rule_control_length(k, c->control, "state");
}
