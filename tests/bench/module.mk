# Not built unless asked for: `make bench`.
EXTRA_PROGRAMS += tests/bench/bench tests/bench/floor
CLEANFILES += tests/bench/bench tests/bench/floor
tests_bench_bench_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
tests_bench_bench_LDADD = $(OPENSSL_LIBS)
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/crowd.c tests/bench/crowd.h \
	tests/bench/target.c tests/bench/target.h
tests_bench_floor_SOURCES = tests/bench/floor.c
EXTRA_DIST += tests/bench/run.sh tests/bench/README.md

bench: all tests/bench/bench tests/bench/floor
	$(AM_V_at)bash $(srcdir)/tests/bench/run.sh .
.PHONY: bench
