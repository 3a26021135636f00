#include "daemon/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/pump.h"
#include "daemon/session.h"

#define MOTD_MAX (64 * 1024) /* bytes */

static void
problem(
    struct conf_report *r, const char *file, unsigned line, const char *text)
{
	conf_report_add(r, false, span_of(file), line, span_of(text));
}

/* The whole file, or NULL and errno; not over max bytes. */
static char *
read_file(const char *path, size_t max, size_t *n)
{
	char *buf = NULL;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return NULL;
	buf = mem_alloc(max + 1);
	*n = fread(buf, 1, max + 1, f);
	if (ferror(f) || *n > max) {
		errno = *n > max ? EFBIG : EIO;
		free(buf);
		buf = NULL;
	}
	(void)fclose(f);
	return buf;
}

static void
load_motd(struct conf *conf, const char *file, struct conf_report *r)
{
	char *path = span_dup(conf->motd), *text, what[5000];
	size_t n;

	if (conf->motd.n > 0) {
		text = read_file(path, MOTD_MAX, &n);
		if (text == NULL) {
			(void)snprintf(what, sizeof(what),
			    "motd: cannot read %s: %s", path, strerror(errno));
			problem(r, file, 0, what);
		} else
			conf_set_motd(conf, span_make(text, n));
		free(text);
	}
	free(path);
}

struct conf *
conf_load(const char *path, struct conf_report *r)
{
	config_t tree;
	struct conf *conf = NULL;
	char what[5000];

	config_init(&tree);
	if (access(path, R_OK) != 0) {
		(void)snprintf(
		    what, sizeof(what), "cannot read it: %s", strerror(errno));
		problem(r, path, 0, what);
	} else if (config_read_file(&tree, path) != CONFIG_TRUE)
		problem(r,
		    config_error_file(&tree) != NULL ? config_error_file(&tree)
						     : path,
		    (unsigned)config_error_line(&tree),
		    config_error_text(&tree));
	else {
		conf = conf_check(&tree, span_of(path), r);
		load_motd(conf, path, r);
	}
	config_destroy(&tree);
	conf_report_sort(r);
	if (r->errors > 0) {
		conf_free(conf);
		conf = NULL;
	}
	return conf;
}

void
report_print(const struct conf_report *r)
{
	char buf[REPORT_TEXT + 5000];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		(void)fprintf(stderr, "%.*s\n", SPAN_ARG(writer_done(&w)));
	}
}

static void
log_report(struct server *sv, const struct conf_report *r)
{
	char buf[REPORT_TEXT + 5000];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&sv->log,
		    r->v[i].warning ? LOG_WARNING : LOG_RELOAD_FAILED,
		    { "why", writer_done(&w) });
	}
}

static void
first_error(const struct conf_report *r, char *why, size_t len)
{
	struct writer w;

	writer_init(&w, why, len - 1);
	writer_str(&w, "error ");
	for (size_t i = 0; i < r->n; i++)
		if (!r->v[i].warning) {
			conf_problem_build(&w, &r->v[i]);
			break;
		}
	why[w.n] = '\0';
}

bool
reload(struct server *sv, char *why, size_t whylen)
{
	struct event ev = { .kind = EV_CONF };
	struct conf_report r;
	struct conf *next;
	struct tls_set tls;
	char tlswhy[TLS_WHY_LEN];

	conf_report_init(&r);
	next = conf_load(sv->conf_path, &r);
	if (next != NULL) {
		conf_keep(sv->conf, next, span_of(sv->conf_path), &r);
		if (!tls_set_make(&tls, next, tlswhy)) {
			problem(&r, sv->conf_path, 0, tlswhy);
			conf_free(next);
			next = NULL;
		}
	}
	log_report(sv, &r);
	if (next == NULL)
		first_error(&r, why, whylen);
	conf_report_fini(&r);
	if (next == NULL)
		return false;
	tls_set_free(&sv->tls);
	sv->tls = tls;
	sv->old_conf = sv->conf;
	sv->conf = next;
	server_apply_conf(sv);
	ev.u.conf.settings = &next->settings;
	pump_event(sv, &ev);
	conf_free(sv->old_conf);
	sv->old_conf = NULL;
	logger_row(&sv->log, LOG_RELOAD, NULL, 0);
	return true;
}
