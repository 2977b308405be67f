# nothing is read
rf-eval
echo $?
rf-eval --bitch eval.rfs
echo $?
