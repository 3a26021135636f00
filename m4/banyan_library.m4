# BANYAN_LIBRARY(PREFIX, MODULES, DEBIAN-PACKAGE)
# Find a library that Banyan needs. If it is missing, note its Debian package, so
# that BANYAN_LIBRARIES_DONE can name all missing packages at once.
AC_DEFUN([BANYAN_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [], [
	AC_MSG_WARN([$2 not found: Debian package $3])
	banyan_missing="$banyan_missing $3"
])
])

AC_DEFUN([BANYAN_LIBRARIES_DONE], [
AS_IF([test -n "$banyan_missing"],
	[AC_MSG_ERROR([libraries are missing; on Debian: apt-get install$banyan_missing])])
])
