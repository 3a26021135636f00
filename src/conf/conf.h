/*
 * The configuration of a server: the values of a file, checked against the
 * rows of option.def, with every default filled in.
 *
 *	files -> source.c -> libconfig's tree -> conf_check -> struct conf
 *	  \________\_______________\________________\_______-> report
 *
 * conf_read in read.h is all of it. The daemon reads the files whose paths are
 * in struct conf, and adds their problems to the report. To add an option, add
 * a row to option.def and a member here or in core/types/settings.h. The check,
 * the printed configuration, the comparison at a reload and the manual page
 * follow from the row.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "conf/broker.h"
#include "conf/head.h"
#include "conf/parts.h"
#include "core/types/settings.h"

/* A setting in the group of a module. Its row is known once the module is
 * loaded (module_option.h). */
struct conf_setting {
	struct span key;
	struct conf_place at;
	/* else it is of another type; a list is one of texts */
	bool is_num, is_bool, is_text, is_list;
	int64_t v;
	struct span text;
	const struct span *list;
	size_t nlist;
	struct span described; /* for a report: "the number 900" */
};

struct conf_module {
	struct span name;
	struct conf_place at;
	bool refused; /* the report says why */
	struct conf_setting *setting;
	size_t nsetting;
};

/*
 * A struct conf owns itself and everything it points to, its settings
 * included; conf_free frees it. A text is empty if the file does not set it
 * and its row has no default.
 */
struct conf {
	struct conf_head head;
	struct settings settings; /* the daemon fills in the lines of motd */
	struct span state;	  /* directory */
	struct span control;	  /* socket */
	struct span pidfile;
	struct span user;
	bool io_uring;
	struct conf_module *module;
	size_t nmodule;
	struct span module_dir;	 /* empty: that of the program */
	uint64_t queues_bytes;	 /* that wait for all connections together */
	struct span motd;	 /* file */
	struct span certificate; /* files */
	struct span key;
	struct span link_certificate; /* the same as certificate if not set */
	struct span link_key;	      /* the same as key if not set */
	struct conf_dns dns;
	struct span log_file;	 /* empty: standard error */
	uint32_t log_format;	 /* enum conf_log_format */
	uint32_t log_level;	 /* enum log_level */
	uint32_t log_per_minute; /* events of strangers of a kind; 0: any */
	struct conf_listen *listen;
	size_t nlisten;
	struct conf_broker *broker; /* of the file */
	size_t nbroker;
	struct conf_broker *used; /* those that links name: conf/broker.h */
	size_t nused;
};

/* The rows of option.def: what conf_read (read.h) fills a struct conf by. */
extern const struct schema banyand_schema;

/* Return the configuration that has this head; NULL if it is NULL. */
static inline struct conf *
conf_of(struct conf_head *head)
{
	return (struct conf *)(void *)head;
}

/* The functions of head.h, for this struct. */
static inline void
conf_free(struct conf *conf)
{
	conf_head_free(conf != NULL ? &conf->head : NULL);
}

static inline struct conf_place
conf_place_of(const struct conf *conf, const char *option)
{
	return conf_head_place(&conf->head, option);
}

static inline void
conf_print(struct writer *w, const struct conf *conf)
{
	conf_head_print(w, &conf->head);
}

static inline void
conf_keep(const struct conf *old, struct conf *next, struct conf_report *report)
{
	conf_head_keep(&old->head, &next->head, report);
}

/* Return true if a listener or a link uses TLS, which needs a certificate. */
bool conf_needs_tls(const struct conf *conf);

/*
 * Split text, the contents of the MOTD file, into the lines of
 * conf->settings.motd; the lines are copies that belong to conf. A line that is
 * too long for a message becomes several, cut at a blank or a character. Report
 * each line that is not UTF-8 if server.utf8only is set, and a text of too many
 * lines.
 */
void conf_set_motd(struct conf *conf, struct span text,
    struct conf_report *report);

#endif
