# BANYAN_TRY_CFLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE when the compiler takes it without a word.
AC_DEFUN([BANYAN_TRY_CFLAG], [
AC_MSG_CHECKING([whether $CC takes $2])
banyan_saved_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
	[AC_MSG_RESULT([yes]); $1="$$1 $2"],
	[AC_MSG_RESULT([no])])
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
