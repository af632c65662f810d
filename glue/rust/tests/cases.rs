//! Plays the table of cases, which every platform plays: test/cases in the repository.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use ferrite_wasm::{Keyspace, Options, Resp};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/cases");

struct Player {
    now: Arc<AtomicU64>,
    keys: Option<Keyspace>,
    form: Resp,
    reply: Vec<u8>,
    passed: usize,
    failed: usize,
}

impl Player {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "" | "#" => {}
            "cache" => {
                let (bytes, policy) = rest.split_once(' ').expect("cache BYTES POLICY");
                self.keys = Some(self.cache(bytes.parse().unwrap(), policy));
                self.form = Resp::Two;
            }
            "at" => self.now.store(rest.parse().unwrap(), Ordering::Relaxed),
            "resp2" => self.form = Resp::Two,
            "resp3" => self.form = Resp::Three,
            ">" => self.reply = self.call(&words(rest)),
            "<" => {
                if self.reply != unescaped(rest) {
                    return Err(format!("{}, not {rest}", self.reply.escape_ascii()));
                }
                self.passed += 1;
            }
            _ => return Err(format!("what is a line that begins with {verb}?")),
        }
        Ok(())
    }

    fn cache(&self, bytes: usize, policy: &str) -> Keyspace {
        let now = self.now.clone();
        let options = Options::new(bytes).policy(policy.parse().unwrap()).seed(1);
        options.clock(move || now.load(Ordering::Relaxed)).keyspace().unwrap()
    }

    fn call(&mut self, words: &[Vec<u8>]) -> Vec<u8> {
        let keys = self.keys.as_mut().expect("a cache comes first");
        match keys.exec(words, self.form) {
            Ok(reply) => reply.to_vec(),
            Err(error) => format!("-{error}\r\n").into_bytes(),
        }
    }
}

fn words(line: &str) -> Vec<Vec<u8>> {
    let word = |word| if word == "\"\"" { Vec::new() } else { unescaped(word) };
    line.split(' ').filter(|word| !word.is_empty()).map(word).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().expect("an escape goes on") {
                b'\\' => b'\\',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => hex(rest.next()) << 4 | hex(rest.next()),
                other => panic!("what is the escape {other}?"),
            },
            plain => plain,
        });
    }
    bytes
}

fn hex(digit: Option<u8>) -> u8 {
    digit.and_then(|digit| (digit as char).to_digit(16)).expect("a hexadecimal digit") as u8
}

/// Its last line of output is counted by test/platforms/rust.
#[test]
fn the_table_of_cases() {
    let mut player = Player {
        now: Arc::default(),
        keys: None,
        form: Resp::Two,
        reply: Vec::new(),
        passed: 0,
        failed: 0,
    };
    for file in files() {
        for (index, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            if let Err(difference) = player.line(line) {
                player.failed += 1;
                println!("{}:{}: {difference}", file.display(), index + 1);
            }
        }
    }
    println!("cases: {} passed, {} failed", player.passed, player.failed);
    assert!(player.passed > 0 && player.failed == 0);
}

fn files() -> Vec<PathBuf> {
    let folder = std::env::var("FERRITE_CASES").unwrap_or_else(|_| CASES.into());
    let entries = fs::read_dir(folder).expect("the table is in test/cases");
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().map_or(false, |end| end == "txt")).collect();
    files.sort();
    files
}
