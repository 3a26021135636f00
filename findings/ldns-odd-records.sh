#!/usr/bin/env bash
# libldns 1.8.3 (Debian 12), ldns_wire2pkt():
# - a record without data (RDLENGTH 0) is taken, and has no data: the first
#   rdf of an A, PTR or SOA record is then NULL;
# - an A record with five bytes of data is taken, and its fifth byte dropped;
# - an answer that was cut (TC) and ends inside of a record is refused, so its
#   TC bit cannot be asked for;
# - a dot or a line feed inside of a label comes out as an escape.
# Guess before: the first two are refused, as an A record of three bytes is, and
# the third is taken as far as it goes. Who uses a record should count its data;
# who wants TC should look at the bytes.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=1.8.3-1+b1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download "libldns3=$version" "libldns-dev=$version" >/dev/null 2>&1
for f in ./*.deb; do dpkg -x "$f" root; done
lib=$(dirname "$(find root -name 'libldns.so.3' | head -1)")
cat >look.c <<'C'
#include <ldns/ldns.h>
#include <stdio.h>

static void
look(const char *what, const char *tail, size_t n, int flags)
{
	uint8_t m[64] = { 0, 1, flags, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 'a', 0,
		0, 1, 0, 1 };
	ldns_pkt *p = NULL;
	ldns_status s;
	ldns_rr *rr;

	memcpy(m + 19, tail, n);
	s = ldns_wire2pkt(&p, m, 19 + n);
	printf("%s: %s", what, ldns_get_errorstr_by_id(s));
	if (s == LDNS_STATUS_OK) {
		rr = ldns_rr_list_rr(ldns_pkt_answer(p), 0);
		printf(", %zu data", ldns_rr_rd_count(rr));
		if (ldns_rr_rd_count(rr) > 0)
			printf(", %s", ldns_rdf2str(ldns_rr_rdf(rr, 0)));
	}
	printf("\n");
}

#define LOOK(what, tail, flags) look(what, tail, sizeof(tail) - 1, flags)

int
main(void)
{
	LOOK("A of 4", "\300\14\0\1\0\1\0\0\0\1\0\4\1\2\3\4", 0x81);
	LOOK("A of 3", "\300\14\0\1\0\1\0\0\0\1\0\3\1\2\3", 0x81);
	LOOK("A of 5", "\300\14\0\1\0\1\0\0\0\1\0\5\1\2\3\4\5", 0x81);
	LOOK("A of 0", "\300\14\0\1\0\1\0\0\0\1\0\0", 0x81);
	LOOK("PTR of 0", "\300\14\0\14\0\1\0\0\0\1\0\0", 0x81);
	LOOK("cut", "\300\14\0\1", 0x83);
	LOOK("odd name", "\300\14\0\14\0\1\0\0\0\1\0\7\3b.c\1\n\0", 0x81);
	return 0;
}
C
gcc -o look look.c -Iroot/usr/include -L"$lib" -l:libldns.so.3
LD_LIBRARY_PATH=$lib ./look >seen
cat >expected <<'T'
A of 4: All OK, 1 data, 1.2.3.4
A of 3: answer section incomplete
A of 5: All OK, 1 data, 1.2.3.4
A of 0: All OK, 0 data
PTR of 0: All OK, 0 data
cut: answer section incomplete
odd name: All OK, 1 data, b\.c.\010.
T
echo "libldns $version:"
cat seen
cmp -s expected seen || { echo "this has changed" >&2; exit 1; }
