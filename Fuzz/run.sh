#!/bin/sh
# Fuzz/run.sh TARGET|all SECONDS [release]: runs libFuzzer on Fuzz/TARGETFuzzer.swift, from the inputs in Fuzz/seeds/TARGET.
#
# The library that a target imports as testable is compiled once, optimised and with coverage; what it depends on comes
# from the debug build, which the tests have made already, or for long runs from a release build, which is much faster. A
# finding ends the run and is left in Fuzz/.build/TARGET.
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

library_of() { sed -n 's/^@testable import //p' "Fuzz/$1Fuzzer.swift"; }
libraries=$(for target in $targets; do library_of "$target"; done | sort -u)

for library in $libraries; do swift build -c "$configuration" --target "$library"; done
build=$(swift build -c "$configuration" --show-bin-path)

# The C modules of the dependencies: those with a module map of their own, and those that SwiftPM wrote one for.
modules=$(find .build/checkouts -path '*/include/module.modulemap' | sed 's/.*/-Xcc -fmodule-map-file=&/')
modules="$modules $(find "$build" -name module.modulemap ! -path '*-tool.build/*' | sed 's/.*/-Xcc -fmodule-map-file=&/')"
modules="$modules -Xcc -fmodule-map-file=.build/checkouts/GRDB.swift/Sources/GRDBSQLite/module.modulemap
    -I Sources/COpenSSL -I Sources/CZeroMQ -I Sources/CZlib"
features="-enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault"
# As SwiftPM names the package: by its folder.
package=$(basename "$PWD" | tr 'A-Z.-' 'a-z__')
swiftc="swiftc -swift-version 6 -package-name $package -O -g -parse-as-library -sanitize=fuzzer -enable-testing
    $features $modules"

for library in $libraries; do
    mkdir -p "$out/$library"
    rm -f "$out/$library/dependencies.a"
    # One call: a second would replace members of the first that have the same name.
    find "$build" -path "$build/*.build/*.o" ! -path "$build/$library.build/*" ! -path '*-tool.build/*' |
        sed 's/.*/"&"/' >"$out/$library/dependencies"
    ar -qcs "$out/$library/dependencies.a" "@$out/$library/dependencies"
    # shellcheck disable=SC2046,SC2086
    $swiftc -wmo -module-name "$library" -emit-module -emit-module-path "$out/$library/$library.swiftmodule" \
        -I "$build/Modules" -c $(find -L "Sources/$library" -name '*.swift') -o "$out/$library/$library.o"
done

for target in $targets; do
    library=$(library_of "$target")
    # shellcheck disable=SC2086
    $swiftc -module-name "${target}Fuzzer" -I "$out/$library" -I "$build/Modules" "Fuzz/${target}Fuzzer.swift" \
        "$out/$library/$library.o" "$out/$library/dependencies.a" -lstdc++ -o "$out/${target}Fuzzer"
    mkdir -p "$out/$target" "Fuzz/seeds/$target"
    echo "$target: $seconds seconds"
    SWIFT_BACKTRACE=enable=no "$out/${target}Fuzzer" -max_total_time="$seconds" -max_len=8192 -timeout=60 \
        -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$out/$target/" \
        "$out/$target" "Fuzz/seeds/$target" 2>"$out/$target.log" || { tail -n 40 "$out/$target.log" >&2; exit 1; }
    grep -E '^stat::number|^Done' "$out/$target.log"
done
