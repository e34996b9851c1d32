//! Numbers with a definition (PRODUCT.md 5): pure functions, exact where a number can be exact, `None` where there is none.

pub mod outcome;
