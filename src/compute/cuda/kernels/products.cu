// Products of columns: `cells[z][i][j] = scales[problem] * sum_t left[i][t] * right[j][t]` for tile `z`.
//
// A block has 64 x 64 cells, a thread 4 x 4 of them in registers; 16 rows at a time stand in shared
// memory. The order is that of the processor's product (`src/compute/cpu/product`): 128 rows are added up by
// fused products and sums, and what they come to is added to the cell.

#define EDGE 64
#define DEPTH 16
// Rows that are added up before they are added to a cell.
#define SPAN 128

// Columns have `stride` words; a row of cells has `cell_stride`. `scales` may be null: one. So may `lengths`, the rows
// of each problem, of which the last `shorter` are left out: all have `rows`. With `triangle`, blocks below the
// diagonal of a tile of columns with themselves are left as they are.
// Grid: (right / 64, left / 64, tiles), 256 threads.
KERNEL __launch_bounds__(256, 2) products(
    const double *left, const double *right, double *cells, const Tile *tiles, const double *scales,
    const i64 *lengths, i64 rows, i64 shorter, i64 stride, i64 cell_stride, i64 cell_batch,
    i64 triangle) {
  __shared__ double a[DEPTH][EDGE + 1];
  __shared__ double b[DEPTH][EDGE + 1];
  int across = (int)blockIdx.x * EDGE, down = (int)blockIdx.y * EDGE;
  Tile tile = tiles[blockIdx.z];
  if (triangle && tile.left == tile.right && across + EDGE <= down) return;
  i64 left_columns = tile.left_columns, right_columns = tile.right_columns;
  if (across >= right_columns || down >= left_columns) return;
  int thread = (int)threadIdx.x;
  int tx = thread % 16, ty = thread / 16;
  const double *from_left = left + tile.left * stride;
  const double *from_right = right + tile.right * stride;
  if (lengths) rows = lengths[tile.problem] - shorter;
  double scale = scales ? scales[tile.problem] : 1.0;
  double *out = cells + (i64)blockIdx.z * cell_batch;
  double sums[4][4];
#pragma unroll
  for (int u = 0; u < 4; u++)
#pragma unroll
    for (int v = 0; v < 4; v++) sums[u][v] = 0.0;
  for (i64 from = 0; from < rows; from += DEPTH) {
    // Sixteen neighbours read the rows of a column.
#pragma unroll
    for (int k = 0; k < 4; k++) {
      int column = ty + 16 * k;
      i64 row = from + tx;
      int here = row < rows;
      i64 of_left = down + column, of_right = across + column;
      a[tx][column] = here && of_left < left_columns ? from_left[of_left * stride + row] : 0.0;
      b[tx][column] =
          here && of_right < right_columns ? from_right[of_right * stride + row] : 0.0;
    }
    __syncthreads();
#pragma unroll
    for (int t = 0; t < DEPTH; t++) {
      double x[4], y[4];
#pragma unroll
      for (int u = 0; u < 4; u++) x[u] = a[t][ty + 16 * u];
#pragma unroll
      for (int v = 0; v < 4; v++) y[v] = b[t][tx + 16 * v];
#pragma unroll
      for (int u = 0; u < 4; u++)
#pragma unroll
        for (int v = 0; v < 4; v++) sums[u][v] = fma(x[u], y[v], sums[u][v]);
    }
    __syncthreads();
    if ((from + DEPTH) % SPAN != 0 && from + DEPTH < rows) continue;
    int is_first = from < SPAN, is_last = from + DEPTH >= rows;
#pragma unroll
    for (int u = 0; u < 4; u++) {
      i64 i = down + ty + 16 * u;
#pragma unroll
      for (int v = 0; v < 4; v++) {
        i64 j = across + tx + 16 * v;
        if (i < left_columns && j < right_columns) {
          double *cell = out + i * cell_stride + j;
          double sum = is_first ? sums[u][v] : *cell + sums[u][v];
          *cell = is_last ? sum * scale : sum;
        }
        sums[u][v] = 0.0;
      }
    }
  }
}

// Columns of windows less their means, zero after the last row of a window.
// Grid: (columns, windows), 128 threads. `flags` is set to 1 where the plain path has to look: a column that
// hardly moves, or a number that is none.
KERNEL __launch_bounds__(128) center(
    const double *columns, double *centered, const i64 *starts, const i64 *lengths, double *flags,
    i64 column_stride, i64 length_stride) {
  __shared__ double shared[128];
  __shared__ double lows[128];
  __shared__ double highs[128];
  i64 column = blockIdx.x, window = blockIdx.y, order = gridDim.x;
  i64 rows = lengths[window];
  const double *values = columns + column * column_stride + starts[window];
  double *target = centered + (window * order + column) * length_stride;
  int thread = (int)threadIdx.x;
  double nothing = 0.0, low = endless(), high = -endless();
  for (i64 t = thread; t < rows; t += 128) {
    double x = values[t];
    nothing += x - x;
    low = smaller(x, low);
    high = larger(x, high);
  }
  // Eight lanes, as the mean of the plain path has them.
  i64 whole = rows / 8 * 8;
  double lane = 0.0;
  for (i64 t = thread; thread < 8 && t < whole; t += 8) lane += values[t];
  shared[thread] = lane;
  __syncthreads();
  double mean = fold(shared, 1);
  for (i64 t = whole; t < rows; t++) mean += values[t];
  mean /= (double)rows;
  __syncthreads();
  int broken = !(add_up(nothing, shared) == 0.0) || !is_number(mean);
  lows[thread] = low;
  highs[thread] = high;
  __syncthreads();
  if (thread == 0) {
    for (int k = 1; k < 128; k++) {
      low = smaller(lows[k], low);
      high = larger(highs[k], high);
    }
    if (broken || !clearly_moves(low, high, rows)) flags[window] = 1.0;
  }
  for (i64 t = thread; t < length_stride; t += 128) target[t] = t < rows ? values[t] - mean : 0.0;
}

// `sum_t (sum_i x_ti^2)^2` of centred columns, for the intensity of Ledoit and Wolf.
// Grid: (windows), 128 threads.
KERNEL __launch_bounds__(128) fourth_moments(
    const double *centered, double *found, i64 order, i64 length_stride) {
  __shared__ double shared[128];
  const double *columns = centered + (i64)blockIdx.x * order * length_stride;
  double sum = 0.0;
  for (i64 t = threadIdx.x; t < length_stride; t += 128) {
    double squares = 0.0;
    for (i64 i = 0; i < order; i++) {
      double x = columns[i * length_stride + t];
      squares += x * x;
    }
    sum += squares * squares;
  }
  double total = add_up(sum, shared);
  if (threadIdx.x == 0) found[blockIdx.x] = total;
}

// Sums of differences `lag` apart, `(x_t+1 - x_t) + (x_t+1+lag - x_t+lag)`, or the differences themselves
// for no lag; zero after the last one. `rows` has the length of every column.
// Grid: (stride / 128, columns), 128 threads.
KERNEL __launch_bounds__(128) moves_apart(
    const double *levels, double *moves, const i64 *rows, i64 stride, i64 lag, i64 first_column) {
  i64 t = (i64)blockIdx.x * 128 + threadIdx.x, column = first_column + blockIdx.y;
  if (t >= stride) return;
  const double *x = levels + column * stride;
  double found = 0.0;
  if (t + lag + 1 < rows[column]) {
    double early = x[t + 1] - x[t];
    found = lag == 0 ? early : (x[t + lag + 1] - x[t + lag]) + early;
  }
  moves[column * stride + t] = found;
}
