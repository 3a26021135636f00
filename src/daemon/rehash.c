/*
 * A request waits for the reading that begins after it was made, as another
 * reading may be under way already (daemon/reload.h). The core bounds how many
 * requests there are.
 */
#include "daemon/rehash.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "daemon/reload.h"
#include "daemon/worker.h"

#define PROBLEMS_MAX 20 /* that an operator is told; the log has them all */

struct rehash {
	uint64_t token;
	uint64_t reading;
	STAILQ_ENTRY(rehash) link;
};

void
rehash_ask(struct banyand *bd, uint64_t token)
{
	uint64_t reading = reload_ask(bd);
	struct rehash *r;

	if (reading == 0) {
		worker_refuse(bd->worker, token, REQUEST_REHASH);
		return;
	}
	r = mem_zalloc(sizeof(*r));
	r->token = token;
	r->reading = reading;
	STAILQ_INSERT_TAIL(&bd->rehashes, r, link);
}

/* Take out the first request that waits for this reading or one before; the
 * caller frees it. */
static struct rehash *
take(struct banyand *bd, uint64_t reading)
{
	struct rehash *r = STAILQ_FIRST(&bd->rehashes);

	if (r == NULL || r->reading > reading)
		return NULL;
	STAILQ_REMOVE_HEAD(&bd->rehashes, link);
	return r;
}

static void
write_problems(struct writer *w, const struct conf_report *report)
{
	for (size_t i = 0; i < report->n && i < PROBLEMS_MAX; i++) {
		conf_problem_build(w, &report->v[i]);
		writer_char(w, '\n');
	}
	if (report->n > PROBLEMS_MAX)
		writer_str(w, "the log has the other problems\n");
}

void
rehash_reloaded(struct banyand *bd, uint64_t reading, bool ok,
    const struct conf_report *report)
{
	enum answer_status status = report == NULL ? ANSWER_REFUSED
				    : ok	   ? ANSWER_OK
						   : ANSWER_NO;
	struct arena *arena = arena_new(1024);
	struct writer w;
	struct rehash *r;

	writer_init_arena(&w, arena, PROBLEMS_MAX * REPORT_LINE);
	if (report != NULL)
		write_problems(&w, report);
	while ((r = take(bd, reading)) != NULL) {
		banyand_answer(bd, r->token, REQUEST_REHASH, status,
		    writer_done(&w));
		free(r);
	}
	arena_free(arena);
}

void
rehash_fini(struct banyand *bd)
{
	struct rehash *r;

	while ((r = take(bd, UINT64_MAX)) != NULL)
		free(r);
}
