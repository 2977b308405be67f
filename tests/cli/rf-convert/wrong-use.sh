# wrong use
rf-convert 2>&1 | head -n 1
rf-convert m.safetensors
echo $?
mkdir run
rf-convert -c x.yaml -o y run
rf-convert --compat reformer-pytorch-1.4.4 -o y m.safetensors
rf-convert --compat 2.0 -o y run
