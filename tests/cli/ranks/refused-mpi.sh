# another number of ranks than asked for, one that is no power of two, and a launcher of another kind
. "$ROOT/tests/cli/ranks/mpirun.inc"
try() {
    "$@"
    echo "$?"
} 2>&1
try ranks 4 "$TRIAL" -n 2
try ranks 3 "$TRIAL" -n 3
try ranks 2 "$TRIAL"
try "$TRIAL" -n 4
try env SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=0 "$TRIAL" -n 4
try env SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=2 "$TRIAL" -n 4
try "$TRIAL" -n 0
#out
# trial: --ranks 2, but 4 were started
# 2
# trial: 3 ranks: not a power of two of at most 1024
# 2
# trial: 2 processes were started (OMPI_COMM_WORLD_SIZE), but they do not work together: --ranks 2 or 0 lets them
# 2
# trial: --ranks 4, but 1 was started: mpirun or srun starts more
# 2
# trial: 4 processes were started (SLURM_STEP_NUM_TASKS), but MPI sees only one: the launcher and reformer-mpi.so are of different kinds (srun --mpi=...)
# 2
# 0
# 047318775eb1204d
# 0
