#!/usr/bin/env bash
# scale.sh BUILD [BASE]: what large networks cost, in nodes without sockets and
# in real servers; README.md says how to read it. BASE is a folder in which
# another version was built; its figures stand beside those of BUILD.
# $SCALE: numbers of users (default "1000 10000").
# $SCALE_OPTIONS: options of scale.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
base=${2:-}
cc=${CC:-cc}
read -ra users <<<"${SCALE:-1000 10000}"
work=$(mktemp -d "${TMPDIR:-/tmp}/scale.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Compile the benches of this version with the headers and archives of BASE. A
# bench that needs more than BASE has is left out. (A macro stands for
# arena_taken(), which older versions lack.)
for_base() {
    local name=$1 src more=() lib=() l
    shift
    src=$(cd "$(sed -n 's/^abs_top_srcdir = //p' "$base/Makefile")" && pwd)
    for l in testnet node link conf core wire base; do
        lib+=("$base/lib$l.a")
    done
    ! grep -q '^ZSTD_LIBS' "$base/Makefile" || lib+=(-lzstd)
    grep -rq arena_taken "$src/src/base" ||
        more+=('-Darena_taken(a)=((size_t)0)')
    mkdir -p "$work/inc/lib"
    cp "$here"/../lib/halves.h "$work/inc/lib/"
    $cc -O2 -std=gnu17 -D_GNU_SOURCE "${more[@]}" -I"$base" \
        -I"$src/src" -I"$src/tests" -I"$work/inc" -o "$work/$name" \
        "$here/$name.c" "$@" "${lib[@]}" -lsodium -lconfig 2>/dev/null ||
        echo "$base cannot run $name"
}

both() {
    local name=$1
    shift
    echo "  this build:  $("$build/tests/bench/$name" "$@" 2>&1 | tail -n 2)"
    [ ! -x "$work/$name" ] ||
        echo "  other build: $("$work/$name" "$@" 2>&1 | tail -n 2)"
}

if [ -n "$base" ]; then
    base=$(cd "$base" && pwd)
    for_base heal "$here/../lib/halves.c" -Wl,--wrap=node_step
    for_base split
fi
for n in "${users[@]}"; do
    echo "halves of a network with $((n / 2)) common channels heal"
    both heal $((n / 2)) 5
done
echo "a channel is shown, and is split"
both split 5000 10000
# shellcheck disable=SC2086
/usr/bin/python3 "$here/scale.py" --preload "$build/tests/bench/turns.so" \
    --users "${users[@]}" ${SCALE_OPTIONS:-} -- "$build" ${base:+"$base"}
