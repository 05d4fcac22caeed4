//! Numbers of peers that no reference case holds, on a panel that integers make.
//!
//! Made with Riskfolio-Lib 7.4.0, skfolio 1.12.2, PyPortfolioOpt 1.6.0 and cvxpy 1.9.3 with Clarabel
//! 0.11.1 at tolerances of 1e-13. Closed forms are held to 1e-12, solutions of a solver to what it
//! promises.

use barline::stats::{
    Dispersion, Distance, GerberScale, HrpOptions, LeafOrder, Linkage, Residual, SymmetricMatrix,
    WeightBounds, cluster_count, codependence_distance, correlation, denoised,
    equal_risk_contribution, gerber_covariance, hrp_portfolio, linkage, minimum_variance,
    sample_covariance, semi_covariance,
};

const ROWS: u32 = 60;
const ASSETS: u32 = 8;

/// Sixty rows of eight returns.
fn panel() -> Vec<Vec<f64>> {
    let cell = |t: u32, k: u32| {
        let own = ((t * (37 + 12 * k) + k * k * 17) * (t + 3 * k + 1)) % 101;
        let common = (t * t * 7 + t * 3) % 41;
        (f64::from(own) - 50.0) / 1000.0
            + (f64::from(common) - 20.0) / 1000.0 * f64::from(1 + k / 3)
    };
    (0..ASSETS).map(|k| (0..ROWS).map(|t| cell(t, k)).collect()).collect()
}

fn covariance() -> SymmetricMatrix {
    let panel = panel();
    let columns: Vec<&[f64]> = panel.iter().map(Vec::as_slice).collect();
    sample_covariance(&columns, 1).expect("complete")
}

fn assert_close(found: &[f64], expected: [f64; 8], tolerance: f64) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(error <= tolerance, "{at}: {found} instead of {expected}");
    }
}

#[test]
fn gerber_agrees_with_riskfolio() {
    let panel = panel();
    let columns: Vec<&[f64]> = panel.iter().map(Vec::as_slice).collect();
    let row = |scale| gerber_covariance(&columns, 0.5, scale).expect("complete").row(0).to_vec();
    let first = [
        0.001_033_387_5,
        3.652_091_223_832_875e-5,
        -1.773_944_204_274_095_4e-5,
        0.000_265_323_863_807_013_5,
        0.000_200_005_460_970_111_83,
        0.000_145_757_992_998_528_83,
        0.000_178_693_357_952_864_57,
        0.000_338_925_008_033_108_86,
    ];
    assert_close(&row(GerberScale::AnyLarge), first, 1e-15);
    let second = [
        0.001_033_387_5,
        5.038_187_289_146_033e-5,
        -2.484_761_134_084_243_2e-5,
        0.000_346_658_671_341_753_6,
        0.000_277_753_613_745_606_14,
        0.000_195_693_475_931_725_93,
        0.000_243_217_618_802_902_15,
        0.000_436_464_936_729_308_3,
    ];
    assert_close(&row(GerberScale::OwnLarge), second, 1e-15);
}

#[test]
fn semi_covariance_agrees_with_pyportfolioopt() {
    let panel = panel();
    let columns: Vec<&[f64]> = panel.iter().map(Vec::as_slice).collect();
    let found = semi_covariance(&columns, 0.000_079).expect("complete");
    let expected = [
        0.000_504_706_287_166_666_8,
        0.000_104_885_844_183_333_33,
        0.000_130_689_064_866_666_64,
        0.000_362_292_376_916_666_7,
        0.000_267_638_502_216_666_6,
        0.000_217_818_789_566_666_7,
        0.000_404_534_998_199_999_94,
        0.000_471_457_130_933_333_3,
    ];
    assert_close(found.row(0), expected, 1e-15);
}

#[test]
fn denoising_agrees_with_riskfolio() {
    let found = denoised(&covariance(), ROWS as usize, Residual::Constant).expect("regular");
    // The fitted noise variance is at its upper limit in both; ours stops a little nearer to it.
    assert!(found.signals == 1 && (found.edge - 1.863_611).abs() < 1e-3);
    let constant = [
        0.001_050_902_542_372_882,
        9.931_131_577_898_95e-5,
        0.000_197_095_192_453_866_78,
        0.000_409_654_505_528_662_14,
        0.000_282_023_010_650_713_77,
        0.000_303_577_022_617_276_6,
        0.000_472_261_405_501_881_6,
        0.000_496_905_357_458_896_9,
    ];
    assert_close(found.covariance.row(0), constant, 1e-14);
    let rule = Residual::Shrunk { keep: 0.1 };
    let found = denoised(&covariance(), ROWS as usize, rule).expect("regular");
    let shrunk = [
        0.001_050_902_542_372_881_7,
        8.373_387_044_812_281e-5,
        0.000_181_999_365_334_673_9,
        0.000_495_467_060_458_605_5,
        0.000_323_095_831_311_437_9,
        0.000_325_195_708_774_297_9,
        0.000_586_873_042_981_942_9,
        0.000_636_702_574_395_429_3,
    ];
    assert_close(found.covariance.row(0), shrunk, 1e-14);
}

#[test]
fn cluster_counts_agree_with_both_libraries() {
    let distances =
        codependence_distance(&correlation(&covariance()).expect("varies"), Distance::Correlation);
    let expected = [
        (Linkage::Single, 2, 6),
        (Linkage::Average, 2, 4),
        (Linkage::Complete, 2, 5),
        (Linkage::Ward, 2, 5),
    ];
    for (method, riskfolio, skfolio) in expected {
        let merges = linkage(distances.clone(), method).expect("finite");
        let count = |dispersion| cluster_count(&distances, &merges, dispersion).expect("finite");
        assert_eq!(count(Dispersion::DistanceDeviation), riskfolio, "{method:?}");
        assert_eq!(count(Dispersion::MeanDistance), skfolio, "{method:?}");
    }
}

#[test]
fn bounded_bisection_agrees_with_skfolio() {
    let options = HrpOptions { linkage: Linkage::Ward, distance: Distance::Correlation };
    let bounds = WeightBounds::uniform(8, 0.05, 0.2).expect("keepable");
    let weights = |bounds| {
        let found = hrp_portfolio(&covariance(), options, LeafOrder::Optimal, bounds);
        found.expect("regular").weights
    };
    let free = [
        0.146_800_596_948_328_37,
        0.202_699_202_870_590_87,
        0.185_693_798_290_883_64,
        0.098_513_656_402_412_72,
        0.134_394_966_124_631_1,
        0.132_343_109_155_516_9,
        0.052_145_145_054_949_03,
        0.047_409_525_152_687_39,
    ];
    assert_close(&weights(None), free, 1e-14);
    let bounded = [
        0.146_568_108_645_015_82,
        0.2,
        0.188_393_001_161_474_5,
        0.098_513_656_402_412_72,
        0.134_182_124_635_580_07,
        0.132_343_109_155_516_9,
        0.05,
        0.05,
    ];
    assert_close(&weights(Some(&bounds)), bounded, 1e-14);
}

#[test]
fn equal_risk_contribution_agrees_with_newtons_method() {
    // Newton's method in numpy on the barrier problem; contributions equal to 2e-20. skfolio's
    // `RiskBudgeting` agrees to 2e-6, the tolerance of its solver.
    let expected = [
        0.166_107_501_816_222_9,
        0.199_731_955_247_048_64,
        0.155_643_641_918_136_65,
        0.089_352_253_978_819_1,
        0.130_976_183_315_263_3,
        0.116_892_685_094_693_86,
        0.075_255_539_544_332_98,
        0.066_040_239_085_482_52,
    ];
    assert_close(&equal_risk_contribution(&covariance()).expect("regular"), expected, 1e-12);
}

#[test]
fn minimum_variance_agrees_with_clarabel() {
    let long_only = [
        0.261_666_201_596_209_3,
        0.279_609_378_822_394_3,
        0.201_532_065_709_838_3,
        0.0,
        0.162_006_661_540_046_1,
        0.095_185_692_330_411_98,
        0.0,
        0.0,
    ];
    let found = minimum_variance(&covariance(), &WeightBounds::long_only(8)).expect("regular");
    assert_close(&found, long_only, 1e-11);
    let bounded =
        [0.2, 0.2, 0.2, 0.05, 0.158_395_930_290_742_95, 0.091_604_069_709_264_9, 0.05, 0.05];
    let bounds = WeightBounds::uniform(8, 0.05, 0.2).expect("keepable");
    let found = minimum_variance(&covariance(), &bounds).expect("regular");
    assert_close(&found, bounded, 1e-11);
}

/// The bits of every portfolio on the panel, folded; a change here is a change of every stored
/// weight.
#[test]
fn bits_hold() {
    let covariance = covariance();
    let options = HrpOptions { linkage: Linkage::Ward, distance: Distance::Paper };
    let bounds = WeightBounds::uniform(8, 0.05, 0.2).expect("keepable");
    let hrp = hrp_portfolio(&covariance, options, LeafOrder::Optimal, Some(&bounds));
    let denoised = denoised(&covariance, ROWS as usize, Residual::Constant).expect("regular");
    let numbers = [
        hrp.expect("regular").weights,
        equal_risk_contribution(&covariance).expect("regular"),
        minimum_variance(&covariance, &bounds).expect("regular"),
        denoised.covariance.values().to_vec(),
    ];
    let fold = |hash: u64, x: &f64| (hash ^ x.to_bits()).wrapping_mul(0x0100_0000_01b3);
    let found: Vec<u64> =
        numbers.iter().map(|x| x.iter().fold(0xcbf2_9ce4_8422_2325, fold)).collect();
    let expected: [u64; 4] = [
        6_792_308_316_847_037_656,
        4_996_777_013_594_666_283,
        6_727_006_060_808_116_664,
        8_792_107_802_365_972_305,
    ];
    assert_eq!(found, expected);
}
