/*
 * cap_lines.h - lines with capabilities (IRCv3 capability-negotiation.md).
 */
#ifndef CORE_CAP_LINES_H
#define CORE_CAP_LINES_H

#include "core/state.h"

#define CAP_LINE_MAX 350 /* bytes of capabilities on a line */

/* Send one line of CAP with the subcommand and the text; `more` says that
 * another one follows. */
void reply_cap(struct step *, struct session *, const char *sub, bool more,
    struct span text);

/*
 * Send the capabilities of the set as the subcommand LS or LIST, with their
 * values if that is asked for. A list that is too long for one line goes out as
 * several lines to a client that said 302, all but the last with `*` before the
 * text ("Multiline replies").
 */
void reply_caps(struct step *, struct session *, const char *sub, uint64_t set,
    bool values);

/*
 * Tell a client that has cap-notify of a set of capabilities that have come
 * (NEW) or gone (DEL). Values are for clients that said 302 ("CAP NEW").
 */
void reply_caps_changed(struct step *, struct session *, const char *sub,
    uint64_t set, bool values);

#endif
