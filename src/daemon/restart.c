/*
 * A server that ends to start again, and cannot start, is the worst outcome.
 * So the program that will run next is asked first whether it takes the
 * configuration (`--check`): it may be a newer version, with newer modules. It
 * is also told what this server has, so that it can find out what it could not
 * have (daemon/restart_check.h). This is the only child process that banyand
 * ever has.
 *
 * The listening sockets stay open meanwhile, so that nobody who connects is
 * refused: connections wait in the queue of the socket. Connections of
 * clients and links end. doc/decisions/0045 says why they are not handed over.
 */
#include "daemon/restart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/control.h"
#include "daemon/port.h"
#include "daemon/restart_check.h"
#include "daemon/worker.h"

void
restart_init(struct banyand *bd)
{
	ssize_t n = readlink("/proc/self/exe", bd->again.exe,
	    sizeof(bd->again.exe) - 1);

	bd->again.exe[n > 0 ? n : 0] = '\0';
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

void
restart_checked(struct banyand *bd, const char *why)
{
	char *reason = bd->again.reason;

	bd->again.reason = NULL;
	if (why == NULL && bd->stopping)
		why = "the server is stopping";
	control_restarted(bd->control, why);
	if (why != NULL) {
		logger_with(&bd->log, LOG_RESTART_REFUSED,
		    { "why", span_of(why) });
	} else {
		bd->again.go = true;
		banyand_stop(bd, span_of(reason));
	}
	free(reason);
}

void
restart_keep_ports(struct banyand *bd)
{
	struct restart *again = &bd->again;
	const struct port *p;
	int fd;

	LIST_FOREACH(p, &bd->ports, link)
		again->nfd++;
	if (again->nfd > INHERIT_MAX)
		again->nfd = INHERIT_MAX;
	again->fd = mem_array(NULL, again->nfd + 1, sizeof(*again->fd));
	again->nfd = 0;
	LIST_FOREACH(p, &bd->ports, link) {
		if (again->nfd == INHERIT_MAX)
			break;
		fd = listen_dup(p->listener, INHERIT_FIRST + INHERIT_MAX);
		if (fd >= 0)
			again->fd[again->nfd++] = fd;
	}
}

void
restart_exec(struct restart *again, char *const *argv)
{
	if (inherit_give(again->fd, again->nfd))
		(void)execv(again->exe, argv);
	(void)fprintf(stderr, "banyand: cannot start %s again: %s\n",
	    again->exe, strerror(errno));
	free(again->fd);
}
