#!/bin/sh
# subbuild.sh MAKE DIR CONFIGURE-ARGUMENT...
# Prepare DIR/build, a build of the same sources with other flags. The sources
# are a copy of what a release contains (DIR/src), because the tree itself may be
# configured in place. Time stamps are kept, so that a second run compiles only
# files that have changed.
set -eu
make=$1 dir=$2
shift 2
mkdir -p "$dir/build"
$make -s distdir distdir="$dir/src" >"$dir/distdir.log" 2>&1 || {
	cat "$dir/distdir.log" >&2
	exit 1
}
cd "$dir/build"
[ -f Makefile ] || ../src/configure -q "$@"
# A Makefile that remakes itself passes the pipe of `make -j`, closed, to
# config.status. So this script remakes it, without the pipe.
env MAKEFLAGS= "$make" -s Makefile
