//! Chinese tariffs and bills against independent answers.

mod decrees;
mod goldens;
mod power_factor;
mod properties;
mod published;
mod reckoning;
mod speed;
mod support;
mod taipower;
mod usage_files;
mod windows;
