/*
 * The configuration of a server: what a file said, checked against the rows
 * of option.def, with every default filled in.
 *
 *	libconfig's tree  ->  conf_check  ->  struct conf + report
 *
 * Reading the file is the daemon's work, and so are the files it names: their
 * paths are in struct conf, and what is wrong with them goes into the same
 * report. To add an option: a row in option.def and a member here or in
 * core/types/settings.h; check, print, diff and the manual page follow from it.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <libconfig.h>

#include "base/arena.h"
#include "base/writer.h"
#include "conf/report.h"
#include "core/types/settings.h"

/* The words of log.format and of listen.for, in the order of type.def. */
enum conf_log_format { CONF_LOG_TEXT, CONF_LOG_JSON };
enum conf_purpose { CONF_FOR_CLIENTS, CONF_FOR_LINKS };

struct conf_listen {
	struct addr address;
	uint32_t port;
	bool tls;
	uint32_t purpose; /* enum conf_purpose */
};

/* Where an option stands; line 0: it is not given. */
struct conf_place {
	struct span file;
	unsigned int line;
};

/*
 * Owns itself and all it points to, settings included: conf_free. A text that
 * was not given and has no default is empty.
 */
struct conf {
	struct arena *arena;
	struct settings settings; /* motd lines are filled by the daemon */
	struct span state;	  /* directory */
	struct span control;	  /* socket */
	struct span pidfile;
	struct span user;
	struct span motd;	 /* file */
	struct span certificate; /* files */
	struct span key;
	struct span link_certificate; /* certificate and key if not given */
	struct span link_key;
	struct span log_file; /* empty: standard error */
	uint32_t log_format;  /* enum conf_log_format */
	uint32_t log_level;   /* enum log_level */
	struct conf_listen *listen;
	size_t nlisten;
	struct span file;	  /* that was checked */
	struct conf_place *place; /* by option_index: see conf_place_of */
};

/*
 * Checks the whole tree and reports everything that is wrong with it; file is
 * what the report calls the place of things that are missing. Never NULL; use
 * it only when the report has no errors. Borrows nothing from the tree.
 */
struct conf *conf_check(const config_t *tree, struct span file,
    struct conf_report *report);

/* NULL is allowed. */
void conf_free(struct conf *conf);

/*
 * Where "tls.key" or "state" stands, or would: an option that is not in a list
 * of groups.
 */
struct conf_place conf_place_of(const struct conf *conf, const char *option);

/* Whether it needs a certificate: a listener or a link with TLS. */
bool conf_needs_tls(const struct conf *conf);

/*
 * The effective configuration, each option with its value: text that, read
 * and checked, gives the same again.
 */
void conf_print(struct writer *w, const struct conf *conf);

/*
 * For a reload: options that can change at a start only keep the old value in
 * next, with a warning for each. All else of next stays.
 */
void conf_keep(const struct conf *old, struct conf *next,
    struct conf_report *report);

/* The lines of motd's file, cut at line ends, into conf->settings. */
void conf_set_motd(struct conf *conf, struct span text);

#endif
