//! The C example's handler as one writes it with Fastly's crate, in a sandbox that is reused.

use std::time::Duration;

use fastly::http::serve::Serve;
use fastly::{Error, Request, Response};
use ferrite_wasm::Cache;

fn handle(req: Request, cache: &mut Cache) -> Result<Response, Error> {
    let cache_key = format!("req:{}", req.get_path());

    if let Some(cached) = cache.get(&cache_key) {
        return Ok(Response::from_body(cached).with_header("X-Cache", "HIT"));
    }

    let mut beresp = match req.send("origin_backend") {
        Ok(beresp) => beresp,
        Err(_) => return Ok(Response::from_body("Bad Gateway\n").with_status(502)),
    };
    let body = beresp.take_body_str();

    // A page that does not fit is not kept, that is all.
    let _ = cache.set(&cache_key, &body, Some(60));

    Ok(Response::from_body(body).with_header("X-Cache", "MISS"))
}

fn main() -> Result<(), Error> {
    let mut cache = Cache::new(64 * 1024 * 1024); // 64 MB
    Serve::new()
        .with_max_requests(1000)
        .with_timeout(Duration::from_secs(10))
        .run_with_context(handle, &mut cache)
        .into_result()
}
