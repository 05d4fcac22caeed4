//! The unsafe steps towards the driver; everything else on this floor is safe.
//!
//! Memory and streams give themselves back. A pinned block belongs to one stream: whoever reads or writes it
//! waits for the stream first. Every call makes our context the thread's own. A panic of the bindings is a fault.
#![allow(unsafe_code)]

use std::{
    ffi::CString,
    panic::{self, AssertUnwindSafe},
    ptr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use cudarc::{
    cublas::sys as cublas,
    driver::{
        CudaContext,
        result::{self, DriverError},
        sys,
    },
};
use libloading::Library;

use super::{
    fault::{Done, Fault, described, words},
    kernels::{KernelName, PTX},
    product::{Batched, CUBLAS, Product},
};
use crate::compute::NoDevice;

/// Bytes of a number, of an index and of an argument.
pub(super) const WORD: u64 = 8;

/// True if the driver's library can be loaded. To be asked before anything else: without the
/// library every other call panics.
pub(super) fn is_driver_present() -> bool {
    // SAFETY: loads libcuda by its usual names and lets go of it; the driver's own initializers
    // are all that runs, as they would for any program that uses CUDA.
    unsafe { sys::is_culib_present() }
}

/// The CUDA version that the driver supports: 1000 x major + 10 x minor.
pub(super) fn driver_version() -> Result<i32, DriverError> {
    let mut version = 0;
    // SAFETY: cuDriverGetVersion writes one int to the address given and needs no context.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }.result()?;
    Ok(version)
}

/// Our context, its kernels and its memory.
pub(super) struct Driver {
    context: Arc<CudaContext>,
    functions: Vec<Function>,
    pub(super) blas: Option<Blas>,
    /// Most bytes that may be held, those that are, and the most that were.
    budget: u64,
    held: AtomicU64,
    peak: AtomicU64,
}

/// A kernel as the driver names it.
#[derive(Clone, Copy)]
struct Function(sys::CUfunction);

// SAFETY: a function of a module is a name for code that nobody changes; the driver lets any thread use it
// whose context is the module's, and every call of ours makes it so.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

impl Driver {
    /// Compiles the kernels for the device of `context`.
    pub(super) fn open(context: Arc<CudaContext>, budget: u64) -> Result<Self, NoDevice> {
        let refused = |error: DriverError| NoDevice::Refused(described(error));
        context.bind_to_thread().map_err(refused)?;
        let text = CString::new(PTX).map_err(|e| NoDevice::Unusable(e.to_string()))?;
        // SAFETY: the text ends with a zero, and the context it is compiled in is the thread's own. The module
        // is never unloaded: it goes with the process.
        let module =
            unsafe { result::module::load_data(text.as_ptr().cast()) }.map_err(|error| {
                let too_new = error.0 == sys::CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
                if too_new { NoDevice::TooOld(described(error)) } else { refused(error) }
            })?;
        let mut functions = Vec::with_capacity(KernelName::ALL.len());
        for (_, name) in KernelName::ALL {
            let name = CString::new(name).map_err(|e| NoDevice::Unusable(e.to_string()))?;
            // SAFETY: the module was loaded above and is not unloaded.
            let function =
                unsafe { result::module::get_function(module, name) }.map_err(refused)?;
            functions.push(Function(function));
        }
        let (held, peak) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { context, functions, blas: Blas::open(), budget, held, peak })
    }

    /// Bytes that may still be taken.
    pub(super) fn room(&self) -> u64 {
        self.budget.saturating_sub(self.held.load(Ordering::Relaxed))
    }

    /// The most bytes that were held together.
    pub(super) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// Does something with our context as the thread's own.
    fn within<T>(&self, act: impl FnOnce() -> Result<T, DriverError>) -> Done<T> {
        let met = panic::catch_unwind(AssertUnwindSafe(|| {
            self.context.bind_to_thread()?;
            act()
        }));
        match met {
            Ok(done) => done.map_err(Fault::from),
            Err(payload) => Err(Fault::Lost(words(payload.as_ref()))),
        }
    }
}

/// Memory of the device, in words.
pub(super) struct Memory {
    driver: Arc<Driver>,
    at: sys::CUdeviceptr,
    words: usize,
}

impl Memory {
    /// Room for `words` words, with whatever stood there.
    pub(super) fn new(driver: &Arc<Driver>, words: usize) -> Done<Self> {
        let words = words.max(1);
        let bytes = words as u64 * WORD;
        if driver.room() < bytes {
            return Err(Fault::Memory);
        }
        // SAFETY: what is there is only read after it was written, by kernels or copies.
        let at = driver.within(|| unsafe { result::malloc_sync(words * 8) })?;
        let held = driver.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        driver.peak.fetch_max(held, Ordering::Relaxed);
        Ok(Self { driver: Arc::clone(driver), at, words })
    }

    /// The address of word `from`, as an argument of a kernel.
    pub(super) fn at(&self, from: usize) -> u64 {
        assert!(from <= self.words, "an address outside of its memory");
        self.at + from as u64 * WORD
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the address came from malloc_sync and is given back once; the driver waits for what still
        // uses it. An error means that the context is lost, and its memory with it.
        let freed = self.driver.within(|| unsafe { result::free_sync(self.at) });
        if freed.is_ok() {
            self.driver.held.fetch_sub(self.words as u64 * WORD, Ordering::Relaxed);
        }
    }
}

/// Work in its order; streams go side by side.
pub(super) struct Stream {
    pub(super) driver: Arc<Driver>,
    raw: sys::CUstream,
}

// SAFETY: a stream is a queue inside of the driver, which may be used from any thread.
unsafe impl Send for Stream {}
// SAFETY: as above; calls on one stream from several threads are put in some order by the driver.
unsafe impl Sync for Stream {}

impl Stream {
    pub(super) fn new(driver: &Arc<Driver>) -> Done<Arc<Self>> {
        let kind = result::stream::StreamKind::NonBlocking;
        let raw = driver.within(|| result::stream::create(kind))?;
        Ok(Arc::new(Self { driver: Arc::clone(driver), raw }))
    }

    /// Waits until everything is done.
    pub(super) fn wait(&self) -> Done<()> {
        // SAFETY: the stream lives as long as self.
        self.driver.within(|| unsafe { result::stream::synchronize(self.raw) })
    }

    /// Sets every bit to zero.
    pub(super) fn clear(&self, memory: &Memory, words: usize) -> Done<()> {
        assert!(words <= memory.words, "more than there is");
        // SAFETY: the memory holds so many bytes; giving it back waits for this.
        self.driver.within(|| unsafe { result::memset_d8_async(memory.at, 0, words * 8, self.raw) })
    }

    /// Runs a kernel: blocks across, down and deep, threads of a block, and its arguments, each of 64 bits.
    pub(super) fn launch(
        &self,
        kernel: KernelName,
        blocks: [usize; 3],
        threads: usize,
        arguments: &[u64],
    ) -> Done<()> {
        if blocks.contains(&0) {
            return Ok(());
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let blocks = (count(blocks[0]), count(blocks[1]), count(blocks[2]));
        let mut copied = arguments.to_vec();
        let mut addresses: Vec<_> = copied.iter_mut().map(|x| ptr::from_mut(x).cast()).collect();
        self.driver.within(|| {
            let (function, threads) =
                (self.driver.functions[kernel as usize].0, (count(threads), 1, 1));
            // SAFETY: the driver copies the arguments before it returns; they are those of the kernel, which the
            // tests run on a driver that checks accesses. What a kernel writes to is memory of the device.
            unsafe { result::launch_kernel(function, blocks, threads, 0, self.raw, &mut addresses) }
        })
    }

    /// Milliseconds that the device takes for what `act` asks of this stream.
    pub(super) fn timed(&self, act: impl FnOnce() -> Done<()>) -> Done<f64> {
        let event = || result::event::create(sys::CUevent_flags::CU_EVENT_DEFAULT);
        let from = self.driver.within(event)?;
        let to = self.driver.within(event)?;
        // SAFETY: event and stream are alive.
        self.driver.within(|| unsafe { result::event::record(from, self.raw) })?;
        act()?;
        // SAFETY: as above, and both are recorded on one stream before their distance is asked for.
        let millis = self.driver.within(|| unsafe {
            result::event::record(to, self.raw)?;
            result::event::synchronize(to)?;
            result::event::elapsed(from, to)
        });
        for event in [from, to] {
            // SAFETY: made above and destroyed once.
            self.driver.within(|| unsafe { result::event::destroy(event) })?;
        }
        millis.map(f64::from)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: made by create and destroyed once; the driver ends what is still on it first.
        let _ = self.driver.within(|| unsafe { result::stream::destroy(self.raw) });
    }
}

/// Pinned memory of the machine: what is copied from and to it needs no processor. It belongs to a stream.
pub(super) struct Pinned {
    stream: Arc<Stream>,
    at: *mut u64,
    words: usize,
}

// SAFETY: the memory is this value's alone; nothing is tied to the thread that asked for it.
unsafe impl Send for Pinned {}

impl Pinned {
    pub(super) fn new(stream: &Arc<Stream>, words: usize) -> Done<Self> {
        let words = words.max(1);
        // SAFETY: cacheable memory (no flags), given back by drop; zeros are written before anybody reads.
        let at = stream.driver.within(|| unsafe {
            let at = result::malloc_host(words * 8, 0)?.cast::<u64>();
            ptr::write_bytes(at, 0, words);
            Ok(at)
        })?;
        Ok(Self { stream: Arc::clone(stream), at, words })
    }

    /// The words, once nothing is copied to them any more.
    pub(super) fn words(&self) -> Done<&[u64]> {
        self.stream.wait()?;
        // SAFETY: so many words, all written; the stream is idle, and only this value's methods give it work
        // on them, which the borrow holds off.
        Ok(unsafe { std::slice::from_raw_parts(self.at, self.words) })
    }

    /// The words to be written, once nothing is copied from them any more.
    pub(super) fn words_mut(&mut self) -> Done<&mut [u64]> {
        self.stream.wait()?;
        // SAFETY: as above, and the borrow is the only one.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.at, self.words) })
    }

    /// Copies the first `words` words to word `at` of `to` and on.
    pub(super) fn upload(&mut self, to: &Memory, at: usize, words: usize) -> Done<()> {
        assert!(words <= self.words && at + words <= to.words, "a copy that does not fit");
        // SAFETY: both sides hold so many bytes. Whoever looks at this side waits for the stream first, and so
        // does drop.
        self.stream.driver.within(|| unsafe {
            let from = std::slice::from_raw_parts(self.at, words);
            result::memcpy_htod_async(to.at(at), from, self.stream.raw)
        })
    }

    /// Copies `words` words of `from`, from its word `at` on, to the first ones here.
    pub(super) fn download(&mut self, from: &Memory, at: usize, words: usize) -> Done<()> {
        assert!(words <= self.words && at + words <= from.words, "a copy that does not fit");
        // SAFETY: as for upload.
        self.stream.driver.within(|| unsafe {
            let to = std::slice::from_raw_parts_mut(self.at, words);
            result::memcpy_dtoh_async(to, from.at(at), self.stream.raw)
        })
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // Where that fails the context is lost, and nothing is copied any more.
        let _ = self.stream.wait();
        // SAFETY: made by malloc_host and given back once.
        let _ = self.stream.driver.within(|| unsafe { result::free_host(self.at.cast()) });
    }
}

/// cuBLAS, of CUDA 13 or 12: its files differ by that in name.
pub(super) struct Blas {
    library: Library,
    handle: Mutex<cublas::cublasHandle_t>,
}

// SAFETY: a handle may be used by any thread, one at a time, which the lock sees to.
unsafe impl Send for Blas {}
// SAFETY: as above.
unsafe impl Sync for Blas {}

// SAFETY: types of functions of cuBLAS, as its header has them; calls say why they may be made.
type Of = cublas::cublasHandle_t;
type Create = unsafe extern "C" fn(*mut Of) -> u32;
type Attach = unsafe extern "C" fn(Of, sys::CUstream) -> u32;
type Syrk = unsafe extern "C" fn(Of, u32, u32, i32, i32, One, u64, i32, One, u64, i32) -> u32;
#[rustfmt::skip]
type Gemm = unsafe extern "C" fn(Of, u32, u32, i32, i32, i32, One, u64, i32, u64, i32, One, u64, i32, i32) -> u32;
type One = *const f64;

impl Blas {
    /// The library and a handle in the thread's context; `None` where there is none.
    fn open() -> Option<Self> {
        // SAFETY: cuBLAS is made to be loaded so; its initializers are all that runs.
        let library = CUBLAS.iter().find_map(|name| unsafe { Library::new(*name) }.ok())?;
        let mut handle = ptr::null_mut();
        // SAFETY: the type is that of the function, which writes a handle to the address.
        let made = unsafe { library.get::<Create>(b"cublasCreate_v2").ok()?(&raw mut handle) };
        (made == 0).then(|| Self { library, handle: Mutex::new(handle) })
    }

    /// `scale * sum_t x_i[t] x_j[t]` of columns with themselves into the cells `j >= i`: the lower triangle to
    /// cuBLAS, whose columns of cells are our rows.
    #[rustfmt::skip]
    pub(super) fn squares(&self, stream: &Stream, of: &Product, scale: f64) -> Done<()> {
        let (n, k) = (count(of.most[0]), count(of.rows));
        let (lda, ldc, zero) = (count(of.stride), count(of.cell_stride), 0.0);
        self.ask(stream, |handle| {
            // SAFETY: the type is that of the function; sizes and addresses are those that our own kernel takes.
            unsafe {
                let syrk = self.library.get::<Syrk>(b"cublasDsyrk_v2")?;
                Ok(syrk(handle, 0, 1, n, k, &raw const scale, of.left, lda, &raw const zero, of.cells, ldc))
            }
        })
    }

    /// `sum_t left_i[t] right_j[t]` of whole tiles.
    #[rustfmt::skip]
    pub(super) fn batched(&self, stream: &Stream, of: &Batched) -> Done<()> {
        let (m, k, ld, ldc) = (count(of.edge), count(of.rows), count(of.stride), count(of.cell_stride));
        let ([right, left, cells], number) = (of.lists, count(of.count));
        let (one, zero) = (1.0, 0.0);
        self.ask(stream, |handle| {
            // SAFETY: as for squares.
            unsafe {
                let gemm = self.library.get::<Gemm>(b"cublasDgemmBatched")?;
                Ok(gemm(handle, 1, 0, m, m, k, &raw const one, right, ld, left, ld, &raw const zero, cells, ldc, number))
            }
        })
    }

    /// Calls a function of the library on a stream.
    fn ask(
        &self,
        stream: &Stream,
        act: impl FnOnce(cublas::cublasHandle_t) -> Result<u32, libloading::Error>,
    ) -> Done<()> {
        stream.driver.within(|| Ok(()))?;
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = |e: libloading::Error| Fault::Lost(e.to_string());
        // SAFETY: the type is that of the function; stream and handle are alive.
        let attached = unsafe {
            self.library.get::<Attach>(b"cublasSetStream_v2").map_err(lost)?(*handle, stream.raw)
        };
        match if attached == 0 { act(*handle).map_err(lost)? } else { attached } {
            0 => Ok(()),
            // CUBLAS_STATUS_ALLOC_FAILED
            3 => Err(Fault::Memory),
            status => Err(Fault::Lost(format!("cuBLAS answers with status {status}"))),
        }
    }
}

/// A size as cuBLAS has it.
fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(-1)
}
