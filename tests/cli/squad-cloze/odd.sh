# text of any kind makes JSON, and every answer stands where it says
python3 - <<'X'
import json, random, subprocess
random.seed(1)
pieces = ["가", "나", "는", "은", "에서", "을", " ", "  ", "\u3000", "\n", "\n\n", ".", "「", "」", "1", "2", "년", "a", "B", "\u0301",
          "\u200b", "(", ")", '"', "\\", "\t", "이었다", "😀", "\u00a0", "ㅎ", "하는"]
made = 0
for n in range(150):
    text = "".join(random.choice(pieces) for _ in range(random.choice([0, 1, 10, 100, 1000, 5000])))
    options = {"--min-chars": [0, 1, 20], "--max-chars": [1, 20, 100, 400, 100000], "--questions": [1, 2, 1000], "--seed": [n]}
    args = [x for o, values in options.items() for x in (o, str(random.choice(values)))] + random.choice([[], ["--no-titles"]])
    out = subprocess.run(["squad-cloze", "-q"] + args, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    for article in json.loads(out)["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answer, = qa["answers"]
                assert answer["text"] and paragraph["context"][answer["answer_start"]:].startswith(answer["text"]), (args, text)
                made += 1
print(made > 300)
X
#out
# True
