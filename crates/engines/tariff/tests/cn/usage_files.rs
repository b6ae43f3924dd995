//! usage_files
