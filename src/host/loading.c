#include "host/loading.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/logger.h"
#include "net/file.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_MAX ((size_t)16 * 1024) /* bytes */
#define WHAT_LEN (PATH_MAX + 256)

static bool
read_file(void *ctx, struct arena *a, struct span path, struct span *text,
    const char **why)
{
	(void)ctx;
	return file_read_into(a, path.p, SOURCE_MAX, text, why);
}

struct conf_files
loading_files(void)
{
	return (struct conf_files){ read_file, NULL };
}

void
loading_print(const struct conf_report *r)
{
	char buf[REPORT_TEXT + PATH_MAX + 64];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		(void)fprintf(stderr, "%.*s\n", SPAN_ARG(writer_done(&w)));
	}
}

void
loading_problem(const struct loading *l, bool warning, const char *option,
    struct span what)
{
	struct conf_place at = conf_head_place(l->conf, option);
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, option);
	writer_str(&w, ": ");
	writer_span(&w, what);
	conf_report_add(l->report, warning, at, writer_done(&w));
}

void
loading_cannot(const struct loading *l, const char *option, const char *doing,
    const char *path, int err)
{
	char what[WHAT_LEN];

	(void)snprintf(what, sizeof(what), "cannot %s %s: %s", doing, path,
	    file_why(err));
	loading_problem(l, false, option, span_of(what));
}

/* Report a private key that other users can read: a user that can read the key
 * can pass for this server. */
static void
check_secret(const struct loading *l, const char *option, const char *path,
    int fd)
{
	char what[WHAT_LEN];
	struct stat st;

	if (fstat(fd, &st) != 0 || (st.st_mode & (S_IRWXO | S_IWGRP)) == 0)
		return;
	(void)snprintf(what, sizeof(what),
	    "%s has mode %04o: others than its owner and group must not "
	    "read it",
	    path, (unsigned int)st.st_mode & 07777);
	loading_problem(l, true, option, span_of(what));
}

void
loading_readable(const struct loading *l, const char *option, struct span path,
    bool secret)
{
	char *p = span_dup(path);
	FILE *f;

	if (path.n > 0) {
		f = file_open(p);
		if (f == NULL)
			loading_cannot(l, option, "read", p, errno);
		else {
			if (secret)
				check_secret(l, option, p, fileno(f));
			(void)fclose(f);
		}
	}
	free(p);
}

struct tls_ctx *
loading_tls(const struct loading *l, enum tls_role role,
    const struct loading_tls *f)
{
	char *cert = span_dup(f->cert), *key = span_dup(f->key);
	char why[TLS_WHY_LEN];
	struct tls_ctx *ctx = tls_ctx_new(role, cert, key, why);

	/* why begins with the path of the file that is wrong */
	if (ctx == NULL)
		loading_problem(l, false,
		    span_starts(span_of(why), f->key) ? f->key_option
						      : f->cert_option,
		    span_of(why));
	free(cert);
	free(key);
	return ctx;
}

void
loading_resolv(struct conf_dns *dns, struct arena *arena)
{
	char *text;
	size_t n = 0;

	if (dns->servers.n > 0)
		return;
	text = file_read(RESOLV_CONF, RESOLV_MAX, &n);
	conf_set_resolv(dns, arena,
	    text == NULL ? SPAN_NONE : span_make(text, n));
	free(text);
}

void
loading_user(const struct loading *l, struct span name, uid_t *uid, gid_t *gid)
{
	char *user = span_dup(name);
	const struct passwd *pw = NULL;

	if (user[0] != '\0' && (pw = getpwnam(user)) == NULL)
		loading_problem(l, false, "user", SPAN("no such user"));
	if (pw != NULL && geteuid() == 0) {
		*uid = pw->pw_uid;
		*gid = pw->pw_gid;
	}
	free(user);
}

int
loading_log(const struct loading *l, struct span log,
    const struct loading_owner *owner, const char *old)
{
	char *path = span_dup(log), what[WHAT_LEN];
	int fd = -1;

	if (path[0] != '\0') {
		fd = logger_open(path, owner->uid, owner->gid);
		if (fd < 0 && (old == NULL || strcmp(old, path) != 0))
			loading_cannot(l, "log.file", "open", path, errno);
		else if (fd < 0) {
			(void)snprintf(what, sizeof(what),
			    "cannot open %s again: %s; the one that is open "
			    "is written to",
			    path, strerror(errno));
			loading_problem(l, true, "log.file", span_of(what));
		}
	}
	free(path);
	return fd;
}
