//! The C example's handler as one writes it with Fastly's crate, of whose names fastly.rs has a few.

mod fastly;

use fastly::{Request, Response};
use ferrite_wasm::Cache;

fn handle(cache: &Cache, req: Request) -> Result<Response, fastly::Error> {
    let cache_key = format!("req:{}", req.get_path());

    if let Some(cached) = cache.get(&cache_key) {
        return Ok(Response::from_body(cached).with_header("X-Cache", "HIT"));
    }

    let mut beresp = req.send("origin_backend")?;
    let body = beresp.take_body_str();

    // A page that does not fit is not kept, that is all.
    let _ = cache.set(&cache_key, &body, Some(60));

    Ok(Response::from_body(body).with_header("X-Cache", "MISS"))
}

fn main() -> Result<(), fastly::Error> {
    let cache = Cache::new(64 * 1024 * 1024); // 64 MB
    let mut next = Some(Request::from_client()?);
    while let Some(req) = next {
        let response = handle(&cache, req)
            .unwrap_or_else(|_| Response::from_body("Bad Gateway\n").with_status(502));
        response.send_to_client()?;
        next = Request::next_from_client();
    }
    Ok(())
}
