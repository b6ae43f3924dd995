//! The eight kinds of fault that cross rooms. A kind decides the HTTP status, the exit code and
//! the log level once, here; each module keeps its own enum with the words for people.

/// What kind of thing went wrong, from the point of view of whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The request itself is wrong; the sender can correct it.
    Invalid,
    /// What was asked for does not exist, or not for this person.
    NotFound,
    /// It collides with the present state: already done, changed meanwhile, wrong stage.
    Conflict,
    /// The person may not do this.
    Denied,
    /// A stated bound was passed: too large, too many, too often.
    Limit,
    /// Something needed is not answering now; trying again may help.
    Unavailable,
    /// Stored data cannot be read back as what it should be.
    Corrupt,
    /// A mistake in the program.
    Bug,
}

impl FaultKind {
    /// The HTTP status that a door answers with.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Denied => 403,
            Self::Limit => 413,
            Self::Unavailable => 503,
            Self::Corrupt | Self::Bug => 500,
        }
    }

    /// The exit status of a command: 2 is kept for bad usage, which the argument parser reports.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Invalid | Self::NotFound | Self::Conflict | Self::Denied | Self::Limit => 1,
            Self::Unavailable => 3,
            Self::Corrupt => 4,
            Self::Bug => 70,
        }
    }

    /// Whether the operator, rather than the sender, should look at it.
    #[must_use]
    pub const fn concerns_operator(self) -> bool {
        matches!(self, Self::Unavailable | Self::Corrupt | Self::Bug)
    }
}

/// An error that can cross rooms: it has a kind and a stable code beside its text.
pub trait Fault: std::error::Error {
    /// The kind, which decides status, exit code and log level.
    fn kind(&self) -> FaultKind;
    /// A stable machine-readable code such as `tariff.window_hole`.
    fn code(&self) -> &'static str;
}
