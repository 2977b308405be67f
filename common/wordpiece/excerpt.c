#include "wordpiece/excerpt.h"

#include "wordpiece/wordpiece.h"

int excerpt_text(const struct vocab *v, struct buf *to, const int32_t *ids, size_t n,
                 const uint32_t *positions, const int32_t *put, size_t n_labels,
                 struct errbuf *eb)
{
    const struct special_ids s = vocab_special(v);
    size_t first = n_labels ? positions[0] : 0, label = 0, end, used = 0;
    int32_t piece[EXCERPT_TOKENS];

    first = first > EXCERPT_TOKENS / 4 ? first - EXCERPT_TOKENS / 4 : 0;
    end = n - first < EXCERPT_TOKENS ? n : first + EXCERPT_TOKENS;
    for (size_t i = first; i < end; i++) {
        int32_t id = ids[i];

        if (label < n_labels && positions[label] == i) {
            id = put ? put[label] : id;
            label++;
        }
        if (id != s.pad && id != s.cls && id != s.sep)
            piece[used++] = id;
    }
    return wordpiece_decode(v, to, piece, used, false, true, eb);
}
