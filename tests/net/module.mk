# Not part of `make check`: it needs python3-pytest and openssl.
EXTRA_DIST += tests/net/README.md \
	tests/net/conftest.py tests/net/test_heal.py tests/net/facts.py tests/net/peer.py \
	tests/net/test_flood.py \
	tests/net/test_clocks.py tests/net/test_copy.py tests/net/test_forget.py \
	tests/net/test_homes.py tests/net/test_hosts.py \
	tests/net/test_lies.py \
	tests/net/test_links.py tests/net/test_peer.py \
	tests/net/test_rubbish.py tests/net/test_shortage.py \
	tests/net/test_slow.py \
	tests/net/test_snapshots.py tests/net/test_stops.py \
	tests/net/test_vanish.py tests/net/wrongclock.c

peer: banyand banyanctl
	BUILD_DIR='$(abs_top_builddir)' /usr/bin/python3 -m pytest -q \
	    -p no:cacheprovider '$(abs_top_srcdir)/tests/net'

.PHONY: peer
