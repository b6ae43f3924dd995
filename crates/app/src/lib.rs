//! What the one binary is made of, so that examples and tests can use it as well.
//!
//! - [`bench`]: measurements that one command reruns.
//! - [`channels`]: senders of notices.
//! - [`cli`]: the command line.
//! - [`house`]: a running installation, opened once.
//! - [`http`]: the web door.
//! - [`demo`]: the demo bureau.
//! - [`drill`]: campaigns that show that nothing is lost.
//! - [`work`]: the jobs of the worker.

pub mod bench;
pub mod channels;
pub mod cli;
pub mod demo;
pub mod drill;
pub mod house;
pub mod http;
pub mod work;
