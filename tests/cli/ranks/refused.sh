# ranks that cannot work together say so before anything is read
TRIAL=$BUILD/tests/ranks/trial
unset SLURM_STEP_NUM_TASKS OMPI_COMM_WORLD_SIZE PMI_SIZE
export RF_PLUGIN_PATH=$PWD
ldd "$BIN/rf-train" "$TRIAL" | grep -i mpi # MPI is the plugin's alone
try() {
    "$@" 2>&1 | sed "s,$PWD/,,"
    echo "${PIPESTATUS[0]}"
}
try "$TRIAL" -n 2
cp "$BUILD/tests/plugin/reformer-wire.so" reformer-mpi.so
try "$TRIAL" -n 0
cp "$BUILD/tests/plugin/reformer-empty.so" reformer-mpi.so
try "$TRIAL" -n 0
echo 'no shared object' >reformer-mpi.so
try "$TRIAL" -n 0
# started by a launcher, but left alone by MPI: the first says it, since none knows of the others
for rank in 0 1; do
    try env SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=$rank "$TRIAL"
    try env OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=$rank "$TRIAL" -n 1
    try env PMI_SIZE=2 PMI_RANK=$rank "$TRIAL"
done
try env SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0 "$TRIAL"
#out
# trial: no ranks: reformer-mpi.so is not there
# 2
# trial: no ranks: 'reformer-mpi.so' was made for another version of the tools
# 2
# trial: no ranks: 'reformer-mpi.so' has no wire_plugin()
# 2
# trial: no ranks: reformer-mpi.so: file too short
# 2
# trial: 4 processes were started (SLURM_STEP_NUM_TASKS), but they do not work together: --ranks 4 or 0 lets them
# 2
# trial: 4 processes were started (OMPI_COMM_WORLD_SIZE), but they do not work together: --ranks 4 or 0 lets them
# 2
# trial: 2 processes were started (PMI_SIZE), but they do not work together: --ranks 2 or 0 lets them
# 2
# 0
# 0
# 0
# 047318775eb1204d
# 0
