//! The bits of every function on fixed inputs.
//!
//! A digest that changes is a change of results: say it under "Changed results" of the change log, and
//! raise the numeric version if a stored number depends on it.

use super::{Said, register, strange};

/// FNV-1a over the bits of every number, and over a mark where there is none.
fn digest(said: &Said) -> u64 {
    let bits = said.iter().map(|value| value.map_or(u64::MAX, canonical));
    bits.flat_map(u64::to_le_bytes).fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The sign and payload of a NaN are the processor's choice.
fn canonical(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

#[test]
fn the_bits_of_every_function_hold() {
    let inputs = strange::fixed();
    let mut found = Vec::new();
    for exercise in register() {
        let said: Said = inputs.iter().flat_map(|input| (exercise.says)(input)).collect();
        let numbers = said.iter().flatten().filter(|value| value.is_finite()).count();
        assert!(numbers > 0, "{} says nothing about the fixed inputs", exercise.name);
        found.push((exercise.name, digest(&said)));
    }
    let line = |(name, digest): &(&str, u64)| format!("    (\"{name}\", {digest:#018x}),\n");
    let table = found.iter().map(line).collect::<Vec<String>>().concat();
    let changed: Vec<&str> =
        found.iter().filter(|entry| !HELD.contains(entry)).map(|(name, _)| *name).collect();
    assert!(changed.is_empty(), "changed: {changed:?}; the table is now:\n{table}");
    assert_eq!(found.len(), HELD.len(), "the table is now:\n{table}");
}

#[rustfmt::skip]
const HELD: [(&str, u64); 115] = [
    ("sum", 0x503a_1bbe_41a5_ef7c),
    ("dot", 0xe3ca_1b76_ce5b_3361),
    ("mean", 0x0d2b_b4bd_11a7_c414),
    ("variance", 0x57c3_a3c3_4093_f5af),
    ("standard_deviation", 0x0824_14b7_3e00_95fb),
    ("moves", 0xaa05_9a2d_49c0_74d8),
    ("moves_against", 0x45f2_030f_bd17_1265),
    ("simple_returns", 0xd894_664d_1a2f_37b9),
    ("log_returns", 0x8533_20b9_49b9_3712),
    ("forward_filled", 0xd571_ff6e_bfd1_27cb),
    ("complete_rows", 0xff72_4a31_4e1f_8d6b),
    ("normal_density", 0x75cc_c7fd_c0f0_e597),
    ("normal_probability", 0x443e_2349_6c35_8ac6),
    ("normal_quantile", 0x5a98_3a34_5a8a_7707),
    ("p_value", 0x2b0f_ea1a_4879_e954),
    ("critical_values", 0x5db6_4115_2627_63f4),
    ("simulated_p_value", 0x594a_1e7a_07b0_be71),
    ("simulated_critical_values", 0x22ec_5e16_9ae2_4755),
    ("published_kpss_critical_values", 0x2b3e_29b6_8617_7016),
    ("published_kpss_p_value", 0xf94f_a8d8_5b28_53eb),
    ("simulated_kpss_critical_values", 0x7be2_e5a1_8c7a_ede1),
    ("simulated_kpss_p_value", 0xe066_58c2_654f_f8d8),
    ("johansen_critical_values", 0x3712_5def_cafc_6d6b),
    ("holm", 0xa521_a2f8_6772_27d3),
    ("benjamini_hochberg", 0xb5d6_b3f7_7693_3ea8),
    ("benjamini_yekutieli", 0x7d7f_b2fd_f8f9_bf50),
    ("sample_covariance", 0xaa67_fb45_febe_8cce),
    ("pairwise_covariance", 0x74b0_5eef_1688_665f),
    ("pairwise_correlation", 0x1489_5abb_ba51_f254),
    ("spearman", 0x1ce3_019d_71c4_4494),
    ("kendall", 0x2af6_7c72_ad3c_0eb5),
    ("common_returns", 0x3e70_1753_5c52_0470),
    ("close_covariance", 0xe729_6c34_1a7e_1d2b),
    ("complete_returns", 0xc738_3322_5ffd_f877),
    ("rolling_covariance", 0x2e27_4166_4c9c_a20d),
    ("ewma_covariance", 0xba42_8cc5_4f9e_dcb2),
    ("ewma_about_mean", 0x288d_4a0d_a6db_e411),
    ("riskmetrics_covariance", 0x0650_44c2_15cd_d359),
    ("semi_covariance", 0x0683_7bd9_06b1_7736),
    ("gerber_correlation", 0x91c8_2b54_03f4_141d),
    ("gerber_covariance", 0xc1a1_1755_e806_5c46),
    ("ledoit_wolf", 0x9e39_ff57_9b41_e5fb),
    ("oracle_approximating", 0x0e51_f160_e3ad_c70f),
    ("shrunk_covariance", 0xa737_f874_362e_56f3),
    ("ledoit_wolf_single_factor", 0x5586_2282_978b_7e66),
    ("ledoit_wolf_constant_correlation", 0x417c_66f6_1fa3_b07c),
    ("correlation", 0x5953_7572_a782_1329),
    ("eigen", 0x73e6_122d_164e_c77b),
    ("clipped_covariance", 0x8763_473b_6ede_b7f9),
    ("nearest_covariance", 0x97de_7e76_cebe_7d50),
    ("spectral_covariance", 0x4264_8f53_8691_1f04),
    ("loaded_covariance", 0x4264_8f53_8691_1f04),
    ("denoised", 0x5849_e616_a954_ac91),
    ("detoned", 0xcae3_5a85_53cb_da98),
    ("marchenko_pastur_edge", 0xea04_82f2_e98a_bbfe),
    ("marchenko_pastur_variance", 0x5b82_e72e_1088_6156),
    ("codependence_distance", 0x90a3_6a90_ddb7_0d96),
    ("linkage", 0x78ff_eff2_e2a3_f58f),
    ("leaf_order", 0xc25f_14fb_eb76_1b25),
    ("optimally_ordered", 0xff44_7081_986c_32f6),
    ("cut_tree", 0x1f2b_06c9_2054_bf75),
    ("cluster_count", 0x7dc8_5070_4549_9820),
    ("recursive_bisection", 0xb30f_7961_3f73_cea7),
    ("recursive_bisection_within", 0x1507_8cd7_1409_075e),
    ("hrp_weights", 0x6528_08ca_36a5_80fd),
    ("hrp_portfolio", 0xe054_374b_2751_2b12),
    ("herc_weights", 0x5e04_68ab_8686_3640),
    ("nco_weights", 0xf7a2_98b6_eff2_15b5),
    ("equal_risk_contribution", 0x887b_c1aa_7def_7eea),
    ("risk_contributions", 0x07d3_0293_5e25_aea9),
    ("inverse_variance", 0x106e_881f_f86f_b3e0),
    ("minimum_variance", 0x1dcc_638e_7dc0_4084),
    ("unit_root", 0x161f_03f2_94eb_be83),
    ("kpss", 0xffca_4036_55fd_26c1),
    ("engle_granger", 0x5b64_a318_62b9_362a),
    ("engle_granger_simulated", 0xa989_a1f3_bfa7_3761),
    ("test_pair", 0xe661_dae5_7714_591d),
    ("phillips_ouliaris", 0x5674_8d24_739a_22a9),
    ("johansen", 0xaf5f_41fa_02d1_be0c),
    ("johansen_with", 0x8355_07b7_3c22_1c73),
    ("johansen_statsmodels", 0x1661_ecbb_932c_d55d),
    ("error_correction", 0x7a2f_1de8_89b1_ac71),
    ("long_run", 0x85f5_e130_2b3d_abdc),
    ("ols", 0xfdbb_fb2a_3c73_33f6),
    ("total_least_squares", 0x7411_dcf4_6d9e_1819),
    ("dynamic_ols", 0xc1c9_1552_2175_ab86),
    ("rolling_ols", 0x5845_956a_aba6_a44f),
    ("rolling_slope_statsmodels_skip", 0x25bd_1ebe_2282_a80f),
    ("kalman_hedge", 0x28a5_143c_d851_de52),
    ("chan_half_life", 0xff2e_bcba_fc5b_52f1),
    ("exact_half_life", 0xb73b_8897_b1ad_7ed7),
    ("centered_half_life", 0x2770_ce3b_28fd_4a85),
    ("ornstein_uhlenbeck", 0x5569_bbbe_518a_f8fc),
    ("hurst_of_differences", 0x01f4_ccfe_2388_c543),
    ("hurst_rescaled_range", 0xe4bd_5c6a_f94c_cda4),
    ("probabilistic_sharpe_2012", 0x59a5_88c8_899e_8348),
    ("probabilistic_sharpe_2025", 0xad58_e1d3_387f_2084),
    ("minimum_track_record_2012", 0xe1c6_7604_77e8_ed9b),
    ("minimum_track_record_2025", 0x2844_2b64_bd31_f8a4),
    ("expected_maximum", 0x19a6_48a8_e183_feea),
    ("expected_maximum_sharpe", 0x5df2_b3a7_4393_d79c),
    ("deflated_sharpe", 0x2ad6_27b8_3f7b_b5b7),
    ("minimum_backtest_years", 0x35d6_44f0_83c9_2205),
    ("overfitting", 0x9d14_fda6_23ae_c09a),
    ("block_length", 0x6143_dcf1_4af7_11be),
    ("percentile_interval", 0x8a1f_7bc6_74fc_e7f0),
    ("bca_interval", 0x3997_352e_9513_7904),
    ("block_bootstrap_interval", 0x2d70_af6e_87cf_de2f),
    ("quantile", 0xb686_1042_f65b_709c),
    ("pseudo_observations", 0x74f6_e6d1_acff_ce42),
    ("rolling_pseudo_observations", 0x649e_9b7b_0757_a857),
    ("fit_copula", 0x121c_8dfb_49e4_f0ef),
    ("correlation_from_tau", 0x49dc_f9c7_b11e_a762),
    ("tau_from_correlation", 0x95bc_2382_9405_37a9),
    ("zscore_rule", 0x62a6_613e_bc1a_282a),
];
