/*
 * The beginning of a pause is not known: it may have been right after the last
 * run, or at the deadline. So the time in between does not count, except
 * SLACK_MS. That much always counts: a process under load may be late each
 * time, and a dead peer must not stay as long as the load lasts.
 *
 * Rejected: to count the time up to the deadline. A client whose registration
 * waited for an answer of this server would be timed out right after the pause,
 * before it can go on.
 */
#include "base/awake.h"

#define SLACK_MS 250 /* so much later than due is still in time */

bool
awake_run(struct awake *a, struct mono now, struct mono due)
{
	const int64_t slack = SLACK_MS * NS_PER_MS;
	int64_t gap = now.ns - a->last.ns;
	bool late = mono_cmp(now, mono_add_ms(due, SLACK_MS)) > 0;

	a->last = now;
	if (!late || gap <= slack)
		return false;
	a->paused_ns += gap - slack;
	return true;
}
