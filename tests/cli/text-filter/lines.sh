printf '가\n나\n가\n\n나 \n다라마\n' >text
echo '== lines once'
text-filter --lines text
echo '== lines of a document once'
text-filter --dup-lines --no-titles text
echo '== of two characters'
text-filter --lines --min-line 2 text
echo '== of one'
text-filter --lines --max-line 1 --no-dup-docs text
#out
# == lines once
# 가
# 나
#
# 다라마
# == lines of a document once
# 가
# 나
#
# 다라마
# == of two characters
#
# 다라마
# == of one
# 가
# 나
# 가
#
# 나 
