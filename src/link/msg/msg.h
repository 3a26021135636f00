/*
 * msg.h - the lines of a link. Each verb has a file: NAME_recv() decodes what
 * follows the verb and handles it, NAME_send() encodes the line.
 *
 * A NAME_recv() returns NULL, or what it expected instead; then the link is
 * refused with `syntax`. For any other code it refuses the link itself and
 * returns NULL.
 */
#ifndef LINK_MSG_MSG_H
#define LINK_MSG_MSG_H

#include "core/core.h"
#include "link/link.h"
#include "link/map/netmap.h"

#define VERB(ID, name, states, needs, what)                              \
	const char *name##_recv(const struct link_step *, struct link *, \
	    struct span rest);
#include "link/verb.def"
#undef VERB

void hello_send(const struct link_step *, struct link *);
void lsa_send(const struct link_step *, struct link *, const struct lsa *);

/* Keep the link state, which came on this link, if it is the newest of its
 * server, and send it on. Return true if so; its contents have moved then. */
bool lsa_take(const struct link_step *, struct link *, struct lsa *);
void sync_send(const struct link_step *, struct link *);
void digest_send(const struct link_step *, struct link *);
void offer_send(const struct link_step *, struct link *);
void want_send(const struct link_step *, struct link *);
void ack_send(const struct link_step *, struct link *);
void beat_send(const struct link_step *, struct link *);

/* Note that the entry, which was the last that came on the link, is here, and
 * that other peers were sent it with this server. Tell a peer what was skipped
 * for it, before it is sent what was made later. Begin anew after WANT. */
void skip_note(const struct link_step *, const struct link *, struct origin,
    uint64_t n);
void skip_tell(const struct link_step *, struct link *);
void skip_begin_anew(const struct link_step *, struct link *);
/* Let the links go on whose peers skipped what has come by now, and ask for
 * what does not come. Return when to look again, by the awake clock. */
void skip_update(const struct link_step *);
struct mono skip_deadline(const struct link_net *);

void limits_send(const struct link_step *, struct link *);
/* Tell our operator of each limit of the peer that is not ours. */
void limits_compare(const struct link_step *, struct link *);

void modules_send(const struct link_step *, struct link *);
/* Send our modules to all peers, and compare, if they are not those of the
 * settings before. */
void modules_changed(const struct link_step *, const struct settings *before);

/* Handle a "+" line, of the entry or the snapshot under way. Returns what a
 * NAME_recv() returns. */
const char *plus_recv(const struct link_step *, struct link *,
    struct span line);

/* Accept an entry that is not in a snapshot, or refuse the link. The reference
 * moves. */
void entry_arrived(const struct link_step *, struct link *, struct entry *);

/* The fields of QUERY, ANSWER and DONE. */
struct question {
	struct sid asker; /* the server that gave it its id */
	uint64_t id;
	struct uid from; /* of a QUERY */
	struct sid dst;
	unsigned ttl;
	struct span text;
};

#define QUESTION_TTL 32
/* Ids of questions that a server asks by itself are greater than this.
 * Questions of the core count from 1, and never come so far. */
#define QUESTION_OWN_ID (UINT64_C(1) << 62)

/* Take words off *rest: the id, with its asker; or dst and ttl. Return false if
 * a word is malformed or ttl too great. */
bool question_id(struct span *rest, struct question *);
bool question_way(struct span *rest, struct question *);

/* Ask a server a question by this server itself, and no user. Return the id of
 * the question. */
uint64_t question_ask(const struct link_step *, struct sid dst,
    struct span text);

/* Return the fields of an ANSWER or DONE with which this server answers the
 * question, without text. */
struct question question_reply(const struct question *asked);

/* Pass the line on towards dst: to the core if that is this server, else to the
 * next server on the way, with a lower ttl. If there is no way, it is lost. */
void query_pass(const struct link_step *, struct question *);
void answer_pass(const struct link_step *, struct question *);
void done_pass(const struct link_step *, struct question *);
/* Begin the line "VERB id [from] dst ttl", with the ttl for the next server.
 * The caller may add a text. */
struct link_line question_line(const struct link_step *, enum verb,
    const struct question *);
/* Return our link towards dst, or NULL if there is none or it has no room. */
struct link *question_link(const struct link_step *, const struct question *);

#endif
