//! Trees and the portfolios that stand on them.

use barline::stats::{
    Condensed, Dispersion, Distance, HrpOptions, LeafOrder, Linkage, Merge, Result,
    SymmetricMatrix, WeightBounds, Within, cluster_count, codependence_distance, correlation,
    cut_tree, equal_risk_contribution, herc_weights, hrp_portfolio, hrp_weights, inverse_variance,
    leaf_order, linkage, minimum_variance, nco_weights, optimally_ordered, recursive_bisection,
    recursive_bisection_within, risk_contributions,
};

use super::{Exercise, Input, Said, about, counts, finite, holes, list, numbers};

const DISTANCES: [Distance; 2] = [Distance::Correlation, Distance::Paper];

fn distances(input: &Input) -> Result<Condensed> {
    Ok(codependence_distance(&correlation(&input.matrix()?)?, Distance::Correlation))
}

/// A tree over the assets, with its distances.
fn tree(input: &Input) -> Option<(Condensed, Vec<Merge>)> {
    let distances = distances(input).ok()?;
    let merges = linkage(distances.clone(), Linkage::Average).ok()?;
    Some((distances, merges))
}

fn merges(found: Result<Vec<Merge>>) -> Said {
    about(found.ok(), |merges| {
        let of = |merge: Merge| {
            [merge.left as f64, merge.right as f64, merge.height, merge.size as f64].map(Some)
        };
        merges.into_iter().flat_map(of).collect()
    })
}

fn weights(input: &Input, of: impl Fn(&SymmetricMatrix) -> Result<Vec<f64>>) -> Said {
    list(input.matrix().and_then(|matrix| of(&matrix)))
}

/// Bounds that any weights keep, bounds around an even share, and the argument as the upper one.
fn bounds(assets: usize, share: f64) -> Vec<WeightBounds> {
    let even = 1.0 / assets.max(1) as f64;
    let uniform = [
        WeightBounds::uniform(assets, 0.5 * even, 1.5 * even),
        WeightBounds::uniform(assets, 0.0, share),
        WeightBounds::uniform(assets, -share, 1.0),
    ];
    uniform.into_iter().flatten().chain([WeightBounds::long_only(assets)]).collect()
}

fn bounded(
    input: &Input,
    of: impl Fn(&SymmetricMatrix, &WeightBounds) -> Result<Vec<f64>>,
) -> Said {
    about(input.matrix().ok(), |matrix| {
        let each = |bounds: WeightBounds| list(of(&matrix, &bounds));
        bounds(matrix.order(), input.share).into_iter().flat_map(each).collect()
    })
}

/// The assets in order, backwards, and an order that names one twice.
fn orders(assets: usize, wrong: usize) -> [Vec<usize>; 3] {
    let forward: Vec<usize> = (0..assets).collect();
    let backward = forward.iter().rev().copied().collect();
    let twice = vec![wrong; assets];
    [forward, backward, twice]
}

pub(super) const EXERCISES: &[Exercise] = &[
    holes("codependence_distance", |input| {
        about(input.matrix().ok(), |matrix| {
            let of = |distance| numbers(codependence_distance(&matrix, distance).values());
            DISTANCES.into_iter().flat_map(of).collect()
        })
    }),
    finite("linkage", |input| {
        about(distances(input).ok(), |distances| {
            let of = |method| merges(linkage(distances.clone(), method));
            Linkage::ALL.into_iter().flat_map(of).collect()
        })
    }),
    finite("leaf_order", |input| about(tree(input), |(_, merges)| counts(leaf_order(&merges)))),
    finite("optimally_ordered", |input| {
        about(tree(input), |(distances, plain)| merges(Ok(optimally_ordered(&plain, &distances))))
    }),
    finite("cut_tree", |input| {
        about(tree(input), |(_, merges)| counts(cut_tree(&merges, input.count)))
    }),
    finite("cluster_count", |input| {
        about(tree(input), |(distances, merges)| {
            let of = |dispersion| {
                let whole = cluster_count(&distances, &merges, dispersion).ok();
                let short =
                    cluster_count(&distances, &merges[1.min(merges.len())..], dispersion).ok();
                [whole, short].map(|count| count.map(|count| count as f64))
            };
            [Dispersion::MeanDistance, Dispersion::DistanceDeviation]
                .into_iter()
                .flat_map(of)
                .collect()
        })
    }),
    finite("recursive_bisection", |input| {
        let orders = orders(input.matrix().map_or(0, |matrix| matrix.order()), input.count);
        let of = |order: Vec<usize>| weights(input, |matrix| recursive_bisection(matrix, &order));
        orders.into_iter().flat_map(of).collect()
    }),
    finite("recursive_bisection_within", |input| {
        bounded(input, |matrix, bounds| {
            let [forward, ..] = orders(matrix.order(), input.count);
            recursive_bisection_within(matrix, &forward, bounds)
        })
    }),
    finite("hrp_weights", |input| {
        let of = |distance| {
            let options = HrpOptions { linkage: Linkage::Single, distance };
            weights(input, |matrix| hrp_weights(matrix, options).map(|found| found.weights))
        };
        DISTANCES.into_iter().flat_map(of).collect()
    }),
    finite("hrp_portfolio", |input| {
        let options = HrpOptions { linkage: Linkage::Ward, distance: Distance::Correlation };
        bounded(input, |matrix, bounds| {
            let found = hrp_portfolio(matrix, options, LeafOrder::Optimal, Some(bounds))?;
            Ok(found.weights)
        })
    }),
    finite("herc_weights", |input| {
        about(tree(input), |(_, merges)| {
            let of = |within| {
                weights(input, |matrix| herc_weights(matrix, &merges, input.count, within))
            };
            [
                of(Within::InverseVariance),
                of(Within::Equal),
                weights(input, |matrix| herc_weights(matrix, &[], 1, Within::Equal)),
            ]
            .concat()
        })
    }),
    finite("nco_weights", |input| {
        let by = |labels: &dyn Fn(usize) -> usize| {
            weights(input, |matrix| {
                let labels: Vec<usize> = (0..matrix.order()).map(labels).collect();
                nco_weights(matrix, &labels)
            })
        };
        [by(&|asset| asset / 2), by(&|_| input.count), by(&|asset| asset * 2)].concat()
    }),
    finite("equal_risk_contribution", |input| weights(input, equal_risk_contribution)),
    finite("risk_contributions", |input| {
        weights(input, |matrix| {
            let count = matrix.order();
            let tilted: Vec<f64> = (0..count).map(|at| input.share - at as f64 * 0.1).collect();
            risk_contributions(matrix, &tilted)
        })
    }),
    finite("inverse_variance", |input| weights(input, inverse_variance)),
    finite("minimum_variance", |input| bounded(input, minimum_variance)),
];
