// A CUDA driver for a machine without a device: the calls that Barline makes, with the kernels as C++
// for the processor. Built by a test as libcuda.so.1, it stands where the driver's own library would, so that
// everything up to the driver is what a run with a device has.
//
// A stream keeps what it is told and does it when somebody waits for it: whoever reads too early reads
// what was there before. What goes wrong is said in BARLINE_FAKE_CUDA, a list of NAME=NUMBER:
//   init, devices, version, module    the answer of cuInit and of cuModuleLoadData; devices; driver version
//   capability                        of the device, 10 x major + minor
//   bytes                             memory of the device
//   out-of-memory                     from this allocation on, counted from 1, three fail
//   sticky                            this launch, counted from 1, and everything after it fails
//   log                               1: every launch is told on stderr
//   blas                              1: there is a cuBLAS too, in this same library

#include "host.h"
#include "kernels.h"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

using Result = int;
enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, ILLEGAL_ADDRESS = 700,
       UNSUPPORTED_PTX = 222, NOT_FOUND = 500 };

namespace {

std::recursive_mutex guard;
constexpr std::size_t EDGE_BYTES = 64;
constexpr char EDGE_MARK = 0x5a;

long long setting(const char *name, long long usual) {
  const char *all = std::getenv("BARLINE_FAKE_CUDA");
  std::string text = std::string(",") + (all ? all : "") + ",", wanted = std::string(",") + name + "=";
  std::size_t at = text.find(wanted);
  return at == std::string::npos ? usual : std::atoll(text.c_str() + at + wanted.size());
}

struct Stream { std::deque<std::function<void()>> work; };
struct Event { std::chrono::steady_clock::time_point when; };

std::map<char *, std::size_t> blocks;
std::vector<Stream *> streams;
std::size_t held;
long long allocations, launches;
bool is_lost;

void finish(Stream *stream) {
  while (!stream->work.empty()) {
    auto next = stream->work.front();
    stream->work.pop_front();
    next();
  }
}

void finish_all() {
  for (Stream *stream : streams) finish(stream);
}

// The block that holds all of these bytes; ends the process where there is none.
void check(const char *doing, unsigned long long at, std::size_t bytes) {
  char *from = reinterpret_cast<char *>(at);
  auto block = blocks.upper_bound(from);
  if (block != blocks.begin()) {
    --block;
    if (from >= block->first && from + bytes <= block->first + block->second) return;
  }
  std::fprintf(stderr, "%s: %zu bytes at %p are not memory of the device\n", doing, bytes, (void *)from);
  std::abort();
}

using Run = void (*)(Index, Index, void **);
struct Function { const char *name; std::size_t arguments; Run run; };

#define RUN(name, waits) \
  {#name, host::count(name), [](Index blocks, Index threads, void **arguments) { \
     host::launch(name, blocks, threads, waits, arguments); }}
// Kernels whose threads wait for each other, and those whose threads do not.
#define KERNEL_OF(name) RUN(name, true)
#define PLAIN(name) RUN(name, false)

Function functions[] = {
    KERNEL_OF(products), KERNEL_OF(center), KERNEL_OF(fourth_moments), PLAIN(moves_apart),
    KERNEL_OF(window_covariances), KERNEL_OF(faded_covariances), PLAIN(stepped_covariances),
    KERNEL_OF(center_present), KERNEL_OF(pairwise_moments), KERNEL_OF(correlations),
    PLAIN(engle_granger_one_lag), PLAIN(engle_granger_lags), PLAIN(johansen_pairs)};

}  // namespace

#define CALL extern "C" Result
#define ALIVE std::lock_guard<std::recursive_mutex> own(guard); if (is_lost) return ILLEGAL_ADDRESS

CALL cuInit(unsigned) { return (Result)setting("init", 0); }
CALL cuDriverGetVersion(int *version) { *version = (int)setting("version", 12040); return SUCCESS; }
CALL cuDeviceGetCount(int *count) { *count = (int)setting("devices", 1); return SUCCESS; }
CALL cuDeviceGet(int *device, int) { *device = 0; return setting("devices", 1) > 0 ? SUCCESS : NO_DEVICE; }
CALL cuDeviceGetName(char *name, int length, int) { std::snprintf(name, length, "Barline's host device"); return SUCCESS; }
CALL cuDeviceTotalMem_v2(std::size_t *bytes, int) { *bytes = setting("bytes", 1 << 30); return SUCCESS; }
CALL cuDeviceGetAttribute(int *value, int which, int) {
  long long capability = setting("capability", 90);
  *value = which == 75 ? (int)(capability / 10) : which == 76 ? (int)(capability % 10) : which == 16 ? 4 : 0;
  return SUCCESS;
}
CALL cuDevicePrimaryCtxRetain(void **context, int) { static int one; *context = &one; return SUCCESS; }
CALL cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
CALL cuCtxSetCurrent(void *) { return SUCCESS; }
CALL cuCtxGetCurrent(void **context) { return cuDevicePrimaryCtxRetain(context, 0); }
CALL cuCtxSynchronize() { ALIVE; finish_all(); return SUCCESS; }

CALL cuGetErrorName(int error, const char **name) {
  *name = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE"
        : error == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
        : error == UNSUPPORTED_PTX ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION" : "CUDA_ERROR_UNKNOWN";
  return SUCCESS;
}
CALL cuGetErrorString(int, const char **text) { *text = "as the test asked for"; return SUCCESS; }

CALL cuMemGetInfo_v2(std::size_t *free, std::size_t *total) {
  ALIVE;
  *total = setting("bytes", 1 << 30);
  *free = *total > held ? *total - held : 0;
  return SUCCESS;
}

CALL cuMemAlloc_v2(unsigned long long *at, std::size_t bytes) {
  ALIVE;
  finish_all();
  allocations++;
  long long first = setting("out-of-memory", 0);
  bool refused = first > 0 && allocations >= first && allocations < first + 3;
  if (refused || held + bytes > (std::size_t)setting("bytes", 1 << 30)) return OUT_OF_MEMORY;
  char *whole = static_cast<char *>(std::malloc(bytes + 2 * EDGE_BYTES));
  // What nobody has written is no number.
  std::memset(whole, 0xff, bytes + 2 * EDGE_BYTES);
  std::memset(whole, EDGE_MARK, EDGE_BYTES);
  std::memset(whole + EDGE_BYTES + bytes, EDGE_MARK, EDGE_BYTES);
  blocks[whole + EDGE_BYTES] = bytes;
  held += bytes;
  *at = reinterpret_cast<unsigned long long>(whole + EDGE_BYTES);
  return SUCCESS;
}

CALL cuMemFree_v2(unsigned long long at) {
  ALIVE;
  finish_all();
  char *inner = reinterpret_cast<char *>(at);
  auto block = blocks.find(inner);
  if (block == blocks.end()) return INVALID_VALUE;
  for (std::size_t k = 0; k < EDGE_BYTES; k++)
    if (inner[-1 - (long)k] != EDGE_MARK || inner[block->second + k] != EDGE_MARK)
      host::broken("it wrote beside its memory");
  held -= block->second;
  blocks.erase(block);
  std::free(inner - EDGE_BYTES);
  return SUCCESS;
}

CALL cuMemHostAlloc(void **at, std::size_t bytes, unsigned) { *at = std::malloc(bytes); return *at ? SUCCESS : OUT_OF_MEMORY; }
CALL cuMemFreeHost(void *at) { std::lock_guard<std::recursive_mutex> own(guard); finish_all(); std::free(at); return SUCCESS; }

CALL cuStreamCreate(void **stream, unsigned) {
  ALIVE;
  streams.push_back(new Stream);
  *stream = streams.back();
  return SUCCESS;
}
CALL cuStreamSynchronize(void *stream) { ALIVE; finish(static_cast<Stream *>(stream)); return is_lost ? ILLEGAL_ADDRESS : SUCCESS; }
CALL cuStreamDestroy_v2(void *stream) { ALIVE; finish(static_cast<Stream *>(stream)); return SUCCESS; }

CALL cuMemcpyHtoDAsync_v2(unsigned long long to, const void *from, std::size_t bytes, void *stream) {
  ALIVE;
  check("a copy to the device", to, bytes);
  static_cast<Stream *>(stream)->work.push_back([=] { std::memcpy(reinterpret_cast<void *>(to), from, bytes); });
  return SUCCESS;
}
CALL cuMemcpyDtoHAsync_v2(void *to, unsigned long long from, std::size_t bytes, void *stream) {
  ALIVE;
  check("a copy from the device", from, bytes);
  static_cast<Stream *>(stream)->work.push_back([=] { std::memcpy(to, reinterpret_cast<void *>(from), bytes); });
  return SUCCESS;
}
CALL cuMemsetD8Async(unsigned long long at, unsigned char value, std::size_t bytes, void *stream) {
  ALIVE;
  check("a memset", at, bytes);
  static_cast<Stream *>(stream)->work.push_back([=] { std::memset(reinterpret_cast<void *>(at), value, bytes); });
  return SUCCESS;
}

CALL cuEventCreate(void **event, unsigned) { *event = new Event; return SUCCESS; }
CALL cuEventRecord(void *event, void *stream) {
  ALIVE;
  static_cast<Stream *>(stream)->work.push_back([=] { static_cast<Event *>(event)->when = std::chrono::steady_clock::now(); });
  return SUCCESS;
}
CALL cuEventSynchronize(void *) { ALIVE; finish_all(); return SUCCESS; }
CALL cuEventElapsedTime(float *millis, void *from, void *to) {
  auto span = static_cast<Event *>(to)->when - static_cast<Event *>(from)->when;
  *millis = std::chrono::duration<float, std::milli>(span).count();
  return SUCCESS;
}
CALL cuEventElapsedTime_v2(float *millis, void *from, void *to) { return cuEventElapsedTime(millis, from, to); }
CALL cuEventDestroy_v2(void *event) { delete static_cast<Event *>(event); return SUCCESS; }

CALL cuModuleLoadData(void **module, const void *) { static int one; *module = &one; return (Result)setting("module", 0); }
CALL cuModuleUnload(void *) { return SUCCESS; }
CALL cuModuleGetFunction(void **function, void *, const char *name) {
  for (Function &known : functions)
    if (std::strcmp(known.name, name) == 0) { *function = &known; return SUCCESS; }
  return NOT_FOUND;
}
CALL cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                    unsigned bz, unsigned, void *stream, void **arguments, void **) {
  ALIVE;
  Function *known = static_cast<Function *>(function);
  if (gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || bx * by * bz > 1024) return INVALID_VALUE;
  if (setting("log", 0)) std::fprintf(stderr, "launch %s %u %u %u\n", known->name, gx, gy, gz);
  bool breaks = ++launches == setting("sticky", 0);
  std::vector<unsigned long long> copied;
  for (std::size_t k = 0; k < known->arguments; k++)
    copied.push_back(*static_cast<unsigned long long *>(arguments[k]));
  static_cast<Stream *>(stream)->work.push_back([=]() mutable {
    if (breaks) { is_lost = true; return; }
    std::vector<void *> at;
    for (auto &argument : copied) at.push_back(&argument);
    known->run({gx, gy, gz}, {bx, by, bz}, at.data());
  });
  return SUCCESS;
}

// cuBLAS, as far as it is asked: sums run from the last row to the first, so that bits differ from ours.
using Handle = void *;
static Stream *attached;

static double sum(const double *x, const double *y, int k) {
  double found = 0.0;
  for (int t = k - 1; t >= 0; t--) found += x[t] * y[t];
  return found;
}

CALL cublasCreate_v2(Handle *handle) { static int one; *handle = &one; return setting("blas", 0) ? 0 : 1; }
CALL cublasSetStream_v2(Handle, void *stream) { attached = static_cast<Stream *>(stream); return 0; }

CALL cublasDsyrk_v2(Handle, unsigned, unsigned, int n, int k, const double *alpha, unsigned long long a, int lda,
                    const double *, unsigned long long c, int ldc) {
  ALIVE;
  check("dsyrk reads", a, ((std::size_t)(n - 1) * lda + k) * 8);
  check("dsyrk writes", c, ((std::size_t)(n - 1) * ldc + n) * 8);
  double scale = *alpha;
  attached->work.push_back([=] {
    auto x = reinterpret_cast<const double *>(a);
    auto out = reinterpret_cast<double *>(c);
    for (long j = 0; j < n; j++)
      for (long i = j; i < n; i++) out[i + j * ldc] = scale * sum(x + i * lda, x + j * lda, k);
  });
  return 0;
}

CALL cublasDgemmBatched(Handle, unsigned, unsigned, int m, int n, int k, const double *alpha, unsigned long long a,
                        int lda, unsigned long long b, int ldb, const double *, unsigned long long c, int ldc,
                        int count) {
  ALIVE;
  double scale = *alpha;
  attached->work.push_back([=] {
    auto list = [](unsigned long long at) { return reinterpret_cast<unsigned long long *>(at); };
    for (int z = 0; z < count; z++) {
      check("dgemm reads", list(a)[z], ((std::size_t)(m - 1) * lda + k) * 8);
      check("dgemm reads", list(b)[z], ((std::size_t)(n - 1) * ldb + k) * 8);
      check("dgemm writes", list(c)[z], ((std::size_t)(n - 1) * ldc + m) * 8);
      auto x = reinterpret_cast<const double *>(list(a)[z]), y = reinterpret_cast<const double *>(list(b)[z]);
      auto out = reinterpret_cast<double *>(list(c)[z]);
      for (long j = 0; j < n; j++)
        for (long i = 0; i < m; i++) out[i + j * ldc] = scale * sum(x + i * lda, y + j * ldb, k);
    }
  });
  return 0;
}
