//! Plays the table of cases, which every platform plays: test/cases in the repository.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;

use ferrite_wasm::{Change, Error, Keyspace, Options, Resp};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/cases");
const SEED: u128 = 4 << 96 | 3 << 64 | 2 << 32 | 1; // as all players have it

struct Player {
    now: Arc<AtomicU64>,
    keys: Option<Keyspace>,
    form: Resp,
    left: Vec<u8>,          // of the connection: the beginning of a command
    reply: (Vec<u8>, bool), // and whether the connection is over
    passed: usize,
    failed: usize,
    times_ms: Vec<f64>, // of the first cache, and of the first request
}

impl Player {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "" | "#" => {}
            "cache" => {
                let (bytes, policy) = rest.split_once(' ').expect("cache BYTES POLICY");
                let began = Instant::now();
                self.keys = Some(self.cache(bytes.parse().unwrap(), policy));
                self.note_time(0, began);
                self.left.clear();
            }
            "at" => self.now.store(rest.parse().unwrap(), Ordering::Relaxed),
            "resp2" => self.form = Resp::Two,
            "resp3" => self.form = Resp::Three,
            ">" | ">>" | "call" => {
                let began = Instant::now();
                self.reply = match verb {
                    ">" => self.feed(&request(&words(rest))),
                    ">>" => self.feed(&unescaped(rest)),
                    _ => (self.call(&words(rest)).unwrap_or_else(error_reply), false),
                };
                self.note_time(1, began);
            }
            "<" | "</" => {
                let (reply, closes) = &self.reply;
                if *reply != unescaped(rest) || *closes != (verb == "</") {
                    return Err(format!("{}, {closes}, not {line}", reply.escape_ascii()));
                }
                self.passed += 1;
            }
            _ => return Err(format!("what is a line that begins with {verb}?")),
        }
        Ok(())
    }

    fn note_time(&mut self, place: usize, began: Instant) {
        if self.times_ms.len() == place {
            self.times_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }

    fn cache(&self, bytes: usize, policy: &str) -> Keyspace {
        let now = self.now.clone();
        let options = Options::new(bytes).policy(policy.parse().unwrap()).seed(SEED);
        options.clock(move || now.load(Ordering::Relaxed)).keyspace().unwrap()
    }

    fn keys(&mut self) -> &mut Keyspace {
        self.keys.as_mut().expect("a cache comes first")
    }

    fn feed(&mut self, bytes: &[u8]) -> (Vec<u8>, bool) {
        let mut requests = std::mem::take(&mut self.left);
        requests.extend_from_slice(bytes);
        let form = self.form;
        match self.keys().feed(&requests, form) {
            Ok(fed) => {
                let (reply, closes, consumed) = (fed.reply.to_vec(), fed.close, fed.consumed);
                self.left = if closes { Vec::new() } else { requests.split_off(consumed) };
                (reply, closes)
            }
            Err(error) => (error_reply(error), false),
        }
    }

    fn call(&mut self, words: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
        let keys = self.keys();
        let words: Vec<&[u8]> = words.iter().map(|word| &word[..]).collect();
        match words[..] {
            [b"GET", key] => Ok(keys.get(key)?.map_or(b"$-1\r\n".to_vec(), bulk)),
            [b"SET", key, value] => keys.set(key, value, None).map(|()| b"+OK\r\n".to_vec()),
            [b"SET", key, value, b"EX", seconds] => {
                let seconds = std::str::from_utf8(seconds).unwrap().parse().unwrap();
                keys.set(key, value, Some(seconds)).map(|()| b"+OK\r\n".to_vec())
            }
            // There is no call of the crate for the other options: they are a command's.
            [b"SET", ..] => keys.exec(&words, Resp::Two).map(<[u8]>::to_vec),
            [b"TICK"] => Ok(format!(":{}\r\n", keys.tick()? as u8).into_bytes()),
            [b"CHANGES", keep] => Ok(changes_reply(keys.take_changes(keep == b"1"))),
            _ => panic!("there is no such call"),
        }
    }
}

fn changes_reply(changes: Option<Vec<(Change, &[u8])>>) -> Vec<u8> {
    let changes = match changes {
        None => return b"*-1\r\n".to_vec(),
        Some(changes) => changes,
    };
    let mut reply = format!("*{}\r\n", 2 * changes.len()).into_bytes();
    for (change, key) in changes {
        let name: &[u8] = match change {
            Change::Changed => b"changed",
            Change::Expired => b"expired",
            Change::Evicted => b"evicted",
        };
        reply.extend(bulk(name));
        reply.extend(bulk(key));
    }
    reply
}

fn error_reply(error: Error) -> Vec<u8> {
    format!("-{error}\r\n").into_bytes()
}

fn bulk(word: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", word.len()).as_bytes(), word, b"\r\n"].concat()
}

fn request(words: &[Vec<u8>]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    words.iter().for_each(|word| request.extend(bulk(word)));
    request
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

/// Its last line of output is read in test/platforms/rust.
#[test]
fn the_table_of_cases() {
    let mut player = Player {
        now: Arc::default(),
        keys: None,
        form: Resp::Two,
        left: Vec::new(),
        reply: (Vec::new(), false),
        passed: 0,
        failed: 0,
        times_ms: Vec::new(),
    };
    for file in files() {
        for (index, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            if let Err(difference) = player.line(line) {
                player.failed += 1;
                println!("{}:{}: {difference}", file.display(), index + 1);
            }
        }
    }
    let Player { passed, failed, times_ms, .. } = player;
    println!("cases: {passed} passed, {failed} failed; ms: {times_ms:.3?}");
    assert!(passed > 0 && failed == 0);
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
