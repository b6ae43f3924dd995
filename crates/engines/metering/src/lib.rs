//! Registers and intervals: codecs, validation, estimation, consumption across exchanges.
