//! As much of Fastly's crate as the handler takes, under its names, over the same host calls: see
//! ../../fastly.h. A service of yours depends on `fastly` instead.

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
    pub fn from_client() -> Result<Request, Error> {
        let (mut handle, mut body) = (0, 0);
        check(unsafe { host::body_downstream_get(&mut handle, &mut body) })?;
        Request::new(handle, body)
    }

    /// Another request for this sandbox, if it is reused: none by default.
    pub fn next_from_client() -> Option<Request> {
        const TIMEOUT: u32 = 2; // a bit of the mask
        let (mut promise, mut handle, mut body) = (0, 0, 0);
        check(unsafe { host::next_request(TIMEOUT, &10_000, &mut promise) }).ok()?;
        check(unsafe { host::next_request_wait(promise, &mut handle, &mut body) }).ok()?;
        Request::new(handle, body).ok()
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

    pub fn send_to_client(self) -> Result<(), Error> {
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
