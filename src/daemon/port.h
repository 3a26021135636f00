/*
 * port.h - the listening ports of a server. A change has two steps, so that a
 * reload is all or nothing:
 *
 *	ports_prepare	opens the new ports; the old ports stay
 *	ports_commit	takes the new ports over, closes the ports that are no
 *			longer configured, and applies the configuration to
 *			the ports that stay
 */
#ifndef DAEMON_PORT_H
#define DAEMON_PORT_H

#include "daemon/banyand.h"

/* Prepare for ports, once there is a loop. */
void ports_init(struct banyand *);

/* Open the new ports. Return false if one cannot be opened: then nothing has
 * changed, and the report has the address and the reason. */
bool ports_prepare(struct banyand *, const struct conf *next,
    struct conf_report *);
/* Finish the change, after ports_prepare with the same next. */
void ports_commit(struct banyand *, const struct conf *next);

/* Warn, once for each listener, of a PROXY header at a listener that does not
 * expect it. The listener may be closed by now. */
void port_warn_proxy(struct banyand *, uint32_t serial);

/* Count a connection that came on the port with that serial, or that has gone.
 * The port may be closed by now. */
void port_count(struct banyand *, uint32_t serial, int more);
/* Return the serial of the port at which a connection has come, and write the
 * number of that port; 0 if no listener is there any more. */
uint32_t port_find(const struct banyand *, int fd, uint16_t *port);
/* Return what the port is for: clients, links or http. */
struct span port_for(const struct port *);

/* Close all ports. */
void ports_close(struct banyand *);

#endif
