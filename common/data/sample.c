#include "data/sample.h"

#include "data/wordpiece.h"

int sample_text(const struct vocab *v, struct buf *to, const int32_t *ids, size_t n,
                const uint32_t *positions, const int32_t *put, size_t n_labels,
                struct errbuf *eb)
{
    const struct special_ids s = vocab_special(v);
    size_t first = n_labels ? positions[0] : 0, label = 0, end, used = 0;
    int32_t piece[SAMPLE_TOKENS];

    first = first > SAMPLE_TOKENS / 4 ? first - SAMPLE_TOKENS / 4 : 0;
    end = n - first < SAMPLE_TOKENS ? n : first + SAMPLE_TOKENS;
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
