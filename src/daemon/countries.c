/*
 * A lookup takes a microsecond and waits for nothing, but its answer may not
 * come in the step that asks. So answers wait for the next turn of the loop.
 */
#include "daemon/countries.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/types/tables.h"
#include "daemon/banyand.h"
#include "daemon/mmdb.h"

struct database {
	char *path;
	struct mmdb *mmdb;
	struct database *next;
};

struct countries {
	struct database *first;
};

struct country_answer {
	uint64_t token;
	char code[3]; /* "": the country is not known */
	bool refused; /* there is no such database */
	struct country_answer *next;
};

/* ---- databases ----------------------------------------------------------- */

void
countries_free(struct countries *c)
{
	struct database *d;

	while (c != NULL && (d = c->first) != NULL) {
		c->first = d->next;
		mmdb_close(d->mmdb);
		free(d->path);
		free(d);
	}
	free(c);
}

static struct database *
find(const struct countries *c, struct span path)
{
	struct database *d = c == NULL ? NULL : c->first;

	while (d != NULL && !span_eq(span_of(d->path), path))
		d = d->next;
	return d;
}

/* Return the place of the option `key` of module i in the file. */
static struct conf_place
place_of(const struct conf *conf, size_t i, struct span key)
{
	const struct conf_module *m = &conf->module[i];

	for (size_t k = 0; k < m->nsetting; k++)
		if (span_eq(m->setting[k].key, key))
			return m->setting[k].at;
	return m->at;
}

static void
report_failure(const struct conf *conf, size_t i, const char *key,
    const struct database *d, const char *why, struct conf_report *report)
{
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_span(&w, conf->module[i].name);
	writer_char(&w, '.');
	writer_str(&w, key);
	writer_str(&w, ": ");
	writer_str(&w, d->path);
	writer_str(&w, ": ");
	writer_str(&w, why);
	conf_report_add(report, false, place_of(conf, i, span_of(key)),
	    writer_done(&w));
}

static void
open_one(struct countries *c, const struct conf *conf, size_t i,
    const struct option_row *row, struct conf_report *report)
{
	struct span path = settings_word(&conf->settings, row);
	char why[MMDB_WHY_LEN];
	struct database *d;

	if (path.n == 0 || find(c, path) != NULL)
		return;
	d = mem_zalloc(sizeof(*d));
	d->path = span_dup(path);
	d->mmdb = mmdb_open(d->path, why);
	if (d->mmdb == NULL)
		report_failure(conf, i, row->key, d, why, report);
	d->next = c->first;
	c->first = d;
}

struct countries *
countries_load(const struct conf *conf, struct conf_report *report)
{
	struct countries *c = mem_zalloc(sizeof(*c));
	const struct rows *r;

	for (size_t i = 0; i < conf->settings.nrows; i++) {
		r = conf->settings.rows[i];
		for (size_t k = 0; k < r->nlookup; k++)
			if (r->lookup[k].file != NULL)
				open_one(c, conf, i, r->lookup[k].file, report);
	}
	if (c->first != NULL)
		return c;
	free(c);
	return NULL;
}

/* ---- answers ------------------------------------------------------------- */

static enum answer_status
status_of(const struct country_answer *x)
{
	if (x->refused)
		return ANSWER_REFUSED;
	return x->code[0] != '\0' ? ANSWER_OK : ANSWER_NO;
}

/* An answer may lead to further questions; these wait for the next turn. */
static void
give(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t - offsetof(struct banyand,
						       country_answers.timer));
	struct country_answers *a = &bd->country_answers;
	struct country_answer *x = a->first, *next;

	a->first = a->last = NULL;
	for (; x != NULL; x = next) {
		next = x->next;
		banyand_answer(bd, x->token, REQUEST_COUNTRY, status_of(x),
		    span_of(x->code));
		free(x);
	}
}

void
countries_ask(struct banyand *bd, uint64_t token, struct span bytes)
{
	struct country_answers *a = &bd->country_answers;
	struct country_answer *x = mem_zalloc(sizeof(*x));
	const struct database *d;
	struct span path, text;
	struct addr addr;

	request_country_split(bytes, &path, &text);
	d = find(bd->countries, path);
	x->token = token;
	x->refused = d == NULL || !addr_parse(text, &addr);
	if (!x->refused)
		(void)mmdb_country(d->mmdb, &addr, x->code);
	if (a->first == NULL) {
		a->first = x;
		a->timer.fire = give;
		loop_timer_set(bd->loop, &a->timer, loop_now(bd->loop));
	} else
		a->last->next = x;
	a->last = x;
}

void
countries_drop(struct banyand *bd)
{
	struct country_answers *a = &bd->country_answers;
	struct country_answer *x;

	if (a->first != NULL)
		loop_timer_clear(bd->loop, &a->timer);
	while ((x = a->first) != NULL) {
		a->first = x->next;
		free(x);
	}
	countries_free(bd->countries);
	bd->countries = NULL;
}
