//! Users, roles, organisation tree, sessions, privacy.
