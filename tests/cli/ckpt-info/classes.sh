# a model that tells classes has a line for each, those that rf-predict names, in the same order
. "$ROOT/tests/cli/rf-predict/model.inc"
ckpt-info run | grep -A 4 '^max_len'
ckpt-info run | grep '^class: ' | cut -d ' ' -f 2 | paste -s -d ' '
echo '해 는 크다' | rf-predict --json --all | grep -o '"[^"]*":' | tr -d '":' | tail -n 3 | paste -s -d ' '
#out
# max_len: 16
# class: 동물
# class: 식물
# class: 하늘
# ema: false
# 동물 식물 하늘
# 동물 식물 하늘
