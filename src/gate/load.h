/*
 * load.h - reads the configuration of a gate, and the files that it names. One
 * report gets every problem. Loading waits for the disk.
 */
#ifndef GATE_LOAD_H
#define GATE_LOAD_H

#include <sys/types.h>

#include "conf/gate.h"
#include "net/tls.h"

struct gate_loaded {
	struct conf_report report; /* may have warnings without errors */
	struct gate_conf *conf;	   /* NULL: the report has errors */
	struct tls_ctx *clients;   /* NULL: no listener uses TLS */
	struct tls_ctx *trunks;	   /* NULL: no trunk uses TLS */
	int log_fd;		   /* -1: not opened */
	uid_t uid;		   /* of `user`; (uid_t)-1: keep our user */
	gid_t gid;
};

/*
 * Read and check the configuration at path, which is absolute, with everything
 * that a start would need: files, folders, the user, the listeners. The caller
 * gives the memory of the result, which need not be initialised, and calls
 * gate_loaded_fini, also after errors.
 */
void gate_load(struct gate_loaded *, const char *path);

/*
 * Do the same for a start, which follows: open the log as a file of `user`, and
 * leave the listeners and the sockets to the start. A certificate that is not
 * valid now is only a warning, so that a gate can be started with it.
 */
void gate_load_start(struct gate_loaded *, const char *path);

/* Read and check the configuration for a reload, and open the log again. If
 * that fails, it is an error only if the log is another file than old_log. */
void gate_load_again(struct gate_loaded *, const char *path,
    const char *old_log);

/* Free everything that the caller has not taken out. */
void gate_loaded_fini(struct gate_loaded *);

#endif
