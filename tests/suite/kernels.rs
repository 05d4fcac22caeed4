//! What the device is given to run is what the kernels' text says.
//!
//! With `BARLINE_WRITE=1`, and `libnvrtc.so.12` where the loader finds it, the PTX is written anew. Where
//! NVRTC is found every kernel is compiled for each generation from compute capability 7.5 to 9.0; where
//! `ptxas` is found too (in `PATH`, or named by `BARLINE_PTXAS`), what it says of registers and spills is held.

use std::{env, fs, path::Path, process::Command};

use barline::compute::{PTX, SOURCES, source};
use cudarc::nvrtc::{CompileOptions, compile_ptx_with_opts};

/// Generations that kernels are compiled for.
const GENERATIONS: [&str; 5] = ["75", "80", "86", "89", "90"];
/// Options of NVRTC: no contraction, for the oldest generation.
const OPTIONS: &str = "--gpu-architecture=compute_75 --fmad=false";
/// Registers of a thread that none may pass: beyond, ptxas spills.
const MOST_REGISTERS: u32 = 255;

fn hash() -> String {
    blake3::hash(source().as_bytes()).to_hex().to_string()
}

/// The kernels for a generation; `None` without NVRTC, whose bindings panic where there is no library.
fn compiled(generation: &str) -> Option<String> {
    let options = CompileOptions {
        fmad: Some(false),
        options: vec![format!("--gpu-architecture=compute_{generation}")],
        ..CompileOptions::default()
    };
    let made = std::panic::catch_unwind(|| compile_ptx_with_opts(source(), options)).ok()?;
    let made = made.unwrap_or_else(|error| panic!("the kernels do not compile: {error:?}"));
    Some(made.to_src().trim_end_matches('\0').to_owned())
}

/// `release 12.2, V12.2.140` of the text that NVRTC writes.
fn compiler(text: &str) -> &str {
    let line = text.lines().find(|line| line.contains("release ")).unwrap_or_default();
    line.find("release ").map_or("", |at| &line[at..])
}

/// The file as it is committed.
fn file(text: &str) -> String {
    let (hash, compiler) = (hash(), compiler(text));
    format!("// text: blake3 {hash}; compiler: NVRTC {compiler}, {OPTIONS}\n{text}\n")
}

#[test]
fn the_ptx_is_made_of_the_text() {
    let first = PTX.lines().next().unwrap_or_default();
    assert!(first.contains(&hash()) && first.contains(OPTIONS), "{first}");
    for (name, text) in SOURCES {
        let kernels = text.matches("KERNEL __launch_bounds__").count();
        assert!(text.len() > 100, "{name}");
        assert!(kernels == 0 || !text.contains("atomicAdd("), "{name} adds up in no order");
    }
    assert_eq!(PTX.matches(".entry").count(), 13);
    // A product and a sum are fused where the text says so, and nowhere else.
    assert!(PTX.contains("fma.rn.f64") && !PTX.contains("mad.f64"));
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn the_kernels_compile_for_every_generation() {
    let Some(text) = compiled("75") else {
        eprintln!("skipped: no NVRTC here");
        return;
    };
    let made = file(&text);
    if env::var_os("BARLINE_WRITE").is_some() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("src/compute/cuda/kernels/barline.ptx");
        fs::write(path, &made).expect("written");
    } else if compiler(PTX) == compiler(&text) {
        assert!(PTX == made, "the same compiler makes another PTX of the text");
    }
    for generation in GENERATIONS {
        let text = compiled(generation).expect("it was there before");
        assert_eq!(text.matches(".entry").count(), 13, "{generation}");
        let Some(told) = assembled(&text, generation) else { continue };
        for line in told.lines().filter(|line| line.contains("spill")) {
            assert!(line.contains(" 0 bytes spill stores, 0 bytes spill loads"), "{told}");
        }
        let registers = told.lines().filter_map(|line| {
            let count = line.split("Used ").nth(1)?.split(' ').next()?;
            count.parse::<u32>().ok()
        });
        assert!(
            registers.clone().count() == 13 && registers.max() <= Some(MOST_REGISTERS),
            "{told}"
        );
    }
}

/// What ptxas says of some PTX; `None` where it is not, or does not know the generation.
fn assembled(text: &str, generation: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kernels.ptx");
    fs::write(&path, text).expect("written");
    let ptxas = env::var("BARLINE_PTXAS").unwrap_or_else(|_| "ptxas".to_owned());
    let told = Command::new(ptxas)
        .args(["-v", &format!("-arch=sm_{generation}"), "-o"])
        .arg(folder.path().join("kernels.cubin"))
        .arg(&path)
        .output()
        .ok()?;
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Some(String::from_utf8_lossy(&told.stderr).into_owned())
}
