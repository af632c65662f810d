use std::alloc::{alloc, dealloc, Layout};
use std::ptr::NonNull;
use std::slice;

use crate::abi::{self, Ferrite, Io};
use crate::{Error, Options, Reply};

/// One cache, to one owner: what is read is a slice of the cache's own memory, so it ends with the
/// next call, and the borrow checker holds you to that.
///
/// ```
/// use ferrite_wasm::Options;
///
/// let mut keys = Options::new(1 << 20).keyspace()?;
/// keys.hset("session:7", "user", "ann")?;
/// let user = keys.hget("session:7", "user")?;
/// assert_eq!(user, Some(&b"ann"[..]));
/// # Ok::<(), ferrite_wasm::Error>(())
/// ```
///
/// ```compile_fail,E0499
/// # let mut keys = ferrite_wasm::Options::new(1 << 20).keyspace()?;
/// let user = keys.hget("session:7", "user")?;
/// keys.del("session:7")?; // error: `keys` is still borrowed
/// println!("{user:?}");
/// # Ok::<(), ferrite_wasm::Error>(())
/// ```
pub struct Keyspace {
    arena: NonNull<Ferrite>,
    layout: Layout,
    usual_window: usize,
    clock: Box<dyn FnMut() -> u64 + Send>,
    pieces: Vec<u8>, // of a reply that did not come in one
}

// The arena is this value's own, and the core keeps nothing anywhere else.
unsafe impl Send for Keyspace {}

/// How much may come: see [`Keyspace::throttle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once beyond the first.
    pub max_burst: u64,
    /// How many in a period, spread evenly.
    pub count: u64,
    pub period_seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttled {
    /// Too many have come: this one is not counted.
    pub limited: bool,
    /// `max_burst` + 1.
    pub limit: i64,
    /// How many could come now.
    pub remaining: i64,
    /// Seconds until one may come again; -1 if one may now.
    pub retry_after: i64,
    /// Seconds until all of the limit may come at once.
    pub reset_after: i64,
}

/// The form of replies that [`Keyspace::exec`] and [`Keyspace::feed`] give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resp {
    Two = 2,
    Three = 3,
}

/// What [`Keyspace::feed`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fed<'a> {
    /// The replies, in the order of the commands.
    pub reply: &'a [u8],
    /// Bytes that are done with: behind them is the beginning of a command.
    pub consumed: usize,
    /// What follows is no request. The reply says why; the connection is to be closed.
    pub close: bool,
}

/// What has happened to a key: see [`Keyspace::take_changes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Made, changed or removed by a command; or a field of it has expired.
    Changed,
    Expired,
    Evicted,
}

const CHANGES: [Change; 3] = [Change::Changed, Change::Expired, Change::Evicted]; // enum ferrite_change

type Pair<'a> = (&'a [u8], &'a [u8]);

/// In seconds: what is surely no overflow. Others are left to the command's own checks.
const PLAIN_EXPIRY: std::ops::RangeInclusive<u64> = 1..=1 << 40;

/* --- the calls ------------------------------------------------------------------------------- */

impl Keyspace {
    pub(crate) fn new(options: Options) -> Result<Keyspace, Error> {
        let budget = options.budget()?;
        let layout = Layout::from_size_align(budget, abi::ALIGNMENT).map_err(|_| {
            Error::Budget(format!("a budget of {budget} bytes is more than this host addresses"))
        })?;
        let arena = NonNull::new(unsafe { alloc(layout) } as *mut Ferrite)
            .ok_or_else(|| Error::Budget(format!("the host has no {budget} bytes")))?;
        let mut keys =
            Keyspace { arena, layout, usual_window: 0, clock: options.clock, pieces: Vec::new() };
        let [a, b, c, d] = words_of(options.seed.unwrap_or_else(crate::random_seed));
        let policy = options.policy as u32;
        let status = unsafe { abi::ferrite_init(keys.cache(), budget as f64, policy, a, b, c, d) };
        assert_eq!(status, abi::OK, "the budget was checked");
        keys.usual_window = keys.io().request_capacity;
        Ok(keys)
    }

    /// The value of a string.
    pub fn get(&mut self, key: impl AsRef<[u8]>) -> Result<Option<&[u8]>, Error> {
        let (key, now) = (key.as_ref(), self.now()?);
        self.window(key.len(), now)?.copy_from_slice(key);
        match unsafe { abi::ferrite_get(self.cache(), key.len(), now) } {
            abi::ABSENT => Ok(None),
            status => self.check(status, now).map(|()| Some(self.data())),
        }
    }

    /// Stores a string, for so many seconds or for good, in place of whatever the key held.
    pub fn set(
        &mut self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
        seconds: Option<u64>,
    ) -> Result<(), Error> {
        let (key, value) = (key.as_ref(), value.as_ref());
        match seconds {
            None => self.put(key, value, 0.0),
            Some(seconds) if PLAIN_EXPIRY.contains(&seconds) => {
                self.put(key, value, seconds as f64 * 1000.0)
            }
            Some(seconds) => {
                self.run(&[b"SET", key, value, b"EX", text(seconds).as_ref()]).map(drop)
            }
        }
    }

    /// Any command and its arguments.
    ///
    /// ```
    /// # let mut keys = ferrite_wasm::Options::new(1 << 20).keyspace()?;
    /// use ferrite_wasm::Reply;
    /// assert_eq!(keys.call(&["APPEND", "log", "one "])?, Reply::Integer(4));
    /// assert_eq!(
    ///     keys.call(&["APPEND", "log"]).unwrap_err().to_string(),
    ///     "ERR wrong number of arguments for 'append' command"
    /// );
    /// # Ok::<(), ferrite_wasm::Error>(())
    /// ```
    pub fn call<W: AsRef<[u8]>>(&mut self, words: &[W]) -> Result<Reply<'_>, Error> {
        self.exec(words, Resp::Two).and_then(Reply::read)
    }

    /// The same, but the reply is left as it comes: RESP, an error reply too.
    pub fn exec<W: AsRef<[u8]>>(&mut self, words: &[W], form: Resp) -> Result<&[u8], Error> {
        if words.is_empty() {
            return Err(Error::Command("ERR no command".into()));
        }
        let now = self.now()?;
        let bytes = request_bytes(words);
        write_request(self.window(bytes, now)?, words);
        self.run_window(bytes, form, now).map(|fed| fed.reply)
    }

    /// What a connection sends, as it comes in: RESP, or commands as lines, one or many.
    ///
    /// ```
    /// # let mut keys = ferrite_wasm::Options::new(1 << 20).keyspace()?;
    /// use ferrite_wasm::Resp;
    /// let fed = keys.feed(b"SET n 41\r\nINCR n\r\nGET", Resp::Two)?;
    /// assert_eq!(fed.reply, b"+OK\r\n:42\r\n");
    /// assert_eq!(fed.consumed, 18); // keep what is behind, and feed it again with what comes
    /// # Ok::<(), ferrite_wasm::Error>(())
    /// ```
    pub fn feed(&mut self, requests: &[u8], form: Resp) -> Result<Fed<'_>, Error> {
        let now = self.now()?;
        self.window(requests.len(), now)?.copy_from_slice(requests);
        self.run_window(requests.len(), form, now)
    }

    fn run_window(&mut self, bytes: usize, form: Resp, now: f64) -> Result<Fed<'_>, Error> {
        let mut status = unsafe { abi::ferrite_run(self.cache(), 0, bytes, form as u32, now) };
        self.pieces.clear();
        while status == abi::MORE {
            let piece = self.io().data_bytes;
            let from = unsafe { slice::from_raw_parts(self.io().data, piece) };
            self.pieces.extend_from_slice(from);
            status = unsafe { abi::ferrite_more(self.cache()) };
        }
        let close = status == abi::PROTOCOL;
        if !close {
            self.check(status, now)?;
        }
        let consumed = self.io().consumed_bytes;
        if self.pieces.is_empty() {
            return Ok(Fed { reply: self.data(), consumed, close });
        }
        let last = unsafe { slice::from_raw_parts(self.io().data, self.io().data_bytes) };
        self.pieces.extend_from_slice(last);
        Ok(Fed { reply: &self.pieces, consumed, close })
    }

    /// Upkeep when idle: reclaims some of what has expired, in bounded time. Every call does a
    /// little of it. True if there is more to do.
    pub fn tick(&mut self) -> Result<bool, Error> {
        let now = self.now()?;
        match unsafe { abi::ferrite_tick(self.cache(), now) } {
            abi::MORE => Ok(true),
            status => self.check(status, now).map(|()| false),
        }
    }

    /// What has happened to keys since the last call of this, in order; `keep` says whether to note
    /// what happens from now on, which a cache begins without. `None`: not all was noted, so any key
    /// may have changed. There is room for a 1024th of the budget of keys, 1 to 16 KiB: call it often.
    /// Of changes to one key, one behind another, one is noted.
    ///
    /// ```
    /// use ferrite_wasm::Change;
    /// # let mut keys = ferrite_wasm::Options::new(1 << 20).keyspace()?;
    /// keys.take_changes(true); // begins
    /// keys.set("page:/", "<h1>Hello</h1>", None)?;
    /// assert_eq!(keys.take_changes(true), Some(vec![(Change::Changed, &b"page:/"[..])]));
    /// # Ok::<(), ferrite_wasm::Error>(())
    /// ```
    pub fn take_changes(&mut self, keep: bool) -> Option<Vec<(Change, &[u8])>> {
        if unsafe { abi::ferrite_changes(self.cache(), keep.into()) } == abi::LOST {
            return None;
        }
        let mut changes = Vec::new();
        let mut rest = self.data();
        while !rest.is_empty() {
            let (head, behind) = rest.split_at(4);
            let head = u32::from_le_bytes(head.try_into().expect("four bytes"));
            let (key, next) = behind.split_at(head as usize >> 8);
            changes.push((CHANGES[head as usize & 255], key));
            rest = next;
        }
        Some(changes)
    }

    /// The budget in force, in bytes: all that the cache takes.
    pub fn budget_bytes(&self) -> usize {
        self.io().budget_bytes
    }

    fn put(&mut self, key: &[u8], value: &[u8], expiry_ms: f64) -> Result<(), Error> {
        let now = self.now()?;
        if key.len() + value.len() <= self.usual_window {
            let window = self.window(key.len() + value.len(), now)?;
            window[..key.len()].copy_from_slice(key);
            window[key.len()..].copy_from_slice(value);
            let (cache, key, value) = (self.cache(), key.len(), value.len());
            let status = unsafe { abi::ferrite_set(cache, key, value, 0, expiry_ms, now) };
            return self.check(status, now);
        }
        // A large value goes straight into its place, and needs no other.
        self.window(key.len(), now)?.copy_from_slice(key);
        let (cache, key) = (self.cache(), key.len());
        let status = unsafe { abi::ferrite_reserve(cache, key, value.len(), 0, expiry_ms, now) };
        self.check(status, now)?;
        let place = self.io().data;
        unsafe { place.copy_from_nonoverlapping(value.as_ptr(), value.len()) };
        let status = unsafe { abi::ferrite_commit(cache, now) };
        self.check(status, now)
    }

    fn cache(&self) -> *mut Ferrite {
        self.arena.as_ptr()
    }

    fn io(&self) -> &Io {
        unsafe { &*abi::ferrite_io(self.cache()) }
    }

    fn data(&self) -> &[u8] {
        let io = self.io();
        // What is empty may be nowhere.
        let at = if io.data_bytes == 0 { NonNull::dangling().as_ptr() } else { io.data };
        unsafe { slice::from_raw_parts(at, io.data_bytes) }
    }

    /// The first `bytes` of the request window. A large one is given back by the next small request.
    fn window(&mut self, bytes: usize, now: f64) -> Result<&mut [u8], Error> {
        let capacity = self.io().request_capacity;
        if bytes > capacity || (capacity > self.usual_window && bytes <= self.usual_window) {
            let wanted = bytes.max(self.usual_window);
            let status = unsafe { abi::ferrite_request(self.cache(), wanted, now) };
            self.check(status, now)?;
        }
        Ok(unsafe { slice::from_raw_parts_mut(self.io().request, bytes) })
    }

    fn now(&mut self) -> Result<f64, Error> {
        match (self.clock)() {
            now_ms if now_ms < 1 << 53 => Ok(now_ms as f64),
            now_ms => Err(Error::Clock(now_ms)),
        }
    }

    fn check(&self, status: u32, now: f64) -> Result<(), Error> {
        match status {
            abi::OK => Ok(()),
            abi::WRONG_TYPE => Err(Error::WrongType),
            abi::NO_MEMORY | abi::TOO_LARGE => Err(Error::OutOfMemory),
            _ => unreachable!("the cache answered with status {status} at {now}"),
        }
    }
}

impl Drop for Keyspace {
    fn drop(&mut self) {
        unsafe { dealloc(self.arena.as_ptr() as *mut u8, self.layout) }
    }
}

/* --- the commands ---------------------------------------------------------------------------- */

/// A command each, under Redis's name.
impl Keyspace {
    /// Whether there was such a key.
    pub fn del(&mut self, key: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.yes(&[b"DEL", key.as_ref()])
    }

    pub fn exists(&mut self, key: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.yes(&[b"EXISTS", key.as_ref()])
    }

    /// The number that the key holds from now on.
    pub fn incr(&mut self, key: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.integer(&[b"INCR", key.as_ref()])
    }

    pub fn incr_by(&mut self, key: impl AsRef<[u8]>, by: i64) -> Result<i64, Error> {
        self.integer(&[b"INCRBY", key.as_ref(), text(by).as_ref()])
    }

    /// Whether there is such a key. A time that is not to come deletes it.
    pub fn expire(&mut self, key: impl AsRef<[u8]>, seconds: i64) -> Result<bool, Error> {
        self.yes(&[b"EXPIRE", key.as_ref(), text(seconds).as_ref()])
    }

    /// Seconds that the key has left; -1 if it has no expiry, -2 if there is no such key.
    pub fn ttl(&mut self, key: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.integer(&[b"TTL", key.as_ref()])
    }

    /// Whether the field is new.
    pub fn hset(
        &mut self,
        key: impl AsRef<[u8]>,
        field: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<bool, Error> {
        self.yes(&[b"HSET", key.as_ref(), field.as_ref(), value.as_ref()])
    }

    pub fn hget(
        &mut self,
        key: impl AsRef<[u8]>,
        field: impl AsRef<[u8]>,
    ) -> Result<Option<&[u8]>, Error> {
        self.bytes(&[b"HGET", key.as_ref(), field.as_ref()])
    }

    pub fn hdel(&mut self, key: impl AsRef<[u8]>, field: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.yes(&[b"HDEL", key.as_ref(), field.as_ref()])
    }

    /// The fields and their values.
    pub fn hgetall(&mut self, key: impl AsRef<[u8]>) -> Result<Vec<Pair<'_>>, Error> {
        let words = self.list(&[b"HGETALL", key.as_ref()])?;
        Ok(words.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
    }

    /// How long the list is now.
    pub fn lpush(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.integer(&[b"LPUSH", key.as_ref(), value.as_ref()])
    }

    /// How long the list is now.
    pub fn rpush(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.integer(&[b"RPUSH", key.as_ref(), value.as_ref()])
    }

    pub fn lpop(&mut self, key: impl AsRef<[u8]>) -> Result<Option<&[u8]>, Error> {
        self.bytes(&[b"LPOP", key.as_ref()])
    }

    pub fn rpop(&mut self, key: impl AsRef<[u8]>) -> Result<Option<&[u8]>, Error> {
        self.bytes(&[b"RPOP", key.as_ref()])
    }

    /// From one index to another, both included; negative ones count from the end.
    pub fn lrange(
        &mut self,
        key: impl AsRef<[u8]>,
        start: i64,
        stop: i64,
    ) -> Result<Vec<&[u8]>, Error> {
        self.list(&[b"LRANGE", key.as_ref(), text(start).as_ref(), text(stop).as_ref()])
    }

    /// Whether it is new there.
    pub fn sadd(&mut self, key: impl AsRef<[u8]>, member: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.yes(&[b"SADD", key.as_ref(), member.as_ref()])
    }

    /// Whether it was there.
    pub fn srem(&mut self, key: impl AsRef<[u8]>, member: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.yes(&[b"SREM", key.as_ref(), member.as_ref()])
    }

    pub fn sismember(
        &mut self,
        key: impl AsRef<[u8]>,
        member: impl AsRef<[u8]>,
    ) -> Result<bool, Error> {
        self.yes(&[b"SISMEMBER", key.as_ref(), member.as_ref()])
    }

    pub fn smembers(&mut self, key: impl AsRef<[u8]>) -> Result<Vec<&[u8]>, Error> {
        self.list(&[b"SMEMBERS", key.as_ref()])
    }

    /// Whether it is new there.
    pub fn zadd(
        &mut self,
        key: impl AsRef<[u8]>,
        score: f64,
        member: impl AsRef<[u8]>,
    ) -> Result<bool, Error> {
        self.yes(&[b"ZADD", key.as_ref(), score_text(score).as_ref(), member.as_ref()])
    }

    pub fn zscore(
        &mut self,
        key: impl AsRef<[u8]>,
        member: impl AsRef<[u8]>,
    ) -> Result<Option<f64>, Error> {
        Ok(self.bytes(&[b"ZSCORE", key.as_ref(), member.as_ref()])?.map(score_of))
    }

    /// Members and scores, by rank, from one to another, both included.
    pub fn zrange(
        &mut self,
        key: impl AsRef<[u8]>,
        start: i64,
        stop: i64,
    ) -> Result<Vec<(&[u8], f64)>, Error> {
        let (start, stop) = (text(start), text(stop));
        let words = [b"ZRANGE", key.as_ref(), start.as_ref(), stop.as_ref(), b"WITHSCORES"];
        let words = self.list(&words)?;
        Ok(words.chunks_exact(2).map(|pair| (pair[0], score_of(pair[1]))).collect())
    }

    /// Counts one more, unless it is too many (`CL.THROTTLE`).
    ///
    /// ```
    /// use ferrite_wasm::{Options, Rate};
    ///
    /// let mut keys = Options::new(1 << 20).keyspace()?;
    /// let rate = Rate { max_burst: 1, count: 60, period_seconds: 60 };
    /// assert!(!keys.throttle("rate:1.2.3.4", rate)?.limited);
    /// assert!(!keys.throttle("rate:1.2.3.4", rate)?.limited);
    /// assert!(keys.throttle("rate:1.2.3.4", rate)?.limited); // answer 429
    /// # Ok::<(), ferrite_wasm::Error>(())
    /// ```
    pub fn throttle(&mut self, key: impl AsRef<[u8]>, rate: Rate) -> Result<Throttled, Error> {
        let (burst, count) = (text(rate.max_burst), text(rate.count));
        let period = text(rate.period_seconds);
        let words = [b"CL.THROTTLE", key.as_ref(), burst.as_ref(), count.as_ref(), period.as_ref()];
        match self.run(&words)? {
            Reply::Array(five) => match five[..] {
                [Reply::Integer(limited), Reply::Integer(limit), Reply::Integer(remaining), Reply::Integer(retry_after), Reply::Integer(reset_after)] => {
                    Ok(Throttled {
                        limited: limited == 1,
                        limit,
                        remaining,
                        retry_after,
                        reset_after,
                    })
                }
                _ => unreachable!("CL.THROTTLE answers five integers"),
            },
            other => unreachable!("CL.THROTTLE answers an array, not {other:?}"),
        }
    }

    fn run(&mut self, words: &[&[u8]]) -> Result<Reply<'_>, Error> {
        self.call(words)
    }

    fn yes(&mut self, words: &[&[u8]]) -> Result<bool, Error> {
        self.integer(words).map(|number| number == 1)
    }

    fn integer(&mut self, words: &[&[u8]]) -> Result<i64, Error> {
        match self.run(words)? {
            Reply::Integer(number) => Ok(number),
            other => unreachable!("an integer was expected, not {other:?}"),
        }
    }

    fn bytes(&mut self, words: &[&[u8]]) -> Result<Option<&[u8]>, Error> {
        match self.run(words)? {
            Reply::Bytes(bytes) => Ok(Some(bytes)),
            Reply::Nil => Ok(None),
            other => unreachable!("bytes were expected, not {other:?}"),
        }
    }

    fn list(&mut self, words: &[&[u8]]) -> Result<Vec<&[u8]>, Error> {
        let items = match self.run(words)? {
            Reply::Array(items) => items,
            other => unreachable!("an array was expected, not {other:?}"),
        };
        let bytes = items.into_iter().map(|item| match item {
            Reply::Bytes(bytes) => bytes,
            other => unreachable!("bytes were expected, not {other:?}"),
        });
        Ok(bytes.collect())
    }
}

/* --- words ----------------------------------------------------------------------------------- */

fn words_of(seed: u128) -> [u32; 4] {
    [seed as u32, (seed >> 32) as u32, (seed >> 64) as u32, (seed >> 96) as u32]
}

fn text(number: impl ToString) -> String {
    number.to_string()
}

fn score_text(score: f64) -> String {
    format!("{score:e}") // which is short for large ones, too
}

fn score_of(text: &[u8]) -> f64 {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).expect("a score is a number")
}

fn request_bytes<W: AsRef<[u8]>>(words: &[W]) -> usize {
    let word = |word: &W| header_bytes(word.as_ref().len()) + word.as_ref().len() + 2;
    header_bytes(words.len()) + words.iter().map(word).sum::<usize>()
}

fn header_bytes(number: usize) -> usize {
    3 + text(number).len() // "*12\r\n"
}

fn write_request<W: AsRef<[u8]>>(mut window: &mut [u8], words: &[W]) {
    use std::io::Write;
    let mut write = || -> std::io::Result<()> {
        write!(window, "*{}\r\n", words.len())?;
        for word in words.iter().map(AsRef::as_ref) {
            write!(window, "${}\r\n", word.len())?;
            window.write_all(word)?;
            window.write_all(b"\r\n")?;
        }
        Ok(())
    };
    write().expect("the window was measured");
}
