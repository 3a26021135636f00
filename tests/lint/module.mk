EXTRA_DIST += tests/lint/lint.py tests/lint/events.py tests/lint/prose.py tests/lint/symbols \
	tests/lint/interface tests/lint/interface.py \
	tests/lint/decoders tests/lint/rows tests/lint/hooks
dist_check_SCRIPTS += tests/lint/selftest tests/lint/hardened
TESTS += tests/lint/selftest tests/lint/hardened

if INSTRUMENTED
lint:
	@echo "make lint needs a build without instrumentation" >&2
	@exit 1
else
lint: $(PURE_LIBS) libmodules.a libnet.a libhost.a banyand$(EXEEXT) \
		banyan-gate$(EXEEXT) banyanctl$(EXEEXT)
	$(AM_V_at)$(MAKE) -s distdir distdir=_lint >/dev/null
	$(AM_V_at)CC='$(CC)' LINT_CPPFLAGS='$(LINT_CPPFLAGS)' \
	    $(PYTHON3) $(srcdir)/tests/lint/lint.py \
	    --src $(srcdir) --build . --dist _lint
endif

LINT_CPPFLAGS = $(OPENSSL_CFLAGS) $(CONFIG_CFLAGS) $(SODIUM_CFLAGS) $(ZSTD_CFLAGS) \
	$(BSD_CFLAGS)

format:
	cd $(srcdir) && find src modules tests -name '*.[ch]' -exec clang-format -i {} +

.PHONY: lint format
