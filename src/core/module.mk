noinst_LIBRARIES += libcore.a
libcore_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(BSD_CFLAGS)
libcore_a_SOURCES = \
	src/core/apply.c \
	src/core/apply.h \
	src/core/canon.c \
	src/core/chan_cleanup.c \
	src/core/chan_cleanup.h \
	src/core/check.c \
	src/core/client.c \
	src/core/client.h \
	src/core/core.c \
	src/core/core.h \
	src/core/deliver.c \
	src/core/deliver.def \
	src/core/deliver.h \
	src/core/found.c \
	src/core/found.h \
	src/core/install.c \
	src/core/install.h \
	src/core/note.c src/core/note.h \
	src/core/outside.c \
	src/core/outside.h \
	src/core/postpone_lists.c \
	src/core/postpone_lists.h \
	src/core/module.c \
	src/core/module.h \
	src/core/overlay.c \
	src/core/overlay.h \
	src/core/postpone.c \
	src/core/postpone.h \
	src/core/registration.c \
	src/core/registration.h \
	src/core/reload.c \
	src/core/reload.h \
	src/core/settle.c \
	src/core/settle.h \
	src/core/shed.c \
	src/core/shed.h \
	src/core/slice.c \
	src/core/slice.h \
	src/core/snap_facts.c \
	src/core/snap_facts.h \
	src/core/restate.c \
	src/core/restate.h \
	src/core/rider.c \
	src/core/rider.h \
	src/core/row_change.c \
	src/core/row_change.h \
	src/core/rows.c \
	src/core/rows.h \
	src/core/snapshot.c \
	src/core/snapshot.h \
	src/core/state.c \
	src/core/state.h \
	src/core/voiding.c \
	src/core/voiding.h
