make -s -C "$ROOT" -f pipelines/corpus.mk | head -n 4
