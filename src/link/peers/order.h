/*
 * order.h - what operators tell the links of this server: SQUIT closes the link
 * with a peer and holds it down, CONNECT makes it (doc/decisions/0045).
 *
 * An order comes as a question (link-protocol.md, 10.7), also from this server
 * itself; or from the operator at the control socket, by link/net.h.
 */
#ifndef LINK_ORDER_H
#define LINK_ORDER_H

#include "base/writer.h"
#include "core/types/ids.h"

struct link_step;
struct question;

/* Why a link with a peer that is held down is refused. */
#define ORDER_HELD "an operator has ended this link"

/* Carry out and answer the question if it is such an order. Return false if it
 * is another question. */
bool order_asked(const struct link_step *, const struct question *);

/* Carry out an order, "SQUIT name reason" or "CONNECT name port". The caller
 * has checked the privileges. Write what was done, or why nothing was, as lines
 * that end with a line feed. Return false if nothing was done. */
bool order_carry(const struct link_step *, struct span order,
    struct writer *told);
/* Write the line of the log about an order of that user, or of the operator at
 * the control socket if the uid is none. */
void order_log(const struct link_step *, struct uid by, struct span order,
    bool done);

#endif
