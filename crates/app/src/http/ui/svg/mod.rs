//! Small drawings made by the server: pure functions from values to SVG. Colours come from
//! classes in `assets/css/svg.css`; every drawing carries its words (`role="img"`, titles).

mod bars;
mod day;
mod spark;
mod waterfall;

pub use bars::{Bar, bars};
pub use day::{Bucket, DayWindow, day_ring, day_strip};
pub use spark::spark;
pub use waterfall::{Move, waterfall};

/// A coordinate in hundredths, as integer arithmetic and exact text: `1234` is `12.34`.
fn at(hundredths: i64) -> String {
    kernel::format_decimal(i128::from(hundredths), 2, 0)
}

/// `value` of `span` scaled to `size` hundredths; a span of nothing gives nothing.
fn scaled(value: i64, span: i64, size: i64) -> i64 {
    let product = i128::from(value) * i128::from(size);
    product.checked_div(i128::from(span)).and_then(|v| i64::try_from(v).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_exact() {
        assert_eq!(at(1_234), "12.34");
        assert_eq!(at(-50), "-0.5");
        assert_eq!(scaled(i64::MAX, i64::MAX, 10_000), 10_000);
        assert_eq!(scaled(5, 0, 10_000), 0);
    }
}
