//! Rule packs and clocks, held to reference answers, to the numbers of the field and to properties.

#[cfg(test)]
mod clocks;
#[cfg(test)]
mod goldens;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub mod support;
