//! The words people use for people and places: how they are read (拼音), written in one normal
//! form, and shown with parts masked. Pure; no tables live here.

pub mod address;
pub mod mask;
pub mod normal;
pub mod pinyin;
