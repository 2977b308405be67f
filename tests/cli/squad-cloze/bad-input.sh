printf '가나다 라마바 \377 사아자 차카타 파하.\n' >text
squad-cloze -o out.json text; echo $?
squad-cloze --min-chars 1 -q --invalid replace text | grep -c context
squad-cloze -o out.json none; echo $?
squad-cloze -o /dev/full "$CORPUS"; echo $?
squad-cloze -q "$CORPUS" >/dev/full; echo $?
squad-cloze --share 2 text; echo $?
squad-cloze -n 0 text; echo $?
ls
#out
# 1
# 0
# 1
# 1
# 1
# 2
# 2
# text
#err
# squad-cloze: not UTF-8 in 'text', line 1, byte 20 of the text
# squad-cloze: cannot open 'none': No such file or directory
# squad-cloze: cannot write '/dev/full': No space left on device
# squad-cloze: cannot write 'standard output': No space left on device
# squad-cloze: bad value '2' for 'share': must be 0 to 1
# Try 'squad-cloze --help'.
# squad-cloze: bad value '0' for 'questions': must be 1 to 1000
# Try 'squad-cloze --help'.
