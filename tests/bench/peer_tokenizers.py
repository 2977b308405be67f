"""peer_tokenizers.py: other programs at the work of wp-train and wp-encode, in their own Python.

    peer_tokenizers.py train TEXT VOCAB...          train for each VOCAB, which is written; prints "seconds peak_MB"
    peer_tokenizers.py encode PEER TEXT VOCAB THREADS   prints "MB/s peak_MB": lines in memory to ids, best of two
    peer_tokenizers.py passes PEER TEXT VOCAB THREADS   prints "MB/s MB/s": the first pass, the best of two more
    peer_tokenizers.py differ PEER TEXT VOCAB IDS   prints the share of lines whose ids are not those in IDS, wp-encode's

PEER is tokenizers (Hugging Face's), flash_tokenizer, budtiktok, nanotoken, tokie, blingfire or sentencepiece. The last two
have vocabularies of their own: blingfire that of BERT multilingual cased, sentencepiece one of 22,000
pieces trained on the first lines of TEXT and kept beside it.
"""
import concurrent.futures
import os
import resource
import sys
import time

BATCH = 10000   # lines
FEW = 20000     # lines to train sentencepiece, and to compare


def peak():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def train(text, vocabs):
    from tokenizers import BertWordPieceTokenizer

    best = 1e9
    for vocab in vocabs:
        tokenizer = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
        start = time.perf_counter()
        tokenizer.train([text], vocab_size=22000, limit_alphabet=6000, show_progress=False)
        best = min(best, time.perf_counter() - start)
        with open(vocab, "w", encoding="utf-8") as f:
            f.writelines(token + "\n" for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]))
    print(round(best, 3), peak())


def hugging_face(vocab, threads, text):
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(vocab, lowercase=False, strip_accents=False)
    return lambda lines: [e.ids for e in tokenizer.encode_batch(lines, add_special_tokens=False)]


def flash_tokenizer(vocab, threads, text):
    from flash_tokenizer import BertTokenizerFlash

    tokenizer = BertTokenizerFlash(vocab, do_lower_case=False).tokenizer
    return lambda lines: [ids[1:-1] for ids in tokenizer.batch_encode(lines, "do_not_pad", 1 << 30, threads > 1)]


def budtiktok(vocab, threads, text):
    import budtiktok
    from tokenizers import BertWordPieceTokenizer

    budtiktok.set_num_threads(threads)
    name = vocab + ".json"
    BertWordPieceTokenizer(vocab, lowercase=False, strip_accents=False).save(name)
    tokenizer = budtiktok.Tokenizer.from_file(name)
    return lambda lines: [e.ids for e in tokenizer.encode_batch(lines, add_special_tokens=False)]


def nanotoken(vocab, threads, text):
    import nanotoken

    tokenizer = nanotoken.Tokenizer.from_vocab(vocab, lowercase=False, strip_accents=False)
    return lambda lines: tokenizer.encode_batch(lines, add_special_tokens=False, parallel=threads > 1)


def tokie(vocab, threads, text):
    import tokie
    from tokenizers import BertWordPieceTokenizer

    name = vocab + ".json"
    BertWordPieceTokenizer(vocab, lowercase=False, strip_accents=False).save(name)
    tokenizer = tokie.Tokenizer.from_json(name)
    return lambda lines: [e.ids for e in tokenizer.encode_batch(lines, add_special_tokens=False)]


def blingfire(vocab, threads, text):
    import blingfire

    model = blingfire.load_model(os.path.join(os.path.dirname(blingfire.__file__), "bert_multi_cased.bin"))
    one = lambda line: blingfire.text_to_ids(model, line, 4096, 0, True)
    if threads == 1:
        return lambda lines: [one(line) for line in lines]
    pool = concurrent.futures.ThreadPoolExecutor(threads)
    return lambda lines: list(pool.map(lambda part: [one(line) for line in part],
                                       [lines[i::threads] for i in range(threads)]))


def sentencepiece(vocab, threads, text):
    import sentencepiece as spm

    model = text + ".sentencepiece"
    if not os.path.exists(model + ".model"):
        with open(text, encoding="utf-8") as f:
            few = [line for line in f.read().split("\n")[:FEW] if line]
        spm.SentencePieceTrainer.train(sentence_iterator=iter(few), model_prefix=model, vocab_size=22000,
                                       hard_vocab_limit=False, minloglevel=2)
    processor = spm.SentencePieceProcessor(model_file=model + ".model")
    return lambda lines: processor.encode(lines, num_threads=threads)


PEERS = {"tokenizers": hugging_face, "flash_tokenizer": flash_tokenizer, "budtiktok": budtiktok, "nanotoken": nanotoken,
         "tokie": tokie, "blingfire": blingfire, "sentencepiece": sentencepiece}


def passes(peer, text, vocab, threads, n):
    """MB/s of each of n passes over the lines of text."""
    run = PEERS[peer](vocab, threads, text)
    with open(text, encoding="utf-8") as f:
        lines = f.read().split("\n")
    for _ in range(n):
        start = time.perf_counter()
        for i in range(0, len(lines), BATCH):
            run(lines[i:i + BATCH])
        yield round(os.path.getsize(text) / (time.perf_counter() - start) / 1e6, 2)


def encode(peer, text, vocab, threads):
    print(max(passes(peer, text, vocab, threads, 2)), peak())


def first_and_more(peer, text, vocab, threads):
    first, *more = passes(peer, text, vocab, threads, 3)
    print(first, max(more))


def differ(peer, text, vocab, ids):
    run = PEERS[peer](vocab, 1, text)
    with open(text, encoding="utf-8") as f, open(ids, encoding="utf-8") as g:
        lines, want = f.read().split("\n")[:FEW], g.read().split("\n")[:FEW]
    got = [" ".join(map(str, ids)) for ids in run(lines)]
    print(f"{sum(a != b for a, b in zip(got, want)) / len(lines):.4f}")


def main():
    job, rest = sys.argv[1], sys.argv[2:]
    if job == "train":
        train(rest[0], rest[1:])
    elif job == "differ":
        differ(*rest)
    else:
        # before any of them is loaded
        threads = int(rest[3])
        os.environ.update(RAYON_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads),
                          TOKENIZERS_PARALLELISM="true" if threads > 1 else "false")
        {"encode": encode, "passes": first_and_more}[job](*rest[:3], threads)


main()
