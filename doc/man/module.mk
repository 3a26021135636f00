# The pages as they are written, one with the options of conf/option.def and the
# privileges of core/types/privilege.def, and one with the options of
# conf/gate.def.
dist_man_MANS = doc/man/banyand.8 doc/man/banyanctl.8 doc/man/banyan-gate.8
nodist_man_MANS = doc/man/banyand.conf.5 doc/man/banyan-gate.conf.5
EXTRA_DIST += doc/man/README.md doc/man/banyand.conf.5.in \
	doc/man/banyan-gate.conf.5.in
CLEANFILES += doc/man/banyand.conf.5 doc/man/banyand.conf.5.new \
	doc/man/banyan-gate.conf.5 doc/man/banyan-gate.conf.5.new

noinst_PROGRAMS += doc/man/options
doc_man_options_CFLAGS = $(AM_CFLAGS) $(CONFIG_CFLAGS)
doc_man_options_LDADD = libconf.a libcore.a libwire.a libbase.a \
	$(SODIUM_LIBS) $(CONFIG_LIBS)
doc_man_options_SOURCES = doc/man/options.c

doc/man/banyand.conf.5: doc/man/banyand.conf.5.in doc/man/options$(EXEEXT)
	$(AM_V_GEN)in=$(srcdir)/doc/man/banyand.conf.5.in && \
	sed '/^@OPTIONS@$$/,$$d' $$in >$@.new && \
	doc/man/options$(EXEEXT) >>$@.new && \
	sed -e '1,/^@OPTIONS@$$/d' -e '/^@PRIVILEGES@$$/,$$d' $$in >>$@.new && \
	doc/man/options$(EXEEXT) privileges >>$@.new && \
	sed '1,/^@PRIVILEGES@$$/d' $$in >>$@.new && mv $@.new $@

doc/man/banyan-gate.conf.5: doc/man/banyan-gate.conf.5.in \
		doc/man/options$(EXEEXT)
	$(AM_V_GEN)in=$(srcdir)/doc/man/banyan-gate.conf.5.in && \
	sed '/^@OPTIONS@$$/,$$d' $$in >$@.new && \
	doc/man/options$(EXEEXT) gate >>$@.new && \
	sed '1,/^@OPTIONS@$$/d' $$in >>$@.new && mv $@.new $@

# The reference of commands, modes, privileges, events and numerics.
noinst_PROGRAMS += doc/man/reference
doc_man_reference_SOURCES = doc/man/reference.c
nodist_doc_DATA += doc/reference.md
CLEANFILES += doc/reference.md doc/reference.md.new

doc/reference.md: doc/man/reference$(EXEEXT)
	$(AM_V_GEN)doc/man/reference$(EXEEXT) >$@.new && mv $@.new $@
