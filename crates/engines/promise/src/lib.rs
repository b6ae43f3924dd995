//! What the company owes to whom by when. Rule packs (documents with source and dates) become clocks:
//! deadlines, pauses, warnings and verdicts are pure functions of facts and a calendar. Nothing here
//! reads a clock, a database or a file; the area `duty` stores what this engine computes.
