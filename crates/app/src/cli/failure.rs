//! How a command fails: the words of the error below it, and the exit status of its kind.

use std::fmt;

use kernel::{Fault, FaultKind};

/// A refused command: what to print and how to exit.
#[derive(Debug)]
pub struct Failure {
    exit_code: u8,
    text: String,
}

impl Failure {
    /// A failure of this kind with these words.
    pub fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        Self { exit_code: kind.exit_code(), text: text.into() }
    }

    /// Input that is refused.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, text)
    }

    /// A command line that says too little or too much: the status of bad usage.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { exit_code: 2, text: text.into() }
    }

    /// Standard output that cannot be written.
    pub fn output(error: &std::io::Error) -> Self {
        Self::new(FaultKind::Unavailable, format!("standard output: {error}"))
    }

    /// A file that cannot be read or written.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => FaultKind::NotFound,
            // A folder in place of a file, and compressed data that is cut off or broken.
            std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::InvalidInput
            | std::io::ErrorKind::IsADirectory
            | std::io::ErrorKind::UnexpectedEof => FaultKind::Invalid,
            _ => FaultKind::Unavailable,
        };
        Self::new(kind, format!("{}: {error}", path.display()))
    }

    /// The exit status.
    pub const fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl<F: Fault> From<F> for Failure {
    fn from(fault: F) -> Self {
        let mut text = fault.to_string();
        let mut source = fault.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Self { exit_code: fault.kind().exit_code(), text }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
