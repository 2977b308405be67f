# what stands where the object of a file should is named, and so is UTF-16
file='{"document":{"paragraph":[{"form":"가"}]}}'
for json in "[$file]" '"x"' 1 null true; do echo "$json" | modu-text; done
for code in UTF-16LE UTF-16BE UTF-16; do echo "$file" | iconv -f UTF-8 -t $code | modu-text; done
printf '\357\273\277%s' "$file" | modu-text
#out
#
# 가
#
#err
# modu-text: no text in 'standard input', byte 0: found an array, where the object of a file was expected
# modu-text: no text in 'standard input', byte 0: found a string, where the object of a file was expected
# modu-text: no text in 'standard input', byte 0: found a number, where the object of a file was expected
# modu-text: no text in 'standard input', byte 0: found true, false or null, where the object of a file was expected
# modu-text: no text in 'standard input', byte 0: found true, false or null, where the object of a file was expected
# modu-text: bad JSON in 'standard input', byte 0: it is UTF-16, not UTF-8
# modu-text: bad JSON in 'standard input', byte 0: it is UTF-16, not UTF-8
# modu-text: bad JSON in 'standard input', byte 0: it is UTF-16, not UTF-8
