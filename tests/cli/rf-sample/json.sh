# objects: why a sample ends, its tokens and what the model thought of them
. "$ROOT/tests/cli/rf-sample/model.inc"
rf-sample --greedy --json --samples 2 'the sky is' | sed 's/"logprob":-[0-9.e-]*/"logprob":X/'
rf-sample --greedy --json --logprobs -n 2 'the sky is' | sed -E 's/-[0-9.]+(e-[0-9]+)?/X/g'
echo 'the grass is' | rf-sample --greedy --json --stop green | sed 's/"logprob":-[0-9.e-]*/"logprob":X/'
rf-sample --greedy --json -n 100 --no-repeat 1 'the sky is blue' | grep -o '"end":"[a-z]*"'
#out
# {"line":1,"sample":1,"text":" blue.\nit is high.\n","end":"document","tokens":9,"logprob":X}
# {"line":1,"sample":2,"text":" blue.\nit is high.\n","end":"document","tokens":9,"logprob":X}
# {"line":1,"sample":1,"text":" blue.","end":"tokens","tokens":2,"logprob":X,"logprobs":[["blue",X],[".",X]]}
# {"line":1,"sample":1,"text":" ","end":"stop","tokens":1,"logprob":X}
# "end":"length"
