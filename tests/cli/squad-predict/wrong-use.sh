squad-predict --question x; echo $?
squad-predict --context x; echo $?
squad-predict --question x --context y file; echo $?
squad-predict --top 0; echo $?
squad-predict --top 1001; echo $?
squad-predict --max-answer 0; echo $?
#out
# 2
# 2
# 2
# 2
# 2
# 2
#err
# squad-predict: --question and --context go together
# squad-predict: --question and --context go together
# squad-predict: --question is the only one: no files with it
# squad-predict: bad value '0' for 'top': must be 1 to 1000
# Try 'squad-predict --help'.
# squad-predict: bad value '1001' for 'top': must be 1 to 1000
# Try 'squad-predict --help'.
# squad-predict: bad value '0' for 'max-answer': must be 1 to 67108864
# Try 'squad-predict --help'.
