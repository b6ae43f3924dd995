//! What is shown from outside, in one binary: reference networks, and indices that others computed.

#[cfg(test)]
mod reference;
#[cfg(test)]
mod reliability;
