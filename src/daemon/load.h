/*
 * load.h - reads a configuration: libconfig reads the files, conf/ checks them,
 * and the files that the configuration names are opened and read. One report
 * gets every problem. Loading waits for the disk, so it happens before the loop
 * runs, or on the worker.
 */
#ifndef DAEMON_LOAD_H
#define DAEMON_LOAD_H

#include <sys/types.h>

#include "conf/conf.h"
#include "daemon/modules.h"
#include "net/tls.h"

struct countries;

struct tls_set { /* replaced whole by a reload */
	struct tls_ctx *clients, *link_accept, *link_dial;
};

/* Free the contexts and make the set empty. Streams keep the context that they
 * began with. */
void tls_set_free(struct tls_set *);

/* The contents of the files that conf->used[i] names. */
struct broker_file {
	char *password;	     /* NULL: none */
	struct tls_ctx *tls; /* NULL: no TLS */
};

struct broker_set {
	struct broker_file *v;
	size_t n;
};

/* Free what is in the set and make it empty. */
void broker_set_free(struct broker_set *);

struct loaded {
	struct conf_report report;   /* may have warnings without errors */
	struct conf *conf;	     /* NULL: the report has errors */
	struct tls_set tls;	     /* empty if conf needs no TLS */
	struct broker_set brokers;   /* of conf->used */
	struct countries *countries; /* NULL: no module has a database */
	struct module_set modules;   /* whose rows conf has */
	int log_fd;		     /* -1: not opened */
	pid_t again;		     /* the server that restarts, or 0 */
	uid_t uid;		     /* of `user`; (uid_t)-1: keep our user */
	gid_t gid;
};

/*
 * Read and check the configuration at path, which is absolute, with everything
 * that a start would need, or a restart if a server asks for it
 * (daemon/restart_check.h). A relative path in an @include starts at path's
 * folder. The caller gives the memory of the result, which need not be
 * initialised, and calls loaded_fini, also after errors.
 */
void load(struct loaded *, const char *path);

/*
 * Do the same for a start, which follows: make the state directory, open the
 * log as a file of `user`, and leave the listeners to the start. A certificate
 * that is not valid now is only a warning, so that a server can be restarted
 * with it.
 */
void load_start(struct loaded *, const char *path);

/*
 * Read and check the configuration for a reload, and open the log again. If
 * that fails, it is an error only if the log is another file than old_log.
 * `old` has the modules that are in use; nobody may change the set meanwhile.
 */
void load_again(struct loaded *, const char *path, const char *old_log,
    const struct module_set *old);

/* Report a problem with an option that is in no list, at its place. */
void loaded_problem(struct loaded *, bool warning, const char *option,
    struct span what);

/* Free everything that the caller has not taken out. */
void loaded_fini(struct loaded *);

#endif
