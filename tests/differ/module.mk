# Not part of `make check`, but for the test of the test: it needs inspircd.
EXTRA_DIST += tests/differ/README.md tests/differ/differ.py \
	tests/differ/compared.txt tests/differ/differences.txt \
	tests/differ/lines.py \
	tests/differ/more/banned.txt tests/differ/more/clients.txt \
	tests/differ/more/invited.txt tests/differ/more/keys.txt \
	tests/differ/more/labels.txt \
	tests/differ/more/lists.txt tests/differ/more/ranks.txt \
	tests/differ/play.py tests/differ/rows.py tests/differ/servers.py \
	tests/differ/transcript.py

TESTS += tests/differ/selftest.py
dist_check_SCRIPTS += tests/differ/selftest.py

differ: banyand banyanctl modules
	BUILD_DIR='$(abs_top_builddir)' $(PYTHON3) \
	    '$(abs_top_srcdir)/tests/differ/differ.py'

.PHONY: differ
