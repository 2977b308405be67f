rf-fill --nothing
rf-fill -k x
rf-fill -k 1001
rf-fill -j 5000
rf-fill -k
echo $?
rf-fill --completion bash | head -n 1
#out
# 2
# _rf-fill() {
#err
# rf-fill: unknown option '--nothing'
# Try 'rf-fill --help'.
# rf-fill: bad value 'x' for 'top': not a number with a unit it knows
# Try 'rf-fill --help'.
# rf-fill: bad value '1001' for 'top': must be 0 to 1000
# Try 'rf-fill --help'.
# rf-fill: bad value '5000' for 'threads': must be 0 to 1023
# Try 'rf-fill --help'.
# rf-fill: option '-k' needs a value
# Try 'rf-fill --help'.
