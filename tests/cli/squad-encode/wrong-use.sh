. "$ROOT/tests/cli/squad-encode/small.inc"
squad-encode --max-len 67 -o out.rfs qa.json; echo $?
squad-encode --max-len 68 -q -o out.rfs qa.json; echo $?
squad-encode --doc-stride 0 qa.json; echo $?
squad-encode --max-query 0 qa.json; echo $?
squad-encode --metric bleu qa.json; echo $?
#out
# 2
# 0
# 2
# 2
# 2
#err
# squad-encode: --max-len must be more than --max-query and 3 special tokens
# squad-encode: bad value '0' for 'doc-stride': must be 1 to 67108864
# Try 'squad-encode --help'.
# squad-encode: bad value '0' for 'max-query': must be 1 to 67108864
# Try 'squad-encode --help'.
# squad-encode: bad value 'bleu' for 'metric': must be korquad, squad
# Try 'squad-encode --help'.
