// What hierarchical risk parity takes: correlations and their distances, from packed covariances.

// Correlations, in place; with `distances`, what stands beside the diagonal becomes `sqrt((1 - rho) / 2)`. The
// flag of a window is set to 1 where a variance is not positive, or a cell no number.
// Grid: (windows), 128 threads.
KERNEL __launch_bounds__(128) correlations(double *cells, double *flags, i64 order, i64 distances) {
  __shared__ double shared[128];
  double *window = cells + (i64)blockIdx.x * (order * (order + 1) / 2);
  int thread = (int)threadIdx.x;
  double broken = 0.0;
  // Rows from the last to the first would overwrite variances that are still to be read: cells beside the
  // diagonal come first.
  for (i64 i = 0; i < order; i++) {
    double own = sqrt(window[before_row(i, order)]);
    for (i64 j = i + 1 + thread; j < order; j += 128) {
      double *cell = window + before_row(i, order) + j - i;
      double rho = *cell / (own * sqrt(window[before_row(j, order)]));
      if (!is_number(rho)) broken = 1.0;
      *cell = distances ? sqrt(larger(0.0, (1.0 - rho) * 0.5)) : rho;
    }
  }
  __syncthreads();
  for (i64 i = thread; i < order; i += 128) {
    double *variance = window + before_row(i, order);
    if (!(*variance > 0.0) || !is_number(*variance)) broken = 1.0;
    *variance = distances ? 0.0 : 1.0;
  }
  double total = add_up(broken, shared);
  if (thread == 0 && total > 0.0) flags[blockIdx.x] = 1.0;
}
