import { create } from 'zustand'
import type { Settings } from '../state/api.ts'
import { english } from './english.ts'
import { german } from './german/index.ts'
import { phrases as germanPhrases } from './german/problem-phrases.ts'
import { optionalHoles, phraseHoles } from './holes.ts'
import type { Texts } from './texts.ts'

/** What the interface says, in the person's language. English texts stand where they are said and are what the tables of other
 *  languages are looked up by: `t('Open in Studio')`. A text with a number stands in every table, with a form for each kind of number. */

export type Language = Exclude<Settings['language'], 'system'>

const TABLES: Readonly<Record<Language, Texts>> = { en: english, de: german }
/** What the engine puts into the holes of its sentences. */
const PHRASES: Readonly<Record<Language, Texts>> = { en: {}, de: germanPhrases }

/** The languages that there are, each called as its speakers call it. */
export const LANGUAGES: readonly { readonly value: Language; readonly label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
]

/** Whether there is a table of it. */
export const isLanguage = (code: string): code is Language => Object.hasOwn(TABLES, code)

/** The first language of the system that there is a table of; else English. */
export function systemLanguage(wanted: readonly string[] = globalThis.navigator?.languages ?? []): Language {
  return wanted.map(tag => tag.split('-')[0] ?? '').find(isLanguage) ?? 'en'
}

/** The language that is spoken now. */
export const useLanguage = create<{ readonly language: Language }>()(() => ({ language: 'en' }))

/** The language that is spoken now, for numbers and dates. */
export const languageNow = (): Language => useLanguage.getState().language

/** What dates are written after: the system's own form of the language, where it speaks it. */
export const dateTags = (): string =>
  globalThis.navigator?.languages?.find(tag => tag.split('-')[0] === languageNow()) ?? languageNow()

/** Speaks a language from now on; "system": that of the system. */
export function speak(wanted: Language | 'system'): void {
  const language = wanted === 'system' ? systemLanguage() : wanted
  if (globalThis.document !== undefined) document.documentElement.lang = language
  useLanguage.setState({ language })
}

export type Values = Readonly<Record<string, string | number>>

const filled = (text: string, values: Values): string =>
  text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole))

/** A text of the interface in a language. @param values what stands in its holes; `count` chooses among the forms of a text with a number */
export function textIn(language: Language, text: string, values: Values = {}): string {
  const entry = TABLES[language][text] ?? text
  if (typeof entry === 'string') return filled(entry, values)
  const form = new Intl.PluralRules(language).select(Number(values.count ?? 0))
  return filled(entry[form] ?? entry.other, values)
}

/** A text of the interface in the language that is spoken now: `t('{count} pictures', { count: 3 })`. */
export const t = (text: string, values?: Values): string => textIn(useLanguage.getState().language, text, values)

// ---- Sentences of the engine ---------------------------------------------------------------------------------------

type Patterns = readonly (readonly [text: string, pattern: RegExp])[]

/** A text with holes as a pattern of the sentences that it can make. */
function patternOf(text: string): RegExp {
  const literal = (part: string) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const hole = (name: string) => `(?<${name}>.${optionalHoles.includes(name) ? '*' : '+'}?)`
  const parts = text.split(/\{(\w+)\}/)
  return new RegExp(`^${parts.map((part, k) => (k % 2 === 0 ? literal(part) : hole(part))).join('')}$`, 's')
}

const patterns = new Map<Texts, Patterns>()

/** The texts with holes of a table; those with more words of their own come first. */
function patternsOf(table: Texts): Patterns {
  const known = patterns.get(table)
  if (known !== undefined) return known
  const withHoles = Object.keys(table).filter(text => text.includes('{'))
  const own = (text: string) => text.replaceAll(/\{\w+\}/g, '').length
  const made = withHoles.toSorted((a, b) => own(b) - own(a)).map(text => [text, patternOf(text)] as const)
  patterns.set(table, made)
  return made
}

/** What fits a text of a table, said in the language of the table, and so are the phrases in it. */
function saidBy(said: string, language: Language, table: Texts): string | undefined {
  for (const [text, pattern] of patternsOf(table)) {
    const found = pattern.exec(said)
    if (found === null) continue
    const holes = Object.entries(found.groups ?? {}).map(([name, value]) => [
      name,
      phraseHoles.has(name.replace(/\d+$/, '')) ? spokenPhrase(value, language) : value,
    ])
    const entry = table[text]
    return typeof entry === 'string' ? filled(entry, Object.fromEntries(holes)) : undefined
  }
  return undefined
}

function spokenPhrase(phrase: string, language: Language): string {
  const entry = PHRASES[language][phrase] ?? TABLES[language][phrase]
  return typeof entry === 'string' ? entry : (saidBy(phrase, language, PHRASES[language]) ?? phrase)
}

/** A sentence that the engine wrote, with its names and numbers in it, in the language that is spoken now; as it is where no table has it. */
export function spoken(sentence: string): string {
  const { language } = useLanguage.getState()
  if (language === 'en' || Object.hasOwn(TABLES[language], sentence)) return t(sentence)
  return saidBy(sentence, language, TABLES[language]) ?? sentence
}
