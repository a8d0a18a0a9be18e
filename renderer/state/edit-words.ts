import { isWord, wordsIn } from '../../app/api/prompt.ts'
import { t } from '../language/language.ts'

/* What an edit of words does to a prompt, and how it is said. */

/** What is done to one word. */
export interface WordChange {
  /** Stands in its place; '': it is taken away. Words after it are added. */
  readonly swap?: string
  /** How much it counts; 1: as it is. */
  readonly weight?: number
}

/** Changes by the number of the word. */
export type WordChanges = Readonly<Record<number, WordChange>>

/** The words of a prompt with what stands between them; chips are the words that have letters. */
export const chipsOf = (prompt: string): { readonly text: string; readonly isWord: boolean }[] =>
  wordsIn(prompt).map(({ text }) => ({ text, isWord: isWord(text) }))

/** The prompt with its words changed. */
export function changedPrompt(prompt: string, changes: WordChanges): string {
  let at = 0
  const parts = wordsIn(prompt).map(({ text, start }, k) => {
    const before = prompt.slice(at, start)
    at = start + text.length
    return before + (changes[k]?.swap ?? text)
  })
  return [...parts, prompt.slice(at)]
    .join('')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\s+(?=[,.;])/g, '')
    .trim()
}

/** The weights as `edit-words` takes them: each by its word in the changed prompt, and which of those that are alike it is. */
export function weightList(prompt: string, changes: WordChanges): string {
  const counted = new Map<string, number>()
  const entries: string[] = []
  for (const [k, { text }] of wordsIn(prompt).entries()) {
    const { swap = text, weight = 1 } = changes[k] ?? {}
    for (const word of wordsIn(swap).filter(each => isWord(each.text))) {
      const name = word.text.toLowerCase()
      const nth = (counted.get(name) ?? 0) + 1
      counted.set(name, nth)
      if (weight !== 1) entries.push(`${word.text}#${nth}:${weight}`)
    }
  }
  return entries.join(', ')
}

/** Which words an edit keeps to: those of one chip, before and after. */
export const focusList = (prompt: string, changes: WordChanges, chip: number): string => {
  const { text = '' } = wordsIn(prompt)[chip] ?? {}
  const after = wordsIn(changes[chip]?.swap ?? '').filter(each => isWord(each.text))
  return [...new Set([text, ...after.map(word => word.text)])].join(' ')
}

/** An edit in words, from its recipe: "Swapped “red” for “yellow”". undefined: it is none. */
export function saidEdit(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const { prompt, to, weights, toward } = parameters
  if (typeof prompt === 'string' && typeof toward === 'number')
    return t('Bent {share} toward “{words}”', { share: toward.toFixed(2), words: prompt })
  if (typeof prompt !== 'string' || typeof to !== 'string') return undefined
  const [before, after] = [prompt, to].map(text => chipsOf(text).flatMap(chip => (chip.isWord ? [chip.text] : [])))
  const { gone, added } = difference(before, after)
  if (gone.length > 0 && added.length > 0)
    return t('Swapped “{old}” for “{fresh}”', { old: gone.join(' '), fresh: added.join(' ') })
  if (added.length > 0) return t('Added “{words}”', { words: added.join(' ') })
  if (gone.length > 0) return t('Took away “{words}”', { words: gone.join(' ') })
  if (typeof weights === 'string' && weights !== '')
    return t('Weighed {words}', { words: weights.replaceAll(/#\d+/g, '').replaceAll(':', ' ') })
  return t('Drew it again')
}

/** What an edit held to, in words. */
export function saidHolds(parameters: Readonly<Record<string, unknown>>): string {
  const { keepPlacement, keepShape, onlyWhere } = parameters
  const cross = typeof keepPlacement === 'number' ? [t('cross {share}', { share: keepPlacement.toFixed(2) })] : []
  const self = typeof keepShape === 'number' ? [t('self {share}', { share: keepShape.toFixed(2) })] : []
  const only =
    typeof onlyWhere === 'string' && onlyWhere !== '' ? [t('only where {words} look', { words: onlyWhere })] : []
  return [...cross, ...self, ...only].join(', ')
}

/** What an edit began from, in words: the picture whose noise was found, by the beginning of its hash, or the seed that was drawn again. */
export function saidSource({ image, seed }: Readonly<Record<string, unknown>>): string {
  if (typeof image === 'string') return t('from picture {name}', { name: image.slice(0, 6) })
  return seed === undefined ? '' : t('from seed {seed}', { seed: String(seed) })
}

/** All that an edit held to and began from, in words; undefined where the parameters are of no edit. */
export const saidDetails = (parameters: Readonly<Record<string, unknown>>): string | undefined =>
  saidEdit(parameters) === undefined
    ? undefined
    : [saidHolds(parameters), saidSource(parameters)].filter(words => words !== '').join(', ')

/** Words that are in one list alone, in their order: what is left beside the longest common sequence. */
function difference(before: readonly string[], after: readonly string[]): { gone: string[]; added: string[] } {
  const width = after.length + 1
  const longest = new Uint16Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1])
    }
  }
  const [gone, added]: string[][] = [[], []]
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i++
      j++
    } else if (j >= after.length || (i < before.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      gone.push(before[i++])
    } else added.push(after[j++])
  }
  return { gone, added }
}
