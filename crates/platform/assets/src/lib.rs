//! The few front-end libraries, fetched from npm at build time, checked by hash, embedded.
