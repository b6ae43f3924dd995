//! Chinese tariffs and bills against independent answers.

mod goldens;
mod support;
