/** A piece that an unknown character makes is worth this much less than the least likely piece. */
const UNKNOWN_PENALTY = 10

/** The last piece of a row: where it begins, its id, and the sum of the row's scores. */
interface Ending {
  readonly start: number
  readonly id: number
  readonly score: number
}

/** Cuts words into the likeliest row of pieces: a unigram language model (Kudo 2018, arXiv:1804.10959, section 3.2) with the Viterbi
 *  algorithm, as the reference's `Unigram`. Neighbouring unknown characters become one piece. */
export class Unigram {
  readonly #ids: ReadonlyMap<string, number>
  readonly #scores: readonly number[]
  readonly #unknown: number
  readonly #unknownScore: number
  readonly #longest: number

  /** @param pieces by id  @param scores logarithms of their probabilities  @param unknown id of the piece for what no piece covers */
  constructor(pieces: readonly string[], scores: readonly number[], unknown: number) {
    this.#ids = new Map(pieces.map((piece, id) => [piece, id]))
    this.#scores = scores
    this.#unknown = unknown
    this.#unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY
    this.#longest = pieces.reduce((most, piece) => Math.max(most, piece.length), 0)
  }

  idOf(piece: string): number | undefined {
    return this.#ids.get(piece)
  }

  /** The ids of a word's pieces. */
  encode(word: string): number[] {
    return this.pieces(word).map(({ id }) => id)
  }

  /** A word's pieces, with the UTF-16 units that each covers. */
  pieces(word: string): { readonly id: number; readonly from: number; readonly to: number }[] {
    const endings = this.#bestEndings(word)
    const pieces: { id: number; from: number; to: number }[] = []
    for (let end = word.length; end > 0; ) {
      let start = endings[end].start
      const isUnknown = endings[end].id === this.#unknown
      while (isUnknown && start > 0 && endings[start].id === this.#unknown) start = endings[start].start
      pieces.push({ id: this.#ids.get(word.slice(start, end)) ?? this.#unknown, from: start, to: end })
      end = start
    }
    return pieces.reverse()
  }

  /** For each place in the word where a piece may end (counted in UTF-16 units): the last piece of the likeliest row that ends there. */
  #bestEndings(word: string): readonly Ending[] {
    const none = { start: -1, id: -1, score: 0 }
    const endings = Array.from({ length: word.length + 1 }, (): Ending => none)
    for (let start = 0; start < word.length; ) {
      const next = start + String.fromCodePoint(word.codePointAt(start) ?? 0).length
      const before = endings[start].score
      const offer = (end: number, id: number, score: number) => {
        if (endings[end].start < 0 || before + score > endings[end].score) {
          endings[end] = { start, id, score: before + score }
        }
      }
      for (let end = next; end <= Math.min(start + this.#longest, word.length); end++) {
        const id = this.#ids.get(word.slice(start, end))
        if (id !== undefined) offer(end, id, this.#scores[id])
      }
      if (!this.#ids.has(word.slice(start, next))) offer(next, this.#unknown, this.#unknownScore)
      start = next
    }
    return endings
  }
}
