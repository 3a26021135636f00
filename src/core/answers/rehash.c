/*
 * The request belongs to the core itself, which may have one of each kind. So
 * of operators of other servers one is served at a time. The asker goes by its
 * question, which is kept with the request: if the link is lost meanwhile,
 * nobody hears of the end.
 */
#include "core/answers/rehash.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/answers/query.h"
#include "core/answers/reply.h"
#include "core/sessions/line.h"
#include "wire/utf8.h"

#define LINE_MAX 400 /* bytes of a problem, so that it fits a line */

struct asked {
	uint64_t question;
	struct sid asker;
};

struct span
rehash_end(enum answer_status status)
{
	switch (status) {
	case ANSWER_OK:
		return SPAN("the configuration was read again");
	case ANSWER_NO:
		return SPAN("the old configuration stays in use");
	case ANSWER_EXPIRED:
		return SPAN("it is not done yet; the log will have the end");
	case ANSWER_REFUSED:
		break;
	}
	return SPAN("the server is stopping");
}

static void
tell(struct step *st, struct span text)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "REHASH: ");
	writer_span(&w, utf8_cut(text, LINE_MAX));
	reply_question(st, writer_done(&w));
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	const struct asked *a = r->data;
	struct out done = {
		.kind = OUT_DONE, .id = a->question, .dst = a->asker
	};
	struct span line;

	(void)s;
	st->question = a->question;
	st->asker = a->asker;
	while (bytes.n > 0)
		if ((line = span_cut(&bytes, '\n')).n > 0)
			tell(st, line);
	if (status == ANSWER_OK)
		tell(st, rehash_end(status));
	else
		reply_refusal(st, SPAN("REHASH"), rehash_end(status));
	core_out_put(st->core, &done);
}

static const struct request_use use_rehash = { .kind = REQUEST_REHASH,
	.hold = HOLD_NOTHING,
	.answered = answered,
	.free_data = free };

static struct request *
begin(struct step *st)
{
	struct request *r = request_begin(st, NULL, &use_rehash, SPAN_NONE);
	struct asked *a;

	if (r == NULL)
		return NULL;
	a = mem_zalloc(sizeof(*a));
	*a = (struct asked){ st->question, st->asker };
	r->data = a;
	return r;
}

bool
rehash_asked(struct step *st, struct uid from)
{
	struct audit a = query_audit(st, from);
	const struct addr nobody = { .b = { 0 } };
	const char *no = NULL;
	struct request *r = NULL;

	if (!query_may(st, from, PRIV_REHASH))
		no = "you lack the privilege: rehash";
	else if ((r = begin(st)) == NULL)
		no = "the configuration is being read already; try again later";
	a.what[0] = SPAN("REHASH");
	a.what[1] = st->core->settings->name;
	a.why = no == NULL ? SPAN_NONE : span_of(no);
	a.result = no == NULL ? "ok" : "refused";
	audit_log(st, LOG_REHASH, &a);
	if (r == NULL) {
		reply_refusal(st, SPAN("REHASH"), span_of(no));
		return false;
	}
	reply(st, NULL, RPL_REHASHING, SPAN("banyand.conf"));
	effects_ask(st->fx, r->token, REQUEST_REHASH, &nobody, SPAN_NONE);
	return true;
}
