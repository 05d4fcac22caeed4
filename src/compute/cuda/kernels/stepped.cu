// Covariances of windows that step through the rows, by what comes in and what goes out.
//
// A thread walks one pair of columns through a segment: the first window is summed afresh, around the
// means over it, and every later one is the one before it, plus the rows that came, less those that
// went. Segments begin at fixed windows, so that a window's bits do not depend on who asks.

// Share of the largest squares since the segment's start that has to be left in a window.
#define LEAST_LEFT 1e-3

// Columns stand side by side in a row. Window `w` has rows `w * step .. w * step + length`; segment `s` begins
// at window `(first_segment + s) * restart` and its windows up to `last` are written from number `first` on.
// `unclear[w][i]` is set to 1 where the cells of column `i` are left to the plain path.
// Grid: (cells / 128, segments), 128 threads.
KERNEL __launch_bounds__(128) stepped_covariances(
    const double *rows_of_columns, double *cells, double *unclear, i64 order, i64 length, i64 step,
    i64 restart, i64 first_segment, i64 first, i64 last, double divisor) {
  i64 i = blockIdx.y, j = (i64)blockIdx.x * 128 + threadIdx.x;
  if (j >= order || j < i) return;
  i64 begin = (first_segment + blockIdx.z) * restart;
  const double *x = rows_of_columns + begin * step * order;
  double n = (double)length, sum_i = 0.0, sum_j = 0.0;
  for (i64 t = 0; t < length; t++) {
    sum_i += x[t * order + i];
    sum_j += x[t * order + j];
  }
  double center_i = sum_i / n, center_j = sum_j / n;
  double product = 0.0, most = 0.0, largest = 0.0;
  sum_i = 0.0;
  sum_j = 0.0;
  for (i64 t = 0; t < length; t++) {
    double a = x[t * order + i] - center_i, b = x[t * order + j] - center_j;
    largest = larger(largest, fabs(x[t * order + i]));
    sum_i += a;
    sum_j += b;
    product = fma(a, b, product);
  }
  i64 cells_of_window = order * (order + 1) / 2;
  i64 cell = before_row(i, order) + j - i;
  for (i64 window = begin; window < begin + restart && window < last; window++) {
    if (window > begin) {
      const double *went = rows_of_columns + (window - 1) * step * order;
      const double *came = went + length * order;
      for (i64 t = 0; t < step; t++) {
        double a = came[t * order + i] - center_i, b = came[t * order + j] - center_j;
        double c = went[t * order + i] - center_i, d = went[t * order + j] - center_j;
        largest = larger(largest, fabs(came[t * order + i]));
        sum_i += a - c;
        sum_j += b - d;
        product = fma(a, b, product);
        product = fma(-c, d, product);
      }
    }
    double own = product - sum_i * sum_j / n;
    if (i == j) {
      most = larger(most, product);
      double least = LEAST_RANGE * largest * (1.0 + n / 64.0);
      int clear = own > LEAST_LEFT * most && own / n > least * least;
      if (window >= first) unclear[(window - first) * order + i] = clear ? 0.0 : 1.0;
    }
    if (window >= first) cells[(window - first) * cells_of_window + cell] = own / divisor;
  }
}
