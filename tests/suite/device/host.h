// What the kernels take from CUDA, for a processor: blocks one after the other, the threads of a block as
// fibers that take turns at every __syncthreads.
//
// A thread that ends while others wait at a barrier, or waits where others have ended, breaks the block:
// the device would hang or go on with half of a block, so the process ends with a message.

#include <csetjmp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(...)

struct Index { unsigned x, y, z; };
static Index threadIdx, blockIdx, blockDim, gridDim;

static inline unsigned long long atomicAdd(unsigned long long *at, unsigned long long more) {
  unsigned long long before = *at;
  *at += more;
  return before;
}

static inline double __longlong_as_double(long long bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

static inline long long __double_as_longlong(double value) {
  long long bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

namespace host {

constexpr std::size_t STACK_BYTES = 64 * 1024;

struct Fiber {
  std::vector<char> stack = std::vector<char>(STACK_BYTES);
  ucontext_t first;
  jmp_buf at;
  Index thread;
  bool entered = false, over = false;
};

static std::vector<Fiber *> fibers;
static Fiber *running;
static jmp_buf scheduler;
static const std::function<void()> *body;

[[noreturn]] static void broken(const char *why) {
  std::fprintf(stderr, "a kernel is broken: %s\n", why);
  std::abort();
}

// A fiber is entered once; whoever resumes it after its thread has ended gives it another.
static void enter() {
  Fiber *own = running;
  for (;;) {
    (*body)();
    own->over = true;
    if (_setjmp(own->at) == 0) _longjmp(scheduler, 1);
  }
}

static void resume(Fiber *fiber) {
  running = fiber;
  threadIdx = fiber->thread;
  if (_setjmp(scheduler) == 0) {
    if (fiber->entered) _longjmp(fiber->at, 1);
    fiber->entered = true;
    setcontext(&fiber->first);
  }
}

// Runs one block: each thread up to its next barrier or its end.
static void block(unsigned threads, const std::function<void()> &of_thread) {
  body = &of_thread;
  std::size_t waiting = 0;
  // A fiber whose thread ends without a barrier serves the next one too.
  for (unsigned k = 0; k < threads; k++) {
    if (waiting == fibers.size()) {
      fibers.push_back(new Fiber);
      Fiber *made = fibers.back();
      getcontext(&made->first);
      made->first.uc_stack.ss_sp = made->stack.data();
      made->first.uc_stack.ss_size = made->stack.size();
      made->first.uc_link = nullptr;
      makecontext(&made->first, enter, 0);
    }
    Fiber *fiber = fibers[waiting];
    fiber->thread = {k % blockDim.x, k / blockDim.x % blockDim.y, k / (blockDim.x * blockDim.y)};
    fiber->over = false;
    resume(fiber);
    if (!fiber->over) waiting++;
  }
  if (waiting != 0 && waiting != threads) broken("a thread ended while others wait at a barrier");
  while (waiting != 0) {
    std::size_t over = 0;
    for (std::size_t k = 0; k < waiting; k++) {
      resume(fibers[k]);
      over += fibers[k]->over;
    }
    if (over == waiting) break;
    if (over != 0) broken("a thread ended while others wait at a barrier");
  }
}

// Threads that never wait for each other, one after the other.
static void plain(unsigned threads, const std::function<void()> &of_thread) {
  running = nullptr;
  for (unsigned k = 0; k < threads; k++) {
    threadIdx = {k % blockDim.x, k / blockDim.x % blockDim.y, k / (blockDim.x * blockDim.y)};
    of_thread();
  }
}

static void grid(Index blocks, Index threads, bool waits, const std::function<void()> &of_thread) {
  gridDim = blocks;
  blockDim = threads;
  for (unsigned z = 0; z < blocks.z; z++)
    for (unsigned y = 0; y < blocks.y; y++)
      for (unsigned x = 0; x < blocks.x; x++) {
        blockIdx = {x, y, z};
        (waits ? block : plain)(threads.x * threads.y * threads.z, of_thread);
      }
}

// Calls a kernel with arguments as the driver has them: an address for each.
template <class... Of, std::size_t... At>
static void call(void (*kernel)(Of...), void **arguments, std::index_sequence<At...>) {
  kernel(*static_cast<std::remove_reference_t<Of> *>(arguments[At])...);
}

template <class... Of>
static std::size_t count(void (*)(Of...)) { return sizeof...(Of); }

template <class... Of>
static void launch(
    void (*kernel)(Of...), Index blocks, Index threads, bool waits, void **arguments) {
  grid(blocks, threads, waits, [&] { call(kernel, arguments, std::index_sequence_for<Of...>{}); });
}

}  // namespace host

static inline void __syncthreads() {
  host::Fiber *own = host::running;
  if (own == nullptr) host::broken("it waits at a barrier and is not said to");
  if (_setjmp(own->at) == 0) _longjmp(host::scheduler, 1);
  threadIdx = own->thread;
}
