//! The program as its users run it: the real binary, real databases, real files.

mod demo;
mod engines;
mod kill;
mod processes;
