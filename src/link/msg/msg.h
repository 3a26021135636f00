/*
 * msg.h - the lines of a link, one file each: NAME_recv decodes and handles
 * what follows the verb, NAME_send encodes. A recv returns NULL, or what was
 * expected; the link is then refused with it. It may refuse the link itself.
 */
#ifndef LINK_MSG_MSG_H
#define LINK_MSG_MSG_H

#include "core/core.h"
#include "link/link.h"
#include "link/netmap.h"

#define VERB(ID, name, states, needs, what)                              \
	const char *name##_recv(const struct link_step *, struct link *, \
	    struct span rest);
#include "link/verb.def"
#undef VERB

void hello_send(const struct link_step *, struct link *);
void lsa_send(const struct link_step *, struct link *, const struct lsa *);
void sync_send(const struct link_step *, struct link *);
void digest_send(const struct link_step *, struct link *);
void want_send(const struct link_step *, struct link *);
void ack_send(const struct link_step *, struct link *);
void beat_send(const struct link_step *, struct link *);
void limits_send(const struct link_step *, struct link *);
/* Tell our operator of each limit of the peer that is not ours. */
void limits_compare(const struct link_step *, const struct link *);

/* A "+" line: of the entry or the snapshot under way. */
const char *plus_recv(const struct link_step *, struct link *,
    struct span line);

/* id, dst, ttl and text of QUERY, ANSWER, DONE. */
struct question {
	struct sid asker; /* who numbered it */
	uint64_t id;
	struct uid from; /* QUERY */
	struct sid dst;
	unsigned ttl;
	struct span text;
};

#define QUESTION_TTL 32

/* Off *rest: asker and id; dst and ttl. False if it is none, or ttl too great.
 */
bool question_id(struct span *rest, struct question *);
bool question_way(struct span *rest, struct question *);

/* Towards dst: to the core if it is here, else one hop on; ttl goes down.
 * Lost without a word if there is no way. */
void query_pass(const struct link_step *, struct question *);
void answer_pass(const struct link_step *, struct question *);
void done_pass(const struct link_step *, struct question *);
/* "VERB id [from] dst ttl" with the ttl of the next hop; text may follow. */
struct link_line question_line(const struct link_step *, enum verb,
    const struct question *);
/* Our link towards dst that has room, or NULL. */
struct link *question_link(const struct link_step *, const struct question *);

#endif
