//! Compiles the C core for the target at hand, with `CC_<target>`, or clang, or the machine's `CC` or
//! cc. It is freestanding, so that wasm32 takes no SDK: only a clang.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FLAGS: [&str; 9] = [
    "-std=c11",
    "-w",
    "-O2",
    "-fno-math-errno",
    "-ffp-contract=off", // products are rounded before a sum: the same on every host
    "-Icore/src",
    "-Icore/include",
    "-c",
    "-o",
];
// Not more than the linker of any rustc understands.
const WASM: [&str; 5] = [
    "--target=wasm32-unknown-unknown",
    "-mcpu=mvp",
    "-mbulk-memory",
    "-msign-ext",
    "-ffreestanding",
];

fn main() {
    let target = env::var("TARGET").expect("cargo names the target");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a directory"));
    let (compiler, flags) = compiler_for(&target);

    let mut objects = Vec::new();
    for source in sources(Path::new("core/src")) {
        let name = source.to_str().expect("names are ASCII").replace(['/', '\\'], "-");
        let object = out.join(name + ".o");
        run(Command::new(&compiler).args(&flags).args(FLAGS).arg(&object).arg(&source));
        objects.push(object);
    }
    let archive = out.join("libferrite.a");
    let _ = fs::remove_file(&archive); // of a former build, if any
    run(Command::new(env::var("AR").unwrap_or_else(|_| "ar".into()))
        .arg("crs")
        .arg(archive)
        .args(objects));

    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static=ferrite");
    for watched in ["build.rs", "core/src", "core/include"] {
        println!("cargo:rerun-if-changed={watched}");
    }
}

fn compiler_for(target: &str) -> (String, Vec<String>) {
    let named = format!("CC_{}", target.replace('-', "_"));
    println!("cargo:rerun-if-env-changed={named}");
    println!("cargo:rerun-if-env-changed=CC");
    let native = env::var("HOST").as_deref() == Ok(target);
    let flags = if target.starts_with("wasm32") {
        WASM.iter().map(|flag| flag.to_string()).collect()
    } else if native {
        vec!["-fPIC".to_string()]
    } else {
        vec!["-fPIC".to_string(), format!("--target={target}")]
    };
    let chosen = env::var(named).ok().or_else(|| env::var("CC").ok().filter(|_| native));
    let known: &[&str] = if native { &["clang-19", "clang", "cc"] } else { &["clang-19", "clang"] };
    let compiler =
        chosen.or_else(|| known.iter().find(|name| answers(name)).map(|name| name.to_string()));
    (compiler.unwrap_or_else(|| panic!("no C compiler for {target}: install clang")), flags)
}

fn answers(compiler: &str) -> bool {
    Command::new(compiler).arg("--version").output().map_or(false, |output| output.status.success())
}

/// The C files of the native form, which lives in a buffer that it is given, on wasm32 too.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("the C sources are in core/src") {
        let path = entry.expect("a directory can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if path.is_dir() {
            found.extend(sources(&path));
        } else if name.ends_with(".c") && !name.ends_with("_wasm.c") && name != "module.c" {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
