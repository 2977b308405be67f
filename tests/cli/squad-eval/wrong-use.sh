squad-eval; echo $?
squad-eval a b c; echo $?
squad-eval - -; echo $?
squad-eval --metric rouge a b; echo $?
squad-eval --bootstrap -1 a b; echo $?
squad-eval --output= a b; echo $?
squad-eval --per-question= a b; echo $?
#out
# 2
# 2
# 2
# 2
# 2
# 2
# 2
#err
# squad-eval: missing operand: gold predictions
# Try 'squad-eval --help'.
# squad-eval: unexpected operand 'c'
# Try 'squad-eval --help'.
# squad-eval: only one of the two files can be standard input
# squad-eval: bad value 'rouge' for 'metric': must be korquad, squad
# Try 'squad-eval --help'.
# squad-eval: bad value '-1' for 'bootstrap': must be 0 to 1000000
# Try 'squad-eval --help'.
# squad-eval: option '--output' names no file: ''
# Try 'squad-eval --help'.
# squad-eval: option '--per-question' names no file: ''
# Try 'squad-eval --help'.
