#include "host/process.h"

#include <sys/resource.h>

#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

bool
process_become(struct span name, uid_t uid, gid_t gid)
{
	char *user = span_dup(name);
	bool ok = initgroups(user, gid) == 0 && setgid(gid) == 0 &&
		  setuid(uid) == 0 && (uid == 0 || setuid(0) != 0);

	free(user);
	return ok;
}

int
process_raise_fds(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		rl.rlim_max = 256;
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur > INT_MAX)
		rl.rlim_cur = INT_MAX;
	return (int)rl.rlim_cur;
}
