/*
 * load.h - a configuration from its files: libconfig reads, conf/ checks, and
 * what the configuration names is opened and read. Everything that is wrong is
 * in one report. It waits for the disk: before the loop runs, or on the worker.
 */
#ifndef DAEMON_LOAD_H
#define DAEMON_LOAD_H

#include <sys/types.h>

#include "conf/conf.h"
#include "net/tls.h"

struct tls_set { /* replaced whole by a reload */
	struct tls_ctx *clients, *link_accept, *link_dial;
};

/* Empty after. Streams keep what they began with. */
void tls_set_free(struct tls_set *);

struct loaded {
	struct conf_report report; /* may have warnings without errors */
	struct conf *conf;	   /* NULL: the report has errors */
	struct tls_set tls;	   /* empty where conf needs none */
	int log_fd;		   /* -1: not opened */
	uid_t uid;		   /* of `user`; (uid_t)-1: nobody to become */
	gid_t gid;
};

/* path is absolute; what a file includes is meant from path's folder. The
 * memory is the caller's, any; loaded_fini() follows, also after errors. */
void load(struct loaded *, const char *path);

/*
 * In addition, what a start needs: `user` is looked up if we are root, and
 * the log opened for him.
 */
void load_start(struct loaded *, const char *path);

/*
 * What a reload needs: the log is opened again. That it cannot be is an error
 * only when it is another file than old.
 */
void load_again(struct loaded *, const char *path, const char *old_log);

/* All that was not taken out of it. */
void loaded_fini(struct loaded *);

/* Problems as lines on standard error. */
void report_print(const struct conf_report *);

#endif
