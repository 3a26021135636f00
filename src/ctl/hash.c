/*
 * argon2id with 64 MiB and 3 passes: about a tenth of a second for the one
 * thread that a server compares passwords on, and memory that a small machine
 * has (RFC 9106, 4: the second recommended option, with fewer lanes).
 */
#include "ctl/hash.h"

#include <bsd/readpassphrase.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD_MAX 300 /* bytes; it must fit into a line of OPER */
#define PASSES 3
#define MEMORY ((size_t)64 * 1024 * 1024)

static bool
complain(const char *what)
{
	fprintf(stderr, "banyanctl: %s\n", what);
	return false;
}

static bool
from_terminal(char *password, size_t cap)
{
	char again[PASSWORD_MAX + 2];
	bool same;

	if (readpassphrase("Password: ", password, cap, RPP_REQUIRE_TTY) ==
		NULL ||
	    readpassphrase("Again: ", again, sizeof(again), RPP_REQUIRE_TTY) ==
		NULL)
		return complain("no password was read");
	same = strcmp(password, again) == 0;
	sodium_memzero(again, sizeof(again));
	return same || complain("these are not the same");
}

static bool
from_input(char *password, size_t cap)
{
	if (fgets(password, (int)cap, stdin) == NULL)
		return complain("no password on standard input");
	password[strcspn(password, "\r\n")] = '\0';
	return true;
}

static bool
password_read(char *password, size_t cap)
{
	if (!(isatty(STDIN_FILENO) ? from_terminal(password, cap)
				   : from_input(password, cap)))
		return false;
	if (*password == '\0')
		return complain("the password is empty");
	if (strlen(password) > PASSWORD_MAX)
		return complain("the password is longer than 300 bytes");
	return true;
}

int
hash(bool json)
{
	char password[PASSWORD_MAX + 2], verifier[crypto_pwhash_STRBYTES];
	bool ok;

	if (sodium_init() < 0) {
		complain("libsodium does not start");
		return 1;
	}
	ok = password_read(password, sizeof(password));
	if (ok && crypto_pwhash_str(verifier, password, strlen(password),
		      PASSES, MEMORY) != 0)
		ok = complain("not enough memory to hash");
	sodium_memzero(password, sizeof(password));
	if (!ok)
		return 1;
	/* a verifier has no byte that JSON would want escaped */
	printf(json ? "{\"verifier\":\"%s\"}\n" : "%s\n", verifier);
	return fflush(stdout) == 0 ? 0 : 1;
}
