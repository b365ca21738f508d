//! Coefficients of a template, fitted to what was observed: simulated likelihood, population Monte Carlo,
//! cross-validation by cluster, and whether the data say anything of a coefficient at all.
//!
//! | file | what it has | after |
//! | --- | --- | --- |
//! | [`simulate`] | what a simulator tells, and shares of rounds as likelihoods | Diggle & Gratton 1984 |
//! | [`population`] | vectors of coefficients that are simulated, and their weights | Cappé et al. 2004; Owen & Zhou 2000 |
//! | [`posterior`] | the posterior, its evidence, quantiles and draws | |
//! | [`identified`] | which coefficients the data speak of | |
//! | [`folds`] | clusters dealt to folds | |
//! | [`synthetic`] | data of known coefficients, fitted again | Talts et al. 2018 |
//! | [`logit`] | a ridge logistic regression, to stand beside | le Cessie & van Houwelingen 1992 |
//! | [`weights`], [`normal`], [`matrix`] | weighted moments, quantiles of the normal law, small matrices | |
//!
//! A coefficient has a prior law. All vectors are held as normal scores: `z = Φ⁻¹(u)` of the uniform number `u`
//! whose quantile the coefficient is, so that the prior is a standard normal law, whatever the laws are.
//!
//! One table of simulated vectors serves everything: posteriors without a fold or of synthetic data are other
//! weights of the same vectors. Logarithms are those of `libm`, so that results are the same on every machine.

pub mod folds;
pub mod identified;
pub mod logit;
pub mod matrix;
pub mod normal;
pub mod population;
pub mod posterior;
pub mod simulate;
pub mod synthetic;
pub mod weights;

/// Most coefficients.
pub const MOST_COEFFICIENTS: usize = 8;
/// Effective vectors below which a posterior is told to be rough.
pub const FEW_EFFECTIVE: f64 = 30.0;
