//! The few special functions that likelihoods need.

/// ln Γ(x) for x > 0: Stirling's series after moving x up to where it is exact to 1e-12.
pub(super) fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 1.0);
    while x < 10.0 {
        shift *= x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + series - shift.ln()
}

/// ln of the chance that exactly these `hits` of `hits + misses` report, when any share that a beta
/// distribution with weights `a` and `b` gives may be the true one.
pub(super) fn ln_beta_ratio(hits: f64, misses: f64, a: f64, b: f64) -> f64 {
    let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    ln_beta(a + hits, b + misses) - ln_beta(a, b)
}

/// ln(Σ exp(x)), without overflow.
pub(super) fn ln_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + terms.map(|term| (term - most).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Γ(n) = (n − 1)!, Γ(1/2) = √π; the ratio of beta functions by counting.
    #[test]
    fn values_are_those_of_factorials() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-10, "{a} {b}");
        near(ln_gamma(5.0), 24_f64.ln());
        near(ln_gamma(21.0), 2_432_902_008_176_640_000_f64.ln());
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln());
        // One given report among two with a flat belief: ∫ q (1 − q) dq = 1/6.
        near(ln_beta_ratio(1.0, 1.0, 1.0, 1.0), (1.0_f64 / 6.0).ln());
        near(ln_sum([0.0, 0.0].into_iter()), 2_f64.ln());
        near(ln_sum([-2_000.0, -2_000.0].into_iter()), -2_000.0 + 2_f64.ln());
    }
}
