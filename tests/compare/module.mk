# Not built unless asked for: `make compare`, and a test of `make e2e`.
EXTRA_PROGRAMS += tests/compare/delay tests/compare/replay
CLEANFILES += tests/compare/delay tests/compare/replay
tests_compare_delay_SOURCES = tests/compare/delay.c
tests_compare_replay_SOURCES = tests/compare/replay.c
tests_compare_replay_LDADD = -lm
EXTRA_DIST += tests/compare/README.md tests/compare/compare.py \
	tests/compare/network.py tests/compare/plot.py tests/compare/rows.py \
	tests/compare/traffic.py

TESTS += tests/compare/selftest.py
dist_check_SCRIPTS += tests/compare/selftest.py

# make compare [COMPARE="--users 2000 nearest"]: OPTIONs and ROWs.
compare: all tests/compare/delay tests/compare/replay
	BUILD_DIR='$(abs_top_builddir)' $(PYTHON3) \
	    '$(abs_top_srcdir)/tests/compare/compare.py' \
	    --out '$(abs_top_builddir)/_compare' $(COMPARE)

.PHONY: compare
