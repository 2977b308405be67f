# CLUSTER=slurm hands out jobs, each behind those it needs, and only parts that are not done; train.sbatch goes on after what
# a start can help. Here stand-ins run the jobs: tests/cluster is the real thing.
. "$ROOT/tests/cli/rf-train/data.inc" # tiny.yaml
unset CORPUS
here=${PWD#"$ROOT/"}
mkdir bin
script() { { echo '#!/bin/bash'; cat; } >"bin/$1"; }
# Runs a job at once, and an array task by task; its number is that of the line in the table of jobs.
script sbatch <<'S'
set -u
line=
while [[ $1 = --* ]]; do
    case $1 in
    --array=*) array=${1#*=} && line+=" $1" ;;
    --dependency=*) line+=" $1" ;;
    --output=*) log=${1#*=} ;;
    *) line+=" $1" ;;
    esac
    shift
done
echo "$line ${1##*/}" "${@:2}" >>"$JOBS_FILE"
n=$(wc -l <"$JOBS_FILE")
echo "$n;cluster"
for i in $(tr , ' ' <<<"${array:-0}"); do
    SLURM_ARRAY_TASK_ID=$i SLURM_JOB_ID=$n SLURM_JOB_NODELIST=n1 "$@" >>"${log//%/_}" 2>&1 || echo "job $n: status $?" >>"$JOBS_FILE"
done
S
# Starts what it is told, or only says what that would be and ends with the next status of STATUS.
script srun <<'S'
if [ -n "${STATUS:-}" ]; then
    echo "srun $*"
    n=$(($(cat count 2>/dev/null || echo 0) + 1))
    echo $n >count
    exit "$(cut -d ' ' -f $n <<<"$STATUS")"
fi
while [[ $1 = --* ]]; do shift; done
exec "$@"
S
script scontrol <<<'echo scontrol "$@"; exit "${REFUSED:-0}"'
script sleep <<<''
chmod +x bin/*
export PATH=$PWD/bin:$PATH JOBS_FILE=$PWD/jobs PAUSE=0
submit() {
    make -s -C "$ROOT" -f pipelines/mlm.mk BIN="$BIN" OUT="$here/out" YAML="$here/tiny.yaml" VOCAB_SIZE=1200 PARTS=3 \
        CORPUS="$here/corpus.txt" CLUSTER=slurm "$@" 2>&1 | sed "s|$here/||g"
    sed "s|$here/||g; s|$ROOT/||g" jobs
    rm -f jobs
}
echo == all
submit TRAIN_JOB='--nodes=2 --gres=gpu:8' PART_JOB=--time=60 FILTER='--near 0.9'
wc -l <out/filled.txt
echo == one part is lost
rm out/parts/1.rfs
submit FILTER='--near 0.9'
echo == none is
submit FILTER='--near 0.9'
echo == elsewhere
CLUSTER=slurm make -s -C "$ROOT" -f pipelines/mlm.mk BIN="$BIN" OUT="$here/other" CORPUS="$here/corpus.txt" VOCAB_SIZE=1200 \
    "$here/other/vocab.txt" 2>/dev/null && ls other
make -s -C "$ROOT" -f pipelines/layouts.mk BIN="$BIN" CORPUS="$here/corpus.txt" CLUSTER=slurm 2>&1 | sed 's/mk:[0-9]*/mk/'
make -s -C "$ROOT" -f pipelines/mlm.mk BIN="$BIN" CLUSTER=pbs 2>&1 | sed 's/mk:[0-9]*/mk/'
script sbatch <<<'echo "sbatch: error: no" >&2; exit 1'
: >jobs
submit | sed 's/mk:[0-9]*/mk/'

echo == training
train() { # TASKS STATUS...
    rm -f count
    STATUS="${*:2}" SLURM_NTASKS=$1 SLURM_JOB_ID=7 SLURM_JOB_NODELIST=n1 "$ROOT/pipelines/slurm/train.sbatch" -c x.yaml |
        sed -E 's/^[^ ]*T[^ ]* //; s/ after [0-9]+ s//'
    echo "status ${PIPESTATUS[0]}"
}
train 1 0
train 8 71 137 0
train 8 71 71 71 71 0
train 8 75
REFUSED=1 train 8 75
train 8 1
train 8 2
#out
# == all
# 1 parts: sign
# 2 parts: filter count
# 3 vocabulary
# 4 parts: encode
# 5 sequences
# 6 training
# 7 all else
#  --parsable --kill-on-invalid-dep=yes --array=0,1,2 --time=60 part.sbatch out/parts/list sign
#  --parsable --dependency=afterok:1 --kill-on-invalid-dep=yes --array=0,1,2 --time=60 part.sbatch out/parts/list filter count
#  --parsable --dependency=afterok:2 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk out/vocab.txt
#  --parsable --dependency=afterok:3 --kill-on-invalid-dep=yes --array=0,1,2 --time=60 part.sbatch out/parts/list encode
#  --parsable --dependency=afterok:4 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk out/train.rfs
#  --parsable --dependency=afterok:5 --kill-on-invalid-dep=yes --nodes=2 --gres=gpu:8 train.sbatch -v -c tiny.yaml --train.run out/run --train.seed 1 --data.vocab out/vocab.txt --data.train out/train.rfs --data.eval out/eval.rfs
#  --parsable --dependency=afterok:6 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk all
# 1
# == one part is lost
# 1 vocabulary
# 2 parts: encode
# 3 sequences
# 4 training
# 5 all else
#  --parsable --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk out/vocab.txt
#  --parsable --dependency=afterok:1 --kill-on-invalid-dep=yes --array=1 part.sbatch out/parts/list encode
#  --parsable --dependency=afterok:2 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk out/train.rfs
#  --parsable --dependency=afterok:3 --kill-on-invalid-dep=yes train.sbatch -v -c tiny.yaml --train.run out/run --train.seed 1 --data.vocab out/vocab.txt --data.train out/train.rfs --data.eval out/eval.rfs
#  --parsable --dependency=afterok:4 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk all
# == none is
# 1 vocabulary
# 2 sequences
# 3 training
# 4 all else
#  --parsable --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk out/vocab.txt
#  --parsable --dependency=afterok:1 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk out/train.rfs
#  --parsable --dependency=afterok:2 --kill-on-invalid-dep=yes train.sbatch -v -c tiny.yaml --train.run out/run --train.seed 1 --data.vocab out/vocab.txt --data.train out/train.rfs --data.eval out/eval.rfs
#  --parsable --dependency=afterok:3 --kill-on-invalid-dep=yes make.sbatch pipelines/mlm.mk all
# == elsewhere
# vocab.txt
# pipelines/parts.mk: *** CLUSTER='slurm': this pipeline runs on one machine.  Stop.
# pipelines/parts.mk: *** CLUSTER='pbs': only slurm is known.  Stop.
# sbatch: error: no
# make: *** [pipelines/pretrain.mk: submit] Error 1
# == training
# srun --mpi=none --kill-on-bad-exit=1 rf-train -c x.yaml
# rf-train ended with 0 on n1; restarts: 0
# status 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 71 on n1; restarts: 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 137 on n1; restarts: 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 0 on n1; restarts: 0
# status 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 71 on n1; restarts: 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 71 on n1; restarts: 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 71 on n1; restarts: 0
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 71 on n1; restarts: 0
# status 71
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 75 on n1; restarts: 0
# scontrol requeue 7
# status 75
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 75 on n1; restarts: 0
# scontrol requeue 7
# status 75
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 1 on n1; restarts: 0
# status 1
# srun --mpi=pmix --kill-on-bad-exit=1 rf-train --ranks 8 -c x.yaml
# rf-train ended with 2 on n1; restarts: 0
# status 2
