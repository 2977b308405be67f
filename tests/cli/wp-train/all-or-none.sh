# several files appear together or not at all
echo 'ab ab' >text
wp-train -q --report /dev/full -o vocab.txt text
wp-train -q --tokenizer-json /dev/full -o vocab.txt text
wp-train -q --report none/report -o vocab.txt text
wp-train -q --report report --tokenizer-json t.json -o /dev/full text
wp-train -q --counts-out /dev/full text
wp-train -q --counts-out a --report b text 2>&1 | head -n 1
wp-train -q --counts --jsonl a text 2>&1 | head -n 1
ls
