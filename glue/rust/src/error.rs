use std::fmt;

/// What a call may be refused for. Printed, it is Redis's text, where Redis has one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The key holds a value of another type.
    WrongType,
    /// The budget is used up and nothing may be evicted, or the value could not fit at all.
    OutOfMemory,
    /// Any other error of a command: `ERR value is not an integer or out of range`.
    Command(String),
    /// A budget out of range, or one that the host does not have: what would do.
    Budget(String),
    /// The clock gave 2^53 milliseconds or more.
    Clock(u64),
}

const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
const OUT_OF_MEMORY: &str = "OOM command not allowed when used memory > 'maxmemory'.";

impl Error {
    pub(crate) fn from_reply(text: &[u8]) -> Error {
        match String::from_utf8_lossy(text).into_owned() {
            text if text == WRONG_TYPE => Error::WrongType,
            text if text == OUT_OF_MEMORY => Error::OutOfMemory,
            text => Error::Command(text),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::WrongType => to.write_str(WRONG_TYPE),
            Error::OutOfMemory => to.write_str(OUT_OF_MEMORY),
            Error::Command(text) | Error::Budget(text) => to.write_str(text),
            Error::Clock(now_ms) => {
                write!(to, "the clock gave {now_ms}; milliseconds below 2^53 were expected")
            }
        }
    }
}

impl std::error::Error for Error {}
