// Covariance and correlation of every pair of columns over its common rows. NaN is missing.

#define PAIR_EDGE 32
#define PAIR_DEPTH 16

// Columns of a window less the means of their own rows, NaN where missing and after the window's last row.
// `squares` is the sum of the squares of a column; infinite where it hardly moves, so that no share of it is
// enough. Grid: (columns), 128 threads.
KERNEL __launch_bounds__(128) center_present(
    const double *columns, double *centered, double *squares, i64 column_stride, i64 start,
    i64 rows) {
  __shared__ double shared[128];
  __shared__ double lows[128];
  __shared__ double highs[128];
  const double *values = columns + (i64)blockIdx.x * column_stride + start;
  double *target = centered + (i64)blockIdx.x * rows;
  int thread = (int)threadIdx.x;
  double sum = 0.0, count = 0.0, low = endless(), high = -endless();
  for (i64 t = thread; t < rows; t += 128) {
    double x = values[t];
    if (x == x) {
      sum += x;
      count += 1.0;
      low = smaller(x, low);
      high = larger(x, high);
    }
  }
  double there = add_up(count, shared);
  double total = add_up(sum, shared);
  double mean = there > 0.0 ? total / there : 0.0;
  double own = 0.0;
  for (i64 t = thread; t < rows; t += 128) {
    double z = values[t] - mean;
    target[t] = z;
    if (z == z) own += z * z;
  }
  double all = add_up(own, shared);
  lows[thread] = low;
  highs[thread] = high;
  __syncthreads();
  if (thread == 0) {
    for (int k = 1; k < 128; k++) {
      low = smaller(lows[k], low);
      high = larger(highs[k], high);
    }
    squares[blockIdx.x] = clearly_moves(low, high, (i64)there) ? all : endless();
  }
}

// Estimates and common rows of every pair with `i <= j`, in squares of rows. Where the common rows hold too
// little of a column's squares the count is negative: the plain path has to look.
// Grid: (order / 32, order / 32), 256 threads, a thread has 2 x 2 pairs.
KERNEL __launch_bounds__(256) pairwise_moments(
    const double *centered, const double *squares, double *matrix, double *counts, i64 order,
    i64 rows, i64 least, i64 correlate) {
  __shared__ double a[PAIR_DEPTH][PAIR_EDGE + 1];
  __shared__ double b[PAIR_DEPTH][PAIR_EDGE + 1];
  i64 across = (i64)blockIdx.x * PAIR_EDGE, down = (i64)blockIdx.y * PAIR_EDGE;
  if (across + PAIR_EDGE <= down) return;
  int thread = (int)threadIdx.x, tx = thread % 16, ty = thread / 16;
  double both[2][2], left[2][2], right[2][2], lefts[2][2], rights[2][2], common[2][2];
#pragma unroll
  for (int u = 0; u < 2; u++)
#pragma unroll
    for (int v = 0; v < 2; v++) {
      both[u][v] = left[u][v] = right[u][v] = 0.0;
      lefts[u][v] = rights[u][v] = common[u][v] = 0.0;
    }
  double missing = endless() - endless();
  for (i64 from = 0; from < rows; from += PAIR_DEPTH) {
    for (int k = 0; k < 2; k++) {
      int column = ty + 16 * k;
      i64 row = from + tx;
      int here = row < rows;
      a[tx][column] = here && down + column < order ? centered[(down + column) * rows + row] : missing;
      b[tx][column] =
          here && across + column < order ? centered[(across + column) * rows + row] : missing;
    }
    __syncthreads();
    for (int t = 0; t < PAIR_DEPTH; t++) {
      double x[2] = {a[t][ty], a[t][ty + 16]}, y[2] = {b[t][tx], b[t][tx + 16]};
#pragma unroll
      for (int u = 0; u < 2; u++)
#pragma unroll
        for (int v = 0; v < 2; v++) {
          int here = x[u] == x[u] && y[v] == y[v];
          double p = here ? x[u] : 0.0, q = here ? y[v] : 0.0;
          both[u][v] = fma(p, q, both[u][v]);
          lefts[u][v] = fma(p, p, lefts[u][v]);
          rights[u][v] = fma(q, q, rights[u][v]);
          left[u][v] += p;
          right[u][v] += q;
          common[u][v] += here ? 1.0 : 0.0;
        }
    }
    __syncthreads();
  }
#pragma unroll
  for (int u = 0; u < 2; u++) {
    i64 i = down + ty + 16 * u;
#pragma unroll
    for (int v = 0; v < 2; v++) {
      i64 j = across + tx + 16 * v;
      if (i >= order || j >= order || j < i) continue;
      double n = common[u][v];
      double own_i = lefts[u][v] - left[u][v] * left[u][v] / n;
      double own_j = rights[u][v] - right[u][v] * right[u][v] / n;
      double moment = both[u][v] - left[u][v] * right[u][v] / n;
      int enough = n >= (double)least && n >= 2.0;
      int clear = own_i > 1e-3 * squares[i] && own_j > 1e-3 * squares[j];
      double found = correlate ? moment / sqrt(own_i * own_j) : moment / (n - 1.0);
      if (correlate) found = i == j ? 1.0 : larger(-1.0, smaller(1.0, found));
      matrix[i * order + j] = enough ? found : missing;
      counts[i * order + j] = enough && !clear ? -n : n;
    }
  }
}
