//! The shape of the program, held by tests: which module may use which, what is done in one place only, and how large
//! a file and a function may grow. The code is read as text; what is compiled for tests only is left out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy lets tests do so, but not the helpers of a test binary"
)]

mod arrows;
mod budgets;
mod code;
mod seams;
