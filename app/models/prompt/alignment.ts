import type { PlacedWord, WordPlaces } from './word-places.ts'

/** Where each token of an edited prompt looks, told by where those of the source look (Hertz et al. 2022, arXiv:2208.01626, section 3.2). */
export interface Alignment {
  /** How much of each source token's map (row) goes into that of each edited token (column). [tokens, tokens] */
  readonly matrix: Float32Array
  /** Of each edited token: 1 where it looks as the source's do, 0 where it looks for itself. [tokens] */
  readonly shared: Float32Array
}

/** Words were swapped where there are as many as before (the paper's "word swap"), otherwise some were added or taken away ("adding a new phrase").
 *  @param tokens of what the network attends to: as many as the longer of both takes, in whole chunks */
export const alignmentOf = (source: WordPlaces, edited: WordPlaces, tokens: number): Alignment =>
  source.words.length === edited.words.length
    ? swapAlignment(source, edited, tokens)
    : refinementAlignment(source, edited, tokens)

/** Word by word. Where a word of m tokens takes the place of one of n, each of the m looks where all n look, at one m-th of it, as in the authors'
 *  program (seq_aligner.py). What follows keeps to its own word; there it goes on along the diagonal, so that words after a longer one look where
 *  padding looked. @param source of as many words as `edited` */
export function swapAlignment(source: WordPlaces, edited: WordPlaces, tokens: number): Alignment {
  const matrix = withPadding(source, edited, tokens)
  for (const [k, { places: to }] of edited.words.entries()) {
    const { places: from } = source.words[k] ?? noWord
    if (from.length === to.length) for (const [i, place] of from.entries()) matrix[place * tokens + to[i]] = 1
    else for (const row of from) for (const column of to) matrix[row * tokens + column] = 1 / to.length
  }
  // What the source has no place for looks for itself.
  return { matrix, shared: Float32Array.from({ length: tokens }, (_, column) => (isEmpty(matrix, column) ? 0 : 1)) }
}

/** Token by token: the longest common sequence keeps its maps, what is new looks for itself, as the authors' program aligns them
 *  (Needleman & Wunsch 1970, without a price for gaps). */
export function refinementAlignment(source: WordPlaces, edited: WordPlaces, tokens: number): Alignment {
  const matrix = withPadding(source, edited, tokens)
  const shared = new Float32Array(tokens).fill(1)
  for (const column of edited.tokens.map(({ place }) => place)) {
    for (let row = 0; row < tokens; row++) matrix[row * tokens + column] = 0
  }
  const found = alignedTokens(
    source.tokens.map(({ id }) => id),
    edited.tokens.map(({ id }) => id),
  )
  for (const [k, { place }] of edited.tokens.entries()) {
    const at = found[k]
    if (at === undefined) shared[place] = 0
    else matrix[source.tokens[at].place * tokens + place] = 1
  }
  return { matrix, shared }
}

const noWord: PlacedWord = { text: '', places: [] }

/** Whether nothing goes into an edited token. */
function isEmpty(matrix: Float32Array, column: number): boolean {
  const tokens = Math.sqrt(matrix.length)
  for (let row = 0; row < tokens; row++) if (matrix[row * tokens + column] !== 0) return false
  return true
}

/** Begin, end and padding of each chunk look where those of the source look; padding where the source has words, where its last token looks. */
function withPadding(source: WordPlaces, edited: WordPlaces, tokens: number): Float32Array {
  const matrix = new Float32Array(tokens * tokens)
  for (let begin = 0; begin < tokens; begin += source.window) {
    const [from, to] = [source, edited].map(prompt => endOf(prompt, begin))
    matrix[begin * tokens + begin] = 1
    matrix[from * tokens + to] = 1
    for (let place = to + 1; place < begin + source.window; place++) {
      matrix[(place > from ? place : begin + source.window - 1) * tokens + place] = 1
    }
  }
  return matrix
}

/** The place of a chunk's end token; that of a chunk which a shorter prompt is filled up with follows its begin. */
function endOf({ tokens, window }: WordPlaces, begin: number): number {
  const inside = tokens.filter(({ place }) => place >= begin && place < begin + window)
  return inside.at(-1)?.place ?? begin + 1
}

/** For each of `edited`, which of `source` it is; undefined: none. The way of most matches, found from the end, as in the authors' program:
 *  a gap in the source is preferred, then one in the edited, then a match. */
function alignedTokens(source: readonly number[], edited: readonly number[]): (number | undefined)[] {
  const columns = edited.length + 1
  const best = new Int32Array((source.length + 1) * columns)
  const way = new Uint8Array(best.length)
  way.fill(1, 1, columns)
  for (let i = 1; i <= source.length; i++) {
    way[i * columns] = 2
    for (let j = 1; j <= edited.length; j++) {
      const [left, up] = [best[i * columns + j - 1], best[(i - 1) * columns + j]]
      const both = best[(i - 1) * columns + j - 1] + (source[i - 1] === edited[j - 1] ? 1 : -1)
      const most = Math.max(left, up, both)
      best[i * columns + j] = most
      way[i * columns + j] = most === left ? 1 : most === up ? 2 : 3
    }
  }
  const found: (number | undefined)[] = edited.map(() => undefined)
  let [i, j] = [source.length, edited.length]
  while (i > 0 || j > 0) {
    const step = way[i * columns + j]
    if (step === 3) found[j - 1] = i - 1
    if (step !== 1) i--
    if (step !== 2) j--
  }
  return found
}

/** How much each edited token's map counts: 1 for words without a weight. @param weights by the number of the word */
export function equalizerOf(edited: WordPlaces, tokens: number, weights: ReadonlyMap<number, number>): Float32Array {
  const equalizer = new Float32Array(tokens).fill(1)
  for (const [word, weight] of weights) for (const place of edited.words[word]?.places ?? []) equalizer[place] = weight
  return equalizer
}
