#!/bin/sh
# Fuzz/run.sh TARGET|all SECONDS [release]: runs libFuzzer on Fuzz/TARGETFuzzer.swift, from the inputs in Fuzz/seeds/TARGET.
#
# The library is compiled once, optimised and with coverage; what it depends on comes from the debug build, which the
# tests have made already, or for long runs from a release build, which is much faster. A finding ends the run and is left
# in Fuzz/.build/TARGET.
set -eu

cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { sed -n '2s/^# //p' "$0" >&2; exit 64; }
seconds=$2
configuration=${3:-debug}
if [ "$1" = all ]; then
    targets=$(ls Fuzz | sed -n 's/Fuzzer\.swift$//p')
else
    targets=$1
fi
out=Fuzz/.build
mkdir -p "$out"

swift build -c "$configuration" --target AMQP
build=$(swift build -c "$configuration" --show-bin-path)

# The C modules of the dependencies: those with a module map of their own, and those that SwiftPM wrote one for.
modules=$(find .build/checkouts -path '*/include/module.modulemap' | sed 's/.*/-Xcc -fmodule-map-file=&/')
modules="$modules $(find "$build" -name module.modulemap ! -path '*-tool.build/*' | sed 's/.*/-Xcc -fmodule-map-file=&/')"
features="-enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault"
swiftc="swiftc -swift-version 6 -O -g -parse-as-library -sanitize=fuzzer -enable-testing
    -I $out -I $build/Modules $features $modules"

rm -f "$out/dependencies.a"
find "$build" -path "$build/*.build/*.o" ! -path "$build/AMQP.build/*" ! -path '*-tool.build/*' -print0 | xargs -0 ar -qc "$out/dependencies.a"
# shellcheck disable=SC2046,SC2086
$swiftc -wmo -module-name AMQP -emit-module -emit-module-path "$out/AMQP.swiftmodule" \
    -c $(find -L Sources/AMQP -name '*.swift') -o "$out/AMQP.o"

for target in $targets; do
    # shellcheck disable=SC2086
    $swiftc -module-name "${target}Fuzzer" "Fuzz/${target}Fuzzer.swift" "$out/AMQP.o" "$out/dependencies.a" \
        -lstdc++ -o "$out/${target}Fuzzer"
    mkdir -p "$out/$target" "Fuzz/seeds/$target"
    echo "$target: $seconds seconds"
    SWIFT_BACKTRACE=enable=no "$out/${target}Fuzzer" -max_total_time="$seconds" -max_len=8192 -timeout=60 \
        -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$out/$target/" \
        "$out/$target" "Fuzz/seeds/$target" 2>"$out/$target.log" || { tail -n 40 "$out/$target.log" >&2; exit 1; }
    grep -E '^stat::number|^Done' "$out/$target.log"
done
