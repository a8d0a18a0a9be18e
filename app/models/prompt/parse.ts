import { matchBrackets } from './brackets.ts'

/** When a prompt changes: after a number of steps, or after a share of all steps (0 to 1). */
export type When = { readonly step: number } | { readonly share: number }

/** Where each UTF-16 unit of a text stands in the prompt; only where `parsePlaced` read it. */
export type Places = readonly number[]

/** A piece of a prompt. */
export type PromptPart =
  /** Words, as they are read: escapes are taken away. */
  | { readonly kind: 'text'; readonly text: string; readonly places?: Places }
  /** What follows is read on its own. */
  | { readonly kind: 'break' }
  /** The words inside count `factor` times as much. */
  | { readonly kind: 'weighted'; readonly factor: number; readonly parts: Prompt }
  /** `before` up to a step, `after` from then on. */
  | { readonly kind: 'edit'; readonly before: Prompt; readonly after: Prompt; readonly when: When }
  /** Another one at every step, in turn. */
  | { readonly kind: 'alternate'; readonly options: readonly Prompt[] }

/** A prompt as it was meant. */
export type Prompt = readonly PromptPart[]

/** Round brackets multiply by this, square ones divide by it. */
const STRONGER = 1.1
/** What a minus after a bracket multiplies by, in compel. */
const WEAKER = 0.9
/** Brackets inside brackets; what is deeper is plain text. */
const DEEPEST = 50

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`
/** A colon and a number at the end of brackets. */
const numberAtEnd = new RegExp(String.raw`^\s*(${NUMBER})\s*$`)
/** Signs right after a closing bracket that are no part of a word or a dash. */
const signs = /(?:\++|-+)(?=[\s,.;:)\]|]|$)/y

/** Reads the syntax of the AUTOMATIC1111 web UI (its modules/prompt_parser.py):
 *
 *  | written | means |
 *  |---|---|
 *  | `(words)`, `[words]` | count 1.1 times as much, 1.1 times less; nested ones multiply |
 *  | `(words:1.3)` | count 1.3 times as much |
 *  | `[from:to:0.4]`, `[from:to:12]` | `from` for the first 40 % of the steps, or the first 12; then `to` |
 *  | `[to:0.4]`, `[from::0.4]` | the same with nothing before, or nothing after |
 *  | `[a\|b]` | a and b in turn, step by step |
 *  | `BREAK` | what follows is read on its own |
 *  | `\(` `\)` `\[` `\]` `\\` | the character itself |
 *
 *  and of compel (its doc/syntax.md) the signs after round brackets: `(words)++` counts 1.1 x 1.1 times as much, `(words)-` 0.9 times;
 *  the brackets then only hold the words together.
 *
 *  It differs where plain words would be read as syntax:
 *  - lone brackets are plain text; the web UI drops a lone opening one and weights everything after it. Of brackets that cross,
 *    `(a [b) c]`, the round ones count; there both do;
 *  - a backslash before anything else is plain text; there it is dropped. `\:`, `\|`, `\{`, `\}` and `\_` are escapes here too;
 *  - `[a:b]` without a number and brackets that hold both `:` and `|` at the top are square brackets like others, as there, but do not
 *    switch off the changes of the whole prompt; neither does a `|` outside brackets;
 *  - a BREAK inside brackets breaks; there it becomes a word;
 *  - signs are read after brackets alone, not after a word as in compel (C++ is a word), and compel's `(words)1.3`, `.blend()`
 *    and `.and()` are plain text; so is `AND`, which the web UI takes for several prompts in one. */
export function parsePrompt(text: string): Prompt {
  return new Parser(text, false).prompt(0, text.length, 0)
}

/** The same, with the places of its words. */
export const parsePlaced = (text: string): Prompt => new Parser(text, true).prompt(0, text.length, 0)

/** A text that is read word for word when it is parsed: what would be syntax is escaped; BREAK has no escape and is written small,
 *  which text encoders that read small letters alone do not see. */
export const escapePrompt = (text: string): string =>
  text.replaceAll(/[()[\]{}|:\\]|_(?=_)/g, String.raw`\$&`).replaceAll('BREAK', 'break')

class Parser {
  readonly #text: string
  readonly #closes: ReadonlyMap<number, number>

  readonly #isPlaced: boolean

  constructor(text: string, isPlaced: boolean) {
    this.#text = text
    this.#isPlaced = isPlaced
    this.#closes = matchBrackets(text, '([')
  }

  /** The part of the text from `from` up to, without, `to`. */
  prompt(from: number, to: number, depth: number): Prompt {
    const parts: PromptPart[] = []
    let plain = from // where the words begin that are not in `parts` yet
    for (let at = from; at < to; at++) {
      const close = depth < DEEPEST ? this.#closes.get(at) : undefined
      if (this.#text[at] === '\\') at++
      if (close === undefined) continue
      parts.push(...this.#words(plain, at))
      const { part, end } = this.#text[at] === '(' ? this.#round(at, close, to, depth) : this.#square(at, close, depth)
      parts.push(part)
      plain = end
      at = end - 1
    }
    return joined([...parts, ...this.#words(plain, to)])
  }

  #words(from: number, to: number): PromptPart[] {
    return words(this.#text.slice(from, to), this.#isPlaced ? from : undefined)
  }

  /** @param to end of what holds these brackets: signs behind it are not theirs */
  #round(open: number, close: number, to: number, depth: number): { part: PromptPart; end: number } {
    const colon = this.#separators(open, close).findLast(at => this.#text[at] === ':')
    const number = colon === undefined ? null : numberAtEnd.exec(this.#text.slice(colon + 1, close))
    if (colon !== undefined && number) {
      const parts = this.prompt(open + 1, colon, depth + 1)
      return { part: { kind: 'weighted', factor: Number(number[1]), parts }, end: close + 1 }
    }
    const parts = this.prompt(open + 1, close, depth + 1)
    signs.lastIndex = close + 1
    const sign = close + 1 < to ? signs.exec(this.#text)?.[0] : undefined
    if (sign === undefined) return { part: { kind: 'weighted', factor: STRONGER, parts }, end: close + 1 }
    const factor = (sign[0] === '+' ? STRONGER : WEAKER) ** sign.length
    return { part: { kind: 'weighted', factor, parts }, end: close + 1 + sign.length }
  }

  #square(open: number, close: number, depth: number): { part: PromptPart; end: number } {
    return { part: this.#change(open, close, depth) ?? this.#weaker(open, close, depth), end: close + 1 }
  }

  #weaker(open: number, close: number, depth: number): PromptPart {
    return { kind: 'weighted', factor: 1 / STRONGER, parts: this.prompt(open + 1, close, depth + 1) }
  }

  /** `[from:to:when]`, `[to:when]` and `[a|b]`; undefined for square brackets that only weaken. */
  #change(open: number, close: number, depth: number): PromptPart | undefined {
    const separators = this.#separators(open, close)
    const last = separators.at(-1)
    if (last === undefined) return undefined
    const between = (borders: readonly number[]) =>
      borders.slice(1).map((end, k) => this.prompt(borders[k] + 1, end, depth + 1))
    const bars = separators.filter(at => this.#text[at] === '|').length
    if (bars === separators.length) return { kind: 'alternate', options: between([open, ...separators, close]) }
    const number = numberAtEnd.exec(this.#text.slice(last + 1, close))
    if (bars > 0 || separators.length > 2 || !number) return undefined
    const when = number[1].includes('.') ? { share: Number(number[1]) } : { step: Number(number[1]) }
    const prompts = between([open, ...separators])
    const [before, after] = prompts.length === 1 ? [[], prompts[0]] : prompts
    return { kind: 'edit', before, after, when }
  }

  /** Where `:` and `|` stand between brackets, but not inside further ones. */
  #separators(open: number, close: number): number[] {
    const found: number[] = []
    for (let at = open + 1; at < close; at++) {
      const character = this.#text[at]
      if (character === '\\') at++
      else if (character === ':' || character === '|') found.push(at)
      else at = this.#closes.get(at) ?? at
    }
    return found
  }
}

/** BREAK as a word of its own, with the spaces around it. */
const BREAK = /\s*(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])\s*/u

/** What a backslash makes a character like others. */
const ESCAPE = /\\([()[\]{}|:\\_])/g

/** Text without brackets that count, as it is read. @param from where it begins in the prompt, if its places are wanted */
function words(text: string, from: number | undefined): PromptPart[] {
  const breaks = [...text.matchAll(new RegExp(BREAK, 'gu'))]
  const starts = [0, ...breaks.map(({ 0: found, index }) => index + found.length)]
  return starts.flatMap((start, k): PromptPart[] => {
    const piece = text.slice(start, breaks[k]?.index)
    const plain = piece.replaceAll(ESCAPE, '$1')
    const places = from === undefined ? {} : { places: placesOf(piece, from + start) }
    return [
      ...(k > 0 ? [{ kind: 'break' } as const] : []),
      ...(plain === '' ? [] : [{ kind: 'text', text: plain, ...places } as const]),
    ]
  })
}

/** Places of the characters that are left when the escapes' backslashes are taken away. */
function placesOf(piece: string, from: number): number[] {
  const backslashes = new Set(Array.from(piece.matchAll(ESCAPE), ({ index }) => index))
  return Array.from({ length: piece.length }, (_, at) => at).flatMap(at => (backslashes.has(at) ? [] : [from + at]))
}

/** Neighbouring texts as one. */
function joined(parts: readonly PromptPart[]): Prompt {
  return parts.reduce<PromptPart[]>((list, part) => {
    const last = list.at(-1)
    if (part.kind === 'text' && last?.kind === 'text')
      list[list.length - 1] = { kind: 'text', ...joinedTexts(last, part) }
    else list.push(part)
    return list
  }, [])
}

interface PlacedText {
  readonly text: string
  readonly places?: Places
}

/** Two texts as one, with their places where both have them. */
export const joinedTexts = (first: PlacedText, second: PlacedText): PlacedText => ({
  text: first.text + second.text,
  ...(first.places && second.places && { places: [...first.places, ...second.places] }),
})
