import { matchBrackets, parsePrompt } from '../../app/api/prompt.ts'

/** How much words count, changed at the caret: brackets of the AUTOMATIC1111 web UI are written, changed and taken away. What they
 *  mean, `parsePrompt` says. */

/** A text with a selection, as a text area has it. */
export interface Selected {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** One replacement in a text, and what is selected afterwards. */
export interface Replacement {
  /** What is replaced: from here up to there, without. */
  readonly from: number
  readonly to: number
  readonly by: string
  readonly start: number
  readonly end: number
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Words with a weight of their own. */
interface Group extends Range {
  /** The words inside the brackets, without number and signs. */
  readonly first: number
  readonly last: number
  readonly weight: number
}

/** The keys go no further. */
const LARGEST = 10

/** Changes the weight of the words under the caret, or of the selection, by a step; a weight of 1 takes the brackets away. The caret in
 *  brackets changes the innermost ones; a selection that cuts through brackets is widened until it holds them.
 *  @returns undefined where there is no word, and at the ends of the scale */
export function reweighted({ text, start, end }: Selected, step: number): Replacement | undefined {
  const brackets = bracketsOf(text)
  const words = start === end ? atCaret(text, start, brackets) : inSelection(text, { from: start, to: end }, brackets)
  if (words === undefined) return undefined
  const { from, to, first, last } = words
  const weight = hundredths(Math.min(Math.max(words.weight + step, Math.min(words.weight, 0)), LARGEST))
  const content = text.slice(first, last)
  const isBare = weight === 1 && !needsBrackets(text, words, brackets)
  const by = isBare ? content : `(${content}:${weight})`
  if (by === text.slice(from, to)) return undefined
  const shift = from + (isBare ? 0 : 1)
  const moved = (at: number) => Math.min(Math.max(at - first, 0), last - first) + shift
  if (start === end) return { from, to, by, start: moved(start), end: moved(start) }
  return { from, to, by, start: moved(first), end: moved(last) }
}

const hundredths = (weight: number): number => Math.round(weight * 100) / 100
const tenths = (weight: number): number => Math.round(weight * 10) / 10

/** Inside other brackets, a colon or a bar would be read as theirs. */
const needsBrackets = (text: string, { from, to, first, last }: Group, brackets: readonly Bracket[]): boolean =>
  /[:|]/.test(text.slice(first, last)) && brackets.some(each => each.from < from && each.to > to)

// ---- Brackets ------------------------------------------------------------------------------------------------------------

/** Brackets that belong together, signs behind them included. */
interface Bracket extends Range {
  /** What they weigh; undefined where they do something else: `[from:to:0.4]`, `{a|b}`. */
  readonly group: Group | undefined
}

/** A colon that is not escaped, and a number at the end of round brackets. */
const NUMBER = /(?<!\\):\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/
/** Signs right behind round brackets, as the parser reads them. */
const SIGNS = /(?:\++|-+)(?=[\s,.;:)\]|]|$)/y

function bracketsOf(text: string): Bracket[] {
  const closes = matchBrackets(text, '([')
  const braces = [...matchBrackets(text, '{')].map(([open, close]) => ({ from: open, to: close + 1, group: undefined }))
  const others = Array.from(closes, ([open, close]): Bracket => {
    const group = groupIn(text, open, closes)
    return { from: open, to: group?.to ?? close + 1, group }
  })
  return [...others, ...braces]
}

/** A weight that is spelled by brackets or signs alone counts as the nearest tenth: `((word))` is 1.2, `[word]` 0.9. */
function groupIn(text: string, open: number, closes: ReadonlyMap<number, number>): Group | undefined {
  const pairs = pairsFrom(text, open, closes)
  const [outer] = pairs
  const inner = pairs.at(-1)
  if (outer === undefined || inner === undefined) return undefined
  const factor = pairs.reduce((product, pair) => product * pair.factor, 1)
  const weight = pairs.every(({ isSpelled }) => isSpelled) ? tenths(factor) : hundredths(factor)
  return { from: outer.from, to: outer.to, first: inner.first, last: inner.last, weight }
}

interface Pair extends Range {
  readonly first: number
  readonly last: number
  readonly factor: number
  /** Without a number. */
  readonly isSpelled: boolean
}

/** Weighing brackets from here on of which each holds nothing but the next. */
function pairsFrom(text: string, open: number, closes: ReadonlyMap<number, number>): Pair[] {
  const pair = pairAt(text, open, closes)
  if (pair === undefined) return []
  const within = pairsFrom(text, pair.first, closes)
  return within[0]?.to === pair.last ? [pair, ...within] : [pair]
}

function pairAt(text: string, open: number, closes: ReadonlyMap<number, number>): Pair | undefined {
  const close = closes.get(open)
  if (close === undefined) return undefined
  const isRound = text[open] === '('
  SIGNS.lastIndex = close + 1
  const number = isRound ? NUMBER.exec(text.slice(open + 1, close)) : null
  const signs = isRound && number === null ? (SIGNS.exec(text)?.[0] ?? '') : ''
  const to = close + 1 + signs.length
  const [part] = parsePrompt(text.slice(open, to))
  if (part?.kind !== 'weighted') return undefined
  const last = number === null ? close : open + 1 + number.index
  return { from: open, to, first: open + 1, last, factor: part.factor, isSpelled: number === null }
}

// ---- What is meant -------------------------------------------------------------------------------------------------------

const size = ({ from, to }: Range): number => to - from

const plain = (range: Range): Group => ({ ...range, first: range.from, last: range.to, weight: 1 })

/** The group that the caret is in or right behind, else the word that it touches. */
function atCaret(text: string, caret: number, brackets: readonly Bracket[]): Group | undefined {
  const around = brackets.filter(({ from, to }) => from < caret && caret <= to)
  const [innermost] = around.toSorted((a, b) => size(a) - size(b))
  if (innermost?.group === undefined) {
    const word = wordAt(text, caret)
    return word && plain(word)
  }
  return widest(around, ({ first, last }) => first === innermost.group?.first && last === innermost.group.last)
}

/** The largest of the groups that fit: of brackets around brackets, the outermost. */
const widest = (brackets: readonly Bracket[], fits: (group: Group) => boolean): Group | undefined =>
  brackets
    .flatMap(({ group }) => (group !== undefined && fits(group) ? [group] : []))
    .toSorted((a, b) => size(b) - size(a))[0]

/** Words with escapes; what separates and what brackets mean is none of theirs. */
const WORD = /(?:\\.|[^\s,;:|()[\]{}$\\])+/gs

function wordAt(text: string, caret: number): Range | undefined {
  for (const { 0: whole, index: from } of text.matchAll(WORD)) {
    if (from > caret) return undefined
    if (from + whole.length < caret) continue
    const word = whole.replace(/(?<=\S)[.!?]+$/, '')
    const to = from + word.length
    const counts = /^[\d.-]+$/.test(word) && (text[from - 1] === ':' || /^(?:::|\$\$)/.test(text.slice(to)))
    return word === 'BREAK' || counts ? undefined : { from, to }
  }
  return undefined
}

/** The group that is selected, else what is selected, widened until it cuts through no brackets. */
function inSelection(text: string, selection: Range, brackets: readonly Bracket[]): Group | undefined {
  const range = widened(text, trimmed(text, selection), brackets)
  if (size(range) <= 0) return undefined
  const group = widest(brackets, ({ from, to, first, last }) => {
    const holdsWords = range.from <= first && range.to >= last
    return from <= range.from && range.to <= to && (holdsWords || range.from >= last)
  })
  return group ?? plain(range)
}

function trimmed(text: string, { from, to }: Range): Range {
  const selected = text.slice(from, to)
  const start = from + selected.length - selected.trimStart().length
  return { from: start, to: Math.max(start, to - (selected.length - selected.trimEnd().length)) }
}

function widened(text: string, range: Range, brackets: readonly Bracket[]): Range {
  const cut = brackets.find(({ from, to, group }) => {
    const holdsStart = from < range.from && range.from < to
    const holdsEnd = from < range.to && range.to < to
    const touches = range.from < to && from < range.to
    if (group === undefined && holdsStart && holdsEnd) return separates(text, range, brackets)
    return (
      touches && holdsStart !== holdsEnd && !(from >= range.from && to <= range.to) && !(group && covers(range, group))
    )
  })
  if (cut === undefined) return range
  return widened(text, { from: Math.min(range.from, cut.from), to: Math.max(range.to, cut.to) }, brackets)
}

/** All words of a group, with some of its brackets. */
const covers = (range: Range, { from, to, first, last }: Group): boolean =>
  from <= range.from && range.from <= first && last <= range.to && range.to <= to

/** Whether a colon or a bar is selected that is not inside brackets which are selected too. */
const separates = (text: string, range: Range, brackets: readonly Bracket[]): boolean => {
  const within = brackets.filter(({ from, to }) => from >= range.from && to <= range.to)
  return [...text.slice(range.from, range.to).matchAll(/(?<!\\)[:|]/g)].some(
    ({ index }) => !within.some(({ from, to }) => from < range.from + index && range.from + index < to),
  )
}
