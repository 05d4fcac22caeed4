// What all kernels share. The files of this folder are one translation unit, in the order that
// `src/compute/cuda/kernels.rs` names; a test compiles the same text as C++ for the processor, with
// `host.h` before it.
//
// Rules: f64; a sum has one order, whatever the grid; no float atomics; multiplication and addition are
// fused only where `fma` is written (the unit is compiled without contraction), so that the processor and
// the device have the same bits. Every scalar argument has 64 bits. Arrays of columns have the rows of a
// column side by side (`at + column * stride + row`), arrays of rows the columns of a row.

typedef long long i64;
typedef unsigned long long u64;

#define KERNEL extern "C" __global__ void

// Share of its largest number that a column has to move by, times its rows: below it the plain path is
// asked whether the column moves.
#define LEAST_RANGE 1e-10

__device__ __forceinline__ double endless() {
  return __longlong_as_double(0x7ff0000000000000LL);
}

// False for a NaN and for an infinity.
__device__ __forceinline__ int is_number(double x) {
  return x - x == 0.0;
}

__device__ __forceinline__ double larger(double a, double b) {
  return a > b ? a : b;
}

__device__ __forceinline__ double smaller(double a, double b) {
  return a < b ? a : b;
}

// Cells of a packed triangle of `order` before row `i`.
__device__ __forceinline__ i64 before_row(i64 i, i64 order) {
  return i * order - i * (i - 1) / 2;
}

// True if a column with these ends clearly moves.
__device__ __forceinline__ int clearly_moves(double low, double high, i64 rows) {
  double largest = larger(fabs(low), fabs(high));
  return high - low > LEAST_RANGE * largest * (1.0 + (double)rows / 64.0);
}

// Adds up `mine` of 128 threads, always in the same order: halves upon halves. Every thread has the sum.
__device__ __forceinline__ double add_up(double mine, double *shared) {
  int thread = (int)threadIdx.x;
  shared[thread] = mine;
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (thread < half) shared[thread] += shared[thread + half];
    __syncthreads();
  }
  double sum = shared[0];
  __syncthreads();
  return sum;
}

// Eight lanes of a sum, `stride` apart, folded as `stats::sum` folds them.
__device__ __forceinline__ double fold(const double *lanes, int stride) {
  double a = lanes[0] + lanes[4 * stride], b = lanes[stride] + lanes[5 * stride];
  double c = lanes[2 * stride] + lanes[6 * stride], d = lanes[3 * stride] + lanes[7 * stride];
  return (a + c) + (b + d);
}

// A block of left columns against a block of right ones, of a problem that says how long they are. Cells below
// the diagonal of a block against itself are no pairs.
struct Tile {
  i64 left, right, problem, left_columns, right_columns;
};
