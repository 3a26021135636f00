/*
 * restart_check.h - what the check before a restart looks at beyond that of a
 * start, which may be much later.
 *
 * The server that starts again holds a state directory, a control socket and
 * ports. It will give them up, or hand them on. So the program that checks for
 * it must know them: whatever else is in use belongs to another process, and
 * the next program could not have it. The environment tells it, as an older
 * program would refuse an option that it does not know:
 *
 *	BANYAND_HOLDS=;text=1;node=1;;state=DEVICE:INODE;
 *	    ;control=DEVICE:INODE;;listen=ADDRESS;
 *
 * The format of the text (daemon/kept.h) and the version of the node's part
 * (node/handover.h) are there, too. A program that reads both says so before
 * all else, and an older one says nothing.
 */
#ifndef DAEMON_RESTART_CHECK_H
#define DAEMON_RESTART_CHECK_H

#include "daemon/banyand.h"

/* Return the line of the environment, which the caller frees. */
char *restart_check_holds(const struct banyand *);

/* Return the process that this program checks for, or 0 if it does not check
 * for a restart. */
pid_t restart_check_asked(void);

/* Say if this program can go on with the run of that process. */
void restart_check_say(void);
/* Return true if a program has said that, and take it off what the program has
 * said (host/child.h). */
bool restart_check_reads(const char **said);

/* Return true if that process has a listener with that name (listen_name). */
bool restart_check_has_listener(const char *name);

/*
 * Find out if the state can be written, and if no other server has what the
 * configuration names. This makes a file in the state directory for a moment.
 * Nothing is done if the report has errors already.
 */
void restart_check(struct loaded *);

#endif
