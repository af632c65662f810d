//! In place of Fastly's crate, `fastly`: as much of it as the example takes, under its names, over the
//! same host calls (../../../fastly.h). A service of yours depends on `fastly` itself.

pub use fastly_macros::main;

mod host {
    #[link(wasm_import_module = "fastly_http_req")]
    extern "C" {
        pub fn body_downstream_get(request: *mut u32, body: *mut u32) -> u32;
        pub fn uri_get(request: u32, uri: *mut u8, capacity: usize, bytes: *mut usize) -> u32;
        pub fn send_async_v2(
            request: u32,
            body: u32,
            backend: *const u8,
            backend_bytes: usize,
            streaming: u32,
            pending: *mut u32,
        ) -> u32;
        pub fn pending_req_wait_v2(
            pending: u32,
            detail: *mut [u16; 4],
            response: *mut u32,
            body: *mut u32,
        ) -> u32;
    }
    #[link(wasm_import_module = "fastly_http_downstream")]
    extern "C" {
        pub fn next_request(mask: u32, options: *const u64, promise: *mut u32) -> u32;
        pub fn next_request_wait(promise: u32, request: *mut u32, body: *mut u32) -> u32;
    }
    #[link(wasm_import_module = "fastly_http_body")]
    extern "C" {
        #[link_name = "new"]
        pub fn new_body(body: *mut u32) -> u32;
        pub fn read(body: u32, to: *mut u8, capacity: usize, bytes: *mut usize) -> u32;
        pub fn write(body: u32, from: *const u8, length: usize, end: u32, bytes: *mut usize)
            -> u32;
    }
    #[link(wasm_import_module = "fastly_http_resp")]
    extern "C" {
        #[link_name = "new"]
        pub fn new_response(response: *mut u32) -> u32;
        pub fn status_set(response: u32, status: u32) -> u32;
        pub fn header_insert(
            response: u32,
            name: *const u8,
            name_bytes: usize,
            value: *const u8,
            value_bytes: usize,
        ) -> u32;
        pub fn send_downstream(response: u32, body: u32, streaming: u32) -> u32;
    }
}

/// The status that a host call was refused with.
#[derive(Debug)]
pub struct Error(#[allow(dead_code)] u32);

fn check(status: u32) -> Result<(), Error> {
    if status == 0 {
        Ok(())
    } else {
        Err(Error(status))
    }
}

pub struct Request {
    handle: u32,
    body: u32,
    uri: String,
}

impl Request {
    /// The request that the sandbox was started for.
    pub fn from_client() -> Request {
        let (mut handle, mut body) = (0, 0);
        check(unsafe { host::body_downstream_get(&mut handle, &mut body) })
            .and_then(|()| Request::new(handle, body))
            .expect("a sandbox is started for a request")
    }

    fn new(handle: u32, body: u32) -> Result<Request, Error> {
        let (mut uri, mut bytes) = (vec![0; 8192], 0);
        check(unsafe { host::uri_get(handle, uri.as_mut_ptr(), uri.len(), &mut bytes) })?;
        uri.truncate(bytes);
        Ok(Request { handle, body, uri: String::from_utf8_lossy(&uri).into_owned() })
    }

    pub fn get_path(&self) -> &str {
        let behind_scheme = self.uri.split_once("://").map_or(&*self.uri, |(_, rest)| rest);
        let path = behind_scheme.find('/').map_or("/", |at| &behind_scheme[at..]);
        path.split('?').next().unwrap_or(path)
    }

    pub fn send(self, backend: &str) -> Result<Response, Error> {
        let (mut pending, mut handle, mut body, mut detail) = (0, 0, 0, [0; 4]);
        let (name, bytes) = (backend.as_ptr(), backend.len());
        check(unsafe {
            host::send_async_v2(self.handle, self.body, name, bytes, 0, &mut pending)
        })?;
        check(unsafe { host::pending_req_wait_v2(pending, &mut detail, &mut handle, &mut body) })?;
        let mut whole = Vec::new();
        let mut piece = [0; 16384];
        loop {
            let mut got = 0;
            check(unsafe { host::read(body, piece.as_mut_ptr(), piece.len(), &mut got) })?;
            if got == 0 {
                return Ok(Response::from_body(whole));
            }
            whole.extend_from_slice(&piece[..got]);
        }
    }
}

pub struct Response {
    status: u32,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

impl Response {
    pub fn from_body(body: impl Into<Vec<u8>>) -> Response {
        Response { status: 200, headers: Vec::new(), body: body.into() }
    }

    pub fn with_status(self, status: u32) -> Response {
        Response { status, ..self }
    }

    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Response {
        self.headers.push((name, value));
        self
    }

    pub fn take_body_str(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.body)).expect("the body is UTF-8")
    }

    pub fn send_to_client(self) {
        self.try_send().expect("a response is sent once")
    }

    fn try_send(self) -> Result<(), Error> {
        let (mut handle, mut body) = (0, 0);
        check(unsafe { host::new_response(&mut handle) })?;
        check(unsafe { host::status_set(handle, self.status) })?;
        for (name, value) in self.headers {
            let ((name, length), value_bytes) = ((name.as_ptr(), name.len()), value.len());
            check(unsafe {
                host::header_insert(handle, name, length, value.as_ptr(), value_bytes)
            })?;
        }
        check(unsafe { host::new_body(&mut body) })?;
        let mut rest = &self.body[..];
        while !rest.is_empty() {
            let mut written = 0;
            check(unsafe { host::write(body, rest.as_ptr(), rest.len(), 0, &mut written) })?;
            rest = &rest[written..];
        }
        check(unsafe { host::send_downstream(handle, body, 0) })
    }
}

pub mod http {
    pub mod serve {
        use super::super::{check, host, Error, Request, Response};
        use std::time::Duration;

        /// Has the sandbox ask for one request after another, as long as it is given any.
        pub struct Serve {
            max_requests: u64,
            timeout: Duration,
        }

        pub struct ServeSummary {
            result: Result<(), Error>,
        }

        impl Serve {
            pub fn new() -> Serve {
                Serve { max_requests: u64::MAX, timeout: Duration::from_secs(10) }
            }

            pub fn with_max_requests(self, max_requests: u64) -> Serve {
                Serve { max_requests, ..self }
            }

            /// How long to wait for the next.
            pub fn with_timeout(self, timeout: Duration) -> Serve {
                Serve { timeout, ..self }
            }

            pub fn run_with_context<C>(
                self,
                mut handler: impl FnMut(Request, &mut C) -> Result<Response, Error>,
                context: &mut C,
            ) -> ServeSummary {
                let mut request = Some(Request::from_client());
                let mut served = 0;
                while let Some(one) = request {
                    match handler(one, context) {
                        Ok(response) => response.send_to_client(),
                        Err(error) => return ServeSummary { result: Err(error) },
                    }
                    served += 1;
                    request = if served < self.max_requests { self.next() } else { None };
                }
                ServeSummary { result: Ok(()) }
            }

            fn next(&self) -> Option<Request> {
                const TIMEOUT: u32 = 2; // a bit of the mask
                let timeout_ms = self.timeout.as_millis() as u64;
                let (mut promise, mut handle, mut body) = (0, 0, 0);
                check(unsafe { host::next_request(TIMEOUT, &timeout_ms, &mut promise) }).ok()?;
                check(unsafe { host::next_request_wait(promise, &mut handle, &mut body) }).ok()?;
                Request::new(handle, body).ok()
            }
        }

        impl ServeSummary {
            pub fn into_result(self) -> Result<(), Error> {
                self.result
            }
        }
    }
}
