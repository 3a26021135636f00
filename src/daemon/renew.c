/*
 * The uids of the new run begin above every mark that the old node has asked
 * for, even if the worker has not stored that mark yet: the worker stores in
 * order, so a later store has the greater mark and the greater inc.
 *
 * Rejected: to end the process and let a service manager start it again. Not
 * every server has such a manager, and a server that has given up its rights
 * could not open its ports again by itself.
 */
#include "daemon/renew.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "daemon/brokers.h"
#include "daemon/dialling.h"
#include "daemon/endpoint.h"
#include "daemon/worker.h"

static bool
choose_inc(struct banyand *bd, uint32_t above)
{
	int64_t least = above > bd->state.inc ? above : bd->state.inc;
	int64_t inc = loop_wall(bd->loop).ms / MS_PER_S;

	if (inc <= least)
		inc = least + 1;
	if (inc > UINT32_MAX)
		return false;
	bd->state.inc = (uint32_t)inc;
	return true;
}

void
renew_ask(struct banyand *bd, uint32_t above, struct span reason)
{
	if (bd->renewal.reason != NULL || bd->stopping)
		return;
	logger_with(&bd->log, LOG_RENEW, { "why", reason });
	if (!choose_inc(bd, above)) {
		logger_row(&bd->log, LOG_RENEW_FAILED, NULL, 0);
		return;
	}
	bd->renewal.reason = span_dup(reason);
	bd->renewal.uid_from = bd->uids_asked;
	bd->renewal.uid_upto = bd->uids_asked + UIDS_AHEAD;
	bd->uids_asked = bd->renewal.uid_upto;
	worker_store(bd->worker, &bd->state, 0, bd->renewal.uid_upto);
}

void
renew_stored(struct banyand *bd, uint64_t uid_upto)
{
	char *reason = bd->renewal.reason;

	invariant(reason != NULL && uid_upto == bd->renewal.uid_upto);
	invariant(!bd->stepping);
	endpoint_close_all(bd, span_of(reason));
	dialling_fini(bd);
	brokers_renew(bd->brokers);
	node_free(bd->node);
	bd->node = node_new();
	bd->deadline = MONO_NEVER;
	bd->token_base = bd->token_last;
	bd->renewal.reason = NULL;
	free(reason);
	banyand_seed(bd, bd->renewal.uid_from);
}
