# Bad forms of all commands, against a node in memory.
check_PROGRAMS += tests/bad/check_bad
TESTS += tests/bad/check_bad
tests_bad_check_bad_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bad_check_bad_SOURCES = tests/bad/check_bad.c
tests_bad_check_bad_LDADD = libtestnet.a libmodules.a $(PURE_LDADD)
EXTRA_DIST += tests/bad/README.md tests/bad/answers
