#!/usr/bin/env bash
# Builds, tests, measures and shows Ferrite Edge; "./build.sh help" lists the verbs.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C # files sort alike everywhere, so two builds of one commit are byte-identical

CEILING_BYTES=92672 # of build/ferrite.wasm, raw

# Square roots without libm, and products that are rounded before a sum: the same on every host.
STRICT=(-std=c11 -I include -I src -Wall -Wextra -Wconversion -Werror -fno-math-errno
    -ffp-contract=off)
WASM32=(--target=wasm32-unknown-unknown -mcpu=mvp -mbulk-memory -msign-ext -mmutable-globals
    -mnontrapping-fptoint -ffreestanding)
WASM=("${WASM32[@]}" -DFERRITE_MODULE)
CHECKED=(-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -DFERRITE_CHECKED)
# Arguments that are structs travel as their fields (an ABI of clang's own; nothing outside sees it).
WASM+=(-Xclang -target-abi -Xclang experimental-mv)
# The module is compiled for size, but for the hash: of the rest, calls are what takes time, and
# compiling single files for speed gains less than 3%. So a function is inlined where that saves bytes,
# or where its header says so (HOT_INLINE). To compile and inline everything for speed would take 39,000
# bytes more, for a fifth to a third less time. wasm-opt inlines what has one caller or is tiny. Loops
# that count down addresses (lsr) are longer than those that index. wasm-opt finds shorter branches when
# it makes its own of a function's blocks (rereloop).
SMALL=(-Oz -mllvm -inline-threshold=-60 -mllvm -enable-pre=false
    -mllvm -rotation-max-header-size=0)
FAST=(-O2 -fno-unroll-loops)
HOT=(base/hash.c)
WHOLE=(-mllvm -disable-lsr -mllvm -disable-machine-sink)
# Below the stack lies the call at work, between it and static data the state: see src/heap/heap.h.
LINK=(--no-entry --stack-first -z stack-size=5632 --global-base=8704 --strip-debug)
OPTIMISE=(--mvp-features --enable-bulk-memory --enable-sign-ext --enable-mutable-globals
    --enable-nontrapping-float-to-int --low-memory-unused --traps-never-happen
    -Oz --flatten --rse --rereloop -Oz --converge -Oz --const-hoisting --reorder-locals --vacuum
    --reorder-functions)

# What "test" runs, in this order; a name that is no suite_ function's here is a test's of test/native.
SUITES='module boundary native fuzz replay soak cases library redis snapshot glue package workerd deno server clients tier adapters inproc playground demo lint'

verb_help() {
    cat <<TEXT
./build.sh [verb]

  build                         build/ferrite.wasm (the verb if none is given)
  library                       the native form, for include/ferrite.h: build/libferrite.a, and
                                build/wasm32/libferrite.a, to be linked into a guest of any wasm host
  package                       build/ferrite-edge-*.tgz, to be installed or published with npm
  demo [--requests N]           an edge cache in workerd, in front of a slow origin, under a real web trace
  serve [--port N] [--socket PATH] [--maxmemory 64mb] [--policy allkeys-lru] ..
                                a server in front of one cache, for any Redis client; --help: all options
  playground [--port N]         a page with a prompt, a picture of memory and a load to set: a cache to
                                look at, in your browser
  test [suite ...]              all tests, or some, or one of test/native by its name. The suites:
$(fold -s -w 76 <<<"$SUITES; and, if asked for, those of other platforms" | sed "s/^/$(printf %32s)/")
  platforms [--all] [name ...]  on every platform, or some, the cases of test/cases and its own tests; what
                                this machine cannot have is "not run". With --all, the slow ones too. A
                                name is that of a folder of test/platforms
  fuzz [target ...] [--minutes N] [--seed S]
                                the fuzzers of test/fuzz, all or some, each for 1 minute or N; what
                                they find is left in build/fuzz
  fuzz-redis [--minutes N] [--seed S]
                                the comparison with redis-server, seed after seed, for 1 minute or N;
                                it stops with the first difference
  redis-suite [--server redis] [file ..]
                                Redis's own tests against the server (or a redis-server), all or such
                                as unit/type/list
  replay FILE                   makes the calls of a recording again (FERRITE_RECORD=FILE records what a
                                Node.js program asks), with the module and natively, and compares
  soak [--minutes N] [--seed S] every command in a full cache of 64 MiB, beside a native twin, for 10
                                minutes or N
  tier [--minutes N] [--seed S] isolates that share a Redis cluster, whose nodes are paused and killed, for
                                1 minute or N: no read is older than the bound, no write is lost
  coverage                      of src by the tests of test/native and the kept inputs of test/fuzz; it
                                fails below 95% of lines or 85% of branches
  size                          bytes by section and function, compressed sizes, SHA-256, and the difference to
                                the last commit, or, if nothing has changed since, to the one before it
  bench [name ..] [--rounds N ..]
                                the measurements, all or some of memory hits fleet rooms speed pauses
                                growth profile start types server; options go to each. Figures and plots go to
                                build/bench, too. All take a quarter of an hour on two cores
  lint                          clang-format, clang-tidy, cppcheck, prettier
  analyze                       clang's static analyser with more patience, for some ten minutes
  help                          this text

On Debian, as root, programs that are missing are installed first; elsewhere they are named.
TEXT
}

# --- programs -------------------------------------------------------------------------------------

has() {
    case $1 in
    node) node -e 'process.exit(parseInt(process.version.slice(1)) < 18 ? 1 : 0)' ;;
    rust-wasi) wasi_sysroots | grep -q . ;;
    sanitizers-19) clang-19 -fsanitize=address,undefined -x c -o /dev/null - <<<'int main(void) {}' ;;
    rust-once-cell) compgen -G '/usr/share/cargo/registry/once_cell-1.*' ;;
    wasi-libc) [[ -e /usr/lib/wasm32-wasi/libc.a ]] ;;
    wasi-builtins-19) [[ -e /usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a ]] ;;
    libcrypto) clang-19 -x c -lcrypto -o /dev/null - <<<'int main(void) {}' ;;
    *) command -v "$1" ;;
    esac &>/dev/null
}

# Where a rustc, the PATH's or Debian's, has its library for wasm32-wasi (of late, wasm32-wasip1).
wasi_sysroots() {
    local rustc
    for rustc in rustc /usr/bin/rustc; do
        compgen -G "$("$rustc" --print sysroot)/lib/rustlib/wasm32-wasi*" || true
    done
}

debian_packages_of() {
    case $1 in
    wasm-ld-19) echo lld-19 ;;
    wasm-opt) echo binaryen ;;
    wasm-objdump | wasm2c) echo wabt ;;
    wasi-builtins-19) echo libclang-rt-19-dev-wasm32 ;;
    libcrypto) echo libssl-dev ;;
    clang++-19) echo clang-19 libstdc++-12-dev ;;
    sanitizers-19) echo libclang-rt-19-dev libc6-dev ;;
    llvm-ar-19 | llvm-cov-19 | llvm-nm-19 | llvm-profdata-19) echo llvm-19 ;;
    ar) echo binutils ;;
    redis-cli | redis-benchmark) echo redis-tools ;;
    rust-wasi) echo cargo rustc libstd-rust-dev-wasm32 lld ;;
    rust-once-cell) echo librust-once-cell-dev ;;
    cargo) echo cargo rustc ;;
    script) echo bsdutils ;;
    tclsh) echo tcl ;;
    dpkg-source) echo dpkg-dev ;;
    xz) echo xz-utils ;;
    node) echo nodejs ;;
    npm) echo npm ca-certificates ;;
    *) echo "$1" ;;
    esac
}

# Makes sure of the programs named: installs what is missing, or says how to and exits with 2.
need() {
    local program missing=() packages=()
    for program; do
        has "$program" && continue
        missing+=("$program")
        packages+=($(debian_packages_of "$program"))
    done
    ((${#missing[@]})) || return 0
    if ((EUID == 0)) && has apt-get; then
        echo "installing ${packages[*]}"
        install_packages "${packages[@]}"
        for program in "${missing[@]}"; do has "$program" || give_up "$program" "${packages[@]}"; done
    else
        give_up "${missing[*]}" "${packages[@]}"
    fi
}

install_packages() {
    local log
    log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@"; } </dev/null &>"$log"; then
        cat "$log" >&2
    fi
    rm -f "$log"
}

MISSING=2 # the status of a verb that needs what is not here

give_up() { # the programs, their packages
    {
        echo "missing: $1"
        echo "On Debian 12 or later, as root: apt-get install ${*:2}"
        echo "Elsewhere: LLVM 19 (clang, wasm-ld, clang-format, clang-tidy, compiler-rt) from llvm.org,"
        echo "  its programs with the suffix -19; binaryen (wasm-opt) and wabt (wasm-objdump) from"
        echo "  github.com/WebAssembly; Node.js 18 or later; redis-server 7.0 and its tools."
    } >&2
    exit "$MISSING"
}

# The JavaScript tools of a folder: what formats, bundles and runs, peers for benchmarks. The package
# needs none.
need_node_modules() { # folder, options
    need node npm
    present "$1/package-lock.json"
    [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] ||
        npm ci --prefix "$1" --loglevel=error --no-audit --no-fund "${@:2}" >/dev/null
}

# What is made for a later Node.js than Debian 12 has runs on the one that npm has.
need_newer_node() {
    (($(node -p 'parseInt(process.versions.node)') >= 20)) ||
        PATH=$(echo "$PWD"/test/platforms/node_modules/node-linux-*/bin):$PATH
}

# --- building -------------------------------------------------------------------------------------

sources() { # wasm or native: the C files of that form
    case $1 in
    wasm) find src -name '*.c' ! -path src/abi/library.c ! -name '*_native.c' ;;
    native) find src -name '*.c' ! -path src/abi/module.c ! -name '*_wasm.c' ;;
    esac | sort
}

faster() { # form, file: the flags that override those for size where speed counts
    [[ $1 == wasm && " ${HOT[*]} " == *" $2 "* ]] && echo "${FAST[@]}" || true
}

compile() { # form, directory for the objects, flags
    local form=$1 objects=$2 source object
    shift 2
    rm -rf "$objects"
    mkdir -p "$objects"
    for source in $(sources "$form"); do
        object=${source#src/}
        clang-19 "${STRICT[@]}" "$@" $(faster "$form" "$object") -c "$source" \
            -o "$objects/${object//\//-}.o"
    done
}

archive() { # the archive, the directory of its objects
    rm -f "$1"
    ar rcsD "$1" "$2"/*.o
}

# ferrite.wasm, and ferrite-named.wasm: the same code with the functions' names, for `size`, and
# with static data as it was linked, which ferrite.wasm has packed (src/abi/unpack.h). The linker
# joins the files, and what it joined is compiled as one: constants, results that are always the
# same and what nobody needs are seen across files then. (The linker's own passes do less.)
build_module() { # directory
    local linked=$1/wasm/linked.wasm
    compile wasm "$1/wasm" "${WASM[@]}" "${SMALL[@]}" -flto
    wasm-ld-19 "${LINK[@]}" --save-temps "$1"/wasm/*.o -o "$linked"
    clang-19 "${WASM[@]}" "${SMALL[@]}" "${WHOLE[@]}" -c "$linked.0.2.internalize.bc" \
        -o "$1/wasm/whole.o" -Wno-unused-command-line-argument
    wasm-ld-19 "${LINK[@]}" "$1/wasm/whole.o" -o "$linked"
    wasm-opt "${OPTIMISE[@]}" -g "$linked" -o "$1/ferrite-named.wasm"
    wasm-opt --all-features --strip-debug --strip-producers --strip-target-features \
        "$1/ferrite-named.wasm" -o "$1/wasm/unpacked.wasm"
    node src/abi/pack.mjs "$1/wasm/unpacked.wasm" "$1/ferrite.wasm"
}

verb_build() {
    need clang-19 wasm-ld-19 wasm-opt node
    build_module build
    cp build/ferrite.wasm glue/ # where the package looks for it
    echo "build/ferrite.wasm: $(wc -c <build/ferrite.wasm) bytes"
}

verb_library() {
    need clang-19 ar llvm-ar-19
    compile native build/library -O2
    archive build/libferrite.a build/library
    compile native build/wasm32/library "${WASM32[@]}" -O2
    rm -f build/wasm32/libferrite.a
    llvm-ar-19 rcsD build/wasm32/libferrite.a build/wasm32/library/*.o # binutils' has no index of wasm
}

build_checked() { # the native form under sanitizers, on a poisoned heap
    compile native build/checked "${CHECKED[@]}"
    archive build/libchecked.a build/checked
}

build_replay() { # of both native forms
    clang-19 "${STRICT[@]}" -O2 test/replay/replay.c build/libferrite.a -o build/replay
    build_twin
}

build_twin() {
    present test/replay/replay.c
    clang-19 "${STRICT[@]}" "${CHECKED[@]}" test/replay/replay.c build/libchecked.a \
        -o build/replay-checked
}

verb_package() {
    need clang-19 wasm-ld-19 wasm-opt node npm
    need_node_modules glue --ignore-scripts
    verb_build
    node glue/pack.mjs build/package
    npm pack --silent --pack-destination build ./build/package
}

verb_size() {
    need clang-19 wasm-ld-19 wasm-opt node
    verb_build
    local commit folder words=(build/ferrite.wasm --names build/ferrite-named.wasm --functions 9999
        --max "$CEILING_BYTES" --imports none)
    if commit=$(commit_before); then
        git log -1 --format="compared with %h: %s" "$commit"
        folder=build/commits/$commit
        if [[ ! -e $folder/ferrite.wasm ]]; then build_commit "$commit" "$folder"; fi
        words+=(--since "$folder/ferrite.wasm" --since-names "$folder/ferrite-named.wasm")
    else
        echo "compared with nothing: there is no commit before this one here"
    fi
    node glue/server/main.js size "${words[@]}"
}

# The last commit, if something has changed since, else the one before that.
commit_before() {
    [[ -z $(git rev-parse --show-prefix 2>&1) ]] || return # a folder of another repository, or no git
    git rev-parse --verify --quiet "HEAD$([[ $(git status --porcelain) ]] || echo "~1")"
}

build_commit() { # the commit, the folder for its module
    rm -rf "$2"
    mkdir -p "$2/source"
    git archive "$1" | tar -x -C "$2/source"
    "$2/source/build.sh" build >/dev/null
    mv "$2"/source/build/ferrite{-named,}.wasm "$2"
    rm -r "$2/source"
}

# --- running --------------------------------------------------------------------------------------

verb_demo() {
    need clang-19 wasm-ld-19 wasm-opt node npm
    need_node_modules glue --ignore-scripts
    verb_build
    node --no-warnings glue/examples/demo/demo.mjs "$@"
}

# What a platform needs beside the tools that all need: programs, and what is built for it.
prepare_platform() { # its name
    need_newer_node
    if [[ $(type -t "prepare_$1") == function ]]; then "prepare_$1"; fi
}

# A client of the tier's tests runs on Node.js 20 and later.
prepare_tier() {
    need redis-server
    need_node_modules test/platforms --ignore-scripts
    need_node_modules test/tier --ignore-scripts
    need_newer_node
}

prepare_browsers() { need chromium; }
prepare_package() { need chromium; }
prepare_lambda() { need zip unzip; }
prepare_firefox() {
    need firefox-esr
    need_node_modules test/platforms/firefox --ignore-scripts
}

# It builds a part of itself, with the headers of the Node.js it will run on, which npm's has.
prepare_ric() {
    local node
    node=$(echo "$PWD"/test/platforms/node_modules/node-linux-*)
    need cmake make g++ python3 xz zip unzip
    PATH=$node/bin:$PATH npm_config_nodedir=$node need_node_modules test/platforms/ric
}

# The core, over an arena, and the example for Fastly Compute are one guest; in Rust there is the sample
# of the page that this project comes from as well.
prepare_fastly() {
    local example=glue/examples/fastly
    need clang-19 wasm-ld-19 llvm-ar-19 ar wasm-objdump cargo rust-wasi rust-once-cell wasi-libc wasi-builtins-19
    need_node_modules test/platforms/fastly --ignore-scripts
    verb_library
    mkdir -p build/fastly
    clang-19 "${STRICT[@]}" "${WASM32[@]}" -O2 -c $example/main.c -o build/fastly/main.o
    wasm-ld-19 --no-entry --export=_start --gc-sections --strip-debug build/fastly/main.o \
        build/wasm32/libferrite.a -o build/fastly/main.wasm
    build_wasi_crate $example/rust ferrite-fastly build/fastly/rust.wasm
    RUSTFLAGS="-A unused-must-use" build_wasi_crate test/platforms/fastly/page page build/fastly/page.wasm
}

# With the crates that Debian has in place of a registry.
build_wasi_crate() { # its directory, its name, the program
    local library root target registry=/usr/share/cargo/registry
    library=$(wasi_sysroots | head -n 1)
    root=${library%/lib/rustlib/*} target=${library##*/}
    (
        export CARGO_TARGET_DIR=$PWD/build/rust/$2 RUSTC=$root/bin/rustc
        cd "$1"
        "$root/bin/cargo" build --quiet --release --target "$target" \
            --config 'source.crates-io.replace-with = "debian"' \
            --config "source.debian.directory = \"$registry\""
    )
    cp "build/rust/$2/$target/release/$2.wasm" "$3"
}

prepare_rust() {
    need clang-19 ar cargo rust-wasi
}

prepare_next() { need_node_modules test/platforms/next --ignore-scripts; }
prepare_vercel() { need_node_modules test/platforms/vercel --ignore-scripts; }
prepare_wabt() { need clang++-19 libcrypto; }
prepare_wasm2c() { need wasm2c; }
prepare_node-wasi() { need wasi-libc wasi-builtins-19; }
prepare_wasmtime() { need wasi-libc wasi-builtins-19; }

# What cannot be had here, its row says then: "not run".
verb_platforms() {
    local name status
    need clang-19 wasm-ld-19 wasm-opt ar llvm-ar-19 node npm
    need_node_modules test/platforms --ignore-scripts
    need_newer_node
    verb_build
    verb_library
    for name in $(node test/platforms/run.mjs --names "$@"); do
        set +e # the subshell has its own, which a condition around it would switch off
        (set -e; prepare_platform "$name")
        status=$?
        set -e
        ((status == 0 || status == MISSING)) || exit "$status"
    done
    node test/platforms/run.mjs "$@"
}

verb_serve() {
    need clang-19 wasm-ld-19 wasm-opt node
    [[ -e glue/ferrite.wasm && -z $(find src -newer glue/ferrite.wasm) ]] || verb_build
    exec node glue/server/main.js serve "$@"
}

verb_playground() {
    need clang-19 wasm-ld-19 wasm-opt node
    [[ -e glue/ferrite.wasm && -z $(find src -newer glue/ferrite.wasm) ]] || verb_build
    exec node glue/examples/playground/serve.mjs "$@"
}

# The names of measurements, then options for each of them.
verb_bench() {
    local name names=() untimed=() timed=()
    need clang-19 wasm-ld-19 wasm-opt llvm-nm-19 ar llvm-ar-19 node npm redis-server redis-cli redis-benchmark \
        memcached
    need_node_modules test/bench --ignore-scripts
    need_node_modules glue --ignore-scripts           # workerd
    need_node_modules test/platforms --ignore-scripts # Deno and Bun
    verb_build
    verb_library
    while (($#)) && [[ $1 != --* ]]; do names+=("$1") && shift; done
    ((${#names[@]})) || names=(memory hits fleet rooms speed pauses growth profile start types server)
    for name in "${names[@]}"; do
        present "test/bench/$name.mjs"
        case $name in
        memory | hits | fleet) untimed+=("$name") ;;
        *) timed+=("$name") ;;
        esac
    done
    bench_untimed "$@"
    for name in "${timed[@]}"; do
        if [[ $(type -t "prepare_bench_$name") == function ]]; then "prepare_bench_$name"; fi
        bench "$name" "$@"
    done
    echo "bench: $((SECONDS / 60)) min $((SECONDS % 60)) s in all"
}

bench() { # name, options
    local start=$SECONDS
    node "test/bench/$1.mjs" "${@:2}" && echo "$1: $((SECONDS - start)) s"
}

# What counts, and does not time, goes on at once; what each says is told in order. They are process
# groups of their own, to end with this script however that does.
bench_untimed() { # options
    local name i jobs=() status=0
    ((${#untimed[@]})) || return 0
    mkdir -p build/bench
    set -m
    for name in "${untimed[@]}"; do
        bench "$name" "$@" >"build/bench/$name.txt" &
        jobs+=($!)
    done
    set +m
    trap "kill -- ${jobs[*]/#/-} 2>/dev/null" EXIT
    for i in "${!jobs[@]}"; do
        wait "${jobs[i]}" || status=$?
        cat "build/bench/${untimed[i]}.txt"
    done
    trap - EXIT
    return "$status"
}

# The native build of the core, under the same calls as the module.
prepare_bench_profile() {
    mkdir -p build/bench
    clang-19 "${STRICT[@]}" -D_POSIX_C_SOURCE=199309L -O2 test/bench/profile/native.c build/libferrite.a \
        -o build/bench/native
}

verb_fuzz-redis() {
    need clang-19 wasm-ld-19 wasm-opt redis-server node
    verb_build
    node test/redis/differential.mjs --minutes 1 "$@"
}

# --- fuzzing ---------------------------------------------------------------------------------------

fuzz_targets() { find test/fuzz -name '*.c' -exec basename {} .c ';' | sort; }

build_fuzzers() {
    local target flags=("${CHECKED[@]}" -fsanitize=fuzzer-no-link)
    compile native build/fuzz/objects "${flags[@]}"
    archive build/fuzz/libfuzzed.a build/fuzz/objects
    for target in $(fuzz_targets); do
        clang-19 "${STRICT[@]}" "${flags[@]}" -fsanitize=fuzzer "test/fuzz/$target.c" \
            build/fuzz/libfuzzed.a -o "build/fuzz/$target"
    done
    dictionary >build/fuzz/dictionary
}

# The names of commands, and the words that their handlers know.
dictionary() {
    {
        sed -n 's/^COMMAND("\([^"]*\)".*/\1/p' src/cmd/commands.inc | tr '|' '\n'
        grep -oh '"[^"]*[A-Z]\{2\}[^"]*"' src/cmd/*.[ch] | grep -oE '\b[A-Z]{2,}\b'
    } | sort -u | sed 's/.*/"&"/'
}

# From the kept inputs of a target on, in their order; new ones go to a folder, what fails to build/fuzz.
fuzz() { # target, the folder, libFuzzer's options
    local target=$1 found=$2/$1 log=build/fuzz/$1.log kept
    kept=$(printf '%s,' "test/fuzz/corpus/$1"/*)
    shift 2
    mkdir -p "$found"
    echo "$target $*"
    if ! "build/fuzz/$target" -dict=build/fuzz/dictionary -max_len=4096 -timeout=60 \
        -artifact_prefix="build/fuzz/failed-$target-" -print_final_stats=1 "$@" \
        -seed_inputs="${kept%,}" "$found" &>"$log"; then
        grep -v $'\t\|Uses:' "$log"
        return 1
    fi
    grep -E '^(Done|INFO: seed corpus)|executed_units' "$log"
}

verb_fuzz() {
    local minutes=1 seed=$RANDOM target targets=()
    while (($#)); do
        case $1 in
        --minutes) minutes=$2 && shift ;;
        --seed) seed=$2 && shift ;;
        *) present "test/fuzz/$1.c" && targets+=("$1") ;;
        esac
        shift
    done
    need clang-19 sanitizers-19 ar
    build_fuzzers
    ((${#targets[@]})) || targets=($(fuzz_targets))
    for target in "${targets[@]}"; do
        fuzz "$target" build/fuzz/found -max_total_time=$((minutes * 60)) -seed="$seed"
    done
}

verb_replay() {
    local status=0
    (($#)) || { verb_help >&2 && exit 2; }
    need clang-19 wasm-ld-19 wasm-opt sanitizers-19 ar node
    verb_build
    verb_library
    build_checked
    build_replay
    echo "with the module:" && node test/replay/replay.mjs "$1" || status=1
    echo "natively:" && build/replay "$1" || status=1
    echo "natively, under sanitizers, on a poisoned heap:" && build/replay-checked "$1" 10000 1 || status=1
    return "$status"
}

verb_tier() {
    need clang-19 wasm-ld-19 wasm-opt node npm
    prepare_tier
    verb_build
    node test/tier/fleet.mjs "$@"
}

verb_soak() {
    need clang-19 wasm-ld-19 wasm-opt sanitizers-19 ar node
    verb_build
    build_checked
    build_twin
    node test/soak/soak.mjs --twin build/replay-checked "$@"
}

# Redis's own test suite is Debian's source of the redis-server that is installed, from the mirrors it
# came from; everything apt writes for that goes into a directory of the build.
fetch_redis_source() { # directory
    local apt=$PWD/$1/apt version
    version=$(dpkg-query -W -f '${Version}' redis-server)
    [[ -e $1/$version ]] && return
    rm -rf "$1"
    mkdir -p "$apt"/{lists,cache}/partial
    apt-cache madison redis-server | awk -v version="$version" '
        $3 == version { split($6, suite, "/"); print "deb-src", $5, suite[1], suite[2] }' >"$apt/sources"
    (
        options=(-qq -o Dir::Etc::SourceList="$apt/sources" -o Dir::Etc::SourceParts=-
            -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=)
        cd "$1"
        apt-get "${options[@]}" update
        apt-get "${options[@]}" source "redis=$version" >/dev/null
    )
    mv "$1"/redis-*/ "$1/source"
    touch "$1/$version"
}

verb_redis-suite() {
    need clang-19 wasm-ld-19 wasm-opt node redis-server redis-cli redis-benchmark tclsh dpkg-source
    verb_build
    fetch_redis_source build/redis-suite
    node test/redis-suite/run.mjs build/redis-suite/source "$@"
}

# --- coverage -------------------------------------------------------------------------------------

COVERED=(-g -O1 -DFERRITE_CHECKED -fprofile-instr-generate -fcoverage-mapping)

# Builds a test or a fuzz target with what it covers, and runs it; a target, with its kept inputs.
cover() { # source, flags and arguments if it is a target
    local name=build/coverage/$(basename "$1" .c)
    clang-19 "${STRICT[@]}" "${COVERED[@]}" ${2:+-fsanitize=fuzzer} "$1" build/coverage/libcovered.a \
        -lm -o "$name"
    echo "$(basename "$name")"
    LLVM_PROFILE_FILE=$name.profraw "$name" ${2:+-runs=0 "$2"} &>"$name.log" ||
        { tail "$name.log" && exit 1; }
}

verb_coverage() {
    local source objects=()
    need clang-19 sanitizers-19 llvm-cov-19 llvm-profdata-19 ar node
    rm -rf build/coverage
    compile native build/coverage/objects "${COVERED[@]}"
    archive build/coverage/libcovered.a build/coverage/objects
    for source in test/native/*_test.c; do cover "$source"; done
    for source in test/fuzz/*.c; do cover "$source" "test/fuzz/corpus/$(basename "$source" .c)"; done
    for source in test/native/*_test.c test/fuzz/*.c; do
        objects+=(-object "build/coverage/$(basename "$source" .c)")
    done
    llvm-profdata-19 merge -o build/coverage/profile build/coverage/*.profraw
    objects+=(-instr-profile=build/coverage/profile src)
    llvm-cov-19 show -show-branches=count "${objects[@]:1}" >build/coverage/lines.txt
    llvm-cov-19 export -summary-only "${objects[@]:1}" | node test/native/coverage.mjs 95 85
}

# --- testing --------------------------------------------------------------------------------------

TOTAL_PASSED=0 TOTAL_FAILED=0

# Runs a suite: a command whose last line is "name: N passed, N failed". A suite that is absent,
# crashes, counts nothing, or fails without having counted a failure, has failed once.
suite() { # name, command
    local name=$1 log=build/test/$1.log status passed=0 failed=0
    shift
    mkdir -p build/test
    echo "--- $name"
    set +e # the subshell has its own, which a condition around it would switch off
    (set -e; "$@") </dev/null 2>&1 | tee "$log"
    status=$?
    set -e
    if [[ $(tail -n 1 "$log") =~ ^[^:]+:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    fi
    if ((failed == 0 && (status != 0 || passed == 0))); then
        echo "$name: ended with status $status and no failure counted; that is one"
        failed=1
    fi
    TOTAL_PASSED=$((TOTAL_PASSED + passed)) TOTAL_FAILED=$((TOTAL_FAILED + failed))
}

present() { [[ -e $1 ]] || { echo "absent: $1" && exit 1; }; }

suite_build() {
    verb_build
    build_module build/again
    cmp build/ferrite.wasm build/again/ferrite.wasm
    verb_library
    build_checked
    echo "build: 4 passed, 0 failed" # the module, its twin byte for byte, and both native forms
}

suite_module() {
    node test/module/check.mjs build/ferrite.wasm build/ferrite-named.wasm "$CEILING_BYTES"
}

suite_boundary() {
    node test/module/boundary.mjs build/ferrite.wasm
}

suite_native() { # a test's source
    local program=build/test/$(basename "$1" .c)
    present "$1"
    clang-19 "${STRICT[@]}" "${CHECKED[@]}" "$1" build/libchecked.a -o "$program"
    "$program"
}

# Each target: its kept inputs, then a few thousand more; not quite the same each time, as what it learns from
# compares are addresses, too.
suite_fuzz() {
    local target passed=0 failed=0
    build_fuzzers
    rm -rf build/fuzz/short
    for target in $(fuzz_targets); do
        if fuzz "$target" build/fuzz/short -runs=0 &&
            fuzz "$target" build/fuzz/short -runs=5000 -seed=1; then
            passed=$((passed + 2))
        else
            failed=$((failed + 1))
        fi
    done
    echo "fuzz: $passed passed, $failed failed"
    ((failed == 0))
}

suite_replay() {
    build_replay
    node test/replay/test.mjs
}

suite_soak() {
    build_twin
    node test/soak/soak.mjs --minutes 0.2 --budget 8388608 --twin build/replay-checked
}

suite_cases() {
    present test/cases/play.c
    clang-19 "${STRICT[@]}" "${CHECKED[@]}" test/cases/play.c build/libchecked.a -o build/play
    node test/cases/test.mjs build/play
}

suite_library() {
    need clang-19 wasm-ld-19 wasm-objdump wasi-libc wasi-builtins-19 node
    present test/library/test.mjs
    node test/library/test.mjs
}

suite_redis() {
    present test/redis/differential.mjs
    node test/redis/differential.mjs
}

suite_snapshot() {
    need_node_modules test/platforms --ignore-scripts
    need_newer_node
    present test/snapshot/run.mjs
    node test/snapshot/run.mjs
}

suite_glue() {
    present test/glue/run.mjs
    node test/glue/run.mjs
}

# A platform, or what is made for platforms, in test/platforms.
suite_platform() { # its name
    prepare_platform "$1"
    node "test/platforms/$1/run.mjs"
}

suite_server() {
    present test/server/run.mjs
    node test/server/run.mjs
}

suite_clients() {
    present test/clients/run.mjs
    node test/clients/run.mjs
}

suite_tier() {
    prepare_tier
    node test/tier/run.mjs
}

# Of late, what the adapters are for asks for a newer Node.js than Debian 12 has.
suite_adapters() {
    need_node_modules test/platforms --ignore-scripts
    need_node_modules test/adapters --ignore-scripts
    PATH=$(echo "$PWD"/test/platforms/node_modules/node-linux-*/bin):$PATH node test/adapters/run.mjs
}

# As of the adapters, some of its libraries ask for a newer Node.js than Debian 12 has.
suite_inproc() {
    need prometheus-redis-exporter
    need_node_modules test/inproc --ignore-scripts
    PATH=$(echo "$PWD"/test/platforms/node_modules/node-linux-*/bin):$PATH node test/inproc/run.mjs
}

suite_playground() {
    present test/playground/run.mjs
    node test/playground/run.mjs
}

suite_demo() {
    present glue/examples/demo/demo.mjs
    node --no-warnings glue/examples/demo/demo.mjs --requests 3000
}

suite_lint() {
    local passed=0 failed=0
    lint clang-format-19 --dry-run -Werror $(find src include test glue/examples -name node_modules \
        -prune -o -regex '.*\.\(c\|h\|cc\)' -print | sort)
    lint clang-tidy-19 --quiet $(sources wasm) -- "${STRICT[@]}" "${WASM[@]}"
    lint clang-tidy-19 --quiet src/abi/library.c $(find src -name '*_native.c') -- "${STRICT[@]}"
    lint check_c wasm -DFERRITE_MODULE --platform=unix32
    lint check_c native
    lint glue/node_modules/.bin/prettier --check 'glue/**/*.{js,mjs,ts}' '{src,test}/**/*.mjs'
    echo "lint: $passed passed, $failed failed"
    ((failed == 0))
}

# What clang-tidy's analyser does, with four times the patience. An ASSERT tells it what it cannot
# know. (The experimental checker of array bounds is left out: all it has to say is that block_at
# begins before the struct it measures from, which is how the arena is laid out, and that the end of
# the command table is not in it.)
verb_analyze() {
    local source status=0
    need clang-19
    for source in $(sources native); do
        echo "$source"
        clang-19 --analyze --analyzer-output text "${STRICT[@]}" -DFERRITE_CHECKED -Xclang -analyzer-werror \
            -Xclang -analyzer-max-loop -Xclang 8 -Xclang -analyzer-config -Xclang max-nodes=900000 \
            -Xclang -analyzer-checker=core,deadcode,unix,security,nullability,optin.portability \
            -Xclang -analyzer-disable-checker=security.insecureAPI.DeprecatedOrUnsafeBufferHandling \
            "$source" -o /dev/null || status=1
    done
    return $status
}

check_c() { # form, flags
    cppcheck --std=c11 --language=c -I include -I src --enable=warning,style,performance,portability \
        --suppress=missingIncludeSystem --suppressions-list=.cppcheck-suppressions --quiet \
        --error-exitcode=1 "${@:2}" $(sources "$1")
}

lint() { # a command; what it prints matters only if it fails
    local output
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$output"
    fi
}

verb_lint() {
    need clang-format-19 clang-tidy-19 cppcheck node npm
    need_node_modules glue --ignore-scripts
    suite_lint
}

verb_test() {
    local name
    need clang-19 wasm-ld-19 wasm-opt sanitizers-19 ar wasm-objdump clang-format-19 clang-tidy-19 \
        cppcheck redis-server redis-cli redis-benchmark script chromium node npm
    need_node_modules glue --ignore-scripts
    need_node_modules test/replay
    need_node_modules test/clients
    need_node_modules test/platforms --ignore-scripts
    (($#)) || set -- $SUITES
    suite build suite_build
    ((TOTAL_FAILED)) || for name; do run_tests "$name"; done
    echo "$TOTAL_PASSED passed, $TOTAL_FAILED failed"
    ((TOTAL_FAILED == 0))
}

run_tests() { # a suite's name; "native" is every test in test/native, each a suite of its own
    local source
    case $1 in
    native) for source in test/native/*_test.c; do run_tests "$(basename "$source" _test.c)"; done ;;
    *)
        if [[ $(type -t "suite_$1") == function ]]; then
            suite "$1" "suite_$1"
        elif [[ -e test/platforms/$1/run.mjs ]]; then
            suite "$1" suite_platform "$1"
        else
            suite "$1" suite_native "test/native/$1_test.c"
        fi
        ;;
    esac
}

verb=${1:-build}
(($#)) && shift
if [[ $(type -t "verb_$verb") != function ]]; then
    verb_help >&2
    exit 2
fi
"verb_$verb" "$@"
