make -s -C "$ROOT" -f pipelines/corpus.mk | head -n 4
#out
# corpus.mk: public dumps to plain text: a title line, a sentence a line, a blank line between documents.
#
#     make -f pipelines/corpus.mk kowiki                          the newest dump of a wiki, by its code
#     make -f pipelines/corpus.mk enwiki simplewiki OUT=/data
