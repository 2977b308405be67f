# The help of every tool fits on a screen of 80 columns, and none of its texts begins with "not:".
make -s -C "$ROOT" tools | tr ' ' '\n' >names
while read -r tool; do
    "$tool" --help >help || echo "$tool: status $?"
    grep -q '^usage: ' help || echo "$tool: no usage"
    grep -nE '^.{81}' help && echo "$tool: too wide"
    grep -n ' not: ' help && echo "$tool: what is not?"
    grep -nE ' $' help && echo "$tool: a blank ends a line"
done <names
[ "$(wc -l <names)" -ge 18 ] || echo 'too few tools'

# The texts stand below each other, wrapped; a choice that a text names is not listed again.
rf-plot --help | sed -n '/--by/,/(auto)/p'
echo ---
# An option that is on says what --no-NAME does. Long names have a line of their own.
rf-train --help | grep -A 2 across_buckets
echo ---
# The options of rf-train stand in groups, in the order of the table.
rf-train --help | grep '^[A-Z]'
#out
#   -b, --by what                what it is drawn against: step, tokens, seconds,
#                                epoch (step)
#   -f, --format format          format of the picture: svg, png, or auto, which
#                                goes by the ending of the file's name (auto)
# ---
#       --no-model.across_buckets
#                                do not let a token attend to tokens of its chunk
#                                that hashing put into another bucket
# ---
# Train a language model.
# The model
# Attention
# Feed-forward layers, norms, positions, embedding
# Product-key memory
# Dropout
# Memory of the model
# The generator, for data.task electra
# Data
# Optimiser and learning rate
# The run
# How it computes
# What to do this time
# All settings
# Options of every tool
# Defaults are in parentheses. The whole story: man rf-train
