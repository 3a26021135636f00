/*
 * Paths are compared by their text, after relative paths were made absolute. So
 * a file that is reached by two names is not noticed; the names that a mistake
 * or a copied line brings are.
 */
#include "conf/cross.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/option.h"

struct path {
	const char *option; /* NULL: the configuration file itself */
	struct span text;
	bool written; /* by the server */
};

#define PATHS 10

static void
paths_of(const struct conf *c, struct path v[PATHS])
{
	const struct path paths[PATHS] = {
		{ NULL, c->head.file, false },
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

	memcpy(v, paths, sizeof(paths));
}

/* Report text about an option that is in no list, at its place. */
static void
complain_at(struct walk *k, const char *option, const char *other,
    const char *text)
{
	struct writer *w = walk_begin(k);

	writer_str(w, option);
	writer_str(w, ": ");
	writer_str(w, other);
	writer_str(w, text);
	conf_report_add(k->report, false,
	    conf_place_of(conf_of(k->head), option), writer_done(w));
}

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
check_path(struct walk *k, const struct path *v, const struct path *p)
{
	if (is_state_file(conf_of(k->head), p->text))
		complain_at(k, p->option, "",
		    "the server keeps its state in this file");
	for (const struct path *q = v; q < p; q++) {
		if ((!p->written && !q->written) || !span_eq(p->text, q->text))
			continue;
		if (q->option == NULL)
			complain_at(k, p->option, "",
			    "this is the configuration file");
		else
			complain_at(k, p->option, q->option,
			    " has this path, too");
		return;
	}
}

/* The address of a socket is short. */
static void
check_control_length(struct walk *k)
{
	uint64_t max =
	    (uint64_t)option_find(&banyand_schema, SECTION_TOP, SPAN("control"))
		->value.max;
	const config_setting_t *place;
	struct writer *w;

	if (conf_of(k->head)->control.n <= max)
		return;
	place = config_setting_get_member(k->root, "control");
	if (place == NULL)
		place = config_setting_get_member(k->root, "state");
	w = walk_begin(k);
	writer_str(w, "control: the path of the socket has ");
	writer_u64(w, conf_of(k->head)->control.n);
	writer_str(w, " bytes, more than ");
	writer_u64(w, max);
	walk_tell(k, place, false);
}

void
cross_check_paths(struct walk *k)
{
	struct path v[PATHS];

	paths_of(conf_of(k->head), v);
	for (size_t i = 1; i < PATHS; i++)
		if (v[i].text.n > 0)
			check_path(k, v, &v[i]);
	check_control_length(k);
}
