/*
 * Argon2id runs with 64 MiB and 3 passes: this occupies the one thread on which
 * a server compares passwords for about a tenth of a second, and a small
 * machine has the memory (RFC 9106, section 4: the second recommended option,
 * with fewer lanes).
 *
 * The password is never a command line argument, because everybody on the
 * machine could read it there.
 */
#include "ctl/hash.h"

#include <bsd/readpassphrase.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/print.h"

#define PASSWORD_MAX 300 /* bytes; a password must fit into an OPER line */
#define PASSES 3
#define MEMORY ((size_t)64 * 1024 * 1024)

static bool
ask_terminal(char *password, size_t cap)
{
	char again[PASSWORD_MAX + 2];
	bool same;

	if (readpassphrase("Password: ", password, cap, RPP_REQUIRE_TTY) ==
		NULL ||
	    readpassphrase("Password again: ", again, sizeof(again),
		RPP_REQUIRE_TTY) == NULL) {
		print_error("the password could not be read", NULL);
		return false;
	}
	same = strcmp(password, again) == 0;
	sodium_memzero(again, sizeof(again));
	if (!same)
		print_error("the two passwords differ", NULL);
	return same;
}

static bool
read_line(char *password, size_t cap)
{
	if (fgets(password, (int)cap, stdin) == NULL) {
		print_error("no password on standard input", NULL);
		return false;
	}
	password[strcspn(password, "\r\n")] = '\0';
	return true;
}

static bool
password_get(char *password, size_t cap)
{
	if (!(isatty(STDIN_FILENO) ? ask_terminal(password, cap)
				   : read_line(password, cap)))
		return false;
	if (password[0] == '\0') {
		print_error("the password is empty", NULL);
		return false;
	}
	if (strlen(password) > PASSWORD_MAX) {
		print_error("the password is longer than 300 bytes", NULL);
		return false;
	}
	return true;
}

enum ctl_exit
hash_run(const struct ctl_args *args)
{
	char password[PASSWORD_MAX + 2], verifier[crypto_pwhash_STRBYTES];
	bool ok = password_get(password, sizeof(password));

	if (ok && crypto_pwhash_str(verifier, password, strlen(password),
		      PASSES, MEMORY) != 0) {
		print_error("not enough memory to hash a password", NULL);
		ok = false;
	}
	sodium_memzero(password, sizeof(password));
	if (!ok)
		return CTL_FAILED;
	(void)printf(args->json ? "{\"verifier\":\"%s\"}\n" : "%s\n", verifier);
	return CTL_OK;
}
