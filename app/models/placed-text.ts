/** A token of a text, and what it stands for there: UTF-16 units from `start` up to `end`, without. Tokens that are bytes of one character
 *  all stand for it. */
export interface Piece {
  readonly id: number
  readonly start: number
  readonly end: number
}

/** A text that was made from another, with what each of its UTF-16 units stands for there. */
export class PlacedText {
  readonly text: string
  readonly #starts: readonly number[]
  readonly #ends: readonly number[]

  constructor(parts: Iterable<{ readonly text: string; readonly start: number; readonly end: number }>) {
    let text = ''
    const starts: number[] = []
    const ends: number[] = []
    for (const part of parts) {
      text += part.text
      for (let unit = 0; unit < part.text.length; unit++) {
        starts.push(part.start)
        ends.push(part.end)
      }
    }
    this.text = text
    this.#starts = starts
    this.#ends = ends
  }

  /** What the units from `from` up to `to` stand for. */
  range(from: number, to: number): { start: number; end: number } {
    const start = this.#starts[from] ?? this.#ends.at(-1) ?? 0
    return { start, end: to > from ? Math.max(start, this.#ends[to - 1]) : start }
  }
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Composed characters, single spaces, lower case, as CLIP reads a text. Characters are lowered one by one: a sigma at a word's end stays σ. */
export function normalise(text: string): string {
  const spaced = text.normalize('NFC').replaceAll(/\p{White_Space}+/gu, ' ')
  return Array.from(spaced, character => character.toLowerCase()).join('')
}

/** The same, with the places of its characters. @param from where the text begins in the one that is meant */
export function normalisePlaced(text: string, from: number): PlacedText {
  const composed = new PlacedText(composedParts(text))
  return new PlacedText(
    Array.from(composed.text.matchAll(/\p{White_Space}+|./gsu), ({ 0: found, index }) => {
      const { start, end } = composed.range(index, index + found.length)
      const isSpace = /^\p{White_Space}/u.test(found)
      return { text: isSpace ? ' ' : found.toLowerCase(), start: from + start, end: from + end }
    }),
  )
}

/** Nothing composes across the border of two graphemes; where it should, all stands for all. */
function composedParts(text: string) {
  const parts = Array.from(graphemes.segment(text), ({ segment, index }) => ({ segment, index }))
  const composed = parts.flatMap(({ segment, index }) => {
    const part = segment.normalize('NFC')
    if (part !== segment) return [{ text: part, start: index, end: index + segment.length }]
    return Array.from(segment.matchAll(/./gsu), ({ 0: character, index: at }) => {
      return { text: character, start: index + at, end: index + at + character.length }
    })
  })
  const whole = text.normalize('NFC')
  return composed.map(({ text }) => text).join('') === whole ? composed : [{ text: whole, start: 0, end: text.length }]
}

/** What the pieces of a word stand for, where each is so many of its UTF-8 bytes. */
export function rangesOfBytes(word: string, lengths: readonly number[]): { from: number; to: number }[] {
  const characters: { readonly from: number; readonly to: number }[] = [] // of each byte
  let at = 0
  for (const character of word) {
    const range = { from: at, to: at + character.length }
    for (let byte = 0; byte < utf8.encode(character).length; byte++) characters.push(range)
    at = range.to
  }
  let byte = 0
  return lengths.map(length => {
    const first = characters[byte]
    byte += length
    return { from: first?.from ?? 0, to: characters[byte - 1]?.to ?? 0 }
  })
}

const utf8 = new TextEncoder()
