#!/usr/bin/env bash
# libconfig 1.5 (Debian 12): an integer without the suffix L that does not fit
# 32 bits is cut to its low 32 bits without an error, so a port of 4294996696
# is read as 29400. With the suffix the value is whole. A number above 64 bits
# becomes -1. Guess before: config_read_string() refuses what does not fit, or
# makes it a 64-bit integer. Who takes numbers from such a file should look at
# the text of the number, not at what libconfig made of it.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=1.5-0.4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download "libconfig9=$version" "libconfig-dev=$version" >/dev/null 2>&1
for f in ./*.deb; do dpkg -x "$f" root; done
lib=$(dirname "$(find root -name 'libconfig.so.9' | head -1)")
cat >look.c <<'C'
#include <libconfig.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		config_t conf;
		config_setting_t *port;

		config_init(&conf);
		if (config_read_string(&conf, argv[i]) == CONFIG_TRUE) {
			port = config_lookup(&conf, "port");
			printf("%s -> %s %lld\n", argv[i],
			    config_setting_type(port) == CONFIG_TYPE_INT ?
				"int" : "int64",
			    config_setting_get_int64(port));
		} else
			printf("%s -> %s\n", argv[i], config_error_text(&conf));
		config_destroy(&conf);
	}
	return 0;
}
C
gcc -o look look.c -Iroot/usr/include -L"$lib" -l:libconfig.so.9
LD_LIBRARY_PATH=$lib ./look 'port = 2147483647;' 'port = 2147483648;' \
    'port = 4294996696;' 'port = 0x100000005;' 'port = 4294996696L;' \
    'port = 99999999999999999999;' >seen
cat >expected <<'T'
port = 2147483647; -> int 2147483647
port = 2147483648; -> int -2147483648
port = 4294996696; -> int 29400
port = 0x100000005; -> int 5
port = 4294996696L; -> int64 4294996696
port = 99999999999999999999; -> int -1
T
echo "libconfig $version:"
cat seen
cmp -s expected seen || { echo "this has changed" >&2; exit 1; }
