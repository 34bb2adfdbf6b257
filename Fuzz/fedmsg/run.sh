#!/bin/sh
# Fuzzes targets of this folder with libFuzzer: run.sh envelope|canonical|certificate|all [SECONDS]
# What it learns stays in .build/fuzz; a finding is left there too, as crash-*, and ends the run.
set -eu
targets=$1
seconds=${2:-60}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ "$targets" != all ] || targets=$(ls "$here" | sed -n 's/\.swift$//p')
out=$root/.build/fuzz
mkdir -p "$out"

swiftc="swiftc -O -wmo -parse-as-library -enable-testing -package-name Fuzz -swift-version 6
    -sanitize=fuzzer,address -use-ld=lld
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault"
find "$root/Sources/Fedmsg" -name '*.swift' >"$out/sources"
# shellcheck disable=SC2086
$swiftc -module-name Fedmsg -emit-module -emit-module-path "$out/Fedmsg.swiftmodule" -I "$root/Sources/COpenSSL" \
    -c "@$out/sources" -o "$out/Fedmsg.o"

for target in $targets; do
    work=$out/$target
    mkdir -p "$work/corpus"
    # shellcheck disable=SC2086
    $swiftc -module-name Fuzz -I "$out" -I "$root/Sources/COpenSSL" "$here/$target.swift" "$out/Fedmsg.o" -o "$work/fuzz"
    echo "$target: $seconds seconds"
    SWIFT_BACKTRACE=enable=no "$work/fuzz" -max_total_time="$seconds" -dict="$here/json.dict" -max_len=4096 -timeout=60 \
        -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus" "$here/seeds/$target" 2>"$work/log" ||
        { tail -n 40 "$work/log" >&2; exit 1; }
    grep -E '^stat::number|^Done' "$work/log"
done
