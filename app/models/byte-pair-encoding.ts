/* Byte-level byte-pair encoding: Sennrich et al. 2016 (arXiv:1508.07909), on bytes as GPT-2 writes them. */

/** Marks a symbol that ends a word. */
const END_OF_WORD = '</w>'

/** One visible character for each of the 256 bytes: printable Latin-1 stands for itself, the rest moves up to U+0100. */
const BYTE_TO_CHARACTER: readonly string[] = (() => {
  const isPrintable = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  let moved = 0
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : 256 + moved++))
})()

const CHARACTER_TO_BYTE = new Map(BYTE_TO_CHARACTER.map((character, byte) => [character, byte]))

/** The place of each merge in the list ("left right"): the earlier, the sooner it is applied. */
export type MergeRanks = ReadonlyMap<string, number>

/** The symbols of a word after all merges: always the pair of lowest rank first, from the left. */
export function encodeWord(word: string, ranks: MergeRanks): string[] {
  let symbols = Array.from(new TextEncoder().encode(word), byte => BYTE_TO_CHARACTER[byte])
  if (symbols.length > 0) symbols[symbols.length - 1] += END_OF_WORD
  for (;;) {
    const best = lowestRank(symbols, ranks)
    if (best === Infinity) return symbols
    symbols = mergeAll(symbols, best, ranks)
  }
}

/** Bytes that each symbol of a word stands for. */
export const lengthsOf = (symbols: readonly string[]): number[] =>
  symbols.map((symbol, k) => symbol.length - (k === symbols.length - 1 ? END_OF_WORD.length : 0))

const rankOf = (ranks: MergeRanks, left: string | undefined, right: string | undefined): number =>
  ranks.get(`${left} ${right}`) ?? Infinity

function lowestRank(symbols: readonly string[], ranks: MergeRanks): number {
  let lowest = Infinity
  for (let i = 0; i + 1 < symbols.length; i++) lowest = Math.min(lowest, rankOf(ranks, symbols[i], symbols[i + 1]))
  return lowest
}

/** Merges the pairs of one rank from the left, until one makes a pair of lower rank, which must then go first. */
function mergeAll(symbols: readonly string[], rank: number, ranks: MergeRanks): string[] {
  const merged: string[] = []
  for (let i = 0; i < symbols.length; i++) {
    if (rankOf(ranks, symbols[i], symbols[i + 1]) !== rank) {
      merged.push(symbols[i])
      continue
    }
    const before = merged.at(-1)
    const both = symbols[i] + symbols[i + 1]
    merged.push(both)
    i++
    const next = Math.min(rankOf(ranks, before, both), rankOf(ranks, both, symbols[i + 1]))
    if (next < rank) return [...merged, ...symbols.slice(i + 1)]
  }
  return merged
}

/** The text of symbols, with single spaces between words; bytes that are no UTF-8 become U+FFFD. */
export function decodeSymbols(symbols: readonly string[]): string {
  const bytes = Uint8Array.from(symbols.join(''), character => CHARACTER_TO_BYTE.get(character) ?? 0x3f)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return text.replaceAll(END_OF_WORD, ' ').replace(/^ +| +$/g, '')
}
