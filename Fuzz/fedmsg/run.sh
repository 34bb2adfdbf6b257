#!/bin/sh
# Fuzzes a target of this folder with libFuzzer: run.sh envelope|canonical|certificate [SECONDS]
# What it learns stays in .build/fuzz; a finding is left there too, as crash-*.
set -eu
target=$1
seconds=${2:-60}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/.build/fuzz/$target
mkdir -p "$work/corpus"

swiftc -O -wmo -parse-as-library -module-name Fuzz -swift-version 6 -sanitize=fuzzer,address \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault \
    "$root"/Sources/Fedmsg/JSON/*.swift "$root"/Sources/Fedmsg/Envelope/*.swift \
    "$root"/Sources/Fedmsg/Canonical/*.swift "$root"/Sources/Fedmsg/Signatures/*.swift \
    "$root"/Sources/Fedmsg/Signatures/*/*.swift -I "$root/Sources/COpenSSL" "$here/$target.swift" -o "$work/fuzz"

exec "$work/fuzz" -max_total_time="$seconds" -dict="$here/json.dict" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$work/" "$work/corpus" "$here/seeds/$target"
