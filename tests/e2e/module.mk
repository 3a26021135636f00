# Not part of `make check`: these need other packages, and minutes.
EXTRA_DIST += tests/e2e/README.md tests/e2e/cable.py tests/e2e/conftest.py \
	tests/e2e/brokers.py tests/e2e/test_brokers.py \
	tests/e2e/harness.py tests/e2e/test_bans.py \
	tests/e2e/test_check.py \
	tests/e2e/test_clients.py tests/e2e/test_compare.py \
	tests/e2e/test_conf.py \
	tests/e2e/test_ctl.py tests/e2e/test_daemon.py \
	tests/e2e/test_events.py \
	tests/e2e/gates.py tests/e2e/test_gate.py \
	tests/e2e/test_gated.py \
	tests/e2e/test_gate_conf.py \
	tests/e2e/test_gate_learn.py \
	tests/e2e/test_gate_network.py \
	tests/e2e/test_gate_place.py \
	tests/e2e/test_gate_together.py \
	tests/e2e/test_guide.py \
	tests/e2e/test_dns.py \
	tests/e2e/drivers/framework.js tests/e2e/drivers/framework_bot.js \
	tests/e2e/drivers/page.js tests/e2e/drivers/poe.pl \
	tests/e2e/chromium.py tests/e2e/npm.py \
	tests/e2e/npm/package.json tests/e2e/npm/package-lock.json \
	tests/e2e/test_web_clients.py \
	tests/e2e/drivers/python_irc.py tests/e2e/test_libraries.py \
	tests/e2e/test_held.py \
	tests/e2e/test_hostile.py tests/e2e/test_http.py \
	tests/e2e/test_init.py \
	tests/e2e/test_lookups.py \
	tests/e2e/test_modules.py \
	tests/e2e/tap.py tests/e2e/test_negotiation.py \
	tests/e2e/test_network.py tests/e2e/test_opers.py \
	tests/e2e/pygate.py tests/e2e/test_proxy.py \
	tests/e2e/test_reload.py tests/e2e/test_restart.py \
	tests/e2e/test_run.py \
	tests/e2e/test_stay.py \
	tests/e2e/test_store.py \
	tests/e2e/test_tls.py tests/e2e/libssl.py \
	tests/e2e/test_gate_clients.py \
	tests/e2e/test_trunk.py tests/e2e/test_trunk_bad.py \
	tests/e2e/test_trunk_lies.py \
	tests/e2e/test_websocket.py tests/e2e/web.py

# A gate with three numbers for the streams of a trunk.
EXTRA_PROGRAMS += tests/e2e/gate_of_three
tests_e2e_gate_of_three_CPPFLAGS = $(AM_CPPFLAGS) -DROLL_LAST_MAX=3
tests_e2e_gate_of_three_CFLAGS = $(banyan_gate_CFLAGS)
tests_e2e_gate_of_three_LDADD = $(banyan_gate_LDADD)
tests_e2e_gate_of_three_SOURCES = $(banyan_gate_SOURCES)
CLEANFILES += tests/e2e/gate_of_three

# The tests need these beside `make all`, and after it.
e2e-programs: tests/compare/delay tests/compare/replay \
    tests/e2e/gate_of_three$(EXEEXT)

e2e: banyand banyan-gate banyanctl modules e2e-programs
	BUILD_DIR='$(abs_top_builddir)' /usr/bin/python3 -m pytest -q \
	    -p no:cacheprovider '$(abs_top_srcdir)/tests/e2e'

.PHONY: e2e e2e-programs
