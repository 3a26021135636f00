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

#include <libconfig.h>

#include "base/arena.h"
#include "base/writer.h"
#include "conf/report.h"
#include "core/types/settings.h"

struct source;

/* The words of log.format and of listen.for, in the order of type.def. */
enum conf_log_format { CONF_LOG_TEXT, CONF_LOG_JSON };
enum conf_purpose { CONF_FOR_CLIENTS, CONF_FOR_LINKS, CONF_FOR_HTTP };

#define CONF_DNS_SERVERS_MAX 8

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

struct conf_listen {
	struct addr address;
	uint32_t port;
	bool tls;
	uint32_t purpose;	 /* enum conf_purpose */
	struct net_list proxies; /* empty: clients connect by themselves */
	struct conf_place at;	 /* of its address */
};

/*
 * A struct conf owns itself and everything it points to, its settings
 * included; conf_free frees it. A text is empty if the file does not set it
 * and its row has no default.
 */
struct conf {
	struct arena *arena;
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
	const struct peer_address *dns_server;
	size_t ndns_server; /* 0: those of the system */
	const struct peer_address *system_dns;
	size_t nsystem_dns;
	uint32_t dns_timeout_ms;
	struct span log_file;	 /* empty: standard error */
	uint32_t log_format;	 /* enum conf_log_format */
	uint32_t log_level;	 /* enum log_level */
	uint32_t log_per_minute; /* events of strangers of a kind; 0: any */
	struct conf_listen *listen;
	size_t nlisten;
	struct span file;	  /* the file that was checked */
	struct conf_place *place; /* by option_index; see conf_place_of */
};

/*
 * Check the whole tree that libconfig made of the source's text, and report
 * every problem. The caller frees the result with conf_free; it borrows nothing
 * from the tree or the source. Never return NULL; use the result only if the
 * report has no errors.
 */
struct conf *conf_check(const config_t *tree, const struct source *,
    struct conf_report *report);

/* Free the configuration and everything it owns. NULL is allowed. */
void conf_free(struct conf *conf);

/*
 * Return the place of an option such as "tls.key" or "state". If the file does
 * not set the option, return the file with line 0. The option must exist and
 * must not be in a list of groups. The result is borrowed from conf.
 */
struct conf_place conf_place_of(const struct conf *conf, const char *option);

/* Return true if a listener or a link uses TLS, which needs a certificate. */
bool conf_needs_tls(const struct conf *conf);

/*
 * Write the effective configuration: every option with its value. Reading and
 * checking this text gives the same configuration again.
 */
void conf_print(struct writer *w, const struct conf *conf);

/*
 * Prepare a reload: copy into next the old value of each option that only a
 * restart can change, and report a warning for each one that differs. Every
 * other option of next keeps its value. The copies belong to next.
 */
void conf_keep(const struct conf *old, struct conf *next,
    struct conf_report *report);

/*
 * Split text, the contents of the MOTD file, into the lines of
 * conf->settings.motd; the lines are copies that belong to conf. A line that is
 * too long for a message becomes several, cut at a blank or a character. Report
 * each line that is not UTF-8 if server.utf8only is set, and a text of too many
 * lines.
 */
void conf_set_motd(struct conf *conf, struct span text,
    struct conf_report *report);

/*
 * Read the name servers of the system from the text of resolv.conf, into copies
 * that belong to conf. If it names no server: the server of this machine.
 */
void conf_set_resolv(struct conf *conf, struct span text);

#endif
