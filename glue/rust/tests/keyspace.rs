//! What the table of cases does not show: the forms that are Rust's own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use ferrite_wasm::{Cache, Change, Error, Keyspace, Options, Policy, Rate, Reply, Resp};

const LEAST: usize = 262_144;

fn keyspace() -> Keyspace {
    Options::new(1 << 20).keyspace().unwrap()
}

#[test]
fn a_string_comes_back_and_ends_in_time() {
    let now = Arc::new(AtomicU64::new(1_700_000_000_000));
    let clock = now.clone();
    let options = Options::new(LEAST).clock(move || clock.load(Ordering::Relaxed));
    let cache = options.build().unwrap();
    cache.set("k", "v", Some(60)).unwrap();
    cache.set("for good", "v", None).unwrap();
    assert_eq!(cache.ttl("k"), Ok(60));
    now.fetch_add(59_999, Ordering::Relaxed);
    assert_eq!(cache.get("k"), Some(b"v".to_vec()));
    now.fetch_add(1, Ordering::Relaxed);
    assert_eq!(cache.get("k"), None);
    assert_eq!(cache.ttl("k"), Ok(-2));
    assert_eq!(cache.ttl("for good"), Ok(-1));
}

#[test]
fn values_of_all_lengths() {
    let mut keys = Options::new(8 << 20).keyspace().unwrap();
    for length in [0, 1, 100, 2000, 2040, 2048, 2100, 70_000, 1_000_000] {
        let value: Vec<u8> = (0..length).map(|i| (i * 7 % 251) as u8).collect();
        keys.set("k", &value, None).unwrap();
        assert_eq!(keys.get("k").unwrap(), Some(&value[..]), "{length} bytes, stored at once");
        keys.call::<&[u8]>(&[b"SET", b"k", &value]).unwrap();
        assert_eq!(keys.call(&["GET", "k"]).unwrap(), Reply::Bytes(&value), "{length} bytes");
        keys.set(&value, "v", None).unwrap();
        assert_eq!(keys.get(&value).unwrap(), Some(&b"v"[..]), "{length} bytes of key");
    }
}

#[test]
fn a_long_reply_comes_in_one_piece() {
    let mut keys = keyspace();
    for i in 0..3000 {
        keys.rpush("list", format!("item {i}")).unwrap();
    }
    let items = keys.lrange("list", 0, -1).unwrap();
    assert_eq!(items.len(), 3000);
    assert_eq!(items[2999], b"item 2999");
}

#[test]
fn collections() {
    let mut keys = keyspace();
    assert_eq!(keys.hset("h", "a", "1"), Ok(true));
    assert_eq!(keys.hset("h", "a", "2"), Ok(false));
    assert_eq!(keys.hgetall("h").unwrap(), [(&b"a"[..], &b"2"[..])]);
    assert_eq!(keys.hdel("h", "a"), Ok(true));
    assert_eq!(keys.hget("h", "a"), Ok(None));

    assert_eq!(keys.lpush("l", "b"), Ok(1));
    assert_eq!(keys.lpush("l", "a"), Ok(2));
    assert_eq!(keys.rpop("l").unwrap(), Some(&b"b"[..]));
    assert_eq!(keys.lpop("l").unwrap(), Some(&b"a"[..]));
    assert_eq!(keys.lpop("l").unwrap(), None);

    assert_eq!(keys.sadd("s", "x"), Ok(true));
    assert_eq!(keys.sadd("s", "x"), Ok(false));
    assert_eq!(keys.sismember("s", "x"), Ok(true));
    assert_eq!(keys.smembers("s").unwrap(), [b"x"]);
    assert_eq!(keys.srem("s", "x"), Ok(true));
    assert_eq!(keys.exists("s"), Ok(false));

    assert_eq!(keys.zadd("z", 1e300, "big"), Ok(true));
    assert_eq!(keys.zadd("z", f64::NEG_INFINITY, "least"), Ok(true));
    assert_eq!(keys.zadd("z", -0.1, "small"), Ok(true));
    assert_eq!(keys.zscore("z", "big"), Ok(Some(1e300)));
    assert_eq!(keys.zscore("z", "none"), Ok(None));
    let all = keys.zrange("z", 0, -1).unwrap();
    assert_eq!(all, [(&b"least"[..], f64::NEG_INFINITY), (b"small", -0.1), (b"big", 1e300)]);
}

#[test]
fn a_rate_is_kept() {
    let mut keys = Options::new(LEAST).clock(|| 1_700_000_000_000).keyspace().unwrap();
    let rate = Rate { max_burst: 2, count: 1, period_seconds: 10 };
    let limited: Vec<bool> = (0..4).map(|_| keys.throttle("r", rate).unwrap().limited).collect();
    assert_eq!(limited, [false, false, false, true]);
    let last = keys.throttle("r", rate).unwrap();
    assert_eq!((last.limit, last.remaining, last.retry_after, last.reset_after), (3, 0, 10, 30));
}

#[test]
fn changes_are_told_in_order_until_there_is_no_room() {
    use Change::{Changed, Evicted, Expired};
    let now = Arc::new(AtomicU64::new(1_700_000_000_000));
    let clock = now.clone();
    let options = Options::new(LEAST).clock(move || clock.load(Ordering::Relaxed));
    let mut keys = options.keyspace().unwrap();
    keys.set("before", "v", None).unwrap();
    assert_eq!(keys.take_changes(true), None, "nobody had asked");

    keys.set("a", "v", Some(1)).unwrap();
    keys.incr("n").unwrap();
    keys.incr("n").unwrap(); // one behind another: noted once
    keys.del("before").unwrap();
    keys.del("nothing").unwrap();
    now.fetch_add(1001, Ordering::Relaxed);
    assert_eq!(keys.get("a").unwrap(), None);
    let expected: [(_, &[u8]); 4] =
        [(Changed, b"a"), (Changed, b"n"), (Changed, b"before"), (Expired, b"a")];
    assert_eq!(keys.take_changes(true).unwrap(), expected);
    assert_eq!(keys.take_changes(true), Some(vec![]), "they are told once");

    let mut evicted = 0;
    for i in 0..1000 {
        keys.set(format!("k{i}"), [b'v'; 1000], None).unwrap();
        let changes = keys.take_changes(true).unwrap();
        evicted += changes.iter().filter(|(change, _)| *change == Evicted).count();
    }
    assert!(evicted > 700, "{evicted} evicted");

    (0..1000).for_each(|i| keys.set(format!("key number {i}"), "v", None).unwrap());
    assert_eq!(keys.take_changes(true), None, "more than there is room for");
    assert_eq!(keys.take_changes(false), Some(vec![]));
    keys.set("k", "v", None).unwrap();
    assert_eq!(keys.take_changes(true), None, "nobody wanted to know");
}

#[test]
fn errors_are_rediss() {
    let mut keys = keyspace();
    keys.set("text", "v", None).unwrap();
    keys.rpush("list", "v").unwrap();
    assert_eq!(keys.get("list"), Err(Error::WrongType));
    assert_eq!(keys.rpush("text", "v"), Err(Error::WrongType));
    let text = |error: Error| error.to_string();
    assert_eq!(
        keys.get("list").map_err(text).unwrap_err(),
        "WRONGTYPE Operation against a key holding the wrong kind of value"
    );
    assert_eq!(
        keys.incr("text").map_err(text).unwrap_err(),
        "ERR value is not an integer or out of range"
    );
    for seconds in [0, u64::MAX] {
        keys.set("text", "new", Some(seconds)).unwrap_err();
    }
    assert_eq!(
        keys.set("text", "new", Some(0)).map_err(text).unwrap_err(),
        "ERR invalid expire time in 'set' command"
    );
    assert_eq!(
        keys.zadd("z", f64::NAN, "m").map_err(text).unwrap_err(),
        "ERR value is not a valid float"
    );
    assert_eq!(keys.get("text").unwrap(), Some(&b"v"[..]));
    assert_eq!(keys.call::<&str>(&[]).map_err(text).unwrap_err(), "ERR no command");
}

#[test]
fn a_full_cache_evicts_or_refuses() {
    let value = [b'v'; 1000];
    let mut lru = Options::new(LEAST).keyspace().unwrap();
    let mut full = Options::new(LEAST).policy(Policy::NoEviction).keyspace().unwrap();
    let mut refused = 0;
    for i in 0..1000 {
        lru.set(format!("k{i}"), value, None).unwrap();
        match full.set(format!("k{i}"), value, None) {
            Ok(()) => assert_eq!(refused, 0, "what is smaller was refused"),
            Err(error) => {
                assert_eq!(error, Error::OutOfMemory);
                refused += 1;
            }
        }
    }
    assert_eq!(lru.get("k999").unwrap(), Some(&value[..]));
    assert_eq!(lru.get("k0").unwrap(), None);
    assert!(refused > 700, "{refused} refused");
    let text = full.set("k", vec![0; LEAST], None).unwrap_err().to_string();
    assert_eq!(text, "OOM command not allowed when used memory > 'maxmemory'.");
    assert_eq!(full.get("k0").unwrap(), Some(&value[..]));
}

#[test]
fn budgets_and_clocks_out_of_range_are_told() {
    for bytes in [0, LEAST - 1, 4_294_901_761_u64 as usize, usize::MAX] {
        let error = Options::new(bytes).build().unwrap_err();
        assert!(matches!(error, Error::Budget(_)), "{bytes}: {error}");
    }
    assert_eq!(Options::new(LEAST + 65_535).keyspace().unwrap().budget_bytes(), LEAST);
    let mut late = Options::new(LEAST).clock(|| 1 << 53).keyspace().unwrap();
    assert_eq!(late.get("k"), Err(Error::Clock(1 << 53)));
    assert!("allkeys-mru".parse::<Policy>().is_err());
}

#[test]
fn the_same_seed_gives_the_same_replies() {
    let keys = |seed| {
        let mut keys = Options::new(LEAST).seed(seed).clock(|| 0).keyspace().unwrap();
        for i in 0..100 {
            keys.set(format!("k{i}"), "v", None).unwrap();
        }
        keys.exec(&["KEYS", "*"], Resp::Two).unwrap().to_vec()
    };
    assert_eq!(keys(1 << 100), keys(1 << 100));
    assert_ne!(keys(1 << 100), keys(1 << 101));
}

#[test]
fn caches_are_apart_and_give_their_buffers_back() {
    let (one, two) = (Cache::new(LEAST), Cache::new(LEAST));
    one.set("k", "1", None).unwrap();
    assert_eq!(two.get("k"), None);
    // On wasm32, 4 GiB is all there is: none of these may stay.
    for _ in 0..100 {
        let cache = Cache::new(64 << 20);
        cache.set("k", "2", None).unwrap();
    }
    assert_eq!(one.get("k"), Some(b"1".to_vec()));
}

#[test]
#[cfg(not(target_family = "wasm"))] // which has no threads
fn threads_share_a_cache() {
    let cache = Cache::new(1 << 20);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1000).map(|_| cache.incr("n").unwrap()).max());
        }
    });
    assert_eq!(cache.get("n"), Some(b"4000".to_vec()));
}
