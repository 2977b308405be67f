rf-fill --nothing
rf-fill -k x
rf-fill -k 1001
rf-fill -j 5000
rf-fill -k
echo $?
rf-fill --completion bash | head -n 1
