//! The bits of every measure of one ordinary record.

use super::regular;

#[test]
fn the_bits_of_every_measure_hold() {
    let found: Vec<(&str, u64)> = regular()
        .measures()
        .into_iter()
        .map(|(name, value)| (name, value.expect("defined").to_bits()))
        .collect();
    assert!(found == BITS, "found {found:#018x?}");
}

const BITS: [(&str, u64); 65] = [
    ("autocorrelation_penalty", 0x3ff3_b1d0_4e67_a729),
    ("downside_deviation", 0x3fc7_5ee8_c89b_6f42),
    ("excess_returns", 0x3f73_390a_330e_dcf9),
    ("expected_shortfall_historical", 0xbf99_58b6_7ebb_907a),
    ("expected_shortfall_lowest", 0xbf99_58b6_7ebb_907a),
    ("expected_shortfall_normal", 0xbf9e_9a15_713a_0be4),
    ("gain_to_pain", 0xbfce_59f8_6981_e5a4),
    ("geometric_mean", 0xbf5b_16c0_7de4_4c00),
    ("kurtosis_excess", 0xbff1_6d2a_c4c4_6e62),
    ("kurtosis_raw", 0x3ffe_8462_4d3d_12da),
    ("kurtosis_sample", 0x3fff_7e21_7f2e_1c87),
    ("lower_partial_moment", 0x3ec7_3145_fc94_5b53),
    ("mean_absolute_deviation", 0x3f87_e250_6b63_60f5),
    ("omega", 0x3fe4_7269_d518_5016),
    ("sharpe", 0xbffc_d7e0_37fc_34c8),
    ("skewness", 0xbfc1_2546_a139_c7c0),
    ("skewness_biased", 0xbfc0_fc04_d064_885a),
    ("sortino", 0xc002_2eb0_a078_dd74),
    ("stability", 0x3fe7_e928_9e4f_46f7),
    ("tail_ratio", 0x3fe8_0ec3_a008_6fc7),
    ("upper_partial_moment", 0x3eb0_40ec_624a_06c6),
    ("value_at_risk_historical", 0xbf98_9c8a_4a6a_dc6a),
    ("value_at_risk_normal", 0xbf98_b9e2_dc64_4117),
    ("volatility", 0x3fcb_e713_3fd0_2466),
    ("alpha_beta: beta", 0x3fc8_dcf3_481d_f3c8),
    ("alpha_beta: alpha_per_period", 0xbf56_9ae9_604b_2100),
    ("alpha_beta: alpha_annual", 0xbfd6_407d_bac9_f47c),
    ("alpha_beta: alpha_compounded", 0xbfd2_ce6c_617e_43e8),
    ("down_capture", 0x3fe6_931d_7453_2619),
    ("information_ratio", 0xbfa2_8b5d_410a_a933),
    ("tracking_error", 0x3fd1_cab4_08c7_6015),
    ("up_capture", 0x3f9a_7830_1592_c8e0),
    ("up_down_capture", 0x3fa2_c2af_308d_41b7),
    ("cagr", 0xbfd5_d28c_1352_2538),
    ("calmar", 0xbff3_d8d4_f207_2313),
    ("drawdown_dates: peak", 0x0000_0000_0000_0000),
    ("drawdown_dates: trough", 0x4060_c000_0000_0000),
    ("drawdowns", 0xbfcd_c621_0bf4_5ed4),
    ("exposure", 0x3fe0_0000_0000_0000),
    ("longest_under_water", 0x4064_0000_0000_0000),
    ("martin_ratio", 0xc000_3d6f_99c4_a61b),
    ("max_drawdown", 0xbfd1_97b0_ee18_b5c6),
    ("pain_index", 0x3fc4_13ce_f3a5_733e),
    ("recovery_factor_quantstats", 0x3fed_0bad_0737_1b4f),
    ("returns", 0x3f77_519d_a7cb_4700),
    ("share_under_water", 0x3ff0_0000_0000_0000),
    ("total_return", 0xbfcd_c621_0bf4_5ed4),
    ("turnover_annual", 0x4016_6a82_e832_a317),
    ("ulcer_index", 0x3fc5_7ffe_23d6_3e78),
    ("ulcer_index_quantstats", 0x3fc5_9146_150d_9fe2),
    ("d_ratio", 0x3ff4_748f_a563_b1c6),
    ("expectancy", 0xc063_7e19_58b6_7ebe),
    ("kelly", 0xbfc4_242f_8d91_d51b),
    ("payoff_ratio", 0x3fe7_cf32_d678_d248),
    ("profit_factor", 0x3fe8_6981_e59f_8699),
    ("risk_of_ruin_quantstats", 0x2fd7_4e52_3470_698c),
    ("win_rate", 0x3fe0_3333_3333_3333),
    ("win_rate_decided", 0x3fe0_3333_3333_3333),
    ("adjusted_sharpe", 0xc001_215d_d630_08d0),
    ("mean_turnover_after_first", 0x3f89_3e12_2efa_ca2f),
    ("rebalance", 0x3fe9_f4ac_d73d_1298),
    ("risk_free_per_period", 0x3ed0_a2c2_7a50_0000),
    ("turnover_annual_one_sided", 0x3fe0_763a_c223_408e),
    ("turnover_two_sided", 0x3ffa_73b3_8773_d7b6),
    ("weight_turnover", 0x4001_e39c_a43e_dbfe),
];
