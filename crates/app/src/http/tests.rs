//! The web door as a whole: every route is walked without a session, with the wrong role and on
//! the wrong side of the counter; forms without a token are refused.
