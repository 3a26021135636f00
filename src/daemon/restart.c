/*
 * A server that ends to start again, and cannot start, is the worst outcome.
 * So the program that will run next is asked first whether it takes the
 * configuration (`--check`): it may be a newer version, with newer modules. It
 * is also told what this server has, so that it can find out what it could not
 * have (daemon/restart_check.h). This is the only child process that banyand
 * ever has.
 *
 * The listening sockets stay open meanwhile, so that nobody who connects is
 * refused: connections wait in the queue of the socket. Connections of clients
 * without TLS stay, too, if the new program can go on with this run. Others
 * end, and so do links: doc/decisions/0045 says why.
 *
 * The installed program may be gone between the check and the exec. Then this
 * program is executed anew: the system still has it. It is as good a program to
 * go on with as any, and the connections that stay must not be lost.
 */
#include "daemon/restart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/core.h"
#include "daemon/control.h"
#include "daemon/port.h"
#include "daemon/restart_check.h"
#include "daemon/stay.h"
#include "daemon/takeover.h"
#include "daemon/worker.h"

#define SELF "/proc/self/exe"

/* Take off what the system adds to the name of a file that is gone: another one
 * may be installed there later. */
static void
cut_deleted(char *path)
{
	static const char mark[] = " (deleted)";
	size_t n = strlen(path), k = sizeof(mark) - 1;

	if (n > k && strcmp(path + n - k, mark) == 0 && access(path, F_OK) != 0)
		path[n - k] = '\0';
}

void
restart_init(struct banyand *bd)
{
	ssize_t n = readlink(SELF, bd->again.exe, sizeof(bd->again.exe) - 1);

	bd->again.exe[n > 0 ? n : 0] = '\0';
	cut_deleted(bd->again.exe);
}

void
restart_ask(struct banyand *bd, struct span reason)
{
	if (bd->again.reason != NULL || bd->stopping)
		return;
	bd->again.reason = span_dup(reason);
	bd->again.waits = true;
	restart_settle(bd);
}

/* The check must know the ports that the server has when it starts again. */
void
restart_settle(struct banyand *bd)
{
	if (!bd->again.waits || bd->reload.under_way)
		return;
	bd->again.waits = false;
	worker_check(bd->worker, bd->again.exe, bd->conf_path,
	    restart_check_holds(bd));
}

/* Return why no program can go on with this run, or NULL. */
static const char *
not_kept(const struct banyand *bd, bool reads)
{
	if (!reads)
		return "the new program reads no such text";
	if (!core_is_ready(node_core(bd->node)))
		return "the server has not joined the network";
	return NULL;
}

static void
start(struct banyand *bd, bool reads, struct span reason)
{
	const char *why = not_kept(bd, reads);

	bd->again.go = true;
	if (why == NULL) {
		stay_begin(bd, reason);
		return;
	}
	logger_with(&bd->log, LOG_NOT_KEPT, { "why", span_of(why) });
	control_restarted(bd->control, NULL, SPAN_NONE);
	banyand_stop(bd, reason);
}

void
restart_checked(struct banyand *bd, bool ok, const char *said)
{
	char *reason = bd->again.reason;
	bool reads = restart_check_reads(&said);

	bd->again.reason = NULL;
	if (ok && bd->stopping)
		said = "the server is stopping";
	if (!ok || bd->stopping) {
		logger_with(&bd->log, LOG_RESTART_REFUSED,
		    { "why", span_of(said) });
		control_restarted(bd->control, said, SPAN_NONE);
	} else {
		start(bd, reads, span_of(reason));
	}
	free(reason);
}

void
restart_keep_ports(struct banyand *bd)
{
	struct restart *again = &bd->again;
	const struct port *p;
	int fd, floor;

	LIST_FOREACH(p, &bd->ports, link)
		again->nfd++;
	if (again->nfd > INHERIT_MAX)
		again->nfd = INHERIT_MAX;
	again->fd = mem_array(NULL, again->nfd + 1, sizeof(*again->fd));
	floor = INHERIT_FIRST + (int)again->nfd;
	again->nfd = 0;
	LIST_FOREACH(p, &bd->ports, link) {
		if (again->nfd == INHERIT_MAX)
			break;
		fd = listen_dup(p->listener, floor);
		if (fd >= 0)
			again->fd[again->nfd++] = fd;
	}
}

void
restart_exec(struct restart *again, char *const *argv)
{
	bool given = inherit_give(again->fd, again->nfd) &&
		     (again->text == 0 || takeover_give(again->text));

	if (again->then_stop) /* it waits for the new program */
		(void)kill(getpid(), SIGTERM);
	if (given)
		(void)execv(again->exe, argv);
	(void)fprintf(stderr, "banyand: cannot start %s again: %s\n",
	    again->exe, strerror(errno));
	if (given)
		(void)execv(SELF, argv);
	free(again->fd);
}
