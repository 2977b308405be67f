. "$ROOT/tests/cli/squad-predict/model.inc"
squad-predict qa.json
squad-predict -m nothing qa.json
squad-predict --max-query 4 -l 41 qa.json
squad-predict --max-query 4 none.json
head -c 500 qa.json >cut.json
squad-predict --max-query 4 -o out.json --nbest best.json cut.json
sed '$d' vocab.txt >other.txt
squad-predict --max-query 4 -V other.txt qa.json
ls *.json
for i in $(seq 40); do printf '%s\n\n' '눈은 희다.' '밤은 검다.'; done >corpus.txt
wp-encode -q corpus.txt | shard-wiki -q --max-len 40 -o mlm.rfs
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --data.train mlm.rfs --data.eval '' --train.steps 2 --train.run mlm \
    --train.eval_every 0 --train.save_every 0
squad-predict -m mlm --max-query 4 qa.json
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" -o wild --data.task qa --data.train qa.rfs --data.eval '' --optim.lr 10 \
    --optim.schedule constant --optim.clip 0 --train.steps 3 --train.eval_every 0
squad-predict -m wild --max-query 4 -o out.json qa.json
ls *.json
#out
# cut.json
# qa.json
# cut.json
# qa.json
#err
# squad-predict: sequences of 40 tokens leave no room for a context behind questions of 64 and 3 special tokens
# squad-predict: cannot open folder 'nothing': No such file or directory
# squad-predict: 'run/step-00000600' takes sequences of up to 40 tokens, not 41
# squad-predict: cannot open 'none.json': No such file or directory
# squad-predict: JSON in 'cut.json' ends too early, at byte 500
# squad-predict: 'other.txt' is not the vocabulary that 'run/step-00000600' was trained with
# squad-predict: 'mlm/step-00000002' has not learned to answer questions: its task is mlm
# squad-predict: what the model says to question '0-하늘' in 'qa.json' is no number
