use crate::Error;

/// The reply to a command. Its bytes are borrowed from the cache, until the next call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<'a> {
    /// `+OK`
    Status(&'a str),
    Integer(i64),
    Bytes(&'a [u8]),
    Array(Vec<Reply<'a>>),
    /// There is no such key, field or element.
    Nil,
}

impl<'a> Reply<'a> {
    /// Of the RESP2 that the core has written.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Reply<'a>, Error> {
        Reader { rest: bytes }.reply()
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn reply(&mut self) -> Result<Reply<'a>, Error> {
        let line = self.line();
        let (kind, text) = line.split_first().expect("a reply has a type");
        Ok(match kind {
            b'+' => Reply::Status(ascii(text)),
            b'-' => return Err(Error::from_reply(text)),
            b':' => Reply::Integer(number(text)),
            b'$' | b'*' if text == b"-1" => Reply::Nil,
            b'$' => Reply::Bytes(self.bytes(number(text) as usize)),
            b'*' => {
                Reply::Array((0..number(text)).map(|_| self.reply()).collect::<Result<_, _>>()?)
            }
            _ => unreachable!("RESP2 has five types"),
        })
    }

    fn line(&mut self) -> &'a [u8] {
        let end = self.rest.windows(2).position(|two| two == b"\r\n").expect("a line has an end");
        let line = &self.rest[..end];
        self.rest = &self.rest[end + 2..];
        line
    }

    fn bytes(&mut self, length: usize) -> &'a [u8] {
        let bytes = &self.rest[..length];
        self.rest = &self.rest[length + 2..];
        bytes
    }
}

fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).expect("a status is ASCII")
}

fn number(text: &[u8]) -> i64 {
    ascii(text).parse().expect("a number has digits")
}
