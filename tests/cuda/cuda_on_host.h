/*
 * cuda_on_host.h: what the compiler for the host reads first when it compiles a .cu file.
 *
 * CUDA's keywords vanish, its built-in variables and functions become the host's. What touches
 * memory or waits on behalf of a kernel lies in the runtime, cuh.h and the files beside it.
 *
 * There is no atomic addition of floats, on purpose: its order, and so its sum, is a device's.
 */
#ifndef TESTS_CUDA_ON_HOST_H
#define TESTS_CUDA_ON_HOST_H

#ifdef __CUDACC__
#error "this header is for tests on the host, not for nvcc"
#endif

/* thread_local is the one keyword of C++ that may stand before an array in a block, where it
 * makes it static, and before an extern array of unknown length: the two forms of CUDA's
 * __shared__. All thread-local data of the plugin is shared memory, therefore, and nothing
 * else. */
#define __shared__      thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__    __attribute__((noinline))
#define __launch_bounds__(...)

#include <cuda_runtime.h> /* NVIDIA's own: what is defined here must agree with it */

#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>

#include "cuh_calls.h"

/* --- launches */

/* A kernel and its arguments, as the host's compiler has them. */
template <class... P> struct cuh_call {
    void (*kernel)(P...);
    std::tuple<P...> arguments;

    /* Every thread gets a copy of its own, as on a device. */
    static void run(const void *self)
    {
        const cuh_call *c = static_cast<const cuh_call *>(self);

        std::apply(c->kernel, c->arguments);
    }
};

/* The same arguments, laid out as a device has them: for kernels that are run from PTX. */
struct cuh_block_of_parameters {
    alignas(16) char bytes[4096] = {};
    size_t n = 0;

    template <class T> void put(const T &v)
    {
        n = (n + alignof(T) - 1) / alignof(T) * alignof(T);
        std::memcpy(bytes + n, &v, sizeof v);
        n += sizeof v;
    }
};

template <class... P, class... A>
static inline void cuh_launch(const char *name, void (*kernel)(P...), dim3 grid, dim3 block,
                              size_t shared, cudaStream_t stream, A... a)
{
    static_assert((std::is_trivially_copyable<P>::value && ...), "arguments are bytes");
    static_assert((sizeof(P) + ... + 0) < 3000, "arguments fit a block of parameters");
    cuh_call<P...> call{kernel, std::tuple<P...>(static_cast<P>(a)...)};
    cuh_block_of_parameters parameters;

    (parameters.put(static_cast<P>(a)), ...);
    cuh_launch_kernel(name, reinterpret_cast<const void *>(kernel), grid, block, shared, stream,
                      cuh_call<P...>::run, &call, sizeof call, parameters.bytes, parameters.n);
}

/* --- threads that meet. Default arguments carry the place of the call: threads that meet at
 * different ones are a fault. */

#define CUH_AT const char *file = __builtin_FILE(), int line = __builtin_LINE()

static inline void __syncthreads(CUH_AT)
{
    cuh_barrier(1, file, line);
}

static inline int __syncthreads_count(int p, CUH_AT)
{
    return cuh_barrier(p != 0, file, line);
}

static inline int __syncthreads_or(int p, CUH_AT)
{
    return cuh_barrier(p != 0, file, line) != 0;
}

static inline int __syncthreads_and(int p, CUH_AT)
{
    return cuh_barrier(p == 0, file, line) == 0;
}

static inline void __syncwarp(unsigned mask = 0xffffffffU, CUH_AT)
{
    cuh_warp(CUH_SYNCWARP, mask, 0, 0, 32, file, line);
}

static inline unsigned __ballot_sync(unsigned mask, int p, CUH_AT)
{
    return (unsigned)cuh_warp(CUH_BALLOT, mask, p != 0, 0, 32, file, line);
}

static inline int __any_sync(unsigned mask, int p, CUH_AT)
{
    return cuh_warp(CUH_BALLOT, mask, p != 0, 0, 32, file, line) != 0;
}

static inline int __all_sync(unsigned mask, int p, CUH_AT)
{
    return cuh_warp(CUH_BALLOT, mask, p == 0, 0, 32, file, line) == 0;
}

/* Bits as they are, in both directions. */
template <class T> static inline uint64_t cuh_bits(T v)
{
    static_assert(sizeof(T) <= 8, "a lane passes 8 bytes");
    uint64_t u = 0;

    std::memcpy(&u, &v, sizeof v);
    return u;
}

template <class T> static inline T cuh_from_bits(uint64_t u)
{
    T v;

    std::memcpy(&v, &u, sizeof v);
    return v;
}

template <class T> static inline unsigned __match_any_sync(unsigned mask, T v, CUH_AT)
{
    return (unsigned)cuh_warp(CUH_MATCH, mask, cuh_bits(v), 0, 32, file, line);
}

#define CUH_SHUFFLE(name, how)                                                                 \
    template <class T>                                                                         \
    static inline T name(unsigned mask, T v, int lane, int width = 32, CUH_AT)                 \
    {                                                                                          \
        return cuh_from_bits<T>(cuh_warp(how, mask, cuh_bits(v), lane, width, file, line));    \
    }

CUH_SHUFFLE(__shfl_sync, CUH_IDX)
CUH_SHUFFLE(__shfl_xor_sync, CUH_XOR)
CUH_SHUFFLE(__shfl_down_sync, CUH_DOWN)
CUH_SHUFFLE(__shfl_up_sync, CUH_UP)

/* --- a warp's matrix unit: what cuda/mma.h calls in place of instructions */

static inline void cuh_load_matrices(uint32_t (&to)[4], const void *row, bool transposed,
                                     CUH_AT)
{
    struct cuh_rows lane = {};

    cuh_read_row(lane.row, row);
    lane.transposed = transposed;
    cuh_warp(CUH_ROWS, 0xffffffffU, (uint64_t)(uintptr_t)&lane, 0, 32, file, line);
    std::memcpy(to, lane.to, sizeof lane.to);
}

static inline void cuh_add_product(float *sum, const uint32_t (&a)[4], uint32_t b0, uint32_t b1,
                                   CUH_AT)
{
    struct cuh_fragments lane = {
        {a[0], a[1], a[2], a[3]}, {b0, b1}, {sum[0], sum[1], sum[2], sum[3]}};

    cuh_warp(CUH_PRODUCT, 0xffffffffU, (uint64_t)(uintptr_t)&lane, 0, 32, file, line);
    std::memcpy(sum, lane.sum, sizeof lane.sum);
}

/* --- atomics of whole numbers; each gives what was there before */

template <class T> static inline T cuh_atomic_of(enum cuh_atomic how, T *p, T v, T want = 0)
{
    static_assert(std::is_integral<T>::value && sizeof(T) >= 4, "floats have no fixed order");
    return (T)cuh_atomic(how, p, sizeof v, std::is_signed<T>::value, (uint64_t)v,
                         (uint64_t)want);
}

#define CUH_ATOMIC(name, how)                                                                  \
    template <class T, class V> static inline T name(T *p, V v)                                \
    {                                                                                          \
        return cuh_atomic_of(how, p, (T)v);                                                    \
    }

CUH_ATOMIC(atomicAdd, CUH_ADD)
CUH_ATOMIC(atomicMin, CUH_MIN)
CUH_ATOMIC(atomicMax, CUH_MAX)
CUH_ATOMIC(atomicAnd, CUH_AND)
CUH_ATOMIC(atomicOr, CUH_OR)
CUH_ATOMIC(atomicXor, CUH_EXCLUSIVE_OR)
CUH_ATOMIC(atomicExch, CUH_EXCHANGE)

template <class T> static inline T atomicSub(T *p, T v)
{
    return cuh_atomic_of(CUH_ADD, p, (T)(0 - v));
}

template <class T, class W, class V> static inline T atomicCAS(T *p, W want, V v)
{
    return cuh_atomic_of(CUH_CAS, p, (T)v, (T)want);
}

static inline void __threadfence(void)
{
}

static inline void __threadfence_block(void)
{
}

#include "cuda_on_host_math.h"

#endif
