//! A Redis-compatible in-memory cache that never takes more memory than it was given.
//!
//! ```
//! use ferrite_wasm::Cache;
//!
//! let cache = Cache::new(8 * 1024 * 1024);
//! cache.set("page:/", "<h1>Hello</h1>", Some(60))?;
//! assert_eq!(cache.get("page:/").as_deref(), Some(&b"<h1>Hello</h1>"[..]));
//!
//! let count = cache.incr("rate:1.2.3.4")?;
//! if count == 1 {
//!     cache.expire("rate:1.2.3.4", 60)?;
//! }
//! # Ok::<(), ferrite_wasm::Error>(())
//! ```
//!
//! A [`Cache`] is shared, and what it gives is yours. Behind [`Cache::lock`] is its [`Keyspace`],
//! with all commands, which gives slices of the cache itself and copies nothing:
//!
//! ```
//! # let cache = ferrite_wasm::Cache::new(1 << 20);
//! let mut keys = cache.lock();
//! keys.rpush("recent", "a")?;
//! keys.rpush("recent", "b")?;
//! assert_eq!(keys.lrange("recent", 0, -1)?, [b"a", b"b"]);
//! keys.call(&["BITCOUNT", "page:/"])?; // any other command
//! # Ok::<(), ferrite_wasm::Error>(())
//! ```

#![warn(missing_debug_implementations)]

mod abi;
mod error;
mod keyspace;
mod reply;

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use error::Error;
pub use keyspace::{Change, Fed, Keyspace, Rate, Resp, Throttled};
pub use reply::Reply;

/// A cache that is shared: by threads, or as a `static`.
pub struct Cache {
    keys: Mutex<Keyspace>,
}

impl Cache {
    /// A cache of so many bytes, all of it counted, which are allocated at once; allkeys-lru.
    ///
    /// # Panics
    ///
    /// If the bytes are less than 262,144, or more than 4,294,901,760, or than the host has.
    /// [`Options::build`] tells instead.
    pub fn new(bytes: usize) -> Cache {
        Options::new(bytes).build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The cache to yourself, until the guard is dropped.
    pub fn lock(&self) -> MutexGuard<'_, Keyspace> {
        // Whoever panicked with the lock held did not so within the core.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of the string that the key holds. A key that holds no string is a miss here;
    /// [`Keyspace::get`] tells.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Vec<u8>> {
        self.lock().get(key).ok().flatten().map(<[u8]>::to_vec)
    }

    /// Stores a string, for so many seconds or for good, in place of whatever the key held.
    pub fn set(
        &self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
        seconds: Option<u64>,
    ) -> Result<(), Error> {
        self.lock().set(key, value, seconds)
    }

    /// Whether there was such a key.
    pub fn del(&self, key: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.lock().del(key)
    }

    /// The number that the key holds from now on.
    pub fn incr(&self, key: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.lock().incr(key)
    }

    /// Whether there is such a key. A time that is not to come deletes it.
    pub fn expire(&self, key: impl AsRef<[u8]>, seconds: i64) -> Result<bool, Error> {
        self.lock().expire(key, seconds)
    }

    /// Seconds that the key has left; -1 if it has no expiry, -2 if there is no such key.
    pub fn ttl(&self, key: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.lock().ttl(key)
    }
}

/// What makes room when memory is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    NoEviction = 0,
    AllkeysLru = 1,
    AllkeysLfu = 2,
    AllkeysRandom = 3,
    VolatileLru = 4,
    VolatileLfu = 5,
    VolatileRandom = 6,
    VolatileTtl = 7,
    /// By how often, how lately and how large: most hits.
    AllkeysAdaptive = 8,
    VolatileAdaptive = 9,
    /// Size counts for less: more bytes hit, fewer keys.
    AllkeysAdaptiveBytes = 10,
    VolatileAdaptiveBytes = 11,
}

impl FromStr for Policy {
    type Err = Error;

    /// By Redis's name: `"allkeys-lru".parse::<Policy>()`.
    fn from_str(name: &str) -> Result<Policy, Error> {
        Ok(match name {
            "noeviction" => Policy::NoEviction,
            "allkeys-lru" => Policy::AllkeysLru,
            "allkeys-lfu" => Policy::AllkeysLfu,
            "allkeys-random" => Policy::AllkeysRandom,
            "volatile-lru" => Policy::VolatileLru,
            "volatile-lfu" => Policy::VolatileLfu,
            "volatile-random" => Policy::VolatileRandom,
            "volatile-ttl" => Policy::VolatileTtl,
            "allkeys-adaptive" => Policy::AllkeysAdaptive,
            "volatile-adaptive" => Policy::VolatileAdaptive,
            "allkeys-adaptive-bytes" => Policy::AllkeysAdaptiveBytes,
            "volatile-adaptive-bytes" => Policy::VolatileAdaptiveBytes,
            _ => return Err(Error::Command(format!("ERR no policy is called '{name}'"))),
        })
    }
}

/// How a cache is to be.
///
/// ```
/// use ferrite_wasm::{Options, Policy};
///
/// let cache = Options::new(1 << 20).policy(Policy::NoEviction).build()?;
/// assert_eq!(
///     Options::new(1000).build().unwrap_err().to_string(),
///     "a budget of 1000 bytes was given; 262144 to 4294901760 were expected"
/// );
/// # Ok::<(), ferrite_wasm::Error>(())
/// ```
pub struct Options {
    bytes: usize,
    policy: Policy,
    seed: Option<u128>,
    clock: Box<dyn FnMut() -> u64 + Send>,
}

impl Options {
    /// Of so many bytes, which are rounded down to 64 KiB.
    pub fn new(bytes: usize) -> Options {
        Options { bytes, policy: Policy::AllkeysLru, seed: None, clock: Box::new(system_clock) }
    }

    /// Allkeys-lru if none is chosen.
    pub fn policy(self, policy: Policy) -> Options {
        Options { policy, ..self }
    }

    /// The key of the hash, which outsiders must not guess. The same seed, clock and calls give the
    /// same replies. If none is given, it comes from where `HashMap` has its own.
    pub fn seed(self, seed: u128) -> Options {
        Options { seed: Some(seed), ..self }
    }

    /// Milliseconds since the Unix epoch, asked once a call; the system's clock if none is given. It
    /// may stand still or step backwards.
    pub fn clock(self, clock: impl FnMut() -> u64 + Send + 'static) -> Options {
        Options { clock: Box::new(clock), ..self }
    }

    pub fn build(self) -> Result<Cache, Error> {
        Ok(Cache { keys: Mutex::new(self.keyspace()?) })
    }

    /// The cache to one owner, without a lock.
    pub fn keyspace(self) -> Result<Keyspace, Error> {
        Keyspace::new(self)
    }

    fn budget(&self) -> Result<usize, Error> {
        let bytes = self.bytes;
        if bytes < abi::LEAST_BYTES || bytes as u64 > abi::MOST_BYTES {
            let (least, most) = (abi::LEAST_BYTES, abi::MOST_BYTES);
            let text =
                format!("a budget of {bytes} bytes was given; {least} to {most} were expected");
            return Err(Error::Budget(text));
        }
        Ok(bytes & !0xffff)
    }
}

fn system_clock() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

fn random_seed() -> u128 {
    use std::collections::hash_map::RandomState;
    use std::hash::{BuildHasher, Hasher};
    let half = || u128::from(RandomState::new().build_hasher().finish());
    half() << 64 | half()
}

impl fmt::Debug for Cache {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl fmt::Debug for Keyspace {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Keyspace")
            .field("budget_bytes", &self.budget_bytes())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the seed, which is a secret.
        to.debug_struct("Options")
            .field("bytes", &self.bytes)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
