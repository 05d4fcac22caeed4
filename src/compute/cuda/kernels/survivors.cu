// The pairs of a launch that are of interest: their number, then a key and some numbers for each. They come in
// any order, and the processor sorts them by key. There is room for every pair.

// Cells of a tile stand `i * TILE + j`.
#define TILE 256
// Lag orders stand above the cells in a key.
#define LAG_SHIFT 48

// The record of a survivor: room for `width` words.
__device__ __forceinline__ u64 *record_for(u64 *survivors, i64 width) {
  u64 at = atomicAdd(survivors, 1ull);
  return survivors + 1 + at * (u64)width;
}

__device__ __forceinline__ u64 bits_of(double x) {
  return (u64)__double_as_longlong(x);
}
