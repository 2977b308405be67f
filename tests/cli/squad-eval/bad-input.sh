gold() { printf '{"data": [{"paragraphs": [{"qas": [%s]}]}]}' "$1" >gold.json; squad-eval --json gold.json p.json; }
echo '{"a": "x"}' >p.json
gold '{"id": "a", "answers": [{"text": "x"}]}'
gold ''
gold '{"id": "a"}'
gold '{"id": "a", "answers": []}'
gold '{"id": "b", "answers": []}'
gold '{"id": 7, "answers": [{"text": "x"}]}'
gold '{"answers": [{"text": "x"}]}'
gold '{"id": "a", "answers": [{"answer_start": 0}]}'
gold '{"id": "a", "answers": "x"}'
gold '{"id": "a", "answers": ["x"]}'
gold '{"id": "a", "answers": [{"text": null}]}'
gold '7'
for text in '' '{}' '[]' '{"data": {}}' '{"data": [[]]}' '{"data": [{}]}' '{"data": [{"paragraphs": [{}]}]}' \
    '{"data": [{"paragraphs": [], "paragraphs": []}]}' '{"data": [], "data": []}' '{"data": []} 1' '{"data": [' \
    '{"data": [{"paragraphs": [{"qas": {}}]}]}' '{"data": [{"paragraphs": 7}]}'; do
    echo "$text" >other.json
    squad-eval other.json p.json
done
gold '{"id": "a", "answers": [{"text": "x"}]}'
for text in '' '[]' '{"a": 7}' '{"a": {"x": ["y"]}}' '{"b": 7}' '{"a": 7, "a": "x"}' '{"a": "x"} {}' '{"a": "x"' \
    '{"a": NaN}' '"a"'; do
    echo "$text" >p.json
    squad-eval -q --json gold.json p.json
done
printf '{"a": "\377"}' >p.json
squad-eval gold.json p.json
squad-eval gold.json none.json
echo '{}' >p.json
squad-eval none.json p.json
echo $?
#out
# {"exact_match": 100.0, "f1": 100.0}
# {"exact_match": 0.0, "f1": 0.0}
# {"exact_match": 100.0, "f1": 100.0}
# {"exact_match": 0.0, "f1": 0.0}
# {"exact_match": 100.0, "f1": 100.0}
# 1
#err
# squad-eval: no question in 'gold.json'
# squad-eval: no answer to question 'a' in 'gold.json', byte 35
# squad-eval: no answer to question 'a' in 'gold.json', byte 35
# squad-eval: questions without a prediction, which count 0: 1
# squad-eval: 'id' is no string in 'gold.json', byte 42
# squad-eval: no 'id' in a question of 'gold.json', byte 35
# squad-eval: no 'text' in an answer of 'gold.json', byte 59
# squad-eval: 'answers' is no array in 'gold.json', byte 58
# squad-eval: an answer is no object in 'gold.json', byte 59
# squad-eval: 'text' is no string in 'gold.json', byte 68
# squad-eval: a question is no object in 'gold.json', byte 35
# squad-eval: no JSON value in 'other.json': it ends at byte 1
# squad-eval: no 'data' in the object of 'other.json', byte 0
# squad-eval: the value is no object in 'other.json', byte 0
# squad-eval: 'data' is no array in 'other.json', byte 9
# squad-eval: an article is no object in 'other.json', byte 10
# squad-eval: no 'paragraphs' in an article of 'other.json', byte 10
# squad-eval: no 'qas' in a paragraph of 'other.json', byte 26
# squad-eval: 'paragraphs' for the second time in 'other.json', byte 29
# squad-eval: 'data' for the second time in 'other.json', byte 13
# squad-eval: bad JSON in 'other.json', byte 13: something follows the value
# squad-eval: JSON in 'other.json' ends too early, at byte 11
# squad-eval: 'qas' is no array in 'other.json', byte 34
# squad-eval: 'paragraphs' is no array in 'other.json', byte 25
# squad-eval: no JSON value in 'p.json': it ends at byte 1
# squad-eval: the predictions in 'p.json' are no object, byte 0
# squad-eval: the prediction for 'a' is no string in 'p.json', byte 6
# squad-eval: the prediction for 'a' is no string in 'p.json', byte 6
# squad-eval: bad JSON in 'p.json', byte 11: something follows the value
# squad-eval: JSON in 'p.json' ends too early, at byte 10
# squad-eval: bad JSON in 'p.json', byte 6: a value was expected
# squad-eval: the predictions in 'p.json' are no object, byte 0
# squad-eval: not UTF-8 in 'p.json', byte 7
# squad-eval: cannot open 'none.json': No such file or directory
# squad-eval: cannot open 'none.json': No such file or directory
