#!/bin/sh
# Fuzzes targets of this folder with libFuzzer: run.sh envelope|canonical|certificate|all [SECONDS]
# What it learns stays in .build/fuzz; a finding is left there too, as crash-*, and ends the run.
set -eu
targets=$1
seconds=${2:-60}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ "$targets" != all ] || targets=$(ls "$here" | sed -n 's/\.swift$//p')

for target in $targets; do
    work=$root/.build/fuzz/$target
    mkdir -p "$work/corpus"
    swiftc -O -wmo -parse-as-library -module-name Fuzz -package-name Fuzz -swift-version 6 -sanitize=fuzzer,address -use-ld=lld \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault \
        "$root"/Sources/Fedmsg/JSON/*.swift "$root"/Sources/Fedmsg/Envelope/*.swift \
        "$root"/Sources/Fedmsg/Canonical/*.swift "$root"/Sources/Fedmsg/Signatures/*.swift \
        "$root"/Sources/Fedmsg/Signatures/*/*.swift -I "$root/Sources/COpenSSL" "$here/$target.swift" -o "$work/fuzz"
    echo "$target: $seconds seconds"
    SWIFT_BACKTRACE=enable=no "$work/fuzz" -max_total_time="$seconds" -dict="$here/json.dict" -max_len=4096 \
        -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus" "$here/seeds/$target" 2>"$work/log" ||
        { tail -n 40 "$work/log" >&2; exit 1; }
    grep -E '^stat::number|^Done' "$work/log"
done
