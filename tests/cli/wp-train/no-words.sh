printf '\n \n' | wp-train -o vocab.txt
ls
