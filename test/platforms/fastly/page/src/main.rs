// The sample of the page that this project comes from, as it is there.

use fastly::{Request, Response};
use ferrite_wasm::Cache;

static CACHE: once_cell::sync::Lazy<Cache> = once_cell::sync::Lazy::new(|| {
    Cache::new(64 * 1024 * 1024) // 64 MB
});

#[fastly::main]
fn main(req: Request) -> Result<Response, fastly::Error> {
    let cache_key = format!("req:{}", req.get_path());

    if let Some(cached) = CACHE.get(&cache_key) {
        return Ok(Response::from_body(cached)
            .with_header("X-Cache", "HIT"));
    }

    let mut beresp = req.send("origin_backend")?;
    let body = beresp.take_body_str();

    CACHE.set(&cache_key, &body, Some(60));

    Ok(Response::from_body(body)
        .with_header("X-Cache", "MISS"))
}
