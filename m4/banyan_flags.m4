# BANYAN_TRY_CFLAG(VARIABLE, FLAG, [IF-NOT])
# Appends FLAG to VARIABLE when compiler and linker take it without a word.
AC_DEFUN([BANYAN_TRY_CFLAG], [
AC_MSG_CHECKING([whether $CC takes $2])
banyan_saved_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_LINK_IFELSE([AC_LANG_PROGRAM()],
	[AC_MSG_RESULT([yes]); $1="$$1 $2"],
	[AC_MSG_RESULT([no]); $3])
CFLAGS=$banyan_saved_CFLAGS
])

# BANYAN_WARNINGS
# WARN_CFLAGS for everything, PURE_CFLAGS in addition for the pure folders.
AC_DEFUN([BANYAN_WARNINGS], [
WARN_CFLAGS=
for flag in -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
    -Wswitch-enum -Wvla -Wformat=2; do
	BANYAN_TRY_CFLAG([WARN_CFLAGS], [$flag])
done
PURE_CFLAGS=
BANYAN_TRY_CFLAG([PURE_CFLAGS], [-Wconversion])
AC_ARG_ENABLE([werror],
	[AS_HELP_STRING([--enable-werror], [treat warnings as errors])])
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([PURE_CFLAGS])
])

# BANYAN_HARDENING
# HARDEN_CPPFLAGS, HARDEN_CFLAGS and HARDEN_LDFLAGS, on unless refused.
# _FORTIFY_SOURCE needs optimisation and hides accesses from ASan, so it
# depends on both; call after BANYAN_INSTRUMENT.
AC_DEFUN([BANYAN_HARDENING], [
AC_ARG_ENABLE([hardening],
	[AS_HELP_STRING([--disable-hardening],
	    [no PIE, RELRO, stack protector, FORTIFY and CET])],
	[], [enable_hardening=yes])
HARDEN_CPPFLAGS=
HARDEN_CFLAGS=
HARDEN_LDFLAGS=
AS_IF([test "$enable_hardening" = yes], [
	for flag in -fPIE -fstack-protector-strong -fstack-clash-protection \
	    -fcf-protection; do
		BANYAN_TRY_CFLAG([HARDEN_CFLAGS], [$flag])
	done
	for flag in -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack; do
		BANYAN_TRY_CFLAG([HARDEN_LDFLAGS], [$flag])
	done
	AC_MSG_CHECKING([whether to fortify])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#ifndef __OPTIMIZE__
#error not optimising
#endif
]])], [banyan_fortify=yes], [banyan_fortify=no])
	AS_IF([test -n "$INSTRUMENT_CFLAGS"], [banyan_fortify=no])
	AC_MSG_RESULT([$banyan_fortify])
	AS_IF([test "$banyan_fortify" = yes],
	    [HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
])
# A module is a shared object: the same, but for the options of a program.
HARDEN_MODULE_CFLAGS=`AS_ECHO(["$HARDEN_CFLAGS"]) | sed 's/-fPIE//'`
HARDEN_MODULE_LDFLAGS=`AS_ECHO(["$HARDEN_LDFLAGS"]) | sed 's/-pie//'`
AC_SUBST([HARDEN_MODULE_CFLAGS])
AC_SUBST([HARDEN_MODULE_LDFLAGS])
AC_SUBST([HARDEN_CPPFLAGS])
AC_SUBST([HARDEN_CFLAGS])
AC_SUBST([HARDEN_LDFLAGS])
])

# BANYAN_INSTRUMENT
# --enable-sanitize, --enable-fuzz, --enable-coverage. INSTRUMENT_CFLAGS go to
# every compilation and link, FUZZ_LDFLAGS to the links of tests/fuzz.
AC_DEFUN([BANYAN_INSTRUMENT], [
AC_ARG_ENABLE([sanitize],
	[AS_HELP_STRING([--enable-sanitize],
	    [address and undefined behaviour sanitizers])])
AC_ARG_ENABLE([fuzz],
	[AS_HELP_STRING([--enable-fuzz],
	    [link tests/fuzz with libFuzzer (needs CC=clang); implies
	    --enable-sanitize])])
AC_ARG_ENABLE([coverage],
	[AS_HELP_STRING([--enable-coverage], [count executed lines (gcov)])])
INSTRUMENT_CFLAGS=
FUZZ_LDFLAGS=
AS_IF([test "$enable_fuzz" = yes], [
	enable_sanitize=yes
	BANYAN_TRY_CFLAG([INSTRUMENT_CFLAGS], [-fsanitize=fuzzer-no-link],
	    [AC_MSG_ERROR([--enable-fuzz needs clang and its runtime; on Debian: apt-get install clang libclang-rt-14-dev, then configure with CC=clang])])
	FUZZ_LDFLAGS=-fsanitize=fuzzer
])
AS_IF([test "$enable_sanitize" = yes], [
	BANYAN_TRY_CFLAG([INSTRUMENT_CFLAGS], [-fsanitize=address,undefined],
	    [AC_MSG_ERROR([--enable-sanitize: this compiler has no sanitizers])])
	INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fno-sanitize-recover=all"
	INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fno-omit-frame-pointer"
])
AS_IF([test "$enable_coverage" = yes], [
	INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS --coverage -O0"
])
AC_SUBST([INSTRUMENT_CFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
AM_CONDITIONAL([FUZZ], [test "$enable_fuzz" = yes])
AM_CONDITIONAL([INSTRUMENTED], [test -n "$INSTRUMENT_CFLAGS"])
])
