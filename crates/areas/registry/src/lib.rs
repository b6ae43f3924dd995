//! Person, account, service location, usage point, marks.
