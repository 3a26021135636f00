/*
 * probing.h - checks that the system can give what a configuration names,
 * before a start needs it. A probe changes nothing that lasts. Problems go to
 * the report at the place of their option.
 *
 * A program that is started as root becomes `user` later; what it does after
 * that is probed with the rights of that user. This changes the rights of the
 * whole process for a moment, so no thread may run yet.
 */
#ifndef HOST_PROBING_H
#define HOST_PROBING_H

#include <sys/types.h>

#include "host/loading.h"

struct probing {
	struct loading loading; /* borrowed */
	char *user;		/* to become later, or NULL */
	uid_t uid;		/* of user */
	gid_t gid;
	struct span own; /* a folder that has a check of its own; or empty */
	char prefix[64]; /* of what is reported with the rights of user */
	gid_t *group;	 /* of root, while the rights are those of user */
	int ngroup;
	bool mild; /* problems are warnings */
	char text[REPORT_TEXT];
	struct writer w; /* into text */
};

/* Begin to probe for a program that becomes that user, or that keeps its own if
 * uid is (uid_t)-1. */
void probing_init(struct probing *, const struct loading *, struct span user,
    const struct loading_owner *);
void probing_fini(struct probing *);

/* ---- rights ---- */

/* Take the rights of user, if there is one. If the system refuses, this is
 * reported, and there is no user any more: what only this user may do is not
 * probed. */
void probing_take_rights(struct probing *);
void probing_give_rights_back(struct probing *);

/* ---- parts of a probe; option is NULL for the configuration file ---- */

/* Report a path; what follows it says what is wrong. */
void probing_complain(struct probing *, const char *option, const char *path,
    const char *what);
/* Report a path that the system refuses; errno says why. */
void probing_complain_errno(struct probing *, const char *option,
    const char *path);
/* Warn of a path; what follows it says what is wrong. */
void probing_warn(struct probing *, const char *option, const char *path,
    const char *what);

/* Return the folder of an absolute path; the caller frees it. */
char *probing_folder_name(const char *path);
/* Report a folder that is none, or in which mode (of access) is not allowed. */
bool probing_folder(struct probing *, const char *option, const char *folder,
    int mode);
/* Report a path whose folder does not allow to make and remove files. */
bool probing_folder_of(struct probing *, const char *option, const char *path);

/* ---- what programs write and read ---- */

/* Check a control socket, which user makes. */
void probing_control(struct probing *, struct span path);
/* Check a pid file, which root writes if the program starts as root. */
void probing_pidfile(struct probing *, struct span path);
/* Check a log, and that user can make it again when it was rotated. */
void probing_log(struct probing *, struct span path);
/* Warn of a file that user may not read again at a reload; the program reads it
 * as root once. Call it with the rights of user. A file that root cannot read
 * either is not reported. */
void probing_read(struct probing *, const char *option, struct span file);

#endif
