printf '\n \n' | wp-train -o vocab.txt
ls
#err
# wp-train: there is no word in the text
