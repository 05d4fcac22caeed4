// Covariances of many windows of few columns: a window is a block. Columns stand side by side in a row,
// so that the rows of a window are one piece of memory.
//
// Of 32 rows at a time the deviations are put into shared memory; a thread has up to nine cells of
// the triangle in registers. Means and cells are added up in the order of the processor's.

#define FEW_COLUMNS 64
#define CHUNK 32
#define CELLS_OF_THREAD 9
#define MOST_CELLS (FEW_COLUMNS * (FEW_COLUMNS + 1) / 2)

// Weights by age, the newest first; null for equal ones. The oldest row of a window has `oldest[w]` times
// its weight, and the weights are divided by `totals[w]` for the mean.
struct Fading {
  const double *ages;
  const double *oldest;
  const double *totals;
};

__device__ __forceinline__ double weight_of(
    const Fading &fading, i64 row, i64 rows, double oldest) {
  double weight = fading.ages[rows - 1 - row];
  return row == 0 ? weight * oldest : weight;
}

__device__ __forceinline__ void of_window(
    const double *values, i64 order, i64 rows, double scale, const Fading &fading, double oldest,
    double total, int about_plain_mean, double *cells, double *flag, double *fourth) {
  __shared__ double chunk[CHUNK][FEW_COLUMNS + 1];
  __shared__ double parts[3][4][FEW_COLUMNS];
  __shared__ double means[FEW_COLUMNS];
  __shared__ double weights[CHUNK];
  __shared__ double fourths[CHUNK];
  __shared__ unsigned char first[MOST_CELLS];
  __shared__ unsigned char second[MOST_CELLS];
  __shared__ int broken[FEW_COLUMNS];
  int thread = (int)threadIdx.x, n = (int)order;
  int cells_of_window = n * (n + 1) / 2;
  int column = thread % FEW_COLUMNS, part = thread / FEW_COLUMNS;
  if (column < n) {
    // Two of the eight lanes that the mean of the plain path has.
    i64 whole = rows / 8 * 8;
    double even = 0.0, odd = 0.0, low = endless(), high = -endless(), nothing = 0.0;
    for (i64 t = part; t < rows; t += 4) {
      double x = values[t * n + column];
      nothing += x - x;
      low = smaller(x, low);
      high = larger(x, high);
      double share = fading.ages && !about_plain_mean ? x * weight_of(fading, t, rows, oldest) : x;
      if (t < whole && t / 4 % 2 == 0) even += share;
      if (t < whole && t / 4 % 2 == 1) odd += share;
    }
    parts[0][part][column] = (even + odd) + nothing;
    parts[1][part][column] = low;
    parts[2][part][column] = high;
  }
  if (thread < n) {
    int at = (int)before_row(thread, n);
    for (int j = thread; j < n; j++) {
      first[at + j - thread] = (unsigned char)thread;
      second[at + j - thread] = (unsigned char)j;
    }
  }
  if (thread < CHUNK) fourths[thread] = 0.0;
  __syncthreads();
  if (thread < n) {
    double sum = (parts[0][0][thread] + parts[0][2][thread]) +
                 (parts[0][1][thread] + parts[0][3][thread]);
    for (i64 t = rows / 8 * 8; t < rows; t++) {
      double x = values[t * n + thread];
      sum += fading.ages && !about_plain_mean ? x * weight_of(fading, t, rows, oldest) : x;
    }
    double low = parts[1][0][thread], high = parts[2][0][thread];
    for (int k = 1; k < 4; k++) {
      low = smaller(parts[1][k][thread], low);
      high = larger(parts[2][k][thread], high);
    }
    double share = fading.ages && !about_plain_mean ? total : (double)rows;
    means[thread] = sum / share;
    broken[thread] = !is_number(sum) || !clearly_moves(low, high, rows);
  }
  double sums[CELLS_OF_THREAD], totals[CELLS_OF_THREAD];
#pragma unroll
  for (int k = 0; k < CELLS_OF_THREAD; k++) sums[k] = totals[k] = 0.0;
  __syncthreads();
  for (i64 from = 0; from < rows; from += CHUNK) {
    if (fading.ages && thread < CHUNK)
      weights[thread] = from + thread < rows ? weight_of(fading, from + thread, rows, oldest) : 0.0;
    for (int at = thread; at < CHUNK * n; at += 256) {
      int row = at / n, of = at - row * n;
      chunk[row][of] = from + row < rows ? values[from * n + at] - means[of] : 0.0;
    }
    __syncthreads();
    if (fourth && thread < CHUNK) {
      double squares = 0.0;
      for (int i = 0; i < n; i++) squares += chunk[thread][i] * chunk[thread][i];
      fourths[thread] += squares * squares;
    }
#pragma unroll
    for (int k = 0; k < CELLS_OF_THREAD; k++) {
      int cell = thread + 256 * k;
      if (cell < cells_of_window) {
        int i = first[cell], j = second[cell];
        double sum = sums[k];
        if (fading.ages) {
#pragma unroll 8
          for (int t = 0; t < CHUNK; t++) sum = fma(weights[t] * chunk[t][i], chunk[t][j], sum);
        } else {
#pragma unroll 8
          for (int t = 0; t < CHUNK; t++) sum = fma(chunk[t][i], chunk[t][j], sum);
        }
        sums[k] = sum;
      }
    }
    if ((from + CHUNK) % SPAN == 0 || from + CHUNK >= rows) {
#pragma unroll
      for (int k = 0; k < CELLS_OF_THREAD; k++) {
        totals[k] = from < SPAN ? sums[k] : totals[k] + sums[k];
        sums[k] = 0.0;
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int k = 0; k < CELLS_OF_THREAD; k++) {
    int cell = thread + 256 * k;
    if (cell < cells_of_window) cells[cell] = totals[k] * scale;
  }
  if (thread == 0) {
    double looked_at = 0.0;
    for (int i = 0; i < n; i++)
      if (broken[i]) looked_at = 1.0;
    *flag = looked_at;
    if (fourth) {
      double sum = 0.0;
      for (int t = 0; t < CHUNK; t++) sum += fourths[t];
      *fourth = sum;
    }
  }
}

// Packed triangles of `windows`, times `scales`; `fourths` as in fourth_moments, or null.
// Grid: (windows), 256 threads, up to 64 columns.
KERNEL __launch_bounds__(256) window_covariances(
    const double *rows_of_columns, const i64 *starts, const i64 *lengths, const double *scales,
    double *cells, double *flags, double *fourths, i64 order) {
  i64 window = blockIdx.x;
  Fading equal = {0, 0, 0};
  of_window(rows_of_columns + starts[window] * order, order, lengths[window], scales[window], equal,
            1.0, 1.0, 0, cells + window * (order * (order + 1) / 2), flags + window,
            fourths ? fourths + window : 0);
}

// The same with weights that fade. With `about_plain_mean` deviations are from the unweighted mean.
// Grid: (windows), 256 threads, up to 64 columns.
KERNEL __launch_bounds__(256) faded_covariances(
    const double *rows_of_columns, const i64 *starts, const i64 *lengths, const double *scales,
    const double *ages, const double *oldest, const double *totals, double *cells, double *flags,
    i64 order, i64 about_plain_mean) {
  i64 window = blockIdx.x;
  Fading fading = {ages, oldest, totals};
  of_window(rows_of_columns + starts[window] * order, order, lengths[window], scales[window], fading,
            oldest[window], totals[window], (int)about_plain_mean,
            cells + window * (order * (order + 1) / 2), flags + window, 0);
}
