import { Problem } from '../../problem.ts'
import type { TorchGenerator } from '../../tensor/random.ts'
import { matchBrackets } from './brackets.ts'
import type { Wildcards } from './wildcards.ts'

/** Choices that one prompt may ask for; a wildcard that names itself asks for more. */
const MOST_CHOICES = 1000
/** Characters of what comes out, as of a prompt. */
const LONGEST = 20_000

/** Chooses the words of a prompt, in the syntax of dynamicprompts (its docs/SYNTAX.md):
 *
 *  | written | becomes |
 *  |---|---|
 *  | `{a\|b\|c}` | one of them; with `{3::a\|b}` a three times as often as b |
 *  | `{2$$a\|b\|c}`, `{1-2$$a\|b\|c}` | two different ones, or one or two, with ", " between them |
 *  | `{2$$ and $$a\|b\|c}` | the same with " and " between |
 *  | `__animal__` | a line of that wildcard |
 *  | `{2$$__animal__}` | two different lines |
 *
 *  Choices may hold choices. What is escaped by a backslash, braces without a bar or $$, and lone braces are left as they are; a text
 *  without choices comes back unchanged. Of dynamicprompts' syntax, variables, patterns (`__a*__`) and its other samplers are not read.
 *  @param generator draws, from the first choice of the text to the last, the outer before the inner: a seed gives the same words
 *  @throws Problem WILDCARD_UNKNOWN, WILDCARD_LOOP, PROMPT_LONG, FILE_* */
export function chooseVariants(text: string, generator: TorchGenerator, wildcards: Wildcards): string {
  return new Chooser(generator, wildcards).choose(text)
}

interface Option {
  readonly text: string
  /** How often, compared with the others. */
  readonly share: number
}

/** Letters, digits and - in pieces that single underscores, spaces or slashes join: no path leads out of the folder. */
const NAME = String.raw`__([\p{L}\p{N}-]+(?:[_ /][\p{L}\p{N}-]+)*)__`
const wildcardHere = new RegExp(NAME, 'uy')
const onlyWildcard = new RegExp(`^\\s*${NAME}\\s*$`, 'u')
/** How many, and what stands between them. */
const amount = /^(?:(\d{1,3})|(\d{0,3})-(\d{0,3}))\$\$(?:([^$|{}]*)\$\$)?/

class Chooser {
  readonly #generator: TorchGenerator
  readonly #wildcards: Wildcards
  #choices = 0

  constructor(generator: TorchGenerator, wildcards: Wildcards) {
    this.#generator = generator
    this.#wildcards = wildcards
  }

  choose(text: string): string {
    const closes = matchBrackets(text, '([{')
    let chosen = ''
    for (let at = 0; at < text.length; at++) {
      const close = text[at] === '{' ? closes.get(at) : undefined
      const wildcard = nameAt(text, at)
      if (text[at] === '\\') {
        chosen += text.slice(at, at + 2)
        at++
      } else if (
        close !== undefined &&
        (amount.test(text.slice(at + 1, close)) || barsOf(text, at, close, closes).length > 0)
      ) {
        chosen += this.#variant(text, at, close, closes)
        at = close
      } else if (wildcard !== undefined) {
        const lines = this.#wildcards(wildcard).map(line => ({ text: line, share: 1 }))
        chosen += this.#draw(lines, 1).join('')
        at += wildcard.length + '____'.length - 1
      } else chosen += text[at]
    }
    if (chosen.length <= LONGEST) return chosen
    throw new Problem('PROMPT_LONG', `The wildcards of the prompt give more than ${LONGEST} characters.`, {
      hint: 'Use fewer of them, or shorter lines.',
    })
  }

  #variant(text: string, open: number, close: number, closes: ReadonlyMap<number, number>): string {
    const [head = '', exact, least, most, separator = ', '] = amount.exec(text.slice(open + 1, close)) ?? []
    const borders = [open + head.length, ...barsOf(text, open, close, closes), close]
    const options = optionsOf(
      borders.slice(1).map((end, k) => text.slice(borders[k] + 1, end)),
      this.#wildcards,
    )
    if (head === '') return this.#draw(options, 1).join('')
    const from = Math.min(Number(exact ?? (least || '1')), options.length)
    const to = Math.min(Number(exact ?? (most || options.length)), options.length)
    return this.#draw(options, from < to ? this.#generator.integers([1], from, to + 1)[0] : from).join(separator)
  }

  /** So many different ones, with their own choices made. */
  #draw(options: readonly Option[], count: number): string[] {
    this.#choices++
    if (this.#choices > MOST_CHOICES) {
      throw new Problem('WILDCARD_LOOP', `The prompt asks for more than ${MOST_CHOICES} choices.`, {
        hint: 'A wildcard may name itself, in its own lines or in those of another: look through them.',
      })
    }
    const left = [...options]
    return Array.from({ length: count }, () => {
      const shares = left.map(({ share }) => share)
      const [option] = left.splice(this.#generator.categories(shares, 1)[0], 1)
      return this.choose(option.text)
    })
  }
}

function nameAt(text: string, at: number): string | undefined {
  if (!text.startsWith('__', at)) return undefined
  wildcardHere.lastIndex = at
  return wildcardHere.exec(text)?.[1]
}

/** Where bars stand between braces, but not inside further brackets. */
function barsOf(text: string, open: number, close: number, closes: ReadonlyMap<number, number>): number[] {
  const bars: number[] = []
  for (let at = open + 1; at < close; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '|') bars.push(at)
    else at = closes.get(at) ?? at
  }
  return bars
}

/** A single wildcard stands for all of its lines, so that several different ones can be chosen. */
function optionsOf(texts: readonly string[], wildcards: Wildcards): Option[] {
  const name = texts.length === 1 ? onlyWildcard.exec(texts[0])?.[1] : undefined
  if (name !== undefined) return wildcards(name).map(text => ({ text, share: 1 }))
  return texts.map(text => {
    const [, share, rest] = /^\s*(\d+\.?\d*|\.\d+)::(.*)$/s.exec(text) ?? []
    return share === undefined ? { text, share: 1 } : { text: rest, share: Number(share) }
  })
}
