import { fullTextQuery } from './search.ts'
import type { Store } from './store.ts'

/** Words of earlier prompts that could come next. */
export interface PromptWords {
  /** Whole pieces between commas that begin with what was typed, those of the newest prompts first. */
  readonly phrases: string[]
  /** Words that begin with what was typed, those of the most pictures first. */
  readonly words: string[]
}

/** Pictures that are looked at for one answer: newest first. */
const NEWEST = 400
/** Pictures that are looked at for earlier prompts: a batch repeats its own. */
const REACH = 5000
const LONGEST_PHRASE = 120

/** What was written before, from the recipes of the library's pictures. */
export class PromptHistory {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
    // A view of the words of the full-text index; nothing is stored.
    store.script("CREATE VIRTUAL TABLE temp.promptVocabulary USING fts5vocab('main', 'promptWords', 'row')")
  }

  /** @param phrase what was typed since the last comma; its last word is being written  @param most of each kind */
  suggest(phrase: string, most: number): PromptWords {
    const word = /[\p{L}\p{N}\p{M}]+$/u.exec(phrase)?.[0] ?? ''
    if (folded(word).length < 2) return { phrases: [], words: [] }
    const prompts = this.#matching(phrase.trim())
    const begins = folded(phrase.trim())
    const phrases = distinct(prompts.flatMap(piecesOf).filter(piece => goesOn(folded(piece), begins)))
    const spelled = word === phrase.trim() ? prompts : this.#matching(word)
    return { phrases: phrases.slice(0, most), words: this.#words(word, spelled, most) }
  }

  /** Different prompts of the pictures that were made last, the newest first. */
  recent(most: number): string[] {
    const rows = this.#store.all<{ prompt: string }>(
      `SELECT DISTINCT prompt FROM (SELECT prompt FROM recipes WHERE prompt <> '' ORDER BY image DESC LIMIT ${REACH})`,
    )
    return rows.slice(0, most).map(({ prompt }) => prompt)
  }

  #matching(words: string): string[] {
    const query = fullTextQuery([words])
    if (query === undefined) return []
    const rows = this.#store.all<{ prompt: string }>(
      `SELECT recipes.prompt FROM promptWords JOIN recipes ON recipes.image = promptWords.rowid
       WHERE promptWords MATCH ? ORDER BY promptWords.rowid DESC LIMIT ${NEWEST}`,
      [query],
    )
    return distinct(rows.map(({ prompt }) => prompt))
  }

  /** The index knows words in small letters without marks; the prompts tell how they are written. */
  #words(word: string, prompts: readonly string[], most: number): string[] {
    const begins = folded(word)
    const terms = this.#store.all<{ term: string }>(
      'SELECT term FROM promptVocabulary WHERE term > ? AND term < ? ORDER BY doc DESC, term LIMIT ?',
      [begins, `${begins}\u{10ffff}`, most],
    )
    const spellings = new Map<string, string>()
    for (const [spelling] of prompts.flatMap(prompt => [...prompt.matchAll(/[\p{L}\p{N}\p{M}]+/gu)])) {
      const term = folded(spelling)
      if (!spellings.has(term)) spellings.set(term, spelling)
    }
    return terms.map(({ term }) => spellings.get(term) ?? term)
  }
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)]

const goesOn = (piece: string, begins: string): boolean => piece.startsWith(begins) && piece.length > begins.length

/** As the index knows words: small letters, without marks. */
const folded = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** What stands between commas and brackets; whole sentences are no help. */
const piecesOf = (prompt: string): string[] =>
  prompt
    .split(/[,\n()[\]{}|]|:[\d.]+|BREAK/)
    .map(piece => piece.trim().replaceAll(/\s+/g, ' '))
    .filter(piece => piece !== '' && piece.length <= LONGEST_PHRASE)
