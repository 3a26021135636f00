EXTRA_DIST += src/core/facts/README.md
libcore_a_SOURCES += \
	src/core/facts/bans.c \
	src/core/facts/bans.h \
	src/core/facts/claim.c \
	src/core/facts/claim.h \
	src/core/facts/facts.c \
	src/core/facts/facts.h \
	src/core/facts/facts_reap.c \
	src/core/facts/facts_write.c \
	src/core/facts/facts_write.h \
	src/core/facts/founding.c \
	src/core/facts/founding.h \
	src/core/facts/ident.c \
	src/core/facts/ident.h \
	src/core/facts/invites.c \
	src/core/facts/invites.h \
	src/core/facts/masks.c \
	src/core/facts/masks.h \
	src/core/facts/membership.c \
	src/core/facts/membership.h \
	src/core/facts/memory.c \
	src/core/facts/memory.h \
	src/core/facts/reg.c \
	src/core/facts/reg.h \
	src/core/facts/reg_table.c \
	src/core/facts/reg_table.h \
	src/core/facts/row_names.c \
	src/core/facts/row_names.h \
	src/core/facts/shown_list.c \
	src/core/facts/shown_list.h \
	src/core/facts/thin.c \
	src/core/facts/thin.h \
	src/core/facts/tree.h \
	src/core/facts/unknown.c \
	src/core/facts/unknown.h \
	src/core/facts/walk.c \
	src/core/facts/walk.h
