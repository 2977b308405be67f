# other languages, particles, marks, and what cannot be asked about
text='The castle on the hill was built by Robert of Gloucester in 1147.'
echo "$text" | squad-cloze --min-chars 20 --ask 'what' --ask-number 'when' --seed 3
echo "$text" | squad-cloze --min-chars 20 --ask '' --ask-number when; echo $?
printf 'Title\nFour words only here.\n\n' | squad-cloze --min-chars 1
printf 'Title\nToo long for a context of so few characters.\n\n' | squad-cloze --max-chars 20
printf '{"id": 1, "text": "%s"}\n' "\\\"$text\\\"" | squad-cloze --jsonl text --min-chars 1 --seed 4
squad-cloze -q </dev/null
#out
# {"version": "cloze", "data": [
# {"title": "", "paragraphs": [
# {"context": "The castle on the hill was built by Robert of Gloucester in 1147.", "qas": [
# {"id": "0", "question": "The on the hill was by Robert in 1147 what?", "answers": [{"text": "built", "answer_start": 27}]}]}]}]}
# 2
# {"version": "cloze", "data": []}
# {"version": "cloze", "data": []}
# {"version": "cloze", "data": [
# {"title": "", "paragraphs": [
# {"context": "\"The castle on the hill was built by Robert of Gloucester in 1147.\"", "qas": [
# {"id": "0", "question": "The castle on 어디 by Robert of Gloucester in?", "answers": [{"text": "the", "answer_start": 15}]}]}]}]}
# {"version": "cloze", "data": []}
#err
# squad-cloze: there is no question word
# squad-cloze: sentences longer than a context, left out: 1
