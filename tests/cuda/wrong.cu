/* wrong.cu: kernels and calls with one fault each, where `bad`, and right ones otherwise. */
#include "mma.h"
#include "wrong.h"

enum { N = 64 };

/* --- kernels */

static __global__ void __launch_bounds__(1024) k_move(const float *a, float *b)
{
    b[threadIdx.x] = a[threadIdx.x];
}

static __global__ void __launch_bounds__(N) k_quad(const float *a, float *b, int first)
{
    if (threadIdx.x == 0)
        *(float4 *)b = *(const float4 *)(a + first);
}

/* Each warp its own barrier. */
static __global__ void __launch_bounds__(N) k_two_barriers(float *b, int bad)
{
    if (bad && threadIdx.x < 32) {
        __syncthreads();
        b[threadIdx.x] = 1;
    } else {
        __syncthreads();
        b[threadIdx.x] = 2;
    }
}

static __global__ void __launch_bounds__(N) k_ends_early(float *b, int bad)
{
    if (bad && threadIdx.x == N - 1)
        return;
    __syncthreads();
    b[threadIdx.x] = 1;
}

/* Half of a warp waits for lanes that wait at the barrier. */
static __global__ void __launch_bounds__(N) k_deadlock(float *b, int bad)
{
    if (!bad || threadIdx.x < 16)
        b[threadIdx.x] = __shfl_sync(ALL_LANES, b[threadIdx.x], 20);
    __syncthreads();
}

static __global__ void __launch_bounds__(N) k_lanes(float *b, int bad)
{
    if (bad && threadIdx.x < 16)
        b[threadIdx.x] = (float)__ballot_sync(ALL_LANES, 1);
    else
        b[threadIdx.x] = __shfl_sync(ALL_LANES, 1.0f, 20);
}

static __global__ void __launch_bounds__(N) k_half_mask(float *b, int bad)
{
    unsigned mask = bad ? threadIdx.x % 32 < 16 ? 0xffffu : 0xffff0000u : ALL_LANES;

    b[threadIdx.x] = __shfl_xor_sync(mask, 1.0f, 16);
}

/* A block reads what the next one writes. */
static __global__ void __launch_bounds__(1) k_neighbour(float *a, int bad)
{
    float v = a[bad ? (blockIdx.x + 1) % gridDim.x : blockIdx.x];

    a[blockIdx.x] = v + 1;
}

/* The room is written again while others may read it still. */
static __global__ void __launch_bounds__(N) k_two_rounds(float *b, int bad)
{
    __shared__ float room[N];
    float sum = 0;

    for (int round = 0; round < 2; round++) {
        room[threadIdx.x] = (float)(threadIdx.x + round);
        __syncthreads();
        sum += room[N - 1 - threadIdx.x];
        if (!bad)
            __syncthreads();
    }
    b[threadIdx.x] = sum;
}

/* Lanes read what their neighbours wrote. */
static __global__ void __launch_bounds__(32) k_warp_mates(float *b, int bad)
{
    __shared__ float room[32];

    room[threadIdx.x] = (float)threadIdx.x;
    if (!bad)
        __syncwarp();
    b[threadIdx.x] = room[threadIdx.x ^ 1];
}

static __global__ void __launch_bounds__(N) k_static_room(float *b, int bad)
{
    __shared__ float room[N];

    room[threadIdx.x + (bad ? 4096 : 0)] = 1;
    __syncthreads();
    b[threadIdx.x] = room[threadIdx.x + (bad ? 4096 : 0)];
}

static __global__ void __launch_bounds__(N) k_dynamic_room(float *b)
{
    float *room = (float *)rf_shared;

    room[threadIdx.x] = 1;
    __syncthreads();
    b[threadIdx.x] = room[N - 1 - threadIdx.x];
}

static __global__ void __launch_bounds__(N) k_unwritten_room(float *b, int bad)
{
    __shared__ float room[N];

    if (!bad || threadIdx.x)
        room[threadIdx.x] = 1;
    __syncthreads();
    if (room[N - 1 - threadIdx.x] > 0)
        b[threadIdx.x] = 1;
}

static __global__ void __launch_bounds__(N) k_count(int *n, int bad)
{
    if (bad)
        n[0] += 1;
    else
        atomicAdd(n, 1);
}

/* --- matrices: of whole numbers, so that sums are exact */

enum product { BY_HAND, BY_ROWS, BY_COLUMNS, SWAPPED, NOT_ALIGNED, NOT_SHARED };

static __device__ float left_number(int row, int k)
{
    return (float)((row * 7 + k * 3) % 11 - 5);
}

static __device__ float right_number(int k, int column)
{
    return (float)((k * 5 + column * 9) % 13 - 6);
}

static __device__ float begun(int row, int column)
{
    return (float)(row * 8 - column);
}

static __device__ float plain_product(int row, int column)
{
    float sum = begun(row, column);

    for (int k = 0; k < 16; k++)
        sum += left_number(row, k) * right_number(k, column);
    return sum;
}

/* Fragments as mma.h says that they are. */
static __device__ void by_hand(uint32_t (&a)[4], uint32_t (&b)[4], int r, int c)
{
    for (int i = 0; i < 4; i++) {
        int row = r + i % 2 * 8, k = c + i / 2 * 8;

        a[i] = narrow_pair(left_number(row, k), left_number(row, k + 1));
    }
    for (int i = 0; i < 2; i++) {
        int k = c + i * 8;

        b[i] = narrow_pair(right_number(k, r), right_number(k + 1, r));
    }
}

/* a[16,16] and b[16,8], and b's transpose, of bfloat16. */
struct matrices {
    uint16_t a[16][16], b[16][8], columns[8][16];
};

static __device__ const __nv_bfloat16 *row_at(const void *p)
{
    return (const __nv_bfloat16 *)p;
}

static __device__ void fill(struct matrices *m, int lane)
{
    for (int i = lane; i < 16 * 16; i += 32)
        m->a[i / 16][i % 16] = (uint16_t)narrow_pair(left_number(i / 16, i % 16), 0);
    for (int i = lane; i < 16 * 8; i += 32) {
        m->b[i / 8][i % 8] = (uint16_t)narrow_pair(right_number(i / 8, i % 8), 0);
        m->columns[i % 8][i / 8] = m->b[i / 8][i % 8];
    }
    __syncwarp();
}

/* to[lane] = 1 where the lane has what a plain product gives. */
static __global__ void __launch_bounds__(32) k_product(float *to, enum product how)
{
    __shared__ __align__(16) struct matrices m;
    int lane = threadIdx.x, r = lane / 4, c = lane % 4 * 2;
    const __nv_bfloat16 *rows = row_at(&m.a[lane % 16][lane / 16 * 8]);
    uint32_t a[4], b[4];
    float sum[4];

    fill(&m, lane);
    if (how == NOT_ALIGNED)
        rows += 2;
    if (how == NOT_SHARED)
        rows = row_at(to);
    load_matrices(a, rows);
    if (how == BY_COLUMNS)
        load_transposes(b, row_at(m.b[lane % 16]));
    else
        load_matrices(b, row_at(&m.columns[lane % 8][lane / 8 % 2 * 8]));
    if (how == BY_HAND)
        by_hand(a, b, r, c);
    for (int i = 0; i < 4; i++)
        sum[i] = begun(r + i / 2 * 8, c + i % 2);
    add_product(sum, a, b[how == SWAPPED], b[how != SWAPPED]);
    to[lane] = 1;
    for (int i = 0; i < 4; i++)
        if (sum[i] != plain_product(r + i / 2 * 8, c + i % 2))
            to[lane] = 0;
}

/* --- what each case has */

struct wrong_scene {
    float *a, *b, *pinned; /* N floats each; a is 0, 1, ...; b is 0 */
    float host[N];
    cudaStream_t s, t;
    cudaEvent_t e;
};

static void open_scene(struct wrong_scene *c)
{
    for (int i = 0; i < N; i++)
        c->host[i] = (float)i;
    cudaMalloc((void **)&c->a, sizeof c->host);
    cudaMalloc((void **)&c->b, sizeof c->host);
    cudaMallocHost((void **)&c->pinned, sizeof c->host);
    cudaStreamCreateWithFlags(&c->s, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&c->t, cudaStreamNonBlocking);
    cudaEventCreateWithFlags(&c->e, cudaEventDisableTiming);
    cudaMemcpyAsync(c->a, c->host, sizeof c->host, cudaMemcpyHostToDevice, c->s);
    cudaMemsetAsync(c->b, 0, sizeof c->host, c->s);
    cudaStreamSynchronize(c->s);
}

/* False: an error is left. */
static bool close_scene(struct wrong_scene *c)
{
    cudaError_t e;

    cudaStreamSynchronize(c->s);
    cudaStreamSynchronize(c->t);
    e = cudaGetLastError();
    cudaFree(c->a);
    cudaFree(c->b);
    cudaFreeHost(c->pinned);
    cudaEventDestroy(c->e);
    cudaStreamDestroy(c->s);
    cudaStreamDestroy(c->t);
    return e == cudaSuccess;
}

/* b[i] on the host. */
static float get(struct wrong_scene *c, const float *b, int i)
{
    cudaMemcpyAsync(c->host, b, sizeof c->host, cudaMemcpyDeviceToHost, c->t);
    cudaStreamSynchronize(c->t);
    return c->host[i];
}

/* --- streams, memory, limits */

static bool pinned_source_changes(struct wrong_scene *c, bool bad)
{
    c->pinned[0] = 7;
    cudaMemcpyAsync(c->a, c->pinned, sizeof c->host, cudaMemcpyHostToDevice, c->s);
    if (!bad)
        cudaStreamSynchronize(c->s);
    c->pinned[0] = 9;
    cudaStreamSynchronize(c->s);
    return get(c, c->a, 0) == 7;
}

static bool pinned_target_is_read_early(struct wrong_scene *c, bool bad)
{
    c->pinned[3] = -1;
    cudaMemcpyAsync(c->pinned, c->a, sizeof c->host, cudaMemcpyDeviceToHost, c->s);
    if (!bad)
        cudaStreamSynchronize(c->s);
    return c->pinned[3] == 3;
}

static bool no_wait_for_an_event(struct wrong_scene *c, bool bad)
{
    cudaMemsetAsync(c->a, 0, sizeof c->host, c->s);
    cudaEventRecord(c->e, c->s);
    if (!bad)
        cudaStreamWaitEvent(c->t, c->e, 0);
    RF_LAUNCH(k_move, dim3(1), dim3(N), 0, c->t, c->a, c->b);
    return get(c, c->b, 5) == 0;
}

static bool leak(struct wrong_scene *c, bool bad)
{
    if (bad)
        cudaMalloc((void **)&c->a, 16);
    return true;
}

static bool freed_twice(struct wrong_scene *c, bool bad)
{
    cudaFree(c->a);
    if (!bad)
        c->a = NULL;
    return true;
}

static bool copy_is_too_long(struct wrong_scene *c, bool bad)
{
    cudaMemcpyAsync(c->a, c->b, sizeof c->host + (bad ? 4 : 0), cudaMemcpyDeviceToDevice, c->s);
    return true;
}

static bool host_reads_the_device(struct wrong_scene *c, bool bad)
{
    return *(bad ? c->a : c->host) == 0;
}

static bool much_shared_memory(struct wrong_scene *c, bool bad)
{
    cudaFuncSetAttribute((const void *)k_dynamic_room,
                         cudaFuncAttributeMaxDynamicSharedMemorySize,
                         bad ? 80 << 10 : 60 << 10);
    return true;
}

static bool shared_memory_is_not_asked_for(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_dynamic_room, dim3(1), dim3(N), bad ? 49 << 10 : 48 << 10, c->s, c->b);
    return true;
}

static bool large_block(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_neighbour, dim3(1), dim3(bad ? 2048 : 1), 0, c->s, c->a, 0);
    return true;
}

static bool large_grid(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_move, dim3(1, bad ? 65536 : 1), dim3(N), 0, c->s, c->a, c->b);
    return true;
}

static bool product_leaves_its_matrix(struct wrong_scene *c, bool bad)
{
    const float one = 1, zero = 0;
    cublasHandle_t h;
    cublasCreate(&h);
    cublasSetStream(h, c->s);
    cublasGemmEx(h, CUBLAS_OP_N, CUBLAS_OP_N, 4, 4, 4, &one, c->a, CUDA_R_32F, bad ? 32 : 4,
                 c->a, CUDA_R_32F, 4, &zero, c->b, CUDA_R_32F, 4, CUBLAS_COMPUTE_32F,
                 CUBLAS_GEMM_DEFAULT);
    cudaStreamSynchronize(c->s);
    cublasDestroy(h);
    return true;
}

/* --- threads */

static bool two_barriers(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_two_barriers, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

static bool thread_ends_early(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_ends_early, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

static bool deadlock(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_deadlock, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

static bool lanes_meet_elsewhere(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_lanes, dim3(1), dim3(32), 0, c->s, c->b, bad);
    return true;
}

static bool lane_takes_no_part(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_half_mask, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

static bool race_of_blocks(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_neighbour, dim3(8), dim3(1), 0, c->s, c->a, bad);
    return true;
}

static bool race_of_rounds(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_two_rounds, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

static bool race_of_lanes(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_warp_mates, dim3(1), dim3(32), 0, c->s, c->b, bad);
    return true;
}

static bool sum_is_not_atomic(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_count, dim3(2), dim3(N), 0, c->s, (int *)c->b, bad);
    return true;
}

/* Of so many lanes; whether all of them have what is right. */
static bool product_is_right(struct wrong_scene *c, enum product how, unsigned lanes)
{
    bool right = true;

    RF_LAUNCH(k_product, dim3(1), dim3(lanes), 0, c->s, c->b, how);
    cudaStreamSynchronize(c->s);
    for (int i = 0; i < 32; i++)
        right = right && get(c, c->b, i) == 1;
    return right;
}

static bool rows_are_swapped(struct wrong_scene *c, bool bad)
{
    return product_is_right(c, bad ? SWAPPED : BY_HAND, 32);
}

static bool lane_has_no_part(struct wrong_scene *c, bool bad)
{
    product_is_right(c, BY_ROWS, bad ? 31 : 32);
    return true;
}

static bool row_is_not_aligned(struct wrong_scene *c, bool bad)
{
    return product_is_right(c, bad ? NOT_ALIGNED : BY_ROWS, 32) || bad;
}

static bool matrix_is_not_shared(struct wrong_scene *c, bool bad)
{
    return product_is_right(c, bad ? NOT_SHARED : BY_COLUMNS, 32) || bad;
}

/* --- accesses */

static bool used_after_free(struct wrong_scene *c, bool bad)
{
    float *gone = c->a;
    if (bad) {
        cudaFree(c->a);
        c->a = NULL;
    }
    RF_LAUNCH(k_move, dim3(1), dim3(N), 0, c->s, gone, c->b);
    return true;
}

static bool behind_the_end(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_move, dim3(1), dim3(bad ? N + 1 : N), 0, c->s, c->a, c->b);
    return true;
}

static bool never_written(struct wrong_scene *c, bool bad)
{
    float *fresh;
    cudaMalloc((void **)&fresh, sizeof c->host);
    if (!bad)
        cudaMemsetAsync(fresh, 0, sizeof c->host, c->s);
    RF_LAUNCH(k_move, dim3(1), dim3(N), 0, c->s, fresh, c->b);
    cudaFree(fresh);
    return true;
}

static bool not_aligned(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_quad, dim3(1), dim3(32), 0, c->s, c->a, c->b, bad ? 1 : 4);
    return true;
}

static bool memory_of_the_host(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_move, dim3(1), dim3(N), 0, c->s, bad ? c->pinned : c->a, c->b);
    return true;
}

static bool static_room_is_left(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_static_room, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

static bool dynamic_room_is_left(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_dynamic_room, dim3(1), dim3(N), (bad ? N - 1 : N) * sizeof(float), c->s, c->b);
    return true;
}

static bool room_never_written(struct wrong_scene *c, bool bad)
{
    RF_LAUNCH(k_unwritten_room, dim3(1), dim3(N), 0, c->s, c->b, bad);
    return true;
}

bool wrong_run(const struct wrong *w, bool bad)
{
    struct wrong_scene c;
    bool good;

    open_scene(&c);
    good = w->run(&c, bad);
    return close_scene(&c) && good;
}

const struct wrong wrongs[] = {
    {"pinned memory changes before its copy", true, pinned_source_changes},
    {"pinned memory is read before the copy to it", true, pinned_target_is_read_early},
    {"a stream does not wait for another", true, no_wait_for_an_event},
    {"memory is not given back", true, leak},
    {"memory is given back twice", true, freed_twice},
    {"a copy is longer than what it copies", true, copy_is_too_long},
    {"the host reads the device's memory", false, host_reads_the_device},
    {"more shared memory than the card has", true, much_shared_memory},
    {"more shared memory than was asked for", true, shared_memory_is_not_asked_for},
    {"more threads than a block may have", true, large_block},
    {"more blocks than a grid may have", true, large_grid},
    {"a product leaves its matrix", true, product_leaves_its_matrix},
    {"threads wait at two barriers", true, two_barriers},
    {"a thread ends before the barrier", true, thread_ends_early},
    {"lanes wait for what waits for them", true, deadlock},
    {"lanes meet in two places", true, lanes_meet_elsewhere},
    {"a lane is read that takes no part", true, lane_takes_no_part},
    {"halves of a matrix are swapped", true, rows_are_swapped},
    {"a matrix of which a lane has no part", true, lane_has_no_part},
    {"a row of a matrix that is not aligned", true, row_is_not_aligned},
    {"a matrix that is not in shared memory", true, matrix_is_not_shared},
    {"two blocks at one element", false, race_of_blocks},
    {"shared memory is written while it is read", false, race_of_rounds},
    {"lanes read what lanes wrote", false, race_of_lanes},
    {"a sum of several threads is not atomic", false, sum_is_not_atomic},
    {"memory is read that was given back", false, used_after_free},
    {"a thread behind the array's end", false, behind_the_end},
    {"memory is read that was never written", false, never_written},
    {"four floats that are not aligned", false, not_aligned},
    {"a kernel reads the host's memory", false, memory_of_the_host},
    {"a thread leaves a static array", false, static_room_is_left},
    {"a thread leaves dynamic shared memory", false, dynamic_room_is_left},
    {"shared memory is read that was never written", false, room_never_written},
    {NULL, false, NULL},
};
