/*
 * port.h - the listening ports of a gate. A change has two steps, so that a
 * reload is all or nothing: see daemon/port.h, whose steps are the same.
 */
#ifndef GATE_PORT_H
#define GATE_PORT_H

#include "gate/gate.h"

struct gate_port { /* a listener and its configuration */
	struct gate *gate;
	struct listener *listener;
	struct conf_listen conf;
	uint32_t serial;
	uint32_t nclients; /* that came here, and are there */
	bool proxy_told;   /* the log has that a PROXY header came */
	bool told; /* the log has that descriptors ran out, at told_at */
	struct mono told_at;
	LIST_ENTRY(gate_port) link;
};

/* Prepare the ports of a gate that has a loop. */
void ports_init(struct gate *);

/* Open the new ports. Return false if one cannot be opened: then nothing has
 * changed, and the report has the address and the reason. */
bool ports_prepare(struct gate *, const struct gate_conf *next,
    struct conf_report *);
/* Finish the change, after ports_prepare with the same next. */
void ports_commit(struct gate *, const struct gate_conf *next);

/* Warn, once for each listener, of a PROXY header at a listener that does not
 * expect it. The listener may be closed by now. */
void port_warn_proxy(struct gate *, uint32_t serial);

/* Count a client that came on the port with that serial, or that has gone. The
 * port may be closed by now. */
void port_count(struct gate *, uint32_t serial, int more);

/* Close all ports. */
void ports_close(struct gate *);

#endif
