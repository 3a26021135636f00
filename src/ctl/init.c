/*
 * Links have a key of their own: other servers pin it, so it must not change
 * when the certificate for clients is renewed. Its certificate has no end that
 * matters, since nobody looks at its dates.
 */
#include "ctl/init.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/writer.h"
#include "ctl/print.h"
#include "net/tls_make.h"
#include "wire/name.h"

#define CLIENT_DAYS 365
#define LINK_DAYS 36500
#define TEXT_MAX 8192
#define SERVER_NAME_MAX 63

struct new_file {
	const char *name;
	mode_t mode;
	char path[PATH_MAX];
	const char *text;
	bool made;
};

enum { CONF, MOTD, CERT, KEY, LINK_CERT, LINK_KEY, FILES };

struct init {
	const char *name; /* of the server */
	const char *folder;
	char sid[4];
	char text[2][TEXT_MAX]; /* configuration, message of the day */
	struct tls_pem clients, links;
	struct new_file file[FILES];
};

/* Choose a sid at random: two servers of one network seldom get the same one,
 * and links refuse it then. */
static void
choose_sid(char sid[4])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	sid[0] = (char)('1' + randombytes_uniform(9));
	sid[1] = letters[randombytes_uniform(26)];
	sid[2] = letters[randombytes_uniform(36)];
	sid[3] = '\0';
}

/* Return the part of the name before the last dot, and behind the one before
 * that: `example` of irc.example.org. */
static struct span
network_of(struct span name)
{
	struct span rest = name, before = name, part;

	while (span_find(rest, '.') < rest.n) {
		part = span_cut(&rest, '.');
		if (part.n > 0)
			before = part;
	}
	return before;
}

static void
write_conf(struct init *x)
{
	static const char conf[] =
	    "# The configuration of %s. banyand.conf(5) explains all options.\n"
	    "# To check it: banyand -f %s/banyand.conf --check\n\n"
	    "state = \"%s\";\n\n"
	    "server = {\n"
	    "\tname = \"%s\";\n"
	    "\tsid = \"%s\";\t# no other server of the network may have it\n"
	    "\tnetwork = \"%.*s\";\t# the same on all servers\n"
	    "\tdescription = \"A Banyan server\";\n"
	    "\tmotd = \"motd.txt\";\n"
	    "};\n\n"
	    "listen = (\n"
	    "\t{ address = \"0.0.0.0\"; port = 6697; tls = true; },\n"
	    "\t{ address = \"::\"; port = 6697; tls = true; },\n"
	    "\t# without TLS, for programs on this machine\n"
	    "\t{ address = \"127.0.0.1\"; port = 6667; },\n"
	    "\t{ address = \"0.0.0.0\"; port = 7000; tls = true; "
	    "for = \"links\"; },\n"
	    "\t# figures for Prometheus\n"
	    "\t{ address = \"127.0.0.1\"; port = 9667; for = \"http\"; }\n"
	    ");\n\n"
	    "# For clients a certificate of a public authority is better; "
	    "renewing it does\n"
	    "# not touch the key of links, which other servers know.\n"
	    "tls = {\n"
	    "\tcertificate = \"cert.pem\";\n"
	    "\tkey = \"key.pem\";\n"
	    "\tlink_certificate = \"link-cert.pem\";\n"
	    "\tlink_key = \"link-key.pem\";\n"
	    "};\n\n"
	    "# An operator: `banyanctl hash` prints the text for password.\n"
	    "# opers = ( { name = \"admin\"; password = \"$argon2id$...\"; } "
	    ");\n\n"
	    "# To link with another server: put the block here that `banyanctl "
	    "-f FILE\n"
	    "# linkblock` prints there.\n"
	    "# links = ( );\n";
	struct span network = network_of(span_of(x->name));
	bool in_etc = strncmp(x->folder, "/etc/", 5) == 0;

	(void)snprintf(x->text[0], TEXT_MAX, conf, x->name, x->folder,
	    in_etc ? "/var/lib/banyan" : "state", x->name, x->sid,
	    SPAN_ARG(network));
	(void)snprintf(x->text[1], TEXT_MAX,
	    "Welcome to %s.\n\nThis text is in motd.txt, beside "
	    "banyand.conf.\n",
	    x->name);
}

static bool
make_certificates(struct init *x)
{
	char why[TLS_WHY_LEN];

	if (tls_make(x->name, CLIENT_DAYS, &x->clients, why) &&
	    tls_make(x->name, LINK_DAYS, &x->links, why))
		return true;
	print_error("cannot make a certificate", why);
	return false;
}

static void
list_files(struct init *x)
{
	const struct new_file file[FILES] = {
		[CONF] = { "banyand.conf", 0640, "", x->text[0], false },
		[MOTD] = { "motd.txt", 0644, "", x->text[1], false },
		[CERT] = { "cert.pem", 0644, "", x->clients.certificate,
		    false },
		[KEY] = { "key.pem", 0600, "", x->clients.key, false },
		[LINK_CERT] = { "link-cert.pem", 0644, "", x->links.certificate,
		    false },
		[LINK_KEY] = { "link-key.pem", 0600, "", x->links.key, false },
	};

	memcpy(x->file, file, sizeof(file));
}

/* Make the paths. Return false after naming a file that is there. */
static bool
find_places(struct init *x)
{
	struct stat st;

	for (size_t i = 0; i < FILES; i++) {
		struct new_file *f = &x->file[i];

		if (snprintf(f->path, sizeof(f->path), "%s/%s", x->folder,
			f->name) >= (int)sizeof(f->path)) {
			print_error(x->folder, "the path is too long");
			return false;
		}
		if (lstat(f->path, &st) == 0) {
			print_error(f->path,
			    "is there already; nothing was written");
			return false;
		}
	}
	return true;
}

static bool
write_file(struct new_file *f)
{
	size_t n = strlen(f->text);
	int fd =
	    open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, f->mode);
	bool ok;

	if (fd < 0)
		return false;
	f->made = true;
	ok = write(fd, f->text, n) == (ssize_t)n && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

static bool
write_files(struct init *x)
{
	if (mkdir(x->folder, 0755) != 0 && errno != EEXIST) {
		print_error(x->folder, strerror(errno));
		return false;
	}
	for (size_t i = 0; i < FILES; i++)
		if (!write_file(&x->file[i])) {
			print_error(x->file[i].path, strerror(errno));
			return false;
		}
	return true;
}

static void
remove_files(const struct init *x)
{
	for (size_t i = 0; i < FILES; i++)
		if (x->file[i].made)
			(void)unlink(x->file[i].path);
}

static void
print_object(const struct init *x)
{
	(void)printf("{\"name\":");
	print_json(stdout, span_of(x->name));
	(void)printf(",\"sid\":\"%s\",\"folder\":", x->sid);
	print_json(stdout, span_of(x->folder));
	(void)printf("}\n");
}

static void
print_next(const struct init *x)
{
	(void)printf("%s has the files of %s, with the sid %s. Next:\n"
		     "  banyand -f %s/banyand.conf --check\n"
		     "  banyand -f %s/banyand.conf\n",
	    x->folder, x->name, x->sid, x->folder, x->folder);
	if (geteuid() == 0)
		(void)printf("The user of the server must be able to read "
			     "them, and to write its state.\n");
}

enum ctl_exit
init_run(const struct ctl_args *args)
{
	struct init x = { .name = args->argument, .folder = args->text[0] };
	bool ok;

	if (args->text[1] != NULL) {
		print_error("init", "needs two arguments; see --help");
		return CTL_USAGE;
	}
	if (!name_server_valid(span_of(x.name), SERVER_NAME_MAX)) {
		print_error(x.name,
		    "is not the name of a server, such as irc.example.org");
		return CTL_FAILED;
	}
	choose_sid(x.sid);
	write_conf(&x);
	ok = make_certificates(&x);
	if (ok) {
		list_files(&x);
		ok = find_places(&x) && write_files(&x);
	}
	if (ok && args->json)
		print_object(&x);
	else if (ok)
		print_next(&x);
	else
		remove_files(&x);
	tls_pem_free(&x.clients);
	tls_pem_free(&x.links);
	return ok ? CTL_OK : CTL_FAILED;
}
