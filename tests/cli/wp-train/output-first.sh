# a file that cannot be made is told before any text is read
printf '\377\n' >text
wp-train -q -o none/vocab.txt text
wp-train -q -o vocab.txt --report none/report text
wp-train -q --hf none/folder text
wp-train -q --counts-out none/counts text
wp-train -q -o vocab.txt text
ls
#out
# text
#err
# wp-train: cannot create 'none/vocab.txt': No such file or directory
# wp-train: cannot create 'none/report': No such file or directory
# wp-train: cannot make the folder 'none/folder': No such file or directory
# wp-train: cannot create 'none/counts': No such file or directory
# wp-train: not UTF-8 in 'text', line 1, byte 0 of the text
