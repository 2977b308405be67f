# found before any work
echo 가 >text
text-filter -o out text none
echo $?
text-filter -o out --not-in none text
echo $?
text-filter .
echo $?
ls
