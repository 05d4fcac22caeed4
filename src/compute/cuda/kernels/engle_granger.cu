// Engle-Granger tests of the pairs of a tile, both directions, from the products of their columns.
//
// Formulas, letters and error bounds are those of `src/compute/cpu/engle_granger`: `one_lag.rs` for the closed
// form, `residual.rs` for any number of lags and their search. A table holds what a series brings, series
// side by side; see `Of`.

#define SAFETY 64.0
#define GRAINS 8.0
#define LARGEST_KAPPA 5e5
#define HALF_EPSILON 1.1102230246251565e-16

// One series of a table for `lags` lags. Rows of the table: squares of the planes (lags + 2), levels from the
// first row on (lags + 1), from the last one back (lags + 1), then the five below.
struct Of {
  const double *at;
  i64 width;
  i64 lags;

  __device__ __forceinline__ double row(i64 k) const { return at[k * width]; }
  __device__ __forceinline__ double own(i64 k) const { return row(k); }
  __device__ __forceinline__ double head(i64 s) const { return row(lags + 2 + s); }
  __device__ __forceinline__ double tail(i64 s) const { return row(2 * lags + 3 + s); }
  __device__ __forceinline__ double inverse() const { return row(3 * lags + 4); }
  __device__ __forceinline__ double length() const { return row(3 * lags + 5); }
  __device__ __forceinline__ double slope() const { return row(3 * lags + 6); }
  __device__ __forceinline__ double size() const { return row(3 * lags + 7); }
  __device__ __forceinline__ double floor() const { return row(3 * lags + 8); }
};

struct Found {
  double statistic;
  double error;
};

// Infinite unless `low < high`; so for a NaN too.
__device__ __forceinline__ double if_below(double low, double high, double error) {
  return low < high ? error : endless();
}

// `from - a b`, rounded once.
__device__ __forceinline__ double less(double from, double a, double b) {
  return fma(-a, b, from);
}

__device__ __forceinline__ double square_of(double b, double yy, double xx, double xy) {
  return less(yy, b, less(xy + xy, b, xx));
}

__device__ Found one_lag(const Of &y, const Of &x, const double cross[3], double rows) {
  double root_of_freedom = sqrt(rows - 4.0), root_of_rows = sqrt(rows);
  double b = cross[0] * x.inverse();
  double yy = y.own(0), v_yy = y.own(1), v_xx = x.own(1);
  double squares = less(yy, b, cross[0]);
  double moves = square_of(b, v_yy, v_xx, cross[1]);
  double sums = square_of(b, y.own(2), x.own(2), cross[2]);
  double e0 = less(y.head(0), b, x.head(0)), e1 = less(y.head(1), b, x.head(1));
  double t0 = less(y.tail(0), b, x.tail(0)), t1 = less(y.tail(1), b, x.tail(1));
  double first = (e1 - e0) * (e1 - e0), last = (t0 - t1) * (t0 - t1);
  double own = moves - first, before = moves - last;
  double lagged = 0.5 * (sums - (moves + moves) + (first + last));
  double s0 = t0 * t0, s1 = t1 * t1, f0 = e0 * e0, f1 = e1 * e1;
  double along = 0.5 * (s0 - f1 - own);
  double turned = 0.5 * (s1 - f0 + before);
  double level = squares - s0 - f0;
  double c = less(before * level, turned, turned);
  double s = less(before * along, turned, lagged);
  double r = less(before * own, lagged, lagged);
  double scale = 1.0 / sqrt(less(c * r, s, s));
  Found found;
  found.statistic = s * root_of_freedom * scale;
  double squares_moves = squares * moves, moves_c = moves * c;
  double inverse = 1.0 / (squares_moves * c);
  double per_square = moves_c * inverse, per_move = squares * c * inverse;
  double share = before * level * (squares_moves * inverse);
  double per_root = sqrt(per_move);
  double kappa = yy * per_square + (v_yy + b * b * v_xx) * per_move +
                 y.length() * x.slope() * per_root;
  double grain = (y.size() + fabs(b) * x.size()) * per_root * root_of_rows;
  double spread = before * scale *
                  (fabs(found.statistic) * own * c * scale + root_of_freedom * (s0 + f1 + own));
  double error = HALF_EPSILON * (SAFETY * kappa + GRAINS * grain) * share * spread;
  error = if_below(kappa, LARGEST_KAPPA, error);
  error = if_below(error, 1.0, error);
  double least = smaller(smaller(squares, moves), smaller(smaller(c, r), before));
  // What rounding has taken below zero is no sum of squares.
  error = if_below(0.0, least, error);
  found.error = if_below(y.floor(), squares, error);
  return found;
}

__device__ __forceinline__ void keep_found(
    u64 *survivors, double keep_below, i64 cell, int turned, i64 lag, const Found &found) {
  if (!(found.statistic - found.error <= keep_below) && is_number(found.error)) return;
  u64 *record = record_for(survivors, 3);
  record[0] = ((u64)cell * 2 + (u64)turned) | ((u64)lag << LAG_SHIFT);
  record[1] = bits_of(found.statistic);
  record[2] = bits_of(found.error);
}

// The closed form for one lag. Planes of a tile: products of levels, of differences, of sums of neighbouring
// differences. Cell `(z * TILE + i) * TILE + j`; the right series is explained, turned the left one. `rows` has the
// length of every problem. A record has a key, the statistic and its error.
// Grid: (TILE / 128, TILE, tiles), 128 threads.
KERNEL __launch_bounds__(128) engle_granger_one_lag(
    const double *planes, const double *table, const Tile *tiles, const i64 *rows, u64 *survivors,
    i64 width, double keep_below) {
  i64 i = blockIdx.y, j = (i64)blockIdx.x * 128 + threadIdx.x, z = blockIdx.z;
  Tile tile = tiles[z];
  if (i >= tile.left_columns || j >= tile.right_columns) return;
  if (tile.left == tile.right && j <= i) return;
  Of one = {table + tile.left + i, width, 1};
  Of other = {table + tile.right + j, width, 1};
  const double *at = planes + z * (3 * TILE * TILE) + i * TILE + j;
  double cross[3] = {at[0], at[TILE * TILE], at[2 * TILE * TILE]};
  i64 cell = (z * TILE + i) * TILE + j;
  double n = (double)rows[tile.problem];
  keep_found(survivors, keep_below, cell, 0, 1, one_lag(other, one, cross, n));
  keep_found(survivors, keep_below, cell, 1, 1, one_lag(one, other, cross, n));
}

// Numbers that a thread works with, side by side with those of the others.
struct Desk {
  double *at;
  i64 threads;
  i64 lags;

  __device__ __forceinline__ double &number(i64 k) const { return at[k * threads]; }
  __device__ __forceinline__ double &lagged(i64 k) const { return number(k); }
  __device__ __forceinline__ double &head(i64 s) const { return number(lags + 1 + s); }
  __device__ __forceinline__ double &tail(i64 s) const { return number(2 * (lags + 1) + s); }
  __device__ __forceinline__ double &head_move(i64 k) const { return number(3 * (lags + 1) + k); }
  __device__ __forceinline__ double &tail_move(i64 k) const {
    return number(3 * (lags + 1) + lags + k);
  }
  __device__ __forceinline__ double &cell(i64 row, i64 column) const {
    return number(5 * lags + 3 + row * (lags + 2) + column);
  }
  // Cell `(row, column)` in any order of the two.
  __device__ __forceinline__ double &either(i64 row, i64 column) const {
    return row < column ? cell(column, row) : cell(row, column);
  }
  __device__ __forceinline__ double &inverse(i64 k) const {
    return number(5 * lags + 3 + (lags + 2) * (lags + 2) + k);
  }

  // The first `columns` columns of the factor of the first `order` rows; answers the least share of a column's
  // square that those before it leave.
  __device__ double factor(i64 order, i64 columns) const {
    double least = 1.0;
    for (i64 c = 0; c < columns; c++) {
      double own = cell(c, c);
      for (i64 r = c; r < order; r++) {
        double left = cell(r, c);
        for (i64 k = 0; k < c; k++) left = less(left, cell(r, k), cell(c, k) * inverse(k));
        cell(r, c) = left;
      }
      inverse(c) = 1.0 / cell(c, c);
      least = smaller(cell(c, c) / own, least);
    }
    return least;
  }

  __device__ __forceinline__ double taken(i64 row, i64 column) const {
    return cell(row, column) * cell(row, column) * inverse(column);
  }

  // What `columns` columns of the factor leave of the square of the last row.
  __device__ double left_of(i64 row, i64 columns, double from) const {
    for (i64 k = 0; k < columns; k++) from = less(from, cell(row, k), cell(row, k) * inverse(k));
    return from;
  }
};

struct Residual {
  Desk desk;
  double rows, kappa, grain, squares, floor;

  __device__ void regress(const Of &y, const Of &x, const double *plane, i64 plane_size) {
    i64 lags = desk.lags;
    double yy = y.own(0), xx = x.own(0), xy = plane[0];
    double b = xy / xx;
    squares = yy - b * xy;
    floor = y.floor();
    double v_yy = y.own(1), v_xx = x.own(1);
    double moves = v_yy - b * (2.0 * plane[plane_size] - b * v_xx);
    double per_square = 1.0 / squares, per_move = 1.0 / moves;
    kappa = yy * per_square + (v_yy + b * b * v_xx) * per_move + sqrt(yy * v_xx * per_move / xx);
    grain = (y.size() + fabs(b) * x.size()) * sqrt(rows * per_move);
    desk.lagged(0) = moves;
    for (i64 s = 0; s <= lags; s++) {
      desk.head(s) = y.head(s) - b * x.head(s);
      desk.tail(s) = y.tail(s) - b * x.tail(s);
    }
    double ends = 0.0;
    for (i64 k = 1; k <= lags; k++) {
      double early = desk.head(k) - desk.head(k - 1), late = desk.tail(k - 1) - desk.tail(k);
      desk.head_move(k - 1) = early;
      desk.tail_move(k - 1) = late;
      ends = ends + early * early + late * late;
      double sums = y.own(k + 1) - b * (2.0 * plane[(k + 1) * plane_size] - b * x.own(k + 1));
      desk.lagged(k) = 0.5 * (sums - 2.0 * moves + ends);
    }
  }

  __device__ void moments(i64 lag, int level_first) {
    i64 from = level_first ? 1 : 0, level = level_first ? 0 : lag, target = lag + 1;
    for (i64 k = 0; k <= lag; k++) {
      double product = desk.lagged(k);
      for (i64 s = 0; s < lag - k; s++) product = less(product, desk.head_move(k + s), desk.head_move(s));
      desk.cell(target, k == 0 ? target : from + k - 1) = product;
    }
    double end = desk.tail(0), start = desk.head(lag);
    desk.cell(target, level) = 0.5 * (end * end - start * start - desk.cell(target, target));
    for (i64 c = 1; c <= lag; c++) {
      double first = desk.head_move(lag - c), last = desk.tail_move(c - 1);
      i64 row = from + c - 1;
      double sum = 0.0, own = 0.0;
      for (i64 q = 0; q < c; q++) {
        double before = q > 0   ? desk.cell(row - 1, from + q - 1)
                        : c > 1 ? desk.cell(target, from + c - 2)
                                : desk.cell(target, target);
        own = less(fma(desk.head_move(lag - 1 - q), first, before), desk.tail_move(q), last);
        desk.cell(row, from + q) = own;
        sum += own;
      }
      double early = desk.head(lag - c), late = desk.tail(c);
      desk.either(row, level) = 0.5 * (late * late - early * early - own) + sum;
    }
    double of_level = less(squares, end, end);
    for (i64 s = 0; s < lag; s++) of_level = less(of_level, desk.head(s), desk.head(s));
    desk.cell(level, level) = of_level;
  }

  __device__ double rounding(double least) const {
    double found = HALF_EPSILON * (SAFETY * kappa + GRAINS * grain) / least;
    return if_below(0.0, smaller(smaller(least, squares), desk.lagged(0)), found);
  }

  __device__ Found statistic(i64 lag) {
    moments(lag, 0);
    i64 target = lag + 1;
    double moves = desk.cell(target, target);
    double least = desk.factor(lag + 2, lag + 1);
    double left = desk.left_of(target, target, moves);
    double freedom = rows - 1.0 - (double)lag - (double)target;
    double scale = sqrt(freedom / left), per_level = sqrt(desk.inverse(lag));
    Found found;
    found.statistic = desk.cell(target, lag) * per_level * scale;
    double end = desk.tail(0), start = desk.head(lag);
    double ends = end * end + start * start + moves;
    double spread = fabs(found.statistic) * moves / left + scale * per_level * ends;
    double error = rounding(least) * spread;
    error = if_below(kappa, LARGEST_KAPPA, error);
    error = if_below(error, 1.0, error);
    found.error = if_below(floor, squares, error);
    return found;
  }

  // The lag order by a penalty (1) or by significance (2); `doubt` is infinite where two are too near to
  // tell.
  __device__ i64 search(int rule, const double *factors, double *doubt) {
    i64 lags = desk.lags, target = lags + 1, chosen = 0;
    moments(lags, 1);
    double moves = desk.cell(target, target);
    double least = desk.factor(lags + 2, lags + 1);
    double left = desk.left_of(target, target, moves);
    double near = rounding(least) * moves / left;
    *doubt = 0.0;
    if (rule == 1) {
      double best = endless(), second = endless();
      for (i64 lag = lags; lag >= 0; lag--) {
        double value = left * factors[lag];
        int better = value <= best;
        second = smaller(better ? best : value, second);
        chosen = better ? lag : chosen;
        best = smaller(value, best);
        left += desk.taken(target, lag);
      }
      double margin = (second - best) / best - near - near;
      if (!(margin > 0.0)) *doubt = endless();
      return chosen;
    }
    for (i64 lag = lags; lag >= 1; lag--) {
      double ratio = desk.taken(target, lag) / (left * factors[lag]);
      double away = fabs(ratio - 1.0) - (near + near) * (ratio + 1.0);
      if (!(away > 0.0)) *doubt = endless();
      if (ratio >= 1.0) return lag;
      left += desk.taken(target, lag);
    }
    return chosen;
  }
};

// Any number of lags, fixed (`rule` 0) or searched for by a penalty (1) or by significance (2). `factors` has
// `lags + 1` numbers a problem; `desks` has the numbers of as many threads as the grid has.
// Grid: (threads / 128), 128 threads that share the cells of all tiles.
KERNEL __launch_bounds__(128, 1) engle_granger_lags(
    const double *planes, const double *table, const Tile *tiles, const i64 *rows, u64 *survivors,
    i64 width, double keep_below, double *desks, const double *factors, i64 lags, i64 rule,
    i64 count) {
  i64 thread = (i64)blockIdx.x * 128 + threadIdx.x, threads = (i64)gridDim.x * 128;
  for (i64 cell = thread; cell < count * TILE * TILE; cell += threads) {
    i64 j = cell % TILE, i = cell / TILE % TILE, z = cell / (TILE * TILE);
    Tile tile = tiles[z];
    if (i >= tile.left_columns || j >= tile.right_columns) continue;
    if (tile.left == tile.right && j <= i) continue;
    Of one = {table + tile.left + i, width, lags};
    Of other = {table + tile.right + j, width, lags};
    const double *plane = planes + (z * (lags + 2) * TILE + i) * TILE + j;
    for (int turned = 0; turned < 2; turned++) {
      Residual residual;
      residual.desk.at = desks + thread;
      residual.desk.threads = threads;
      residual.desk.lags = lags;
      residual.rows = (double)rows[tile.problem];
      residual.regress(turned ? one : other, turned ? other : one, plane, TILE * TILE);
      double doubt = 0.0;
      i64 lag = lags;
      if (rule) lag = residual.search((int)rule, factors + tile.problem * (lags + 1), &doubt);
      Found found = residual.statistic(lag);
      found.error += doubt;
      keep_found(survivors, keep_below, cell, turned, lag, found);
    }
  }
}
