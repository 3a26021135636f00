/*
 * loading.h - what programs do alike when they load a configuration: read its
 * files, check and open the files that it names, and report what is wrong with
 * them. All of this waits for the disk, so it happens before the loop runs, or
 * on another thread.
 */
#ifndef HOST_LOADING_H
#define HOST_LOADING_H

#include <sys/types.h>

#include "conf/head.h"
#include "conf/parts.h"
#include "conf/source.h"
#include "net/tls.h"

/* A configuration that is loaded, and what is wrong with it. Both are borrowed.
 */
struct loading {
	const struct conf_head *conf;
	struct conf_report *report;
};

/* Return the reader of files for conf_read. */
struct conf_files loading_files(void);

/* Print each problem as a line on standard error. */
void loading_print(const struct conf_report *);

/* Report a problem with an option that is in no list, at its place. */
void loading_problem(const struct loading *, bool warning, const char *option,
    struct span what);

/* Report that a file cannot be read, opened or the like, because of err. */
void loading_cannot(const struct loading *, const char *option,
    const char *doing, const char *path, int err);

/* Report a file that cannot be read; an empty path is none. Warn of a secret
 * that other users can read. */
void loading_readable(const struct loading *, const char *option,
    struct span path, bool secret);

struct loading_tls {
	struct span cert, key;
	const char *cert_option, *key_option;
};

/* Make a context for TLS, which the caller frees with tls_ctx_free. Return NULL
 * after reporting what is wrong with the files. */
struct tls_ctx *loading_tls(const struct loading *, enum tls_role,
    const struct loading_tls *);

/* Fill in the name servers of the system if the configuration has none. A
 * system without such a file has a server of its own. */
void loading_resolv(struct conf_dns *, struct arena *);

/* Find the user that a program started as root becomes. Report a user that
 * does not exist. Otherwise leave uid and gid as they are if this is no program
 * of root, or if the name is empty. */
void loading_user(const struct loading *, struct span name, uid_t *uid,
    gid_t *gid);

/* The user to whom a log belongs; (uid_t)-1: it is not given away. */
struct loading_owner {
	uid_t uid;
	gid_t gid;
};

/*
 * Open the log. Return -1 if path is empty, or after reporting a failure. That
 * is only a warning if the log is old, which is open; old is NULL at a start.
 */
int loading_log(const struct loading *, struct span path,
    const struct loading_owner *, const char *old);

#endif
