//! SQLite and PostgreSQL behind one set of typed statements; facts, jobs, audit.
