// Johansen's trace tests of the pairs of a tile, from the products of their columns.
//
// Formulas and letters are those of `src/compute/cpu/johansen/system.rs`. Variables of a series are its
// differences 0 to `lags` back, then its level one back; a table holds, series side by side, the moments of
// variables `u <= v` of a series with itself, its components along the deterministic terms, levels
// from the first row on and from the last one back, and its grain.

struct Member {
  const double *at;
  i64 width;
  i64 lags;
  i64 terms;

  __device__ __forceinline__ double row(i64 k) const { return at[k * width]; }
  __device__ __forceinline__ double own(i64 u, i64 v) const { return row(u * (lags + 2) + v); }
  __device__ __forceinline__ double along(i64 term, i64 u) const {
    return row((lags + 2) * (lags + 2 + term) + u);
  }
  __device__ __forceinline__ double head(i64 s) const {
    return row((lags + 2) * (lags + 2 + terms) + s);
  }
  __device__ __forceinline__ double tail(i64 s) const {
    return row((lags + 2) * (lags + 2 + terms) + lags + 1 + s);
  }
  __device__ __forceinline__ double grain() const {
    return row((lags + 2) * (lags + 2 + terms) + 2 * (lags + 1));
  }
  __device__ __forceinline__ double early(i64 s) const { return head(s) - head(s - 1); }
  __device__ __forceinline__ double late(i64 s) const { return tail(s) - tail(s + 1); }
};

struct System {
  double *at;
  i64 threads;
  i64 lags;

  // Row of variable `u` of series `of`: lagged differences, differences, levels.
  __device__ __forceinline__ i64 place(i64 u, i64 of) const {
    i64 block = u == lags + 1 ? lags + 1 : (u == 0 ? lags : u - 1);
    return block * 2 + of;
  }
  __device__ __forceinline__ double &cell(i64 row, i64 column) const {
    i64 low = row < column ? row : column, high = row < column ? column : row;
    return at[(high * (2 * (lags + 2)) + low) * threads];
  }
  __device__ __forceinline__ double &inverse(i64 k) const {
    i64 order = 2 * (lags + 2);
    return at[(order * order + k) * threads];
  }
  // The moment of variable `u` of the first series and `v` of the second.
  __device__ __forceinline__ double &cross(i64 u, i64 v) const {
    return cell(place(u, 0), place(v, 1));
  }

  __device__ double factor() const {
    i64 order = 2 * (lags + 2), columns = 2 * (lags + 1);
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

  // What columns `from .. to` of the factor leave of `start` in cell `(i, j)` of the levels.
  __device__ double left_of(i64 i, i64 j, i64 from, i64 to, double start) const {
    i64 first = 2 * (lags + 1);
    for (i64 k = from; k < to; k++) start = less(start, cell(first + i, k), cell(first + j, k) * inverse(k));
    return start;
  }
};

__device__ void moments_of_pair(
    const System &system, const Member &a, const Member &b, const double *plane, i64 plane_size) {
  i64 lags = system.lags, level = lags + 1;
  for (i64 u = 0; u < lags + 2; u++)
    for (i64 v = u; v < lags + 2; v++) {
      system.cell(system.place(u, 0), system.place(v, 0)) = a.own(u, v);
      system.cell(system.place(u, 1), system.place(v, 1)) = b.own(u, v);
    }
  for (i64 k = 0; k <= lags; k++) {
    double later = plane[(k == 0 ? 2 : 1 + 2 * k) * plane_size];
    double earlier = k == 0 ? later : plane[(2 + 2 * k) * plane_size];
    for (i64 s = k + 1; s <= lags; s++) {
      later -= a.early(s) * b.early(s - k);
      earlier -= a.early(s - k) * b.early(s);
    }
    for (i64 s = 0; s <= lags - k; s++) {
      system.cross(s, s + k) = later;
      system.cross(s + k, s) = earlier;
      if (s < lags - k) {
        i64 near = lags - s, far = lags - s - k;
        later = later + a.early(near) * b.early(far) - a.late(s) * b.late(s + k);
        earlier = earlier + a.early(far) * b.early(near) - a.late(s + k) * b.late(s);
      }
    }
  }
  double level_move = plane[plane_size];
  double move_level = a.tail(0) * b.tail(0) - a.head(0) * b.head(0) - level_move - plane[2 * plane_size];
  for (i64 back = 0; back <= lags; back++) {
    double forward = level_move, turned = move_level;
    for (i64 s = 1; s <= lags - back; s++) {
      forward -= a.head(s - 1) * b.early(s);
      turned -= a.early(s) * b.head(s - 1);
    }
    for (i64 s = 1; s <= back; s++) {
      forward -= a.tail(s) * b.late(s - 1);
      turned -= a.late(s - 1) * b.tail(s);
    }
    for (i64 s = 1; s <= back; s++) {
      forward += system.cross(s, back);
      turned += system.cross(back, s);
    }
    double forward_along = 0.0, turned_along = 0.0;
    for (i64 term = 0; term < a.terms; term++) {
      forward_along += a.along(term, level) * b.along(term, back);
      turned_along += a.along(term, back) * b.along(term, level);
    }
    system.cross(level, back) = forward - forward_along;
    system.cross(back, level) = turned - turned_along;
  }
  double levels = plane[0] - a.tail(0) * b.tail(0);
  for (i64 s = 0; s < lags; s++) levels -= a.head(s) * b.head(s);
  double levels_along = 0.0;
  for (i64 term = 0; term < a.terms; term++) levels_along += a.along(term, level) * b.along(term, level);
  system.cross(level, level) = levels - levels_along;
  for (i64 u = 0; u <= lags; u++)
    for (i64 v = 0; v <= lags; v++) {
      double along = 0.0;
      for (i64 term = 0; term < a.terms; term++) along += a.along(term, u) * b.along(term, v);
      system.cross(u, v) -= along;
    }
}

// Sum and product of the two eigenvalues and their rounding, of every pair whose trace statistic may be of
// interest: `1 - sum + product` at most `bounds[problem]`, or not to be told. Planes of a tile: levels, level and
// move, moves, then moves later and earlier by each lag. A record has a key and the three numbers.
// Grid: (threads / 128), 128 threads that share the cells of all tiles.
KERNEL __launch_bounds__(128, 1) johansen_pairs(
    const double *planes, const double *table, const Tile *tiles, const double *bounds,
    u64 *survivors, i64 width, double *desks, i64 lags, i64 terms, i64 count) {
  i64 thread = (i64)blockIdx.x * 128 + threadIdx.x, threads = (i64)gridDim.x * 128;
  System system = {desks + thread, threads, lags};
  for (i64 cell = thread; cell < count * TILE * TILE; cell += threads) {
    i64 j = cell % TILE, i = cell / TILE % TILE, z = cell / (TILE * TILE);
    Tile tile = tiles[z];
    if (i >= tile.left_columns || j >= tile.right_columns) continue;
    if (tile.left == tile.right && j <= i) continue;
    Member a = {table + tile.left + i, width, lags, terms};
    Member b = {table + tile.right + j, width, lags, terms};
    const double *plane = planes + (z * (2 * lags + 3) * TILE + i) * TILE + j;
    moments_of_pair(system, a, b, plane, TILE * TILE);
    double least = system.factor();
    i64 from = 2 * lags, first = 2 * (lags + 1);
    double k00 = system.left_of(0, 0, 0, from, system.cell(first, first));
    double k10 = system.left_of(1, 0, 0, from, system.cell(first + 1, first));
    double k11 = system.left_of(1, 1, 0, from, system.cell(first + 1, first + 1));
    double p00 = 0.0 - system.left_of(0, 0, from, first, 0.0);
    double p10 = 0.0 - system.left_of(1, 0, from, first, 0.0);
    double p11 = 0.0 - system.left_of(1, 1, from, first, 0.0);
    double determinant = k00 * k11 - k10 * k10;
    double across = k10 * p10;
    double sum = (k11 * p00 - (across + across) + k00 * p11) / determinant;
    double product = (p00 * p11 - p10 * p10) / determinant;
    double share = smaller(determinant / (k00 * k11), least);
    double rounding = HALF_EPSILON * (SAFETY + GRAINS * (a.grain() + b.grain())) / share;
    double left = 1.0 - sum + product, off = 2.0 * rounding * sqrt(sum);
    int told = rounding >= 0.0 && rounding < 1e-6 && left > 0.0 && off < 0.1 * left;
    if (told && left - off > bounds[tile.problem]) continue;
    u64 *record = record_for(survivors, 4);
    record[0] = (u64)cell * 2;
    record[1] = bits_of(sum);
    record[2] = bits_of(product);
    record[3] = bits_of(rounding);
  }
}
